# Everything bootstraps from python3 (3.11 or newer) and pip: uv is installed into the project's own .venv.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup chat test check format bench evals evals-status evals-report evals-accept evals-mutants record encoder train readers clean

setup: $(READY)

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Forbear needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; }
	@VIRTUAL_ENV= $(BIN)/uv sync --quiet --frozen
	@touch $@

chat: $(READY)
	@$(BIN)/forbear chat

test: $(READY)
	@$(BIN)/pytest

check: $(READY)
	@$(BIN)/ruff check agent tests evals
	@$(BIN)/ruff format --check agent tests evals
	@$(BIN)/mypy

format: $(READY)
	@$(BIN)/ruff check --fix agent tests evals
	@$(BIN)/ruff format agent tests evals

bench: $(READY)
	@$(BIN)/python tests/bench/restraint.py
	@PYTHONPATH=. $(BIN)/python tests/bench/search.py
	@$(BIN)/python tests/bench/turn.py

# Plays the recorded answers through the graph and scores them: no network, no key. EVALS=... goes to pytest.
evals: build/evals/.ready
	@$(BIN)/pytest evals -p no:logging -p no:hypothesispytest -p no:unraisableexception --junitxml=build/evals/junit.xml $(EVALS)

build/evals/.ready: $(READY) $(wildcard evals/cases/* knowledge/* knowledge/passages/* agent/forbear/engines/reader.onnx)
	@mkdir -p build/evals
	@$(BIN)/python -m evals.prepare
	@touch $@

evals-status: $(READY)
	@$(BIN)/python -m evals.status $(if $(CASES),--cases "$(CASES)")

# Draws the last run as one HTML file: build/evals/report.html.
evals-report: $(READY)
	@$(BIN)/python -m evals.page

# Makes the last run the baseline: make evals-accept REASON="..."
evals-accept: $(READY)
	@$(BIN)/python -m evals.gate --reason "$(REASON)"

# Damages answers, recordings and rules, and counts how much of it the suite notices.
evals-mutants: $(READY)
	@$(BIN)/python -m evals.mutants

# Records again what is stale, with your key: make record [CASES="dialogues/*"] [RECORD="--max-calls 50 --dry-run"]
record: $(READY)
	@$(BIN)/python -m evals.record $(if $(CASES),--cases "$(CASES)") $(RECORD)

# Makes agent/forbear/encoder/ again from the published weights, pinned by hash.
encoder: $(READY)
	@cd agent && ../$(BIN)/uv run --quiet --frozen --group encoder --with pip python -m tools.build_encoder

# Trains the offline reader again from knowledge/situations/; prints its report.
train: $(READY)
	@cd agent && ../$(BIN)/uv run --quiet --frozen --group reader --with pip python -m tools.train_reader

# Holds it against simpler readers on authors it was not trained on, with its learning curve.
readers: $(READY)
	@cd agent && ../$(BIN)/uv run --quiet --frozen --group reader --with pip python -m tools.compare_readers

clean:
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
