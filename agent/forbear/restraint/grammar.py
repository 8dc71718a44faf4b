"""Read English as the rules need it: quotations set aside, contractions opened, sentences split.

A contraction becomes two words ("don't" -> "do", "n't"; "what's" -> "what", "'s"), so that one pattern covers
"Did he not", "Didn't he" and "didnt he". A quotation becomes one mark: what somebody said, the coach did not
say.
"""

# ruff: noqa: SIM905 -- a list of words reads best as words
from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

#: Stands for a whole quotation in a sentence's line.
QUOTE = "§"
#: A quotation longer than this is an unclosed mark, not a quotation.
_QUOTE_REACH = 300
#: Words without an end mark that are read as one sentence, so that patterns stay linear in any text.
_SENTENCE_REACH = 150
_MARK = re.compile(r"[\n\"”“»'’]")
_CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»", "'": "'’", "‘": "’'"}
_WORD = re.compile(r"§+|\d+(?:[.,:]\d+)*|[^\W_]+(?:[-'’][^\W_]+)*|--+|\.\.\.+|[^\s\w]|_")
_CLITIC = re.compile(r"^(.+?)(n't|'(?:s|re|ve|d|ll|m))$")
_STEM = {"ca": "can", "wo": "will", "sha": "shall", "ai": "is"}
_NEGATES = "do did does is are was were have has had could would should"
#: Contractions without their apostrophe, and spoken forms: (length of the first part, first, second).
_RUN_TOGETHER = {
    **{f"{aux}nt": (len(aux), aux, "n't") for aux in _NEGATES.split()},
    "cant": (2, "can", "n't"),
    "wont": (2, "will", "n't"),
    "cannot": (3, "can", "n't"),
    "whats": (4, "what", "'s"),
    "hows": (3, "how", "'s"),
    "wanna": (4, "want", "to"),
    "gonna": (4, "going", "to"),
    "gotta": (3, "got", "to"),
}
FILLERS = frozenset("um uh er erm ah hmm mm mhm mm-hmm mhmm mmhmm uh-huh huh".split())
_ABBREVIATIONS = frozenset("mr mrs ms dr prof st vs e.g i.e approx dept".split())
_END = frozenset(".?!…")


@dataclass(frozen=True)
class Token:
    """Hold one word or mark: lower case, straight apostrophe, and where it stands in the text."""

    text: str
    start: int
    end: int
    capital: bool = False

    @property
    def is_word(self) -> bool:
        """Tell a word (or a quotation) from a mark."""
        return self.text[0].isalnum() or self.text == QUOTE or (self.text[0] == "'" and len(self.text) > 1)


