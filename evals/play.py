"""Play cases through the real graph: with the offline engine, with a recorded model, or with a live one."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import openai

from evals.cases import Case, Planted
from evals.recordings import RECORDINGS, Miss, Tape, about, causes, recording, replaying, sha
from forbear import index, prompts, sheet, store
from forbear.config import Settings
from forbear.deps import Brief, Deps, Engine, Retriever
from forbear.encoder import Encoder
from forbear.engines import quoting, reader
from forbear.engines.offline import OfflineEngine
from forbear.engines.openai import OpenAIEngine, prompt_names
from forbear.engines.reader import MODEL, Answers, Reader
from forbear.errors import InputRefused
from forbear.graph import build
from forbear.sheet import Sheet
from forbear.situation import Label
from forbear.state import Conversation, Draft, Memory, Passage, Reading, Reply, SheetDraft, Turn

#: Where the index of the passages is kept between runs.
BUILD = Path(__file__).resolve().parent.parent / "build" / "evals"


@dataclass(frozen=True)
class Answered:
    """Hold one answer of the coach in a case."""

    conversation: Conversation
    reading: Reading | None
    """None where the text was refused before anybody read it."""
    reply: Reply | None
    refused: str = ""


@dataclass(frozen=True)
class Played:
    """Hold a case as it was played by one engine, or why it could not be."""

    case: Case
    engine: Literal["offline", "openai"]
    answers: tuple[Answered, ...] = ()
    sheet: Sheet | None = None
    """What was drafted, in the suite `sheets`; there are no answers then."""
    stale: tuple[str, ...] = ()
    """Why the recording no longer holds; empty where it is fresh."""

    @property
    def last(self) -> Answered:
        """Give the answer to the case's last line."""
        return self.answers[-1]


class _Noting:
    """Pass on to the model engine, noting on the tape what each request rests on."""

    name: Literal["openai"] = "openai"

    def __init__(self, engine: Engine, tape: Tape) -> None:
        self._engine, self._tape = engine, tape

    def read(self, conversation: Conversation) -> Reading:
        self._tape.pending = {"role": "form", "prompts": _hashes("form"), "passages": {}}
        return self._engine.read(conversation)

    def write(self, brief: Brief) -> Draft:
        self._tape.pending = {
            "role": "rewrite" if brief.broken and brief.before else "reply",
            "prompts": _hashes(*prompt_names(brief)),
            "passages": {p.id: sha(f"{p.title}\n{p.basis}\n{p.text}") for p in brief.passages},
        }
        return self._engine.write(brief)

    def draft_sheet(self, brief: Brief) -> SheetDraft:
        self._tape.pending = {
            "role": "sheet",
            "prompts": _hashes("sheet", f"orders/{brief.situation.label.value.lower()}"),
            "passages": {p.id: sha(f"{p.title}\n{p.basis}\n{p.text}") for p in brief.passages},
        }
        return self._engine.draft_sheet(brief)


