"""Put a check-in sheet on paper or screen: text, Markdown, HTML, PDF, JSON, and a calendar entry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any, Literal

from forbear.errors import UserError
from forbear.sheet import Ask, Sheet, as_json

Paper = Literal["a4", "letter"]
_FONTS = Path(__file__).resolve().parent / "fonts"
_BLANK = "______________"
#: Type sizes that are tried, in points: the largest with which all stands on one side.
_SIZES = (14, 13.5, 13, 12.5, 12, 11.5, 11, 10.5, 10, 9.5, 9)
MINUTES = 15


def header_lines(sheet: Sheet) -> list[tuple[str, str]]:
    """List the header's lines; what the leader did not say is a blank to be filled by hand."""
    head = sheet.header
    rows = [("Task", head.task), ("Who", head.person), ("Done means", head.done), ("Call me if", head.call_me_if)]
    return [(name, value or _BLANK) for name, value in [*rows, ("When", head.when)]]


def parts(sheet: Sheet) -> Iterator[tuple[str, list[str]]]:
    """Give the parts of a sheet in order, each a heading with its lines."""
    if sheet.opening:
        yield "First, without a question", [sheet.opening]
    yield "A  Before you go in", [_line(a) for a in sheet.before]
    yield "B  For them (ask the starred ones if there is time for no more)", [_line(a) for a in sheet.for_them]
    yield "C  While you're there", list(sheet.while_there)
    yield "D  Stepping in", [sheet.step_in]
    yield "E  Close", list(sheet.close)


def _line(ask: Ask) -> str:
    """Write a question, starred where it is, and marked where the leader's own one breaks a rule."""
    told = "; ".join(dict.fromkeys(f.message.split(":")[0].lower() for f in ask.findings))
    mark = f"  [yours: {told}]" if told else "  [yours]" if ask.edited else ""
    return f"{'★ ' if ask.star else ''}{ask.text}{mark}"


def _foot(sheet: Sheet) -> list[str]:
    lines = [f"Read from: {' / '.join(f'“{q}”' for q in sheet.because)}"] if sheet.because else []
    lines += [f"{c.title} ({c.basis}; {c.source})" for c in sheet.cites]
    return lines


def as_markdown(sheet: Sheet) -> str:
    """Write Markdown; it reads as plain text too."""
    lines = [f"# {sheet.title}", ""]
    if sheet.instead:
        lines += [sheet.instead, ""]
    else:
        lines += [f"- **{name}:** {value}" for name, value in header_lines(sheet)] + [""]
        for heading, rows in parts(sheet):
            lines += [f"## {heading}", "", *(f"- {row}" for row in rows), ""]
    lines += [f"> {line}" for line in _foot(sheet)]
    if sheet.notice:
        lines += ["", sheet.notice]
    return "\n".join(lines).rstrip() + "\n"


