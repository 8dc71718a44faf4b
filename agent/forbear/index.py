"""Build the search index: an immutable artefact in a directory named by its fingerprint, written once, then only read.

Chroma's embedded store corrupts silently under two writing processes, and a reader that was open before a write
stays stale. So: one writer under a lock, a directory of its own for every fingerprint, `READY` written last.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from forbear import knowledge
from forbear.deps import Embedder
from forbear.errors import StorageError

if TYPE_CHECKING:
    from chromadb.api.client import Client

#: Raised when what is stored, or how, changes.
SCHEMA = "3"
COLLECTION = "passages"
#: Beside Chroma: the passages by their words, as SQLite's full-text index.
WORDS = "words.sqlite3"


def fingerprint(embedder: Embedder) -> str:
    """Name the index for the passages as they are and an embedder."""
    return hashlib.sha256("\0".join((SCHEMA, embedder.fingerprint, knowledge.fingerprint())).encode()).hexdigest()[:16]


def ensure(root: Path, embedder: Embedder, *, instead_of: Path | None = None) -> Path:
    """Give the directory of the index, building it where it is missing, or `instead_of` one that was found damaged.

    Safe when several processes start at once: one builds, the others wait. A damaged directory is left alone (another
    process may be reading it, and Chroma remembers a path that failed): its successor has the next number.
    Raises StorageError where the directory cannot be written, ProviderError where the embedder asks a server.
    """
    from chromadb.errors import ChromaError

    name = fingerprint(embedder)
    home = latest(root, name)
    if home is not None and home != instead_of:
        return home
    with _lock(root):
        home = latest(root, name)
        if home is None or home == instead_of:
            home = (
                root
                / "index"
                / f"{name}.{1 + max((_number(p) for p in (root / 'index').glob(f'{name}.*')), default=0)}"
            )
            try:
                _build(home, embedder)
            except ChromaError as error:  # a full disk, above all
                raise StorageError(
                    f"The index could not be built in {root} ({error}); free some space, or set FORBEAR_DATA_DIR to another directory."
                ) from error
    return home


def latest(root: Path, name: str) -> Path | None:
    """Give the newest finished index of a fingerprint, or None."""
    ready = [p.parent for p in (root / "index").glob(f"{name}.*/READY")]
    return max(ready, key=_number, default=None)


def _number(home: Path) -> int:
    return int(home.name.rpartition(".")[2])


def open_client(home: Path) -> Client:
    """Open Chroma on a directory, with nothing sent anywhere."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    client = chromadb.PersistentClient(path=str(home / "chroma"), settings=ChromaSettings(anonymized_telemetry=False))
    return cast("Client", client)


def _build(home: Path, embedder: Embedder) -> None:
    files = knowledge.passages()
    # One vector for a passage's text and one for each cue: a leader's complaint meets the cue, not the theory.
    entries = [
        (f"{p.id}#{n:02}", text, _metadata(p) if n == 0 else {"passage": p.id, "whole": False})
        for p in files
        for n, text in enumerate((f"{p.title}. {p.text}", *p.cues))
    ]
    vectors = embedder.encode([text for _, text, _ in entries])
    home.mkdir(parents=True)
    client = open_client(home)
    try:
        collection = client.create_collection(
            COLLECTION,
            # At this size the search can look at everything, and then it equals exact search.
            configuration={
                "hnsw": {
                    "space": "cosine",
                    "ef_construction": 400,
                    "max_neighbors": 64,
                    "ef_search": max(100, len(entries)),
                }
            },
            embedding_function=None,
        )
        ids, texts, metadata = (list(column) for column in zip(*entries, strict=True))
        collection.upsert(ids=ids, embeddings=vectors, documents=texts, metadatas=metadata)
    finally:
        client.close()
    with closing(sqlite3.connect(home / WORDS)) as words:
        words.execute("CREATE VIRTUAL TABLE words USING fts5(passage UNINDEXED, text, tokenize='porter unicode61')")
        rows = ((p.id, "\n".join((p.title, p.text, *p.cues))) for p in files)
        words.executemany("INSERT INTO words VALUES (?, ?)", rows)
        words.commit()
    (home / "READY").write_text(json.dumps({"vectors": len(entries), "embedder": embedder.fingerprint}))


def _metadata(passage: knowledge.PassageFile) -> dict[str, Any]:
    return {
        "passage": passage.id,
        "whole": True,
        "title": passage.title,
        "text": passage.text,
        "step": passage.step or 0,
        "basis": passage.basis,
        "source": passage.cited_as,
        "serves": " ".join([*passage.labels, *filter(None, (passage.condition, passage.ground))]),
    }


@contextmanager
def _lock(root: Path) -> Iterator[None]:
    from filelock import FileLock

    try:
        (root / "index").mkdir(parents=True, exist_ok=True)
        with FileLock(root / "index" / ".lock"):
            yield
    except OSError as error:
        raise StorageError(
            f"{root} cannot be written ({error.strerror or error}); free some space, or set FORBEAR_DATA_DIR to another directory."
        ) from error
