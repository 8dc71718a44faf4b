"""Fill a check-in sheet from the bank: each part by what the message supports, in the order that sheet.md asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from forbear import knowledge
from forbear.deps import Brief
from forbear.engines.voice import pronouns
from forbear.knowledge import BankQuestion
from forbear.people import people
from forbear.restraint import Voice
from forbear.situation import CONDITIONS, Label
from forbear.state import SheetDraft

if TYPE_CHECKING:
    from forbear.engines.offline import OfflineEngine

#: What part A and part B ask for, in their order; a part that the bank lacks for a label is left out.
BEFORE = ("urge", "stake", "notice")
FOR_THEM: dict[Label, tuple[str, ...]] = {
    Label.S1: ("see", "decide", "change", "ready", "want"),
    Label.S4: ("own", "see", "decide", "change", "want"),
}
_ORDER = ("see", "decide", "change", "next", "want")
_CALL = re.compile(
    r"\b(?:call|ring|tell|text|ping|shout|phone|come to|fetch|get) me (?:if|when|once|as soon as) ([^,.;!?\n]{4,80})",
    re.I,
)
_DONE = re.compile(r"\b(?:done|finished|ready) (?:means|is when|when|=)(?: that)? ([^.;!?\n]{4,100})", re.I)
_ROLE = re.compile(
    r"\b(?:my|our|the|a|an) (?:new |young |first )?(apprentice|trainee|deputy|assistant|clerk|foreman|intern|volunteer|nurse"
    r"|sous chef|commis|porter|junior|student|treasurer|secretary|lad|technician|driver|cook|team lead|lead|manager|analyst"
    r"|developer|engineer|supervisor|coordinator|receptionist|postdoc|sergeant|editor|designer)\b",
    re.I,
)


_INITIAL = re.compile(
    r"(?<![\w.])([B-HJ-Z]\.(?: ?[A-Z]\.)?|[B-HJ-Z](?= (?:has|had|is|was|did|runs|ran|said|told|the)\b))"
)


def draft(engine: OfflineEngine, order: Brief) -> SheetDraft:
    """Choose the questions, and find the header's lines in the leader's words."""
    words, label = order.conversation.leader_words, order.situation.label
    names = people(words)
    role = _ROLE.search(words)
    initial = _INITIAL.search(words)
    call, done = _CALL.search(words), _DONE.search(words)
    return SheetDraft(
        task=engine.task(order.conversation),
        person=next(iter(names), "") or (initial[1] if initial else role[1].lower() if role else ""),
        done=done[1] if done else "",
        call_me_if=call[1] if call else "",
        before=_chosen(engine, order, Voice.LEADER, BEFORE),
        for_them=_chosen(engine, order, Voice.EMPLOYEE, FOR_THEM.get(label, _ORDER)),
        engine="offline",
    )


def _chosen(engine: OfflineEngine, order: Brief, voice: Voice, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Choose one question a part: the one that rests on most in this message, then the one nearest to its words."""
    slots, _ = pronouns(order.conversation.leader_words)
    supported = engine.supported(order)
    chosen: list[str] = []
    for part in parts:
        fits = [
            (q, text)
            for q in knowledge.questions()
            if q.voice is voice
            and q.part == part
            and _serves(q, order)
            and set(q.needs) <= supported
            and (text := q.text.format(**slots)) not in chosen
        ]
        if fits:
            chosen.append(fits[engine.best(order, fits)][1])
    return tuple(chosen)


def _serves(question: BankQuestion, order: Brief) -> bool:
    situation = order.situation
    if situation.label not in question.labels:
        return False
    return question.condition not in CONDITIONS or question.condition in situation.conditions
