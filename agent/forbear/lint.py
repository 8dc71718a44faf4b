"""Look at what a leader is about to say or send: mark what rescues, advises, blames, leads, closes or stacks. Pure.

Markdown is known: code, quoted lines, links, front matter and HTML comments are not read. `<!-- forbear: ignore[rule] -->`
leaves a rule out on its own line and on the next, `ignore` all of them, `ignore-file` the whole file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from forbear.restraint import RULES, Finding, Voice, check_message, check_question

Severity = Literal["error", "warning", "off"]
_RULE = {rule.id: rule for rule in RULES}

#: What is no prose, in the order in which it is taken out; each match becomes spaces of the same length.
_NOT_PROSE = (
    re.compile(r"\A---\n.*?\n---\n", re.S),
    re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.S | re.M),
    re.compile(r"<!--.*?(?:-->|\Z)", re.S),
    re.compile(r"`[^`\n]*`"),
    re.compile(r"^[ \t]*>.*$", re.M),
    re.compile(r"\bhttps?://\S+|\bwww\.\S+|\S+@\S+\.\S+"),
    re.compile(r"(?<=\])\([^)\n]*\)"),
    re.compile(r"^(?:subject|from|to|cc|date|sent):.*$", re.I | re.M),
    re.compile(r"</?\w[^>\n]*>"),
)
_MARKER = re.compile(r"^[ \t]*(?:[-*+•][ \t]+(?:\[[ xX]\][ \t]+)?|\d{1,3}[.)][ \t]+|#{1,6}[ \t]+|\|)")
_EMPHASIS = re.compile(r"[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}")
_IGNORE = re.compile(r"<!--\s*forbear:\s*ignore(-file)?(?:\[([\w\s,-]*)\])?\s*-->")


@dataclass(frozen=True)
class Mark:
    """Point at words of a text that break a rule, and say what could stand there instead."""

    rule: str
    severity: Severity
    start: int
    """Offset of the first character; `end` is after the last."""
    end: int
    line: int
    """1-based, like `column`."""
    column: int
    text: str
    message: str
    """What it is."""
    why: str
    """Why it matters, in one line."""
    instead: str
    """An open question that could stand there; empty where leaving it out is best."""


@dataclass(frozen=True)
class Remark:
    """Hold what a language model finds in a message; unchecked."""

    quote: str
    rule: str
    why: str
    instead: str


@dataclass(frozen=True)
class LintSettings:
    """Hold a project's choices: severities by rule, and what fails a run."""

    severity: Mapping[str, Severity] = field(default_factory=dict)
    fail_on: Literal["error", "warning"] = "warning"

    def of(self, rule: str) -> Severity:
        """Give the severity of a rule."""
        return self.severity.get(rule, _RULE[rule].severity)


@dataclass(frozen=True)
class _Opener:
    because: str
    instead: str
    says: re.Pattern[str] | None = None
    rule: str = ""


def lint(text: str, settings: LintSettings | None = None) -> tuple[Mark, ...]:
    """Mark what a message says that takes the work back, in the order of the text; spans lie inside it."""
    settings = settings or LintSettings()
    ignored = _ignored(text)
    if ignored is None:
        return ()
    starts = [0, *(m.end() for m in re.finditer(r"\n", text))]
    marks = []
    for begin, block in _blocks(text):
        for finding in check_message(block):
            severity = settings.of(finding.rule)
            start, end = begin + finding.start, begin + finding.end
            line = bisect_right(starts, start)
            left_out = ignored.get(line, frozenset())
            if severity == "off" or "*" in left_out or finding.rule in left_out:
                continue
            opener = _opener(block, finding)
            rule = _RULE[finding.rule]
            marks.append(
                Mark(
                    rule=finding.rule,
                    severity=severity,
                    start=start,
                    end=end,
                    line=line,
                    column=start - starts[line - 1] + 1,
                    text=text[start:end],
                    message=rule.title,
                    why=opener.because if opener else rule.why,
                    instead=opener.instead if opener else "",
                )
            )
    return tuple(sorted(marks, key=lambda m: (m.start, m.end, m.rule)))


