"""Ship stand-ins for tests and programs of one's own: an engine that follows a script, and a retriever that holds a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeVar

from forbear.deps import Brief
from forbear.situation import Facts, decide
from forbear.state import Conversation, Draft, Passage, Reading, SheetDraft

_T = TypeVar("_T")


class ScriptedEngine:
    """Give the readings and drafts it was given, in order; an exception in the script is raised.

    Raises AssertionError when it is asked for more than its script holds: a test then says what nobody expected.
    """

    name: Literal["openai"] = "openai"

    def __init__(
        self,
        readings: Iterable[Facts | Exception] = (),
        drafts: Iterable[tuple[str, str] | Exception] = (),
        sheets: Iterable[SheetDraft | Exception] = (),
    ) -> None:
        self._readings: Iterator[Facts | Exception] = iter(readings)
        self._drafts: Iterator[tuple[str, str] | Exception] = iter(drafts)
        self._sheets: Iterator[SheetDraft | Exception] = iter(sheets)
        self.briefs: list[Brief] = []
        """What it was asked to write, for a test to look at."""

    def read(self, conversation: Conversation) -> Reading:
        """Give the next form, without the quotes that nobody wrote."""
        form = _next(self._readings, "reading")
        facts = form.genuine(conversation.leader_words, conversation.message)
        return Reading(facts=facts, situation=decide(facts), runner_up=None, confidence=1.0, engine="openai")

    def write(self, brief: Brief) -> Draft:
        """Give the next draft."""
        self.briefs.append(brief)
        reflection, question = _next(self._drafts, "draft")
        return Draft(reflection=reflection, question=question, engine="openai")

    def draft_sheet(self, brief: Brief) -> SheetDraft:
        """Give the next sheet."""
        self.briefs.append(brief)
        return _next(self._sheets, "sheet")


class ListRetriever:
    """Give the passages it was given, whatever is asked."""

    def __init__(self, passages: Iterable[Passage] = ()) -> None:
        self._passages = tuple(passages)

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        """Give the first passages."""
        del query
        return self._passages[:limit]


def _next(script: Iterator[_T | Exception], what: str) -> _T:
    try:
        item = next(script)
    except StopIteration:
        raise AssertionError(f"the script holds no further {what}") from None
    if isinstance(item, Exception):
        raise item
    return item
