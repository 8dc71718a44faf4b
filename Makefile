# Everything bootstraps from python3 (3.11 or newer) and pip: uv is installed into the project's own .venv.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup chat test check format bench encoder reader clean

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
	@$(BIN)/ruff check agent tests
	@$(BIN)/ruff format --check agent tests
	@$(BIN)/mypy

format: $(READY)
	@$(BIN)/ruff check --fix agent tests
	@$(BIN)/ruff format agent tests

bench: $(READY)
	@$(BIN)/python tests/bench/restraint.py
	@$(BIN)/python tests/bench/turn.py

# Makes agent/forbear/encoder/ again from the published weights, pinned by hash.
encoder: $(READY)
	@$(BIN)/uv run --quiet --frozen --group encoder --with pip python agent/tools/build_encoder.py

# Trains the offline reader again from knowledge/situations/; prints its report.
reader: $(READY)
	@$(BIN)/uv run --quiet --frozen --group reader python agent/tools/train_reader.py

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
