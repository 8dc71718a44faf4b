"""Ask the index: the best passages for a query, by meaning and by words together; deterministic."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from forbear import index
from forbear.deps import Embedder
from forbear.errors import ForbearError
from forbear.situation import Situation
from forbear.state import Passage

#: So many vectors are compared at most; a passage beyond them is found by its words alone.
MOST = 4000
_TERM = re.compile(r"[^\W_]+")


class Store:
    """Search the passages in Chroma and in SQLite; opens (and where needed builds) the index at the first search."""

    def __init__(self, root: Path, embedder: Embedder) -> None:
        self._root = root
        self._embedder = embedder
        self._home: Path | None = None
        self._opened: tuple[Any, dict[str, Passage], Path] | None = None

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        """Give the best passages, best first, ties by id: half by meaning (the nearest of text and cues), half by words.

        Raises StorageError, and ProviderError where the embedder asks a server.
        """
        vector = self._embedder.encode([query])
        try:
            return self._best(query, vector, limit)
        except ForbearError:
            raise
        except Exception:
            # Damaged, or removed under our feet: what Chroma raises then is of many kinds (even AttributeError from
            # a half-opened client). The index is an artefact, so it is made again, once; a bug of ours is raised
            # by the second attempt.
            self._opened = None
            self._home = index.ensure(self._root, self._embedder, instead_of=self._home)
            return self._best(query, vector, limit)

    def _best(self, query: str, vector: Any, limit: int) -> tuple[Passage, ...]:
        collection, texts, home = self._opened or self._open()
        near = _near(collection, vector)
        words = _words(home, query)
        # Each is brought to the best that the other reached, so that neither drowns the other.
        nearest, most = max(near.values()), max(words.values(), default=0.0)
        scores = {
            name: round((max(near.get(name, 0.0), 0.0) + nearest * words.get(name, 0.0) / (most or 1.0)) / 2, 6)
            for name in texts
        }
        order = sorted(scores, key=lambda name: (-scores[name], name))[:limit]
        return tuple(texts[name].model_copy(update={"score": scores[name]}) for name in order)

    def _open(self) -> tuple[Any, dict[str, Passage], Path]:
        self._home = self._home or index.ensure(self._root, self._embedder)
        built = json.loads((self._home / "READY").read_text())
        collection = index.open_client(self._home).get_collection(index.COLLECTION, embedding_function=None)
        if collection.count() != built["vectors"]:
            raise ValueError(f"the index holds {collection.count()} vectors of {built['vectors']}")
        whole: Any = collection.get(where={"whole": True}, include=["metadatas"])["metadatas"]
        opened = collection, {str(data["passage"]): _passage(data) for data in whole}, self._home
        self._opened = opened
        return opened


def _near(collection: Any, vector: Any) -> dict[str, float]:
    """Give the cosine of the query to each passage: that of the nearest of its text and its cues."""
    found = collection.query(query_embeddings=vector, n_results=min(collection.count(), MOST), include=["distances"])
    best: dict[str, float] = {}
    for name, distance in zip(found["ids"][0], found["distances"][0], strict=True):
        passage, score = name.partition("#")[0], 1.0 - float(distance)
        best[passage] = max(score, best.get(passage, -1.0))
    return best


def _words(home: Path, query: str) -> dict[str, float]:
    """Give the BM25 of the query with each passage that shares a word with it."""
    terms = " OR ".join(f'"{term}"' for term in sorted(set(_TERM.findall(query.lower()))))
    if not terms:
        return {}
    with closing(sqlite3.connect(f"{(home / index.WORDS).as_uri()}?mode=ro", uri=True)) as words:
        rows = words.execute("SELECT passage, -bm25(words) FROM words WHERE words MATCH ?", (terms,))
        return {str(name): float(score) for name, score in rows}


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
