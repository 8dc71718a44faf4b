"""Name what can go wrong that is not our own bug. The edge prints these as one sentence; anything else is a traceback.

ForbearError
├── UserError        exit 2: input, settings, files: something the user can change
│   ├── InputRefused     text that cannot be read as a leader's message
│   └── StorageError     a directory or file that cannot be read or written
└── ProviderError    exit 3: the model's server: unreachable, refused, too slow, or not making sense
"""

from __future__ import annotations


class ForbearError(Exception):
    """Carry one plain sentence that says what happened and what to do next."""

    exit_code = 1


class UserError(ForbearError):
    """Say that something the user gave cannot be used."""

    exit_code = 2


class InputRefused(UserError):
    """Say that a text cannot be read as a leader's message."""


class StorageError(UserError):
    """Say that a file or directory cannot be read or written."""


class ProviderError(ForbearError):
    """Say that the model's server did not give a usable answer."""

    exit_code = 3
