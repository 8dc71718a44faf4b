"""Write the reply: by the engine, once more with the broken rules named, then from the vetted bank."""

from __future__ import annotations

from forbear.deps import Brief, Deps
from forbear.errors import ProviderError
from forbear.situation import Label
from forbear.state import Memory, Move, State
from forbear.store import steer

#: Passages that a reply may rest on and cite.
CITED = 2
#: Drafts of the engine that are checked before the bank takes over: one, and one rewrite.
DRAFTS = 2


def brief(state: State) -> Brief:
    """Gather what a responder may use."""
    reading, move = state["reading"], state["move"]
    # Small talk at the end rests on no passage, and neither does a message that could not be placed.
    bare = move in (Move.CLOSE, Move.OUTSIDE) or reading.situation.label in (Label.UNCLEAR, Label.OUTSIDE)
    return Brief(
        conversation=state["conversation"],
        memory=state.get("memory", Memory()),
        reading=reading,
        move=move,
        passages=() if bare and move is not Move.EXPLAIN else steer(state["candidates"], reading.situation, CITED),
        broken=state["mended"],
        before=state.get("draft"),
    )


def reply(state: State, deps: Deps) -> State:
    """Write one draft; the offline engine writes it where the model has failed or its drafts stay broken."""
    drafts, failed = state["drafts"], state["provider_failed"]
    order = brief(state)
    update: State = {"drafts": drafts + 1, "cites": order.passages}
    from_bank = drafts >= DRAFTS
    if failed or from_bank:
        draft = deps.offline.write(order)
    else:
        try:
            draft = deps.engine.write(order)
        except ProviderError as error:
            if not deps.may_fall_back:
                raise
            draft = deps.offline.write(order)
            update["provider_failed"] = str(error)
    update["draft"] = draft.model_copy(update={"from_bank": True}) if from_bank else draft
    return update
