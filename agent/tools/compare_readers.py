"""Hold the offline reader against simpler ones, on authors that none of them was trained on, and draw its learning curve.

Run as `make readers`; writes agent/forbear/engines/readers.md. Trained on knowledge/situations/, tested on messages of
evals/cases/, whose authors wrote nothing else. After `make train`; trains for the learning curve once more (`--no-curve`: does not).
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from tools import rows, train_reader
from tools.build_encoder import HOME, download
from tools.calibration import Calibration
from tools.rows import LABELS, NAMES, ROOT, Row

REPORT = ROOT / "agent" / "forbear" / "engines" / "readers.md"
CASES = ROOT / "evals" / "cases"
#: What the readers are tested on, and by whom it is.
TESTS = {
    "situations": "{n} messages by three authors, half of them written to mislead",
    "fresh": "{n} dilemmas by three authors who knew neither data nor rules, labelled blind by two others",
    "fresh_grounds": "{n} messages by two more, half of them holding a ground and half only sounding like one, labelled blind by two others",
    "boundaries": "{n} short messages, grounds and figures of speech, by the hand that wrote the product",
}
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


@dataclass(frozen=True)
class Test:
    """Hold one set of messages that no reader was trained on."""

    name: str
    rows: Sequence[Row]
    said: Sequence[Conversation]


def keyword(text: str) -> dict[Label, float]:
    """Read by words."""
    hit = next((label for label, words in KEYWORDS.items() if re.search(words, text.lower())), Label.UNCLEAR)
    return {label: 0.92 if label is hit else 0.01 for label in LABELS}


class Linear:
    """Read with a linear head for the label and one a question."""

    def __init__(self, seen: Any, train: Sequence[Row]) -> None:
        """Fit on features, one row a message."""
        self._label = LogisticRegression(C=3.0, max_iter=2000, random_state=0)
        self._label.fit(seen, [LABELS.index(r.label) for r in train])
        truth = np.stack([r.answers.numpy() for r in train])
        self._form = [LogisticRegression(C=3.0, max_iter=2000).fit(seen, truth[:, n]) for n in range(len(NAMES))]

    def read(self, name: str, see: Callable[[Sequence[str]], Any], texts: Sequence[str], megabytes: float) -> Reading:
        """Read texts through the function that makes features of them."""
        seen = see(texts)
        chances = [dict(zip(LABELS, map(float, row), strict=True)) for row in self._label.predict_proba(seen)]
        form = np.stack([head.predict_proba(seen)[:, 1] for head in self._form], 1)
        return Reading(name, chances, form, timed(lambda text: see([text]), texts), megabytes)


def timed(read: Callable[[Any], object], given: Sequence[Any]) -> float:
    """Give the milliseconds a message, over a hundred of them, the first left out."""
    read(given[0])
    some = [given[n % len(given)] for n in range(100)]
    start = time.perf_counter()
    for one in some:
        read(one)
    return 1000 * (time.perf_counter() - start) / len(some)


def gathered(model: reader.Reader, said: Sequence[Conversation]) -> reader.Logits:
    """Read one after the other; give all logits, a row each."""
    return reader.Logits(*(np.stack(of) for of in zip(*(model.logits(c) for c in said), strict=True)))


def neural(name: str, model: reader.Reader, said: Sequence[Conversation], fitted: Calibration) -> Reading:
    """Read with a tuned reader, as calibrated."""
    logits = gathered(model, said)
    size = ((HOME / "model.onnx").stat().st_size + model.path.stat().st_size) / 1e6
    return Reading(name, fitted.labels(logits), fitted.chances(logits.answers), timed(model.read, said), size)


def calibration() -> Calibration:
    """Read the calibration out of the reader that ships."""
    told = json.loads(open_model(reader.MODEL).get_modelmeta().custom_metadata_map["forbear"])
    return Calibration(
        np.array(told["scale"]), np.array(told["shift"]), np.array(told["joined"]), np.array(told["bias"]),
        told["form_weight"], told["label_weight"],
    )  # fmt: skip


def tested(name: str, encoder: Encoder) -> Test:
    """Read one file of cases that have a gold form."""
    told = [
        row
        for row in map(json.loads, (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
        if row.get("yes") is not None
    ]
    seen = [rows.as_row(row, name, encoder) for row in told]
    return Test(name, seen, [Conversation.model_validate({"turns": row["turns"]}) for row in told])


def main() -> None:
    """Train, test, and write the tables."""
    every = rows.load()
    kept = train_reader.held_out(every)
    train = [r for r in every if r.author not in kept]
    encoder, weights = Encoder(), load_weights(download()["model.safetensors"])
    tests, fitted = [tested(name, encoder) for name in TESTS], calibration()
    size = (HOME / "model.onnx").stat().st_size / 1e6
    said = [r.conversation.leader_words for r in train]
    bags = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    by_bags, by_vector = Linear(bags.fit_transform(said), train), Linear(encoder.encode(said), train)
    alone = replace(
        fitted, joined=np.eye(*fitted.joined.shape), bias=np.zeros(len(LABELS)), form_weight=0.0, label_weight=1.0
    )
    full, small = reader.Reader(encoder, train_reader.FULL), reader.Reader(encoder)
    out = [
        "# Offline readers, side by side", "",
        f"Trained on {len(train)} messages by {len({r.author for r in train})} authors, tested on messages by others. The milliseconds",
        "are one run on one machine, to be compared with each other.", "",
    ]  # fmt: skip
    for test in tests:
        texts = [c.leader_words for c in test.said]
        found = [Reading("keywords", [keyword(t) for t in texts], None, timed(keyword, texts), 0.0)]
        found.append(by_bags.read("TF-IDF + linear", lambda some: bags.transform(some), texts, 0.0))
        found.append(by_vector.read("frozen MiniLM + linear", encoder.encode, texts, size))
        for name, model, how in (
            ("tuned alone, fp32", full, alone),
            ("joined, fp32", full, fitted),
            ("joined, int8 (ships)", small, fitted),
        ):
            found.append(neural(name, model, test.said, how))
        out += table(test, found)
        print("\n".join(out[-30:]), flush=True)
    REPORT.write_text("\n".join(out), encoding="utf-8")
    if "--no-curve" in sys.argv:
        return
    out += ["## Learning curve", "", "A random part of the messages, the same joining and calibration.", ""]
    out += [
        "| messages | " + " | ".join(f"{t.name}: accuracy | kappa | form" for t in tests) + " |",
        "|---" * (1 + 3 * len(tests)) + "|",
    ]
    order = random.Random(0).sample(range(len(train)), len(train))
    for share in (16, 8, 4, 1):
        cells = [str(len(train) // share)]
        some = [train[n] for n in order[: len(train) // share]]
        again = (train_reader.train(some, weights), train_reader.by_words(some)) if share > 1 else None
        for test in tests:
            logits = train_reader.answer(*again, test.rows) if again else gathered(full, test.said)
            got = [reader.chosen(c) for c in fitted.labels(logits)]
            gold = [r.label for r in test.rows]
            cells += [
                f"{_accuracy(gold, got):.3f}",
                f"{cohen_kappa_score(gold, got):.3f}",
                _form(fitted.chances(logits.answers), test.rows),
            ]
        out.append("| " + " | ".join(cells) + " |")
        print(out[-1], flush=True)
    REPORT.write_text("\n".join(out) + "\n", encoding="utf-8")


def table(test: Test, readings: Sequence[Reading]) -> list[str]:
    """Write what all readers made of one test, in Markdown."""
    gold = [r.label for r in test.rows]
    grave = [label is Label.ESCALATE for label in gold]
    out = [
        f"## {test.name}: {TESTS[test.name].format(n=len(gold))}", "",
        "| reader | accuracy | kappa | macro-F1 | grounds found | false alarms | cost | ECE | form | ms | MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for r in readings:
        got = [reader.chosen(c) for c in r.chances]
        called = [label is Label.ESCALATE for label in got]
        weighed = np.mean([cost(a, b) for a, b in zip(gold, got, strict=True)])
        out.append(
            f"| {r.name} | {_accuracy(gold, got):.3f} | {cohen_kappa_score(gold, got):.3f} | {f1_score(gold, got, average='macro'):.3f} "
            f"| {sum(a and b for a, b in zip(grave, called, strict=True))}/{sum(grave)} "
            f"| {sum(b and not a for a, b in zip(grave, called, strict=True))} | {weighed:.2f} "
            f"| {_ece(gold, got, r.chances):.3f} | {_form(r.form, test.rows)} | {r.ms:.1f} | {r.megabytes:.1f} |"
        )
    out += ["", "`form`: the mean accuracy of the form's questions. F1 of each label:", ""]
    out += ["| reader | " + " | ".join(label.value for label in LABELS) + " |", "|---" * (len(LABELS) + 1) + "|"]
    for r in readings:
        got = [reader.chosen(c) for c in r.chances]
        each = f1_score(gold, got, labels=LABELS, average=None, zero_division=0.0)
        out.append(f"| {r.name} | " + " | ".join(f"{x:.2f}" for x in each) + " |")
    final = readings[-1]
    assert final.form is not None
    out += [
        "",
        "Each question, the reader that ships:",
        "",
        "| question | yes | accuracy | recall | precision |",
        "|---|---|---|---|---|",
    ]
    for n, name in enumerate(NAMES[: len(Fact)]):
        truth, said = np.array([bool(r.answers[n]) for r in test.rows]), final.form[:, n] >= 0.5
        both = int((truth & said).sum())
        if truth.any():
            out.append(
                f"| {name} | {truth.sum()} | {(truth == said).mean():.3f} | {both / truth.sum():.2f} | {both / max(said.sum(), 1):.2f} |"
            )
    out += ["", "Misses of the reader that ships:", ""]
    for row, label, chances in zip(test.rows, gold, final.chances, strict=True):
        if (read := reader.chosen(chances)) is not label:
            out.append(f"- {row.id}: {label.value} read as {read.value} ({chances[read]:.2f})")
    return [*out, ""]


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
