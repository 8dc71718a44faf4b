"""Load the prompts: Markdown files with front matter, their variables exact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from forbear.frontmatter import split
from forbear.resources import folder

_SLOT = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True)
class Prompt:
    """Hold one prompt file: its text with `{{variable}}` slots, and the variables it declares."""

    name: str
    text: str
    variables: frozenset[str]

    def render(self, **values: str) -> str:
        """Fill the slots in one pass, so that a value is never itself searched for slots.

        Raises KeyError for a missing or a surplus variable: a prompt that drifts from its caller is our bug.
        """
        if values.keys() != self.variables:
            raise KeyError(
                f"prompt {self.name}: missing {self.variables - values.keys()}, surplus {values.keys() - self.variables}"
            )
        return _SLOT.sub(lambda slot: values[slot[1]], self.text)


@cache
def load(name: str) -> Prompt:
    """Read prompts/NAME.md; the variables that its front matter declares are just those its text uses."""
    meta, text = split((folder("prompts") / f"{name}.md").read_text(encoding="utf-8"))
    declared, used = frozenset(meta.get("variables") or ()), frozenset(_SLOT.findall(text))
    if declared != used:
        raise KeyError(f"prompt {name}: declares {sorted(declared)}, uses {sorted(used)}")
    return Prompt(name=name, text=text.strip(), variables=declared)


def fenced(text: str) -> str:
    """Make a text unable to close the tags it stands between, so that it cannot pose as instructions."""
    return text.replace("<", "‹").replace(">", "›")
