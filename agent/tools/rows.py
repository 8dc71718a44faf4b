"""Turn the labelled messages of knowledge/situations/ into what the reader is trained on: tokens, states, truth."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from forbear.encoder import Encoder
from forbear.engines import reader
from forbear.situation import Fact, Facts, Label, Yes, decide
from forbear.state import Conversation

ROOT = Path(__file__).resolve().parents[2]
SITUATIONS = ROOT / "knowledge" / "situations"
CIRCUMSTANCES = (
    "urge", "checking", "not_my_way", "asks_me", "told_me", "reacted", "upset", "repeat", "deadline", "onlooker", "pressure",
    "silence", "worry", "choosing", "credit", "quicker", "meeting",
)  # fmt: skip
NAMES = [f.value for f in Fact] + list(CIRCUMSTANCES)
LABELS = list(reader.LABELS)


@dataclass(frozen=True)
class Row:
    """Hold one labelled message as the model sees it, with its truth."""

    id: str
    author: str
    conversation: Conversation
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
    natural: bool
    """Whether its author knew no rule; another filled the form then, and no circumstances."""


def load() -> list[Row]:
    """Read the labelled messages; the author is the file, in the folder natural/ where they knew no rule."""
    encoder = Encoder()
    return [
        as_row(json.loads(line), path.stem, encoder, natural=path.parent.name == "natural")
        for path in (*sorted(SITUATIONS.glob("*.jsonl")), *sorted(SITUATIONS.glob("natural/*.jsonl")))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def as_row(told: dict[str, Any], author: str, encoder: Encoder, *, natural: bool = False) -> Row:
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
            start = _plain(conversation.turns[turn].text).find(_plain(quote).strip())
            if conversation.turns[turn].role == "leader" and start >= 0:
                for n, place in enumerate(seen.places):
                    if place and place[0] == turn and place[1] < start + len(quote) and place[2] > start:
                        marks[n, at] = 1
                break
    return Row(
        told["id"],
        author,
        conversation,
        decide(facts).label,
        tuple(seen.said),
        torch.from_numpy(encoder.states(seen.ids)),
        torch.tensor(seen.leader),
        torch.tensor(seen.last),
        torch.from_numpy(marks),
        torch.from_numpy(answers),
        natural,
    )


def _plain(text: str) -> str:
    """Write a text in one way, each sign still in its place."""
    return text.lower().translate(str.maketrans("’‘“”", "''\"\""))
