"""Find what a sentence asks, by its grammar: who stands where, not which phrase it is.

A question opens at a *head*: the start of the sentence or of a clause in it, openers ("so", "and then") set
aside. There a wh-phrase with inversion ("what would she…"), a wh-word as subject ("who decides…"), an
auxiliary before its subject ("did he…"), or a request to talk ("tell me…", "could you describe…") is an ask.
A wh-word with its subject before the verb is none: a free relative ("what he did was…"), a subordinate clause
("when you look").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from forbear.restraint import frames
from forbear.restraint.frames import AUX, BE, DETERMINER, DO, SUBJECT, WH
from forbear.restraint.grammar import QUOTE, Sentence, Token, sentences


class Form(StrEnum):
    """Name the grammar of an ask."""

    WH = "wh"
    FIGURE = "figure"
    """A wh-question that a number or a date answers: "how many", "how often", "what time"."""
    CHOICE = "choice"
    POLAR = "polar"
    NEGATIVE = "negative"
    TAG = "tag"
    STATEMENT = "statement"
    """A statement with a question mark: "So you told him?"."""
    FRAGMENT = "fragment"
    """A closed question with its beginning left out: "Ready to start?"."""
    PERMISSION = "permission"
    INVITE = "invite"
    """Closed by its grammar, open in use: "Anything else?"."""
    REQUEST = "request"
    """A request to talk: "Tell me what you see."."""


OPEN = frozenset((Form.WH, Form.REQUEST))
_PLAINLY_CLOSED = frozenset((Form.POLAR, Form.STATEMENT, Form.FRAGMENT))


@dataclass(frozen=True)
class Ask:
    """Hold one thing that is asked: its form and the index of its first token in the sentence."""

    form: Form
    at: int


@lru_cache(maxsize=256)
def asks(sentence: Sentence) -> tuple[Ask, ...]:
    """List what a sentence asks, in order; more than one is a stack."""
    if sentence.find(frames.PERMISSION) and (sentence.asked or sentence.words <= 12):
        return (Ask(Form.PERMISSION, 0),)
    found = list(_clausal(sentence))
    if not sentence.asked:
        return tuple(found)
    if not found:
        found.append(Ask(_remainder(sentence), 0))
    first = found[0]
    if frames.TAG.search(sentence.line) and (first.form in (Form.STATEMENT, Form.POLAR, Form.FRAGMENT, Form.TAG)):
        return (Ask(Form.TAG, first.at),)
    if len(found) == 1 and first.form in _PLAINLY_CLOSED and frames.INVITE.search(sentence.line):
        return (Ask(Form.INVITE, first.at),)
    if first.form is Form.WH and len(found) == 1 and _offers_choice(sentence, first.at):
        found = [Ask(Form.CHOICE, first.at)]
    return tuple(found)


def _remainder(sentence: Sentence) -> Form:
    """Name a sentence that is a question by its mark alone."""
    line = sentence.line
    if frames.SHORT_OPEN.fullmatch(line) or frames.IN_SITU.search(line):
        return Form.WH
    texts = [t.text for t in sentence.tokens]
    start = _skip_openers(sentence.tokens, 0)
    clausal = any(t in SUBJECT or t in AUX for t in texts[start : start + 6])
    return Form.STATEMENT if clausal else Form.FRAGMENT


def _offers_choice(sentence: Sentence, at: int) -> bool:
    """Tell "which matters more, the date or the price?" from "what, if anything, or who …"."""
    tail = " ".join(t.text for t in sentence.tokens[at:])
    return bool(frames.CHOICE.search(frames.PARENTHESIS.sub(" ", tail)))


def _clausal(sentence: Sentence) -> Iterator[Ask]:
    """Find the asks at the heads of the sentence."""
    tokens = sentence.tokens
    seen = -1
    for head, fresh in _heads(tokens):
        if head <= seen or head >= len(tokens):
            continue
        rest = " ".join(t.text for t in tokens[head : head + 40])
        if (form := _ask_at(tokens, head, rest, sentence.asked, fresh)) is None:
            continue
        if seen >= 0 and _trails(tokens, head):
            continue
        yield Ask(form, head)
        seen = _past_parenthesis(tokens, head)
        if form is Form.REQUEST:
            # "tell me what you see and how it feels" asks twice; the first wh-word is the request's own.
            inner = [i for i in range(head + 1, len(tokens)) if _joined_wh(tokens, i)]
            yield from (Ask(Form.WH, i) for i in inner[:2])
            return


def _trails(tokens: tuple[Token, ...], head: int) -> bool:
    """Tell "…, and by when?", which completes one agreement, from "…, and why?", which asks again."""
    tail = [t.text for t in tokens[head:]]
    return tail == ["when"] or (len(tail) == 2 and tail[0] in frames.PREPOSITION and tail[1] in WH)


def _past_parenthesis(tokens: tuple[Token, ...], head: int) -> int:
    """Step past the commas right behind a wh-word: "what, if anything, do you" asks once."""
    if head + 1 < len(tokens) and tokens[head + 1].text == ",":
        return next((i + 1 for i in range(head + 2, len(tokens)) if tokens[i].text == ","), head)
    return head


def _heads(tokens: tuple[Token, ...]) -> Iterator[tuple[int, bool]]:
    """Yield where a question may begin, and whether more than a bare "and" opens it there."""
    yield _skip_openers(tokens, 0), True
    for i, token in enumerate(tokens):
        if not token.is_word and i + 1 < len(tokens) and token.text not in "()[]/":
            yield _skip_openers(tokens, i + 1), True
        elif token.text in ("and", "or", "but", "so") and i and tokens[i - 1].is_word:
            yield _skip_openers(tokens, i + 1), False


def _skip_openers(tokens: tuple[Token, ...], i: int) -> int:
    """Step over "so", "and then", "okay": what stands before a clause and is not of it."""
    while i < len(tokens) and (tokens[i].text in frames.OPENER or not tokens[i].is_word):
        # "no" opens, "no one" is a subject.
        if tokens[i].text == "no" and i + 1 < len(tokens) and tokens[i + 1].text == "one":
            return i
        i += 1
    return i


def _ask_at(tokens: tuple[Token, ...], i: int, rest: str, asked: bool, fresh: bool) -> Form | None:
    """Name the ask that begins at a head, if one does."""
    if frames.POLITE_REQUEST.match(rest):
        frame = frames.POLITE_REQUEST.match(rest)
        return Form.POLAR if frame and frames.WHETHER.match(rest[frame.end() :]) else Form.REQUEST
    if fresh and (request := frames.REQUEST.match(rest)) and (i == 0 or _begins_clause(tokens, i)):
        after = rest[request.end() :]
        return Form.POLAR if frames.WHETHER.match(after) else Form.REQUEST
    if (indirect := frames.INDIRECT.match(rest)) and indirect.group().strip():
        after = rest[indirect.end() :]
        if frames.WHETHER.match(after):
            return Form.POLAR if asked or "ask" not in indirect.group() else None
        after = re.sub(r"^ , [^,]{1,60} ,", "", after)
        if "do n't know" in indirect.group() and not asked:
            return None
        if re.match(
            r"(?: ,| --)?(?: (?:kind|sort) of)? (?:in |to |of |about )?(?:what|how|which|who|where"
            r"|why|when)\b",
            after,
        ):
            return _indirect_wh(after)
    return _wh(tokens, i, asked, fresh) or _polar(tokens, i, asked, fresh)


def _begins_clause(tokens: tuple[Token, ...], i: int) -> bool:
    """Tell "So tell me …" from "he said, tell me": nothing but openers may stand before an imperative."""
    return _skip_openers(tokens, 0) == i or (tokens[i - 1].text in (",", "--", ":", ";") and tokens[i].text == "tell")


def _indirect_wh(after: str) -> Form:
    return Form.FIGURE if re.search(r"how (?:many|often|long|old)\b|what (?:time|day|date)\b", after) else Form.WH


def _wh(tokens: tuple[Token, ...], i: int, asked: bool, fresh: bool) -> Form | None:
    """Name a wh-question at this head; None for a relative, embedded or subordinate wh-clause."""
    texts = [t.text for t in tokens[i : i + frames.PHRASE_REACH + 6]]
    if texts and texts[0] in frames.PREPOSITION and len(texts) > 1 and texts[1] in WH:
        texts = texts[1:]
    if not texts or texts[0] not in WH:
        return None
    wh, rest = texts[0], texts[1:]
    if "," in rest[:1]:  # "what, if anything, do you …"
        close = next((k for k in range(2, len(rest)) if rest[k] == ","), 0)
        rest = rest[close + 1 :] if close else rest
    ends = len(rest) == 0
    if ends or (wh in ("how", "what") and rest[:1] == ["about"]) or rest[:1] in (["else"], ["so"], ["come"]):
        return Form.WH if asked and (fresh or ends or i == 0) else None
    if (wh == "what" and rest[0] == "if") or (wh == "why" and rest[0] == "not"):
        return Form.WH if asked else None
    if rest[0] in AUX or (rest[0] == "to" and wh in ("what", "how")):
        return _inverted(wh, rest, asked, fresh)
    # "where in the week does …": a place may stand before the verb, a subject may not.
    placed = wh in frames.TIME_OR_PLACE
    if rest[0] in SUBJECT or rest[0] in DETERMINER or (placed and rest[0] not in frames.PREPOSITION):
        return None
    scale = bool(frames.OUT_OF.search(" ".join(t.text for t in tokens)))
    figure = _asks_figure(wh, rest[0], scale)
    # Walk over the wh-phrase ("what part of the plan") to its verb. Without a question mark a pronoun that
    # comes first tells an embedded clause; with one, "what brings you in?" is asked all the same.
    for k, word in enumerate(rest[: frames.PHRASE_REACH]):
        if word in AUX and k:
            direct = asked or (rest[k + 1 : k + 2] and rest[k + 1] in SUBJECT - DETERMINER)
            return (Form.FIGURE if figure else Form.WH) if direct else None
        if word in SUBJECT and k and rest[k - 1] not in frames.PREPOSITION and not asked:
            return None
        if not word[0].isalnum() and word != QUOTE:
            break
    # A wh-word as subject ("who decides …"): only a question mark tells it from "what matters is".
    if placed:
        return None
    relative = wh in ("which", "who") and (not fresh or (i > 0 and tokens[i - 1].text == ","))
    if not asked or (relative and not figure) or (wh == "how" and not (fresh or figure)):
        return None
    return Form.FIGURE if figure else Form.WH


def _asks_figure(wh: str, word: str, scale: bool) -> bool:
    """Tell a question that a number, a date or a point on a scale answers."""
    if wh == "how":
        return word in frames.FIGURE or scale
    return (wh in ("what", "which") and word in frames.FIGURE_NOUN) or (wh in ("what", "which", "where") and scale)


def _inverted(wh: str, rest: list[str], asked: bool, fresh: bool) -> Form | None:
    """Name a wh-word that an auxiliary follows: "what did he", "what's your", "who is to …"."""
    after = rest[2:] if rest[1:2] == ["n't"] else rest[1:]
    pronoun = bool(after) and after[0] in SUBJECT
    if wh in ("who", "which") and rest[0] in BE and not fresh and not pronoun:
        return None
    if asked:
        return Form.FIGURE if wh == "when" else Form.WH
    if rest[0] in ("is", "are") and after[:1] == ["your"]:
        return Form.WH
    return Form.WH if pronoun and rest[0] not in ("'s", "'d", "had") and wh != "which" else None


def _polar(tokens: tuple[Token, ...], i: int, asked: bool, fresh: bool) -> Form | None:
    """Name a yes/no question at this head: an auxiliary before its subject."""
    texts = [t.text for t in tokens[i : i + 4]]
    if len(texts) < 2 or texts[0] not in AUX or texts[0][0] == "'":
        return None
    negative = texts[1] in ("n't", "not")
    after = texts[2:] if negative else texts[1:]
    pronoun = bool(after) and after[0] in SUBJECT
    if not asked:
        # Without its mark only the plainest inversion counts: not "have a look", "had he known", "may it …".
        plain = pronoun and texts[0] in DO | {
            "is",
            "are",
            "was",
            "were",
            "can",
            "could",
            "would",
            "will",
            "have",
            "has",
        }
        return (Form.NEGATIVE if negative else Form.POLAR) if plain and i == 0 and not negative else None
    if not fresh and not pronoun and not (after and after[0] in DETERMINER):
        return None
    if texts[0] in ("had", "should", "were") and pronoun and not fresh:
        return None
    return Form.NEGATIVE if negative else Form.POLAR


def _joined_wh(tokens: tuple[Token, ...], i: int) -> bool:
    """Tell a second wh-clause that "and" joins to the first: "… and how it feels", not "when and where"."""
    if tokens[i].text not in WH or i + 1 >= len(tokens):
        return False
    before = tokens[i - 1].text
    joined = before == "and" or (before == "," and tokens[i].text in ("what", "how", "why"))
    return joined and tokens[i - 2].text not in WH


def question_sentences(text: str) -> tuple[tuple[Sentence, tuple[Ask, ...]], ...]:
    """List the sentences that ask something, each with its asks."""
    return tuple((s, found) for s in sentences(text) if (found := asks(s)))


def questions_in(text: str) -> tuple[tuple[int, int], ...]:
    """Find the questions, also those without a question mark: one span for each sentence that asks."""
    return tuple((s.start, s.end) for s, _ in question_sentences(text))


def is_open(question: str) -> bool:
    """Tell whether it invites any answer, not just yes, no, one of two, or a figure."""
    return any(
        ask.form in OPEN or ask.form is Form.INVITE for _, found in question_sentences(question) for ask in found
    )
