"""Write what a run found: JSON for machines, Markdown for a pull request, lines for the terminal."""

from __future__ import annotations

from pathlib import Path

from evals import gate, scorecard
from evals.scorecard import Row

#: The scores that a reader wants first, in this order; the questions of the form come in the HTML page.
FIRST = (
    "label", "form", "cost", "ground_found", "no_false_alarm", "quotes_genuine", "clean", "contract", "safety_first",
    "specific", "cited", "expected", "refused",
    "sheet_label", "sheet_shape", "sheet_clean", "sheet_kept", "sheet_specific",
)  # fmt: skip


def write(run: Row, folder: Path, root: Path) -> None:
    """Write report.json and summary.md into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_bytes(scorecard.as_bytes(run))
    (folder / "summary.md").write_text(markdown(run, root), encoding="utf-8")


def table(run: Row) -> list[tuple[str, str, str]]:
    """List each score with what both engines reach: value, interval, n."""
    found = []
    names = [n for n in FIRST if any(n in e["scores"] for e in run["engines"].values())]
    for name in names:
        found.append(
            (name, *(_cell(run["engines"].get(e, {}).get("scores", {}).get(name)) for e in ("openai", "offline")))
        )
    for name in ("kappa", "macro_f1", "calibration_error"):
        cells = [run["engines"].get(e, {}).get(name) for e in ("openai", "offline")]
        found.append((name, *("" if c is None else f"{c:.3f}" for c in cells)))
    return found  # type: ignore[return-value]


def _cell(score: Row | None) -> str:
    return "" if score is None else f"{score['value']:.3f} [{score['low']:.2f}, {score['high']:.2f}] n {score['n']}"


def terminal(run: Row) -> list[str]:
    """Give the scorecard as lines."""
    lines = [f"{'':18} {'model: ' + run['model']:32} offline"]
    lines += [f"{name:18} {model:32} {offline}" for name, model, offline in table(run)]
    lines += [f"retrieval {name:8} {_cell(score)}" for name, score in run["retrieval"]["scores"].items()]
    if run["second"]["n"]:
        people = run["second"]
        lines.append(f"second reader      agrees {people['agree']}, kappa {people['kappa']}, n {people['n']}")
    for criterion, row in run["judge"].items():
        role = "gates" if row["gates"] else "advises"
        kappa = "-" if row["kappa"] is None else f"{row['kappa']:.2f}"
        lines.append(f"judge {criterion:12} agrees {row['agree']}, kappa {kappa}, n {row['n']}: {role}")
    for criterion, row in run["opinions"].items():
        lines.append(f"replies {criterion:10} keep it {_cell(row['keeps'])}")
    return lines


def markdown(run: Row, root: Path) -> str:
    """Give the scorecard, what moved, and the worst replies as Markdown."""
    lines = ["# Evals", "", f"| score | {run['model']} | offline |", "|---|---|---|"]
    lines += [f"| {name} | {model} | {offline} |" for name, model, offline in table(run)]
    before = gate.read_baseline(root / "baseline.json")
    moved = gate.moved(run, before)
    lines += ["", f"## Moved since the baseline: {len(moved)}", "", *(f"- {line}" for line in moved[:60])]
    stale = [f"- {r['id']}: {'; '.join(r['stale'])}" for r in run["rows"] if r["stale"]]
    if stale:
        lines += ["", f"## Stale: {len(stale)}", "", *stale[:60]]
    failing = [(r, b) for r in run["rows"] for b in scorecard.broken(r)]
    lines += ["", f"## Hard limits broken: {len(failing)}", ""]
    lines += [f"- {r['engine']} {r['id']}{' (known)' if r['known'] else ''}: {b}" for r, b in failing]
    return "\n".join(lines) + "\n"
