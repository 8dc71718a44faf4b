"""The offline coach: what it says back to a leader. The shipped reader, for real."""

from __future__ import annotations

from forbear import knowledge
from forbear.coach import Coach
from forbear.config import Settings
from forbear.sheet_report import as_markdown
from forbear.situation import Label
from forbear.state import Move


def test_words_are_said_back_with_what_they_come_to(offline: Settings) -> None:
    answer = Coach(offline).ask("I gave Sam the newsletter in May. I keep opening the draft every evening.")
    assert answer.reading.situation.label is Label.S2
    assert "opening the draft every evening" in answer.reply.reflection
    lines = [line.text.split("{task}")[-1] for line in knowledge.lines().heard[Label.S2]]
    assert any(line in answer.reply.reflection for line in lines)


def test_an_ask_is_not_said_back_and_the_second_is_not_parried(offline: Settings) -> None:
    coach = Coach(offline)
    first = coach.ask(
        "Sam dropped the whole tray of samples yesterday, a week of work is gone. He came to me in tears."
    )
    ask = coach.ask("What would you say to him?", first.session)
    assert "What would you say" not in ask.reply.reflection
    assert coach.ask("You keep asking me questions. What do I do?", first.session).reply.move is Move.OFFER


def test_a_greeting_is_not_taken_for_a_trouble(offline: Settings) -> None:
    answer = Coach(offline).ask("hi")
    assert answer.reading.situation.label is Label.UNCLEAR
    assert answer.reply.reflection.count(".") == 1


def test_a_page_that_is_no_sheet_carries_no_name(offline: Settings) -> None:
    told = "I gave Priya the ladders and told Priya the harness is broken, she goes up without it tomorrow. Priya keeps saying it's fine."
    sheet = Coach(offline).sheet(told)
    assert sheet.kind == "referral"
    assert "Priya" not in as_markdown(sheet)
