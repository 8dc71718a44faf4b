"""Score the linter on labelled messages: what a person marked, and what the linter marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from evals.cases import CASES, read_rows
from forbear.lint import lint
from forbear.state import Frozen


class Marked(Frozen):
    """Hold a stretch of a message that a person marked."""

    rule: str
    quote: str


class Message(Frozen):
    """Hold one message to an employee, with what a person marked in it; nothing where it is fine as it is."""

    id: str = Field(pattern=r"^[a-z]+[0-9]+$")
    by: str
    text: str
    marks: tuple[Marked, ...] = ()


def messages(folder: Path = CASES) -> list[Message]:
    """Read the labelled messages."""
    return read_rows(Message, folder, "lint")


def agreement(found: list[Message]) -> dict[str, Any]:
    """Compare the linter with the labels: by place whatever the rule, by rule, and which fine messages it left alone."""
    rules: dict[str, dict[str, int]] = {}
    hits = missed = 0
    alarms, misses = [], []

    def count(rule: str, what: str) -> None:
        rules.setdefault(rule, {"right": 0, "wrong": 0, "missed": 0})[what] += 1

    for message in found:
        marks, met = lint(message.text), set()
        for wanted in message.marks:
            start = message.text.index(wanted.quote)
            here = [m for m in marks if m.start < start + len(wanted.quote) and start < m.end]
            met |= set(here)
            hits, missed = hits + bool(here), missed + (not here)
            if not here:
                misses.append(f"{message.id}: {wanted.quote}")
            count(wanted.rule, "right" if any(m.rule == wanted.rule for m in here) else "missed")
            for mark in here:
                if mark.rule != wanted.rule:
                    count(mark.rule, "wrong")
        for mark in marks:
            if mark not in met:
                count(mark.rule, "wrong")
                alarms.append(f"{message.id} {mark.rule}: {mark.text}")
    fine = [m for m in found if not m.marks]
    return {
        "n": len(found),
        "precision": round(hits / max(hits + len(alarms), 1), 4),
        "recall": round(hits / max(hits + missed, 1), 4),
        "fine": len(fine),
        "left_alone": sum(not lint(m.text) for m in fine),
        "rules": dict(sorted(rules.items())),
        "false_alarms": alarms,
        "missed": misses,
    }
