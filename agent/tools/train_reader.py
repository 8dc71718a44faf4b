"""Train the offline reader on knowledge/situations/, and report how it does on authors it has not seen.

Run as `make train`: seeded, on the CPU, writes agent/forbear/engines/reader.onnx and its report. The encoder's upper half
is tuned with heads for the form's questions (by token and by message) and for the label; the lower half stays as it is.
Beside it stands a linear model of the label by words and pairs of words. A second linear model, fitted on what both say of
authors they have not seen, joins the two with the answers to the form.
Some authors are held out whole: on how they are read the calibration, the joining and two weights of the search are fitted.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from onnx import TensorProto
from safetensors.numpy import load as load_weights
from torch import nn
from torch.nn import functional

from forbear.encoder import HALF, Encoder
from forbear.engines import reader
from tools.build_encoder import LAYERS, download
from tools.calibration import Calibration, calibrate
from tools.ngrams import Ngrams
from tools.onnx_bert import HEADS, WIDTH, Graph, quantise
from tools.reader_report import agreement, summarise
from tools.rows import CIRCUMSTANCES, LABELS, NAMES, ROOT, Row, load

REPORT = ROOT / "agent" / "forbear" / "engines" / "reader.md"
#: The same in full precision, to be compared with: not kept.
FULL = ROOT / "build" / "reader-fp32.onnx"
#: Wrote knowing the product, and so is never held out.
KNOWING = "i"
#: How often a message counts whose author knew no rule.
NATURAL = 3
EPOCHS, BATCH, RATE, HIDDEN = 6, 16, 1e-4, 0.1
#: What the three losses weigh: token, message, label.
BY_TOKEN, CIRCUMSTANCE = 0.25, 0.3


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
        x = self.dropout(x.float())
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
    rows = repeated(rows)
    rng, model = random.Random(seed), Model(weights)
    body = list(model.layers.parameters())
    heads = [p for n, p in model.named_parameters() if not n.startswith("layers.")]
    optimiser = torch.optim.AdamW([{"params": body, "lr": RATE}, {"params": heads, "lr": 10 * RATE}], weight_decay=0.01)
    steps = EPOCHS * math.ceil(len(rows) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (0.1 * steps), (steps - step) / (0.9 * steps))
    )
    weight = torch.tensor([CIRCUMSTANCE if n in CIRCUMSTANCES else 1.0 for n in NAMES])
    form_alone = torch.tensor([float(n not in CIRCUMSTANCES) for n in NAMES])
    model.train()
    for _ in range(EPOCHS):
        for some, given in batches(rows, rng):
            # A tenth of the words is hidden, so that no answer hangs on one of them.
            shown = given["mask"] & (torch.rand(given["mask"].shape) >= HIDDEN)
            shown[:, 0] = True
            last = given["last"] & shown
            given["last"] = torch.where(last.any(1, keepdim=True), last, given["last"])
            given["mask"] = shown | given["last"]
            with torch.autocast("cpu", dtype=torch.bfloat16):
                by_token, answers, labels = (of.float() for of in model(**given))
            marks = nn.utils.rnn.pad_sequence([r.by_token for r in some], batch_first=True)
            each = functional.binary_cross_entropy_with_logits(
                by_token, marks, reduction="none", pos_weight=torch.full((len(NAMES),), 3.0)
            )
            counted = given["mask"].unsqueeze(-1).float()
            asked = torch.stack([form_alone if r.natural else weight for r in some])
            loss = BY_TOKEN * (each * counted * asked.unsqueeze(1)).sum() / counted.sum()
            truth = torch.stack([r.answers for r in some])
            said = functional.binary_cross_entropy_with_logits(answers, truth, reduction="none")
            loss = loss + (said * asked).sum(1).mean()
            called = torch.tensor([LABELS.index(r.label) for r in some])
            loss = loss + functional.cross_entropy(labels, called, label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    model.eval()
    return model


def repeated(rows: Sequence[Row]) -> list[Row]:
    """Give what leaders write who know no rule so often that it is a good part of all."""
    return [r for r in rows for _ in range(NATURAL if r.natural else 1)]


def by_words(rows: Sequence[Row]) -> Ngrams:
    """Fit the linear model of the label."""
    rows = repeated(rows)
    return Ngrams([r.ids for r in rows], [LABELS.index(r.label) for r in rows], len(LABELS))


@torch.no_grad()  # type: ignore[untyped-decorator]
def answer(model: Model, words: Ngrams, rows: Sequence[Row]) -> reader.Logits:
    """Give the logits of the answers, and of the labels by each model, row by row."""
    found = [model(**padded([r]))[1:] for r in rows]
    answers, labels = (np.concatenate([pair[n].numpy() for pair in found]) for n in (0, 1))
    return reader.Logits(answers, labels, words.logits([r.ids for r in rows]))


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
    graph.add("Identity", x, name="hidden")  # to be measured as a vector for search (tests/bench/search.py)
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
        "hidden": ["batch", "tokens", WIDTH], "by_token": ["batch", "tokens", len(NAMES)], "answers": ["batch", len(NAMES)], "labels": ["batch", len(LABELS)],
        "by_words": ["batch", len(LABELS)],
    }  # fmt: skip
    built = graph.model("forbear-reader", inputs, outputs)
    told = {
        "names": NAMES, "encoder": Encoder().fingerprint,
        "scale": [round(float(x), 4) for x in fitted.scale], "shift": [round(float(x), 4) for x in fitted.shift],
        "joined": np.round(fitted.joined, 4).tolist(), "bias": np.round(fitted.bias, 4).tolist(),
        "form_weight": fitted.form_weight, "label_weight": fitted.label_weight,
    }  # fmt: skip
    built.metadata_props.add(key="forbear", value=json.dumps(told))
    FULL.parent.mkdir(exist_ok=True)
    FULL.write_bytes(built.SerializeToString())
    quantise(built, reader.MODEL)


def held_out(rows: Sequence[Row]) -> set[str]:
    """Choose the authors that nothing is trained on: a third of those who knew no rule, a seventh of the others."""
    natural = sorted({r.author for r in rows if r.natural})
    others = sorted({r.author for r in rows if not r.natural} - {KNOWING})
    return {*natural[::3], *others[::7]}


def main() -> None:
    """Train, calibrate on authors held out, and report how they are read."""
    torch.use_deterministic_algorithms(True)
    rows, weights = load(), load_weights(download()["model.safetensors"])
    kept = held_out(rows)
    seen, held = [r for r in rows if r.author not in kept], [r for r in rows if r.author in kept]
    model, words = train(seen, weights), by_words(seen)
    said = answer(model, words, held)
    fitted = calibrate(held, said)
    found = fitted.labels(said)
    export(model, words, fitted)
    report = summarise(held, found, fitted.chances(said.answers), seen)
    report += (
        f"\nWeights of the search, fitted on these answers: form {fitted.form_weight}, label {fitted.label_weight}.\n"
    )
    report += agreement(rows)
    REPORT.write_text(report, encoding="utf-8")
    print(report)
    print(f"{reader.MODEL.name}: {reader.MODEL.stat().st_size / 1e6:.2f} MB")
    if "--misses" in sys.argv:
        for r, chance in zip(held, found, strict=True):
            if (got := reader.chosen(chance)) is not r.label:
                print(r.id, r.label.value, "->", got.value, f"{chance[got]:.2f}", r.conversation.message[:160])


if __name__ == "__main__":
    main()
