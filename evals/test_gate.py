"""Hold the whole run against the thresholds and the baseline."""

from __future__ import annotations

import pytest

from evals import gate, judge, status
from evals.conftest import Run


@pytest.fixture
def whole(run: Run) -> Run:
    if not run.whole:
        pytest.skip("only a part of the suite was run")
    if any(r["stale"] for r in run.rows):
        pytest.fail("some recordings are stale, so the averages say nothing", pytrace=False)
    return run


def test_no_recording_belongs_to_no_case(run: Run) -> None:
    lost = status.orphans(run.player.recordings, [*run.cases, *judge.examples(run.root / "cases")])
    assert not lost, f"orphans: {', '.join(p.stem for p in lost)}; delete them, or bring their cases back"


def test_thresholds(whole: Run) -> None:
    below = [v.text for v in gate.thresholds(whole.close(), whole.suite) if not v.passed]
    if below:
        pytest.fail("\n".join(below), pytrace=False)


def test_no_worse_than_the_baseline(whole: Run) -> None:
    worse = [
        v.text
        for v in gate.regressions(whole.close(), gate.read_baseline(whole.root / "baseline.json"))
        if not v.passed
    ]
    if worse:
        pytest.fail("\n".join(worse), pytrace=False)
