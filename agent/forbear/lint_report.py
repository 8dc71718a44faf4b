"""Print what the linter found: for a reader, as JSON, as GitHub annotations, as SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

from forbear.lint import Mark
from forbear.restraint import RULES

Found = Mapping[str, tuple[Mark, ...]]
"""Marks by the name of the file; `-` is standard input."""


def for_a_reader(found: Found) -> str:
    """List each mark with its words, why it matters, and what could stand there."""
    lines: list[str] = []
    for name, marks in found.items():
        where = "" if name == "-" else f"{name}:"
        for m in marks:
            words = " ".join(m.text.split())
            shown = words if len(words) <= 90 else words[:89] + "…"
            lines.append(f"{where}{m.line}:{m.column}  {m.message} [{m.rule}]")
            lines.append(f"    “{shown}”  {m.why}")
            lines.append(f"    instead: {m.instead}" if m.instead else "    instead: leave it out, or make it shorter")
    total = sum(len(marks) for marks in found.values())
    lines.append("Nothing to mark." if not total else f"{total} mark{'s' if total != 1 else ''}.")
    return "\n".join(lines)


def as_json(found: Found) -> str:
    """Give one object with the marks of each file."""
    rows = [{"file": name, "marks": [asdict(m) for m in marks]} for name, marks in found.items()]
    return json.dumps({"files": rows}, ensure_ascii=False, indent=2)


def for_github(found: Found) -> str:
    """Give a workflow command a mark, which GitHub shows beside the line."""
    lines = []
    for name, marks in found.items():
        for m in marks:
            text = _escaped(f"“{' '.join(m.text.split())}” {m.why}" + (f" Instead: {m.instead}" if m.instead else ""))
            place = f"file={_escaped(name, inside=True)},line={m.line},col={m.column}"
            lines.append(f"::{m.severity} {place},title={_escaped(m.message, inside=True)}::{text}")
    return "\n".join(lines)


def _escaped(text: str, *, inside: bool = False) -> str:
    """Escape as GitHub's runner reads it back."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if inside else text


def as_sarif(found: Found) -> str:
    """Give a SARIF 2.1.0 log with the rules that were broken."""
    used = sorted({m.rule for marks in found.values() for m in marks})
    known = {rule.id: rule for rule in RULES}
    rules: list[dict[str, Any]] = [
        {
            "id": name,
            "name": "".join(part.capitalize() for part in name.split("-")),
            "shortDescription": {"text": known[name].title},
            "fullDescription": {"text": known[name].why},
            "help": {"text": f"Better: {known[name].good} Not: {known[name].bad}"},
            "defaultConfiguration": {"level": known[name].severity},
        }
        for name in used
    ]
    results = [_result(name, m, used) for name, marks in found.items() for m in marks]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "forbear", "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=2)


def _result(name: str, mark: Mark, used: list[str]) -> dict[str, Any]:
    uri = "stdin" if name == "-" else PurePath(name).as_posix()
    return {
        "ruleId": mark.rule,
        "ruleIndex": used.index(mark.rule),
        "level": mark.severity,
        "message": {"text": f"{mark.message}. {mark.why}" + (f" Instead: {mark.instead}" if mark.instead else "")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {
                        "startLine": mark.line,
                        "startColumn": mark.column,
                        "charOffset": mark.start,
                        "charLength": mark.end - mark.start,
                        "snippet": {"text": mark.text},
                    },
                }
            }
        ],
    }


FORMATS = {"text": for_a_reader, "json": as_json, "github": for_github, "sarif": as_sarif}


def files(patterns: Iterable[str]) -> list[Path]:
    """Find the files that names and globs mean, each once, in order; raises UserError where one means nothing."""
    from forbear.errors import UserError

    found: dict[Path, None] = {}
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            hits = sorted([*path.rglob("*.md"), *path.rglob("*.txt")])
        elif path.exists():
            hits = [path]
        else:
            root = Path(path.anchor) if path.anchor else Path()
            hits = sorted(p for p in root.glob(str(path.relative_to(path.anchor))) if p.is_file())
        if not hits:
            raise UserError(f"There is no file {pattern!r} to look at; give files, globs, or - for standard input.")
        found |= dict.fromkeys(hits)
    return list(found)
