"""Hold the offline reader against simpler ones, on authors that none of them was trained on, and draw its learning curve.

Run as `make readers`; writes agent/forbear/engines/readers.md. Trained on knowledge/situations/, tested on the situations
of evals/cases/, whose authors wrote nothing else. After `make reader`; trains for the learning curve once more.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load as load_weights
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, f1_score

from forbear.encoder import Encoder, open_model
from forbear.engines import reader
from forbear.situation import Fact, Label, cost
from forbear.state import Conversation
from tools import train_reader
from tools.build_encoder import HOME, download
from tools.train_reader import LABELS, NAMES, ROOT, Row

REPORT = ROOT / "agent" / "forbear" / "engines" / "readers.md"
#: The simplest honest reader: a few words a label, the first that hits, in the order of the form.
KEYWORDS = {
    Label.ESCALATE: r"suicid|threat|violen|weapon|injur|hurt|harass|discriminat|pregnan|fraud|stole|falsif|dismiss|redundan|suspend",
    Label.OUTSIDE: r"my (?:boss|manager|husband|wife|son|daughter|sister|brother)|job advert|strategy|salary",
    Label.PRECOND: r"never (?:shown|told|trained)|no training|nobody (?:told|showed)|needs? (?:my|an?) (?:approval|signature)|irreversible",
    Label.MULTI: r"two (?:things|questions)|both",
    Label.S4: r"took (?:it|the \w+) back|taken back|finished|success|next (?:time|round|one)|well done",
    Label.S3: r"mistake|wrong|failed|missed|complain|lost|angry|cried",
    Label.S2: r"halfway|draft|checking|hover|tempted|fix it|my way|in progress",
    Label.S1: r"delegate|hand over|give (?:her|him|it|someone)|assign|do it myself|ready",
}


@dataclass(frozen=True)
class Reading:
    """Hold how one reader did."""

    name: str
    chances: Sequence[dict[Label, float]]
    form: np.ndarray | None
    """Chance of each "yes", (messages, names); None for a reader that fills no form."""
    ms: float
    megabytes: float


def texts(path: Path) -> list[str]:
    """Give each message with what the leader said before it."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return ["\n".join(t["text"] for t in r["turns"] if t["role"] == "leader") for r in rows]


def keyword(text: str) -> dict[Label, float]:
    """Read by words."""
    hit = next((label for label, words in KEYWORDS.items() if re.search(words, text.lower())), Label.UNCLEAR)
    return {label: 0.92 if label is hit else 0.01 for label in LABELS}


def linear(train_x: Any, train: Sequence[Row], test_x: Any) -> tuple[list[dict[Label, float]], np.ndarray]:
    """Fit a linear head for the label and one a question."""
    head = LogisticRegression(C=3.0, max_iter=2000, random_state=0)
    head.fit(train_x, [LABELS.index(r.label) for r in train])
    found = [dict.fromkeys(LABELS, 1e-6) | {LABELS[c]: float(p) for c, p in zip(head.classes_, row, strict=True)}
             for row in head.predict_proba(test_x)]  # fmt: skip
    form = np.zeros((len(found), len(NAMES)))
    for n in range(len(NAMES)):
        truth = [int(r.answers[n]) for r in train]
        if sum(truth) >= 2:
            form[:, n] = LogisticRegression(C=3.0, max_iter=2000).fit(train_x, truth).predict_proba(test_x)[:, 1]
    return found, form


def timed(read: Callable[[int], object], count: int) -> float:
    """Give the milliseconds a message, the first left out."""
    read(0)
    start = time.perf_counter()
    for n in range(1, count):
        read(n)
    return 1000 * (time.perf_counter() - start) / (count - 1)


def neural(
    name: str, path: Path, encoder: Encoder, said: Sequence[Conversation], fitted: train_reader.Calibration
) -> Reading:
    """Read with a tuned reader, as calibrated."""
    read, size = reader.Reader(encoder, path), (HOME / "model.onnx").stat().st_size
    logits = reader.Logits(*(np.stack(of) for of in zip(*(read.logits(c) for c in said), strict=True)))
    ms = timed(lambda n: read.read(said[n]), 100)
    return Reading(name, fitted.labels(logits), fitted.chances(logits.answers), ms, (size + path.stat().st_size) / 1e6)


def calibration() -> train_reader.Calibration:
    """Read the calibration out of the reader that ships."""
    told = json.loads(open_model(reader.MODEL).get_modelmeta().custom_metadata_map["forbear"])
    return train_reader.Calibration(
        np.array(told["scale"]), np.array(told["shift"]),
        told["sharpness"], told["words_weight"], told["form_weight"], told["label_weight"],
    )  # fmt: skip


