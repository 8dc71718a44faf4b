"""Offer what a leader does five minutes before a conversation: the sheet, a look at their own words, the rules."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from forbear.cli_common import AsJson, Engine, coach_for, print_json, read_file, standard_input, told
from forbear.errors import UserError

if TYPE_CHECKING:
    from forbear.engines.openai import OpenAIEngine
    from forbear.sheet import Sheet

app = typer.Typer(rich_markup_mode=None)


class LintFormat(StrEnum):
    """Name the forms in which marks are printed."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"


class SheetFormat(StrEnum):
    """Name the forms of a sheet."""

    md = "md"
    html = "html"
    pdf = "pdf"
    json = "json"
    ics = "ics"


FORMS = tuple(form.value for form in SheetFormat)


class Paper(StrEnum):
    """Name the sizes of paper."""

    a4 = "a4"
    letter = "letter"


@app.command()
def sheet(
    text: Annotated[
        str | None, typer.Argument(help="What is going on, a file that says it, or - for standard input.")
    ] = None,
    engine: Engine = None,
    session: Annotated[str | None, typer.Option("--session", help="Draw it up from this conversation.")] = None,
    who: Annotated[str, typer.Option("--for", help='Whom you meet, and when: "T., Thursday 10:00".')] = "",
    form: Annotated[SheetFormat | None, typer.Option("--format", help="md, html, pdf, json or ics.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
    paper: Annotated[Paper, typer.Option("--paper", help="a4 or letter, for html and pdf.")] = Paper.a4,
    edit: Annotated[bool, typer.Option("--edit", help="Change the questions in $EDITOR first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draft the one-page question sheet for a check-in."""
    with told():
        from forbear import sheet_report

        coach = coach_for(engine)
        person, _, when = who.partition(",")
        made = coach.sheet(
            None if session else _message(text),
            coach.sessions.find(session) if session else None,
            person=person.strip(),
            when=when.strip(),
        )
        if edit:
            made = _edited(made)
        ending = output.suffix.lstrip(".").lower() if output else ""
        chosen = "json" if as_json else form.value if form else ending if ending in FORMS else "md"
        data = sheet_report.write(made, chosen, "letter" if paper is Paper.letter else "a4")
        if output is None and chosen in ("pdf", "ics"):
            output = Path(f"check-in.{chosen}")
        if output is None or str(output) == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        try:
            output.expanduser().write_bytes(data)
        except OSError as error:
            raise UserError(f"{output} cannot be written ({error.strerror}); choose another place.") from error
        typer.echo(f"Written to {output}.")


def _message(text: str | None) -> str:
    """Take the argument as words, unless it names a file."""
    if text in (None, "-"):
        return standard_input()
    assert text is not None
    path = Path(text)
    short = len(text) < 200 and "\n" not in text
    return read_file(path) if short and path.is_file() else text


def _edited(made: Sheet) -> Sheet:
    """Let the leader change the questions, one a line, and check what comes back."""
    from forbear.sheet import edited

    if made.instead:
        raise UserError("There are no questions to edit in this one.")
    lines = ["# One question a line; a line that is taken out is gone. A: to yourself", *(a.text for a in made.before)]
    lines += ["", "# B: to them", *(a.text for a in made.for_them)]
    back = _in_editor("\n".join(lines) + "\n")
    first, _, second = back.partition("# B: to them")
    parts = ([line.strip() for line in part.splitlines()] for part in (first, second))
    before, for_them = ([line for line in part if line and not line.startswith("#")] for part in parts)
    return edited(made, before, for_them)


def _in_editor(text: str) -> str:
    """Let the leader change a text in their editor; raises UserError where there is none, or it fails."""
    import shlex
    import subprocess
    import tempfile

    from forbear.config import editor

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "check-in.md"
        file.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(editor()), str(file)], check=False)
        except OSError as error:
            raise UserError(f"The editor {editor()!r} does not start; set EDITOR to one that does.") from error
        if done.returncode:
            raise UserError("The editor ended with an error, so nothing was changed.")
        return file.read_text(encoding="utf-8", errors="replace")


@app.command()
def lint(
    files: Annotated[
        list[str] | None, typer.Argument(help="Files, globs or folders; - or nothing for standard input.")
    ] = None,
    output: Annotated[LintFormat, typer.Option("--format", help="text, json, github or sarif.")] = LintFormat.text,
    as_json: AsJson = False,
    model: Annotated[
        bool, typer.Option("--model", help="Ask the model too, for what form cannot show; it is sent the text.")
    ] = False,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings; else forbear.toml or pyproject.toml here.")
    ] = None,
) -> None:
    """Look at words you are about to say or send: 0 clean, 1 something is marked, 2 bad input."""
    with told():
        from forbear import lint as linter
        from forbear import lint_report

        settings = linter.read_settings(_lint_table(config))
        texts = {}
        if not files or files == ["-"]:
            texts["-"] = _prose(standard_input(), "standard input")
        else:
            texts = {str(path): _prose(read_file(path), str(path)) for path in lint_report.files(files)}
        found = {name: linter.lint(text, settings) for name, text in texts.items()}
        if model:
            engine = _model()
            for name, text in texts.items():
                remarks = engine.review(text, [m.text for m in found[name]]) if text.strip() else ()
                found[name] = linter.with_remarks(text, found[name], remarks, settings)
        shown = lint_report.FORMATS["json" if as_json else output.value](found)
        if shown:
            typer.echo(shown)
        if any(linter.fails(marks, settings) for marks in found.values()):
            raise typer.Exit(1)


@app.command()
def rules(as_json: AsJson = False) -> None:
    """List the rules of restraint, each with a good and a bad example."""
    with told():
        from dataclasses import asdict

        from forbear.restraint import RULES

        if as_json:
            print_json([asdict(rule) for rule in RULES])
            return
        for rule in RULES:
            typer.echo(f"{rule.id} ({rule.criterion}, {rule.severity})  {rule.title}: {rule.why}")
            typer.echo(f"    better: {rule.good}\n    not: {rule.bad}\n    cannot see: {rule.cannot_see}")


def _model() -> OpenAIEngine:
    """Build the model's engine; raises UserError where none is configured."""
    from forbear import config
    from forbear.engines.openai import OpenAIEngine

    return OpenAIEngine(config.load(engine="openai"))


def _prose(text: str, name: str) -> str:
    """Refuse what is not text."""
    if "\x00" in text or text.count("\ufffd") > len(text) / 20:
        raise UserError(f"{name} is not text; give a message, a Markdown or a text file.")
    return text


def _lint_table(config: Path | None) -> dict[str, Any]:
    """Find the lint settings: the file that was named, else [lint] of forbear.toml, else [tool.forbear.lint]."""
    import tomllib

    for path in [config] if config else [Path("forbear.toml"), Path("pyproject.toml")]:
        if not config and not path.exists():
            continue
        try:
            table = tomllib.loads(read_file(path))
        except tomllib.TOMLDecodeError as error:
            raise UserError(f"{path} is not TOML: {error}.") from error
        if "forbear" in table.get("tool", {}):
            table = table["tool"]["forbear"]
        if "lint" in table:
            return dict(table["lint"])
    return {}
