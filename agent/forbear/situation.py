"""Decide where a situation stands: `Facts` (the decision form) in, `Situation` (the label) out.

Everything here is pure. A reader (a language model, or the offline one) answers the form; each "yes" is
a quote of the leader's own words, so a "no" is simply absent. `decide` is the whole rule: form questions
Q1-Q7 in their order, first hit wins, with the tie-breaks T1-T28 where they are named below.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from forbear.words import contains


class Label(StrEnum):
    """Where a situation stands: one of four steps, or one of five ways of not being in one."""

    S1 = "S1_ASSIGN"
    S2 = "S2_SPACE"
    S3 = "S3_EMPATHY"
    S4 = "S4_RETURN"
    PRECOND = "PRECOND"
    MULTI = "MULTI"
    UNCLEAR = "UNCLEAR"
    OUTSIDE = "OUTSIDE"
    ESCALATE = "ESCALATE"

    @property
    def step(self) -> int | None:
        """Give the number of the framework's step, or None where the label is not a step."""
        return _STEPS.get(self)


_STEPS = {Label.S1: 1, Label.S2: 2, Label.S3: 3, Label.S4: 4}


class Fact(StrEnum):
    """One question of the decision form, by the name it has in data, prompts and `--json`."""

    # Q1, about the message: the closed list of grounds
    A1 = "A1"
    A2 = "A2"
    A3 = "A3"
    A4 = "A4"
    A5 = "A5"
    A6 = "A6"
    # Q2
    OUTSIDE = "outside"
    # Q3-Q7, about one episode (a task with one person or team)
    TASK = "task"
    ASKED = "asked"
    FIRST = "first"
    NOT_YET = "not_yet"
    HANDED_OVER = "handed_over"
    F1 = "F1"
    F2 = "F2"
    F3 = "F3"
    F4 = "F4"
    TAKEN_BACK = "taken_back"
    ENDED_WELL = "ended_well"
    LANDED = "landed"
    FINISHED = "finished"
    NEXT_ROUND = "next_round"
    TALKED = "talked"
    # notes that colour the reply and never change the label, but for `warning` (T7)
    WARNING = "warning"
    NEAR_MISS = "near_miss"
    # what the last turn does in the conversation
    ASKS_DIRECTLY = "asks_directly"
    IRRITATED = "irritated"
    ASKS_FRAMEWORK = "asks_framework"
    ACCEPTS = "accepts"
    COMMITS = "commits"
    CLOSES = "closes"


GROUNDS = (Fact.A1, Fact.A2, Fact.A3, Fact.A4, Fact.A5, Fact.A6)
CONDITIONS = (Fact.F1, Fact.F2, Fact.F3, Fact.F4)
#: Any of these tells where the work stands, so that Q3(b) is answered.
STAGE = (Fact.NOT_YET, Fact.HANDED_OVER, Fact.TAKEN_BACK, Fact.ENDED_WELL, Fact.LANDED, Fact.FINISHED)
#: Facts told of one episode; all others are told of the message, and their episode number means nothing.
OF_AN_EPISODE = frozenset((Fact.TASK, Fact.ASKED, Fact.FIRST, *CONDITIONS, *STAGE, Fact.NEXT_ROUND, Fact.TALKED))


#: Facts told of what the last message does, not of the story.
OF_THE_LAST_MESSAGE = frozenset(
    (Fact.ASKS_DIRECTLY, Fact.IRRITATED, Fact.ASKS_FRAMEWORK, Fact.ACCEPTS, Fact.COMMITS, Fact.CLOSES)
)


class Yes(BaseModel):
    """Hold one "yes" of the form: the fact, the words that decide it, and the episode it is told of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fact: Fact
    quote: str = Field(min_length=1)
    """The leader's own words, copied."""
    episode: int = Field(default=1, ge=1, le=9)
    """1 for the first task with one person or team that the message tells of, 2 for the next."""


