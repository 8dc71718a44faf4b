"""Play every case with both engines; a stale recording or a broken hard limit fails the case."""

from __future__ import annotations

import pytest

from evals import cases, labelling, scorecard
from evals.cases import Case
from evals.conftest import Run


def test_recorded(case: Case, run: Run) -> None:
    record = run.play("openai", case)
    if record["stale"]:
        pytest.fail(
            f"stale: {'; '.join(record['stale'])}. To record it again: make record CASES={case.id}", pytrace=False
        )
    broken = scorecard.broken(record)
    if broken and case.known:
        pytest.xfail(f"known: {case.known}")
    if case.known and not broken:
        pytest.fail("this failure was known and is gone: take `known` out of the case", pytrace=False)
    if broken:
        pytest.fail(" | ".join(broken), pytrace=False)


def test_offline(case: Case, run: Run) -> None:
    record = run.play("offline", case)
    broken = scorecard.broken(record)
    if broken:
        pytest.fail(" | ".join(broken), pytrace=False)


def test_where_a_second_reader_differs_it_is_settled(run: Run) -> None:
    found = labelling.agreement(run.cases, labelling.second(cases.folder(run.root)))
    open_ones = [d["id"] for d in found.get("differ", ()) if not d["settled"]]
    assert not open_ones, f"the second label differs and nothing says which stands: {', '.join(open_ones)}"


def test_a_request_that_differs_by_a_word_is_not_answered(run: Run) -> None:
    case = next((c for c in run.cases if run.player.path(c).exists()), None)
    if case is None:
        pytest.skip("nothing is recorded yet")
    last = case.turns[-1]
    other = case.model_copy(
        update={"turns": (*case.turns[:-1], last.model_copy(update={"text": f"{last.text} Today."}))}
    )
    assert run.player.replay(other).stale == ("case moved",)
