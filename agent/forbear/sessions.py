"""Keep conversations across runs: an append-only transcript, and beside it the graph's checkpoints, in one SQLite file.

A leader's words are written before the graph runs, so that a kill loses none. Deleting really deletes: SQLite
overwrites what it frees (`secure_delete`), and the write-ahead log is folded back.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forbear.errors import StorageError, UserError
from forbear.state import Conversation, Turn

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

_SCHEMA = """
CREATE TABLE IF NOT EXISTS line (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('leader', 'coach', 'refusal')),
    text TEXT NOT NULL,
    record TEXT,
    at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS line_session ON line (session, n);
"""


@dataclass(frozen=True)
class Line:
    """Hold one line of a transcript."""

    role: str
    """`leader`, `coach`, or `refusal` (a message that could not be read, and why)."""
    text: str
    at: str
    """UTC, ISO 8601, to the second."""
    record: dict[str, Any] | None = None
    """What happened in the coach's turn: label, quotes, passages, findings."""


@dataclass(frozen=True)
class Summary:
    """Hold what a list of sessions shows of one."""

    id: str
    started: str
    turns: int
    """What the leader said, counted."""
    begins: str
    """The first words, shortened."""


class Sessions:
    """Read and write conversations; raises StorageError where the directory cannot be used."""

    def __init__(self, root: Path) -> None:
        self.path = root / "sessions.db"
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.touch(mode=0o600)
            self._db = sqlite3.connect(self.path, check_same_thread=False, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise unusable(self.path, error) from error
        self._saver: SqliteSaver | None = None

    @property
    def checkpointer(self) -> SqliteSaver:
        """Give the graph's checkpointer, on the same file; only our own `Memory` may be revived from it."""
        if self._saver is None:
            from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
            from langgraph.checkpoint.sqlite import SqliteSaver

            allowed = [("forbear.state", "Memory"), ("forbear.situation", "Label"), ("forbear.situation", "Fact")]
            self._saver = SqliteSaver(self._db, serde=JsonPlusSerializer(allowed_msgpack_modules=allowed))
            try:
                self._saver.setup()
            except sqlite3.Error as error:
                raise unusable(self.path, error) from error
        return self._saver

    def new(self) -> str:
        """Name a new conversation; nothing is written until something is said."""
        return uuid.uuid4().hex[:12]

    def append(self, session: str, role: str, text: str, record: dict[str, Any] | None = None) -> None:
        """Write one line, at once and for good."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        kept = json.dumps(record, ensure_ascii=False) if record is not None else None
        try:
            with self._db:
                self._db.execute(
                    "INSERT INTO line (session, role, text, record, at) VALUES (?, ?, ?, ?, ?)",
                    (session, role, text, kept, at),
                )
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error

    def lines(self, session: str) -> tuple[Line, ...]:
        """Give a conversation's lines, oldest first; none where there is no such conversation."""
        rows = self._db.execute("SELECT role, text, at, record FROM line WHERE session = ? ORDER BY n", (session,))
        return tuple(Line(role, text, at, json.loads(record) if record else None) for role, text, at, record in rows)

    def conversation(self, session: str) -> tuple[Turn, ...]:
        """Give what was said, without the messages that could not be read."""
        turns: list[Turn] = []
        for line in self.lines(session):
            if line.role == "refusal":
                turns.pop()  # the line before it is the message it refused
            elif line.role == "leader":
                turns.append(Turn(role="leader", text=line.text))
            else:
                turns.append(Turn(role="coach", text=line.text, question=(line.record or {}).get("question", "")))
        return tuple(turns)

    def unanswered(self, session: str) -> Conversation | None:
        """Give the conversation where its last words are the leader's: a turn that was cut off."""
        turns = self.conversation(session)
        return Conversation(turns=turns) if turns and turns[-1].role == "leader" else None

    def all(self) -> tuple[Summary, ...]:
        """List the conversations, latest first."""
        rows = self._db.execute(
            "SELECT s.session, first.at, s.turns, first.text FROM line first JOIN ("
            "  SELECT session, min(n) AS first, max(n) AS last, sum(role = 'leader') AS turns FROM line GROUP BY session"
            ") s ON first.n = s.first ORDER BY s.last DESC"
        )
        return tuple(Summary(session, at, turns, _shortened(text)) for session, at, turns, text in rows)

    def find(self, prefix: str) -> str:
        """Give the conversation that an id, or the beginning of one, names; raises UserError."""
        ids = [s.id for s in self.all() if s.id.startswith(prefix)]
        if len(ids) != 1 or not prefix:
            what = "More than one conversation begins" if len(ids) > 1 else "No conversation begins"
            raise UserError(f"{what} with {prefix!r}; `forbear sessions list` shows them.")
        return ids[0]

    def delete(self, session: str) -> None:
        """Delete a conversation and its checkpoints, so that the file holds none of its words."""
        self.checkpointer.delete_thread(session)
        try:
            with self._db:
                self._db.execute("DELETE FROM line WHERE session = ?", (session,))
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise unusable(self.path, error) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def as_markdown(session: str, lines: tuple[Line, ...]) -> str:
    """Write a conversation as Markdown, with the place in the framework and the passages of each turn."""
    out = [f"# Conversation {session}", ""]
    for line in lines:
        out += [f"**{'You' if line.role == 'leader' else 'Forbear'}** ({line.at})", "", line.text, ""]
        record = line.record or {}
        if cites := record.get("cites"):
            out += [f"- {c['title']} ({c['basis']}; {c['source']})" for c in cites] + [""]
    return "\n".join(out)


def _shortened(text: str, limit: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rsplit(" ", 1)[0] + " …"


def unusable(path: Path, error: Exception) -> StorageError:
    """Say that the file of conversations cannot be used, and why."""
    reason = getattr(error, "strerror", None) or error
    return StorageError(
        f"{path} cannot be used ({reason}); check its permissions and free space, or set FORBEAR_DATA_DIR."
    )
