"""Examine the installation: what is configured, what can be reached, where data lies."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

from forbear import index
from forbear.coach import Coach


def examine(coach: Coach) -> dict[str, Any]:
    """Give the findings by name, in the order they are shown; asks the model's server only where one is configured."""
    settings = coach.settings
    home = settings.data_dir
    nearest = next((p for p in (home, *home.parents) if p.exists()), home)
    writable = os.access(nearest, os.W_OK)
    return {
        "forbear": version("forbear"),
        "engine": "openai" if settings.uses_model else "offline",
        "model": _model(coach) if settings.uses_model else "none: no key and no base URL is set",
        "model name": settings.model if settings.uses_model else "-",
        "server": (settings.base_url or "api.openai.com") if settings.uses_model else "-",
        "key": "set" if settings.api_key else "not set",
        "embedder": settings.embedder,
        "data": f"{home} ({'writable' if writable else 'NOT writable: set FORBEAR_DATA_DIR'})",
        "index": _index(coach),
        "conversations": len(coach.sessions.all()) if (home / "sessions.db").exists() and writable else 0,
        "leaves this machine": "your messages go to the server above" if settings.uses_model else "nothing",
    }


def _model(coach: Coach) -> str:
    import openai

    from forbear.engines.openai import client

    try:
        client(coach.settings).with_options(timeout=5, max_retries=0).models.list()
    except openai.APIConnectionError:
        return "not reachable"
    except openai.AuthenticationError:
        return "reachable, but it refuses the key"
    except openai.APIStatusError as error:
        return f"reachable (its list of models answers {error.status_code})"
    except openai.OpenAIError:
        return "reachable, but its answer makes no sense"
    return "reachable"


def _index(coach: Coach) -> str:
    if coach.settings.embedder != "offline":
        return "built at the first search"
    from forbear.encoder import Encoder

    home = index.latest(coach.settings.data_dir, index.fingerprint(Encoder()))
    return f"{home.name} (ready)" if home else "not built yet: built at the first message"
