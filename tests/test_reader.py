"""The offline reader: what it reads stands in the leader's words, and it is the same at any time. The shipped model, for real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.encoder import Encoder
from forbear.engines.quoting import clause, sentences
from forbear.engines.reader import Judged, Reader
from forbear.situation import Fact, Label, decide
from forbear.state import Conversation
from forbear.words import contains

CASES = Path(__file__).parents[1] / "evals" / "cases" / "situations.jsonl"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(Encoder())


def said(*texts: str) -> Conversation:
    """Give a conversation in which leader and coach take turns, the leader first."""
    turns = [{"role": ("leader", "coach")[n % 2], "text": text} for n, text in enumerate(texts)]
    return Conversation.model_validate({"turns": turns})


def genuine(judged: Judged, conversation: Conversation) -> bool:
    quotes = [y.quote for y in judged.facts.yes] + list(judged.circumstances.values())
    return all(contains(conversation.leader_words, q.removesuffix(" …")) for q in quotes)


def test_every_quote_stands_in_what_the_leader_wrote(reader: Reader) -> None:
    for line in CASES.read_text().splitlines()[:60]:
        conversation = Conversation.model_validate({"turns": json.loads(line)["turns"]})
        assert genuine(reader.read(conversation), conversation), line


_SHARED = Reader(Encoder())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=400).filter(lambda t: t.strip()), min_size=1, max_size=5))
def test_no_text_is_too_strange_to_be_read(texts: list[str]) -> None:
    judged = _SHARED.read(said(*texts[: len(texts) - 1 + len(texts) % 2]))
    assert sum(judged.labels.values()) == pytest.approx(1)
    assert judged.runner_up is not decide(judged.facts).label


def test_what_the_coach_said_is_read_but_never_quoted(reader: Reader) -> None:
    coach = "You took the rota back in May, and she has been great since. What keeps it with you?"
    conversation = said("I still have the rota that I took off Jen.", coach, "Habit, I suppose. She'd like it back.")
    judged = reader.read(conversation)
    assert judged.facts.yes
    assert genuine(judged, conversation)


def test_a_quote_is_a_clause_and_not_the_whole_message(reader: Reader) -> None:
    told = (
        "It has rained all week, which is neither here nor there, and the phones have not stopped. I took the rota back from Jen "
        "in May, after the mix-up, and I am still doing it myself on Sundays although she has been fine for months."
    )
    judged = reader.read(said(told))
    assert decide(judged.facts).label is Label.S4
    quote = judged.facts.quote(Fact.TAKEN_BACK)
    assert quote
    assert "took the rota back" in quote
    assert len(quote.split()) <= 16


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("I gave Tom the supplier audit two weeks ago and keep wanting to correct it.", "the supplier audit"),
        ("Mrs Pell has had the harvest supper since August. I've walked past three times.", "the harvest supper"),
        ("I'm thinking of giving the Christmas rota to Bilal. He has never done one.", "the Christmas rota"),
        ("Nia's running her first board meeting and I have rewritten her agenda twice.", "her first board meeting"),
        ("He never listens.", ""),
        ("", ""),
        ("🤷", ""),
    ],
)
def test_the_task_is_named_without_the_sentence_around_it(reader: Reader, text: str, task: str) -> None:
    assert reader.task(Conversation.model_validate({"turns": [{"role": "leader", "text": text}]})) == task


def test_a_task_is_named_from_the_leaders_words_only(reader: Reader) -> None:
    turns = [("leader", "It's about my deputy."), ("coach", "Is it about the stock count?"), ("leader", "Yes, that.")]
    said = Conversation.model_validate({"turns": [{"role": r, "text": t} for r, t in turns]})
    assert reader.task(said) in ("", "my deputy")


def test_a_reading_is_the_same_in_any_instance(reader: Reader) -> None:
    conversation = said("She missed the deadline on the tender and the client has gone. I haven't said a word to her.")
    assert reader.read(conversation) == Reader(Encoder()).read(conversation)
    assert decide(reader.read(conversation).facts).label is Label.S3


def test_a_long_conversation_is_read_by_its_end(reader: Reader) -> None:
    before = ["I keep reading her newsletter draft.", "What are you looking for when you read it?"] * 60
    end = "It went out this morning with the wrong date, every customer has seen it, and we have not spoken."
    assert decide(reader.read(said(*before, end)).facts).label is Label.S3


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    class Other(Encoder):
        fingerprint = "other"

    with pytest.raises(RuntimeError, match="make train"):
        Reader(Other()).read(said("I gave her the rota."))


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("It is late, and I took the rota back from her in May, and then I went home and slept on it badly", "rota", "I took the rota back from her in May"),
        ("I took it back.", "took", "I took it back"),
        ("She has put the price up by five pounds and the hall is half full and I am so tempted to take it back", "tempted", "I am so tempted to take it back"),
        ("so tired of the whole blessed business of the flower rota that Maureen has wanted ever since the last vicar", "vicar", "Maureen has wanted ever since the last vicar"),
    ],
)  # fmt: skip
def test_a_clause_is_cut_where_a_reader_would_cut_it(text: str, place: str, expected: str) -> None:
    assert clause(text, at=text.index(place)) == expected


def test_a_full_stop_inside_a_number_or_after_an_initial_ends_no_sentence() -> None:
    assert sentences("I gave T. the stand at 8.15. It rained.") == ("I gave T. the stand at 8.15.", "It rained.")
