"""Ask the index: nearest passages for a query, deterministic."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forbear import index
from forbear.deps import Embedder
from forbear.errors import ForbearError
from forbear.situation import Situation
from forbear.state import Passage


class Store:
    """Search the passages in Chroma; opens (and where needed builds) the index at the first search."""

    def __init__(self, root: Path, embedder: Embedder) -> None:
        self._root = root
        self._embedder = embedder
        self._home: Path | None = None
        self._opened: tuple[Any, dict[str, Passage], int] | None = None

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
        collection, texts, most = self._opened or self._open()
        # Vectors nearer than the last wanted passage's best belong to the passages wanted, so this many hold them all.
        found = collection.query(
            query_embeddings=vector, n_results=min(limit, len(texts)) * most, include=["distances"]
        )
        best: dict[str, float] = {}
        for name, distance in zip(found["ids"][0], found["distances"][0], strict=True):
            passage, score = name.partition("#")[0], round(1.0 - float(distance), 6)
            best[passage] = max(score, best.get(passage, -1.0))
        order = sorted(best, key=lambda name: (-best[name], name))[:limit]
        return tuple(texts[name].model_copy(update={"score": best[name]}) for name in order)

    def _open(self) -> tuple[Any, dict[str, Passage], int]:
        self._home = self._home or index.ensure(self._root, self._embedder)
        built = json.loads((self._home / "READY").read_text())
        collection = index.open_client(self._home).get_collection(index.COLLECTION, embedding_function=None)
        if collection.count() != built["vectors"]:
            raise ValueError(f"the index holds {collection.count()} vectors of {built['vectors']}")
        whole: Any = collection.get(where={"whole": True}, include=["metadatas"])["metadatas"]
        opened = collection, {str(data["passage"]): _passage(data) for data in whole}, int(built["most"])
        self._opened = opened
        return opened


def _passage(data: Any) -> Passage:
    return Passage(
        id=data["passage"],
        title=data["title"],
        text=data["text"],
        step=data["step"] or None,
        basis=data["basis"],
        source=data["source"],
        serves=tuple(data["serves"].split()),
        score=0.0,
    )


def steer(candidates: tuple[Passage, ...], situation: Situation, limit: int) -> tuple[Passage, ...]:
    """Choose the passages for a reply: what was found for the words, led by where the situation stands.

    A passage about the ground or the condition that was read comes first, then one that serves the label, then one that
    is only near in words.
    """
    wanted = (situation.label, *situation.secondary)

    def weight(passage: Passage) -> float:
        fits = max((0.30 / (1 + n) for n, label in enumerate(wanted) if label in passage.serves), default=0.0)
        named = any(fact in passage.serves for fact in (*situation.grounds, *situation.conditions))
        return passage.score + fits + 0.40 * named

    return tuple(sorted(candidates, key=lambda p: (-weight(p), p.id))[:limit])
