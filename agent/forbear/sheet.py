"""Draft the one-page sheet that a leader reads before a check-in: typed, checked, free of any screen.

Two voices are two fields: `before` speaks to the leader, `for_them` is said to the person's face. Every question passes
the rules of restraint or is replaced from the vetted bank; what the leader edits is checked and marked, never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from forbear import knowledge, restraint
from forbear.deps import Brief, Deps
from forbear.errors import ProviderError
from forbear.ladder import next_move
from forbear.people import initials, people, shortened
from forbear.restraint import Voice
from forbear.situation import Label
from forbear.state import Conversation, FindingShown, Frozen, Memory, Move, Passage, Reading, SheetDraft
from forbear.store import steer
from forbear.words import contains

Kind = Literal["check-in", "repair", "referral", "question", "outside"]
#: Questions of each part that a sheet holds, at the most (sheet.md 3.3).
BEFORE, FOR_THEM, STARS = 3, 6, 2


class Header(Frozen):
    """Hold what stands at the top, in the leader's words; what they did not say is empty and left blank on paper."""

    task: str = ""
    person: str = ""
    done: str = ""
    call_me_if: str = ""
    when: str = ""


class Ask(Frozen):
    """Hold one question of the sheet."""

    text: str
    star: bool = False
    """Whether it is one of the two to ask if there is time for no more."""
    cites: str = ""
    """Id of the passage that it rests on."""
    edited: bool = False
    findings: tuple[FindingShown, ...] = ()
    """Rules that an edited question breaks; always empty for what Forbear wrote."""


class Sheet(Frozen):
    """Hold a whole sheet, or what stands in its place."""

    kind: Kind
    label: Label
    title: str
    because: tuple[str, ...] = ()
    """The leader's words that decided where it stands."""
    header: Header = Header()
    opening: str = ""
    """What is said before any question; empty where nothing is."""
    before: tuple[Ask, ...] = ()
    """A: to the leader, before going in."""
    for_them: tuple[Ask, ...] = ()
    """B: to be said to the person's face."""
    while_there: tuple[str, ...] = ()
    step_in: str = ""
    close: tuple[str, ...] = ()
    instead: str = ""
    """For a referral, a question or what is outside: the words that take the sheet's place."""
    cites: tuple[Passage, ...] = ()
    replaced: int = 0
    """How many proposed questions broke a rule and were replaced from the bank."""
    engine: Literal["offline", "openai"]
    notice: str | None = None


@dataclass(frozen=True)
class Fixed:
    """Hold the parts that every sheet has."""

    while_there: tuple[str, ...]
    step_in_known: str
    step_in_blank: str
    close: dict[str, tuple[str, ...]]
    opening: dict[str, str]
    titles: dict[str, str]
    offline: str


@cache
def fixed() -> Fixed:
    """Read knowledge/sheet.yaml."""
    raw = knowledge.table("sheet.yaml")
    return Fixed(
        while_there=tuple(raw["while_there"]),
        step_in_known=raw["step_in"]["known"],
        step_in_blank=raw["step_in"]["blank"],
        close={label: tuple(rows) for label, rows in raw["close"].items()},
        opening=dict(raw["opening"]),
        titles=dict(raw["titles"]),
        offline=raw["offline"],
    )


def draft(conversation: Conversation, deps: Deps, *, person: str = "", when: str = "") -> Sheet:
    """Draft a sheet for what was said; raises ProviderError where the model was asked for by name and fails."""
    reading, failed = _read(conversation, deps)
    label = reading.situation.label
    move = next_move(reading.situation, reading.facts, Memory())
    notice = failed or (None if deps.engine.name == "openai" else fixed().offline)
    found = deps.retriever.search(conversation.message, 500)
    order = Brief(
        conversation=conversation,
        memory=Memory(),
        reading=reading,
        move=move if label in (Label.ESCALATE, Label.OUTSIDE) else Move.QUESTION,
        passages=steer(found, reading.situation, 2),
    )
    if label in (Label.ESCALATE, Label.OUTSIDE, Label.UNCLEAR, Label.MULTI):
        names = people(conversation.leader_words)
        said = shortened(deps.offline.write(order).text, names)
        because = tuple(shortened(a.quote, names) for a in reading.situation.because)
        kind: Kind = "referral" if label is Label.ESCALATE else "outside" if label is Label.OUTSIDE else "question"
        title = {"referral": "No sheet for this", "outside": "No sheet for this", "question": "One question first"}[
            kind
        ]
        cites = order.passages if label is Label.ESCALATE else ()
        return Sheet(
            kind=kind, label=label, title=title, because=because, instead=said, cites=cites,
            engine=deps.offline.name, notice=notice,
        )  # fmt: skip
    plain = deps.offline.draft_sheet(order)
    proposed = plain
    if not failed:
        try:
            proposed = deps.engine.draft_sheet(order)
        except ProviderError as error:
            if not deps.may_fall_back:
                raise
            notice = str(error)
    return _made(order, proposed, plain, person=person, when=when, notice=notice)


