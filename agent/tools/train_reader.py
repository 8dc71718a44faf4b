"""Train the offline reader on knowledge/situations/, and report how it does on authors it has not seen.

Run as `make reader`: seeded, on the CPU, writes agent/forbear/engines/reader.onnx and its report. The encoder's upper half
is tuned with heads for the form's questions (by token and by message) and for the label; the lower half stays as it is.
Beside it stands a linear model of the label by words and pairs of words; the two are multiplied.
Every figure is from cross-validation by author (whole files are held out). The calibration and two weights of the search
are fitted on those held-out answers; what ships is trained on all.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import TensorProto
from safetensors.numpy import load as load_weights
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, f1_score, log_loss
from torch import nn
from torch.nn import functional

from forbear.encoder import HALF, Encoder
from forbear.engines import reader
from forbear.situation import Fact, Facts, Label, Yes, cost, decide
from forbear.state import Conversation
from tools.build_encoder import LAYERS, download
from tools.ngrams import Ngrams
from tools.onnx_bert import HEADS, WIDTH, Graph, quantise

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "agent" / "forbear" / "engines" / "reader.md"
#: The same in full precision, to be compared with: not kept.
FULL = ROOT / "build" / "reader-fp32.onnx"
CIRCUMSTANCES = (
    "urge", "checking", "not_my_way", "asks_me", "told_me", "reacted", "upset", "repeat", "deadline", "onlooker", "pressure",
    "silence", "worry", "choosing", "credit", "quicker", "meeting",
)  # fmt: skip
NAMES = [f.value for f in Fact] + list(CIRCUMSTANCES)
LABELS = list(reader.LABELS)
FOLDS = 4
EPOCHS, BATCH, RATE, HIDDEN = 8, 16, 1e-4, 0.1
#: A ground may be near from this chance on.
GRAVE = 0.02
#: What the three losses weigh: token, message, label.
BY_TOKEN, CIRCUMSTANCE = 0.25, 0.3


@dataclass(frozen=True)
class Row:
    """Hold one labelled message as the model sees it, with its truth."""

    id: str
    author: str
    text: str
    label: Label
    ids: tuple[int, ...]
    """What the leader said, as tokens."""
    states: torch.Tensor
    """(tokens, 384), half-way up the encoder."""
    leader: torch.Tensor
    last: torch.Tensor
    by_token: torch.Tensor
    """(tokens, names): 1 in the words of a quote."""
    answers: torch.Tensor
    """(names): 1 for each "yes"."""


def load() -> list[Row]:
    """Read the labelled messages; the author is the file."""
    encoder = Encoder()
    folder = ROOT / "knowledge" / "situations"
    return [
        as_row(json.loads(line), path.stem, encoder)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def as_row(told: dict[str, Any], author: str, encoder: Encoder) -> Row:
    """Mark the words of each quote; the last turn that holds them is meant."""
    facts = Facts(yes=tuple(Yes(**y) for y in told["yes"]))
    quotes = [(y.fact.value, y.quote) for y in facts.yes] + list(told.get("circumstances", {}).items())
    conversation = Conversation.model_validate({"turns": told["turns"]})
    seen = reader.tokens(conversation, encoder)
    marks, answers = np.zeros((len(seen.ids), len(NAMES)), np.float32), np.zeros(len(NAMES), np.float32)
    for name, quote in quotes:
        at = NAMES.index(name)
        answers[at] = 1
        for turn in range(len(conversation.turns) - 1, -1, -1):
            start = conversation.turns[turn].text.lower().find(quote.lower().strip())
            if conversation.turns[turn].role == "leader" and start >= 0:
                for n, place in enumerate(seen.places):
                    if place and place[0] == turn and place[1] < start + len(quote) and place[2] > start:
                        marks[n, at] = 1
                break
    return Row(
        told["id"],
        author,
        conversation.message,
        decide(facts).label,
        tuple(seen.said),
        torch.from_numpy(encoder.states(seen.ids)),
        torch.tensor(seen.leader),
        torch.tensor(seen.last),
        torch.from_numpy(marks),
        torch.from_numpy(answers),
    )


class Model(nn.Module):  # type: ignore[misc]
    """Read the form from half-way states."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_layer(weights, n) for n in range(HALF, LAYERS))
        self.by_token = nn.Linear(WIDTH, len(NAMES))
        self.by_message = nn.Linear(2 * WIDTH, len(NAMES))
        self.strongest = nn.Parameter(torch.ones(len(NAMES)))
        self.labels = nn.Linear(2 * WIDTH + len(NAMES), len(LABELS))
        self.dropout = nn.Dropout(0.1)
        # Few tokens speak for any one fact, and at first the message is as good as silent.
        nn.init.constant_(self.by_token.bias, -4.0)
        nn.init.constant_(self.by_message.bias, 2.0)
        nn.init.zeros_(self.by_message.weight)

    def forward(
        self, states: torch.Tensor, mask: torch.Tensor, leader: torch.Tensor, last: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Give logits: (batch, tokens, names), (batch, names) and (batch, labels)."""
        x = states
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=~mask)
        x = self.dropout(x)
        by_token = self.by_token(x)
        whole, end = ((x * m.unsqueeze(-1)).sum(1) / m.sum(1, keepdim=True) for m in (mask, last))
        message = torch.cat([whole, end], 1)
        strongest = (by_token + (leader.unsqueeze(-1).float() - 1) * 1e4).max(1).values
        answers = self.strongest * strongest + self.by_message(message)
        return by_token, answers, self.labels(torch.cat([message, torch.sigmoid(answers)], 1))


def _layer(weights: dict[str, np.ndarray], n: int) -> nn.TransformerEncoderLayer:
    layer = nn.TransformerEncoderLayer(
        WIDTH, HEADS, 4 * WIDTH, dropout=0.1, activation="gelu", layer_norm_eps=1e-12, batch_first=True
    )
    of = {k.removeprefix(f"encoder.layer.{n}."): torch.from_numpy(v) for k, v in weights.items()}
    state = {ours: of[theirs] for ours, theirs in _NAMES.items()}
    for kind in ("weight", "bias"):
        state[f"self_attn.in_proj_{kind}"] = torch.cat(
            [of[f"attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
        )
    layer.load_state_dict(state)
    return layer


_NAMES = {
    f"{ours}.{kind}": f"{theirs}.{kind}"
    for ours, theirs in {
        "self_attn.out_proj": "attention.output.dense", "linear1": "intermediate.dense", "linear2": "output.dense",
        "norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm",
    }.items()
    for kind in ("weight", "bias")
}  # fmt: skip


def batches(rows: Sequence[Row], rng: random.Random) -> Iterator[tuple[list[Row], dict[str, torch.Tensor]]]:
    """Give all rows once, those of like length together, padded."""
    order = sorted(rng.sample(range(len(rows)), len(rows)), key=lambda n: len(rows[n].states) // 24 + 2 * rng.random())
    parts = [order[n : n + BATCH] for n in range(0, len(order), BATCH)]
    for part in rng.sample(parts, len(parts)):
        some = [rows[n] for n in part]
        yield some, padded(some)


def padded(rows: Sequence[Row]) -> dict[str, torch.Tensor]:
    """Stack rows of different lengths."""
    pad = nn.utils.rnn.pad_sequence
    return {
        "states": pad([r.states for r in rows], batch_first=True),
        "mask": pad([torch.ones(len(r.states), dtype=torch.bool) for r in rows], batch_first=True),
        "leader": pad([r.leader for r in rows], batch_first=True),
        "last": pad([r.last for r in rows], batch_first=True),
    }


def train(rows: Sequence[Row], weights: dict[str, np.ndarray], seed: int = 0) -> Model:
    """Tune the upper half and its heads."""
    torch.manual_seed(seed)
    rng, model = random.Random(seed), Model(weights)
    body = list(model.layers.parameters())
    heads = [p for n, p in model.named_parameters() if not n.startswith("layers.")]
    optimiser = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": heads, "lr": 10 * RATE}], weight_decay=0.01)
    steps = EPOCHS * math.ceil(len(rows) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.1 * steps), (steps - step) / (0.9 * steps))
    )
    weight = torch.tensor([CIRCUMSTANCE if n in CIRCUMSTANCES else 1.0 for n in NAMES])
    model.train()
    for _ in range(EPOCHS):
        for some, given in batches(rows, rng):
            # A tenth of the words is hidden, so that no answer hangs on one of them.
            shown = given["mask"] & (torch.rand(given["mask"].shape) >= HIDDEN)
            shown[:, 0] = True
            last = given["last"] & shown
            given["last"] = torch.where(last.any(1, keepdim=True), last, given["last"])
            given["mask"] = shown | given["last"]
            by_token, answers, labels = model(**given)
            marks = nn.utils.rnn.pad_sequence([r.by_token for r in some], batch_first=True)
            each = functional.binary_cross_entropy_with_logits(
                by_token, marks, reduction="none", pos_weight=torch.full((len(NAMES),), 3.0)
            )
            counted = given["mask"].unsqueeze(-1).float()
            loss = BY_TOKEN * (each * counted * weight).sum() / counted.sum()
            truth = torch.stack([r.answers for r in some])
            said = functional.binary_cross_entropy_with_logits(answers, truth, reduction="none")
            loss = loss + (said * weight).sum(1).mean()
            called = torch.tensor([LABELS.index(r.label) for r in some])
            loss = loss + functional.cross_entropy(labels, called, label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    model.eval()
    return model


def by_words(rows: Sequence[Row]) -> Ngrams:
    """Fit the linear model of the label."""
    return Ngrams([r.ids for r in rows], [LABELS.index(r.label) for r in rows], len(LABELS))


@torch.no_grad()  # type: ignore[untyped-decorator]
def answer(model: Model, words: Ngrams, rows: Sequence[Row]) -> reader.Logits:
    """Give the logits of the answers, and of the labels by each model, row by row."""
    found = [model(**padded([r]))[1:] for r in rows]
    answers, labels = (np.concatenate([pair[n].numpy() for pair in found]) for n in (0, 1))
    return reader.Logits(answers, labels, words.logits([r.ids for r in rows]))


@dataclass(frozen=True)
class Calibration:
    """Hold how logits become chances, and what the form and the label weigh in the search."""

    scale: np.ndarray
    shift: np.ndarray
    sharpness: float
    """What the tuned model's logits of the labels are multiplied by, before those by words are added."""
    words_weight: float
    form_weight: float
    label_weight: float

    def chances(self, answers: np.ndarray) -> np.ndarray:
        """Give the chance of each "yes"."""
        chances: np.ndarray = 1 / (1 + np.exp(-(answers * self.scale + self.shift)))
        return chances

    def labels(self, said: reader.Logits) -> list[dict[Label, float]]:
        """Give the chance of each label, row by row."""
        found = []
        joined = self.sharpness * said.labels + self.words_weight * said.by_words
        for chances, logits in zip(self.chances(said.answers), joined, strict=True):
            form = {f: float(chances[NAMES.index(f.value)]) for f in Fact}
            prior = dict(zip(LABELS, map(float, reader.softmax(logits)), strict=True))
            found.append(
                reader.most_probable(form, prior, dict.fromkeys(NAMES, "?"), self.form_weight, self.label_weight)[1]
            )
        return found


def calibrate(rows: Sequence[Row], said: reader.Logits) -> Calibration:
    """Fit on answers to rows that were held out."""
    truth = np.stack([r.answers.numpy() for r in rows])
    scale, shift = np.ones(len(NAMES)), np.zeros(len(NAMES))
    for n in range(len(NAMES)):
        if truth[:, n].sum() >= 8:
            head = LogisticRegression(C=1.0).fit(said.answers[:, n : n + 1], truth[:, n])
            scale[n], shift[n] = max(float(head.coef_[0, 0]), 0.1), float(head.intercept_[0])
    at = [LABELS.index(r.label) for r in rows]

    def label_loss(weights: tuple[float, float]) -> float:
        return float(log_loss(at, softmax(weights[0] * said.labels + weights[1] * said.by_words, axis=1)))

    sharpness, words = min(((a / 20, b / 10) for a in range(4, 25) for b in range(16)), key=label_loss)

    def loss(form: float, label: float) -> float:
        found = Calibration(scale, shift, sharpness, words, form, label).labels(said)
        return -float(np.mean([np.log(max(p[r.label], 1e-6)) for p, r in zip(found, rows, strict=True)]))

    grid = [(f, w) for f in (0.1, 0.2, 0.35, 0.5, 0.75) for w in (0.4, 0.6, 0.8, 1.0, 1.2)]
    return Calibration(scale, shift, sharpness, words, *min(grid, key=lambda g: loss(*g)))


def export(model: Model, words: Ngrams, fitted: Calibration) -> None:
    """Write the reader as int8 ONNX, its names and calibration inside."""
    w = {k: v.detach().numpy() for k, v in model.state_dict().items()}
    for n in range(HALF, LAYERS):
        at, theirs = f"layers.{n - HALF}", f"encoder.layer.{n}"
        for ours, name in _NAMES.items():
            w[f"{theirs}.{name}"] = w[f"{at}.{ours}"]
        for kind in ("weight", "bias"):
            parts = np.split(w[f"{at}.self_attn.in_proj_{kind}"], 3)
            w |= {
                f"{theirs}.attention.self.{p}.{kind}": v for p, v in zip(("query", "key", "value"), parts, strict=True)
            }
    graph = Graph(w)
    x = "states"
    for n in range(HALF, LAYERS):
        x = graph.layer(x, n)
    by_token = graph.add("Identity", graph.linear(x, "by_token"), name="by_token")
    whole = graph.add("ReduceMean", x, graph.const("axis1", [1]), keepdims=0)  # one at a time: nothing is padded
    message = graph.add("Concat", whole, graph.mean(x, "last"), axis=1)
    away = graph.add("Mul", graph.add("Sub", "leader", graph.const("one", 1.0)), graph.const("far", 1e4))
    shown = graph.add("Add", by_token, graph.add("Unsqueeze", away, graph.const("axis2", [2])))
    strongest = graph.add("ReduceMax", shown, "axis1", keepdims=0)
    weighed = graph.add("Mul", strongest, graph.const("strongest", w["strongest"]))
    answers = graph.add("Add", weighed, graph.linear(message, "by_message"), name="answers")
    read = graph.add("Concat", message, graph.add("Sigmoid", answers), axis=1)
    graph.add("Identity", graph.linear(read, "labels"), name="labels")
    graph.add("Identity", words.add_to(graph, "said"), name="by_words")
    inputs = dict.fromkeys(("states", "leader", "last"), TensorProto.FLOAT) | {"said": TensorProto.INT64}
    outputs: dict[str, list[Any]] = {
        "by_token": ["batch", "tokens", len(NAMES)], "answers": ["batch", len(NAMES)], "labels": ["batch", len(LABELS)],
        "by_words": ["batch", len(LABELS)],
    }  # fmt: skip
    built = graph.model("forbear-reader", inputs, outputs)
    told = {
        "names": NAMES, "encoder": Encoder().fingerprint,
        "scale": [round(float(x), 4) for x in fitted.scale], "shift": [round(float(x), 4) for x in fitted.shift],
        "sharpness": fitted.sharpness, "words_weight": fitted.words_weight,
        "form_weight": fitted.form_weight, "label_weight": fitted.label_weight,
    }  # fmt: skip
    built.metadata_props.add(key="forbear", value=json.dumps(told))
    FULL.parent.mkdir(exist_ok=True)
    FULL.write_bytes(built.SerializeToString())
    quantise(built, reader.MODEL)


def folds(rows: Sequence[Row]) -> list[set[str]]:
    """Part the authors into folds of like size; one who wrote more than half of it all is never held out."""
    size = Counter(r.author for r in rows)
    held = [author for author, n in size.most_common() if n <= len(rows) / 2]
    parts: list[set[str]] = [set() for _ in range(min(FOLDS, len(held)))]
    for author in held:
        min(parts, key=lambda p: sum(size[a] for a in p)).add(author)
    return parts


def main() -> None:
    """Cross-validate by author, calibrate, report, and train what ships on all of it."""
    torch.use_deterministic_algorithms(True)
    rows, weights = load(), load_weights(download()["model.safetensors"])
    judged: list[Row] = []
    answered: list[reader.Logits] = []
    for part in folds(rows):
        seen, held = [r for r in rows if r.author not in part], [r for r in rows if r.author in part]
        answered.append(answer(train(seen, weights), by_words(seen), held))
        judged += held
        print(f"held out: {', '.join(sorted(part))}", flush=True)
    said = reader.Logits(*(np.concatenate(part) for part in zip(*answered, strict=True)))
    fitted = calibrate(judged, said)
    found = fitted.labels(said)
    report = summarise(judged, found, fitted.chances(said.answers), rows)
    report += (
        f"\nCalibrated on these answers: the tuned label by {fitted.sharpness}, the label by words by {fitted.words_weight}; weights of "
        f"the search: form {fitted.form_weight}, label {fitted.label_weight}.\n"
    )
    export(train(rows, weights), by_words(rows), fitted)
    REPORT.write_text(report, encoding="utf-8")
    print(report)
    print(f"{reader.MODEL.name}: {reader.MODEL.stat().st_size / 1e6:.2f} MB")
    if "--misses" in sys.argv:
        for r, chance in zip(judged, found, strict=True):
            if (got := reader.chosen(chance)) is not r.label:
                print(r.id, r.label.value, "->", got.value, f"{chance[got]:.2f}", r.text[:160])


def summarise(rows: Sequence[Row], found: list[dict[Label, float]], chances: np.ndarray, trained: Sequence[Row]) -> str:
    """Write the report in Markdown."""
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
    out = [
        "# The offline reader, held out by author",
        "",
        f"Trained on {len(trained)} messages by {len({r.author for r in trained})} authors. The figures are of {len(rows)} by "
        f"{len({r.author for r in rows})} of them, each read by a model that had seen nothing of its author.",
        "",
    ]
    out += [
        f"- label: accuracy {right.mean():.3f}, kappa {cohen_kappa_score(gold, got):.3f}, macro-F1 {f1_score(gold, got, average='macro'):.3f}"
    ]
    weighted = np.mean([cost(r.label, label) for r, label in zip(rows, read, strict=True)])
    out += [
        f"- weighted cost a message: {weighted:.2f} (always the commonest label: {np.mean([cost(r.label, Label(common[0])) for r in rows]):.2f})"
    ]
    out += [f"- always the commonest label ({common[0]}): {common[1] / len(rows):.3f}", f"- calibration: ECE {ece:.3f}"]
    for author in sorted({r.author for r in rows}):
        of = np.array([r.author == author for r in rows])
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
    out += [
        "",
        f"If a model were spared the readings that are this sure (and give a ground less than {GRAVE:.0%}):",
        "",
    ]
    out += ["| confidence | spared | right | grounds missed |", "|---|---|---|---|"]
    safe = np.array([labels[Label.ESCALATE] < GRAVE for labels in found])
    for least in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95):
        spared = safe & (sure >= least)
        hit = f"{right[spared].mean():.3f}" if spared.any() else "–"
        out.append(f"| {least} | {spared.mean():.2f} | {hit} | {int((spared & escalate).sum())} |")
    out += ["", "| question | yes | accuracy | recall of yes |", "|---|---|---|---|"]
    for n, name in enumerate(NAMES):
        p = np.array([every[n] >= 0.5 for every in chances])
        t = np.array([bool(r.answers[n]) for r in rows])
        out.append(f"| {name} | {t.sum()} | {(p == t).mean():.3f} | {(p & t).sum() / max(t.sum(), 1):.2f} |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    main()
