"""Read Markdown files that begin with YAML front matter."""

from __future__ import annotations

from typing import Any

import yaml

#: libyaml where it was built in: ten times as fast as the pure Python loader, and as safe.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def split(text: str) -> tuple[dict[str, Any], str]:
    """Split a file's text into its front matter and its body; raises ValueError where there is none."""
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError("the file does not begin with front matter between two lines of ---")
    meta = yaml.load(parts[1], Loader)
    if not isinstance(meta, dict):
        raise ValueError("the front matter is not a mapping")
    return meta, parts[2].strip()
