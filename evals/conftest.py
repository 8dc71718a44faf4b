"""Collect cases as tests, gather their scores, and write the reports when the run ends."""

from __future__ import annotations

import multiprocessing
import os
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest

from evals import cases, config, judge, labelling, report, rules, scorecard
from evals.cases import HERE, Case
from evals.play import BUILD, Player
from forbear import resources
from forbear.config import Settings
from forbear.errors import UserError

#: How many plays are worth processes of their own; fewer are sooner played here.
MANY = 50

Engine = Literal["offline", "openai"]


def _play(engine: Engine, case: Case) -> scorecard.Row:
    assert _run is not None
    return scorecard.row(_run.player.replay(case) if engine == "openai" else _run.player.play_offline(case))


class Run:
    """Hold what the run has found so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.suite = config.read(root)
        self.cases = cases.load(cases.folder(root))
        self.retrieval = cases.retrieval(cases.folder(root))
        recordings = root / "recordings"
        self.player = Player(Settings(model=self.suite.model), recordings)
        self.rows: list[scorecard.Row] = []
        self.judged: list[judge.Ruling] = []
        self.lint: scorecard.Row = {}
        self.document: scorecard.Row | None = None
        self._ahead: dict[tuple[Engine, str], Future[scorecard.Row]] = {}
        self._pool: ProcessPoolExecutor | None = None

    def play_ahead(self, wanted: list[tuple[Engine, Case]]) -> None:
        """Begin to play many cases, in processes of their own: vcrpy patches a whole process, so each plays in turn."""
        if len(wanted) >= MANY and sys.platform == "linux":  # elsewhere a fork is not safe, or there is none
            self._pool = ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork"))
            self._ahead = {(engine, case.id): self._pool.submit(_play, engine, case) for engine, case in wanted}

    def play(self, engine: Engine, case: Case) -> scorecard.Row:
        """Play a case, or wait for it where it was begun, and keep its row."""
        ahead = self._ahead.get((engine, case.id))
        row = ahead.result() if ahead else _play(engine, case)
        self.rows.append(row)
        return row

    def stop(self) -> None:
        """End the processes that play ahead."""
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    @property
    def whole(self) -> bool:
        """Tell whether every case was played by both engines, so that averages mean something."""
        return len(self.rows) == 2 * len(self.cases)

    def close(self) -> scorecard.Row:
        """Put the run together, once."""
        if self.document is None:
            rows = sorted(self.rows, key=lambda r: (r["engine"] == "offline", cases.SUITES.index(r["suite"]), r["id"]))
            found = scorecard.searched(self.retrieval, self.player.retriever)
            self.document = scorecard.document(rows, found, self.suite.model) | {
                "whole": self.whole,
                "judge": judge.agreement(self.judged),
                "opinions": judge.opinions(self.judged),
                "rules": rules.column(),
                "lint": self.lint,
                "second": labelling.agreement(self.cases, labelling.second(cases.folder(self.root))),
            }
        return self.document


_run: Run | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", metavar="DIR", help="a folder with a suite of your own: suite.yaml, cases, recordings")


def pytest_configure(config: pytest.Config) -> None:
    global _run
    own = config.getoption("--cases")
    root = Path(own).resolve() if own else HERE
    resources.use(root)
    try:
        _run = Run(root)
    except UserError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    assert _run is not None
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", _run.cases, ids=scorecard.name_of)
    if "line" in metafunc.fixturenames:
        metafunc.parametrize("line", judge.labelled(cases.folder(_run.root)), ids=lambda line: line.name)
    if "sampled" in metafunc.fixturenames:
        metafunc.parametrize("sampled", judge.sample(_run.cases, _run.suite.judged), ids=lambda case: case.id)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "test_gate" in item.nodeid)  # the gate looks at all the others


def pytest_collection_finish(session: pytest.Session) -> None:
    assert _run is not None
    if not session.config.option.collectonly:
        engines: dict[str, Engine] = {"test_recorded": "openai", "test_offline": "offline"}
        wanted: list[tuple[Engine, Case]] = []
        for item in session.items:
            if isinstance(item, pytest.Function) and item.originalname in engines:
                case: Any = item.callspec.params["case"]
                wanted.append((engines[item.originalname], case))
        _run.play_ahead(wanted)


def pytest_sessionfinish() -> None:
    if _run:
        _run.stop()


@pytest.fixture(scope="session")
def run() -> Run:
    assert _run is not None
    return _run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _run is None or not _run.rows:
        return
    document = _run.close()
    report.write(document, BUILD, _run.root)
    terminalreporter.write_line("")
    for line in report.terminal(document):
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"{BUILD / 'report.json'} · make evals-report draws it")
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as page:
            page.write(report.markdown(document, _run.root))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed and os.environ.get("GITHUB_ACTIONS"):
        what = str(report.longrepr).strip().splitlines()[-1]
        print(f"\n::error title={report.nodeid}::{what}")
