"""Check a draft before anyone sees it: the rules of restraint, and that nothing in it is invented or said twice."""

from __future__ import annotations

import re

from forbear import restraint
from forbear.deps import Brief, Deps
from forbear.knowledge import lines
from forbear.ladder import remember
from forbear.reply import DRAFTS, brief
from forbear.state import Draft, FindingShown, Move, Reply, State
from forbear.words import contains, normalised

#: Words of a reflection; a longer one is a speech.
REFLECTION_LIMIT = 45
_QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"]|(?<!\w)[‘']([^’']{4,}?(?:[’']\w[^’']*?)*)[’'](?!\w)")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
#: Who has to know, when the coach steps out: a step-out that names nobody leaves the leader alone with it.
_WHO = re.compile(
    r"\b(emergency|HR|human resources|police|security|safeguarding|finance|data[- ]protection|compliance|audit|legal"
    r"|counsel|occupational health|doctor|first[- ]aid\w*|medical|ambulance|competent|maintenance|engineer|EAP"
    r"|employee assistance|crisis line|safety (?:lead|officer|rep\w*|team|manager)|reporting|policy|whoever|manager|stop)\b",
    re.I,
)


def check(state: State, deps: Deps) -> State:
    """Accept a draft as the reply, or send it back with the rules that it breaks."""
    del deps
    draft, order = state["draft"], brief(state)
    findings = broken_rules(draft, order)
    last = draft.from_bank or state["drafts"] > DRAFTS
    if findings and not last:
        again = {"drafts": DRAFTS} if draft.engine == "offline" else {}
        return {"mended": (*state["mended"], *findings), **again}  # type: ignore[typeddict-item]
    reply = Reply(
        text=draft.text,
        reflection=draft.reflection,
        question=draft.question,
        move=order.move,
        cites=order.passages,
        findings=findings,
        mended=state["mended"],
        rewritten=state["drafts"] > 1 and not draft.from_bank,
        from_bank=draft.from_bank,
        engine=draft.engine,
    )
    memory = remember(order.memory, order.move, order.situation, order.reading.facts, offline=draft.engine == "offline")
    notice = state["provider_failed"]
    if not notice and draft.engine == "offline" and not order.memory.told_offline:
        notice = lines().offline_once
    return {"reply": reply, "memory": memory, "notice": notice}


def broken_rules(draft: Draft, order: Brief) -> tuple[FindingShown, ...]:
    """List the rules that a draft breaks."""
    text, words = draft.text, order.conversation.leader_words
    mode = {Move.OUTSIDE: "close", Move.ASK_COMMITMENT: "question"}.get(order.move, order.move.value)
    found = [
        FindingShown(rule=f.rule, message=f.message, text=text[f.start : f.end])
        for f in restraint.check_reply(text, mode=mode, leader_words=words)
        if not echoes(text[f.start : f.end], words)
    ]
    found += _invented(
        text, words + "\n" + "\n".join(p.text for p in order.passages), options=order.move is Move.OPTIONS
    )
    if draft.question and any(_same(draft.question, asked) for asked in order.conversation.asked):
        found.append(
            FindingShown(
                rule="repeat", message="This question was already asked in this conversation.", text=draft.question
            )
        )
    if order.move is Move.STEP_OUT and not _WHO.search(text):
        found.append(FindingShown(rule="no-referral", message="It does not say who has to know or act now.", text=text))
    if order.move is Move.QUESTION and len(draft.reflection.split()) > REFLECTION_LIMIT:
        found.append(
            FindingShown(
                rule="wordy", message=f"The reflection is longer than {REFLECTION_LIMIT} words.", text=draft.reflection
            )
        )
    return tuple(found)


def echoes(said: str, words: str) -> bool:
    """Tell whether a reply only says the leader's own words back: "you keep opening it" after "I keep opening it"."""
    back = {
        "you": "i",
        "your": "my",
        "yours": "mine",
        "yourself": "myself",
        "you're": "i'm",
        "you've": "i've",
        "you'd": "i'd",
        "are": "am",
        "were": "was",
    }
    turned = " ".join(back.get(w, w) for w in normalised(said).split())
    return len(turned.split()) > 1 and contains(words, turned)


def _invented(text: str, sources: str, *, options: bool) -> list[FindingShown]:
    """Find quotations and numbers that neither the leader nor a passage said."""
    found = []
    for quoted in _QUOTED.finditer(text):
        words = quoted[1] or quoted[2]
        # A single word in quote marks is a word held up, not somebody's sentence.
        if len(words.split()) > 1 and not contains(sources, words):
            found.append(
                FindingShown(
                    rule="invented-quote", message="These words are quoted, but nobody wrote them.", text=words
                )
            )
    numbers = set(_NUMBER.findall(sources)) | ({"1", "2"} if options else set())
    for number in _NUMBER.findall(text):
        if number not in numbers:
            found.append(
                FindingShown(
                    rule="invented-number", message="This number was not mentioned by the leader.", text=number
                )
            )
    return found


def _same(question: str, other: str) -> bool:
    """Tell whether two questions are the same but for a word or two."""
    a, b = (set(re.findall(r"\w+", normalised(q))) for q in (question, other))
    return len(a & b) >= 0.85 * max(len(a), len(b))
