"""Conversations on disk: nothing lost by a kill, nothing left by a deletion. A real SQLite file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from forbear.coach import Coach
from forbear.config import Settings
from forbear.errors import StorageError, UserError
from forbear.fakes import ListRetriever
from forbear.sessions import Sessions, as_markdown

LIVE = "I gave her the rota and I keep opening it. Zebrafish."


def test_words_are_kept_with_the_record_of_the_turn(offline: Settings) -> None:
    coach = Coach(offline)
    answer = coach.ask(LIVE)
    leader, reply = Sessions(offline.data_dir).lines(answer.session)
    assert (leader.role, leader.text) == ("leader", LIVE)
    assert reply.text == answer.reply.text
    assert reply.record is not None
    assert reply.record["label"] == answer.reading.situation.label


def test_delete_leaves_no_word_in_the_file(offline: Settings) -> None:
    coach = Coach(offline)
    kept, gone = coach.ask("She runs the front desk and I keep hovering there."), coach.ask(LIVE)
    coach.sessions.delete(gone.session)
    coach.sessions.close()
    content = b"".join(p.read_bytes() for p in offline.data_dir.glob("sessions.db*"))
    assert b"Zebrafish" not in content
    assert b"front desk" in content
    assert [s.id for s in Sessions(offline.data_dir).all()] == [kept.session]


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform == "win32", reason="POSIX permissions")
def test_the_file_is_for_its_owner_only(offline: Settings) -> None:
    sessions = Sessions(offline.data_dir)
    assert sessions.path.stat().st_mode & 0o077 == 0


def test_a_conversation_is_found_by_the_beginning_of_its_id(offline: Settings) -> None:
    sessions = Sessions(offline.data_dir)
    sessions.append("abc123", "leader", "one")
    sessions.append("abd456", "leader", "two")
    assert sessions.find("abc") == "abc123"
    for prefix, says in (("ab", "More than one"), ("x", "No conversation"), ("", "More than one")):
        with pytest.raises(UserError, match=says):
            sessions.find(prefix)


def test_export_is_markdown_with_passages(offline: Settings) -> None:
    coach = Coach(offline)
    answer = coach.ask(LIVE)
    text = as_markdown(answer.session, coach.sessions.lines(answer.session))
    assert LIVE in text
    assert answer.reply.text in text


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="FORBEAR_DATA_DIR"):
        Sessions(tmp_path / "file")


CRASH = """
import os, sys, time
from pathlib import Path
from forbear.coach import Coach
from forbear.config import Settings
from forbear.fakes import ListRetriever

class Slow(ListRetriever):
    def search(self, query, limit):
        if "second" in query:
            print("in the middle", flush=True)
            time.sleep(60)
        return ()

coach = Coach(Settings(engine="offline", data_dir=Path(sys.argv[1])), retriever=Slow())
first = coach.ask("I gave her the rota and I keep opening it every single hour of the day, first.")
coach.ask("And now it is the second thing I write, long enough to be searched for alone.", first.session)
"""


def test_a_kill_in_the_middle_of_a_turn_loses_no_words(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", CRASH, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "in the middle"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    coach = Coach(Settings(engine="offline", data_dir=tmp_path), retriever=ListRetriever())
    (session,) = coach.sessions.all()
    assert [line.role for line in coach.sessions.lines(session.id)] == ["leader", "coach", "leader"]
    answer = coach.resume(session.id)
    assert answer is not None
    assert answer.reply.text
    assert [line.role for line in coach.sessions.lines(session.id)] == ["leader", "coach", "leader", "coach"]
    assert coach.resume(session.id) is None


def test_checkpoints_do_not_grow_with_the_words(offline: Settings) -> None:
    coach = Coach(offline, retriever=ListRetriever())
    sizes, session = [], None
    for n in range(30):
        session = coach.ask(f"Turn {n}: I gave her the rota and I keep opening it.", session).session
        if n in (9, 19, 29):
            with closing(sqlite3.connect(coach.sessions.path)) as file:
                sizes.append(file.execute("SELECT sum(length(checkpoint)) FROM checkpoints").fetchone()[0])
    early, late = sizes[1] - sizes[0], sizes[2] - sizes[1]
    assert late < 1.2 * early, "flat: ten turns cost as much late as early"
