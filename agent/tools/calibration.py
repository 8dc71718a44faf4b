"""Turn what the models say into chances, fitted on authors that they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, cross_val_predict

from forbear.engines import reader
from forbear.situation import OF_THE_LAST_MESSAGE, Fact, Label
from tools.rows import LABELS, NAMES, Row

#: How freely the joining may fit: what is tried, across so many parts of the authors.
STRENGTHS, PARTS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3), 3


@dataclass(frozen=True)
class Calibration:
    """Hold how logits become chances, and what the form and the label weigh in the search."""

    scale: np.ndarray
    shift: np.ndarray
    joined: np.ndarray
    """(features, labels): what each model's word on a label weighs (reader.features)."""
    bias: np.ndarray
    """(labels)."""
    form_weight: float
    label_weight: float

    def chances(self, answers: np.ndarray) -> np.ndarray:
        """Give the chance of each "yes"."""
        chances: np.ndarray = 1 / (1 + np.exp(-(answers * self.scale + self.shift)))
        return chances

    def labels(self, said: reader.Logits) -> list[dict[Label, float]]:
        """Give the chance of each label, row by row."""
        found = []
        joined = reader.features(said) @ self.joined + self.bias
        for chances, logits in zip(self.chances(said.answers), joined, strict=True):
            form = {f: float(chances[NAMES.index(f.value)]) for f in Fact}
            prior = dict(zip(LABELS, map(float, reader.softmax(logits)), strict=True))
            found.append(
                reader.most_probable(form, prior, dict.fromkeys(NAMES, "?"), self.form_weight, self.label_weight)[1]
            )
        return found


def calibrate(rows: Sequence[Row], said: reader.Logits) -> Calibration:
    """Fit on answers to rows that were held out.

    What leaders write who know no rule is what will be read: in the joining all of it weighs as much as all the rest, and
    how sure the whole may be is fitted on it alone.
    """
    truth, natural = np.stack([r.answers.numpy() for r in rows]), np.array([r.natural for r in rows])
    weights = np.where(natural, (~natural).sum() / natural.sum(), 1.0)
    scale, shift = np.ones(len(NAMES)), np.zeros(len(NAMES))
    for n in range(len(NAMES)):
        # Circumstances were not looked for in what was labelled afterwards; and most natural messages are the first of a conversation,
        # so that they say little of what a last one does.
        story = n < len(Fact) and Fact(NAMES[n]) not in OF_THE_LAST_MESSAGE
        counted = weights if story else (~natural).astype(float)
        if truth[:, n].sum() >= 8:
            head = LogisticRegression(C=1.0).fit(said.answers[:, n : n + 1], truth[:, n], sample_weight=counted)
            scale[n], shift[n] = max(float(head.coef_[0, 0]), 0.1), float(head.intercept_[0])
    gold = np.array([LABELS.index(r.label) for r in rows])
    seen, authors, told = reader.features(said), [r.author for r in rows], {"sample_weight": weights}

    def strength_loss(strength: float) -> float:
        # Across authors, since the weights are for authors that nobody has seen.
        head, parts = LogisticRegression(C=strength, max_iter=3000), GroupKFold(PARTS)
        held = cross_val_predict(head, seen, gold, groups=authors, cv=parts, method="predict_proba", params=told)
        return float(log_loss(gold, held, sample_weight=weights))

    joining = LogisticRegression(C=min(STRENGTHS, key=strength_loss), max_iter=3000).fit(seen, gold, weights)
    joined, bias = joining.coef_.T, joining.intercept_
    real = reader.Logits(*(of[natural] for of in said))

    def loss(form: float, label: float) -> float:
        found = Calibration(scale, shift, joined, bias, form, label).labels(real)
        return -float(np.mean([np.log(max(p[LABELS[n]], 1e-6)) for p, n in zip(found, gold[natural], strict=True)]))

    grid = [(f, w) for f in (0.05, 0.1, 0.2, 0.35, 0.5) for w in (0.3, 0.4, 0.5, 0.6, 0.8, 1.0)]
    return Calibration(scale, shift, joined, bias, *min(grid, key=lambda g: loss(*g)))
