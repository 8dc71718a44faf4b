"""The command line as a user meets it: a real process, its output, its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest
from typer.testing import CliRunner, Result

from forbear.cli import app

from .conftest import FakeServer

LIVE = "I gave Sam the newsletter last month and I keep opening the draft. I know how I'd fix it."
FORBEAR = [sys.executable, "-m", "forbear"]


def environment(home: Path, **more: str) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "FORBEAR_"))}
    return keep | {"FORBEAR_DATA_DIR": str(home), "TERM": "dumb"} | more


def run(home: Path, *arguments: str, stdin: str | bytes = "", **more: str) -> Result:
    """Run a command in this process, as a new process would: with its own environment, and no terminal."""
    clean = {name: None for name in os.environ if name.startswith(("OPENAI_", "FORBEAR_"))}
    return CliRunner().invoke(app, arguments, input=stdin, env=clean | {"FORBEAR_DATA_DIR": str(home)} | more)


def process(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command as a user does."""
    return subprocess.run(
        [*FORBEAR, *arguments], input=stdin, capture_output=True, text=True, env=environment(home), check=False
    )


def test_ask_json_keeps_its_contract(home: Path) -> None:
    done = process(home, "ask", LIVE, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    assert {
        "label",
        "step",
        "reply",
        "reflection",
        "question",
        "cites",
        "findings",
        "rewritten",
        "from_bank",
        "engine",
        "notice",
        "session",
    } <= set(answer)
    assert answer["engine"] == "offline"
    assert "offline" in answer["notice"]
    assert answer["findings"] == []
    assert answer["reply"].endswith(answer["question"])
    for cite in answer["cites"]:
        assert set(cite) == {"id", "title", "step", "basis", "source"}


def test_classify_json_keeps_its_contract(home: Path) -> None:
    done = run(home, "classify", "-", "--json", stdin=LIVE)
    answer = json.loads(done.stdout)
    assert {"label", "step", "secondary", "runner_up", "confidence", "facts", "because", "engine"} <= set(answer)
    assert 0 <= answer["confidence"] <= 1
    assert all(item["quote"] in LIVE for item in answer["because"])


def test_search_json_keeps_its_contract(home: Path) -> None:
    done = run(home, "search", "I keep stepping in", "--json")
    found = json.loads(done.stdout)
    assert found["query"] == "I keep stepping in"
    assert len(found["results"]) == 5
    assert set(found["results"][0]) == {"id", "title", "step", "basis", "source", "score", "text"}
    scores = [r["score"] for r in found["results"]]
    assert scores == sorted(scores, reverse=True)


def test_jsonl_answers_in_order_in_one_process_and_names_what_failed(home: Path) -> None:
    rows = [
        '{"id": 1, "text": "I gave her the rota."}',
        '{"id": 2, "text": ""}',
        "not json",
        "",
        '{"id": "4", "text": "He is running the stall."}',
    ]
    done = run(home, "classify", "--jsonl", stdin="\n".join(rows))
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [o["id"] for o in out] == [1, 2, None, "4"]
    assert "label" in out[0]
    assert "error" in out[1]
    assert "error" in out[2]
    assert "label" in out[3]
    assert done.exit_code == 2


@pytest.mark.parametrize(
    "stdin",
    [
        "",
        "   \n ",
        "x" * 20_000,
        b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 50,
        "Ik heb haar het rooster gegeven en toch kijk ik elke dag of het wel goed gaat",
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(home: Path, stdin: str | bytes) -> None:
    done = run(home, "ask", "-", stdin=stdin)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith("forbear: ")
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 400


@pytest.mark.parametrize(
    ("arguments", "more", "says"),
    [
        (("ask", LIVE, "--engine", "openai"), {}, "OPENAI_API_KEY"),
        (("ask", LIVE), {"FORBEAR_ENGINE": "magic"}, "auto, offline, openai"),
        (("ask", LIVE), {"FORBEAR_TIMEOUT": "soon"}, "FORBEAR_TIMEOUT"),
        (("ask", LIVE), {"FORBEAR_DATA_DIR": "/proc/nowhere"}, "FORBEAR_DATA_DIR"),
        (("sessions", "show", "nope"), {}, "No conversation"),
        (("search", "  "), {}, "nothing to search"),
        (("ask", "--jsonl", "/no/such/file"), {}, "not a file"),
    ],
)
def test_wrong_settings_are_one_sentence_and_exit_code_2(
    home: Path, arguments: tuple[str, ...], more: dict[str, str], says: str
) -> None:
    done = run(home, *arguments, **more)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_key_by_name_is_exit_code_3_and_auto_falls_back(home: Path, server: FakeServer) -> None:
    provider = {"OPENAI_API_KEY": "wrong", "OPENAI_BASE_URL": server.url}
    server.fail(401)
    done = run(home, "ask", LIVE, "--engine", "openai", **provider)
    assert done.exit_code == 3
    assert "OPENAI_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    server.fail(401)
    done = run(home, "ask", LIVE, "--json", **provider)
    answer = json.loads(done.stdout)
    assert done.exit_code == 0
    assert answer["engine"] == "offline"
    assert "refused the key" in answer["notice"]


def test_sessions_are_listed_shown_exported_and_deleted(home: Path, tmp_path: Path) -> None:
    session = json.loads(run(home, "ask", LIVE, "--json").stdout)["session"]
    assert session in run(home, "sessions", "list").stdout
    assert LIVE in run(home, "sessions", "show", session[:6]).stdout
    target = tmp_path / "talk.md"
    assert run(home, "sessions", "export", session, str(target)).exit_code == 0
    assert LIVE in target.read_text()
    assert run(home, "sessions", "export", session, str(target)).exit_code == 2, "an existing file is not overwritten"
    assert run(home, "sessions", "delete", session).exit_code == 0
    assert run(home, "sessions", "list", "--json").stdout.strip() == "[]"


def test_piped_chat_takes_turns_and_commands_and_is_plain(home: Path) -> None:
    done = run(
        home,
        "chat",
        stdin=f"{LIVE}\n\nShe reads it out on Thursday\nand everybody listens.\n\n/why\n/nonsense\n/quit\nnever said\n",
    )
    assert done.exit_code == 0, done.stderr
    assert "\x1b[" not in done.stdout
    assert done.stdout.count("(") >= 1
    assert "confidence" in done.stdout
    assert "/nonsense is not a command" in done.stdout
    session = json.loads(run(home, "sessions", "list", "--json").stdout)[0]
    assert session["turns"] == 2, "a block of lines is one turn, and nothing after /quit is said"


def test_doctor_tells_where_things_stand(home: Path) -> None:
    report = json.loads(run(home, "doctor", "--json").stdout)
    assert report["engine"] == "offline"
    assert report["leaves this machine"] == "nothing"
    assert str(home) in report["data"]


def test_help_needs_no_heavy_import() -> None:
    heavy = ["langgraph", "chromadb", "openai", "onnxruntime", "tokenizers", "numpy", "pydantic"]
    code = f"import sys, forbear.cli; print([m for m in {heavy} if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_offline_never_imports_openai(home: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from forbear.coach import Coach
from forbear.config import Settings
Coach(Settings(engine="offline", data_dir=Path({str(home)!r}))).ask({LIVE!r})
print("openai" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment(home)
    )
    assert done.stdout.strip() == "False"


def test_a_person_at_a_terminal(home: Path) -> None:
    """Type as a person does: a message, /why, Ctrl-C on a half-written line, /resume, Ctrl-D."""
    child = pexpect.spawn(
        FORBEAR[0],
        FORBEAR[1:],
        env=environment(home, TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1"),
        timeout=30,
        dimensions=(40, 100),
        encoding="utf-8",
    )
    child.expect("you:")
    child.send(LIVE + "\r")
    child.expect(r"because you wrote|not been told|not about")
    child.expect("you:")
    child.send("/why\r")
    child.expect("confidence")
    child.expect("you:")
    child.send("half a thought")
    child.sendintr()
    child.expect("you:")
    child.send("/forget\r")
    child.expect("deleted")
    child.expect("you:")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
