"""Draw the last run as one self-contained HTML file that a person looks at. Run as `make evals-report`."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import jinja2
import matplotlib as mpl
from markupsafe import Markup

from evals import gate, measures, report, scorecard
from evals.cases import HERE
from evals.play import BUILD
from evals.scorecard import LABELS, Row

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "forbear", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
INK, SOFT = "#2f4858", "#86a3b0"
SHORT = {label: label.split("_")[0] for label in LABELS}
#: Replies that the page shows first: those that lose most over these scores.
_WEIGHS = ("label", "clean", "contract", "specific", "cited", "expected", "safety_first", "quotes_genuine")


def draw(run: Row, baseline: Row) -> str:
    """Give the page."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    engines = {name: run["engines"][name] for name in ("openai", "offline") if name in run["engines"]}
    names = {"openai": f"model: {run['model']}", "offline": "offline"}
    return env.get_template("report.html.j2").render(
        run=run,
        table=report.table(run),
        fifth=_fifth(run),
        labels=[SHORT[x] for x in LABELS],
        confusions=[(names[name], e["confusion"]) for name, e in engines.items() if "confusion" in e],
        reliability=_svg(_reliability(engines)),
        rules=_svg(_bars(_rules(run), "answers whose drafts broke the rule before anybody saw them")),
        facts=_svg(_bars(_facts(engines), "Cohen's kappa with the gold form")),
        worst=[(names[name], _worst([r for r in run["rows"] if r["engine"] == name])) for name in engines],
        broken=[(r, b) for r in run["rows"] for b in scorecard.broken(r)],
        moved=gate.moved(run, baseline),
        changed=_changed(run, baseline),
        reason=baseline.get("reason", "none accepted yet"),
    )


def _fifth(run: Row) -> dict[str, dict[str, float]]:
    """Give the fifth percentile of each score beside its mean: how bad the bad ones are."""
    found: dict[str, dict[str, float]] = {}
    for engine in run["engines"]:
        columns = scorecard.columns([r for r in run["rows"] if r["engine"] == engine])
        found[engine] = {
            k: round(measures.percentile(list(c.values()), 95 if k in scorecard.LESS_IS_BETTER else 5), 3)
            for k, c in columns.items()
        }
    return found


def _rules(run: Row) -> dict[str, dict[str, float]]:
    counts: dict[str, dict[str, float]] = {}
    for row in run["rows"]:
        for answer in row["answers"]:
            for rule in set(answer.get("mended", ())):
                counts.setdefault(row["engine"], {}).setdefault(rule, 0)
                counts[row["engine"]][rule] += 1
    return counts


def _facts(engines: Row) -> dict[str, dict[str, float]]:
    return {name: {k: v for k, v in e.get("fact_kappa", {}).items() if v is not None} for name, e in engines.items()}


def _worst(rows: list[Row], limit: int = 10) -> list[Row]:
    """List the answers that lose most, with what they lose it for."""
    found = []
    for row in rows:
        for answer in row["answers"]:
            lost = {k: why for k, (v, why) in answer["scores"].items() if k in _WEIGHS and v < 1}
            weight = len(lost) + answer["scores"].get("cost", [0])[0]
            if lost:
                found.append((weight, row, answer, lost))
    found.sort(key=lambda x: (-x[0], x[1]["id"]))
    return [{"row": r, "answer": a, "lost": lost} for _, r, a, lost in found[:limit]]


def _changed(run: Row, baseline: Row) -> list[Row]:
    """List the replies that differ from the baseline's, before and after."""
    found = []
    for row in run["rows"]:
        for n, answer in enumerate(row["answers"], 1):
            key = f"{row['engine']} {row['id']}.{n}"
            before, after = baseline.get("replies", {}).get(key), answer.get("reply", answer.get("refused", ""))
            if before is not None and before != after:
                found.append({"key": key, "before": before, "after": after})
    return found


def _reliability(engines: Row) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 3.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="#bbb", linewidth=1)
    for (name, engine), colour in zip(engines.items(), (INK, SOFT), strict=False):
        rows = engine.get("reliability", [])
        axes.plot([r["sure"] for r in rows], [r["right"] for r in rows], color=colour, label=name, linewidth=1.2)
        axes.scatter(
            [r["sure"] for r in rows], [r["right"] for r in rows], s=[4 + 2 * r["n"] for r in rows], color=colour
        )
    axes.set(xlabel="confidence", ylabel="how often right", xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)
    return figure


def _bars(counts: dict[str, dict[str, float]], label: str) -> Any:
    from matplotlib.figure import Figure

    counts = {engine: counts[engine] for engine in ("openai", "offline") if engine in counts}
    names = sorted(
        {n for c in counts.values() for n in c}, key=lambda n: (-max(c.get(n, 0) for c in counts.values()), n)
    )
    figure = Figure(figsize=(7, 0.6 + 0.24 * max(len(names), 1)), layout="constrained")
    axes = figure.add_subplot()
    for shift, ((engine, column), colour) in enumerate(zip(counts.items(), (INK, SOFT), strict=False)):
        places = [n + 0.36 * shift for n in range(len(names))]
        axes.barh(places, [column.get(n, 0) for n in names], height=0.34, color=colour, label=engine)
    axes.set_yticks([n + 0.18 for n in range(len(names))], names)
    axes.invert_yaxis()
    axes.set_xlabel(label)
    if counts:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def _svg(figure: Any) -> Markup:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return Markup(text[text.index("<svg") :])


def main(arguments: list[str] | None = None) -> int:
    """Write report.html beside the last run's report.json."""
    parser = argparse.ArgumentParser(prog="evals-report", description="Draw the last run as one HTML file.")
    parser.add_argument("--report", type=Path, default=BUILD / "report.json")
    options = parser.parse_args(arguments)
    if not options.report.exists():
        print("There is no run to draw; run make evals first.", file=sys.stderr)
        return 2
    run = json.loads(options.report.read_text(encoding="utf-8"))
    page = options.report.with_suffix(".html")
    page.write_text(draw(run, gate.read_baseline()), encoding="utf-8")
    print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