class Facts(BaseModel):
    """Hold the filled decision form: every "yes" with its quote; whatever is not here is a "no"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    yes: tuple[Yes, ...] = ()

    def quote(self, fact: Fact, episode: int | None = None) -> str | None:
        """Give the words behind a "yes" (of one episode, or of any), or None for a "no"."""
        for answer in self.yes:
            if answer.fact is fact and episode in (None, answer.episode):
                return answer.quote
        return None

    def says(self, fact: Fact, episode: int | None = None) -> bool:
        """Tell whether the form says "yes" to a fact."""
        return self.quote(fact, episode) is not None

    @property
    def episodes(self) -> tuple[int, ...]:
        """List the numbers of the episodes that the form tells anything of, in order."""
        return tuple(sorted({a.episode for a in self.yes if a.fact in OF_AN_EPISODE}))

    def genuine(self, words: str, last: str | None = None) -> Facts:
        """Drop each "yes" whose quote does not stand in the leader's words (spaces, case, quote marks aside).

        What is told of the last message must stand in it (`last`; where it is None, anywhere in the words).
        """

        def stands(answer: Yes) -> bool:
            latest = last is not None and answer.fact in OF_THE_LAST_MESSAGE
            return contains(last if latest and last is not None else words, answer.quote)

        return Facts(yes=tuple(a for a in self.yes if stands(a)))

    def flipped(self, fact: Fact, episode: int = 1) -> Facts:
        """Answer one question the other way: the form that would hold if that answer were wrong."""
        rest = tuple(
            a for a in self.yes if not (a.fact is fact and (a.episode == episode or fact not in OF_AN_EPISODE))
        )
        if len(rest) < len(self.yes):
            return Facts(yes=rest)
        return Facts(yes=(*self.yes, Yes(fact=fact, quote="?", episode=episode)))


class Situation(BaseModel):
    """Hold what the rule made of a form: the label, and why."""

    model_config = ConfigDict(frozen=True)

    label: Label
    secondary: tuple[Label, ...] = ()
    """Labels that also apply, as labels.md 5.2 gives them; none twice, never the label itself."""
    because: tuple[Yes, ...] = ()
    """The facts that decided, each with its quote, in the order the rule asked for them."""
    grounds: tuple[Fact, ...] = ()
    """A1-A6, with ESCALATE only."""
    conditions: tuple[Fact, ...] = ()
    """F1-F4 that the message states as failing, in the episode that was labelled."""
    episode: int = 1
    """The episode that was labelled."""

    @property
    def step(self) -> int | None:
        """Give the number of the framework's step, or None."""
        return self.label.step


def cost(true: Label, read: Label) -> float:
    """Weigh a wrong label: 0 for the right one, 1 for most, up to 10 for a missed ground (labels.md 5.6)."""
    if read is true:
        return 0.0
    if true is Label.ESCALATE:
        return 10.0
    if true is Label.PRECOND and read in (Label.S2, Label.S3, Label.S4):
        return 5.0
    if true.step and read is Label.ESCALATE:
        return 3.0
    if (true in (Label.UNCLEAR, Label.OUTSIDE) and read.step) or (true, read) in (
        (Label.S3, Label.S2),
        (Label.S4, Label.S3),
    ):
        return 2.0
    return 1.0


def decide(facts: Facts) -> Situation:
    """Turn a filled form into its one label: Q1 to Q7 of the decision form, first hit wins."""
    grounds = tuple(g for g in GROUNDS if facts.says(g))
    rest = _without_grounds(facts)
    if not grounds:
        return rest
    secondary = () if rest.label in (Label.UNCLEAR, Label.OUTSIDE) else (rest.label, *rest.secondary)
    return Situation(
        label=Label.ESCALATE,
        secondary=_once(secondary, Label.ESCALATE),
        because=_because(facts, None, *grounds),
        grounds=grounds,
        conditions=rest.conditions,
        episode=rest.episode,
    )


