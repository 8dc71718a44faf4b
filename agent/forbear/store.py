"""Ask the index: nearest passages for a query, deterministic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forbear import index
from forbear.deps import Embedder
from forbear.errors import ForbearError
from forbear.situation import CONDITIONS, Situation
from forbear.state import Passage


class Store:
    """Search the passages in Chroma; opens (and where needed builds) the index at the first search."""

    def __init__(self, root: Path, embedder: Embedder) -> None:
        self._root = root
        self._embedder = embedder
        self._home: Path | None = None
        self._opened: tuple[Any, int] | None = None

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        """Give the nearest passages, best first, ties by id; a passage scores as the nearest of its text and cues.

        Raises StorageError, and ProviderError where the embedder asks a server.
        """
        vector = self._embedder.encode([query])
        try:
            return self._nearest(vector, limit)
        except ForbearError:
            raise
        except Exception:
            # Damaged, or removed under our feet: what Chroma raises then is of many kinds (even AttributeError from
            # a half-opened client). The index is an artefact, so it is made again, once; a bug of ours is raised
            # by the second attempt.
            self._opened = None
            self._home = index.ensure(self._root, self._embedder, instead_of=self._home)
            return self._nearest(vector, limit)

    def _nearest(self, vector: Any, limit: int) -> tuple[Passage, ...]:
        collection, count = self._open()
        # All vectors are asked for: with a vector a cue, the best passages cannot be told from fewer.
        found = collection.query(query_embeddings=vector, n_results=count, include=["metadatas", "distances"])
        best: dict[str, Passage] = {}
        for data, distance in zip(found["metadatas"][0], found["distances"][0], strict=True):
            score = round(1.0 - float(distance), 6)
            if data["passage"] not in best or score > best[data["passage"]].score:
                best[data["passage"]] = _passage(data, score)
        return tuple(sorted(best.values(), key=lambda p: (-p.score, p.id))[:limit])

    def _open(self) -> tuple[Any, int]:
        if self._opened is None:
            self._home = self._home or index.ensure(self._root, self._embedder)
            count = json.loads((self._home / "READY").read_text())["vectors"]
            collection = index.open_client(self._home).get_collection(index.COLLECTION, embedding_function=None)
            if collection.count() != count:
                raise ValueError(f"the index holds {collection.count()} vectors of {count}")
            self._opened = collection, count
        return self._opened


def _passage(data: Any, score: float) -> Passage:
    return Passage(
        id=data["passage"],
        title=data["title"],
        text=data["text"],
        step=data["step"] or None,
        basis=data["basis"],
        source=data["source"],
        labels=tuple(data["labels"].split()),
        score=score,
    )


def steer(candidates: tuple[Passage, ...], situation: Situation, limit: int) -> tuple[Passage, ...]:
    """Choose the passages for a reply: what was found for the words, led by where the situation stands.

    A passage that serves the label (and above all the failing condition) comes before one that is only near in words.
    """

    def weight(passage: Passage) -> float:
        wanted = [situation.label, *situation.secondary]
        fits = max((0.30 / (1 + n) for n, label in enumerate(wanted) if label in passage.labels), default=0.0)
        named = any(c in CONDITIONS and passage.id.startswith(f"{c.lower()}-") for c in situation.conditions)
        return passage.score + fits + 0.30 * named

    return tuple(sorted(candidates, key=lambda p: (-weight(p), p.id))[:limit])
