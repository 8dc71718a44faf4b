"""Offer Forbear at the command line: chat, ask, classify, search, lint, rules, sessions, doctor.

Exit codes: 0 done, 1 marks were found (lint), 2 the user's fault, 3 the provider's. Whatever takes long to import is imported by the command
that needs it: `--help` needs none of it.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from forbear.cli_common import (
    AsJson,
    AsJsonl,
    Engine,
    Text,
    coach_for,
    print_json,
    read,
    standard_input,
    told,
)
from forbear.cli_words import app as words_app
from forbear.errors import ForbearError, UserError

if TYPE_CHECKING:
    pass

app = typer.Typer(
    help="A coach for people who lead people: one short reflection, one open question, and the work stays where it is.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
sessions_app = typer.Typer(
    help="Look after the conversations kept on this machine.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(words_app)
app.add_typer(sessions_app, name="sessions")


Id = Annotated[str, typer.Argument(help="A conversation's id, or its beginning.")]


@app.callback(invoke_without_command=True)
def start(context: typer.Context, engine: Engine = None) -> None:
    """Talk with the coach (the same as `forbear chat`)."""
    if context.invoked_subcommand is None:
        chat(engine=engine)


@app.command()
def chat(
    engine: Engine = None,
    resume: Annotated[
        str | None, typer.Option("--resume", help="Go on with a conversation: its id, or `last`.")
    ] = None,
) -> None:
    """Talk with the coach."""
    with told():
        from forbear.terminal import run

        run(coach_for(engine), resume=resume)


@app.command()
def ask(text: Text = "-", engine: Engine = None, as_json: AsJson = False, as_jsonl: AsJsonl = False,
        session: Annotated[str | None, typer.Option("--session", help="Go on with this conversation.")] = None) -> None:  # fmt: skip
    """Answer one message."""
    with told():
        coach = coach_for(engine)
        if as_jsonl:
            _each_line(text, lambda message: coach.ask(message).as_json())
            return
        answer = coach.ask(read(text), coach.sessions.find(session) if session else None)
        if as_json:
            print_json(answer.as_json())
        else:
            from forbear.terminal import printed

            printed(answer)


@app.command()
def classify(text: Text = "-", engine: Engine = None, as_json: AsJson = False, as_jsonl: AsJsonl = False) -> None:
    """Tell where a message stands in the framework, and by which words."""
    with told():
        from forbear.coach import reading_as_json

        coach = coach_for(engine)
        if as_jsonl:
            _each_line(text, lambda message: reading_as_json(coach.read(message)))
            return
        reading = coach.read(read(text))
        if as_json:
            print_json(reading_as_json(reading))
        else:
            from forbear.terminal import print_reading

            print_reading(reading)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for, in any words.", show_default=False)],
    as_json: AsJson = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="How many passages.")] = 5,
) -> None:
    """Search the framework's passages."""
    with told():
        if not query.strip():
            raise UserError("There is nothing to search for; give a few words.")
        coach = coach_for(None)
        found = coach.retriever.search(query, limit)
        if as_json:
            fields = {"id", "title", "step", "basis", "source", "score", "text"}
            print_json({"query": query, "results": [p.model_dump(include=fields) for p in found]})
        else:
            from forbear.terminal import print_passages

            print_passages(found)


@app.command()
def doctor(engine: Engine = None, as_json: AsJson = False) -> None:
    """Tell what is configured, what is reachable, and where data lies."""
    with told():
        from forbear.doctor import examine
        from forbear.terminal import print_table

        report = examine(coach_for(engine))
        if as_json:
            print_json(report)
        else:
            print_table([(name, str(value)) for name, value in report.items()])
        if report["model"] == "not reachable":
            raise typer.Exit(3)


@sessions_app.command("list")
def sessions_list(as_json: AsJson = False) -> None:
    """List the conversations, latest first."""
    with told():
        from dataclasses import asdict

        from forbear.terminal import print_table

        found = coach_for(None).sessions.all()
        if as_json:
            print_json([asdict(s) for s in found])
        elif found:
            print_table(
                [(s.id, f"{s.started}  {s.turns} turn{'s' if s.turns != 1 else ''}  {s.begins}") for s in found]
            )
        else:
            typer.echo("There are no conversations yet.")


@sessions_app.command("show")
def sessions_show(session: Id, as_json: AsJson = False) -> None:
    """Show a conversation."""
    with told():
        from dataclasses import asdict

        from forbear.terminal import print_line

        kept = coach_for(None).sessions
        lines = kept.lines(kept.find(session))
        if as_json:
            print_json([asdict(line) for line in lines])
        else:
            for line in lines:
                print_line(line)


@sessions_app.command("export")
def sessions_export(session: Id, file: Annotated[Path, typer.Argument(help="The Markdown file to write; - for standard output.")],
                    as_json: AsJson = False) -> None:  # fmt: skip
    """Write a conversation to a Markdown file."""
    with told():
        from forbear.terminal import export

        kept = coach_for(None).sessions
        found = kept.find(session)
        export(kept, found, file)
        if as_json:
            print_json({"session": found, "file": str(file)})


@sessions_app.command("delete")
def sessions_delete(session: Id, as_json: AsJson = False) -> None:
    """Delete a conversation for good."""
    with told():
        kept = coach_for(None).sessions
        found = kept.find(session)
        kept.delete(found)
        if as_json:
            print_json({"deleted": found})
        else:
            typer.echo(f"Conversation {found} is deleted; no word of it is left on this machine.")


def main() -> NoReturn:
    """Run the command line."""
    # Imports make half a million objects that live as long as the process: collecting among them is time lost.
    gc.set_threshold(100_000, 50, 50)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app()
    raise SystemExit(0)


def _each_line(source: str, answer: Callable[[str], dict[str, Any]]) -> None:
    """Answer JSON lines in order; a line that fails gets its error in its place, and the run ends with its exit code."""
    if source != "-":
        path = Path(source)
        if not path.is_file():
            raise UserError(f"--jsonl reads standard input or a file, and {source!r} is not a file.")
        content = path.read_text(encoding="utf-8", errors="replace")
    else:
        content = standard_input()
    worst = 0
    # Not splitlines(): a message may hold a Unicode line separator.
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        name: Any = None
        try:
            row = _row(line, number)
            name = row.get("id")
            out = {"id": name} | answer(row["text"])
        except ForbearError as error:
            worst = max(worst, error.exit_code)
            out = {"id": name, "error": str(error)}
        sys.stdout.write(json.dumps(out, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    if worst:
        raise typer.Exit(worst)


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UserError(f"Line {number} is not JSON; each line is an object with id and text.") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise UserError(f'Line {number} has no text; each line is an object like {{"id": "1", "text": "..."}}.')
    return row
