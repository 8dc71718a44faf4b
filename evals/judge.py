"""Judge what form cannot see, one rubric a criterion, and measure the judge before it may gate anything.

The line that is judged stands between tags that it cannot close. The reason comes before the verdict; an answer that
cannot be read leaves the line unscored, which is never a pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import openai
from pydantic import ValidationError

from evals import measures
from evals.cases import CASES, HERE, Case, examples
from evals.play import Played
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
class Line:
    """Hold one line to be judged by one criterion."""

    criterion: str
    of: str
    """The id of the labelled question, or of the case whose last reply it is."""
    situation: str
    text: str
    good: bool | None = None
    """Its label; None for a reply, which has none."""

    @property
    def name(self) -> str:
        """Name the line as the tests and recordings do."""
        return f"{self.criterion}-{self.of}"


@dataclass(frozen=True)
class Ruling:
    """Hold a verdict on a line; `verdict` is None where the answer could not be read."""

    line: Line
    verdict: Verdict | None
    rubric: str
    """Hash of the rubric that the verdict was given by."""


def criteria() -> tuple[str, ...]:
    """List the criteria that have a rubric."""
    return tuple(sorted((p.stem for p in RUBRICS.glob("R*.md")), key=lambda c: int(c[1:])))


def labelled(folder: Path = CASES) -> list[Line]:
    """List the labelled lines of the criteria that are judged."""
    return [
        Line(e.criterion, e.id, e.context or "", e.text, e.polarity == "good")
        for e in examples(folder)
        if e.criterion in criteria()
    ]


def sample(found: list[Case], size: int) -> list[Case]:
    """Choose the cases whose replies are judged: by a hash of their ids, so that a new case moves few."""
    return sorted((c for c in found if c.suite == "situations"), key=lambda c: sha(c.id))[:size]


def replies(played: list[Played]) -> list[Line]:
    """List the last replies of some cases, once for each criterion; what is stale, or asks nothing, has none."""
    return [
        Line(criterion, p.case.id, p.last.conversation.leader_words, p.last.reply.text)
        for p in played
        if not p.stale and p.answers and p.last.reply and p.last.reply.question
        for criterion in criteria()
    ]


def rubric(criterion: str) -> str:
    """Read the rubric of a criterion."""
    return split((RUBRICS / f"{criterion}.md").read_text(encoding="utf-8"))[1].strip()


class Judge:
    """Ask a model for verdicts, one criterion at a time; raises ProviderError for whatever the server does wrong."""

    def __init__(self, sdk: openai.OpenAI, model: str, tape: Tape) -> None:
        self._sdk, self._model, self._tape = sdk, model, tape

    def judge(self, line: Line) -> Verdict | None:
        """Judge one line; None where the answer cannot be read."""
        criterion = line.criterion
        frame = split((RUBRICS / "frame.md").read_text(encoding="utf-8"))[1].strip()
        self._tape.pending = {
            "role": "judge",
            "prompts": {"judge/frame": sha(frame)},
            "rubric": {criterion: sha(rubric(criterion))},
        }
        user = (
            f"<situation>\n{fenced(line.situation) or '(not told)'}\n</situation>\n<line>\n{fenced(line.text)}\n</line>"
        )
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


def path(recordings: Path, line: Line) -> Path:
    """Say where the recording of a verdict lies."""
    return recordings / "judge" / f"{line.name}.json"


def _inputs(line: Line) -> str:
    return sha([line.criterion, line.situation, line.text])


def replay(line: Line, recordings: Path, model: str) -> tuple[Ruling | None, tuple[str, ...]]:
    """Give the recorded ruling on a line, or why it no longer holds."""
    file, tape = path(recordings, line), Tape()
    if not file.exists():
        return None, ("not recorded",)
    noted = about(file)
    try:
        with tape.replaying() as sdk, replaying(file, tape):
            verdict = Judge(sdk, model, tape).judge(line)
    except Miss as miss:
        return None, causes(noted, miss.calls, _inputs(line))
    return Ruling(line, verdict, sha(rubric(line.criterion))), ()


def record(line: Line, recordings: Path, settings: Settings, *, anew: bool = False) -> Tape:
    """Ask a live judge about a line; raises ProviderError, keeping what was there."""
    tape, noted = Tape(), {"case": line.name, "inputs": _inputs(line)}
    with tape.live(settings) as sdk, recording(path(recordings, line), tape, noted, anew=anew):
        Judge(sdk, settings.model, tape).judge(line)
    return tape


def _by_criterion(rulings: list[Ruling]) -> dict[str, list[Ruling]]:
    names = sorted({r.line.criterion for r in rulings}, key=lambda c: int(c[1:]))
    return {name: [r for r in rulings if r.line.criterion == name] for name in names}


def agreement(rulings: list[Ruling]) -> dict[str, dict[str, Any]]:
    """Say for each criterion how far the judge agrees with the labels, and whether that is enough to gate."""
    found = {}
    for criterion, mine in _by_criterion([r for r in rulings if r.line.good is not None]).items():
        scored = [(r, r.verdict.verdict == "keeps") for r in mine if r.verdict and r.verdict.verdict != "unclear"]
        gold, said = [r.line.good for r, _ in scored], [keeps for _, keeps in scored]
        kappa, interval = measures.kappa(gold, said), measures.kappa_interval(gold, said)
        found[criterion] = {
            "n": len(scored),
            "unscored": len(mine) - len(scored),
            "agree": round(sum(g == s for g, s in zip(gold, said, strict=True)) / len(scored), 4) if scored else None,
            "kappa": None if kappa is None else round(kappa, 4),
            "interval": [round(x, 4) for x in interval] if interval else None,
            "rubric": mine[0].rubric,
            "gates": len(scored) >= ENOUGH and kappa is not None and kappa >= AGREES,
            "wrong": sorted(r.line.of for r, keeps in scored if r.line.good != keeps),
        }
    return found


def opinions(rulings: list[Ruling]) -> dict[str, dict[str, Any]]:
    """Say for each criterion how many of the replies keep it, and which break it and why."""
    found = {}
    for criterion, mine in _by_criterion([r for r in rulings if r.line.good is None]).items():
        read = [(r.line.of, r.verdict) for r in mine if r.verdict and r.verdict.verdict != "unclear"]
        keeps = measures.estimate([float(v.verdict == "keeps") for _, v in read])
        found[criterion] = {
            "keeps": keeps.as_json() if keeps else None,
            "unscored": len(mine) - len(read),
            "breaks": {of: v.reason for of, v in read if v.verdict == "breaks"},
        }
    return found
