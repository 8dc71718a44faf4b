"""Screen what was typed before anything else looks at it: empty, too long, not text, not English."""

from __future__ import annotations

import re
import unicodedata

from forbear.deps import Deps
from forbear.errors import InputRefused
from forbear.knowledge import lines
from forbear.state import State

#: Characters in one message: about three pages, far more than five minutes of typing.
LIMIT = 8_000

#: The commonest words of English that no other language of wide use shares in such numbers; and its endings ("the work's fine").
_ENGLISH = frozenset((
    "the", "and", "of", "to", "it", "is", "was", "were", "that", "this", "i", "he", "she", "they", "we", "you", "my", "his", "her", "our",
    "your", "their", "its", "for", "with", "not", "but", "what", "have", "has", "had", "do", "does", "did", "on", "at", "be", "been", "are",
    "am", "will", "would", "can", "could", "should", "if", "so", "about", "from", "him", "them", "me", "us", "as", "by", "there", "when",
    "who", "how", "why", "which", "then", "than", "all", "any", "some", "every", "always", "never", "into", "just", "now", "no", "yes", "ok",
    "okay", "thanks", "thank", "please", "still", "again", "because", "after", "before", "up", "out", "over", "get", "got", "give",
    "gave", "given", "one", "an", "in",
))  # fmt: skip
_ENDING = re.compile(r"'(?:s|t|m|re|ve|ll|d)$")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def screen(state: State, deps: Deps) -> State:
    """Refuse a message that cannot be read, with a sentence that says what to do; raises InputRefused."""
    del deps
    refuse_unreadable(state["conversation"].message, len(state["conversation"].turns))
    return {"mended": (), "drafts": 0, "provider_failed": ""}


def refuse_unreadable(text: str, turn: int = 0) -> None:
    """Raise InputRefused for a text that is empty, too long, not text, or not English; `turn` varies the wording."""
    if len(text) > LIMIT:
        raise InputRefused(lines().too_long.format(limit=f"{LIMIT:,}", length=f"{len(text):,}"))
    if _is_binary(text):
        raise InputRefused(lines().not_text)
    words = [w.casefold().replace("’", "'") for w in _WORD.findall(text)]
    if not words:
        empty = lines().empty
        raise InputRefused(empty[turn % len(empty)])
    if _is_foreign(text, words):
        raise InputRefused(lines().not_english)


def _is_binary(text: str) -> bool:
    odd = sum(
        (unicodedata.category(c) in ("Cc", "Co", "Cn", "Cs") and c not in "\t\n\r") or c == "\ufffd" for c in text
    )
    return "\0" in text or odd > max(2, len(text) // 50)


def _is_foreign(text: str, words: list[str]) -> bool:
    """Tell whether a text is in another language: another script, or hardly any of English's small words."""
    letters = [c for c in text if c.isalpha()]
    if sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters) > len(letters) / 2:
        return True
    known = sum(w in _ENGLISH or bool(_ENDING.search(w)) for w in words)
    # Short texts ("Same as ever. Jo.") may hold none by chance; from eight words on English cannot do without.
    return len(words) >= 8 and known / len(words) < 0.12
