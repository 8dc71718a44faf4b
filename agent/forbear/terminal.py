"""Show conversations in a terminal, and hold one: multi-line input, history, a spinner, slash commands.

Without a terminal everything is plain: no colour codes, no spinner, and standard input is read as turns separated by
blank lines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from forbear import framework
from forbear.coach import Answer, Coach
from forbear.errors import ForbearError, StorageError, UserError
from forbear.sessions import Line, Sessions, as_markdown
from forbear.situation import Label
from forbear.state import Passage, Reading

HELP = """/why      what was read from your words: the form, the quotes, what else it might have been, the passages
/sources  the passages behind the last answer
/sheet    the question sheet for the check-in: /sheet, /sheet T., Thursday 10:00 > FILE.pdf
/new      begin a new conversation
/resume   go on with an earlier one: /resume, or /resume ID
/export   write this conversation to a file: /export FILE.md
/forget   delete this conversation for good
/help     this list
/quit     leave (also Ctrl-D)
Enter sends; Alt-Enter (or Esc, then Enter) begins a new line."""

WELCOME = """Forbear. Write what is going on with a piece of work that you gave to someone, or might.
Use roles or initials for people. What you write stays on this machine{where}. /help lists what else there is."""


def console() -> Console:
    """Give a console on standard output, as it is now: plain where it is no terminal."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty(), emoji=False)


def printed(answer: Answer) -> None:
    """Show an answered turn."""
    out = console()
    if answer.notice:
        out.print(f"[dim]{escape('(' + answer.notice + ')')}[/dim]")
    reply = answer.reply
    out.print()
    out.print(escape(reply.reflection))
    if reply.question:
        out.print(f"[bold]{escape(reply.question)}[/bold]")
    out.print()
    out.print(f"[dim]{escape(_place(answer.reading))}[/dim]")
    for cite in reply.cites:
        out.print(f"[dim]{escape(f'  · {cite.title} ({cite.basis}; {cite.source})')}[/dim]")


def _place(reading: Reading) -> str:
    label, because = reading.situation.label, reading.situation.because
    place = framework.LABELS[label]
    place = place[0].upper() + place[1:]
    if label is Label.UNCLEAR:
        return f"{place}."
    why = f", because you wrote “{because[0].quote}”" if because else ""
    return f"{place}{why}."


def print_reading(reading: Reading) -> None:
    """Show the form, the quotes and the runner-up."""
    out, situation = console(), reading.situation
    out.print(f"[bold]{situation.label}[/bold]  {escape(framework.LABELS[situation.label])}")
    if situation.secondary:
        out.print(f"also: {', '.join(situation.secondary)}")
    if reading.runner_up:
        out.print(f"or else: {reading.runner_up}")
    out.print(f"confidence: {reading.confidence:.0%} ({reading.engine})")
    for answer in reading.facts.yes:
        mark = "*" if answer in situation.because else " "
        out.print(f"{mark} {answer.fact:<14} “{escape(answer.quote)}”")


def print_passages(passages: Iterable[Passage]) -> None:
    """Show passages in full, with what each rests on."""
    out = console()
    for p in passages:
        out.print(
            f"[bold]{escape(p.title)}[/bold]  [dim]{escape(f'{p.id} · {p.basis} · {p.source} · {p.score:.2f}')}[/dim]"
        )
        out.print(escape(f"  {p.text}\n"))


def print_table(rows: Iterable[tuple[str, str]]) -> None:
    """Show pairs in two columns."""
    if not sys.stdout.isatty():
        for name, value in rows:
            sys.stdout.write(f"{name}\t{value}\n")
        return
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(escape(name), escape(value))
    console().print(table)


def print_line(line: Line) -> None:
    """Show one line of a transcript."""
    who = {"leader": "you", "coach": "forbear", "refusal": "forbear"}[line.role]
    console().print(f"[dim]{who}:[/dim] {escape(line.text)}\n")


def export(sessions: Sessions, session: str, file: Path) -> None:
    """Write a conversation to a Markdown file (`-`: standard output); raises UserError, StorageError."""
    text = as_markdown(session, sessions.lines(session))
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        with file.expanduser().open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError as error:
        raise UserError(f"{file} is there already; choose another name.") from error
    except OSError as error:
        raise StorageError(f"{file} cannot be written ({error.strerror}); choose another place.") from error


def run(coach: Coach, *, resume: str | None = None) -> None:
    """Hold a conversation until the leader leaves; raises ForbearError only before it has begun."""
    coach.sessions  # noqa: B018 - an unusable data directory is told before anybody types
    chat = _Chat(coach)
    if sys.stdin.isatty() and sys.stdout.isatty():
        where = (
            ", and each message also goes to the model's server that you configured"
            if coach.settings.uses_model
            else ""
        )
        console().print(f"[dim]{WELCOME.format(where=where)}[/dim]\n")
        source = _typed()
    else:
        source = _piped()
    if resume:
        chat.resume("" if resume == "last" else resume)
    for text in source:
        if not chat.take(text):
            break


