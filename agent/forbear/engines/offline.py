"""Read and reply without a model: trained heads fill the form, and the vetted bank gives the words.

A question is taken only if the message supports what it takes for granted, and never twice in a conversation. The
reflection is made of the leader's own words.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from forbear import knowledge
from forbear.deps import Brief
from forbear.engines.quoting import clause, sentences
from forbear.engines.reader import Judged, Reader
from forbear.engines.voice import pronouns, quoted, second_person, to_you
from forbear.knowledge import BankQuestion
from forbear.restraint import Voice
from forbear.situation import CONDITIONS, Fact, Label, decide
from forbear.state import Conversation, Draft, Move, Reading
from forbear.words import contains, normalised

if TYPE_CHECKING:
    from forbear.deps import Embedder
    from forbear.state import SheetDraft

#: Circumstances that say most about the leader's own part, in the order in which they are worth saying back.
_TELLING = (
    "urge",
    "reacted",
    "checking",
    "not_my_way",
    "quicker",
    "worry",
    "silence",
    "asks_me",
    "told_me",
    "upset",
    "credit",
    "pressure",
    "choosing",
)


#: Below this confidence the step-out names no kind of harm, and no comfort is given for one.
SURE = 0.6


class OfflineEngine:
    """Take turns with no network at all; never raises ProviderError."""

    name: Literal["offline"] = "offline"

    def __init__(self, encoder: Embedder | None = None, reader: Reader | None = None) -> None:
        from forbear.encoder import Encoder

        own = Encoder()
        self._encoder = encoder or own
        self._reader = reader or Reader(own)
        self._last: tuple[Conversation, Judged] | None = None

    def read(self, conversation: Conversation) -> Reading:
        """Fill the form as well as the heads can; the confidence is the calibrated chance of the label."""
        judged = self._judged(conversation)
        facts = judged.facts.genuine(conversation.leader_words, conversation.message)
        situation = decide(facts)
        others = {label: p for label, p in judged.labels.items() if label is not situation.label}
        return Reading(
            facts=facts,
            situation=situation,
            runner_up=max(others, key=lambda label: others[label]),
            confidence=judged.labels[situation.label],
            engine="offline",
        )

    def task(self, conversation: Conversation) -> str:
        """Name the work in the leader's words; empty where they name none."""
        return self._reader.task(conversation)

    def write(self, brief: Brief) -> Draft:
        """Write a reply of the shape that the move asks for."""
        reflection, question = _SHAPES[brief.move](self, brief)
        return Draft(reflection=reflection, question=question, engine="offline")

    def _judged(self, conversation: Conversation) -> Judged:
        if self._last is None or self._last[0] != conversation:
            self._last = conversation, self._reader.read(conversation)
        return self._last[1]

    # the shapes of a reply, one a move

    def _question(self, brief: Brief) -> tuple[str, str]:
        question = self._choose(brief)
        if not question:  # the bank is used up: never the same question again
            return self._ask_commitment(brief)
        return self._heard(brief), question

    def _ask_commitment(self, brief: Brief) -> tuple[str, str]:
        asked = {normalised(q) for q in brief.conversation.asked}
        left = [q for q in knowledge.lines().ask_commitment if normalised(q) not in asked]
        return (self._own_words(brief), _pick(left, brief)) if left else self._close(brief)

    def _step_out(self, brief: Brief) -> tuple[str, str]:
        ground = brief.situation.grounds[0]
        lines = knowledge.lines().step_out[ground]
        if brief.reading.engine == "offline" and brief.reading.confidence < SURE:
            lines = knowledge.lines().step_out_unsure  # that it is grave is read more surely than what it is
        told = set(brief.situation.grounds) <= set(brief.memory.referred)
        quote = brief.reading.facts.quote(ground) or brief.conversation.message
        return _pick(lines.again if told else lines.first, brief).format(quote=quoted(_short(quote))), ""

    def _offer(self, brief: Brief) -> tuple[str, str]:
        return _pick(knowledge.lines().offer_heard, brief), _pick(knowledge.lines().offer, brief)

    def _options(self, brief: Brief) -> tuple[str, str]:
        label = brief.situation.label if brief.situation.label in knowledge.lines().options else Label.UNCLEAR
        said = brief.conversation.coach_words
        supported = self.supported(brief)
        fits = [o for o in knowledge.lines().options[label] if set(o.needs) <= supported and not contains(said, o.text)]
        fits.sort(key=lambda o: (-len(o.needs), zlib.crc32((o.id + brief.conversation.message).encode())))
        if len(fits) < 2:
            return self._ask_commitment(brief)
        return f"1. {fits[0].text}\n2. {fits[1].text}\n", _pick(knowledge.lines().which, brief)

    def _explain(self, brief: Brief) -> tuple[str, str]:
        if not brief.passages:
            return self._question(brief)
        passage = brief.passages[0]
        whose = {
            "stated": "The series says this, in our words:",
            "interpretation": "This is our reading of the framework, not what the article states:",
        }.get(passage.basis, "This is from related work, not from the series:")
        return f"{whose} {_first_words(passage.text, 55)}", ""

    def _outside(self, brief: Brief) -> tuple[str, str]:
        return _pick(knowledge.lines().outside, brief), ""

    def _close(self, brief: Brief) -> tuple[str, str]:
        close, commitment = knowledge.lines().close, brief.reading.facts.quote(Fact.COMMITS)
        if commitment:
            return _pick(close["with_commitment"], brief).format(quote=quoted(_short(commitment))), ""
        return _pick(close["after_referral" if brief.situation.label is Label.ESCALATE else "without"], brief), ""

    # what a reply is made of

    def _heard(self, brief: Brief) -> str:
        """Reflect what was read, as the label asks for it."""
        lines, situation, facts = knowledge.lines(), brief.situation, brief.reading.facts
        if situation.label is Label.PRECOND:
            quote = facts.quote(situation.conditions[0], situation.episode) or brief.conversation.message
            return _pick(lines.conditions[situation.conditions[0]], brief).format(quote=quoted(_short(quote)))
        if situation.label is Label.MULTI:
            tasks = [
                q for n in facts.episodes[:2] if (q := facts.quote(Fact.TASK, n) or facts.quote(Fact.HANDED_OVER, n))
            ]
            if len(set(tasks)) == 2:
                return f"There are two separate things here: {quoted(_short(tasks[0], 8))} and {quoted(_short(tasks[1], 8))}."
        told, feelings = self._said_back(brief) or self._own_words(brief), lines.feeling.get(situation.label, ())
        plain = [
            more
            for fact, more in ((Fact.NEAR_MISS, lines.near_miss), (Fact.WARNING, lines.warning))
            if facts.says(fact)
        ]
        if plain:
            return f"{told} {_pick(plain[0], brief)}"
        if feelings and told not in feelings:
            if situation.label is Label.S3 and brief.reading.confidence >= SURE:
                # Comfort for what did not happen would show the leader that nobody listened.
                told = f"{_pick(feelings, brief)} {told}"
            elif len(told.split()) < 6:
                told = f"{told} {_pick(feelings, brief)}"
        return told

    def _said_back(self, brief: Brief) -> str:
        """Say the words back that tell most, and what they come to; empty where no line fits that was not said before."""
        conversation, supported = brief.conversation, self.supported(brief)
        said = conversation.coach_words
        quotes = {a.fact.value: a.quote for a in brief.reading.facts.yes} | self._judged(conversation).circumstances
        slots, task = pronouns(conversation.leader_words)[0], to_you(self.task(conversation))
        # As many circumstances as it can rest on, then the order of the file; lines that rest on the same take turns.
        turn = zlib.crc32(conversation.turns[0].text.encode())
        rows = knowledge.lines().heard.get(brief.situation.label, ())
        groups = sorted({line.needs: None for line in rows}, key=lambda needs: -len(needs))
        for needs in (needs for needs in groups if set(needs) <= supported):
            quote = _short(quotes[needs[0]])
            slots["task"] = "it" if not task or contains(quote, task) else task
            texts = [line.text.format(**slots) for line in rows if line.needs == needs]
            texts = [text for text in texts if not contains(said, text)]
            # What was told before the last message has been heard before it.
            if texts and contains(conversation.message, quote.removesuffix(" …")):
                text, turned = texts[turn % len(texts)], second_person(quote)
                return f"{turned} {text[0].upper()}{text[1:]}" if turned else f"{quoted(quote)}: {text}"
        return ""

    def _own_words(self, brief: Brief) -> str:
        """Say the most telling of the leader's words back, turned to the second person where that is safe."""
        circumstances, facts = self._judged(brief.conversation).circumstances, brief.reading.facts
        last, asked = brief.conversation.message, facts.quote(Fact.ASKS_DIRECTLY)
        clauses = [circumstances[name] for name in _TELLING if name in circumstances]
        clauses += [a.quote for a in brief.situation.because] + [a.quote for a in facts.yes]
        said = brief.conversation.coach_words
        fresh = [c for c in clauses if not contains(said, c) and not contains(said, second_person(c) or c)]
        # "What would you say to him?" said back is parroting.
        told = [s for s in sentences(last) if not (asked and contains(s, asked))]
        recent = [c for c in fresh if contains(last, c) and c != asked] or [
            clause(max(told, key=_tellable, default=last))
        ]
        if (not told or len(recent[0].split()) < 3) and brief.situation.label in knowledge.lines().feeling:
            return _pick(knowledge.lines().feeling[brief.situation.label], brief)  # nothing is gained by quoting "yes"
        for words in recent[:3]:
            turned = second_person(words)
            if turned:
                return turned
        return f"{quoted(_short(recent[0]))}, you write."

    def supported(self, brief: Brief) -> set[str]:
        """Name all that a question may take for granted about this message."""
        words = brief.conversation.leader_words
        supported = {a.fact.value for a in brief.reading.facts.yes} | set(
            self._judged(brief.conversation).circumstances
        )
        if pronouns(words)[1]:
            supported.add("person_one")
        return supported

    def _choose(self, brief: Brief) -> str:
        """Choose the bank's question that fits best and was not asked yet; empty when none is left."""
        slots, _ = pronouns(brief.conversation.leader_words)
        supported = self.supported(brief)
        asked = {normalised(q) for q in brief.conversation.asked}
        fits = [
            (q, text)
            for q in knowledge.questions()
            if self._serves(q, brief)
            and set(q.needs) <= supported
            and normalised(text := q.text.format(**slots)) not in asked
        ]
        if not fits:
            return ""
        return fits[self.best(brief, fits)][1]

    def best(self, brief: Brief, fits: Sequence[tuple[BankQuestion, str]]) -> int:
        """Say which question rests on most in this message, and of those is nearest to its words."""
        most = max(_specific(q) for q, _ in fits)
        near = [n for n, (q, _) in enumerate(fits) if _specific(q) >= most - 1][:16]
        message = self._encoder.encode([brief.conversation.message])[0]
        likeness = self._encoder.encode([fits[n][1] for n in near]) @ message
        rank = {n: 0.1 * _specific(fits[n][0]) + float(like) for n, like in zip(near, likeness, strict=True)}
        return max(near, key=lambda n: (rank[n], fits[n][0].id))

    def draft_sheet(self, brief: Brief) -> SheetDraft:
        """Fill a check-in sheet from the bank."""
        from forbear.engines.offline_sheet import draft

        return draft(self, brief)

    def _serves(self, question: BankQuestion, brief: Brief) -> bool:
        situation = brief.situation
        if question.voice is not Voice.LEADER or situation.label not in question.labels:
            return False
        if situation.label is Label.PRECOND and question.condition in CONDITIONS:
            return question.condition in situation.conditions
        if situation.label is Label.UNCLEAR:
            return question.part == ("stage" if brief.reading.facts.says(Fact.TASK) else "task")
        return True


