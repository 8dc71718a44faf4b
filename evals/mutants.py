"""Test the suite by damage: break answers, rules, the judge and the matching, and count what turns the run red.

Each mutant damages every answer that it applies to, as a bug or a bad prompt would, against a baseline of the same run
undamaged. Run as `make evals-mutants`; survivors are listed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from evals import cases, config, damage, gate, judge, recordings, rules, scorecard
from evals.cases import Case
from evals.damage import Damage
from evals.play import Played, Player
from forbear import restraint
from forbear.config import Settings
from forbear.errors import ForbearError
from forbear.restraint import checks

#: What the suite must catch of all mutants.
ENOUGH = 0.95


def damages(played: list[Played]) -> Iterator[tuple[str, Damage]]:
    """List the ways to damage answers."""
    for kind, sentences in damage.SAID.items():
        for n, sentence in enumerate(sentences, 1):
            yield f"{kind} {n}", damage.says(sentence)
    for kind, questions in damage.ASKED.items():
        for n, question in enumerate(questions, 1):
            yield f"{kind} question {n}", damage.asks(question)
    yield from damage.OTHERS.items()
    for wrong, right in damage.CONFUSED:
        yield f"{right.value} read as {wrong.value}", damage.reads(wrong, right)
    other = next(a.reply for p in played for a in p.answers if a.reply and a.reply.question)
    yield "answer for another", damage.borrows(other)


def damaged(played: Played, how: Damage) -> Played | None:
    """Damage the answers of a case; None where there is nothing that it applies to."""
    answers = tuple(how(played.case, a) or a for a in played.answers)
    return None if answers == played.answers else replace(played, answers=answers)


def document(rows: list[scorecard.Row]) -> scorecard.Row:
    """Put rows together as a run does."""
    return scorecard.document(rows, {"scores": {}}, "mutant") | {"rules": rules.column()}


@contextmanager
def without_rule(rule: str) -> Iterator[None]:
    """Switch one rule off, wherever the rules are asked."""
    kept: dict[Any, Any] = {}
    for module in (restraint, checks, rules):
        for name in ("check_question", "check_reply", "check_message"):
            if hasattr(module, name):
                kept[module, name] = getattr(module, name)
                setattr(module, name, _deaf(kept[module, name], rule))
    try:
        yield
    finally:
        for (module, name), value in kept.items():
            setattr(module, name, value)


def _deaf(check: Callable[..., Any], rule: str) -> Callable[..., Any]:
    return lambda *a, **k: tuple(f for f in check(*a, **k) if f.rule != rule)


def survives_matching_off(player: Player, found: list[Case]) -> bool | None:
    """Tell whether a request that differs is answered when bodies are no longer matched; None with no recording."""
    case = next((c for c in found if player.path(c).exists()), None)
    if case is None:
        return None
    last = case.turns[-1]
    told = case.model_copy(
        update={"turns": (*case.turns[:-1], last.model_copy(update={"text": f"{last.text} Today."}))}
    )
    kept = recordings._VCR.match_on
    recordings._VCR.match_on = ("method",)
    try:
        stale = player.replay(told).stale
    finally:
        recordings._VCR.match_on = kept
    return stale == ("case moved",)  # what test_gate demands: the mutant lives if it still holds


def survives_easy_judge() -> bool:
    """Tell whether a judge that passes everything would be let to gate."""
    passing = judge.Verdict(reason="fine", verdict="keeps")
    agreed = judge.agreement([judge.Ruling(line, passing, "") for line in judge.labelled()] * 10)
    return any(row["gates"] for row in agreed.values())


def main() -> int:
    """Run every mutant; give 0 when enough were caught."""
    try:
        suite = config.read()
        player = Player(Settings(model=suite.model))
        found = cases.load()
        played = [player.play_offline(c) for c in found]
        played += [p for p in (player.replay(c) for c in found) if not p.stale]
    except ForbearError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    rows = [scorecard.row(p) for p in played]
    whole = document(rows)
    # What the undamaged run breaks already is known of these rows, and is no credit to a mutant.
    rows = [r | {"known": "undamaged"} if scorecard.broken(r) else r for r in rows]
    whole["rows"], before = rows, gate.baseline(whole, "undamaged")
    caught: dict[str, bool] = {}
    changes: dict[str, list[tuple[int, Played]]] = {}
    for name, how in damages(played):
        changes[name] = [(n, d) for n, p in enumerate(played) if (d := damaged(p, how))]
    for name, redraw in damage.SHEETS.items():
        drawn = [(n, p, p.sheet) for n, p in enumerate(played) if p.sheet and p.sheet.for_them]
        changes[f"sheet: {name}"] = [(n, replace(p, sheet=redraw(sheet))) for n, p, sheet in drawn]
    for name, changed in changes.items():
        if not changed:
            print(f"  {name}: applies to nothing")
            continue
        mutant = list(rows)
        for n, d in changed:
            mutant[n] = scorecard.row(d) | {"known": rows[n]["known"]}
        caught[name] = bool(gate.failures(document(mutant), suite, before))
    for rule in restraint.RULES:
        with without_rule(rule.id):
            lost = rules.worse(before["rules"], rules.column()) or rules.unkept()
        caught[f"rule {rule.id} off"] = bool(lost)
    for name, lives in (
        ("bodies not matched", survives_matching_off(player, found)),
        ("a judge that passes everything", survives_easy_judge()),
    ):
        if lives is not None:
            caught[name] = not lives
    survivors = [name for name, dead in caught.items() if not dead]
    share = 1 - len(survivors) / len(caught)
    print(f"{len(caught) - len(survivors)} of {len(caught)} mutants caught ({share:.1%})")
    for name in survivors:
        print(f"  survived: {name}")
    return int(share < ENOUGH)


if __name__ == "__main__":
    sys.exit(main())
