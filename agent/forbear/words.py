"""Compare words as a reader would: spaces, case and the shape of quote marks set aside."""

from __future__ import annotations

import re
import unicodedata

_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": "'", "”": "'", "„": "'", '"': "'", "–": "-", "—": "-", "…": "..."}
)


def normalised(text: str) -> str:
    """Fold a text to what comparison needs: NFKC, plain quote marks and dashes, single spaces, lower case."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).translate(_MARKS)).strip().casefold()


def contains(words: str, quote: str) -> bool:
    """Tell whether a quote stands in the words, its own outer quote marks and end marks aside."""
    wanted = normalised(quote).strip(" \"'.,;:!?-")
    return bool(wanted) and wanted in normalised(words)
