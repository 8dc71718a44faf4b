"""Hold the search against its halves on the retrieval cases: meaning alone, words alone, and the two fused by rank; and the
same with the states of the offline reader, which are tuned to the decision form, in place of the encoder's.

Run as `make bench`.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
from evals import cases, measures

from forbear import knowledge
from forbear.encoder import END, MOST, START, Encoder, open_model
from forbear.engines.reader import MODEL
from forbear.store import Store

Score = Callable[[str], np.ndarray]


def main() -> None:
    """Print recall@5, nDCG@10 and MRR of each search."""
    files = knowledge.passages()
    ids = [p.id for p in files]
    texts = [[f"{p.title}. {p.text}", *p.cues] for p in files]
    encoder = Encoder()
    frozen = _nearest(texts, lambda text: encoder.encode([text])[0])
    tuned = _nearest(texts, _tuned(encoder))
    bm25 = _bm25([" ".join(t) for t in texts])
    print("| search | recall@5 | nDCG@10 | MRR |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as root:
        store = Store(Path(root), encoder)
        rows = {
            "as it ships": lambda query: _in_order(store, query, ids),
            "by meaning alone": frozen,
            "by words alone (BM25)": bm25,
            "both, fused by rank": lambda query: _fused(frozen(query), bm25(query)),
            "by the tuned states alone": tuned,
            "the tuned states and words, fused by rank": lambda query: _fused(tuned(query), bm25(query)),
        }
        for name, score in rows.items():
            print(f"| {name} | " + " | ".join(f"{x:.3f}" for x in _measured(score, ids)) + " |")


def _in_order(store: Store, query: str, ids: Sequence[str]) -> np.ndarray:
    found = {p.id: p.score for p in store.search(query, len(ids))}
    return np.array([found[name] for name in ids])


def _measured(score: Score, ids: Sequence[str]) -> list[float]:
    rows = []
    for case in cases.retrieval():
        order = [ids[n] for n in np.argsort(-score(case.query), kind="stable")]
        hits = [n for n, name in enumerate(order, 1) if name in case.relevant]
        gains = [case.relevant.get(name, 0) for name in order]
        rows.append(
            (
                sum(n <= 5 for n in hits) / min(len(case.relevant), 5),
                measures.ndcg(gains, list(case.relevant.values()), 10),
                1 / hits[0],
            )
        )
    return [float(x) for x in np.mean(rows, axis=0)]


def _nearest(texts: Sequence[Sequence[str]], encode: Callable[[str], np.ndarray]) -> Score:
    rows = np.stack([encode(text) for some in texts for text in some])
    starts = [0, *accumulate(len(some) for some in texts)][:-1]
    return lambda query: np.maximum.reduceat(rows @ encode(query), starts)


def _tuned(encoder: Encoder) -> Callable[[str], np.ndarray]:
    """Average the reader's last states to one unit vector a text."""
    session = open_model(MODEL)

    def encode(text: str) -> np.ndarray:
        ids = [START, *encoder.tokens(text)[0][: MOST - 2], END]
        all_of_it = np.ones((1, len(ids)), np.float32)
        given = {"states": encoder.states(ids)[None], "leader": all_of_it, "last": all_of_it}
        mean = session.run(["hidden"], given | {"said": np.array([ids], np.int64)})[0][0].mean(0)
        return np.asarray(mean / np.linalg.norm(mean))

    return encode


def _bm25(texts: Sequence[str], k: float = 1.5, b: float = 0.75) -> Score:
    bags = [Counter(_words(text)) for text in texts]
    mean = sum(bag.total() for bag in bags) / len(bags)
    seen = Counter(word for bag in bags for word in bag)

    def score(query: str) -> np.ndarray:
        found = np.zeros(len(bags))
        for word in _words(query):
            rare = math.log(1 + (len(bags) - seen[word] + 0.5) / (seen[word] + 0.5))
            for n, bag in enumerate(bags):
                found[n] += rare * bag[word] * (k + 1) / (bag[word] + k * (1 - b + b * bag.total() / mean))
        return found

    return score


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def _fused(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    ranks = [np.argsort(np.argsort(-x, kind="stable"), kind="stable") for x in (one, two)]
    return np.asarray(1 / (60 + ranks[0]) + 1 / (60 + ranks[1]))


if __name__ == "__main__":
    main()
