"""Hold the whole run against the thresholds and the baseline."""

from __future__ import annotations

import pytest

from evals import gate, status
from evals.conftest import Run


@pytest.fixture
def whole(run: Run) -> Run:
    if not run.whole:
        pytest.skip("only a part of the suite was run")
    if any(r["stale"] for r in run.rows):
        pytest.fail("some recordings are stale, so the averages say nothing", pytrace=False)
    return run


def test_no_recording_belongs_to_nothing(run: Run) -> None:
    items = status.every(run.player, run.root, run.suite)
    lost = status.orphans(run.player.recordings, items, run.suite.judged)
    assert not lost, f"orphans: {', '.join(p.stem for p in lost)}; delete them, or bring their cases back"


def test_what_a_trusted_judge_says(whole: Run) -> None:
    document = whole.close()
    gating = [name for name, row in document["judge"].items() if row["gates"]]
    broken = {name: document["opinions"].get(name, {}).get("breaks") for name in gating}
    told = [f"{name} {of}: {why}" for name, found in broken.items() for of, why in (found or {}).items()]
    if told:
        pytest.fail("\n".join(told), pytrace=False)


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
