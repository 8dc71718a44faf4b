"""Judge what form cannot see, one rubric a criterion, and measure the judge before it may gate anything.

The line that is judged stands between tags that it cannot close. The reason comes before the verdict; an answer that
cannot be read leaves the line unscored, which is never a pass.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import openai
from pydantic import ValidationError

from evals import measures
from evals.cases import CASES, HERE, Example
from evals.cases import examples as labelled
from evals.recordings import Miss, Tape, about, causes, recording, replaying, sha
from forbear.config import Settings
from forbear.errors import ProviderError
from forbear.frontmatter import split
from forbear.prompts import fenced
from forbear.state import Frozen

RUBRICS = HERE / "judge"
#: What it takes for a criterion to gate: so many labelled lines, and so much agreement beyond chance.
ENOUGH, AGREES = 50, 0.7


class Verdict(Frozen):
    """Hold what a judge says of one line."""

    reason: str
    verdict: Literal["keeps", "breaks", "unclear"]


@dataclass(frozen=True)
class Ruling:
    """Hold a verdict on a labelled line beside its label; `verdict` is None where the answer could not be read."""

    criterion: str
    example: str
    good: bool
    verdict: Verdict | None
    rubric: str
    """Hash of the rubric that the verdict was given by."""


def criteria() -> tuple[str, ...]:
    """List the criteria that have a rubric."""
    return tuple(sorted((p.stem for p in RUBRICS.glob("R*.md")), key=lambda c: int(c[1:])))


def examples(folder: Path = CASES) -> list[Example]:
    """List the labelled lines of the criteria that are judged."""
    return [e for e in labelled(folder) if e.criterion in criteria()]


def rubric(criterion: str) -> str:
    """Read the rubric of a criterion."""
    return split((RUBRICS / f"{criterion}.md").read_text(encoding="utf-8"))[1].strip()


class Judge:
    """Ask a model for verdicts, one criterion at a time; raises ProviderError for whatever the server does wrong."""

    def __init__(self, sdk: openai.OpenAI, model: str, tape: Tape) -> None:
        self._sdk, self._model, self._tape = sdk, model, tape

    def judge(self, criterion: str, situation: str, line: str) -> Verdict | None:
        """Judge one line; None where the answer cannot be read."""
        frame = split((RUBRICS / "frame.md").read_text(encoding="utf-8"))[1].strip()
        self._tape.pending = {
            "role": "judge",
            "prompts": {"judge/frame": sha(frame)},
            "rubric": {criterion: sha(rubric(criterion))},
        }
        user = f"<situation>\n{fenced(situation) or '(not told)'}\n</situation>\n<line>\n{fenced(line)}\n</line>"
        schema: Any = Verdict.model_json_schema()
        try:
            answer = self._sdk.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": frame.replace("{{rubric}}", rubric(criterion))},
                    {"role": "user", "content": user},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "verdict", "strict": True, "schema": schema},
                },
            )
        except openai.OpenAIError as error:
            raise ProviderError(f"The judge's server failed: {error}") from error
        return _read(answer)


def _read(answer: Any) -> Verdict | None:
    try:
        return Verdict.model_validate_json(answer.choices[0].message.content or "")
    except (ValidationError, AttributeError, IndexError, TypeError):
        return None


def name_of(example: Example) -> str:
    """Name a labelled line as the tests and recordings do."""
    return f"{example.criterion}-{example.id}"


def path(recordings: Path, example: Example) -> Path:
    """Say where the recording of a verdict lies."""
    return recordings / "judge" / f"{name_of(example)}.json"


def _inputs(example: Example) -> str:
    return sha(json.dumps([example.criterion, example.context, example.text]))


def replay(example: Example, recordings: Path, model: str) -> tuple[Ruling | None, tuple[str, ...]]:
    """Give the recorded ruling on a labelled line, or why it no longer holds."""
    file, tape = path(recordings, example), Tape()
    if not file.exists():
        return None, ("not recorded",)
    noted = about(file)
    try:
        with tape.replaying() as sdk, replaying(file, tape):
            verdict = Judge(sdk, model, tape).judge(example.criterion, example.context or "", example.text)
    except Miss as miss:
        return None, causes(noted, miss.calls, _inputs(example))
    good = example.polarity == "good"
    return Ruling(example.criterion, example.id, good, verdict, sha(rubric(example.criterion))), ()


def record(example: Example, recordings: Path, settings: Settings, *, anew: bool = False) -> Tape:
    """Ask a live judge about a labelled line; raises ProviderError, keeping what was there."""
    tape = Tape()
    noted = {"case": name_of(example), "inputs": _inputs(example)}
    with tape.live(settings) as sdk, recording(path(recordings, example), tape, noted, anew=anew):
        Judge(sdk, settings.model, tape).judge(example.criterion, example.context or "", example.text)
    return tape


def agreement(rulings: list[Ruling]) -> dict[str, dict[str, Any]]:
    """Say for each criterion how far the judge agrees with the labels, and whether that is enough to gate."""
    found = {}
    for criterion in sorted({r.criterion for r in rulings}, key=lambda c: int(c[1:])):
        mine = [r for r in rulings if r.criterion == criterion]
        scored = [(r.good, r.verdict.verdict == "keeps") for r in mine if r.verdict and r.verdict.verdict != "unclear"]
        gold, said = [g for g, _ in scored], [s for _, s in scored]
        kappa, interval = measures.kappa(gold, said), measures.kappa_interval(gold, said)
        found[criterion] = {
            "n": len(scored),
            "unscored": len(mine) - len(scored),
            "agree": round(sum(g == s for g, s in scored) / len(scored), 4) if scored else None,
            "kappa": None if kappa is None else round(kappa, 4),
            "interval": [round(x, 4) for x in interval] if interval else None,
            "rubric": mine[0].rubric,
            "gates": len(scored) >= ENOUGH and kappa is not None and kappa >= AGREES,
            "wrong": sorted(
                r.example for r in mine if r.verdict and r.verdict.verdict != ("keeps" if r.good else "breaks")
            ),
        }
    return found
