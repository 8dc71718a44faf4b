"""The rules of restraint, through the public interface: what is caught, and what is left alone."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.restraint import (
    RULES,
    Finding,
    Rule,
    Voice,
    check_message,
    check_question,
    check_reply,
    gives_advice,
    is_open,
    questions_in,
)

CASES = Path(__file__).parent.parent / "evals" / "cases" / "questions.jsonl"
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
LEADER, EMPLOYEE = Voice.LEADER, Voice.EMPLOYEE
#: Rules that only a whole turn can break, or that are about what stands around the question.
OF_A_TURN = frozenset(
    (
        "no-question",
        "empty-reflection",
        "parry",
        "question-before-safety",
        "many-questions",
        "hollow",
        "flattery",
        "verdict",
        "unsourced-claim",
        "invented-phone-number",
        "promise-of-secrecy",
        "advice",
    )
)
#: How many of the six bad examples of a criterion its own rules see. R6 needs the leader's message.
MINIMUM = {
    "R1": 6,
    "R2": 6,
    "R3": 6,
    "R4": 6,
    "R5": 5,
    "R6": 1,
    "R7": 6,
    "R8": 6,
    "R9": 6,
    "R10": 3,
    "R11": 6,
}


def ids(found: tuple[Finding, ...]) -> set[str]:
    return {f.rule for f in found}


def check_example(case: dict[str, Any]) -> tuple[Finding, ...]:
    if case["criterion"] in ("R9", "R10"):
        return check_reply(case["text"], leader_words=case["context"] or "")
    return check_question(case["text"], EMPLOYEE if case["voice"] == "leader_to_employee" else LEADER)


def check_rule(rule: Rule, text: str) -> tuple[Finding, ...]:
    if rule.id in ("question-before-safety", "invented-phone-number", "promise-of-secrecy"):
        return check_reply(text, mode="step_out")
    if rule.id in OF_A_TURN:
        return check_reply(text)
    return check_question(text, EMPLOYEE if rule.id == "third-person" else LEADER)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_lets_its_good_example_pass_and_catches_its_bad_one(rule: Rule) -> None:
    assert check_rule(rule, rule.good) == ()
    assert rule.id in ids(check_rule(rule, rule.bad))
    assert rule.why
    assert rule.cannot_see


@pytest.mark.parametrize("case", [c for c in EXAMPLES if c["polarity"] == "good"], ids=lambda c: c["id"])
def test_a_good_example_has_no_finding(case: dict[str, Any]) -> None:
    assert check_example(case) == ()


def test_the_bad_examples_are_caught_for_their_own_criterion() -> None:
    criterion = {rule.id: rule.criterion for rule in RULES}
    caught: Counter[str] = Counter()
    for case in EXAMPLES:
        if case["polarity"] == "bad":
            caught[case["criterion"]] += case["criterion"] in {criterion[i] for i in ids(check_example(case))}
    assert {c: n for c, n in caught.items() if n < MINIMUM[c]} == {}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tell me what you see.", True),
        ("Can you tell me what happened?", True),
        ("Could you say more about that?", True),
        ("Walk me through the morning.", True),
        ("I'm wondering what you noticed.", True),
        ("Do you know what she wants?", True),
        ("Anything else you noticed?", True),
        ("Who decides?", True),
        ("What makes it hard?", True),
        ("What brings you in?", True),
        ("What's next for the quote?", True),
        ("Whats the plan for Monday?", True),
        ("What, if anything, do you want?", True),
        ("What, if anything, or who, would change your mind?", True),
        ("When you look at it, what do you see?", True),
        ("If she were away, what would they ask?", True),
        ("You felt what?", True),
        ("Where in the week does it get hard?", True),
        ("W-what did um you see?", True),
        ("Can you tell me if he knows?", False),
        ("When you look at it, do you see it?", False),
        ("Ready to go?", False),
        ("Any chance she knows?", False),
        ("So you told him?", False),
        ("You trust her?", False),
        ("It works, right?", False),
        ("It's late, isn't it?", False),
        ("Didn't he know?", False),
        ("didnt he know?", False),
        ("Is it the date or the price?", False),
        ("Which matters more, the date or the price?", False),
        ("How many people work there?", False),
        ("On a scale of one to ten, how sure are you?", False),
        ("Which is why he left.", False),
        ("What he did was wrong.", False),
        ("He knows what to do.", False),
        ("I don't know what you mean.", False),
        ("The man who called is here.", False),
        ("He asked “what now?” and left.", False),
        ("He asked 'what now?' and left.", False),
        ("", False),
        ("?!", False),
    ],
)
def test_open_questions_are_told_by_their_grammar(text: str, wanted: bool) -> None:
    assert is_open(text) is wanted


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("You looked twice. What were you looking for?", 1),
        ("What did you see? What did you do?", 2),
        ("Tell me what you see.", 1),
        ("What matters is that she knows.", 0),
        ("He said 'what now?' and left.", 0),
        ("What do you want?!", 1),
        ("How does T. decide that?", 1),
    ],
)
def test_questions_are_found(text: str, count: int) -> None:
    assert len(questions_in(text)) == count


@pytest.mark.parametrize(
    "text",
    [
        "What would she say, and why?",
        "How is he doing, what does he need and who told him?",
        "Tell me what happened and how you answered.",
        "What worries you about the crane, or what would the crew say?",
    ],
)
def test_two_asks_are_a_stack(text: str) -> None:
    assert "stacked" in ids(check_question(text, LEADER))


@pytest.mark.parametrize(
    "text",
    [
        "You should tell her today.",
        "You need to step back from the rota.",
        "I'd let her run the meeting.",
        "If I were you, I would wait.",
        "Maybe you could give him a week.",
        "It would be better to say nothing.",
        "Ask her what she needs.",
        "Shadow him for one shift.",
        "Ringfence the afternoon.",
        "Don't answer her mails in the evening.",
        "The best thing is to wait until the count is done.",
        "The log is empty: ask him about it.",
        "If she calls, let her finish.",
        "I think you should wait.",
        "Try leaving the door shut for a day.",
    ],
)
def test_advice_is_seen(text: str) -> None:
    assert gives_advice(text)


@pytest.mark.parametrize(
    "text",
    [
        "Tell me what you see.",
        "Take a moment with that.",
        "Imagine the ward without you.",
        "Use it or drop it.",
        "You feel you should step in.",
        "You wonder whether you should tell him.",
        "He said “you should wait”.",
        "What would he have to decide for himself?",
        "Three times, and it isn't landing.",
        "Monday the board meets.",
        "There are things you can leave alone.",
        "Nobody told him the limit.",
        "Thanks for the list.",
        "She has the keys and the budget.",
        "Step 2 ends when an outcome has landed.",
        "Tell: the range booking moved to the 22nd.",
        "Who gets what from the tip jar is your call.",
        "That is what I saw, you may read it otherwise.",
    ],
)
def test_description_is_not_advice(text: str) -> None:
    assert not gives_advice(text)


@pytest.mark.parametrize(
    ("rule", "voice", "text"),
    [
        ("leading", LEADER, "Wouldn't a weekly call give you some calm?"),
        ("leading", LEADER, "You could leave it to her, couldn’t you?"),
        ("leading", LEADER, "What would happen if you just stayed in your office?"),
        ("leading", LEADER, "What's keeping you from stepping back?"),
        ("leading", LEADER, "How could you give her more room?"),
        ("rescue", EMPLOYEE, "Do you want me to take it over?"),
        ("rescue", EMPLOYEE, "Send it to me first."),
        ("rescue", LEADER, "How will you fix the leak in his schedule?"),
        ("blame", EMPLOYEE, "Couldn't you have checked?"),
        ("blame", EMPLOYEE, "Who forgot the keys?"),
        ("blame", EMPLOYEE, "How come you never ask?"),
        ("closed", LEADER, "Worried about the audit?"),
        ("closed", EMPLOYEE, "Make sense?"),
    ],
)
def test_what_a_question_does(rule: str, voice: Voice, text: str) -> None:
    assert rule in ids(check_question(text, voice))


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (
            "question",
            "The rota is hers, and you opened it four times. What are you looking for when you open it?",
        ),
        (
            "question",
            "You feel you should step in and want it to stay his. What would you be stepping in for?",
        ),
        ("question", "He said 'I can't do this' and you took the keys. What did you hear in those words?"),
        (
            "offer",
            "You want something you can use. I can name two things leaders do here; you pick or bin them. Want that?",
        ),
        (
            "options",
            "1. Some leaders say once when they will look. 2. Some ask to hear the plan once. Which, if either, fits?",
        ),
        ("close", "You will tell her on Tuesday, in her office, and leave first."),
        (
            "step_out",
            "I'm stepping out of question mode. A press running without its guard isn't a place to learn:"
            " stop it and"
            " get maintenance before anything else. Once it's safe, I'm glad to look at what Rafi can own.",
        ),
        (
            "step_out",
            "What he told you belongs with HR today, not in a coaching conversation. Don't promise to keep"
            " it between"
            " you and don't look into it yourself; say you have to pass it on.",
        ),
    ],
)
def test_a_good_turn_passes(mode: str, text: str) -> None:
    assert check_reply(text, mode=mode) == ()


def test_the_leaders_own_words_are_not_held_against_the_coach() -> None:
    text = "The stakeholders want it by Monday, and you have to sign it. What do they want from her?"
    assert {"jargon"} <= ids(check_reply(text))
    assert check_reply(text, leader_words="I have to sign it and the stakeholders want it on Monday") == ()


def test_a_step_out_is_at_most_seventy_words() -> None:
    text = "I'm stepping out of question mode: stop the press. " + "It is not safe there now. " * 12
    assert "long" in ids(check_reply(text, mode="step_out"))


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for getting this out on time.",
        "The deadline has moved to Friday.",
        "The old price list was withdrawn on Monday.",
        "Call me if a trainer drops out.",
        "Stop the machine and get everyone out of the hall.",
        "Don't touch the panel, it is live.",
        "It's yours for the next round.",
        "I'll look on the 12th and stay out of it until then.",
        "Let me know if anything changes.",
        "How do you see it?",
    ],
)
def test_what_the_employee_is_owed_is_no_finding(text: str) -> None:
    assert check_message(text) == ()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("rescue", "Send me the draft first so I can check it."),
        ("rescue", "Just leave it with me."),
        ("advice", "You should start with the drawings."),
        ("closed", "Did you finish the list?"),
        ("blame", "Why didn't you call me?"),
        ("promise-of-secrecy", "This stays between you and me."),
    ],
)
def test_a_message_that_takes_the_work_back(rule: str, text: str) -> None:
    found = check_message(f"Thanks for the list. {text}")
    assert rule in ids(found)
    assert all(f.start >= len("Thanks for the list.") for f in found)


#: Words that the rules look at, in any order: closer to the edges of the grammar than random letters.
_SCRAP = st.sampled_from(
    [
        "what",
        "why",
        "who",
        "how",
        "when",
        "if",
        "you",
        "he",
        "should",
        "could",
        "n't",
        "don't",
        "isn't",
        "'",
        "’",
        "“",
        "”",
        '"',
        "§",
        "-",
        "--",
        "...",
        ".",
        "?",
        "!",
        ",",
        ":",
        ";",
        "and",
        "or",
        "tell",
        "me",
        "the",
        "step",
        "2",
        "I'd",
        "İ",
        "ß",
        "911",
        "T.",
        "Dr.",
        "let",
        "give",
        "him",
        "what's",
        "w-what",
        "\n",
        "\t",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(_SCRAP, max_size=30).map(" ".join)))
def test_any_text_is_read_the_same_way_twice_and_findings_lie_in_it(text: str) -> None:
    known = {rule.id for rule in RULES}
    for check in (
        lambda t: check_question(t, LEADER),
        lambda t: check_question(t, EMPLOYEE),
        check_message,
        check_reply,
        lambda t: check_reply(t, mode="step_out", leader_words=t),
    ):
        found = check(text)
        assert found == check(text)
        assert all(0 <= f.start < f.end <= len(text) and f.rule in known and f.message for f in found)
    assert all(0 <= start < end <= len(text) for start, end in questions_in(text))
    gives_advice(text)


@pytest.mark.parametrize(
    "piece", ["what do you want and how ", "'a ", "-- ", "(", "you you ", "if you , ", "You should go. "]
)
def test_ten_thousand_words_take_well_under_a_second(piece: str) -> None:
    text = piece * (10_000 // max(1, len(piece.split())))
    start = time.perf_counter()
    check_reply(text)
    assert time.perf_counter() - start < 5  # wide of the mark on purpose: only a pattern gone wrong is slower
