"""Wire the turn: screen, retrieve, classify, reply, check. Nothing but wiring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypedDict, get_type_hints

from langgraph.channels import UntrackedValue
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from forbear.check import check
from forbear.classify import classify
from forbear.deps import Deps
from forbear.reply import reply
from forbear.retrieve import retrieve
from forbear.screen import screen
from forbear.state import State

#: Only `memory` is kept in a checkpoint; everything else is untracked and dies with its turn.
_CHANNELS = {
    name: hint if name == "memory" else Annotated[hint, UntrackedValue] for name, hint in get_type_hints(State).items()
}
Channels = TypedDict("Channels", _CHANNELS, total=False)  # type: ignore[misc]


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[Any, Deps, Any, Any]:
    """Compile the graph of one turn; its runtime context is a `Deps`."""
    graph = StateGraph(Channels, context_schema=Deps)
    graph.add_node("screen", _node(screen))
    graph.add_node("retrieve", _node(retrieve))
    graph.add_node("classify", _node(classify))
    graph.add_node("reply", _node(reply))
    graph.add_node("check", _node(check))

    graph.add_edge(START, "screen")
    graph.add_edge("screen", "retrieve")
    graph.add_edge("retrieve", "classify")
    graph.add_edge("classify", "reply")
    graph.add_edge("reply", "check")
    graph.add_conditional_edges("check", _verdict, {"broken": "reply", "clean": END})
    return graph.compile(checkpointer=checkpointer)


def _node(work: Callable[[State, Deps], State]) -> Any:
    """Give a node the live clients of the runtime context, so that it stays a plain function of (state, deps)."""

    def run(state: Any, runtime: Runtime[Deps]) -> State:
        return work(state, runtime.context)

    return run


def _verdict(state: Any) -> Literal["broken", "clean"]:
    return "clean" if "reply" in state else "broken"
