"""Play the judge's recorded verdicts on the labelled lines: how far it agrees decides whether it may gate."""

from __future__ import annotations

import pytest

from evals import judge
from evals.cases import Example
from evals.conftest import Run


def test_judged(example: Example, run: Run) -> None:
    ruling, stale = judge.replay(example, run.player.recordings, run.suite.model)
    if stale or ruling is None:
        again = f"make record CASES={judge.name_of(example)}"
        pytest.fail(f"stale: {'; '.join(stale)}. To record it again: {again}", pytrace=False)
    run.judged.append(ruling)
