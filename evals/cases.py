"""Type the cases, and read them: one JSON object a line (or YAML), one folder a suite."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import Field, ValidationError, model_validator

from forbear.errors import UserError
from forbear.framework import FACTS
from forbear.situation import Facts, Label, Situation, Yes, decide
from forbear.state import Frozen, Move
from forbear.words import contains

_T = TypeVar("_T", bound=Frozen)

HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"
#: The suites that are played, in the order of the reports: sheets are drafted, the others go through the graph.
SUITES = ("situations", "boundaries", "dialogues", "sheets")


class _Loader(yaml.SafeLoader):
    """Read YAML whose `yes:` is the name of a field and not a truth value."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in rows if tag != "tag:yaml.org,2002:bool"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class Said(Frozen):
    """Hold one line of a case: a leader's words, or what the coach is taken to have said before."""

    role: Literal["leader", "coach"]
    text: str


class Expected(Frozen):
    """Say what must hold of one answer of a dialogue; what is left out is not looked at."""

    label: tuple[Label, ...] = ()
    """Any of these."""
    move: tuple[Move, ...] = ()
    """Any of these."""
    never: tuple[str, ...] = ()
    """Regular expressions that the reply must not match."""
    why: str = ""


class Planted(Frozen):
    """Hold a passage that is put before what the search finds: a document with an instruction in it."""

    title: str
    text: str


class Case(Frozen):
    """Hold one conversation: every leader's line that no coach's line follows is answered by the engine."""

    id: str = Field(pattern=r"^[a-z]+[0-9]+[a-z]?$")
    suite: str = ""
    """The name of the file or folder that it was read from."""
    by: str
    """Who wrote it, as named in evals/README.md."""
    why: str = ""
    """What it tests."""
    turns: tuple[Said, ...] = Field(min_length=1)
    yes: tuple[Yes, ...] | None = None
    """The gold form for the last line; None where only `expect` is looked at. Labels are derived by code."""
    expect: tuple[Expected, ...] = ()
    """One for each answer, in order."""
    refused: bool = False
    """Whether the last line is answered at once, without a model: empty, not text, another language."""
    planted: Planted | None = None
    known: str = ""
    """What is known of a failure that stays: the hard limits of this case are then expected to break."""

    @model_validator(mode="after")
    def _holds(self) -> Case:
        if self.turns[-1].role != "leader":
            raise ValueError("the last line must be the leader's")
        words = "\n".join(t.text for t in self.turns if t.role == "leader")
        for answer in self.yes or ():
            if not contains(words, answer.quote):
                raise ValueError(f"the quote of {answer.fact} is not in the leader's words: {answer.quote!r}")
        if self.expect and len(self.expect) != len(self.answered):
            raise ValueError(f"{len(self.expect)} expectations for {len(self.answered)} answers")
        if self.yes is None and not self.expect and not self.refused:
            raise ValueError("nothing is expected: give `yes`, `expect` or `refused`")
        return self

    @property
    def answered(self) -> tuple[int, ...]:
        """List the lines that the engine answers."""
        after = [t.role for t in self.turns[1:]] + ["leader"]
        return tuple(n for n, t in enumerate(self.turns) if t.role == "leader" and after[n] == "leader")

    @cached_property
    def gold(self) -> Situation | None:
        """Derive the right situation from the gold form."""
        return None if self.yes is None else decide(Facts(yes=self.yes))


class RetrievalCase(Frozen):
    """Hold a query in a leader's words with the passages that serve it, graded 1 (of use) or 2 (the one)."""

    id: str = Field(pattern=r"^r[0-9]+$")
    by: str
    query: str
    relevant: dict[str, Literal[1, 2]] = Field(min_length=1)


class Example(Frozen):
    """Hold one labelled question of evals/cases/questions.jsonl: good or bad by one criterion R1-R11."""

    id: str
    criterion: str
    polarity: Literal["good", "bad"]
    voice: Literal["coach_to_leader", "leader_to_employee"]
    setting: str
    context: str | None = None
    text: str


def folder(root: Path) -> Path:
    """Say where the cases of a suite lie: in its folder `cases`, or beside its suite.yaml."""
    return root / "cases" if (root / "cases").is_dir() else root


def load(folder: Path = CASES, suites: tuple[str, ...] = SUITES) -> list[Case]:
    """Read the cases of some suites: SUITE.jsonl, SUITE.yaml or SUITE/*; ordered by suite, then by id.

    Raises UserError that names the file and the line.
    """
    found: list[Case] = []
    for suite in suites:
        rows = [_made(Case, row | {"suite": suite}, where) for where, row in _rows(folder, suite)]
        found += sorted(rows, key=lambda c: c.id)
    seen: set[str] = set()
    for case in found:
        if case.id in seen:
            raise UserError(f"Two cases have the id {case.id}; ids must be unique.")
        seen.add(case.id)
    return found


def retrieval(folder: Path = CASES) -> list[RetrievalCase]:
    """Read the retrieval cases."""
    return read_rows(RetrievalCase, folder, "retrieval")


def examples(folder: Path = CASES) -> list[Example]:
    """Read the labelled questions."""
    return read_rows(Example, folder, "questions")


def read_rows(kind: type[_T], folder: Path, suite: str) -> list[_T]:
    """Read SUITE.jsonl, SUITE.yaml or SUITE/* as rows of one type; raises UserError that names the file and the line."""
    return [_made(kind, row, where) for where, row in _rows(folder, suite)]


def schema() -> dict[str, Any]:
    """Give the JSON schema of a case, for editors."""
    made = Case.model_json_schema()
    made["properties"].pop("suite")
    made["$defs"]["Fact"]["description"] = " · ".join(f"{f.value}: {text}" for f, text in FACTS.items())
    return made


def _rows(folder: Path, suite: str) -> Iterator[tuple[str, dict[str, Any]]]:
    paths = sorted([*folder.glob(f"{suite}.*"), *folder.glob(f"{suite}/*")])
    for path in paths:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".jsonl":
            for number, line in enumerate(text.splitlines(), 1):
                if line.strip():
                    try:
                        yield f"{path.name}, line {number}", json.loads(line)
                    except ValueError as error:
                        raise UserError(f"{path.name}, line {number} is not JSON: {error}.") from error
        elif path.suffix in (".yaml", ".yml"):
            try:
                rows = yaml.load(text, _Loader) or []
            except yaml.YAMLError as error:
                raise UserError(f"{path.name} is not YAML: {error}.") from error
            for row in rows if isinstance(rows, list) else [rows]:
                yield path.name, row


def _made(kind: type[_T], row: Any, where: str) -> _T:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise UserError(
            f"{where} ({row.get('id', '?') if isinstance(row, dict) else row}): {place} {first['msg']}."
        ) from error
