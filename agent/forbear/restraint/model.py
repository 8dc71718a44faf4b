"""What the rules speak in: the two voices, a rule, a finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Voice(StrEnum):
    """Say who speaks to whom: "you" is the leader in one voice and the employee in the other."""

    LEADER = "leader"
    """The coach speaks to the leader."""
    EMPLOYEE = "employee"
    """Words that the leader will say to the employee."""


@dataclass(frozen=True)
class Finding:
    """Point at words that break a rule: [start, end) in the text that was given."""

    rule: str
    start: int
    end: int
    message: str
    """One sentence, for a leader."""


@dataclass(frozen=True)
class Rule:
    """Hold one rule of restraint, with what its form cannot see."""

    id: str
    criterion: str
    """"R1" to "R11", or "form" for what the criteria take for granted."""
    title: str
    why: str
    good: str
    bad: str
    cannot_see: str
    severity: Literal["error", "warning"] = "error"
