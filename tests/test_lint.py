"""The linter: what it marks and leaves, where the marks lie, and what its outputs parse as."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.errors import UserError
from forbear.lint import LintSettings, Remark, fails, lint, read_settings, with_remarks
from forbear.lint_report import FORMATS, as_sarif, files
from tests.conftest import FakeServer
from tests.sarif import valid_sarif

FINE = """Hi Tom,

thanks for staying late. The deadline has moved to the 14th, the client told me this morning.
Are you free on Thursday at ten? Could you send me the link? I lost it.

Please wear your hard hat on the third floor. Stop the line if the guard lifts, and ring me at once.
It's your call. Ring me if the caterer drops out, otherwise I'll look on the 12th as agreed.
You asked what I'd do. My view, and you can drop it: I would ring them first.

How do you see it right now? What's your next decision?
"""


def marked(text: str) -> list[tuple[str, str]]:
    return [(m.rule, m.text) for m in lint(text)]


def test_what_an_employee_is_owed_is_not_marked() -> None:
    assert marked(FINE) == []


@pytest.mark.parametrize(
    ("text", "rule", "instead"),
    [
        ("Why didn't you tell me earlier?", "blame", "What made it look right at the time?"),
        ("Who approved this?", "blame", "What happened, in order?"),
        ("Don't you think it would be better to wait?", "leading", "What are you weighing up?"),
        ("Have you considered the old template?", "leading", "What else have you looked at?"),
        ("You should talk to Peter first.", "advice", "What are you leaning towards?"),
        ("Don't worry, I'll call them and sort it out for you.", "rescue", "What, if anything, do you want from me?"),
        ("Send me the draft first so I can check it.", "rescue", "How will you know that it is right?"),
        ("I went ahead and rewrote the intro.", "rescue", "What, if anything, do you want from me?"),
        ("Have you finished the report?", "closed", "Where has it got to, as you see it?"),
        ("Does that make sense?", "closed", "What's missing?"),
        ("What is left, who's on it and when is it done?", "stacked", "What's your next decision?"),
    ],
)
def test_what_takes_the_work_back_is_marked_with_a_question_for_its_place(text: str, rule: str, instead: str) -> None:
    found = {m.rule: m for m in lint(text)}
    assert rule in found
    assert found[rule].instead == instead
    assert found[rule].why
    assert lint(instead) == ()


def test_a_sentence_that_leads_is_not_called_closed_as_well() -> None:
    assert [rule for rule, _ in marked("Have you considered the old template?")] == ["leading"]


def test_two_questions_are_no_pile_and_three_are() -> None:
    two = "How do you see it? What's your next decision?"
    assert marked(two) == []
    assert [rule for rule, _ in marked(two + " What do you want from me?")] == ["many-questions"]


@pytest.mark.parametrize(
    "text",
    [
        "```\nYou should do this.\n```\n",
        "> You should do this.\n> Why didn't you?\n",
        "`you should do this`",
        "---\ntitle: Why didn't you\n---\nHello.\n",
        "<!-- You should do this. -->\n",
        "See https://example.org/why-didnt-you-do-it for more.",
        "Subject: Why didn't you\n\nHello.\n",
    ],
)
def test_what_is_no_prose_of_the_leaders_is_not_read(text: str) -> None:
    assert marked(text) == []


def test_a_sentence_that_was_wrapped_is_one_sentence() -> None:
    (mark,) = lint("I wonder about one thing: why didn't\nyou tell me earlier?")
    assert (mark.rule, mark.text, mark.line) == ("blame", "why didn't\nyou", 1)


def test_list_items_are_read_one_by_one() -> None:
    text = "1. How do you see it?\n2. Did you ask them?\n3. [ ] What's next?\n"
    assert [(m.line, m.column, m.text) for m in lint(text)] == [(2, 4, "Did you ask them?")]


def test_what_is_left_out_by_comment() -> None:
    line = "Why didn't you ask?"
    assert marked(f"<!-- forbear: ignore[blame] -->\n{line}\n") == []
    assert marked(f"{line} <!-- forbear: ignore -->\n") == []
    assert marked(f"{line}\n\n<!-- forbear: ignore-file -->\n") == []
    assert marked(f"<!-- forbear: ignore[advice] -->\n{line}\n") != []
    assert marked(f"<!-- forbear: ignore[blame] -->\n\n{line}\n") != []


def test_settings_turn_rules_off_and_choose_what_fails() -> None:
    chosen = read_settings({"ignore": ["blame"], "severity": {"closed": "warning"}, "fail-on": "error"})
    assert lint("Why didn't you ask?", chosen) == ()
    marks = lint("Is it done yet?", chosen)
    assert [m.severity for m in marks] == ["warning"]
    assert not fails(marks, chosen)
    assert fails(marks, LintSettings())


@pytest.mark.parametrize(
    "table", [{"ignore": ["blmae"]}, {"severity": {"blame": "bad"}}, {"fail-on": "never"}, {"ignored": []}]
)
def test_settings_that_mean_nothing_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(UserError):
        read_settings(table)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.one_of(st.sampled_from("aeiwhyou?.!\n >#-*`'\"“”<![]"), st.characters()), max_size=400))
def test_no_text_crashes_it_and_marks_lie_inside(text: str) -> None:
    for mark in lint(text):
        assert 0 <= mark.start < mark.end <= len(text)
        assert text[mark.start : mark.end] == mark.text
        assert text.count("\n", 0, mark.start) + 1 == mark.line


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Why didn't you ask?", "You should wait.", "Is it done?", "Thanks.", "\n", "- ", "%", "::", "\r"]
        ),
        max_size=12,
    )
)
def test_every_output_reads_back(parts: list[str]) -> None:
    found = {"a b.md": lint(" ".join(parts))}
    assert sum(len(f["marks"]) for f in json.loads(FORMATS["json"](found))["files"]) == len(found["a b.md"])
    assert valid_sarif(json.loads(as_sarif(found))) == []
    told = FORMATS["github"](found).splitlines()
    assert len(told) == len(found["a b.md"])
    assert all(line.startswith(("::error file=a b.md,line=", "::warning file=a b.md,line=")) for line in told)


def test_files_and_globs(tmp_path: Path) -> None:
    for name in ("a.md", "b.txt", "sub/c.md", "d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [p.name for p in files([str(tmp_path)])] == ["a.md", "b.txt", "c.md"]
    assert [p.name for p in files([str(tmp_path / "*.md"), str(tmp_path / "a.md")])] == ["a.md"]
    with pytest.raises(UserError):
        files([str(tmp_path / "*.rst")])


def run(*arguments: str, text: str | bytes = b"", cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    data = text.encode() if isinstance(text, str) else text
    return subprocess.run([sys.executable, "-m", "forbear", *arguments], input=data, capture_output=True, cwd=cwd)


def test_the_command_tells_clean_from_marked_from_bad_input(tmp_path: Path) -> None:
    assert run("lint", text=FINE).returncode == 0
    marked = run("lint", "-", text="Why didn't you ask?")
    assert marked.returncode == 1
    assert "1:1  Blame [blame]" in marked.stdout.decode()
    binary = run("lint", text=b"\x00\x01\xff\xfe")
    assert binary.returncode == 2
    assert binary.stderr.decode().startswith("forbear: standard input is not text")
    (tmp_path / "forbear.toml").write_text('[lint]\nignore = ["blame"]\n')
    assert run("lint", text="Why didn't you ask?", cwd=tmp_path).returncode == 0
    (tmp_path / "forbear.toml").write_text("[lint\n")
    broken = run("lint", text="x", cwd=tmp_path)
    assert broken.returncode == 2
    assert b"Traceback" not in broken.stderr


def test_lint_and_rules_need_none_of_the_slow_imports() -> None:
    code = (
        "import sys; sys.argv = ['forbear', 'lint', '-']\n"
        "from forbear.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "slow = {'langgraph', 'chromadb', 'openai', 'onnxruntime', 'numpy'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"Hello.", capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_rules_lists_every_rule() -> None:
    from forbear.restraint import RULES

    listed = json.loads(run("rules", "--json").stdout)
    assert [r["id"] for r in listed] == [r.id for r in RULES]
    assert all(r["good"] and r["bad"] and r["cannot_see"] for r in listed)


def test_a_model_adds_only_what_really_stands_there_and_is_not_marked_yet() -> None:
    text = "Why didn't you ask?\nIn my first years the list saved me every time.\nThanks for Tuesday.\n"
    marks = lint(text)
    remarks = [
        Remark(
            "In my first years the list saved me every time.",
            "advice",
            "It is advice told as a fact.",
            "What's your plan?",
        ),
        Remark("Why didn't you", "blame", "Known.", ""),
        Remark("You never listen.", "blame", "Nobody wrote this.", ""),
        Remark("Thanks for Tuesday.", "rescue", "It is not.", "Have you considered leaving?"),
    ]
    after = with_remarks(text, marks, remarks, LintSettings(severity={"rescue": "off"}))
    assert [(m.rule, m.line, m.severity) for m in after] == [("blame", 1, "error"), ("advice", 2, "warning")]
    assert after[1].instead == "What's your plan?"
    replaced = with_remarks(text, (), remarks[3:], LintSettings())
    assert replaced[0].instead == "What, if anything, do you want from me?"


def test_the_model_is_asked_once_a_file_and_told_what_is_known(server: FakeServer, tmp_path: Path) -> None:
    finding = {"quote": "The list saved me every time.", "rule": "advice", "why": "It is advice.", "instead": ""}
    server.say(json.dumps({"findings": [finding]}))
    file = tmp_path / "m.md"
    file.write_text("Is it done yet? The list saved me every time.\n")
    env = {"PATH": "/usr/bin:/bin", "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": server.url}
    command = [sys.executable, "-m", "forbear", "lint", "--model", "--json", str(file)]
    done = subprocess.run(command, capture_output=True, env=env)
    marks = json.loads(done.stdout)["files"][0]["marks"]
    assert [m["rule"] for m in marks] == ["closed", "advice"]
    assert "Is it done yet?" in server.requests[0]["messages"][0]["content"]
    assert len(server.requests) == 1
    without = subprocess.run(command, capture_output=True, env={"PATH": "/usr/bin:/bin"})
    assert without.returncode == 2
    assert b"OPENAI_API_KEY" in without.stderr
