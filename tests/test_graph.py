"""A turn, end to end through the graph, with a scripted engine in the model's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from forbear.coach import Coach
from forbear.config import Settings
from forbear.errors import InputRefused, ProviderError
from forbear.fakes import ListRetriever, ScriptedEngine
from forbear.ladder import QUESTION_BUDGET
from forbear.screen import refuse_unreadable
from forbear.situation import Fact, Facts, Label, Yes
from forbear.state import Move, Passage

PASSAGE = Passage(
    id="s2-x",
    title="Hold back",
    text="The leader holds back.",
    step=2,
    basis="stated",
    source="s",
    serves=("S2_SPACE",),
    score=0.5,
)
LIVE = "I gave her the rota and I keep opening it."
CLEAN = ("You gave the rota away and it keeps pulling at you.", "What are you looking for when you open it?")


def yes(**quotes: str) -> Facts:
    return Facts(yes=tuple(Yes(fact=Fact(name), quote=quote) for name, quote in quotes.items()))


S2 = {"task": "the rota", "handed_over": "I gave her the rota"}


def coach(
    home: Path, readings: list[Facts | Exception], drafts: list[tuple[str, str] | Exception], **settings: object
) -> tuple[Coach, ScriptedEngine]:
    engine = ScriptedEngine(readings, drafts)
    return Coach(Settings(data_dir=home, **settings), engine=engine, retriever=ListRetriever([PASSAGE])), engine  # type: ignore[arg-type]


def test_a_clean_draft_is_shown_with_its_place_and_passages(home: Path) -> None:
    it, _ = coach(home, [yes(**S2)], [CLEAN])
    answer = it.ask(LIVE)
    assert answer.reply.text == " ".join(CLEAN)
    assert (answer.reading.situation.label, answer.reading.situation.step) == (Label.S2, 2)
    assert [c.id for c in answer.reply.cites] == ["s2-x"]
    assert answer.reply.findings == ()
    assert not answer.reply.rewritten
    assert not answer.reply.from_bank
    assert answer.notice is None


def test_a_broken_draft_is_written_once_more_with_the_rule_named(home: Path) -> None:
    it, engine = coach(
        home,
        [yes(**S2)],
        [("You gave the rota away.", "Have you considered asking her for a draft on Wednesdays?"), CLEAN],
    )
    answer = it.ask(LIVE)
    assert answer.reply.text == " ".join(CLEAN)
    assert answer.reply.rewritten
    assert not answer.reply.from_bank
    assert "leading" in {f.rule for f in engine.briefs[1].broken}
    assert engine.briefs[1].before is not None
    assert "Wednesdays" in engine.briefs[1].before.text


def test_a_draft_that_stays_broken_gives_way_to_the_bank(home: Path) -> None:
    bad = ("You should step in.", "Are you ready to do that?")
    it, engine = coach(home, [yes(**S2)], [bad, bad])
    answer = it.ask(LIVE)
    assert len(engine.briefs) == 2
    assert answer.reply.from_bank
    assert not answer.reply.rewritten
    assert answer.reply.findings == ()
    assert answer.reply.question.endswith("?")
    assert {"advice", "closed"} <= {f.rule for f in answer.reply.mended}


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        (("“I never trusted her with it”, you write.", "What are you looking for when you open it?"), "invented-quote"),
        (("You opened it 14 times.", "What are you looking for when you open it?"), "invented-number"),
        (("You gave it away.", "Are you looking for mistakes?"), "closed"),
        (("You gave it away and keep opening it.", ""), "no-question"),
    ],
)
def test_what_may_not_be_shown(home: Path, draft: tuple[str, str], rule: str) -> None:
    it, _ = coach(home, [yes(**S2)], [draft, CLEAN])
    answer = it.ask(LIVE)
    assert rule in {f.rule for f in answer.reply.mended}
    assert answer.reply.text == " ".join(CLEAN)


def test_the_same_question_is_not_asked_twice(home: Path) -> None:
    other = ("It keeps pulling.", "What would she see if she watched you do it?")
    it, _ = coach(home, [yes(**S2), yes(**S2)], [CLEAN, CLEAN, other])
    first = it.ask(LIVE)
    second = it.ask("I don't know. Every hour or so.", first.session)
    assert "repeat" in {f.rule for f in second.reply.mended}
    assert second.reply.question == other[1]


def test_a_form_that_quotes_what_nobody_wrote_does_not_count(home: Path) -> None:
    it, _ = coach(
        home,
        [yes(task="the rota", handed_over="I gave it to her last May")],
        [("You keep opening it.", "Where does the rota stand today?")],
    )
    assert it.ask(LIVE).reading.situation.label is Label.UNCLEAR


def test_when_the_model_fails_the_offline_engine_takes_the_turn_and_says_so(home: Path) -> None:
    it, _ = coach(home, [ProviderError("The model's server cannot be reached.")], [])
    answer = it.ask(LIVE)
    assert answer.reply.engine == "offline"
    assert answer.reading.engine == "offline"
    assert answer.notice is not None
    assert answer.notice.startswith("The model's server cannot be reached.")
    assert answer.reply.text


def test_when_only_the_reply_fails_the_reading_stands(home: Path) -> None:
    it, _ = coach(home, [yes(**S2)], [ProviderError("The model's answer could not be read.")])
    answer = it.ask(LIVE)
    assert answer.reading.engine == "openai"
    assert answer.reply.engine == "offline"
    assert answer.notice is not None
    assert "could not be read" in answer.notice


def test_a_model_that_was_asked_for_by_name_is_not_replaced(home: Path) -> None:
    it, _ = coach(home, [ProviderError("The model's server cannot be reached.")], [], engine="openai", api_key="k")
    with pytest.raises(ProviderError):
        it.ask(LIVE)
    assert [line.text for s in it.sessions.all() for line in it.sessions.lines(s.id)] == [LIVE], "the words are kept"


def test_our_own_bugs_are_not_swallowed(home: Path) -> None:
    it, _ = coach(home, [ZeroDivisionError("a bug")], [])
    with pytest.raises(ZeroDivisionError):
        it.ask(LIVE)


def test_grounds_come_first_and_bring_no_question(home: Path) -> None:
    text = "I gave her the rota. She says she doesn't want to be here any more."
    out = (
        "I'm stepping out of question mode: “She says she doesn't want to be here any more” comes first. Reach her in person now and bring in HR.",
        "",
    )
    it, _ = coach(
        home,
        [yes(**S2, A1="She says she doesn't want to be here any more")],
        [("That is a lot.", "What would you like her to hear?"), out],
    )
    answer = it.ask(text)
    assert answer.reading.situation.label is Label.ESCALATE
    assert answer.reply.move is Move.STEP_OUT
    assert answer.reply.question == ""
    assert "question-before-safety" in {f.rule for f in answer.reply.mended}


def test_the_ladder_never_parries_twice(home: Path) -> None:
    ask = "just tell me what to do"
    first, direct = yes(**S2, asks_directly=ask), yes(**S2, asks_directly=ask)
    offer = (
        "You want something you can use.",
        "I can name two things leaders do here and you pick or bin them, want that?",
    )
    options = (
        "1. Some leaders agree one date for the next look.\n2. Some leaders say out loud that it is hers.",
        "Which, if either, fits?",
    )
    it, _engine = coach(home, [first, direct, yes(**S2, accepts="yes")], [CLEAN, offer, options])
    one = it.ask(f"{LIVE} {ask}")
    two = it.ask(ask, one.session)
    three = it.ask("yes", one.session)
    assert [a.reply.move for a in (one, two, three)] == [Move.QUESTION, Move.OFFER, Move.OPTIONS]
    assert all(not a.reply.from_bank for a in (one, two, three)), [a.reply.mended for a in (one, two, three)]


def test_after_the_budget_the_coach_asks_what_will_be_done_and_ends(home: Path) -> None:
    asked = (
        "What are you looking for when you open it?",
        "How would you know that it is good enough?",
        "Who would pay for a wrong shift?",
        "What has she heard from you in so many words?",
        "Which part of it is fully hers to decide?",
        "What would it cost you to look away until Friday?",
    )
    assert len(asked) == QUESTION_BUDGET
    drafts = [("You keep opening it.", question) for question in asked]
    drafts += [
        ("You have looked at it from many sides.", "What will you say to her this week?"),
        ("You'll tell her it is hers.", ""),
    ]
    it, _engine = coach(home, [yes(**S2)] * (QUESTION_BUDGET + 2), [*drafts])
    session, moves = None, []
    for n in range(QUESTION_BUDGET + 2):
        answer = it.ask(LIVE if n == 0 else "Thursday, I suppose, the day.", session)
        session = answer.session
        moves.append(answer.reply.move)
    assert moves == [Move.QUESTION] * QUESTION_BUDGET + [Move.ASK_COMMITMENT, Move.CLOSE]


def test_a_named_commitment_ends_the_conversation(home: Path) -> None:
    it, _ = coach(
        home, [yes(**S2), yes(**S2, commits="I'll tell her it's hers")], [CLEAN, ("You'll tell her it's hers.", "")]
    )
    one = it.ask(LIVE)
    two = it.ask("I'll tell her it's hers and look on Friday.", one.session)
    assert two.reply.move is Move.CLOSE
    assert two.reply.question == ""


@pytest.mark.parametrize(
    "text",
    [
        "She's late every morning, ten, fifteen minutes. Work's fine.",
        "Lena's podcast unfinished, not brilliant; Kofi's done, brilliant, silence here",
        "My tenant pays late, every month, always a story.",
    ],
)
def test_clipped_english_is_english(text: str) -> None:
    refuse_unreadable(text)


@pytest.mark.parametrize("text", ["", "   \n", "x" * 20_000, "\x00\x01\x02\x03", "Ich habe ihr den Dienstplan gegeben und schaue trotzdem jeden Tag noch einmal hinein", "我把排班表交给了她，但我还是每天都去看"])  # fmt: skip
def test_what_cannot_be_read_is_refused_at_once(home: Path, text: str) -> None:
    it, _ = coach(home, [], [])
    with pytest.raises(InputRefused) as refused:
        it.ask(text)
    assert len(str(refused.value)) < 300


def test_a_refused_message_does_not_spoil_the_conversation(home: Path) -> None:
    it, engine = coach(
        home, [yes(**S2), yes(**S2)], [CLEAN, ("It keeps pulling.", "What would she see if she watched you do it?")]
    )
    one = it.ask(LIVE)
    with pytest.raises(InputRefused):
        it.ask("x" * 20_000, one.session)
    two = it.ask("Every hour or so.", one.session)
    assert "xxx" not in engine.briefs[-1].conversation.leader_words
    assert len(engine.briefs[-1].conversation.turns) == 3
    assert two.session == one.session
