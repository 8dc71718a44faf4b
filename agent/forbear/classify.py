"""Classify the situation: an engine fills the form, code decides the label, the ladder chooses the move."""

from __future__ import annotations

from forbear.deps import Deps
from forbear.errors import ProviderError
from forbear.ladder import next_move
from forbear.state import Memory, Reading, State


def classify(state: State, deps: Deps) -> State:
    """Read the situation; where the model's server fails, the offline engine takes the turn and the leader is told."""
    update: State = {}
    reading: Reading
    try:
        reading = deps.engine.read(state["conversation"])
    except ProviderError as error:
        if not deps.may_fall_back:
            raise
        reading = deps.offline.read(state["conversation"])
        update["provider_failed"] = str(error)
    update["reading"] = reading
    update["move"] = next_move(reading.situation, reading.facts, state.get("memory", Memory()))
    return update