def with_remarks(
    text: str, marks: tuple[Mark, ...], remarks: Sequence[Remark], settings: LintSettings
) -> tuple[Mark, ...]:
    """Add what a model found, where its words really stand in the text and nothing is marked there yet.

    A proposed question that breaks a rule itself is replaced. What a model finds is a warning at the most.
    """
    readable, found = prose(text), list(marks)
    starts = [0, *(m.end() for m in re.finditer(r"\n", text))]
    ignored = _ignored(text) or {}
    for remark in remarks:
        quote = remark.quote.strip()
        start = readable.find(quote) if quote else -1
        end = start + len(quote)
        if start < 0 or any(m.start < end and start < m.end for m in found) or settings.of(remark.rule) == "off":
            continue
        line = bisect_right(starts, start)
        if ignored.get(line, frozenset()) & {"*", remark.rule}:
            continue
        instead = remark.instead.strip()
        if instead and (check_question(instead, Voice.EMPLOYEE) or not instead.endswith("?")):
            opener = next((o for o in _openers() if o.rule == remark.rule), None)
            instead = opener.instead if opener else ""
        column = start - starts[line - 1] + 1
        title = f"{_RULE[remark.rule].title}, in the model's reading"
        found.append(Mark(remark.rule, "warning", start, end, line, column, quote, title, remark.why.strip(), instead))
    return tuple(sorted(found, key=lambda m: (m.start, m.end, m.rule)))


def fails(marks: tuple[Mark, ...], settings: LintSettings) -> bool:
    """Tell whether some marks fail a run."""
    return any(m.severity == "error" or settings.fail_on == "warning" for m in marks)


def prose(text: str) -> str:
    """Blank what is not prose; every offset stays where it is."""
    for pattern in _NOT_PROSE:
        text = pattern.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    return text


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Give each paragraph, list item and heading with its offset; lines that were only wrapped become one."""
    at, begin, lines = 0, 0, list[str]()
    for line in [*prose(text).splitlines(keepends=True), "\n"]:
        marker = _MARKER.match(line)
        if (marker or not line.strip()) and lines:
            yield begin, _joined(lines)
            lines = []
        if line.strip():
            if not lines:
                begin = at
            lines.append(" " * marker.end() + line[marker.end() :] if marker else line)
        at += len(line)


def _joined(lines: list[str]) -> str:
    """Join the lines of a paragraph where they were wrapped, and keep them apart where the writer ended one."""
    block = _EMPHASIS.sub(lambda m: " " * len(m[0]), "".join(lines))
    # A line that ends in the middle of a sentence and goes on in lower case was wrapped.
    return re.sub(r"(?<=[\w,;])[ \t]*\n(?=[ \t]*[a-z])", lambda m: " " * len(m[0]), block)


def _ignored(text: str) -> dict[int, frozenset[str]] | None:
    """Give what is left out on each line; None where the whole file is."""
    found: dict[int, frozenset[str]] = {}
    for match in _IGNORE.finditer(text):
        if match[1]:
            return None
        rules = frozenset(r.strip() for r in match[2].split(",")) if match[2] else frozenset("*")
        line = text.count("\n", 0, match.start()) + 1
        for n in (line, line + 1):
            found[n] = found.get(n, frozenset()) | rules
    return found


def _opener(block: str, finding: Finding) -> _Opener | None:
    """Find what to say about a finding: by the words of its sentence, else by its rule."""
    before = max((block.rfind(mark, 0, finding.start) for mark in ".?!\n"), default=-1) + 1
    sentence = re.sub(r"\s+", " ", block[before : max(finding.end, finding.start + 1)]).strip(" \"'“‘-–—").lower()
    sentence = re.sub(
        r"^(?:(?:and|so|but|ok|okay|well|hi|hey|hello|also|then)\b[ ,]*)+", "", sentence.replace("’", "'")
    )
    for opener in _openers():
        if opener.says is not None and finding.rule != "long" and opener.says.search(sentence):
            return opener
    return next((o for o in _openers() if o.rule == finding.rule), None)


@cache
def _openers() -> tuple[_Opener, ...]:
    from forbear.knowledge import openers

    return tuple(_Opener(o.because, o.instead, re.compile(o.says) if o.says else None, o.rule or "") for o in openers())


def read_settings(table: Mapping[str, Any]) -> LintSettings:
    """Read a [lint] table: `ignore` a list of rules, `severity` a table, `fail-on`; raises UserError."""
    from forbear.errors import UserError

    severity: dict[str, Severity] = {}
    for rule in table.get("ignore", []):
        severity[_known(rule)] = "off"
    for rule, level in dict(table.get("severity", {})).items():
        if level not in ("error", "warning", "off"):
            raise UserError(f"The severity of {rule} is {level!r}; choose error, warning or off.")
        severity[_known(rule)] = level
    fail_on = table.get("fail-on", "warning")
    if fail_on not in ("error", "warning"):
        raise UserError(f"fail-on is {fail_on!r}; choose error or warning.")
    surplus = set(table) - {"ignore", "severity", "fail-on"}
    if surplus:
        raise UserError(f"The lint settings know no {sorted(surplus)[0]!r}; they know ignore, severity and fail-on.")
    return LintSettings(severity=severity, fail_on=fail_on)


def _known(rule: object) -> str:
    from forbear.errors import UserError

    if rule not in _RULE:
        raise UserError(f"There is no rule {rule!r}; `forbear rules` lists them.")
    return str(rule)
