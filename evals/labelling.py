"""Measure how far a second, blind reader fills the form as the gold does: what an engine can be asked to reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evals import measures
from evals.cases import CASES, Case, read_rows
from forbear.situation import Fact, Label
from forbear.state import Frozen


class Second(Frozen):
    """Hold how a second person, who saw nothing but the words, filled the form for a case."""

    id: str
    by: str
    label: Label
    yes: tuple[Fact, ...]
    settled: str = ""
    """Where the label differs from the gold's: why the gold stands, or was changed."""


def second(folder: Path = CASES) -> list[Second]:
    """Read the second labelling."""
    return read_rows(Second, folder, "second")


def agreement(found: list[Case], others: list[Second]) -> dict[str, Any]:
    """Give Cohen's kappa between gold and second reader: of the nine labels, of each label, of each question."""
    gold = {c.id: c for c in found if c.gold}
    pairs = [(gold[o.id], o) for o in others if o.id in gold]
    if not pairs:
        return {"n": 0}
    mine = [str(c.gold.label.value) for c, _ in pairs if c.gold]
    theirs = [o.label.value for _, o in pairs]
    facts = {
        fact.value: ([any(y.fact is fact for y in c.yes or ()) for c, _ in pairs], [fact in o.yes for _, o in pairs])
        for fact in Fact
    }
    labels = {label.value: ([m == label for m in mine], [t == label for t in theirs]) for label in Label}
    interval = measures.kappa_interval(mine, theirs)
    return {
        "n": len(pairs),
        "agree": round(sum(m == t for m, t in zip(mine, theirs, strict=True)) / len(pairs), 4),
        "kappa": _rounded(measures.kappa(mine, theirs)),
        "interval": [round(x, 4) for x in interval] if interval else None,
        "labels": {name: _column(*column) for name, column in labels.items()},
        "facts": {name: _column(*column) for name, column in facts.items()},
        "differ": [
            {"id": o.id, "gold": m, "second": o.label.value, "settled": o.settled}
            for (_, o), m in zip(pairs, mine, strict=True)
            if m != o.label.value
        ],
    }


def _column(gold: list[bool], other: list[bool]) -> dict[str, Any]:
    return {"gold": sum(gold), "second": sum(other), "kappa": _rounded(measures.kappa(gold, other))}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
