"""Read the decision form offline: the upper half of a small language model, tuned to the form.

It goes on where the encoder's lower half ends. Each question is answered from the words that speak for it most and from
the message as a whole; those words are its quote. Beside it a linear model judges the label by words and pairs of words
alone; both and the answers are joined by weights that were fitted on authors neither had seen. Then the most probable *form* is sought, not the most probable answers
one by one: answers that contradict each other under the rule are unlikely together. Trained by
agent/tools/train_reader.py on knowledge/situations/.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from forbear.encoder import END, START, open_model
from forbear.engines.quoting import around, named, sentences
from forbear.situation import Fact, Facts, Label, Yes, decide
from forbear.state import Conversation

if TYPE_CHECKING:
    import numpy as np

    from forbear.encoder import Encoder

MODEL = Path(__file__).with_name("reader.onnx")
#: A conversation is read from so many tokens, its end.
MOST = 384
#: Answers that decide a label: the ones worth doubting when the best form is sought.
DECISIVE = (
    Fact.A1, Fact.A2, Fact.A3, Fact.A4, Fact.A5, Fact.A6, Fact.OUTSIDE, Fact.TASK, Fact.NOT_YET, Fact.HANDED_OVER, Fact.F1, Fact.F2,
    Fact.F3, Fact.F4, Fact.TAKEN_BACK, Fact.ENDED_WELL, Fact.LANDED, Fact.FINISHED, Fact.NEXT_ROUND, Fact.TALKED,
)  # fmt: skip
LABELS = tuple(Label)
_FACTS = frozenset(Fact)
_OF_THE_MESSAGE = frozenset((Fact.A1, Fact.A2, Fact.A3, Fact.A4, Fact.A5, Fact.A6, Fact.OUTSIDE))
#: The words beside the one that names the task most belong to the name while their logits are this near to its own.
_NEAR = 2.0


@dataclass(frozen=True)
class Judged:
    """Hold what was read: the form, the probability of each label, and the circumstances with their quotes."""

    facts: Facts
    labels: dict[Label, float]
    runner_up: Label
    circumstances: dict[str, str]


class Answers(NamedTuple):
    """Hold the chance of each "yes" and of each label, and the words that speak for each "yes" most."""

    chances: dict[str, float]
    labels: dict[Label, float]
    quotes: dict[str, str]


class Logits(NamedTuple):
    """Hold what the models say, before calibration; of one message or, a row each, of many."""

    answers: np.ndarray
    """(names)"""
    labels: np.ndarray
    """(labels), by the tuned layers."""
    by_words: np.ndarray
    """(labels), by words and pairs of words."""


@dataclass(frozen=True)
class Tokens:
    """Hold a conversation as tokens; of each, whether the leader wrote it, whether in the last turn, and where."""

    ids: list[int]
    leader: list[bool]
    last: list[bool]
    places: list[tuple[int, int, int] | None]
    """Turn, start and end; None for the marks between turns."""

    @property
    def said(self) -> list[int]:
        """List the leader's tokens alone."""
        return [i for i, theirs in zip(self.ids, self.leader, strict=True) if theirs]


def tokens(conversation: Conversation, encoder: Encoder) -> Tokens:
    """Turn a conversation into tokens, turn after turn."""
    ids: list[int] = []
    places: list[tuple[int, int, int] | None] = []
    for n, turn in enumerate(conversation.turns):
        before = "" if turn.role == "leader" else "coach: "
        found, offsets = encoder.tokens(before + turn.text)
        ids += [*found, END]
        places += [*((n, start - len(before), end - len(before)) for start, end in offsets), None]
    ids, places = [START, *ids[1 - MOST :]], [None, *places[1 - MOST :]]
    by = [None if place is None else conversation.turns[place[0]].role for place in places]
    last = [place is not None and place[0] == len(conversation.turns) - 1 for place in places]
    leader = [role == "leader" for role in by]
    # A text may be all marks that no token stands for.
    leader[0], last[0] = not any(leader), not any(last)
    return Tokens(ids, leader, last, places)


