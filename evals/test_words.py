"""The two things that a leader does before a conversation: the linter on labelled messages, and sheets for the cases."""

from __future__ import annotations

import pytest

from evals import lint
from evals.cases import Case, folder
from evals.conftest import Run
from forbear import sheet
from forbear.deps import Deps
from forbear.people import people
from forbear.restraint import Voice
from forbear.sheet_report import as_markdown
from forbear.situation import Label
from forbear.state import Conversation, Turn


def test_the_linter_agrees_with_people(run: Run) -> None:
    found = lint.agreement(lint.messages(folder(run.root)))
    if not found["n"]:
        pytest.skip("this suite has no labelled messages")
    run.lint = found
    below = [f"{k} {found[k]:.2f}, at least {v:.2f}" for k, v in run.suite.lint.items() if found[k] < v]
    if below:
        pytest.fail("; ".join(below) + "\n" + "\n".join(found["false_alarms"] + found["missed"]), pytrace=False)


def test_a_sheet_keeps_its_rules(sheet_case: Case, run: Run) -> None:
    player = run.player
    deps = Deps(engine=player.offline, offline=player.offline, retriever=player.retriever)
    turns = tuple(Turn(role=t.role, text=t.text) for t in sheet_case.turns)
    made = sheet.draft(Conversation(turns=turns), deps)
    words = "\n".join(t.text for t in sheet_case.turns if t.role == "leader")
    if made.label in (Label.ESCALATE, Label.OUTSIDE, Label.UNCLEAR, Label.MULTI):
        assert made.instead
        assert not made.before + made.for_them
        return
    assert 2 <= len(made.before) <= 3
    assert len(made.for_them) == 5
    assert sum(a.star for a in made.for_them) == 2
    assert not any(sheet.broken(a.text, Voice.LEADER, words) for a in made.before)
    assert not any(sheet.broken(a.text, Voice.EMPLOYEE, words) for a in made.for_them)
    text = as_markdown(made.model_copy(update={"cites": ()}))
    assert not [name for name in people(words) if len(name) > 2 and name in text]
