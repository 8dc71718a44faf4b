"""Retrieve the passages that are near the leader's words; `reply` narrows them once the situation is known."""

from __future__ import annotations

from forbear.deps import Deps
from forbear.errors import ProviderError
from forbear.state import Conversation, State

#: All there are, and more: where the situation stands is not known yet when the search is made.
CANDIDATES = 500


def retrieve(state: State, deps: Deps) -> State:
    """Find candidate passages; without an embedding server the turn goes on with none, and says so."""
    try:
        return {"candidates": deps.retriever.search(query(state["conversation"]), CANDIDATES)}
    except ProviderError as error:
        if not deps.may_fall_back:
            raise
        return {"candidates": (), "provider_failed": str(error)}


def query(conversation: Conversation) -> str:
    """Make the text to search with: the last message, led by the one before where it is too short to stand alone."""
    said = [t.text for t in conversation.turns if t.role == "leader"]
    return said[-1] if len(said) == 1 or len(said[-1].split()) >= 12 else f"{said[0]}\n{said[-1]}"
