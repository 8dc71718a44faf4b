"""What ships in knowledge/: passages, question bank and fixed lines are whole, vetted, and in our own words."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from forbear import knowledge, restraint
from forbear.check import broken_rules
from forbear.deps import Brief
from forbear.restraint import Voice
from forbear.situation import CONDITIONS, GROUNDS, Fact, Facts, Label, Yes, decide
from forbear.state import Conversation, Draft, Memory, Move, Reading
from forbear.words import normalised

PASSAGES = knowledge.passages()
QUESTIONS = knowledge.questions()
SLOTS = {
    "they": "she", "them": "her", "their": "her", "theirs": "hers", "themself": "herself", "they_are": "she is", "they_have": "she has",
    "they_do": "she does", "they_were": "she was",
}  # fmt: skip
QUOTE = "“it has stayed with me since May”"
CIRCUMSTANCES = {
    "urge",
    "checking",
    "not_my_way",
    "asks_me",
    "told_me",
    "reacted",
    "upset",
    "repeat",
    "deadline",
    "onlooker",
    "pressure",
    "silence",
    "worry",
    "choosing",
    "credit",
    "quicker",
    "meeting",
    "person_one",
}


def test_there_are_enough_passages_with_unique_ids_named_like_their_files() -> None:
    assert len(PASSAGES) >= 80
    assert [p.id for p in PASSAGES] == [path.stem for path in knowledge.passage_files()]


def test_every_step_condition_hazard_and_ground_is_covered() -> None:
    assert {p.step for p in PASSAGES} >= {1, 2, 3, 4}
    assert {p.condition for p in PASSAGES} >= set(CONDITIONS)
    assert {p.hazard for p in PASSAGES} >= {f"H{n}" for n in range(1, 15)}
    assert {p.ground for p in PASSAGES} >= set(GROUNDS)


@pytest.mark.parametrize("passage", PASSAGES, ids=lambda p: p.id)
def test_a_passage_is_short_and_has_cues(passage: knowledge.PassageFile) -> None:
    assert 10 <= len(passage.text.split()) <= 90
    assert len({normalised(c) for c in passage.cues}) >= 5
    assert passage.labels


def test_what_is_not_in_the_articles_is_not_called_stated() -> None:
    for passage in PASSAGES:
        if passage.basis == "stated":
            assert passage.source.name.startswith("Responsibility by Design"), passage.id
        else:
            assert not passage.source.name.startswith("Responsibility by Design"), passage.id


def test_no_run_of_ten_words_is_the_articles() -> None:
    seed = Path(__file__).parents[2] / "shared" / "domain" / "seed"
    if not seed.is_dir():
        pytest.skip("the article is not in this checkout")
    words = [re.findall(r"\w+", f.read_text().lower()) for f in seed.iterdir()]
    runs = {tuple(w[n : n + 10]) for w in words for n in range(len(w) - 9)}
    for passage in PASSAGES:
        said = re.findall(r"\w+", " ".join((passage.title, passage.text, *passage.cues)).lower())
        assert not runs & {tuple(said[n : n + 10]) for n in range(len(said) - 9)}, passage.id


def test_a_quotation_is_under_twelve_words() -> None:
    for passage in PASSAGES:
        for quoted in re.findall(r"“([^”]+)”", passage.text):
            assert len(quoted.split()) < 12, passage.id


def test_the_bank_is_full() -> None:
    leader = Counter(label for q in QUESTIONS if q.voice is Voice.LEADER for label in q.labels)
    employee = Counter(label for q in QUESTIONS if q.voice is Voice.EMPLOYEE for label in q.labels)
    assert all(leader[label] >= 10 for label in Label)
    assert all(employee[label] >= 8 for label in (Label.S1, Label.S2, Label.S3, Label.S4, Label.PRECOND))
    assert {q.condition for q in QUESTIONS} >= set(CONDITIONS)
    assert len({q.id for q in QUESTIONS}) == len(
        {normalised(q.text) for q in QUESTIONS if q.voice is Voice.LEADER}
        | {q.id for q in QUESTIONS if q.voice is Voice.EMPLOYEE}
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_a_bank_question_keeps_the_rules(question: knowledge.BankQuestion) -> None:
    text = question.text.format(**SLOTS)
    assert restraint.check_question(text, question.voice) == ()
    assert set(question.needs) <= CIRCUMSTANCES | {f.value for f in Fact}
    assert "{" not in question.text or "person_one" in question.needs


def test_every_label_has_questions_that_take_nothing_for_granted() -> None:
    for label in Label:
        plain = [q for q in QUESTIONS if q.voice is Voice.LEADER and label in q.labels and not q.needs]
        assert len(plain) >= 5, label


def test_what_is_said_back_rests_on_something() -> None:
    for label, rows in knowledge.lines().heard.items():
        assert label.step
        for line in rows:
            assert line.needs, line.id
            assert set(line.needs) <= CIRCUMSTANCES | {f.value for f in Fact}, line.id


def _shown(text: str) -> str:
    return text.format(quote=QUOTE)


def _lines() -> list[tuple[str, str]]:
    lines, question = knowledge.lines(), "What are you watching for?"
    found = [("offer", f"{heard} {offer}") for heard in lines.offer_heard for offer in lines.offer]
    for options in lines.options.values():
        for one, two in zip(options, (*options[1:], options[0]), strict=True):
            found += [("options", f"1. {one.text}\n2. {two.text}\n {which}") for which in lines.which]
    found += [("question", f"{_shown(line)} {question}") for rows in lines.conditions.values() for line in rows]
    found += [("step_out", _shown(line)) for row in lines.step_out.values() for line in (*row.first, *row.again)]
    found += [("step_out", _shown(line)) for line in (*lines.step_out_unsure.first, *lines.step_out_unsure.again)]
    found += [("close", line) for line in lines.outside]
    found += [("close", _shown(line)) for rows in lines.close.values() for line in rows]
    found += [("question", f"You have looked at it from many sides. {line}") for line in lines.ask_commitment]
    found += [("question", f"{line} {question}") for rows in lines.feeling.values() for line in rows]
    found += [
        ("question", f"{said} {question}")
        for rows in lines.heard.values()
        for line in rows
        for text in [line.text.format(task="the rota", **SLOTS)]
        for said in (f"“{QUOTE}”: {text}", text[0].upper() + text[1:])
    ]
    found += [("question", f"{QUOTE}, you write. {line} {question}") for line in (*lines.near_miss, *lines.warning)]
    return found


@pytest.mark.parametrize(("mode", "text"), _lines())
def test_a_fixed_line_keeps_the_rules(mode: str, text: str) -> None:
    assert restraint.check_reply(text, mode=mode, leader_words=QUOTE) == ()


@pytest.mark.parametrize("line", [text for mode, text in _lines() if mode == "step_out"])
def test_a_step_out_names_who_has_to_know_each_time(line: str) -> None:
    facts = Facts(yes=(Yes(fact=Fact.A3, quote="it has stayed with me since May"),))
    reading = Reading(facts=facts, situation=decide(facts), runner_up=None, confidence=1.0, engine="offline")
    said = Conversation.model_validate({"turns": [{"role": "leader", "text": QUOTE}]})
    order = Brief(conversation=said, memory=Memory(), reading=reading, move=Move.STEP_OUT, passages=())
    assert broken_rules(Draft(reflection=line, engine="offline"), order) == ()


def test_a_step_out_says_who_and_promises_nothing() -> None:
    for ground, row in knowledge.lines().step_out.items():
        assert row.who
        for line in row.first:
            assert "{quote}" in line, ground
            assert len(line.split()) <= 75, ground
            assert not re.search(r"\d", line)
