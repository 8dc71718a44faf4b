"""Read the decision form offline: a linear head for each question, over sentence vectors and short word sequences.

Every head answers twice, for each sentence and for the whole message. The sentence that moves an answer most is its
quote. Then the most probable *form* is sought, not the most probable answers one by one: answers that contradict each
other under the rule are unlikely together. Trained by agent/tools/train_reader.py on knowledge/situations/.
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forbear import knowledge
from forbear.engines.signals import signals
from forbear.situation import Fact, Facts, Label, Yes, decide
from forbear.state import Conversation

if TYPE_CHECKING:
    import numpy as np

    from forbear.deps import Embedder

MODEL = Path(__file__).with_name("reader.npz")
#: How far nearness to the usual sentences is trusted at first, beside the other inputs.
NEAR = 4.0
#: Word sequences are hashed into so many places.
PLACES = 1 << 13
#: Answers that decide a label: the ones worth doubting when the best form is sought.
DECISIVE = (
    Fact.A1, Fact.A2, Fact.A3, Fact.A4, Fact.A5, Fact.A6, Fact.OUTSIDE, Fact.TASK, Fact.NOT_YET, Fact.HANDED_OVER, Fact.F1, Fact.F2,
    Fact.F3, Fact.F4, Fact.TAKEN_BACK, Fact.ENDED_WELL, Fact.LANDED, Fact.FINISHED, Fact.NEXT_ROUND, Fact.TALKED,
)  # fmt: skip
LABELS = tuple(Label)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[?!]")
#: A full stop inside a number or a word ends nothing ("at 8.15"), nor does the one of an initial: "I gave T. the stand".
_SENTENCE = re.compile(r"(?:[^.?!\n]|\.(?=\w)|(?<=[\s(“\"'][A-Z])\.(?= [a-z]))+[.?!…]*[\"”’')]*|\n")
_CLAUSE = re.compile(r"\s*(?:[;–—()]|[:,](?=\s)|\s-\s|\bbecause\b)\s*")
_LEADS_IN = re.compile(r"^(?:and|but|so|also|or|then|well|ok|because|though|plus|like|honestly|anyway) +", re.I)


@dataclass(frozen=True)
class Seen:
    """Hold what the heads look at: one row a sentence, one for the message, and the sentences themselves."""

    sentences: tuple[str, ...]
    rows: np.ndarray
    """float32, (sentences, width)."""
    message: np.ndarray
    """float32, (message width,)."""


@dataclass(frozen=True)
class Judged:
    """Hold what was read: the form, the probability of each label, and the circumstances with their quotes."""

    facts: Facts
    labels: dict[Label, float]
    runner_up: Label
    circumstances: dict[str, str]


def sentences(text: str) -> tuple[str, ...]:
    """Split what a leader typed into sentences."""
    found = (s.strip() for s in _SENTENCE.findall(text))
    return tuple(s for s in found if any(c.isalnum() for c in s))


def hashed(text: str) -> np.ndarray:
    """Count a text's sequences of one to three words in hashed places, scaled to unit length."""
    import numpy as np

    words = ["^", *_WORD.findall(text.lower().replace("’", "'")), "$"]
    row = np.zeros(PLACES, dtype=np.float32)
    for size in (1, 2, 3):
        for n in range(len(words) - size + 1):
            row[zlib.crc32(" ".join(words[n : n + size]).encode()) % PLACES] += 1.0
    row = np.sqrt(row)
    return row / max(float(np.linalg.norm(row)), 1e-6)


@dataclass(frozen=True)
class Examples:
    """Hold how leaders say each fact (knowledge/facts.yaml), as vectors."""

    vectors: np.ndarray
    """float32, (sentences, 384)."""
    starts: np.ndarray
    """Where each fact's sentences begin."""

    def nearness(self, vectors: np.ndarray) -> np.ndarray:
        """Give the cosine of each vector to the nearest sentence of each fact, shape (vectors, facts)."""
        import numpy as np

        nearest: np.ndarray = np.maximum.reduceat(vectors @ self.vectors.T, self.starts, axis=1)
        return nearest


def examples(encoder: Embedder) -> Examples:
    """Encode knowledge/facts.yaml; done once, when the heads are trained."""
    import numpy as np

    said = knowledge.said()
    starts = np.cumsum([0, *(len(rows) for rows in said.values())])[:-1]
    return Examples(encoder.encode([row for rows in said.values() for row in rows]), starts)


