"""Measure the rules of restraint on the labelled questions and, where the file is found, on AnnoMI.

Nothing is fitted: the rules are written by hand. AnnoMI is split by conversation; errors were read only in
its "dev" half (even conversation numbers), and the "held" half was only counted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "agent"))  # so that the script runs where nothing is installed

from forbear.restraint import (  # noqa: E402
    RULES,
    Voice,
    check_question,
    check_reply,
    gives_advice,
    is_open,
    questions_in,
)

CASES = ROOT / "evals" / "cases" / "questions.jsonl"
ANNOMI = Path(os.environ.get("FORBEAR_ANNOMI") or ROOT.parent / "shared" / "data" / "annomi_dev.jsonl")
#: How well human raters agree with each other on AnnoMI, as F1; for closed questions no figure was given.
HUMANS = {"open": ".815", "closed": "-", "advice": ".654"}
Row = dict[str, Any]


def score(pairs: Iterable[tuple[bool, bool]]) -> str:
    """Format precision, recall, F1 and n for pairs of (labelled, found)."""
    known = list(pairs)
    hits = sum(a and b for a, b in known)
    labelled, found = sum(a for a, _ in known), sum(b for _, b in known)
    precision, recall = hits / found if found else 0.0, hits / labelled if labelled else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return f"{precision:9.3f} {recall:7.3f} {f1:7.3f} {labelled:6d}"


def read(path: Path) -> list[Row]:
    """Read a jsonl file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rules_broken(case: Row) -> set[str]:
    """Check a case as its criterion wants: a whole turn for R9 and R10, else a question on its own."""
    if case["criterion"] in ("R9", "R10"):
        return {f.rule for f in check_reply(case["text"], leader_words=case["context"] or "")}
    voice = Voice.EMPLOYEE if case["voice"] == "leader_to_employee" else Voice.LEADER
    return {f.rule for f in check_question(case["text"], voice)}


def print_questions() -> None:
    """Print one line a criterion and one a rule."""
    cases = read(CASES)
    broken = {case["id"]: rules_broken(case) for case in cases}
    good = [c for c in cases if c["polarity"] == "good"]
    print(f"questions.jsonl ({len(cases)} cases, read while rules were written: an upper bound)")
    head = f"{'precision':>9s} {'recall':>7s} {'F1':>7s} {'n':>6s}"
    print(f"{'criterion':22s} {head}   (of all good, and its own bad)")
    for criterion in sorted({c["criterion"] for c in cases}, key=lambda c: int(c[1:])):
        own = {r.id for r in RULES if r.criterion == criterion}
        bad = [c for c in cases if c["criterion"] == criterion and c["polarity"] == "bad"]
        print(f"{criterion:22s} {score((c in bad, bool(own & broken[c['id']])) for c in (*good, *bad))}")
    print(f"{'any rule, any bad':22s} {score((c['polarity'] == 'bad', bool(broken[c['id']])) for c in cases)}")
    print(f"\n{'rule':22s} {'good hit':>8s} {'bad hit':>8s}")
    for rule in RULES:
        hit = [c["polarity"] for c in cases if rule.id in broken[c["id"]]]
        print(f"{rule.id:22s} {hit.count('good'):8d} {hit.count('bad'):8d}")


def print_annomi(rows: list[Row]) -> None:
    """Print open, closed (it asks, and nothing in it is open) and advice for both halves."""
    measures: dict[str, tuple[Callable[[Row], bool], Callable[[str], bool]]] = {
        "open": (lambda r: r["question"] == "open", is_open),
        "closed": (lambda r: r["question"] == "closed", lambda t: bool(questions_in(t)) and not is_open(t)),
        "advice": (lambda r: r["input"] == "advice", gives_advice),
    }
    print(f"\nAnnoMI, therapist utterances ({len(rows)})")
    print(f"{'':22s} {'precision':>9s} {'recall':>7s} {'F1':>7s} {'n':>6s}   human F1")
    for half, parity in (("dev", 0), ("held", 1)):
        part = [r for r in rows if int(r["id"].split("-")[1]) % 2 == parity]
        for name, (labelled, found) in measures.items():
            figures = score((labelled(r), found(r["text"])) for r in part)
            print(f"{half + ' ' + name:22s} {figures}   {HUMANS[name]}")


if __name__ == "__main__":
    print("Nothing is fitted: hand-written rules, no weights.\n")
    print_questions()
    if ANNOMI.is_file():
        print_annomi(read(ANNOMI))
    else:
        print("\nAnnoMI: not found here (set FORBEAR_ANNOMI to its jsonl file).")
