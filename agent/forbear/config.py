"""Read the settings: the only place that looks at the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from forbear.errors import UserError

EngineName = Literal["auto", "offline", "openai"]
EmbedderName = Literal["offline", "openai", "chroma"]

DEFAULT_MODEL = "gpt-4.1-mini"
DEFAULT_EMBEDDING_MODEL = "text-embedding-3-small"


@dataclass(frozen=True)
class Settings:
    """Hold every setting; each has a default that works with no key and no network."""

    engine: EngineName = "auto"
    """`auto` is the model where a key or a base URL is set, else offline (FORBEAR_ENGINE)."""
    embedder: EmbedderName = "offline"
    """Which embedder the index is built with (FORBEAR_EMBEDDER)."""
    model: str = DEFAULT_MODEL
    """FORBEAR_MODEL."""
    embedding_model: str = DEFAULT_EMBEDDING_MODEL
    """FORBEAR_EMBEDDING_MODEL; used by the `openai` embedder only."""
    api_key: str | None = field(default=None, repr=False)
    """OPENAI_API_KEY."""
    base_url: str | None = None
    """OPENAI_BASE_URL."""
    timeout_s: float = 60.0
    """Seconds that one answer of the model may take (FORBEAR_TIMEOUT)."""
    data_dir: Path = Path()
    """Where conversations and the index lie (FORBEAR_DATA_DIR; else the system's place for user data)."""

    @property
    def uses_model(self) -> bool:
        """Tell whether a language model takes part."""
        return self.engine == "openai" or (self.engine == "auto" and bool(self.api_key or self.base_url))


def load(environ: Mapping[str, str] = os.environ, *, engine: str | None = None) -> Settings:
    """Read the settings from the environment; `engine` (a command-line option) wins over it.

    Raises UserError where a value is not one of its choices.
    """
    timeout = environ.get("FORBEAR_TIMEOUT", "60")
    try:
        timeout_s = float(timeout)
    except ValueError:
        timeout_s = 0.0
    if not 0 < timeout_s <= 3600:
        raise UserError(f"FORBEAR_TIMEOUT is {timeout!r}; give seconds, more than 0 and at most 3600.")
    settings = Settings(
        engine=cast(EngineName, _one_of("engine", engine or environ.get("FORBEAR_ENGINE") or "auto", EngineName)),
        embedder=cast(
            EmbedderName, _one_of("FORBEAR_EMBEDDER", environ.get("FORBEAR_EMBEDDER") or "offline", EmbedderName)
        ),
        model=environ.get("FORBEAR_MODEL") or DEFAULT_MODEL,
        embedding_model=environ.get("FORBEAR_EMBEDDING_MODEL") or DEFAULT_EMBEDDING_MODEL,
        api_key=environ.get("OPENAI_API_KEY") or None,
        base_url=environ.get("OPENAI_BASE_URL") or None,
        timeout_s=timeout_s,
        data_dir=_data_dir(environ.get("FORBEAR_DATA_DIR")),
    )
    needs_key = settings.engine == "openai" or settings.embedder == "openai"
    if needs_key and not (settings.api_key or settings.base_url):
        raise UserError(
            "The openai engine needs OPENAI_API_KEY (or OPENAI_BASE_URL for a server of your own); set one, or use --engine offline."
        )
    return settings


def editor(environ: Mapping[str, str] = os.environ) -> str:
    """Give the command of the user's editor; raises UserError where none is set."""
    command = environ.get("VISUAL") or environ.get("EDITOR")
    if not command:
        raise UserError("There is no editor to open; set EDITOR, or leave out --edit.")
    return command


def _one_of(name: str, value: str, choices: object) -> str:
    allowed: tuple[str, ...] = choices.__args__  # type: ignore[attr-defined]
    if value not in allowed:
        raise UserError(f"{name} is {value!r}; choose one of {', '.join(allowed)}.")
    return value


def _data_dir(given: str | None) -> Path:
    if given:
        return Path(given).expanduser()
    import platformdirs

    return platformdirs.user_data_path("forbear", appauthor=False)