_SHAPES = {
    Move.QUESTION: OfflineEngine._question,
    Move.OFFER: OfflineEngine._offer,
    Move.OPTIONS: OfflineEngine._options,
    Move.EXPLAIN: OfflineEngine._explain,
    Move.STEP_OUT: OfflineEngine._step_out,
    Move.OUTSIDE: OfflineEngine._outside,
    Move.ASK_COMMITMENT: OfflineEngine._ask_commitment,
    Move.CLOSE: OfflineEngine._close,
}


def _pick(lines: Sequence[str], brief: Brief) -> str:
    """Choose one of several lines by the message, another one each time the coach has spoken; always the same for the same conversation."""
    fresh = [line for line in lines if line.split("{")[0][:40] not in brief.conversation.coach_words] or list(lines)
    return fresh[zlib.crc32(brief.conversation.turns[0].text.encode()) % len(fresh)]


def _specific(question: BankQuestion) -> int:
    """Count what a question rests on in this message; that it speaks of one person is nothing special."""
    return len(set(question.needs) - {"person_one"})


def _short(quote: str, most: int = 16) -> str:
    words = quote.split()
    return quote if len(words) <= most else " ".join(words[:most]) + " …"


def _tellable(sentence: str) -> tuple[bool, int]:
    """Rank a sentence for being said back: one that need not be cut before one that must be, then the longest."""
    count = len(sentence.split())
    return count <= 15, count


def _first_words(text: str, most: int) -> str:
    """Cut a text to whole sentences of at most so many words, at least one sentence."""
    kept: list[str] = []
    for sentence in text.split(". "):
        if kept and sum(len(s.split()) for s in (*kept, sentence)) > most:
            break
        kept.append(sentence)
    return ". ".join(kept).rstrip(".") + "."
