"""Decide whether a run passes: thresholds, and no worse than the baseline by more than noise on the same cases."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evals import measures, rules
from evals.cases import HERE
from evals.config import Suite
from evals.scorecard import LESS_IS_BETTER, Row, as_bytes, broken, columns

BASELINE = HERE / "baseline.json"


@dataclass(frozen=True)
class Verdict:
    """Hold one thing that the gate has to say."""

    kind: Literal["threshold", "regression"]
    engine: str
    score: str
    passed: bool
    text: str


def failures(run: Row, suite: Suite, before: Row) -> list[str]:
    """List all that fails in a run: hard limits, thresholds, and what is worse than the baseline."""
    hard = [f"{r['engine']} {r['id']}: {b}" for r in run["rows"] if not r["known"] for b in broken(r)]
    verdicts = [*thresholds(run, suite), *regressions(run, before)]
    lost = [f"rule, on {line}" for line in rules.worse(before.get("rules", {}), run["rules"])]
    return hard + [v.text for v in verdicts if not v.passed] + lost


def thresholds(run: Row, suite: Suite) -> list[Verdict]:
    """Hold the scores of a run against the least (or, where less is better, the most) that passes."""
    found = []
    for engine, wanted in suite.thresholds.items():
        for score, limit in wanted.items():
            value = _value(run, engine, score)
            if value is None:
                found.append(Verdict("threshold", engine, score, False, f"{engine}: nothing was scored for {score}"))
                continue
            passed = value <= limit if score in LESS_IS_BETTER else value >= limit
            side = "at most" if score in LESS_IS_BETTER else "at least"
            found.append(
                Verdict("threshold", engine, score, passed, f"{engine}: {score} {value:.3f}, {side} {limit:.3f}")
            )
    return found


def regressions(run: Row, baseline: Row) -> list[Verdict]:
    """Compare a run with the baseline, score by score on the cases that both hold."""
    found = []
    for engine, before in baseline.get("columns", {}).items():
        now = columns([r for r in run["rows"] if r["engine"] == engine])
        for score, old in before.items():
            new = now.get(score, {})
            same = sorted(old.keys() & new.keys())
            if not same:
                continue
            sign = -1 if score in LESS_IS_BETTER else 1
            pairs = [sign * old[k] for k in same], [sign * new[k] for k in same]
            p = measures.worse(*pairs)
            was, is_now = (sum(c[k] for k in same) / len(same) for c in (old, new))
            blind = measures.invisible(len(same))
            text = (
                f"{engine}: {score} {was:.3f} → {is_now:.3f} on the same {len(same)} answers (p {p:.3f}; "
                f"a drop of up to {blind:.3f} could not be called)"
            )
            found.append(Verdict("regression", engine, score, p >= measures.ALPHA, text))
    return found


def moved(run: Row, baseline: Row) -> list[str]:
    """List the answers whose scores differ from the baseline, one line each."""
    found = []
    for engine, before in baseline.get("columns", {}).items():
        now = columns([r for r in run["rows"] if r["engine"] == engine])
        for score, old in before.items():
            for key in sorted(old.keys() & now.get(score, {}).keys()):
                if old[key] != now[score][key]:
                    found.append(f"{engine} {key} {score}: {old[key]:g} → {now[score][key]:g}")
    return found


def read_baseline(path: Path = BASELINE) -> Row:
    """Read the baseline; an empty one where none was accepted yet."""
    found: Row = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def baseline(run: Row, reason: str) -> Row:
    """Make the baseline of a run: its columns, but for the single questions of the form, and its replies."""
    kept = {}
    for engine in run["engines"]:
        rows = [r for r in run["rows"] if r["engine"] == engine]
        kept[engine] = {k: v for k, v in columns(rows).items() if not k.startswith("fact:")}
    replies = {
        f"{r['engine']} {r['id']}.{n}": a.get("reply", a.get("refused", ""))
        for r in run["rows"]
        for n, a in enumerate(r["answers"], 1)
    }
    return {"reason": reason, "model": run["model"], "columns": kept, "replies": replies, "rules": run["rules"]}


def _value(run: Row, engine: str, score: str) -> float | None:
    found: Any = run["retrieval"] if engine == "retrieval" else run["engines"].get(engine, {})
    plain = score in ("kappa", "macro_f1", "calibration_error")
    value: float | None = found.get(score) if plain else found.get("scores", {}).get(score, {}).get("value")
    return value


def main(arguments: list[str] | None = None) -> int:
    """Accept the last run as the new baseline. Run as `make evals-accept REASON="..."`."""
    parser = argparse.ArgumentParser(prog="evals-accept", description="Accept the last run as the new baseline.")
    parser.add_argument("--reason", required=True, help="why the scores may move; kept with the baseline")
    parser.add_argument("--report", type=Path, default=HERE.parent / "build" / "evals" / "report.json")
    options = parser.parse_args(arguments)
    if not options.reason.strip():
        print('Say why: make evals-accept REASON="...".', file=sys.stderr)
        return 2
    if not options.report.exists():
        print("There is no run to accept; run make evals first.", file=sys.stderr)
        return 2
    run = json.loads(options.report.read_text(encoding="utf-8"))
    if not run["whole"] or any(r["stale"] for r in run["rows"]):
        print("The last run was of a part of the suite, or some of it is stale; run make evals again.", file=sys.stderr)
        return 2
    BASELINE.write_bytes(as_bytes(baseline(run, options.reason)))
    print(f"Accepted: {len(run['rows'])} rows. {options.reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
