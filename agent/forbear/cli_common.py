"""Share what every command does: options, reading input, telling what went wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forbear.errors import ForbearError, UserError

if TYPE_CHECKING:
    from forbear.coach import Coach


class EngineChoice(StrEnum):
    """Name the engines to choose from."""

    auto = "auto"
    offline = "offline"
    openai = "openai"


Engine = Annotated[
    EngineChoice | None, typer.Option("--engine", help="auto (a model where a key is set), offline, or openai.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsJsonl = Annotated[
    bool, typer.Option("--jsonl", help='Read lines {"id", "text"}, write one JSON object a line, in order.')
]
Text = Annotated[str, typer.Argument(help="The message, or - for standard input.", show_default=False)]


def coach_for(engine: EngineChoice | None) -> Coach:
    """Build the coach that the environment and the option ask for."""
    from forbear import config
    from forbear.coach import Coach

    return Coach(config.load(engine=engine.value if engine else None))


@contextmanager
def told() -> Iterator[None]:
    """Tell what is the user's or the provider's fault in one sentence; let our own bugs be seen."""
    try:
        yield
    except ForbearError as error:
        typer.echo(f"forbear: {error}", err=True)
        raise typer.Exit(error.exit_code) from None
    except BrokenPipeError:
        # The reader of our output (`| head`) has what it wanted.
        sys.stderr.close()
        raise typer.Exit(0) from None


def read(text: str) -> str:
    """Give the message, from standard input where it is `-`."""
    return standard_input() if text == "-" else text


def standard_input() -> str:
    """Read all of standard input; bytes that are no UTF-8 become marks that `screen` recognises as not text."""
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def read_file(path: Path) -> str:
    """Read a file as text; raises UserError where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error


def print_json(value: Any) -> None:
    """Print a value as JSON that a person can read."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