class _Chat:
    """Hold one open conversation."""

    def __init__(self, coach: Coach) -> None:
        self.coach = coach
        self.session = coach.sessions.new()
        self.last: Answer | None = None

    def take(self, text: str) -> bool:
        """Take what was typed: a command or a message; False ends the chat."""
        command, _, rest = text.strip().partition(" ")
        try:
            if not command.startswith("/"):
                self.answer(text)
            elif command in ("/quit", "/exit"):
                return False
            else:
                self.command(command, rest.strip())
        except ForbearError as error:
            console().print(escape(str(error)))
        except KeyboardInterrupt:
            console().print("\nStopped; what you wrote is kept. /resume answers it.")
        return True

    def answer(self, text: str) -> None:
        with _working():
            self.last = self.coach.ask(text, self.session)
        printed(self.last)

    def command(self, command: str, rest: str) -> None:
        out, sessions = console(), self.coach.sessions
        if command == "/help":
            out.print(HELP)
        elif command == "/new":
            self.session, self.last = sessions.new(), None
            out.print("A new conversation.")
        elif command == "/resume":
            self.resume(rest)
        elif command == "/export":
            if not rest:
                raise UserError("Name a file: /export FILE.md")
            export(sessions, self.session, Path(rest))
            out.print(escape(f"Written to {rest}."))
        elif command == "/forget":
            sessions.delete(self.session)
            self.session, self.last = sessions.new(), None
            out.print("This conversation is deleted; no word of it is left on this machine.")
        elif command == "/sheet":
            self.sheet(rest)
        elif command in ("/why", "/sources"):
            if self.last is None:
                raise UserError("Nothing has been answered yet in this conversation.")
            if command == "/why":
                print_reading(self.last.reading)
            print_passages(self.last.reply.cites)
        else:
            raise UserError(f"{command} is not a command; /help lists them.")

    def sheet(self, rest: str) -> None:
        """Draft the sheet of this conversation, on the screen or into a file."""
        from forbear import sheet_report

        who, _, file = rest.partition(">")
        person, _, when = who.partition(",")
        with _working():
            made = self.coach.sheet(None, self.session, person=person.strip(), when=when.strip())
        if not file.strip():
            console().print(escape(sheet_report.as_markdown(made)))
            return
        path = Path(file.strip()).expanduser()
        form = path.suffix.lstrip(".").lower()
        if form not in ("md", "html", "pdf", "json", "ics"):
            raise UserError(f"{path.name} is none of .md, .html, .pdf, .json, .ics; choose one of them.")
        try:
            path.write_bytes(sheet_report.write(made, form))
        except OSError as error:
            raise StorageError(f"{path} cannot be written ({error.strerror}); choose another place.") from error
        console().print(escape(f"Written to {path}."))

    def resume(self, wanted: str) -> None:
        sessions = self.coach.sessions
        if wanted:
            self.session = sessions.find(wanted)
        else:
            found = [s for s in sessions.all() if s.id != self.session]
            if not found:
                raise UserError("There is no earlier conversation.")
            self.session = found[0].id
        for line in sessions.lines(self.session):
            print_line(line)
        with _working():
            self.last = self.coach.resume(self.session)
        if self.last:
            printed(self.last)


@contextmanager
def _working() -> Iterator[None]:
    """Show that something is happening, where somebody looks."""
    if not sys.stdout.isatty():
        yield
        return
    with console().status("reading your words and choosing a question"):
        yield


def _piped() -> Iterator[str]:
    """Read turns from standard input: blank lines part them, and a line that begins with / is a turn of its own."""
    block: list[str] = []
    raw = sys.stdin.buffer.read().decode("utf-8", errors="replace")
    for line in [*raw.split("\n"), ""]:
        if line.strip() and not line.startswith("/"):
            block.append(line)
            continue
        if block:
            yield "\n".join(block)
        block = []
        if line.startswith("/"):
            yield line


def _typed() -> Iterator[str]:
    """Read turns from a person: Enter sends, Alt-Enter breaks the line, Ctrl-C clears it, Ctrl-D leaves."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter")
    def _(event: Any) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    commands = WordCompleter([line.split()[0] for line in HELP.splitlines() if line.startswith("/")], sentence=True)
    # In memory only: a history file would be a second copy of what a leader wrote, out of reach of /forget.
    prompt: PromptSession[str] = PromptSession(
        history=InMemoryHistory(), key_bindings=keys, multiline=True, completer=commands, complete_while_typing=False
    )
    while True:
        try:
            text = prompt.prompt("you: ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text.strip():
            yield text
