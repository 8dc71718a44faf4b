"""Say in Markdown how the reader does on authors that it has not seen, and how far a second labeller agrees with the first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import numpy as np
from sklearn.metrics import cohen_kappa_score, f1_score

from forbear.engines import reader
from forbear.situation import GROUNDS, OF_THE_LAST_MESSAGE, Fact, Label, cost
from tools.rows import LABELS, NAMES, SITUATIONS, Row

#: A ground may be near from this chance on; and what the last message does decides the coach's move, so that nothing about it
#: may be this doubtful.
NEAR, DOUBT = 0.02, 0.15
#: A message that looks as if it named no work of the leader's may hide a ground between its lines, and two tasks are kept apart by a
#: model far better.
ALONE = (Label.S1, Label.S2, Label.S3, Label.S4, Label.PRECOND)


def settled(labels: dict[Label, float], chances: dict[Fact, float], least: float) -> bool:
    """Tell whether a reading is sure enough to stand without a model's."""
    if labels[Label.ESCALATE] >= NEAR or any(chances[ground] >= NEAR for ground in GROUNDS):
        return False
    doubts = (min(chances[f], 1 - chances[f]) for f in OF_THE_LAST_MESSAGE)
    return max(labels[label] for label in ALONE) >= least and max(doubts) < DOUBT


def summarise(rows: Sequence[Row], found: list[dict[Label, float]], chances: np.ndarray, trained: Sequence[Row]) -> str:
    """Write the report in Markdown."""
    out = [
        "# The offline reader, held out by author", "",
        f"Trained on {len(trained)} messages by {len({r.author for r in trained})} authors. Each of these figures is of messages read by a model that had "
        "seen nothing of their author; the joining of its parts was fitted on all of them, so that readers.md, whose messages nothing was fitted on, is the stricter test.", "",
    ]  # fmt: skip
    for natural, title in (
        (True, "Authors who knew no rule"),
        (False, "Authors who knew the rule, and wrote to test it"),
    ):
        these = [n for n, r in enumerate(rows) if r.natural is natural]
        out += [f"## {title}", "", *_section([rows[n] for n in these], [found[n] for n in these], chances[these])]
    return "\n".join(out) + "\n"


def _section(rows: Sequence[Row], found: list[dict[Label, float]], chances: np.ndarray) -> list[str]:
    gold = [r.label.value for r in rows]
    read = [reader.chosen(labels) for labels in found]
    got = [label.value for label in read]
    sure = np.array([labels[label] for labels, label in zip(found, read, strict=True)])
    right = np.array([a == b for a, b in zip(gold, got, strict=True)])
    common = Counter(gold).most_common(1)[0]
    ece = sum(
        abs(right[m].mean() - sure[m].mean()) * m.mean()
        for lo in np.arange(0, 1, 0.1)
        if (m := (sure > lo) & (sure <= lo + 0.1)).any()
    )
    out = [f"{len(rows)} messages by {len({r.author for r in rows})} authors.", ""]
    out += [
        f"- label: accuracy {right.mean():.3f}, kappa {cohen_kappa_score(gold, got):.3f}, macro-F1 {f1_score(gold, got, average='macro'):.3f}"
    ]
    weighted = np.mean([cost(r.label, label) for r, label in zip(rows, read, strict=True)])
    out += [
        f"- weighted cost a message: {weighted:.2f} (always the commonest label: {np.mean([cost(r.label, Label(common[0])) for r in rows]):.2f})"
    ]
    out += [f"- always the commonest label ({common[0]}): {common[1] / len(rows):.3f}", f"- calibration: ECE {ece:.3f}"]
    each = [
        f"{author} {right[[r.author == author for r in rows]].mean():.2f}"
        for author in sorted({r.author for r in rows})
    ]
    out.append(f"- accuracy by author: {', '.join(each)}")
    escalate = np.array([g == "ESCALATE" for g in gold])
    called = np.array([g == "ESCALATE" for g in got])
    out.append(
        f"- grounds: {int((escalate & called).sum())} of {int(escalate.sum())} found, {int((called & ~escalate).sum())} false alarms in {int((~escalate).sum())}"
    )
    out += ["", "| label | n | precision | recall | F1 |", "|---|---|---|---|---|"]
    for label in LABELS:
        t, p = np.array([g == label.value for g in gold]), np.array([g == label.value for g in got])
        hit = (t & p).sum()
        out.append(
            f"| {label.value} | {t.sum()} | {hit / max(p.sum(), 1):.2f} | {hit / max(t.sum(), 1):.2f} | {2 * hit / max(t.sum() + p.sum(), 1):.2f} |"
        )
    out += [
        "",
        "If a model were spared the readings that are this sure, with no ground near and no doubt about the move:",
        "",
    ]
    out += ["| confidence | spared | right | grounds missed |", "|---|---|---|---|"]
    answers = [{f: float(every[NAMES.index(f.value)]) for f in Fact} for every in chances]
    for least in (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99):
        spared = np.array([settled(labels, form, least) for labels, form in zip(found, answers, strict=True)])
        hit = f"{right[spared].mean():.3f}" if spared.any() else "–"
        out.append(f"| {least} | {spared.mean():.2f} | {hit} | {int((spared & escalate).sum())} |")
    out += ["", "| question | yes | accuracy | recall of yes |", "|---|---|---|---|"]
    for n, name in enumerate(NAMES):
        p = np.array([every[n] >= 0.5 for every in chances])
        t = np.array([bool(r.answers[n]) for r in rows])
        out.append(f"| {name} | {t.sum()} | {(p == t).mean():.3f} | {(p & t).sum() / max(t.sum(), 1):.2f} |")
    return [*out, ""]


def agreement(rows: Sequence[Row]) -> str:
    """Hold a second, blind filling of a tenth of the messages against the first, in Markdown."""
    told = [
        json.loads(line) for line in (SITUATIONS / "second" / "forms.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    first = {r.id: r for r in rows}
    pairs = [(first[row["id"]], row) for row in told]
    labels = [(r.label.value, row["label"]) for r, row in pairs]
    same = sum(a == b for a, b in labels)
    out = [
        "", "## A second filling", "",
        f"{len(pairs)} of the messages, drawn by chance, were filled in once more by labellers who saw the words and the rule alone: the label is "
        f"the same in {same}, kappa {cohen_kappa_score(*zip(*labels, strict=True)):.3f}.", "",
        "| question | first | second | both | kappa |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for n, name in enumerate(NAMES[: len(Fact)]):
        one, two = [bool(r.answers[n]) for r, _ in pairs], [name in row["yes"] for _, row in pairs]
        both = sum(a and b for a, b in zip(one, two, strict=True))
        if any(one) or any(two):
            out.append(f"| {name} | {sum(one)} | {sum(two)} | {both} | {cohen_kappa_score(one, two):.2f} |")
    return "\n".join(out) + "\n"