class Remembered:
    """Encode each text once, on disk across runs: a text's vector depends on nothing but the text and the model."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder, self._new = encoder, False
        self.fingerprint = encoder.fingerprint
        self._path = folder / f"vectors-{self.fingerprint.split(':')[1]}.npz"
        self._known: dict[str, np.ndarray] = {}
        if self._path.exists():
            with np.load(self._path) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Give unit vectors, one row a text."""
        keys = [sha(t) for t in texts]
        for key, text in zip(keys, texts, strict=True):
            if key not in self._known:
                self._known[key], self._new = self._encoder.encode([text])[0], True
        return np.stack([self._known[k] for k in keys]) if keys else self._encoder.encode(texts)

    def keep(self) -> None:
        """Write what is new, for the next run."""
        if self._new:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(".draft.npz")
            np.savez(draft, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
            draft.replace(self._path)


class RecalledReader(Reader):
    """Answer the form once for each conversation, on disk across runs: it rests on nothing but its words and the model."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        super().__init__(encoder)
        of = sha(
            [
                encoder.fingerprint,
                hashlib.sha256(MODEL.read_bytes()).hexdigest(),
                inspect.getsource(reader),
                inspect.getsource(quoting),
            ]
        )
        self._kept, self._new = folder / f"answers-{of}.json", False
        self._known: dict[str, Any] = json.loads(self._kept.read_text()) if self._kept.exists() else {}

    def answers(self, conversation: Conversation) -> Answers:
        """Answer each question by itself."""
        key = sha([(turn.role, turn.text) for turn in conversation.turns])
        if key not in self._known:
            self._known[key], self._new = list(super().answers(conversation)), True
        chances, labels, quotes = self._known[key]
        return Answers(chances, {Label(name): chance for name, chance in labels.items()}, quotes)

    def keep(self) -> None:
        """Write what is new, for the next run."""
        if self._new:
            draft = self._kept.with_suffix(".draft.json")
            draft.write_text(json.dumps(self._known))
            draft.replace(self._kept)


class Searched:
    """Search once for each text, on disk across runs: both engines ask for the same passages.

    What is found depends on nothing but the text, the index and the code of the search, so the file is named by those.
    """

    def __init__(self, retriever: Retriever, of: str, folder: Path) -> None:
        self._retriever, self._new = retriever, False
        self._path = folder / f"searches-{of}.json"
        kept = json.loads(self._path.read_text()) if self._path.exists() else {"passages": {}, "found": {}}
        self._texts = {name: Passage.model_validate(text) for name, text in kept["passages"].items()}
        self._found: dict[str, list[tuple[str, float]]] = kept["found"]

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        """Give the nearest passages, best first."""
        key = sha([query, limit])
        if key not in self._found:
            found, self._new = self._retriever.search(query, limit), True
            self._texts |= {p.id: p for p in found}
            self._found[key] = [(p.id, p.score) for p in found]
        return tuple(self._texts[name].model_copy(update={"score": score}) for name, score in self._found[key])

    def keep(self) -> None:
        """Write what is new, for the next run."""
        if self._new:
            texts = {name: text.model_dump(mode="json") for name, text in sorted(self._texts.items())}
            draft = self._path.with_suffix(".draft.json")
            draft.write_text(json.dumps({"passages": texts, "found": self._found}))
            draft.replace(self._path)


class _Planting:
    """Put a passage of the case before everything that is found."""

    def __init__(self, retriever: Retriever, planted: Planted) -> None:
        self._retriever = retriever
        self._planted = Passage(
            id="planted", title=planted.title, text=planted.text, step=None, basis="interpretation",
            source="a document of the user's own", serves=tuple(Label), score=1.0,
        )  # fmt: skip

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        return (self._planted, *self._retriever.search(query, limit))[:limit]


class Player:
    """Play cases; what is costly to make (graph, index, offline engine) is made once."""

    def __init__(self, settings: Settings, recordings: Path = RECORDINGS, build: Path = BUILD) -> None:
        self.settings = replace(settings, data_dir=build)
        self.recordings = recordings

    @cached_property
    def graph(self) -> Any:
        """Give the graph of a turn, without checkpoints: memory is carried here."""
        return build()

    @cached_property
    def encoder(self) -> Remembered:
        """Give the encoder of the search and the offline engine."""
        return Remembered(Encoder(), self.settings.data_dir)

    @cached_property
    def offline(self) -> OfflineEngine:
        """Give the engine that needs no model."""
        return OfflineEngine(encoder=self.encoder, reader=self.reader)

    @cached_property
    def reader(self) -> RecalledReader:
        """Give the offline reader."""
        return RecalledReader(Encoder(), self.settings.data_dir)

    @cached_property
    def retriever(self) -> Searched:
        """Give the search over the passages."""
        of = sha([index.fingerprint(self.encoder), inspect.getsource(store)])
        return Searched(store.Store(self.settings.data_dir, self.encoder), of, self.settings.data_dir)

    def path(self, case: Case) -> Path:
        """Say where the recording of a case lies."""
        return self.recordings / case.suite / f"{case.id}.json"

    def play_offline(self, case: Case) -> Played:
        """Play a case with the offline engine."""
        return self._played(case, "offline", self.offline)

    def replay(self, case: Case) -> Played:
        """Play a case with its recorded answers; what is stale is said, never asked for."""
        path, tape = self.path(case), Tape()
        if needs_no_model(case):
            return self._played(case, "openai", self.offline)
        if not path.exists():
            return Played(case, "openai", stale=("not recorded",))
        noted = about(path)
        try:
            with tape.replaying() as sdk, replaying(path, tape) as cassette:
                played = self._played(case, "openai", self._model(sdk, tape))
        except Miss as miss:
            return Played(case, "openai", stale=causes(noted, miss.calls, inputs(case)))
        if not cassette.all_played:
            return replace(played, stale=("unplayed: the recording holds more than was asked for",))
        return played

    def record(self, case: Case, *, anew: bool = False, retries: int = 5) -> Tape:
        """Ask a live model for what is stale in a case and keep its answers; raises ProviderError, keeping the old."""
        tape = Tape(retries)
        noted = {"case": case.id, "inputs": inputs(case)}
        with tape.live(self.settings) as sdk, recording(self.path(case), tape, noted, anew=anew):
            self._played(case, "openai", self._model(sdk, tape))
        return tape

    def _model(self, sdk: openai.OpenAI, tape: Tape) -> Engine:
        return _Noting(OpenAIEngine(self.settings, sdk=sdk), tape)

    def _played(self, case: Case, name: Literal["offline", "openai"], engine: Engine) -> Played:
        if case.suite != "sheets":
            return Played(case, name, self._answers(case, engine))
        deps = Deps(engine=engine, offline=self.offline, retriever=self.retriever, may_fall_back=False)
        said = tuple(Turn(role=t.role, text=t.text) for t in case.turns)
        return Played(case, name, sheet=sheet.draft(Conversation(turns=said), deps))

    def _answers(self, case: Case, engine: Engine) -> tuple[Answered, ...]:
        retriever = _Planting(self.retriever, case.planted) if case.planted else self.retriever
        deps = Deps(engine=engine, offline=self.offline, retriever=retriever, may_fall_back=False)
        answered, found = set(case.answered), []
        given = sum(t.role == "coach" and "?" in t.text for t in case.turns)
        memory, said = Memory(questions=given, told_offline=True), list[Turn]()
        for n, line in enumerate(case.turns):
            question = (
                line.text[_start(line.text) :] if line.role == "coach" and line.text.rstrip().endswith("?") else ""
            )
            said.append(Turn(role=line.role, text=line.text, question=question))
            if n not in answered:
                continue
            conversation = Conversation(turns=tuple(said))
            try:
                state = self.graph.invoke({"conversation": conversation, "memory": memory}, context=deps)
            except InputRefused as refused:
                found.append(Answered(conversation, None, None, str(refused)))
                continue
            reply, memory = state["reply"], state["memory"]
            found.append(Answered(conversation, state["reading"], reply))
            said.append(Turn(role="coach", text=reply.text, question=reply.question))
        return tuple(found)


def needs_no_model(case: Case) -> bool:
    """Tell whether a case is answered before any engine is asked."""
    return case.refused and len(case.answered) == 1


def inputs(case: Case) -> str:
    """Hash what of a case is played; its gold and its notes are not."""
    return sha([[t.model_dump() for t in case.turns], case.planted.model_dump() if case.planted else None])


def _hashes(*names: str) -> dict[str, str]:
    return {name: sha(prompts.load(name).text) for name in names}


def _start(text: str) -> int:
    """Find where the last sentence begins."""
    return max(text.rfind(mark, 0, len(text.rstrip()) - 1) for mark in (". ", "? ", "! ", "\n")) + 1
