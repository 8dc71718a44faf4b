"""Hold the rules of restraint: text in, findings out, pure.

One set of rules with many users: the coach's reply before anyone sees it, the question bank, the check-in sheet, the
eval suite's tone scores and the leader's own words. What form cannot see is said in each rule's `cannot_see`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from forbear.restraint.grammar import Kind, Sentence, kind, plain, sentences
from forbear.restraint.rules import RULE, RULES, Rule, find, permission

__all__ = ["RULES", "Finding", "Rule", "Voice", "check_question", "check_reply", "gives_advice", "is_open", "questions_in"]

#: Words of a question before it is lost on the way (R8), and of a step-out (2.5).
HARD_CAP, STEP_OUT_CAP = 25, 70
_ANY_QUESTION = ("closed", "stacked", "leading", "advice", "rescue", "blame", "diagnosis", "jargon", "hollow", "flattery", "unsourced", "stock", "parry")
_ANY_STATEMENT = ("advice", "rescue", "blame", "diagnosis", "jargon", "hollow", "flattery", "siding", "unsourced")
_ANNOUNCED = re.compile(r"\bstepping out of (?:question|coaching) mode\b|\bone thing before\b")
#: "This is my opinion … Use it or drop it": labelled, and easy to refuse, as R10 wants it.
_LABELLED = re.compile(r"\bmy (?:own )?(?:opinion|view)\b|\bnot part of the framework\b|\buse it or drop it\b|\byou asked for\b")


class Voice(StrEnum):
    """Say who speaks to whom."""

    LEADER = "leader"
    """Voice A: the coach to the leader."""
    EMPLOYEE = "employee"
    """Voice B: words that the leader will say to the person who has the work."""


@dataclass(frozen=True)
class Finding:
    """Hold one broken rule: where in the text, and a sentence that a leader understands."""

    rule: str
    start: int
    end: int
    message: str


def check_question(text: str, voice: Voice) -> tuple[Finding, ...]:
    """Check one question that stands on its own: in the bank, on a sheet."""
    found: list[Finding] = []
    said = list(sentences(text))
    for sentence in said:
        asks = kind(sentence) is not Kind.NONE
        rules = (*(_ANY_QUESTION if asks else _ANY_STATEMENT), "long", "phone-number", "secrecy")
        if voice is Voice.EMPLOYEE:
            rules = (*rules, "third-person")
        found += [f for rule in rules for f in _findings(rule, sentence)]
    return tuple(found + list(_too_many(said)))


def check_reply(text: str, *, mode: str = "question", leader_words: str = "") -> tuple[Finding, ...]:
    """Check a whole turn of the coach.

    `mode` is what was due: question, step_out, offer, options, explain or close. Words that the leader used are the
    leader's (`leader_words`): they are not held against the coach as jargon.
    """
    said = list(sentences(text))
    asking = [s for s in said if kind(s) is not Kind.NONE]
    stepping_out = mode == "step_out" or bool(_ANNOUNCED.search(plain(text)))
    labelled = bool(_LABELLED.search(plain(text)))
    own = plain(leader_words)
    found: list[Finding] = []
    for sentence in said:
        rules = _ANY_QUESTION if sentence in asking else _ANY_STATEMENT
        for rule in (*rules, "long", "phone-number", "secrecy"):
            # Where a plain word is due, it may say what to do; an opinion that is labelled and refusable may too.
            if rule in ("advice", "rescue") and sentence not in asking and (stepping_out or labelled or mode in ("options", "explain")):
                continue
            if rule in ("closed", "leading") and (mode == "offer" or permission(sentence)):
                continue
            if rule == "stock" and len(said) > 1 and mode in ("offer", "options"):
                continue
            found += [f for f in _findings(rule, sentence) if rule != "jargon" or text[f.start : f.end].lower() not in own]
    found += _too_many(said)
    found += _shape(text, said, asking, "step_out" if stepping_out and not asking else mode)
    return tuple(found)


def is_open(question: str) -> bool:
    """Tell whether a text holds a question that can be answered freely."""
    return any(kind(s) is Kind.OPEN for s in sentences(question))


def gives_advice(text: str) -> bool:
    """Tell whether a text says what somebody should do, as statement or in disguise."""
    return any(True for s in sentences(text) for rule in ("advice", "leading") for _ in find(rule, s) if rule == "advice" or not s.asks)


def questions_in(text: str) -> tuple[tuple[int, int], ...]:
    """Give the places of the questions in a text, those without a question mark included."""
    return tuple((s.start, s.end) for s in sentences(text) if kind(s) is not Kind.NONE)


def _findings(rule: str, sentence: Sentence) -> Iterator[Finding]:
    for start, end in find(rule, sentence):
        if end > start:
            yield Finding(rule, sentence.start + start, sentence.start + end, RULE[rule].why)


def _too_many(said: list[Sentence]) -> Iterator[Finding]:
    asking = [s for s in said if kind(s) is not Kind.NONE]
    # A word or two after a question ("Want that?", "Right?") belongs to it.
    for extra in asking[1:]:
        yield Finding("many-questions", extra.start, extra.end, RULE["many-questions"].why)


def _shape(text: str, said: list[Sentence], asking: list[Sentence], mode: str) -> Iterator[Finding]:
    """Check what only the whole turn shows: over-restraint as well as its lack."""

    def whole(rule: str) -> Finding:
        return Finding(rule, 0, len(text), RULE[rule].why)

    if not said:
        if text:
            yield whole("no-question")
        return
    if mode == "step_out":
        if asking:
            yield Finding("question-before-safety", asking[0].start, asking[0].end, RULE["question-before-safety"].why)
        if sum(len(s.words) for s in said) > STEP_OUT_CAP:
            yield whole("speech")
        return
    if mode in ("question", "offer") and not asking:
        yield whole("no-question")
    if mode == "question" and asking and sum(len(s.words) for s in said if s.start < asking[0].start) < 3:
        # The reflection may stand inside the question's own sentence, before a dash or comma.
        lead = re.split(r"[,;:–—]", asking[0].plain)[0]
        if len(asking[0].words) < 14 or len(lead.split()) < 5:
            yield Finding("unheard", asking[0].start, asking[0].end, RULE["unheard"].why)