def main() -> None:
    """Train, test, and write the tables."""
    train = train_reader.load()
    path = ROOT / "evals" / "cases" / "situations.jsonl"
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    encoder, weights = Encoder(), load_weights(download()["model.safetensors"])
    test = [train_reader.as_row(row, "test", encoder) for row in told]
    said, tested = [r.text for r in train], texts(path)
    size = (HOME / "model.onnx").stat().st_size / 1e6
    readings = [Reading("keywords", [keyword(t) for t in tested], None, timed(lambda n: keyword(tested[n]), 100), 0.0)]

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    found, form = linear(words.fit_transform(said), train, words.transform(tested))
    readings.append(Reading("TF-IDF + linear", found, form, timed(lambda n: words.transform([tested[n]]), 100), 0.0))

    found, form = linear(encoder.encode(said), train, encoder.encode(tested))
    readings.append(
        Reading("frozen MiniLM + linear", found, form, timed(lambda n: encoder.encode([tested[n]]), 100), size)
    )

    conversations = [Conversation.model_validate({"turns": row["turns"]}) for row in told]
    fitted = calibration()
    alone = replace(fitted, words_weight=0.0)
    readings += [
        neural("tuned alone, fp32", train_reader.FULL, encoder, conversations, alone),
        neural("tuned × words, fp32", train_reader.FULL, encoder, conversations, fitted),
        neural("tuned × words, int8 (ships)", reader.MODEL, encoder, conversations, fitted),
    ]
    curve = []
    order = random.Random(0).sample(range(len(train)), len(train))
    for share in (16, 8, 4, 2):
        some = [train[n] for n in order[: len(train) // share]]
        logits = train_reader.answer(train_reader.train(some, weights), train_reader.by_words(some), test)
        curve.append((len(some), Reading("", fitted.labels(logits), fitted.chances(logits.answers), 0.0, 0.0)))
    curve.append((len(train), readings[-2]))
    REPORT.write_text(report(readings, curve, test, len(train)), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))


def report(readings: Sequence[Reading], curve: Sequence[tuple[int, Reading]], test: Sequence[Row], count: int) -> str:
    """Write the tables in Markdown."""
    authors = "evals/cases/situations.jsonl"
    out = [
        "# Offline readers, side by side", "",
        f"Trained on {count} messages, tested on the {len(test)} of {authors}, whose authors wrote none of the others. The milliseconds",
        "are one run on one machine, to be compared with each other.", "",
        "| reader | accuracy | kappa | macro-F1 | grounds found | false alarms | cost | ECE | form | ms | MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    gold = [r.label for r in test]
    grave = [label is Label.ESCALATE for label in gold]
    for r in readings:
        got = [reader.chosen(c) for c in r.chances]
        called = [label is Label.ESCALATE for label in got]
        weighed = np.mean([cost(a, b) for a, b in zip(gold, got, strict=True)])
        out.append(
            f"| {r.name} | {_accuracy(gold, got):.3f} | {cohen_kappa_score(gold, got):.3f} | {f1_score(gold, got, average='macro'):.3f} "
            f"| {sum(a and b for a, b in zip(grave, called, strict=True))}/{sum(grave)} "
            f"| {sum(b and not a for a, b in zip(grave, called, strict=True))} | {weighed:.2f} "
            f"| {_ece(gold, got, r.chances):.3f} | {_form(r.form, test)} | {r.ms:.1f} | {r.megabytes:.1f} |"
        )
    out += ["", "`form`: the mean accuracy of the form's questions.", "", "F1 of each label:", ""]
    out += ["| reader | " + " | ".join(label.value for label in LABELS) + " |", "|---" * (len(LABELS) + 1) + "|"]
    for r in readings:
        got = [reader.chosen(c) for c in r.chances]
        each = f1_score(gold, got, labels=LABELS, average=None, zero_division=0.0)
        out.append(f"| {r.name} | " + " | ".join(f"{x:.2f}" for x in each) + " |")
    out += ["", "Learning curve of the tuned reader (a random part of the messages, the same calibration):", ""]
    out += ["| messages | accuracy | kappa | form |", "|---|---|---|---|"]
    for n, r in curve:
        got = [reader.chosen(c) for c in r.chances]
        out.append(f"| {n} | {_accuracy(gold, got):.3f} | {cohen_kappa_score(gold, got):.3f} | {_form(r.form, test)} |")
    final = readings[-1].form
    assert final is not None
    out += [
        "",
        "Each question, the reader that ships:",
        "",
        "| question | yes | accuracy | recall | precision |",
        "|---|---|---|---|---|",
    ]
    for n, name in enumerate(NAMES[: len(Fact)]):
        truth, said = np.array([bool(r.answers[n]) for r in test]), final[:, n] >= 0.5
        both = int((truth & said).sum())
        if truth.any():
            out.append(
                f"| {name} | {truth.sum()} | {(truth == said).mean():.3f} | {both / truth.sum():.2f} | {both / max(said.sum(), 1):.2f} |"
            )
    return "\n".join(out) + "\n"


def _accuracy(gold: Sequence[Label], got: Sequence[Label]) -> float:
    return float(np.mean([a is b for a, b in zip(gold, got, strict=True)]))


def _ece(gold: Sequence[Label], got: Sequence[Label], chances: Sequence[dict[Label, float]]) -> float:
    sure = np.array([c[label] for c, label in zip(chances, got, strict=True)])
    right = np.array([a is b for a, b in zip(gold, got, strict=True)])
    bins = [(sure > lo) & (sure <= lo + 0.1) for lo in np.arange(0, 1, 0.1)]
    return float(sum(abs(right[m].mean() - sure[m].mean()) * m.mean() for m in bins if m.any()))


def _form(form: np.ndarray | None, test: Sequence[Row]) -> str:
    if form is None:
        return "–"
    truth = np.stack([r.answers.numpy() for r in test])[:, : len(Fact)] == 1
    return f"{((form[:, : len(Fact)] >= 0.5) == truth).mean():.3f}"


if __name__ == "__main__":
    main()
