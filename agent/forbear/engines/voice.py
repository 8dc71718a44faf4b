"""Say a leader's words back to them: "my" becomes "your", and where the grammar is not safe they are quoted instead. Pure."""

from __future__ import annotations

import re

_TO_YOU = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "am": "are", "i'm": "you're", "i've": "you've",
    "i'd": "you'd", "i'll": "you'll",
}  # fmt: skip
_SUBJECTS = frozenset(
    [
        "i",
        "he",
        "she",
        "they",
        "it",
        "that",
        "this",
        "there",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "he's",
        "she's",
        "they're",
        "it's",
        "that's",
        "there's",
        "they've",
        "he'd",
        "she'd",
        "they'd",
    ]
)
_POSSESSIVES = frozenset(["my", "his", "her", "their", "the"])
#: Words that make a change of person unsafe: they may mean the coach, or the leader and somebody else.
_UNSAFE = frozenset(
    [
        "we",
        "us",
        "our",
        "ours",
        "ourselves",
        "you",
        "your",
        "yours",
        "yourself",
        "we're",
        "we've",
        "we'd",
        "we'll",
        "you're",
        "you've",
        "lol",
        "btw",
        "pls",
    ]
)
_FINITE = re.compile(
    r"^(?:am|is|are|was|were|has|have|had|do|does|did|can|could|will|would|should|might|must|keep|keeps|\w+ed|\w+n't|'s)$"
)
#: What is said back would be mimicry: shouting, drawn-out sounds, and the grammar of somebody who writes a second language.
_THEIR_OWN = re.compile(
    r"\b[A-Z]{2,}(?![\w-]*\d)[A-Z]*\b|(.)\1\1|\b(?:[Hh]e|[Ss]he|[Ii]t) (?:ask|come|do|finish|get|give|go|have|keep|know|let|like|look|make|need|put"
    r"|say|see|start|stay|stop|take|talk|tell|think|use|want|work|write)\b"
)
_ENDS = ' "“”.,;:!?…'
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
HE, SHE, THEY = (
    frozenset(["he", "him", "his", "himself"]),
    frozenset(["she", "her", "hers", "herself"]),
    frozenset(["they", "them", "their", "theirs", "themself", "themselves"]),
)


def words_of(text: str) -> list[str]:
    """List the words of a text, lower case, with straight apostrophes."""
    return [w.lower().replace("’", "'") for w in _WORD.findall(text)]


def second_person(clause: str) -> str | None:
    """Turn a clause from the leader's mouth to the leader's ear, or None where that could mangle it.

    "I've still got it" becomes "You've still got it". None for a clause with no plain subject at its head, with
    "we" or "you" in it, with marks inside, of fewer than 4 or more than 16 words, or in an English that is the leader's own.
    """
    bare = clause.strip(_ENDS.replace("?", "").replace("…", "") + "'‘’")
    words = words_of(bare)
    if (
        not 4 <= len(words) <= 16
        or _UNSAFE & set(words)
        or _THEIR_OWN.search(bare)
        or re.search(r"[?!…\"“”()\[\]*/:;–—]|\.\s", bare)
    ):
        return None
    if not (words[0] in _SUBJECTS or (words[0] in _POSSESSIVES and any(_FINITE.match(w) for w in words[1:6]))):
        return None
    before = ""

    def turned(found: re.Match[str]) -> str:
        nonlocal before
        word = found[0].replace("’", "'")
        low = word.lower()
        new = "were" if low in ("was", "wasn't") and before == "i" else _TO_YOU.get(low, word)
        if low == "wasn't" and before == "i":
            new = "weren't"
        before = low
        return new

    said = _WORD.sub(turned, bare)
    return said[0].upper() + said[1:] + "."


def to_you(name: str) -> str:
    """Turn the name of a thing to the leader: "my diary" is "your diary"."""
    return _WORD.sub(lambda found: {"my": "your", "our": "your"}.get(found[0].lower(), found[0]), name, count=1)


def quoted(clause: str) -> str:
    """Quote a clause as it was written, without the marks at its ends."""
    # A quotation inside a quotation would end it.
    cut = " …" if clause.rstrip().endswith(" …") else ""
    bare = clause.strip().strip(_ENDS)
    if bare.count('"') % 2:  # its pair was cut off
        opens = re.search(r'(?:^|[\s(])"[^"]*$', bare)
        bare = f'{bare}"' if opens else f'"{bare}'
    bare = bare.replace("“", "‘").replace("”", "’").replace('"', "'") + cut
    return f"“{bare}”"


def pronouns(text: str) -> tuple[dict[str, str], bool]:
    """Give the pronouns for the person a text speaks of, by slot of the bank, and whether it speaks of just one."""
    heads = [w.split("'")[0] for w in words_of(text)]
    he, she, they = (any(w in family for w in heads) for family in (HE, SHE, THEY))
    if he != she:
        forms = "he him his his himself" if he else "she her her hers herself"
        verbs = "is has does was"
    else:
        forms, verbs = "they them their theirs themselves", "are have do were"
    slots = dict(zip(("they", "them", "their", "theirs", "themself"), forms.split(), strict=True))
    for slot, verb in zip(("they_are", "they_have", "they_do", "they_were"), verbs.split(), strict=True):
        slots[slot] = f"{slots['they']} {verb}"
    return slots, he != she or (they and not he)
