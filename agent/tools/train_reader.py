"""Train the offline reader's heads from knowledge/situations/, and report how they do on authors they have not seen.

Run as `make reader`: seeded, deterministic on one machine, writes agent/forbear/engines/reader.npz and its report.
Every figure is from cross-validation by author (a whole file is held out): no line is judged by a head that saw its
author. The mixing weights (three a question) and two weights of the search are fitted on those held-out scores.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, f1_score

from forbear.encoder import Encoder
from forbear.engines import reader
from forbear.situation import Fact, Facts, Label, Yes, cost, decide
from forbear.state import Conversation
from forbear.words import normalised

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "agent" / "forbear" / "engines" / "reader.md"
CIRCUMSTANCES = [
    "urge",
    "checking",
    "not_my_way",
    "asks_me",
    "told_me",
    "reacted",
    "upset",
    "repeat",
    "deadline",
    "onlooker",
    "pressure",
    "silence",
    "worry",
    "choosing",
    "credit",
    "quicker",
    "meeting",
]
NAMES = [f.value for f in Fact] + CIRCUMSTANCES
LABELS = list(reader.LABELS)
#: A question with fewer "yes" than this is answered "no": a head of so few examples only guesses.
FEWEST = 8
#: Strength of the penalty, chosen on the label by held-out accuracy over {0.1, 0.3, 1, 3}.
C_SENTENCE, C_MESSAGE, C_LABEL = 1.0, 1.0, 1.0


def load() -> list[dict[str, Any]]:
    """Read the labelled messages, each with its author (its file), label and what the heads look at."""
    encoder, rows = Encoder(), []
    near = reader.examples(encoder)
    for path in sorted((ROOT / "knowledge" / "situations").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            facts = Facts(yes=tuple(Yes(**y) for y in row["yes"]))
            conversation = Conversation.model_validate({"turns": row["turns"]})
            seen = reader.look(conversation, encoder, near)
            quotes = [(a.fact.value, a.quote) for a in facts.yes] + list(row.get("circumstances", {}).items())
            rows.append(
                {
                    "id": row["id"],
                    "author": path.stem,
                    "seen": seen,
                    "quotes": quotes,
                    "label": decide(facts).label,
                    "facts": facts,
                }
            )
    return rows


def sentence_targets(row: dict[str, Any]) -> np.ndarray:
    """Mark the sentences that each quote lies in."""
    marks = np.zeros((len(row["seen"].sentences), len(NAMES)), np.int8)
    flat = [normalised(s) for s in row["seen"].sentences]
    for name, quote in row["quotes"]:
        words = normalised(quote).strip(" .,;:!?\"'")
        hits = [n for n, s in enumerate(flat) if words in s or (len(s) > 8 and s.strip(" .,;:!?\"'") in words)]
        for n in hits[-1:]:
            marks[n, NAMES.index(name)] = 1
    return marks


def fit(x: Any, y: np.ndarray, c: float) -> tuple[np.ndarray, float]:
    """Fit one head; a question nobody answers "yes" gets a constant "no"."""
    if y.sum() < 2:
        return np.zeros(x.shape[1]), -6.0
    head = LogisticRegression(C=c, solver="liblinear", random_state=0, intercept_scaling=5.0).fit(x, y)
    return head.coef_[0], float(head.intercept_[0])


def train(rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Fit all heads on some rows."""
    x_sentence = csr_matrix(np.vstack([r["seen"].rows for r in rows]))
    x_message = csr_matrix(np.stack([r["seen"].message for r in rows]))
    y_sentence = np.vstack([sentence_targets(r) for r in rows])
    y_message = np.array([[name in {n for n, _ in r["quotes"]} for name in NAMES] for r in rows], np.int8)
    sentence = [fit(x_sentence, y_sentence[:, n], C_SENTENCE) for n in range(len(NAMES))]
    message = [fit(x_message, y_message[:, n], C_MESSAGE) for n in range(len(NAMES))]
    labels = LogisticRegression(C=C_LABEL, max_iter=500, random_state=0).fit(
        x_message, [LABELS.index(r["label"]) for r in rows]
    )
    weights = np.zeros((x_message.shape[1], len(LABELS)))
    bias = np.full(len(LABELS), -9.0)
    weights[:, labels.classes_], bias[labels.classes_] = labels.coef_.T, labels.intercept_
    return {
        "sentence_weights": np.stack([w for w, _ in sentence], 1), "sentence_bias": np.array([b for _, b in sentence]),
        "message_weights": np.stack([w for w, _ in message], 1), "message_bias": np.array([b for _, b in message]),
        "label_weights": weights, "label_bias": bias,
    }  # fmt: skip


