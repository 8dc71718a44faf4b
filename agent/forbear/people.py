"""Find the people a text names, and shorten them to initials: nobody who is not in the room is put on paper by name. Pure."""

from __future__ import annotations

import re

#: Capitalised words that stand where names stand and are none.
_NO_NAME = frozenset(
    [
        "i",
        "i'm",
        "i've",
        "i'd",
        "i'll",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "christmas",
        "easter",
        "the",
        "a",
        "an",
        "my",
        "our",
        "his",
        "her",
        "their",
        "this",
        "that",
        "these",
        "those",
        "he",
        "she",
        "they",
        "we",
        "you",
        "it",
        "and",
        "but",
        "so",
        "or",
        "not",
        "no",
        "yes",
        "ok",
        "okay",
        "if",
        "when",
        "what",
        "who",
        "how",
        "why",
        "where",
        "which",
        "there",
        "here",
        "then",
        "now",
        "today",
        "tomorrow",
        "yesterday",
        "everyone",
        "everybody",
        "someone",
        "somebody",
        "nobody",
        "finance",
        "hr",
        "marketing",
        "sales",
        "legal",
        "it's",
        "he's",
        "she's",
        "they're",
        "that's",
        "excel",
        "word",
        "powerpoint",
        "teams",
        "slack",
        "jira",
        "google",
        "english",
        "german",
        "french",
        "spanish",
        "first",
        "second",
        "third",
        "next",
        "last",
        "two",
        "three",
        "mum",
        "dad",
        "god",
        "lord",
        "both",
        "one",
        "each",
        "every",
        "any",
        "some",
        "all",
        "most",
        "none",
        "step",
    ]
)
_NAME = r"[A-Z][a-zà-öø-ÿ]+(?:[-'’][A-Z]?[a-zà-öø-ÿ]+)*"
_FULL = rf"(?:(?:Mr|Mrs|Ms|Dr|Prof|Sister|Father)\.? )?({_NAME}(?: (?:de |van |von |al-|bin )?{_NAME})?)"
#: What people do, and things do not: a capitalised word before it is somebody.
_DOES = (
    r"(?:has|had|is|was|did|does|said|says|told|asked|asks|wants|wanted|thinks|thought|keeps|kept|sent|ran|runs|knows|knew"
    r"|came|went|comes|made|makes|wrote|writes|took|takes|gave|gives|got|gets|works|worked|owns|leads|led|missed|forgot"
    r"|can|can't|could|will|won't|would|should|hasn't|isn't|wasn't|didn't|doesn't|'s|’s|promised|agreed|refused|started"
    r"|finished|closed|drafted|handles|handled|does|cried|apologised|apologized|rang|calls|called|feels|felt|seems|reports)"
)
#: At the head of a sentence every noun is capitalised, so there only what persons alone do counts: "Parcel went" names nobody.
_ONLY_PEOPLE_DO = (
    r"(?:said|says|told|asked|asks|wants|wanted|thinks|thought|knows|knew|wrote|promised|agreed|refused|apologi[sz]ed|cried"
    r"|feels|felt|rang|calls|called|owns|forgot|(?:has|had)(?: had)? (?:the|a|an|his|her|my|our)|runs the|and I)"
)
_PATTERNS = (
    re.compile(rf"(?<=[\w,;:—–-] ){_FULL}(?= {_DOES}\b|['’]s\b)"),
    re.compile(rf"(?:^|(?<=[.!?\n] )|(?<=\n)){_FULL}(?= {_ONLY_PEOPLE_DO}\b)"),
    re.compile(
        rf"\b(?:gave|give|giving|given|asked|ask|asking|told|tell|telling|handed|hand|handing|let|letting|trust|trusted"
        rf"|with|from|to|for|about|off|and|called|named|made|put|promised|between)(?: it| this| that| them)?(?: to| over to| back to)? {_FULL}"
    ),
)
#: After "to", "for" or "from" a place or a feast is as likely as a person: a thing follows it.
_THING_AFTER = re.compile(
    r"^[ -](?:market|office|branch|account|fair|project|report|event|party|trip|street|road|team|site)\b"
)


def people(text: str) -> tuple[str, ...]:
    """List the people that a text names, longest name first."""
    found: dict[str, None] = {}
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            name = match[1]
            words = name.split()
            while words and words[0].lower() in _NO_NAME:  # "Yesterday Priya said"
                words = words[1:]
            while words and words[-1].lower() in _NO_NAME:
                words = words[:-1]
            if words and not _THING_AFTER.match(text[match.end(1) :]):
                found[" ".join(words)] = None
    firsts = {part: None for name in found for part in name.split() if len(part) > 1 and part[0].isupper()}
    return tuple(sorted(found | firsts, key=lambda n: (-len(n), n)))


def initials(name: str) -> str:
    """Shorten a name: "Priya Sharma" is "P. S."."""
    return " ".join(f"{part[0]}." for part in re.split(r"[ -]", name) if part and part[0].isupper())


def shortened(text: str, names: tuple[str, ...]) -> str:
    """Put initials where the names stand; the end of a sentence keeps one full stop."""
    for name in names:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", initials(name), text)
    return text.replace("..", ".")