def look(conversation: Conversation, encoder: Embedder, near: Examples) -> Seen:
    """Turn a conversation into what the heads look at."""
    import numpy as np

    said = [t.text for t in conversation.turns if t.role == "leader"]
    last = sentences(said[-1]) or (said[-1],)
    before = tuple(s for text in said[:-1] for s in sentences(text))[-12:]
    every = before + last
    vectors = encoder.encode(every)
    words = np.stack([hashed(s) for s in every])
    # A sentence is read with its neighbours: "It isn't mine." says little alone.
    padded = np.vstack(
        [np.zeros((1, vectors.shape[1]), np.float32), vectors, np.zeros((1, vectors.shape[1]), np.float32)]
    )
    is_last = np.array([[float(n >= len(before))] for n in range(len(every))], np.float32)
    signalled = np.array([signals(s) for s in every], np.float32)
    # The penalty of the heads is the same for all inputs, so their scale says how far each kind is trusted at first.
    rows = np.hstack(
        [
            3 * vectors,
            1.5 * padded[:-2],
            1.5 * padded[2:],
            is_last,
            0.5 * signalled,
            NEAR * near.nearness(vectors),
            2 * words,
        ]
    )
    whole = encoder.encode(["\n".join(every)])[0]
    tail = encoder.encode([said[-1]])[0] if before else whole
    size = np.array([math.log1p(len(said[-1].split())) / 5, float(bool(before)), len(last) / 10], np.float32)
    meaning = 3 * np.concatenate([whole, tail, vectors.mean(0)])
    usual = 0.5 * np.concatenate([signalled.max(0), signals(said[-1])])
    nearness = NEAR * np.concatenate([near.nearness(vectors).max(0), near.nearness(vectors[len(before) :]).max(0)])
    message = np.concatenate([meaning, size, usual, nearness, 2 * hashed("\n".join(every)), 2 * hashed(said[-1])])
    return Seen(every, rows, message.astype(np.float32))


class Reader:
    """Answer the form with the trained heads; deterministic."""

    def __init__(self, encoder: Embedder, model: Path = MODEL) -> None:
        self._encoder = encoder
        self._path = model

    @cached_property
    def _model(self) -> dict[str, Any]:
        import numpy as np

        with np.load(self._path, allow_pickle=False) as kept:
            model = {name: _wide(kept[name]) for name in kept.files}
        if str(model["encoder"]) != self._encoder.fingerprint:
            # Heads that were trained on other vectors would answer, and wrongly.
            raise RuntimeError("reader.npz was trained with another encoder; run `make reader`")
        return model

    @cached_property
    def _examples(self) -> Examples:
        return Examples(self._model["near_vectors"], self._model["near_starts"])

    def read(self, conversation: Conversation) -> Judged:
        """Read the last turn with all before it."""
        seen = look(conversation, self._encoder, self._examples)
        chance, best = self._answers(seen)
        model = self._model
        names = [str(n) for n in model["names"]]
        heads = _softmax(seen.message @ model["label_weights"] + model["label_bias"])
        prior = dict(zip(LABELS, (float(p) for p in heads), strict=True))
        quotes = {name: clause(seen.sentences[best[n]]) for n, name in enumerate(names)}
        answers = {Fact(name): float(chance[n]) for n, name in enumerate(names) if name in Fact.__members__.values()}
        facts, labels = _most_probable(
            answers, prior, quotes, float(model["form_weight"]), float(model["label_weight"])
        )
        top = decide(facts).label
        if chosen(labels) is Label.MULTI:
            facts = self._two_episodes(seen, quotes) or facts
        found = {n: quotes[n] for i, n in enumerate(names) if n not in Fact.__members__.values() and chance[i] >= 0.5}
        rest = {label: p for label, p in labels.items() if label is not top}
        return Judged(facts, labels, max(rest, key=lambda label: rest[label]), found)

    def _answers(self, seen: Seen) -> tuple[np.ndarray, np.ndarray]:
        """Give the probability of each "yes", and the sentence that speaks for it most."""
        import numpy as np

        model = self._model
        by_sentence = seen.rows @ model["sentence_weights"] + model["sentence_bias"]
        strongest = by_sentence.max(0)
        by_message = seen.message @ model["message_weights"] + model["message_bias"]
        mixed = model["mix"][:, 0] * strongest + model["mix"][:, 1] * by_message + model["mix"][:, 2]
        return 1 / (1 + np.exp(-mixed)), by_sentence.argmax(0)

    def _two_episodes(self, seen: Seen, quotes: dict[str, str]) -> Facts | None:
        """Part the sentences where the two halves read most differently, and fill a form of two episodes."""
        count = len(seen.sentences)
        if count < 2:
            return None
        best: tuple[float, Facts] | None = None
        for cut in range(1, count):
            halves = []
            for part in (seen.sentences[:cut], seen.sentences[cut:]):
                turn = Conversation.model_validate({"turns": [{"role": "leader", "text": " ".join(part)}]})
                half = look(turn, self._encoder, self._examples)
                chance, at = self._answers(half)
                names = [str(n) for n in self._model["names"]]
                words = {name: clause(half.sentences[at[n]]) for n, name in enumerate(names)}
                answers = {Fact(n): float(chance[i]) for i, n in enumerate(names) if n in Fact.__members__.values()}
                answers = {f: p for f, p in answers.items() if f not in (Fact.OUTSIDE, *list(Fact)[:6])} | {
                    Fact.TASK: 0.99
                }
                steps = {label: 0.2 if label.step else 1e-3 for label in LABELS}
                facts, labels = _most_probable(answers, steps, words, 1.0, 1.0)
                halves.append((facts, decide(facts).label, max(labels.values())))
            (one, first, p), (two, second, q) = halves
            if first is not second and (best is None or p * q > best[0]):
                asked = tuple(Yes(fact=Fact.ASKED, quote=quotes["asked"], episode=n) for n in (1, 2))
                both = (*one.yes, *(y.model_copy(update={"episode": 2}) for y in two.yes), *asked)
                best = p * q, Facts(yes=both)
        return best[1] if best else None


