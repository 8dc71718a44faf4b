"""Hold a conversation: what the terminal, a page or a program calls. Real objects are built here, and only here."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from forbear.config import Settings
from forbear.deps import Deps, Engine, Retriever
from forbear.errors import InputRefused, UserError
from forbear.sessions import Sessions, unusable
from forbear.state import Conversation, Reading, Reply, Turn

if TYPE_CHECKING:
    from forbear.sheet import Sheet


@dataclass(frozen=True)
class Answer:
    """Hold one answered turn."""

    session: str
    reply: Reply
    reading: Reading
    notice: str | None
    """One sentence to the leader about this turn: offline, or the model could not be reached."""

    def as_json(self) -> dict[str, Any]:
        """Give the record of the turn: what `ask --json` prints and the transcript keeps."""
        reply, situation = self.reply, self.reading.situation
        return {
            "label": situation.label.value,
            "step": situation.step,
            "reply": reply.text,
            "reflection": reply.reflection,
            "question": reply.question,
            "move": reply.move.value,
            "cites": [c.model_dump(include={"id", "title", "step", "basis", "source"}) for c in reply.cites],
            "findings": [f.model_dump() for f in reply.findings],
            "mended": [f.model_dump() for f in reply.mended],
            "rewritten": reply.rewritten,
            "from_bank": reply.from_bank,
            "engine": reply.engine,
            "notice": self.notice,
            "session": self.session,
            "reading": reading_as_json(self.reading),
        }


def reading_as_json(reading: Reading) -> dict[str, Any]:
    """Give a reading as `classify --json` prints it."""
    situation = reading.situation
    return {
        "label": situation.label.value,
        "step": situation.step,
        "secondary": [label.value for label in situation.secondary],
        "runner_up": reading.runner_up.value if reading.runner_up else None,
        "confidence": round(reading.confidence, 3),
        "facts": {"yes": [a.model_dump(mode="json") for a in reading.facts.yes]},
        "because": [{"fact": a.fact.value, "quote": a.quote} for a in situation.because],
        "grounds": [g.value for g in situation.grounds],
        "conditions": [c.value for c in situation.conditions],
        "engine": reading.engine,
    }


class Coach:
    """Answer leaders; parts are built when they are first needed, so that each command pays for what it uses."""

    def __init__(self, settings: Settings, *, engine: Engine | None = None, retriever: Retriever | None = None) -> None:
        self.settings = settings
        self._engine = engine
        self._retriever = retriever

    @cached_property
    def sessions(self) -> Sessions:
        """Give the store of conversations."""
        return Sessions(self.settings.data_dir)

    @cached_property
    def retriever(self) -> Retriever:
        """Give the search over the passages."""
        if self._retriever is not None:
            return self._retriever
        from forbear import embedders
        from forbear.store import Store

        return Store(self.settings.data_dir, embedders.build(self.settings))

    @cached_property
    def offline(self) -> Engine:
        """Give the engine that needs no model."""
        from forbear.engines.offline import OfflineEngine

        return OfflineEngine()

    @cached_property
    def engine(self) -> Engine:
        """Give the engine that the settings name."""
        if self._engine is not None:
            return self._engine
        if not self.settings.uses_model:
            return self.offline
        from forbear.engines.openai import OpenAIEngine

        return OpenAIEngine(self.settings)

    @cached_property
    def deps(self) -> Deps:
        """Give the live clients of a turn."""
        return Deps(
            engine=self.engine,
            offline=self.offline,
            retriever=self.retriever,
            may_fall_back=self.settings.engine != "openai",
        )

    @cached_property
    def graph(self) -> Any:
        """Give the compiled graph of a turn, its checkpoints kept with the conversations."""
        with _no_probe():
            from forbear.graph import build

            return build(self.sessions.checkpointer)

    def ask(self, text: str, session: str | None = None) -> Answer:
        """Answer one message, in a new conversation or an old one.

        Raises InputRefused for a text that cannot be read, StorageError, and ProviderError where the model was asked
        for by name. Whatever is raised, the leader's words are in the transcript.
        """
        session = session or self.sessions.new()
        if text.strip():
            self.sessions.append(session, "leader", text)
            conversation = Conversation(turns=self.sessions.conversation(session))
        else:
            conversation = Conversation(turns=(*self.sessions.conversation(session), Turn(role="leader", text=text)))
        return self._turn(session, conversation)

    def resume(self, session: str) -> Answer | None:
        """Answer the words that a cut-off turn left without an answer, if there are any."""
        conversation = self.sessions.unanswered(session)
        return self._turn(session, conversation) if conversation else None

    def read(self, text: str) -> Reading:
        """Read where a message stands, without replying or keeping anything; raises as `ask` does."""
        from forbear.classify import classify
        from forbear.screen import refuse_unreadable

        refuse_unreadable(text)
        return classify({"conversation": Conversation(turns=(Turn(role="leader", text=text),))}, self.deps)["reading"]

    def sheet(self, text: str | None, session: str | None = None, *, person: str = "", when: str = "") -> Sheet:
        """Draft the check-in sheet for a message, or for a conversation; nothing is kept. Raises as `ask` does."""
        from forbear import sheet
        from forbear.screen import refuse_unreadable

        turns = self.sessions.conversation(session) if session else ()
        if text is not None:
            refuse_unreadable(text)
            turns = (*turns, Turn(role="leader", text=text))
        while turns and turns[-1].role == "coach":
            turns = turns[:-1]
        if not turns:
            raise UserError("Nothing was said in this conversation yet, so there is nothing to draw a sheet from.")
        return sheet.draft(Conversation(turns=turns), self.deps, person=person, when=when)

    def _turn(self, session: str, conversation: Conversation) -> Answer:
        config = {"configurable": {"thread_id": session}}
        try:
            state = self.graph.invoke({"conversation": conversation}, config, context=self.deps, durability="exit")
        except InputRefused as refused:
            if conversation.message.strip():
                self.sessions.append(session, "refusal", str(refused))
            raise
        except sqlite3.Error as error:
            raise unusable(self.sessions.path, error) from error
        answer = Answer(session=session, reply=state["reply"], reading=state["reading"], notice=state["notice"] or None)
        self.sessions.append(session, "coach", answer.reply.text, answer.as_json())
        return answer


@contextmanager
def _no_probe() -> Iterator[None]:
    """Keep urllib3, which LangGraph brings along, from opening a socket at import to see whether there is IPv6."""
    known, socket.has_ipv6 = socket.has_ipv6, False
    try:
        yield
    finally:
        socket.has_ipv6 = known
