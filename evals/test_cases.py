"""Play every case with both engines; a stale recording or a broken hard limit fails the case."""

from __future__ import annotations

import pytest

from evals import scorecard
from evals.cases import Case
from evals.conftest import Run


def test_recorded(case: Case, run: Run) -> None:
    played = run.player.replay(case)
    record = scorecard.row(played)
    run.rows.append(record)
    if played.stale:
        pytest.fail(f"stale: {'; '.join(played.stale)}. To record it again: make record CASES={case.id}", pytrace=False)
    broken = scorecard.broken(record)
    if broken and case.known:
        pytest.xfail(f"known: {case.known}")
    if case.known and not broken:
        pytest.fail("this failure was known and is gone: take `known` out of the case", pytrace=False)
    if broken:
        pytest.fail(" | ".join(broken), pytrace=False)


def test_offline(case: Case, run: Run) -> None:
    record = scorecard.row(run.player.play_offline(case))
    run.rows.append(record)
    broken = scorecard.broken(record)
    if broken:
        pytest.fail(" | ".join(broken), pytrace=False)
