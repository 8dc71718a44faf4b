"""Compute what a column of scores says: means with intervals, agreement, calibration, and whether two runs differ.

Everything here is deterministic. The tests are scipy's, imported when two runs differ: it costs two of the ten seconds
that the whole suite may take, and scikit-learn three, so kappa, F1 and the intervals are written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: A difference is called real below this probability of seeing it by chance.
ALPHA = 0.05
Z = 1.959964


@dataclass(frozen=True)
class Estimate:
    """Hold a mean with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def as_json(self) -> dict[str, float | int]:
        """Give it rounded, so that it is the same bytes every time."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4), "n": self.n}


def estimate(values: Sequence[float]) -> Estimate | None:
    """Estimate a mean: Wilson's interval for yes and no, else the normal one; None of nothing."""
    if not values:
        return None
    x, n = np.asarray(values, float), len(values)
    mean = float(x.mean())
    if set(values) <= {0.0, 1.0}:
        middle = (mean + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * (mean * (1 - mean) / n + Z * Z / (4 * n * n)) ** 0.5
        return Estimate(mean, max(middle - half, 0.0), min(middle + half, 1.0), n)
    half = Z * float(x.std(ddof=1)) / n**0.5 if n > 1 else float("inf")
    return Estimate(mean, mean - half, mean + half, n)


def percentile(values: Sequence[float], q: float) -> float:
    """Give the q-th percentile, 0 to 100."""
    return float(np.percentile(np.asarray(values, float), q))


def kappa(one: Sequence[object], other: Sequence[object]) -> float | None:
    """Give Cohen's kappa; None where it is not defined: nothing, or one answer only."""
    if not one or len({*one, *other}) < 2:
        return None
    agreed, chance = _agreement(one, other)
    return (agreed - chance) / (1 - chance)


def kappa_interval(one: Sequence[object], other: Sequence[object]) -> tuple[float, float] | None:
    """Give the 95 % interval of kappa: Wilson's of the agreement, beyond the same chance.

    A bootstrap would call twelve agreements of twelve certain.
    """
    if kappa(one, other) is None:
        return None
    chance = _agreement(one, other)[1]
    agreed = estimate([float(str(a) == str(b)) for a, b in zip(one, other, strict=True)])
    assert agreed is not None
    return (agreed.low - chance) / (1 - chance), (agreed.high - chance) / (1 - chance)


def _agreement(one: Sequence[object], other: Sequence[object]) -> tuple[float, float]:
    """Give the share of agreements, and the share that chance would give."""
    names = sorted({str(x) for x in (*one, *other)})
    table = np.array(confusion([str(a) for a in one], [str(b) for b in other], names), float) / len(one)
    return float(np.trace(table)), float(table.sum(1) @ table.sum(0))


def f1(gold: Sequence[str], read: Sequence[str]) -> dict[str, float]:
    """Give the F1 of each label that occurs in the gold."""
    found = {}
    for name in sorted(set(gold)):
        hits = sum(g == r == name for g, r in zip(gold, read, strict=True))
        found[name] = 2 * hits / (sum(g == name for g in gold) + sum(r == name for r in read))
    return found


def confusion(gold: Sequence[str], read: Sequence[str], labels: Sequence[str]) -> list[list[int]]:
    """Count gold (rows) against read (columns)."""
    at = {name: n for n, name in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), int)
    for g, r in zip(gold, read, strict=True):
        table[at[g], at[r]] += 1
    rows: list[list[int]] = table.tolist()
    return rows


def reliability(sure: Sequence[float], right: Sequence[float], bins: int = 10) -> list[dict[str, float | int]]:
    """Give for each bin of confidence its mean confidence, how often it was right, and n."""
    s, r = np.asarray(sure, float), np.asarray(right, float)
    which = np.clip(np.ceil(s * bins).astype(int) - 1, 0, bins - 1)
    return [
        {"sure": round(float(s[m].mean()), 4), "right": round(float(r[m].mean()), 4), "n": int(m.sum())}
        for b in range(bins)
        if (m := which == b).any()
    ]


def calibration_error(sure: Sequence[float], right: Sequence[float]) -> float:
    """Give the expected calibration error over ten bins."""
    rows = reliability(sure, right)
    return sum(abs(row["sure"] - row["right"]) * row["n"] for row in rows) / max(len(sure), 1)


def ndcg(gains: Sequence[int], ideal: Sequence[int], k: int) -> float:
    """Give nDCG@k for the gains in the order found, against all gains there are."""

    def dcg(row: Sequence[int]) -> float:
        return float(sum((2**g - 1) / np.log2(i + 2) for i, g in enumerate(row[:k])))

    return dcg(gains) / dcg(sorted(ideal, reverse=True))


def worse(before: Sequence[float], after: Sequence[float]) -> float:
    """Give the probability, were nothing changed, of as much worse on the same cases: one-sided, paired.

    Yes and no: the exact sign test of McNemar. Else Wilcoxon's signed-rank test.
    """
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if a != b]
    if not pairs:
        return 1.0
    from scipy import stats

    if {*before, *after} <= {0.0, 1.0}:
        lost = sum(a < b for b, a in pairs)
        return float(stats.binomtest(lost, len(pairs), alternative="greater").pvalue)
    return float(stats.wilcoxon([a - b for b, a in pairs], alternative="less").pvalue)


def invisible(n: int) -> float:
    """Give the largest drop of a yes-no mean over n cases that the paired test could not call, were nothing to improve."""
    lost = 0
    while 0.5 ** (lost + 1) >= ALPHA:  # the sign test, when every case that differs is a loss
        lost += 1
    return min(lost / n, 1.0) if n else 1.0