def _read(conversation: Conversation, deps: Deps) -> tuple[Reading, str | None]:
    try:
        return deps.engine.read(conversation), None
    except ProviderError as error:
        if not deps.may_fall_back:
            raise
        return deps.offline.read(conversation), str(error)


def _made(
    order: Brief, proposed: SheetDraft, plain: SheetDraft, *, person: str, when: str, notice: str | None
) -> Sheet:
    words, situation = order.conversation.leader_words, order.situation
    names = people(words)
    label = situation.label
    before, lost_a = _kept(proposed.before, plain.before, Voice.LEADER, words, BEFORE)
    for_them, lost_b = _kept(proposed.for_them, plain.for_them, Voice.EMPLOYEE, words, 5)
    stars = {0, _second_star(len(for_them))}
    passage = order.passages[0].id if order.passages else ""
    fields = ("task", "done", "call_me_if")
    told = [_own(getattr(proposed, f), words) or _own(getattr(plain, f), words) for f in fields]
    task, done, call_me_if = (shortened(t, names) for t in told)
    condition = situation.conditions[0].value if situation.conditions else ""
    parts = fixed()
    return Sheet(
        kind="repair" if label is Label.PRECOND else "check-in",
        label=label,
        title=parts.titles[label.value],
        because=tuple(shortened(a.quote, names) for a in situation.because),
        header=Header(
            task=task, person=_person(person or proposed.person or plain.person, names), done=done, call_me_if=call_me_if,
            when=when,
        ),
        opening=parts.opening.get(condition or label.value, ""),
        before=tuple(Ask(text=shortened(q, names), cites=passage if not n else "") for n, q in enumerate(before)),
        for_them=tuple(Ask(text=shortened(q, names), star=n in stars) for n, q in enumerate(for_them)),
        while_there=parts.while_there,
        step_in=parts.step_in_known.format(condition=call_me_if) if call_me_if else parts.step_in_blank,
        close=parts.close[label.value],
        cites=order.passages,
        replaced=lost_a + lost_b,
        engine=proposed.engine,
        notice=notice,
    )  # fmt: skip


def _second_star(count: int) -> int:
    """Star the first question and the third: how they see it, and what would show it slipping."""
    return min(2, count - 1)


def _kept(
    proposed: tuple[str, ...], vetted: tuple[str, ...], voice: Voice, words: str, most: int
) -> tuple[list[str], int]:
    """Keep the proposed questions that break no rule, and put vetted ones where one did, or where there are too few."""
    kept: list[str] = []
    spare = [q for q in vetted if q not in proposed]
    lost = 0
    for question in proposed[:most]:
        if broken(question, voice, words) or question in kept:
            lost += 1
            if spare:
                kept.append(spare.pop(0))
        else:
            kept.append(question)
    while len(kept) < len(vetted) and spare:
        kept.append(spare.pop(0))
    return kept[:most], lost


def broken(question: str, voice: Voice, words: str = "") -> tuple[FindingShown, ...]:
    """List the rules that a question of a sheet breaks; words that the leader used are nobody's jargon."""
    found = [
        FindingShown(rule=f.rule, message=f.message, text=question[f.start : f.end])
        for f in restraint.check_question(question, voice)
        if not (f.rule == "jargon" and contains(words, question[f.start : f.end]))
    ]
    if not restraint.questions_in(question):
        found.append(FindingShown(rule="no-question", message="This asks nothing.", text=question))
    return tuple(found)


def edited(sheet: Sheet, before: list[str], for_them: list[str]) -> Sheet:
    """Put the leader's own questions in, each checked and marked where it differs; none is changed."""

    def asks(texts: list[str], old: tuple[Ask, ...], voice: Voice) -> tuple[Ask, ...]:
        known = {a.text: a for a in old}
        return tuple(
            known.get(t) or Ask(text=t, edited=True, findings=broken(t, voice), star=n < len(old) and old[n].star)
            for n, t in enumerate(texts)
        )

    return sheet.model_copy(
        update={
            "before": asks(before, sheet.before, Voice.LEADER),
            "for_them": asks(for_them, sheet.for_them, Voice.EMPLOYEE),
        }
    )


def _own(text: str, words: str) -> str:
    """Keep what stands in the leader's words; anything else was made up, and the line stays blank."""
    bare = text.strip(' .,;:“”"')
    return bare if bare and contains(words, bare) else ""


def _person(told: str, names: tuple[str, ...]) -> str:
    """Give a role or initials: a name is shortened, whoever wrote it."""
    told = re.sub(r"\s+", " ", told).strip(" ,;")
    told = shortened(told, names)
    looks_like_a_name = re.fullmatch(r"(?:[A-Z][\w'’-]+ ){0,2}[A-Z][\w'’-]{1,}", told)
    return initials(told) if looks_like_a_name and told.upper() != told else told


def as_json(sheet: Sheet) -> dict[str, Any]:
    """Give a sheet as `forbear sheet --json` prints it."""
    data = sheet.model_dump(mode="json", exclude={"cites"})
    fields = {"id", "title", "step", "basis", "source"}
    return data | {"cites": [c.model_dump(include=fields) for c in sheet.cites]}
