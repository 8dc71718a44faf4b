"""Read suite.yaml: the model of the recordings, the thresholds, and what a token costs."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from evals.cases import HERE
from forbear.errors import UserError
from forbear.frontmatter import Loader
from forbear.state import Frozen


class Price(Frozen):
    """Hold what a million tokens cost, in US dollars."""

    prompt: float
    completion: float


class Suite(Frozen):
    """Hold the settings of one suite."""

    model: str
    """The model that the recordings are asked of."""
    judged: int = Field(default=0, ge=0)
    """How many cases have their last reply judged, by every criterion."""
    thresholds: dict[str, dict[str, float]] = Field(default_factory=dict)
    """By engine, then by score: the least that passes."""
    lint: dict[str, float] = Field(default_factory=dict)
    """The least precision and recall of the linter on labelled messages."""
    prices: dict[str, Price] = Field(default_factory=dict)


def read(folder: Path = HERE) -> Suite:
    """Read suite.yaml of a folder; raises UserError that says what is wrong with it."""
    path = folder / "suite.yaml"
    try:
        return Suite.model_validate(yaml.load(path.read_text(encoding="utf-8"), Loader))
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing; copy the one of Forbear's evals and change it.") from error
    except (ValidationError, yaml.YAMLError) as error:
        raise UserError(f"{path} cannot be read: {str(error).splitlines()[0]}.") from error
