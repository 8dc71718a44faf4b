"""Judge a message by its words and pairs of words alone: a linear model beside the tuned one, and its part of the graph.

The two err on different messages: the tuned layers know what words mean, this one knows what authors say when a label holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from tools.onnx_bert import Graph

Gram = tuple[int, ...]


def grams(ids: Sequence[int]) -> list[Gram]:
    """List the tokens of a text, and each with its next."""
    return [*((i,) for i in ids), *pairwise(ids)]


class Ngrams:
    """Hold a linear model over the grams that two messages share at least, weighed by their rarity."""

    def __init__(self, texts: Sequence[Sequence[int]], labels: Sequence[int], count: int) -> None:
        """Fit on texts as token ids, and on labels as numbers below `count`."""
        self._weigh = TfidfVectorizer(analyzer=grams, sublinear_tf=True, min_df=2)
        found = LogisticRegression(C=30.0, max_iter=3000).fit(self._weigh.fit_transform(texts), labels)
        # What was never seen is not impossible, only unlikely.
        self._heads, self._bias = np.zeros((count, found.coef_.shape[1])), np.full(count, -9.0)
        self._heads[found.classes_], self._bias[found.classes_] = found.coef_, found.intercept_

    def logits(self, texts: Sequence[Sequence[int]]) -> np.ndarray:
        """Give a logit a label, (texts, labels)."""
        logits: np.ndarray = self._weigh.transform(texts) @ self._heads.T + self._bias
        return logits

    def add_to(self, graph: Graph, ids: str) -> str:
        """Add the same sum to a graph, on an input of token ids, (batch, tokens)."""
        at: dict[Gram, int] = self._weigh.vocabulary_
        ordered = sorted(at, key=lambda gram: (len(gram), gram))
        counts = graph.add(
            "TfIdfVectorizer", ids, mode="TF", min_gram_length=1, max_gram_length=2, max_skip_count=0,
            ngram_counts=[0, sum(len(gram) == 1 for gram in ordered)],
            ngram_indexes=[at[gram] for gram in ordered], pool_int64s=[i for gram in ordered for i in gram],
        )  # fmt: skip
        one = graph.const("one", 1.0)
        damped = graph.add("Add", graph.add("Log", graph.add("Max", counts, one)), one)
        seen = graph.add("Mul", damped, graph.add("Min", counts, one))
        rare = graph.add("Mul", seen, graph.const("rarity", self._weigh.idf_.astype(np.float32)))
        # Where no gram is known there is nothing to divide.
        size = graph.add("Max", graph.add("ReduceL2", rare, graph.const("axis1", [1])), graph.const("least", 1e-6))
        heads = graph.const("heads_by_gram", self._heads.T.astype(np.float32))
        product = graph.add("MatMul", graph.add("Div", rare, size), heads)
        return graph.add("Add", product, graph.const("bias_by_label", self._bias.astype(np.float32)))
