"""Run the rules of restraint over the labelled questions and over their own examples."""

from __future__ import annotations

from evals.cases import Example, examples
from forbear.restraint import RULES, Voice, check_message, check_question, check_reply

Column = dict[str, float]


def broken(example: Example) -> set[str]:
    """Name the criteria that a labelled line breaks: a whole turn for R9 and R10, else a question on its own."""
    criterion = {rule.id: rule.criterion for rule in RULES}
    if example.criterion in ("R9", "R10"):
        found = check_reply(example.text, leader_words=example.context or "")
    else:
        voice = Voice.EMPLOYEE if example.voice == "leader_to_employee" else Voice.LEADER
        found = check_question(example.text, voice)
    return {criterion[f.rule] for f in found}


def column() -> Column:
    """Tell for each labelled line whether its criterion is read rightly."""
    return {e.id: float((e.criterion in broken(e)) == (e.polarity == "bad")) for e in examples()}


def worse(before: Column, now: Column) -> list[str]:
    """List the lines that were read rightly before, and are not now."""
    return sorted(k for k, v in before.items() if v == 1 and now.get(k) == 0)


def unkept() -> list[str]:
    """List the rules that miss their own bad example, or that their good example breaks."""
    lost = []
    for rule in RULES:
        bad, good = _found(rule.bad), _found(rule.good)
        if rule.id not in bad or rule.id in good:
            lost.append(rule.id)
    return lost


def _found(text: str) -> set[str]:
    """Name the rules that a text breaks in any of the places where it could stand."""
    places = [
        check_question(text, Voice.LEADER),
        check_question(text, Voice.EMPLOYEE),
        check_reply(text),
        check_reply(text, mode="step_out"),
        check_message(text),
    ]
    return {f.rule for place in places for f in place}
