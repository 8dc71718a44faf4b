"""Read what ships in knowledge/: the passages, the question bank and the coach's fixed lines.

Only the passages' file bytes are needed at every start (their fingerprint names the index); they are parsed when an
index is built.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from forbear.frontmatter import Loader, split
from forbear.resources import folder
from forbear.restraint import Voice
from forbear.situation import Fact, Label
from forbear.state import Frozen


class Source(Frozen):
    """Name where a passage comes from."""

    name: str
    url: str | None = None


class PassageFile(Frozen):
    """Hold one file of knowledge/passages: a passage with the cues it is found by."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")
    step: int | None = Field(default=None, ge=1, le=4)
    condition: Fact | None = None
    hazard: str | None = None
    ground: Fact | None = None
    labels: tuple[Label, ...]
    title: str
    basis: Literal["stated", "interpretation", "related work"]
    source: Source
    cues: tuple[str, ...] = ()
    """How a leader would say it, first person; indexed with the passage."""
    text: str

    @property
    def cited_as(self) -> str:
        """Give the source as it is shown."""
        return f"{self.source.name}, {self.source.url}" if self.source.url else self.source.name


def passage_files() -> list[Path]:
    """List the passage files, by name."""
    return sorted((folder("knowledge") / "passages").glob("*.md"))


def fingerprint() -> str:
    """Hash the passages as they lie on disk."""
    digest = hashlib.sha256()
    for path in passage_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def passages() -> list[PassageFile]:
    """Read all passages; raises ValueError that names the file where one cannot be read."""
    found = []
    for path in passage_files():
        try:
            meta, text = split(path.read_text(encoding="utf-8"))
            found.append(PassageFile(**meta, text=text))
        except (ValueError, TypeError, yaml.YAMLError) as error:
            raise ValueError(f"{path.name}: {error}") from error
    return found


class BankQuestion(Frozen):
    """Hold one vetted question, and what it takes for granted about the message."""

    id: str
    voice: Voice
    labels: tuple[Label, ...]
    condition: Fact | None = None
    needs: tuple[str, ...] = ()
    """Facts and circumstances that the message must support, all of them (R6)."""
    part: str = "other"
    """What it asks for: the sheet's parts for the employee's voice, an angle for the leader's."""
    text: str
    """May hold {they} {them} {their} {theirs} {themself} {they_are} {they_have} {they_do} {they_were}."""


@cache
def questions() -> tuple[BankQuestion, ...]:
    """Read the question bank."""
    return tuple(BankQuestion(**row) for row in table("questions.yaml"))


@dataclass(frozen=True)
class Option:
    """Hold one thing some leaders do, about the leader's own conduct."""

    id: str
    text: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heard:
    """Hold one thing that may be said back to a leader whose message supports it."""

    id: str
    text: str
    """Goes on after the leader's words; may hold {task} and the slots of a question."""
    needs: tuple[str, ...]
    """Facts and circumstances; the first is quoted before it."""


@dataclass(frozen=True)
class StepOut:
    """Hold the vetted lines for one ground A1-A6."""

    first: tuple[str, ...]
    again: tuple[str, ...]
    who: str
    """Who has to know, in a few words."""


@dataclass(frozen=True)
class Lines:
    """Hold the coach's fixed lines, by the moment they are for."""

    offer_heard: tuple[str, ...]
    offer: tuple[str, ...]
    options: dict[Label, tuple[Option, ...]]
    which: tuple[str, ...]
    conditions: dict[Fact, tuple[str, ...]]
    step_out: dict[Fact, StepOut]
    step_out_unsure: StepOut
    outside: tuple[str, ...]
    close: dict[str, tuple[str, ...]]
    ask_commitment: tuple[str, ...]
    heard: dict[Label, tuple[Heard, ...]]
    feeling: dict[Label, tuple[str, ...]]
    near_miss: tuple[str, ...]
    warning: tuple[str, ...]
    offline_once: str
    empty: tuple[str, ...]
    too_long: str
    not_text: str
    not_english: str


@cache
def lines() -> Lines:
    """Read the fixed lines."""
    raw = table("lines.yaml")
    return Lines(
        offer_heard=tuple(raw["offer_heard"]),
        offer=tuple(raw["offer"]),
        options={
            Label(label): tuple(Option(o["id"], o["text"], tuple(o.get("needs") or ())) for o in rows)
            for label, rows in raw["options"].items()
        },
        which=tuple(raw["which"]),
        conditions={Fact(code): tuple(rows) for code, rows in raw["conditions"].items()},
        step_out={Fact(code): _step_out(row) for code, row in raw["step_out"].items()},
        step_out_unsure=_step_out(raw["step_out_unsure"]),
        outside=tuple(raw["outside"]),
        close={when: tuple(rows) for when, rows in raw["close"].items()},
        ask_commitment=tuple(raw["ask_commitment"]),
        heard={
            Label(label): tuple(Heard(o["id"], o["text"], tuple(o["needs"])) for o in rows)
            for label, rows in raw["heard"].items()
        },
        feeling={Label(label): tuple(rows) for label, rows in raw["feeling"].items()},
        near_miss=tuple(raw["near_miss"]),
        warning=tuple(raw["warning"]),
        offline_once=raw["offline_once"],
        empty=tuple(raw["empty"]),
        too_long=raw["too_long"],
        not_text=raw["not_text"],
        not_english=raw["not_english"],
    )


def _step_out(row: Any) -> StepOut:
    return StepOut(tuple(row["first"]), tuple(row["again"]), row["who"])


class Opener(Frozen):
    """Hold an opener to avoid: why, and an open question that could stand there instead (empty: leave it out)."""

    says: str | None = None
    """A regular expression for the sentence, lower case."""
    rule: str | None = None
    """The rule that it serves where no `says` fits."""
    because: str
    instead: str = Field(alias="try")


@cache
def openers() -> tuple[Opener, ...]:
    """Read the openers to avoid."""
    return tuple(Opener(**row) for row in table("openers.yaml"))


def table(name: str) -> Any:
    """Read a file of knowledge/ as it stands."""
    return yaml.load((folder("knowledge") / name).read_text(encoding="utf-8"), Loader)
