"""Play the judge's recorded verdicts: on the labelled lines, which say how far it can be trusted, and on replies."""

from __future__ import annotations

import pytest

from evals import judge
from evals.cases import Case
from evals.conftest import Run


def ruled(line: judge.Line, run: Run) -> None:
    ruling, stale = judge.replay(line, run.player.recordings, run.suite.model)
    if stale or ruling is None:
        again = f"make record CASES={line.name}"
        pytest.fail(f"stale: {'; '.join(stale)}. To record it again: {again}", pytrace=False)
    run.judged.append(ruling)


def test_labelled(line: judge.Line, run: Run) -> None:
    ruled(line, run)


def test_replies(sampled: Case, run: Run) -> None:
    lines = judge.replies([run.player.replay(sampled)])
    for line in lines:
        ruled(line, run)
