"""The index: equal to exact search, immutable, rebuilt by itself, safe when two processes start at once. A real Chroma."""

from __future__ import annotations

import multiprocessing
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from forbear import index, knowledge
from forbear.encoder import Encoder
from forbear.errors import StorageError
from forbear.situation import Fact, Label, Situation
from forbear.state import Passage
from forbear.store import Store, steer

QUERIES = (
    "I keep looking at his draft",
    "she asked me to take it back",
    "nobody ever showed him how",
    "it went well and now it's quiet",
    "who signs it off",
)


def brute_force(query: str, limit: int) -> list[str]:
    encoder, best = Encoder(), {}
    asked = encoder.encode([query])[0]
    for passage in knowledge.passages():
        texts = [f"{passage.title}. {passage.text}", *passage.cues]
        best[passage.id] = max(round(float(v @ asked), 6) for v in encoder.encode(texts))
    return sorted(best, key=lambda i: (-best[i], i))[:limit]


def _search(root: str, query: str) -> list[str]:
    return [p.id for p in Store(Path(root), Encoder()).search(query, 5)]


def test_search_equals_exact_search_and_survives_a_restart(built: Path) -> None:
    store = Store(built, Encoder())
    for query in QUERIES:
        found = [p.id for p in store.search(query, 5)]
        assert found == brute_force(query, 5)
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(_search, (str(built), QUERIES[-1])) == found


def test_two_processes_that_start_at_once_build_one_index(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        one, two = pool.starmap(_search, [(str(tmp_path), QUERIES[0])] * 2)
    assert one == two != []
    assert len([p for p in (tmp_path / "index").iterdir() if p.is_dir()]) == 1


def test_a_damaged_index_is_made_again(tmp_path: Path) -> None:
    found = Store(tmp_path, Encoder()).search(QUERIES[0], 3)
    home = index.ensure(tmp_path, Encoder())
    shutil.rmtree(home / "chroma")
    (home / "chroma").mkdir()
    (home / "chroma" / "chroma.sqlite3").write_bytes(b"not a database" * 100)
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(_search, (str(tmp_path), QUERIES[0]))[:3] == [p.id for p in found]


class _Other(Encoder):
    """Another embedder, by its fingerprint."""

    fingerprint = "other"

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return super().encode(texts)[:, ::-1].copy()


def test_another_embedder_is_another_index(built: Path) -> None:
    assert index.fingerprint(_Other()) != index.fingerprint(Encoder())


def test_a_directory_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(StorageError, match="FORBEAR_DATA_DIR"):
        Store(blocked, Encoder()).search("anything", 1)


def test_the_situation_steers_what_is_cited() -> None:
    def passage(name: str, score: float, *serves: str) -> Passage:
        return Passage(id=name, title=name, text="", step=None, basis="stated", source="", serves=serves, score=score)

    found = (
        passage("s2-a", 0.50, "S2_SPACE"),
        passage("s3-a", 0.45, "S3_EMPATHY"),
        passage("f1-a", 0.31, "PRECOND", "F1"),
        passage("f2-a", 0.30, "PRECOND", "F2"),
        passage("b-a", 0.10, "ESCALATE", "A3"),
        passage("s4-a", 0.40, "S4_RETURN", "ESCALATE"),
    )
    assert steer(found, Situation(label=Label.S3), 1)[0].id == "s3-a"
    assert steer(found, Situation(label=Label.PRECOND, conditions=(Fact.F2,)), 1)[0].id == "f2-a"
    assert steer(found, Situation(label=Label.ESCALATE, grounds=(Fact.A3,)), 1)[0].id == "b-a"