def _without_grounds(facts: Facts) -> Situation:
    """Answer Q2 to Q4: in scope, enough told, one episode."""
    if facts.says(Fact.OUTSIDE):
        return Situation(label=Label.OUTSIDE, because=_because(facts, None, Fact.OUTSIDE))
    placed = [s for s in (_episode(facts, n) for n in facts.episodes) if s is not None]
    if not placed:
        return Situation(label=Label.UNCLEAR, because=_because(facts, None, Fact.TASK, *STAGE))
    # T28: the one that is asked about; none asked, the one that is live.
    asked = [s for s in placed if facts.says(Fact.ASKED, s.episode)] or [s for s in placed if _live(s)] or placed
    first = next((s for s in asked if facts.says(Fact.FIRST, s.episode)), None)
    others = tuple(s.label for s in asked if s is not first)
    if first is not None:
        return first.model_copy(update={"secondary": _once((*first.secondary, *others), first.label)})
    labels = _once(tuple(s.label for s in asked))
    if len(labels) == 1:  # T12: several people at the same stage are one stage
        return asked[0]
    because = tuple(answer for s in asked for answer in s.because)
    return Situation(label=Label.MULTI, secondary=labels, because=because, episode=asked[0].episode)


def _episode(facts: Facts, n: int) -> Situation | None:
    """Answer Q3 and Q5 to Q7 for one episode; None where the task or its stage is not told."""
    if not facts.says(Fact.TASK, n) or not any(facts.says(f, n) for f in STAGE):
        return None
    given = any(facts.says(f, n) for f in STAGE if f is not Fact.NOT_YET)
    if not given:  # T1: not handed over is step 1, however bad the plan
        return Situation(label=Label.S1, because=_because(facts, n, Fact.NOT_YET), episode=n)
    stage = _stage(facts, n)
    failing = tuple(c for c in CONDITIONS if facts.says(c, n))
    if failing:
        return Situation(
            label=Label.PRECOND,
            secondary=_once((stage.label, *stage.secondary), Label.PRECOND),
            because=_because(facts, n, *failing),
            conditions=failing,
            episode=n,
        )
    return stage


def _stage(facts: Facts, n: int) -> Situation:
    """Answer Q7 for work that was handed over: taken back or ended well, landed, or live."""

    def situation(label: Label, *why: Fact, secondary: tuple[Label, ...] = ()) -> Situation:
        if label is Label.S3 and facts.says(Fact.WARNING):  # T7
            secondary, why = (*secondary, Label.ESCALATE), (*why, Fact.WARNING)
        return Situation(label=label, secondary=secondary, because=_because(facts, n, *why), episode=n)

    talked, next_round = facts.says(Fact.TALKED, n), facts.says(Fact.NEXT_ROUND, n)
    if facts.says(Fact.FINISHED, n) and not talked:  # T23: the leader finished it, and nobody has spoken
        return situation(Label.S3, Fact.FINISHED, Fact.LANDED, secondary=(Label.S4,))
    if any(facts.says(f, n) for f in (Fact.TAKEN_BACK, Fact.ENDED_WELL, Fact.FINISHED)):
        return situation(Label.S4, Fact.TAKEN_BACK, Fact.ENDED_WELL, Fact.FINISHED)
    if facts.says(Fact.LANDED, n):
        if talked and next_round:  # T4
            return situation(Label.S4, Fact.TALKED, Fact.NEXT_ROUND, Fact.LANDED)
        return situation(Label.S3, Fact.LANDED, secondary=(Label.S4,) if next_round else ())
    return situation(Label.S2, Fact.HANDED_OVER)


def _live(situation: Situation) -> bool:
    return Label.S2 in (situation.label, *situation.secondary)


def _because(facts: Facts, episode: int | None, *wanted: Fact) -> tuple[Yes, ...]:
    """Collect the answers behind a label, in the order asked for."""
    of = [a for f in wanted for a in facts.yes if a.fact is f]
    return tuple(a for a in of if episode is None or a.fact not in OF_AN_EPISODE or a.episode == episode)


def _once(labels: Iterable[Label], without: Label | None = None) -> tuple[Label, ...]:
    return tuple(dict.fromkeys(label for label in labels if label is not without))