def raw(model: dict[str, np.ndarray], row: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score one row: strongest sentence, message, and labels."""
    seen = row["seen"]
    strongest = (seen.rows @ model["sentence_weights"] + model["sentence_bias"]).max(0)
    message = seen.message @ model["message_weights"] + model["message_bias"]
    return strongest, message, seen.message @ model["label_weights"] + model["label_bias"]


def main() -> None:
    """Cross-validate by author, report, and fit the heads that ship on all of it."""
    rows = load()
    authors = sorted({r["author"] for r in rows})
    if len(authors) < 2:
        sys.exit("Two authors at least are needed to say anything of an author who was not seen.")
    scores: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for author in authors:
        model = train([r for r in rows if r["author"] != author])
        scores |= {r["id"]: raw(model, r) for r in rows if r["author"] == author}
    truth = np.array([[name in {n for n, _ in r["quotes"]} for name in NAMES] for r in rows], np.int8)
    mix = np.zeros((len(NAMES), 3))
    for n in range(len(NAMES)):
        x = np.array([[scores[r["id"]][0][n], scores[r["id"]][1][n]] for r in rows])
        if truth[:, n].sum() < FEWEST:
            mix[n] = 0.0, 0.0, -6.0
            continue
        head = LogisticRegression(C=1.0).fit(x, truth[:, n])
        mix[n] = max(head.coef_[0, 0], 0.0), max(head.coef_[0, 1], 0.0), head.intercept_[0]
    chances = {
        r["id"]: 1 / (1 + np.exp(-(mix[:, 0] * scores[r["id"]][0] + mix[:, 1] * scores[r["id"]][1] + mix[:, 2])))
        for r in rows
    }

    def posterior(row: dict[str, Any], form_weight: float, label_weight: float) -> dict[Label, float]:
        answers = {f: float(chances[row["id"]][NAMES.index(f.value)]) for f in Fact}
        prior = dict(zip(LABELS, reader._softmax(scores[row["id"]][2]), strict=True))
        return reader._most_probable(answers, prior, dict.fromkeys(NAMES, "?"), form_weight, label_weight)[1]

    grid = [(f, w) for f in (0.25, 0.5, 0.75, 1.0) for w in (0.5, 1.0, 1.5)]
    losses = {g: -float(np.mean([np.log(max(posterior(r, *g)[r["label"]], 1e-6)) for r in rows])) for g in grid}
    best = min(losses, key=lambda g: losses[g])
    found = [posterior(r, *best) for r in rows]
    report = summarise(rows, found, chances, truth)
    report += f"\nWeights of the search: form {best[0]}, label {best[1]} (held-out log loss {losses[best]:.3f}).\n"
    near = reader.examples(Encoder())
    model = train(rows) | {
        "mix": mix,
        "names": np.array(NAMES),
        "encoder": np.array(Encoder().fingerprint),
        "near_vectors": near.vectors.astype(np.float16),
        "near_starts": near.starts,
        "form_weight": np.array(best[0]),
        "label_weight": np.array(best[1]),
    }
    kept: dict[str, Any] = {k: v.astype(np.float16) if v.ndim == 2 and "weights" in k else v for k, v in model.items()}
    np.savez_compressed(reader.MODEL, **kept)
    REPORT.write_text(report, encoding="utf-8")
    print(report)
    print(f"{reader.MODEL.name}: {reader.MODEL.stat().st_size / 1e6:.2f} MB")
    if "--misses" in sys.argv:
        for r, labels in zip(rows, found, strict=True):
            got = reader.chosen(labels)
            if got is not r["label"]:
                print(
                    r["id"],
                    r["label"].value,
                    "->",
                    got.value,
                    f"{labels[got]:.2f}",
                    " / ".join(r["seen"].sentences)[:160],
                )


def summarise(
    rows: list[dict[str, Any]], found: list[dict[Label, float]], chances: dict[str, np.ndarray], truth: np.ndarray
) -> str:
    """Write the report in Markdown."""
    gold = [r["label"].value for r in rows]
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
    out = [
        "# The offline reader, held out by author",
        "",
        f"{len(rows)} messages by {len({r['author'] for r in rows})} authors.",
        "",
    ]
    out += [
        f"- label: accuracy {right.mean():.3f}, kappa {cohen_kappa_score(gold, got):.3f}, macro-F1 {f1_score(gold, got, average='macro'):.3f}"
    ]
    weighted = np.mean([cost(r["label"], label) for r, label in zip(rows, read, strict=True)])
    out += [
        f"- weighted cost a message: {weighted:.2f} (always the commonest label: {np.mean([cost(r['label'], Label(common[0])) for r in rows]):.2f})"
    ]
    out += [f"- always the commonest label ({common[0]}): {common[1] / len(rows):.3f}", f"- calibration: ECE {ece:.3f}"]
    for author in sorted({r["author"] for r in rows}):
        of = np.array([r["author"] == author for r in rows])
        out.append(f"- author {author}: accuracy {right[of].mean():.3f} (n {of.sum()})")
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
    out += ["", "| question | yes | accuracy | recall of yes |", "|---|---|---|---|"]
    for n, name in enumerate(NAMES):
        p = np.array([chances[r["id"]][n] >= 0.5 for r in rows])
        t = truth[:, n] == 1
        out.append(f"| {name} | {t.sum()} | {(p == t).mean():.3f} | {(p & t).sum() / max(t.sum(), 1):.2f} |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    main()