class Reader:
    """Answer the form; deterministic. The model loads at first use."""

    def __init__(self, encoder: Encoder, model: Path = MODEL) -> None:
        self._encoder = encoder
        self.path = model
        self._last: tuple[Conversation, tuple[Tokens, np.ndarray, Logits]] | None = None

    @cached_property
    def _model(self) -> tuple[Any, dict[str, Any]]:
        session = open_model(self.path)
        told = json.loads(session.get_modelmeta().custom_metadata_map["forbear"])
        if told["encoder"] != self._encoder.fingerprint:
            # On other states it would answer, and wrongly.
            raise RuntimeError("reader.onnx was trained with another encoder; run `make train`")
        return session, told

    def read(self, conversation: Conversation) -> Judged:
        """Read the last turn with all before it."""
        answers, prior, quotes = self.answers(conversation)
        told = self._model[1]
        form = {Fact(name): chance for name, chance in answers.items() if name in _FACTS}
        facts, labels = most_probable(form, prior, quotes, told["form_weight"], told["label_weight"])
        if chosen(labels) is Label.MULTI:
            facts = self._two_episodes(conversation, quotes) or facts
        top = decide(facts).label
        found = {n: quotes[n] for n, chance in answers.items() if n not in _FACTS and chance >= 0.5}
        rest = {label: p for label, p in labels.items() if label is not top}
        return Judged(facts, labels, max(rest, key=lambda label: rest[label]), found)

    def answers(self, conversation: Conversation) -> Answers:
        """Answer each question by itself, and say what label the message looks like."""
        import numpy as np

        told = self._model[1]
        read, by_token, logits = self._run(conversation)
        scale, shift = np.array(told["scale"]), np.array(told["shift"])
        chances = 1 / (1 + np.exp(-(logits.answers * scale + shift)))
        prior = softmax(features(logits) @ np.array(told["joined"]) + np.array(told["bias"]))
        at = by_token.argmax(0)
        names: list[str] = told["names"]
        quotes = {name: _quote(conversation, read.places[at[n]]) for n, name in enumerate(names)}
        chance_of = {name: float(chances[n]) for n, name in enumerate(names)}
        return Answers(chance_of, dict(zip(LABELS, map(float, prior), strict=True)), quotes)

    def task(self, conversation: Conversation) -> str:
        """Give the leader's words for the work, without the sentence around them; empty where none stand out."""
        read, by_token, _ = self._run(conversation)
        scores = by_token[:, self._model[1]["names"].index(Fact.TASK.value)]
        first = last = at = int(scores.argmax())
        place = read.places[at]
        if place is None:
            return ""
        # A mark between turns is nobody's word, and has no score.
        while scores[first - 1] > scores[at] - _NEAR:
            first -= 1
        while last + 1 < len(scores) and scores[last + 1] > scores[at] - _NEAR:
            last += 1
        start, end = read.places[first], read.places[last]
        assert start is not None
        assert end is not None
        return named(conversation.turns[place[0]].text, start[1], place[1], end[2])

    def logits(self, conversation: Conversation) -> Logits:
        """Say what each model says by itself."""
        return self._run(conversation)[2]

    def _run(self, conversation: Conversation) -> tuple[Tokens, np.ndarray, Logits]:
        """Give the tokens, the logits of each by name, (tokens, names), and those of the message; the last is remembered."""
        import numpy as np

        # A turn asks twice: for the form, and for the name of the task.
        if self._last is not None and self._last[0] == conversation:
            return self._last[1]
        read = tokens(conversation, self._encoder)
        masks = {name: np.array([row], np.float32) for name, row in (("leader", read.leader), ("last", read.last))}
        given = {"states": self._encoder.states(read.ids)[None], "said": np.array([read.said], np.int64)} | masks
        by_token, *rest = self._model[0].run(["by_token", "answers", "labels", "by_words"], given)
        shown = np.where(np.array(read.leader)[:, None], by_token[0], -np.inf)
        self._last = conversation, (read, shown, Logits(*(of[0] for of in rest)))
        return self._last[1]

    def _two_episodes(self, conversation: Conversation, quotes: dict[str, str]) -> Facts | None:
        """Part the sentences where the two halves read most differently, and fill a form of two episodes."""
        said = sentences(conversation.leader_words)
        best: tuple[float, Facts] | None = None
        for cut in range(1, len(said)):
            halves = []
            for part in (said[:cut], said[cut:]):
                half = Conversation.model_validate({"turns": [{"role": "leader", "text": " ".join(part)}]})
                answers, _, words = self.answers(half)
                form = {Fact(n): p for n, p in answers.items() if n in _FACTS and n not in _OF_THE_MESSAGE}
                steps = {label: 0.2 if label.step else 1e-3 for label in LABELS}
                facts, labels = most_probable(form | {Fact.TASK: 0.99}, steps, words, 1.0, 1.0)
                halves.append((facts, decide(facts).label, max(labels.values())))
            (one, first, p), (two, second, q) = halves
            if first is not second and (best is None or p * q > best[0]):
                asked = tuple(Yes(fact=Fact.ASKED, quote=quotes["asked"], episode=n) for n in (1, 2))
                both = (*one.yes, *(y.model_copy(update={"episode": 2}) for y in two.yes), *asked)
                best = p * q, Facts(yes=both)
        return best[1] if best else None


def features(said: Logits) -> np.ndarray:
    """Lay side by side what speaks for a label: both models' logits, and the answers to the form, none of them beyond ±6."""
    import numpy as np

    form = np.clip(said.answers[..., : len(Fact)], -6, 6) / 2
    return np.concatenate([said.labels, said.by_words, form], axis=-1)


def _quote(conversation: Conversation, place: tuple[int, int, int] | None) -> str:
    return conversation.message if place is None else around(conversation.turns[place[0]].text, place[1])


def most_probable(
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


def _logit(p: float) -> float:
    p = min(max(p, 1e-5), 1 - 1e-5)
    return math.log(p / (1 - p))


def softmax(scores: np.ndarray) -> list[float]:
    """Turn logits into chances."""
    import numpy as np

    e = np.exp(scores - scores.max())
    chances: list[float] = (e / e.sum()).tolist()
    return chances
