"""Hold the rules of restraint against the labelled questions: code has no noise, so nothing that was found may be lost."""

from __future__ import annotations

import pytest

from evals import gate, rules
from evals.conftest import Run


def test_no_labelled_question_is_read_worse_than_in_the_baseline(run: Run) -> None:
    before = gate.read_baseline(run.root / "baseline.json").get("rules", {})
    worse = rules.worse(before, rules.column())
    if worse:
        pytest.fail("read rightly in the baseline, and no longer: " + ", ".join(worse), pytrace=False)


def test_every_rule_finds_its_own_bad_example_and_leaves_the_good_one() -> None:
    assert rules.unkept() == []
