"""The index: by meaning and by words, immutable, rebuilt by itself, safe when two processes start at once. A real Chroma."""

from __future__ import annotations

import math
import multiprocessing
import re
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


def by_meaning(query: str) -> dict[str, float]:
    encoder, best = Encoder(), {}
    asked = encoder.encode([query])[0]
    for passage in knowledge.passages():
        texts = [f"{passage.title}. {passage.text}", *passage.cues]
        best[passage.id] = max(float(v @ asked) for v in encoder.encode(texts))
    return best


def by_words(query: str) -> dict[str, float]:
    """BM25 as it is written down, over words that end alike."""
    stem = re.compile(r"(?:ing|ed|s)$")
    words = [stem.sub("", w) for w in re.findall(r"\w+", query.lower())]
    bags = {
        p.id: [stem.sub("", w) for w in re.findall(r"\w+", " ".join((p.title, p.text, *p.cues)).lower())]
        for p in knowledge.passages()
    }
    mean = sum(map(len, bags.values())) / len(bags)
    found = dict.fromkeys(bags, 0.0)
    for word in set(words):
        holding = sum(word in bag for bag in bags.values())
        rare = math.log((len(bags) - holding + 0.5) / (holding + 0.5))
        for name, bag in bags.items():
            times = bag.count(word)
            found[name] += max(rare, 1e-6) * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * len(bag) / mean))
    return found


def _search(root: str, query: str) -> list[str]:
    return [p.id for p in Store(Path(root), Encoder()).search(query, 5)]


def test_the_search_is_half_by_meaning_and_half_by_words(built: Path) -> None:
    store = Store(built, Encoder())
    for query in QUERIES:
        found = {p.id: p.score for p in store.search(query, 500)}
        near, words = by_meaning(query), by_words(query)
        most = max(words.values())
        exact = {name: (near[name] + max(near.values()) * words[name] / most) / 2 for name in near}
        together = np.corrcoef([[found[n] for n in near], [exact[n] for n in near]])[0, 1]
        assert together > 0.97
        assert list(found) == sorted(found, key=lambda name: (-found[name], name))


def test_a_search_without_a_word_goes_by_meaning_alone(built: Path) -> None:
    near = by_meaning("?!")
    found = Store(built, Encoder()).search("?!", 5)
    assert [p.id for p in found] == sorted(near, key=lambda name: (-round(near[name] / 2, 6), name))[:5]


def test_what_is_typed_is_never_taken_for_a_search_expression(built: Path) -> None:
    store = Store(built, Encoder())
    for query in (
        'draft" OR NEAR(',
        "a AND NOT b*",
        "text:draft",
        "^draft",
        "'; DROP TABLE words; --",
        "œuvre Ωmega 東京",
    ):
        assert store.search(query, 3)


def test_it_survives_a_restart(built: Path) -> None:
    found = [p.id for p in Store(built, Encoder()).search(QUERIES[-1], 5)]
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