@dataclass(frozen=True)
class Sentence:
    """Hold one sentence: its tokens, its span, and whether it ends in a question mark."""

    tokens: tuple[Token, ...]
    start: int
    end: int
    asked: bool

    @cached_property
    def line(self) -> str:
        """Give the sentence as its normalised tokens with single spaces: what the patterns read."""
        return " ".join(t.text for t in self.tokens)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for token in self.tokens:
            starts.append(at)
            at += len(token.text) + 1
        return starts

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Turn a span of the line into a span of the text."""
        first = self.tokens[bisect_right(self._starts, start) - 1]
        last = self.tokens[bisect_right(self._starts, max(start, end - 1)) - 1]
        return first.start, last.end

    def find(self, pattern: re.Pattern[str]) -> tuple[int, int] | None:
        """Find a pattern in the line, as a span of the text."""
        match = pattern.search(self.line)
        return self.span(*match.span()) if match and match.group() else None

    @property
    def words(self) -> int:
        """Count the words as they are written (a contraction is one)."""
        count, reach = 0, -1
        for token in self.tokens:
            if token.is_word and token.start != reach:
                count += 1
            reach = token.end
        return count


@dataclass
class _Gathering:
    tokens: list[Token] = field(default_factory=list)

    def close(self, asked: bool, end: int) -> Sentence | None:
        tokens, self.tokens = self.tokens, []
        if not any(t.is_word for t in tokens):
            return None
        return Sentence(tuple(tokens), tokens[0].start, end, asked)


def unquoted(text: str) -> str:
    """Replace every quotation, marks included, by as many marks: offsets stay as they are."""
    out, at = [], 0
    while at < len(text):
        end = _quotation_end(text, at)
        out.append(QUOTE * (end - at) if end else text[at])
        at = end or at + 1
    return "".join(out)


def _quotation_end(text: str, at: int) -> int:
    """Find where the quotation that opens here ends; 0 where none opens, as inside a word."""
    closing = _CLOSING.get(text[at])
    if not closing or at + 1 >= len(text) or text[at + 1].isspace():
        return 0
    single = text[at] in "'‘"
    if single and at and text[at - 1].isalnum():
        return 0
    for mark in _MARK.finditer(text, at + 2, at + _QUOTE_REACH):
        i = mark.start()
        if text[i] == "\n":
            return 0
        inside_word = single and i + 1 < len(text) and text[i + 1].isalnum()
        if text[i] in closing and not inside_word:
            return i + 1
    return 0


def _tokens(text: str) -> Iterator[Token]:
    for match in _WORD.finditer(unquoted(text)):
        start, end = match.span()
        word = match.group().lower().replace("’", "'")
        if len(word) != end - start:  # a letter whose lower case is longer: keep offsets, lose the case folding
            word = match.group()
        if word[0] == QUOTE:
            yield Token(QUOTE, start, end)
            continue
        capital = match.group()[0].isupper()
        word = _without_stutter(word)
        if word in FILLERS:
            continue
        if word in _RUN_TOGETHER:
            length, first, second = _RUN_TOGETHER[word]
            yield Token(first, start, start + length, capital)
            yield Token(second, start + length, end)
        elif clitic := _CLITIC.match(word):
            stem, ending = clitic.groups()
            cut = end - len(ending)
            yield Token(_STEM.get(stem, stem) if ending == "n't" else stem, start, cut, capital)
            yield Token("n't" if ending == "n't" else ending, cut, end)
        else:
            yield Token("--" if word[0] in "-–—" else word, start, end, capital)


def _without_stutter(word: str) -> str:
    """Take "w-what" and "you-you", as speech is written down, for their last part."""
    parts = word.split("-")
    stutters = len(parts) > 1 and all(a and b.startswith(a) for a, b in pairwise(parts))
    return parts[-1] if stutters else word


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Split a text into sentences: at end marks, at line ends, and after a quotation that ends one."""
    found: list[Sentence | None] = []
    now = _Gathering()
    tokens = list(_tokens(text))
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.text in _END or token.text.startswith("..."):
            before = now.tokens[-1] if now.tokens else None
            initial = (
                before
                and before.capital
                and len(before.text) == 1
                and before.text != "i"
                and following
                and not following.capital
            )
            abbreviated = token.text == "." and before and (before.text in _ABBREVIATIONS or initial)
            inside = token.text == "." and following and following.start == token.end and following.is_word
            if abbreviated or inside:
                continue
            if not now.tokens and found and found[-1]:  # "?!", "?)": marks that pile up belong to what they end
                last = found[-1]
                found[-1] = Sentence(last.tokens, last.start, token.end, last.asked or token.text == "?")
                continue
            found.append(now.close(token.text == "?", token.end))
            continue
        now.tokens.append(token)
        if following is None:
            break
        ended_in_quote = token.text == QUOTE and following.capital and text[token.end - 2] in ".?!"
        if ended_in_quote or "\n" in text[token.end : following.start] or len(now.tokens) >= _SENTENCE_REACH:
            found.append(now.close(False, token.end))
    if now.tokens:
        found.append(now.close(False, now.tokens[-1].end))
    return tuple(s for s in found if s)
