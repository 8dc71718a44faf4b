"""Say what a turn needs from outside, on one screen. Real objects are built in one place: coach.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from forbear.situation import Situation
from forbear.state import Conversation, Draft, FindingShown, Memory, Move, Passage, Reading, SheetDraft

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Brief:
    """Hold all that a responder may use for one reply."""

    conversation: Conversation
    memory: Memory
    reading: Reading
    move: Move
    passages: tuple[Passage, ...]
    broken: tuple[FindingShown, ...] = ()
    """The rules that the draft before this one broke; empty at the first."""
    before: Draft | None = None
    """That draft."""

    @property
    def situation(self) -> Situation:
        """Give the situation that was read."""
        return self.reading.situation


class Engine(Protocol):
    """Read a situation and write a reply."""

    @property
    def name(self) -> Literal["offline", "openai"]:
        """Name the engine, as it stands in records."""
        ...

    def read(self, conversation: Conversation) -> Reading:
        """Fill the decision form for the last turn; raises ProviderError."""
        ...

    def write(self, brief: Brief) -> Draft:
        """Write one reply; raises ProviderError."""
        ...

    def draft_sheet(self, brief: Brief) -> SheetDraft:
        """Propose the questions of a check-in sheet; raises ProviderError."""
        ...


class Retriever(Protocol):
    """Find passages."""

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        """Give the nearest passages, best first, ties by id."""
        ...


class Embedder(Protocol):
    """Turn texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Name the embedder and its version: an index built with another one is another index."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Give float32 unit vectors, one row a text; raises ProviderError where a server is asked."""
        ...


@dataclass(frozen=True)
class Deps:
    """Hold the live clients of a turn; they travel in the graph's runtime context, never in its state."""

    engine: Engine
    offline: Engine
    """Takes a turn over when `engine` fails, and gives the vetted question when a reply stays broken."""
    retriever: Retriever
    may_fall_back: bool = True
    """False where the user asked for the model by name: then its failure is an error, not a notice."""