def as_html(sheet: Sheet, paper: Paper = "a4") -> str:
    """Write one HTML file that prints on one side."""
    body = [f"<h1>{escape(sheet.title)}</h1>"]
    if sheet.instead:
        body.append(f'<p class="instead">{escape(sheet.instead)}</p>')
    else:
        rows = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>" for n, v in header_lines(sheet))
        body.append(f"<dl>{rows}</dl>")
        for heading, lines in parts(sheet):
            items = "".join(f"<li>{escape(line)}</li>" for line in lines)
            body.append(f"<h2>{escape(heading)}</h2><ul>{items}</ul>")
    foot = [*_foot(sheet), *([sheet.notice] if sheet.notice else [])]
    body.append("<footer>" + "".join(f"<p>{escape(line)}</p>" for line in foot) + "</footer>")
    return (
        _PAGE.replace("SIZE", "A4" if paper == "a4" else "letter")
        .replace("TITLE", escape(sheet.title))
        .replace("BODY", "\n".join(body))
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TITLE</title>
<style>
@page { size: SIZE; margin: 14mm; }
body { font: 13pt/1.35 system-ui, sans-serif; max-width: 46rem; margin: 1.5rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 1.5em; margin: 0 0 .4em; } h2 { font-size: 1em; margin: .9em 0 .25em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1em 1em; margin: 0; } dt { color: #555; } dd { margin: 0; }
ul { margin: 0; padding-left: 1.1em; } li { margin: .2em 0; } footer { margin-top: 1em; font-size: .7em; color: #555; }
footer p { margin: .15em 0; }
@media print { body { margin: 0; padding: 0; font-size: 12pt; } h2, li { break-inside: avoid; } }
</style>
</head>
<body>
BODY
</body>
</html>
"""


def as_pdf(sheet: Sheet, paper: Paper = "a4") -> bytes:
    """Write a PDF of one page, in the largest type with which all stands on it."""
    # The smaller the type, the fewer the pages: halve the sizes that are left until one remains.
    largest, smallest = 0, len(_SIZES) - 1
    made = _pdf(sheet, paper, _SIZES[largest])
    if made[0] == 1:
        return made[1]
    made = _pdf(sheet, paper, _SIZES[smallest])
    while smallest - largest > 1:
        middle = (largest + smallest) // 2
        tried = _pdf(sheet, paper, _SIZES[middle])
        if tried[0] == 1:
            smallest, made = middle, tried
        else:
            largest = middle
    return made[1]


def _pdf(sheet: Sheet, paper: Paper, size: float) -> tuple[int, bytes]:
    from fpdf import FPDF
    from fpdf.enums import XPos, YPos

    pdf = FPDF(format=paper, unit="mm")
    pdf.set_title(sheet.title)
    pdf.set_lang("en")
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))  # the same sheet is the same file
    for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold")):
        pdf.add_font("DejaVu", style, _FONTS / f"{name}.ttf")
    pdf.set_margins(16, 13, 16)
    pdf.set_auto_page_break(True, 11)
    pdf.add_page()
    high = size * 0.353 * 1.32

    def write(
        text: str, *, style: Literal["", "B"] = "", points: float = size, grey: int = 0, indent: float = 0
    ) -> None:
        pdf.set_font("DejaVu", style, points)
        pdf.set_text_color(grey)
        pdf.set_x(pdf.l_margin + indent)
        pdf.multi_cell(0, points * 0.353 * 1.32, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    write(sheet.title, style="B", points=size * 1.4)
    pdf.ln(high * 0.3)
    if sheet.instead:
        write(sheet.instead)
    else:
        for name, value in header_lines(sheet):
            pdf.set_font("DejaVu", "", size * 0.92)
            pdf.set_text_color(90)
            pdf.cell(size * 2.6, high * 0.95, name)
            pdf.set_text_color(0)
            pdf.multi_cell(0, high * 0.95, value, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        for heading, lines in parts(sheet):
            pdf.ln(high * 0.45)
            write(heading, style="B", points=size * 0.95, grey=60)
            for line in lines:
                write(line, indent=4)
                pdf.ln(high * 0.12)
    pdf.ln(high * 0.4)
    for line in [*_foot(sheet), *([sheet.notice] if sheet.notice else [])]:
        write(line, points=size * 0.62, grey=110)
    return pdf.pages_count, bytes(pdf.output())


def as_ics(sheet: Sheet, now: datetime | None = None) -> bytes:
    """Write the check-in as a calendar entry of a quarter of an hour that holds the questions.

    Raises UserError where there is no time that can be read, or no check-in to be held.
    """
    from icalendar import Calendar, Event

    if sheet.instead:
        raise UserError("There is no check-in to put in a calendar; print the text instead (--format md).")
    now = now or datetime.now().astimezone()
    start = moment(sheet.header.when, now)
    entry = Event()
    who = sheet.header.person
    text = as_markdown(sheet)
    entry.add("uid", f"{hashlib.sha256((text + start.isoformat()).encode()).hexdigest()[:24]}@forbear")
    entry.add("dtstamp", now.astimezone(UTC))
    entry.add("dtstart", start)
    entry.add("dtend", start + timedelta(minutes=MINUTES))
    entry.add("summary", f"Check-in: {who}" if who else "Check-in")
    entry.add("description", text)
    calendar = Calendar()
    calendar.add("prodid", "-//Forbear//check-in sheet//EN")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def moment(told: str, now: datetime) -> datetime:
    """Read "Thursday 10:00", "tomorrow 9:30" or "2026-11-26 10:00": the next such time, in the time of this place."""
    from dateutil import parser

    text = told.strip().lower()
    base = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    for word, days in (("today", 0), ("tomorrow", 1)):
        if text.startswith(word):
            base, text = base + timedelta(days=days), text[len(word) :].strip(" ,at") or "nothing"
    try:
        found: datetime = parser.parse(text, default=base)
    except (ValueError, OverflowError) as error:
        raise UserError(
            'There is no time for the calendar; give it like --for "T., Thursday 10:00" or --for "T., 2026-11-26 10:00".'
        ) from error
    past = found.replace(tzinfo=None) < now.replace(tzinfo=None)
    weekday = any(text.startswith(day) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    return found + timedelta(days=7) if past and weekday else found


def _json(sheet: Sheet) -> str:
    return json.dumps(as_json(sheet), ensure_ascii=False, indent=2) + "\n"


def write(sheet: Sheet, form: str, paper: Paper = "a4") -> bytes:
    """Write a sheet in one of the forms md, html, pdf, json, ics."""
    made: dict[str, Callable[[], Any]] = {
        "md": lambda: as_markdown(sheet),
        "html": lambda: as_html(sheet, paper),
        "pdf": lambda: as_pdf(sheet, paper),
        "json": lambda: _json(sheet),
        "ics": lambda: as_ics(sheet),
    }
    out = made[form]()
    return out if isinstance(out, bytes) else str(out).encode()
