"""Find the files that ship with Forbear: in the wheel under `_data`, in a checkout at the top level, or one's own."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_own: list[Path] = []


def use(root: Path) -> None:
    """Take `prompts` and `knowledge` from a folder of one's own, where it has them; call it before anything is read."""
    _own[:] = [root]


def folder(name: str) -> Path:
    """Give the folder `prompts` or `knowledge`: one's own, or from the wheel if installed so, else from the checkout."""
    for root in _own:
        if (root / name).is_dir():
            return root / name
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent.parent / name
