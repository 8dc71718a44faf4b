"""The check-in sheet: what stands on it, what may not, and that every form of it reads back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import html5lib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from forbear.coach import Coach
from forbear.config import Settings
from forbear.deps import Brief, Deps
from forbear.engines.offline import OfflineEngine
from forbear.errors import ProviderError, UserError
from forbear.fakes import ListRetriever, ScriptedEngine
from forbear.people import people, shortened
from forbear.restraint import Voice
from forbear.sheet import Ask, Header, Sheet, broken, draft, edited
from forbear.sheet_report import as_html, as_ics, as_markdown, as_pdf, moment, write
from forbear.situation import Fact, Facts, Label, Yes
from forbear.state import Conversation, Passage, SheetDraft, Turn

LIVE = "I gave T. the training day and I keep opening the folder. Call me if a trainer drops out, I said."
PASSAGE = Passage(
    id="s2-x",
    title="A title",
    text="A text.",
    step=2,
    basis="interpretation",
    source="here",
    serves=("S2_SPACE",),
    score=0.5,
)


def told(text: str) -> Conversation:
    return Conversation(turns=(Turn(role="leader", text=text),))


def form(*facts: tuple[Fact, str]) -> Facts:
    return Facts(yes=tuple(Yes(fact=f, quote=q) for f, q in facts))


LIVE_FORM = form((Fact.TASK, "the training day"), (Fact.HANDED_OVER, "I gave T. the training day"))
GOOD = SheetDraft(
    task="the training day",
    person="T.",
    done="",
    call_me_if="a trainer drops out",
    before=("What are you looking for in the folder?", "What would a thin agenda cost?", "What do you want to notice?"),
    for_them=(
        "How do you see the day at the moment?",
        "What's the hardest call in it?",
        "What would tell you it isn't working?",
        "What's your next decision?",
        "What, if anything, do you want from me?",
    ),
    engine="openai",
)


@pytest.fixture(scope="module")
def offline() -> OfflineEngine:
    return OfflineEngine()


def deps(offline: OfflineEngine, engine: ScriptedEngine | None = None, *, may_fall_back: bool = True) -> Deps:
    return Deps(
        engine=engine or offline, offline=offline, retriever=ListRetriever([PASSAGE]), may_fall_back=may_fall_back
    )


def drawn(offline: OfflineEngine, facts: Facts, text: str, proposed: SheetDraft = GOOD) -> Sheet:
    return draft(told(text), deps(offline, ScriptedEngine([facts], sheets=[proposed])))


def test_a_sheet_has_its_parts_in_order_and_two_stars(offline: OfflineEngine) -> None:
    sheet = drawn(offline, LIVE_FORM, LIVE)
    assert (sheet.kind, sheet.label, sheet.title) == ("check-in", Label.S2, "Before the check-in")
    assert sheet.header == Header(task="the training day", person="T.", call_me_if="a trainer drops out")
    assert tuple(a.text for a in sheet.before) == GOOD.before
    assert tuple(a.text for a in sheet.for_them) == GOOD.for_them
    assert [a.star for a in sheet.for_them] == [True, False, True, False, False]
    assert "I step in only if a trainer drops out" in sheet.step_in
    assert sheet.before[0].cites == "s2-x"
    assert (sheet.replaced, sheet.opening) == (0, "")


def test_a_question_that_breaks_a_rule_is_replaced_from_the_bank(offline: OfflineEngine) -> None:
    bad = GOOD.model_copy(
        update={
            "before": ("Have you considered waiting?", *GOOD.before[1:]),
            "for_them": ("Why didn't she tell me?", *GOOD.for_them[1:4], "Shall I ring them for you?"),
        }
    )
    sheet = drawn(offline, LIVE_FORM, LIVE, bad)
    assert sheet.replaced == 3
    assert len(sheet.before) == 3
    assert len(sheet.for_them) == 5
    for asks, voice in ((sheet.before, Voice.LEADER), (sheet.for_them, Voice.EMPLOYEE)):
        assert all(not broken(a.text, voice, LIVE) for a in asks)
    assert not {a.text for a in sheet.before + sheet.for_them} & {*bad.before[:1], bad.for_them[0], bad.for_them[4]}


def test_what_the_leader_did_not_say_stays_blank(offline: OfflineEngine) -> None:
    invented = GOOD.model_copy(update={"done": "all rooms booked by the 12th", "call_me_if": "the budget breaks"})
    sheet = drawn(offline, LIVE_FORM, LIVE, invented)
    assert sheet.header.done == ""
    assert sheet.header.call_me_if == "a trainer drops out"  # found in the leader's words instead
    assert "Done means:** ______" in as_markdown(sheet)


def test_no_name_is_put_on_paper(offline: OfflineEngine) -> None:
    text = "I gave Priya Sharma the vendor review on Monday and Priya keeps asking me."
    facts = form((Fact.TASK, "the vendor review"), (Fact.HANDED_OVER, "I gave Priya Sharma the vendor review"))
    proposed = GOOD.model_copy(
        update={
            "person": "Priya Sharma",
            "task": "the vendor review",
            "before": ("What does Priya ask for?", *GOOD.before[1:]),
        }
    )
    sheet = drawn(offline, facts, text, proposed)
    assert sheet.header.person == "P. S."
    assert "Priya" not in as_markdown(sheet)
    assert "Sharma" not in as_markdown(sheet)
    named = draft(told(text), deps(offline, ScriptedEngine([facts], sheets=[proposed])), person="Noor Khan")
    assert named.header.person == "N. K."


@pytest.mark.parametrize(
    ("facts", "text", "label", "opening"),
    [
        (
            form((Fact.TASK, "the rota"), (Fact.NOT_YET, "Thinking of giving")),
            "Thinking of giving T. the rota.",
            Label.S1,
            "I'd like this to be yours",
        ),
        (
            form((Fact.TASK, "the letter"), (Fact.LANDED, "sent the letter with the wrong amounts")),
            "T. sent the letter with the wrong amounts.",
            Label.S3,
            "That can't have been a good moment",
        ),
        (
            form((Fact.TASK, "the rota"), (Fact.TAKEN_BACK, "took the rota off T.")),
            "I took the rota off T. in June.",
            Label.S4,
            "The next one is yours",
        ),
        (
            form((Fact.TASK, "the tender"), (Fact.HANDED_OVER, "has the tender"), (Fact.F2, "nobody showed her")),
            "T. has the tender and nobody showed her.",
            Label.PRECOND,
            "mine to bring",
        ),
    ],
)
def test_each_stage_has_its_own_sheet(
    offline: OfflineEngine, facts: Facts, text: str, label: Label, opening: str
) -> None:
    sheet = drawn(offline, facts, text)
    assert sheet.label is label
    assert sheet.kind == ("repair" if label is Label.PRECOND else "check-in")
    assert opening in sheet.opening
    assert "?" not in sheet.opening
    plain = offline.draft_sheet(_order(offline, facts, text))
    assert 2 <= len(plain.before) <= 3
    assert len(plain.for_them) == 5
    assert all(not broken(q, Voice.EMPLOYEE) for q in plain.for_them)
    assert all(not broken(q, Voice.LEADER) for q in plain.before)


def _order(offline: OfflineEngine, facts: Facts, text: str) -> Brief:
    engine = ScriptedEngine([facts], sheets=[GOOD])
    draft(told(text), deps(offline, engine))
    return engine.briefs[0]


def test_a_ground_gives_the_referral_and_no_sheet(offline: OfflineEngine) -> None:
    text = "New lad's on the saw Monday and the guard is off."
    sheet = draft(told(text), deps(offline, ScriptedEngine([form((Fact.A3, "the guard is off"))])))
    assert sheet.kind == "referral"
    assert sheet.before == sheet.for_them == ()
    assert "stop it" in sheet.instead
    assert "?" not in sheet.instead
    with pytest.raises(UserError, match="no check-in"):
        as_ics(sheet)


def test_too_little_gives_one_question(offline: OfflineEngine) -> None:
    sheet = draft(told("Same problem as ever with my number two."), deps(offline, ScriptedEngine([Facts()])))
    assert sheet.kind == "question"
    assert sheet.instead.count("?") == 1


def test_a_failing_model_leaves_a_whole_sheet_and_says_so(offline: OfflineEngine) -> None:
    down = ProviderError("The model's server cannot be reached.")
    sheet = draft(told(LIVE), deps(offline, ScriptedEngine([LIVE_FORM], sheets=[down])))
    assert sheet.engine == "offline"
    assert sheet.notice == str(down)
    assert len(sheet.for_them) == 5
    with pytest.raises(ProviderError):
        draft(told(LIVE), deps(offline, ScriptedEngine([LIVE_FORM], sheets=[down]), may_fall_back=False))


def test_edited_questions_are_checked_and_marked_and_never_changed(offline: OfflineEngine) -> None:
    sheet = drawn(offline, LIVE_FORM, LIVE)
    mine = ["Did you call the caterer yet?", "How do you see the day at the moment?"]
    after = edited(sheet, [GOOD.before[0]], mine)
    assert [a.text for a in after.for_them] == mine
    assert [a.edited for a in after.for_them] == [True, False]
    assert "closed" in {f.rule for f in after.for_them[0].findings}
    assert "[yours: closed question]" in as_markdown(after)
    assert len(after.before) == 1


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_a_printed_sheet_is_one_page_even_when_it_is_full(offline: OfflineEngine, paper: str) -> None:
    sheet = drawn(offline, LIVE_FORM, LIVE)
    long = "What would you want to have said about this before the others come back on the Friday of that week?"
    full = sheet.model_copy(
        update={
            "before": tuple(Ask(text=long) for _ in range(3)),
            "for_them": tuple(Ask(text=long, star=True) for _ in range(6)),
            "header": Header(task=long, person="T.", done=long, call_me_if=long, when="Thursday 10:00"),
        }
    )
    for one in (sheet, full):
        made = as_pdf(one, "letter" if paper == "letter" else "a4")
        assert made.startswith(b"%PDF")
        assert pages(made) == 1
    assert as_pdf(sheet, "a4") == as_pdf(sheet, "a4")


def test_html_is_valid_and_escapes(offline: OfflineEngine) -> None:
    sheet = drawn(offline, LIVE_FORM, LIVE).model_copy(update={"because": ("<script>alert(1)</script> & so on",)})
    text = as_html(sheet, "letter")
    html5lib.HTMLParser(strict=True).parse(text)
    assert "<script>" not in text
    assert "size: letter" in text


def test_a_calendar_entry_holds_the_questions(offline: OfflineEngine) -> None:
    sheet = drawn(offline, LIVE_FORM, LIVE).model_copy(update={"header": Header(person="T.", when="Thursday 10:00")})
    now = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    (entry,) = Calendar.from_ical(as_ics(sheet, now)).walk("VEVENT")
    assert entry["summary"] == "Check-in: T."
    assert entry.decoded("dtstart") == datetime(2026, 11, 26, 10, 0)
    assert entry.decoded("dtend") - entry.decoded("dtstart") == timedelta(minutes=15)
    assert "How do you see the day at the moment?" in str(entry["description"])


@pytest.mark.parametrize(
    ("told_when", "expected"),
    [
        ("Thursday 10:00", datetime(2026, 11, 26, 10, 0)),
        ("Monday 9:00", datetime(2026, 11, 30, 9, 0)),
        ("tomorrow 9:30", datetime(2026, 11, 24, 9, 30)),
        ("2026-12-01 14:00", datetime(2026, 12, 1, 14, 0)),
    ],
)
def test_times_are_read_as_people_write_them(told_when: str, expected: datetime) -> None:
    assert moment(told_when, datetime(2026, 11, 23, 12, 0)) == expected


@pytest.mark.parametrize("told_when", ["", "soon", "after lunch"])
def test_a_time_that_cannot_be_read_is_asked_for(told_when: str) -> None:
    with pytest.raises(UserError, match="Thursday 10:00"):
        moment(told_when, datetime(2026, 11, 23, 12, 0))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=200), who=st.text(max_size=30))
def test_no_text_crashes_a_sheet_and_every_form_reads_back(offline: OfflineEngine, text: str, who: str) -> None:
    sheet = draft(told(text), deps(offline), person=who, when="Thursday 10:00")
    assert json.loads(write(sheet, "json"))["label"] == sheet.label
    html5lib.HTMLParser(strict=False).parse(write(sheet, "html"))
    assert write(sheet, "md")
    assert pages(write(sheet, "pdf")) == 1
    if not sheet.instead:
        Calendar.from_ical(write(sheet, "ics"))


def test_people_are_found_and_things_are_not() -> None:
    assert people("Parcel went wrong. The deadline is Friday. Marketing has the plan.") == ()
    text = "I handed Tomek Nowak the Christmas market on Monday. Yesterday Tomek said it's late."
    assert (
        shortened(text, people(text)) == "I handed T. N. the Christmas market on Monday. Yesterday T. said it's late."
    )


def test_the_command_writes_what_the_name_says_and_refuses_nothing_to_draw_from(home: Path, tmp_path: Path) -> None:
    def run(*arguments: str, text: str = "") -> subprocess.CompletedProcess[bytes]:
        env = {"FORBEAR_DATA_DIR": str(home), "PATH": "/usr/bin:/bin", "EDITOR": "false"}
        return subprocess.run(
            [sys.executable, "-m", "forbear", "sheet", *arguments], input=text.encode(), capture_output=True, env=env
        )

    file = tmp_path / "s.pdf"
    assert run(LIVE, "--for", "T., Thursday 10:00", "-o", str(file)).returncode == 0
    assert file.read_bytes().startswith(b"%PDF")
    message = tmp_path / "m.txt"
    message.write_text(LIVE)
    shown = run(str(message), "--json")
    assert json.loads(shown.stdout)["header"]["call_me_if"] == "a trainer drops out"
    for bad in (run(text=""), run(LIVE, "--format", "ics"), run(LIVE, "-o", "/nowhere/x.pdf"), run(LIVE, "--edit")):
        assert bad.returncode == 2
        assert bad.stderr.startswith(b"forbear: ")
        assert b"Traceback" not in bad.stderr


def test_a_sheet_of_a_conversation(home: Path) -> None:
    coach = Coach(Settings(engine="offline", data_dir=home))
    with pytest.raises(UserError, match="Nothing was said"):
        coach.sheet(None, coach.sessions.new())
    session = coach.ask(LIVE).session
    assert coach.sheet(None, session).because
