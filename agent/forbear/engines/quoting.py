"""Cut a leader's words: sentences, the clause around a place, the name of a thing."""

from __future__ import annotations

import re
from itertools import pairwise

#: A full stop inside a number or a word ends nothing ("at 8.15"), nor does the one of an initial: "I gave T. the stand".
_SENTENCE = re.compile(r"(?:[^.?!\n]|\.(?=\w)|(?<=[\s(“\"'][A-Z])\.(?= [a-z]))+[.?!…]*[\"”’')]*|\n")
_CLAUSE = re.compile(r"\s*(?:[;–—()]|[:,](?=\s)|\s-\s|\bbecause\b)\s*")
_JOINT = re.compile(r"\s*[,;:–—()]\s*|\s+(?=(?:and|but|because|though|while|when|which|who|until|if|then)\s)", re.I)
_EDGES = ' "“”.,;:!?…'
_LEADS_IN = re.compile(r"^(?:and|but|so|also|or|then|well|ok|because|though|plus|like|honestly|anyway) +", re.I)
_FIRST = r"\b(?:the|a|an|my|our|her|his|their|this|that|next|[A-Z][\w.]*['’]s)"
_ARTICLE, _BEFORE = re.compile(rf"{_FIRST}(?= \w)", re.I), re.compile(rf"{_FIRST} $", re.I)
_IN_WORD = re.compile(r"[\w'’-]")
#: What may hang on behind the name of a task, and no longer names it.
_BEHIND = re.compile(r"(?: (?:to|for|with|on|in|at|by|from|and|but|is|was|has|had|of|off|up|over|since|because|so|it|that|who|last"
                     r"|yesterday|today|tomorrow|\d+|one|two|three|four|a few|some))+$| to .*$", re.I)  # fmt: skip


def sentences(text: str) -> tuple[str, ...]:
    """Split what a leader typed into sentences."""
    found = (s.strip() for s in _SENTENCE.findall(text))
    return tuple(s for s in found if any(c.isalnum() for c in s))


def around(text: str, at: int) -> str:
    """Quote the clause that a place in a text stands in."""
    for found in _SENTENCE.finditer(text):
        if found.start() <= at < found.end():
            return clause(found[0].strip(), at=at - found.start() - (len(found[0]) - len(found[0].lstrip())))
    return clause(text)


def clause(sentence: str, most: int = 15, at: int | None = None) -> str:
    """Shorten a text to a clause of at most `most` words that still stands in it: the one at a place, else the longest."""
    bare = sentence.strip(_EDGES)
    if len(bare.split()) <= most:
        return bare or sentence
    if at is not None:
        at -= len(sentence) - len(sentence.lstrip(_EDGES))
        cuts = [0, *(m.end() for m in _CLAUSE.finditer(bare)), len(bare)]
        inside = next((bare[x:y] for x, y in pairwise(cuts) if x <= at < y), "")
        inside = _LEADS_IN.sub("", re.sub(rf"{_CLAUSE.pattern}$", "", inside)).strip(_EDGES)
        if 3 <= len(inside.split()) <= most:
            return inside
        if len(inside.split()) > most:
            return _joined(bare, at, most)
    clauses = [_LEADS_IN.sub("", c) for c in _CLAUSE.split(bare)]
    fitting = [c for c in clauses if 4 <= len(c.split()) <= most]
    return max(fitting, key=len) if fitting else " ".join(bare.split()[:most]) + " …"


def _joined(text: str, at: int, most: int) -> str:
    """Cut the words around a place between the joints of a long clause; the words before the place go first."""
    cuts = [0, *(m.end() for m in _JOINT.finditer(text)), len(text)]
    piece = next((text[x:y] for x, y in pairwise(cuts) if x <= at < y), text)
    piece = _LEADS_IN.sub("", re.sub(rf"{_JOINT.pattern}$", "", piece, flags=re.I)).strip(_EDGES)
    if 3 <= len(piece.split()) <= most:
        return piece
    starts = [m.start() for m in re.finditer(r"\S+", text)]
    first = max(0, sum(start <= at for start in starts) - 1 - most // 2)
    words = text.split()[first : first + most]
    return " ".join(words).strip(_EDGES) + (" …" if first + most < len(starts) else "")


def named(text: str, start: int, at: int, end: int) -> str:
    """Cut the name of a thing out of a text: from the article before its chief word to the last whole word; empty if there is none."""
    while start > 0 and _IN_WORD.match(text[start - 1]):
        start -= 1
    while end < len(text) and _IN_WORD.match(text[end]):
        end += 1
    before = next(iter(_BEFORE.findall(text[:start])), "")
    article = max((m.start() for m in _ARTICLE.finditer(text, start, end) if m.start() <= at), default=None)
    if article is None and not before:
        return ""
    name = before + text[start:end] if article is None else text[article:end]
    name = _BEHIND.sub("", name).strip(_EDGES)
    return name if 2 <= len(name.split()) <= 7 else ""
