"""Say what travels through the graph: small, typed, frozen.

`Memory` is all that a checkpoint keeps between turns. The words themselves are in the transcript (sessions.py), so
a checkpoint does not grow with the conversation.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypedDict

from pydantic import BaseModel, ConfigDict

from forbear.situation import Fact, Facts, Label, Situation


class Frozen(BaseModel):
    """Freeze a record and refuse fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(Frozen):
    """Hold one thing that was said."""

    role: Literal["leader", "coach"]
    text: str
    question: str = ""
    """The coach's question, so that none is asked twice."""


class Conversation(Frozen):
    """Hold what was said so far; the last turn is the leader's."""

    turns: tuple[Turn, ...]

    @property
    def message(self) -> str:
        """Give the leader's last words."""
        return self.turns[-1].text

    @property
    def leader_words(self) -> str:
        """Give all that the leader wrote, one turn a line: what a quote must be found in."""
        return "\n".join(t.text for t in self.turns if t.role == "leader")

    @property
    def coach_words(self) -> str:
        """Give all that the coach said, one turn a line."""
        return "\n".join(t.text for t in self.turns if t.role == "coach")

    @property
    def asked(self) -> tuple[str, ...]:
        """List the questions the coach has asked, oldest first."""
        return tuple(t.question for t in self.turns if t.question)


class Passage(Frozen):
    """Hold one passage of the framework, or of the user's own documents, as it was found."""

    id: str
    title: str
    text: str
    step: int | None
    basis: str
    """`stated` in the article of its step, `interpretation`, or `related work`."""
    source: str
    """Name of the source, with its link where there is one."""
    serves: tuple[str, ...] = ()
    """The labels, the condition F1-F4 and the ground A1-A6 that it is about."""
    score: float
    """Cosine similarity of the query to the nearest of the passage's text and cues, -1 to 1."""


class Reading(Frozen):
    """Hold what a reader made of the conversation."""

    facts: Facts
    situation: Situation
    runner_up: Label | None
    """The label that would hold if the least certain answer were wrong."""
    confidence: float
    """The reader's estimate that the label is right, 0 to 1."""
    engine: Literal["offline", "openai"]


class Move(StrEnum):
    """Name what the coach does next: the shape of the reply."""

    QUESTION = "question"
    OFFER = "offer"
    OPTIONS = "options"
    EXPLAIN = "explain"
    STEP_OUT = "step_out"
    OUTSIDE = "outside"
    ASK_COMMITMENT = "ask_commitment"
    CLOSE = "close"


class Draft(Frozen):
    """Hold a reply as an engine wrote it, unchecked."""

    reflection: str
    question: str = ""
    engine: Literal["offline", "openai"]
    from_bank: bool = False

    @property
    def text(self) -> str:
        """Give the whole reply as it would be shown."""
        return f"{self.reflection} {self.question}".strip()


class SheetDraft(Frozen):
    """Hold what an engine proposes; unchecked."""

    task: str = ""
    person: str = ""
    done: str = ""
    call_me_if: str = ""
    before: tuple[str, ...] = ()
    for_them: tuple[str, ...] = ()
    engine: Literal["offline", "openai"]


class FindingShown(Frozen):
    """Hold a broken rule in the record of a turn."""

    rule: str
    message: str
    text: str
    """The words that break it."""


class Reply(Frozen):
    """Hold a checked reply, and what happened on the way to it."""

    text: str
    reflection: str
    question: str
    move: Move
    cites: tuple[Passage, ...] = ()
    findings: tuple[FindingShown, ...] = ()
    """Rules that the shown text still breaks: empty, unless the vetted bank itself is at fault."""
    mended: tuple[FindingShown, ...] = ()
    """Rules that earlier drafts of this turn broke, and that nobody was shown."""
    rewritten: bool = False
    from_bank: bool = False
    engine: Literal["offline", "openai"]


class Memory(Frozen):
    """Hold what the next turn needs to know of the ones before."""

    label: Label | None = None
    direct_asks: int = 0
    """How often the leader asked outright for something usable."""
    offered: bool = False
    """Whether the coach has offered to name two things (rung 1) and has not been answered."""
    questions: int = 0
    """Coaching questions asked: the budget is ladder.QUESTION_BUDGET."""
    asked_commitment: bool = False
    closed: bool = False
    referred: tuple[Fact, ...] = ()
    """Grounds A1-A6 for which the safety or referral sentence was given."""
    told_offline: bool = False
    """Whether the leader was told that no language model is at work."""


class State(TypedDict, total=False):
    """Type what the nodes of one turn pass on; only `memory` outlives the turn (graph.py says how)."""

    memory: Memory
    conversation: Conversation
    candidates: tuple[Passage, ...]
    reading: Reading
    move: Move
    draft: Draft
    cites: tuple[Passage, ...]
    """The passages that the draft was written from."""
    mended: tuple[FindingShown, ...]
    """What the drafts so far broke."""
    drafts: int
    """How many drafts were written in this turn."""
    provider_failed: str
    """The one sentence about a provider that failed in this turn."""
    notice: str
    """What the leader is told about this turn beside the reply: a provider that failed, or that no model is at work."""
    reply: Reply