def _most_probable(
    answers: dict[Fact, float],
    prior: dict[Label, float],
    quotes: dict[str, str],
    form_weight: float,
    label_weight: float,
) -> tuple[Facts, dict[Label, float]]:
    """Find the form that is most probable together with its label, and the probability of each label."""
    odds = {f: abs(_logit(p)) for f, p in answers.items()}
    base = sum(_BIT[f] for f, p in answers.items() if p >= 0.5)
    doubted = [(_BIT[f], odds[f]) for f in sorted((f for f in DECISIVE if f in answers), key=odds.__getitem__)[:12]]
    best: dict[Label, tuple[float, int]] = {}
    for size in (0, 1, 2, 3):
        for flips in combinations(doubted, size):
            form, cost = base, 0.0
            for bit, odd in flips:
                form ^= bit
                cost += odd
            label = _label(form)
            if label not in best or cost < best[label][0]:
                best[label] = cost, form
    best.setdefault(Label.MULTI, (0.0, base))
    scores = {
        label: label_weight * math.log(max(prior[label], 1e-6))
        - form_weight * (0.0 if label is Label.MULTI else best[label][0] if label in best else 9.0)
        for label in LABELS
    }
    top = max(scores.values())
    total = sum(math.exp(s - top) for s in scores.values())
    labels = {label: math.exp(s - top) / total for label, s in scores.items()}
    winner = chosen(labels)
    form = best.get(winner, (0.0, base))[1]
    return Facts(yes=tuple(Yes(fact=f, quote=quotes[f.value]) for f in Fact if _BIT[f] & form)), labels


#: A ground is called at this chance: a missed one costs 10, a false alarm 3 (situation.cost).
GROUND_AT = 3 / 13


def chosen(labels: dict[Label, float]) -> Label:
    """Choose the likeliest label, but call a ground long before it is likelier than not.

    Choosing by least expected cost throughout was tried: where the reader hardly knows, it flees into whatever label
    is cheap to be wrong about, and a leader gets a warning for nothing.
    """
    if labels[Label.ESCALATE] >= GROUND_AT:
        return Label.ESCALATE
    return max(labels, key=lambda label: labels[label])


#: A form of one episode is a set of facts, held as bits: the search goes through three hundred of them a message.
_BIT = {fact: 1 << n for n, fact in enumerate(Fact)}
_LABEL_OF: dict[int, Label] = {}


def _label(form: int) -> Label:
    """Decide a form of one episode, remembering the answer: the search asks for the same forms again and again."""
    if form not in _LABEL_OF:
        decisive = tuple(Yes(fact=f, quote="?") for f in DECISIVE if _BIT[f] & form)
        _LABEL_OF[form] = decide(Facts(yes=decisive)).label
    return _LABEL_OF[form]


def clause(sentence: str, most: int = 15) -> str:
    """Shorten a text to a clause of at most `most` words that still stands in the text."""
    bare = sentence.strip(' "“”.,;:!?…')
    if len(bare.split()) <= most:
        return bare or sentence
    clauses = [_LEADS_IN.sub("", c) for c in _CLAUSE.split(bare)]
    fitting = [c for c in clauses if 4 <= len(c.split()) <= most]
    return max(fitting, key=len) if fitting else " ".join(bare.split()[:most]) + " …"


def _wide(kept: np.ndarray) -> np.ndarray:
    """Widen what lies on disk as float16, once."""
    return kept.astype("float32") if kept.dtype == "float16" else kept


def _logit(p: float) -> float:
    p = min(max(p, 1e-5), 1 - 1e-5)
    return math.log(p / (1 - p))


def _softmax(scores: np.ndarray) -> list[float]:
    import numpy as np

    e = np.exp(scores - scores.max())
    chances: list[float] = (e / e.sum()).tolist()
    return chances
