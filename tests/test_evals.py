"""Record from a fake server and play back: what is kept, what makes it stale, and what a failing provider leaves."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from evals import gate, judge, labelling, measures, page, record, report, scorecard, scorers, status
from evals.cases import Case, load, schema
from evals.play import Player

from forbear import knowledge, prompts, resources
from forbear.config import Settings
from forbear.errors import ProviderError, UserError
from forbear.resources import folder
from forbear.situation import Fact, Label
from tests.conftest import CUT, HANGS, FakeServer, completion

LIVE = Case.model_validate(
    {
        "id": "z1", "suite": "situations", "by": "tests",
        "turns": [{"role": "leader", "text": "I gave Sam the newsletter last month and I keep opening the draft."}],
        "yes": [{"fact": "task", "quote": "the newsletter"}, {"fact": "handed_over", "quote": "I gave Sam the newsletter"}],
    }
)  # fmt: skip
LANDED = Case.model_validate(
    {
        "id": "z2", "suite": "situations", "by": "tests",
        "turns": [{"role": "leader", "text": "Sam sent the newsletter with the wrong date to everybody."}],
        "yes": [{"fact": "task", "quote": "the newsletter"}, {"fact": "landed", "quote": "sent the newsletter with the wrong date"}],
    }
)  # fmt: skip
PAIR = (LIVE, LANDED)
#: What a run holds beside its rows.
REST: dict[str, Any] = {"whole": True, "judge": {}, "opinions": {}, "rules": {}, "second": {"n": 0}}


def answer(request: dict[str, Any]) -> tuple[int, str]:
    """Answer as a model would that reads the two cases rightly."""
    wanted = request["response_format"]["json_schema"]["name"]
    landed = "wrong date" in request["messages"][1]["content"]
    if wanted == "form":
        case = LANDED if landed else LIVE
        said: Any = {
            "yes": [a.model_dump(mode="json") for a in case.yes or ()],
            "least_sure": "landed",
            "confidence": 0.9,
        }
    elif wanted == "verdict":
        said = {"reason": "It asks openly.", "verdict": "keeps"}
    elif landed:
        said = {
            "reflection": "The newsletter went out with the wrong date.",
            "question": "What will Sam hear from you first?",
        }
    else:
        said = {
            "reflection": "You gave Sam the newsletter, and you keep opening the draft.",
            "question": "What are you looking for in it?",
        }
    return 200, completion(json.dumps(said))


@pytest.fixture
def model(server: FakeServer) -> FakeServer:
    server.always = answer
    return server


@pytest.fixture
def settings(model: FakeServer) -> Settings:
    return Settings(engine="openai", model="fake", api_key="sk-very-secret", base_url=model.url, timeout_s=5.0)


@pytest.fixture
def player(settings: Settings, tmp_path: Path, home: Path) -> Player:
    return Player(settings, tmp_path / "recordings", home)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with prompts and knowledge of one's own, to be changed; Forbear's are back afterwards."""
    root = tmp_path / "own"
    for name in ("prompts", "knowledge"):
        shutil.copytree(folder(name), root / name)
    resources.use(root)
    prompts.load.cache_clear()
    yield root
    resources.use(Path("nowhere"))
    for cached in (prompts.load, knowledge.questions, knowledge.lines):
        cached.cache_clear()


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    prompts.load.cache_clear()


def edited(path: Path, change: Any) -> None:
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))


def test_what_was_recorded_plays_back_without_a_server(player: Player, model: FakeServer) -> None:
    tape = player.record(LIVE)
    asked = len(model.requests)
    assert tape.fresh == asked == 2
    played = player.replay(LIVE)
    assert played.stale == ()
    assert played.last.reply is not None
    assert played.last.reply.question == "What are you looking for in it?"
    assert len(model.requests) == asked
    assert scorecard.broken(scorecard.row(played)) == []


def test_a_case_that_no_model_is_asked_for_is_not_recorded(player: Player, model: FakeServer) -> None:
    foreign = LIVE.model_copy(update={"turns": (LIVE.turns[0].model_copy(update={"text": "我把排班表交给了她"}),)})
    with pytest.raises(UserError, match="refused: true"):
        player.record(foreign)
    assert model.requests == []
    assert list(player.recordings.rglob("*.json*")) == []


def test_a_recording_keeps_no_secret_and_no_date(player: Player, settings: Settings) -> None:
    player.record(LIVE)
    text = player.path(LIVE).read_text()
    for secret in ("very-secret", "uthorization", "127.0.0.1", "Date", '"date"', "ookie", "stainless", '"created": 1'):
        assert secret not in text
    request = json.loads(text)["interactions"][0]["request"]
    assert request["body"]["messages"][1]["content"][0] == "<conversation>"
    noted = json.loads(text)["metadata"]["calls"]
    assert [c["role"] for c in noted] == ["form", "reply"]
    assert all(c["model"] == "fake" and c["answered_by"] == "fake" for c in noted)


@pytest.mark.parametrize(
    ("file", "old", "new", "stale", "cause"),
    [
        (
            "prompts/form.md",
            "Never answer the leader.",
            "Never reply to the leader.",
            ("z1", "z2"),
            "prompt moved: form",
        ),
        ("prompts/shapes/s3_empathy.md", " ", "  ", ("z2",), "prompt moved: shapes/s3_empathy"),
        ("prompts/form.md", "purpose: ", "purpose:  ", (), ""),
    ],
)
def test_an_edited_prompt_makes_just_the_cases_stale_that_used_it(
    player: Player, own: Path, file: str, old: str, new: str, stale: tuple[str, ...], cause: str
) -> None:
    for case in PAIR:
        player.record(case)
    head, body = (own / file).read_text().split("---\n", 2)[1:]
    if "purpose" in old:
        (own / file).write_text(f"---\n{head.replace(old, new)}---\n{body}")
    else:
        (own / file).write_text(f"---\n{head}---\n{body.replace(old, new, 1)}")
    prompts.load.cache_clear()
    found = status.stale(player, PAIR)
    assert tuple(k for k, why in found.items() if why) == stale
    assert {cause} == {w for why in found.values() for w in why} or not stale


def test_an_edited_passage_makes_just_the_cases_stale_that_were_given_it(player: Player, own: Path) -> None:
    for case in PAIR:
        player.record(case)
    noted = {c.id: json.loads(player.path(c).read_text())["metadata"]["calls"][1]["passages"] for c in PAIR}
    given = next(i for i in noted["z1"] if i not in noted["z2"])
    path = next(p for p in (own / "knowledge" / "passages").glob("*.md") if f"id: {given}\n" in p.read_text())
    text = path.read_text().rstrip("\n")
    path.write_text(text[:-1] + " indeed.\n")  # the end of the passage's text
    player = Player(player.settings, player.recordings, player.settings.data_dir.parent / "other")
    assert status.stale(player, PAIR) == {"z1": (f"passage moved: {given}",), "z2": ()}


def test_another_model_schema_search_or_case_is_told_apart(player: Player, settings: Settings) -> None:
    player.record(LIVE)
    path = player.path(LIVE)
    kept = path.read_text()
    other = Player(replace(settings, model="other"), player.recordings, player.settings.data_dir)
    assert other.replay(LIVE).stale == ("model moved",)

    def schema_then(data: Any) -> None:
        data["interactions"][0]["request"]["body"]["response_format"]["type"] = "json_object"
        data["metadata"]["calls"][0]["schema"] = "another"

    edited(path, schema_then)
    assert player.replay(LIVE).stale == ("schema moved",)
    path.write_text(kept)

    def search_then(data: Any) -> None:
        data["interactions"][1]["request"]["body"]["messages"][0]["content"][-1] += "x"
        data["metadata"]["calls"][1]["passages"] = {"another": "passage"}

    edited(path, search_then)
    assert player.replay(LIVE).stale == ("retrieval moved",)
    path.write_text(kept)
    edited(path, lambda data: data["interactions"][1]["request"]["body"]["messages"][0]["content"].append("more"))
    assert player.replay(LIVE).stale == ("code moved",)
    path.write_text(kept)
    told = LIVE.model_copy(update={"turns": (LIVE.turns[0].model_copy(update={"text": LIVE.turns[0].text + " Hm."}),)})
    assert player.replay(told).stale == ("case moved",)


def test_what_nobody_asks_for_is_no_recording(player: Player) -> None:
    player.record(LIVE)
    edited(player.path(LIVE), lambda data: data["interactions"].append(_other(data["interactions"][0])))
    assert player.replay(LIVE).stale[0].startswith("unplayed")
    assert status.orphans(player.recordings, PAIR) == []
    assert [p.stem for p in status.orphans(player.recordings, [LANDED])] == ["z1"]


def _other(interaction: Any) -> Any:
    copy = json.loads(json.dumps(interaction))
    copy["request"]["body"]["messages"][1]["content"] = ["something else"]
    return copy


def test_a_damaged_recording_is_named(player: Player) -> None:
    player.record(LIVE)
    player.path(LIVE).write_text("{")
    with pytest.raises(UserError, match=r"z1\.json"):
        player.replay(LIVE)


def test_recording_again_asks_only_for_what_moved(player: Player, model: FakeServer, own: Path) -> None:
    player.record(LIVE)
    changed(own / "prompts" / "reply.md", "at most 30 words", "at most 29 words")
    assert player.replay(LIVE).stale == ("prompt moved: reply",)
    before = len(model.requests)
    tape = player.record(LIVE)
    assert tape.fresh == len(model.requests) - before == 1
    assert player.replay(LIVE).stale == ()
    assert len(json.loads(player.path(LIVE).read_text())["interactions"]) == 2


@pytest.mark.parametrize(
    ("status_code", "body"),
    [
        (401, "{}"),
        (429, "{}"),
        (500, "{}"),
        (200, "<html>"),
        (200, completion('{"yes": [', "length")),
        (200, completion("no")),
        (200, completion("no")[:60] + CUT),
        (HANGS, ""),
    ],
)
def test_a_provider_that_fails_half_way_costs_nothing(
    player: Player, model: FakeServer, status_code: int, body: str
) -> None:
    player.record(LIVE)
    kept = player.path(LIVE).read_bytes()
    model.answers = [answer, *[lambda _: (status_code, body)] * 6]
    hasty = Player(replace(player.settings, timeout_s=0.5), player.recordings, player.settings.data_dir)
    with pytest.raises(ProviderError):
        hasty.record(LIVE, anew=True, retries=0 if status_code == HANGS or body.endswith(CUT) else 5)
    assert player.path(LIVE).read_bytes() == kept
    assert [p.name for p in player.path(LIVE).parent.iterdir()] == ["z1.json"]
    assert player.replay(LIVE).stale == ()


def test_a_server_that_wants_fewer_requests_is_waited_for(player: Player, model: FakeServer) -> None:
    model.answers = [lambda _: (429, '{"error": {"message": "slow down"}}')]
    tape = player.record(LIVE)
    assert tape.fresh == 2
    assert len(model.requests) == 3
    assert player.replay(LIVE).stale == ()


def test_a_run_is_capped_goes_on_and_keeps_what_it_has(
    player: Player, settings: Settings, model: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [record.Job(c) for c in PAIR]
    done = record.run(jobs, player.settings, player.recordings, at_once=1, max_calls=4)
    assert [d.calls for d in done] == [2]
    assert "Stopped at --max-calls 4: 1 cases are left" in capsys.readouterr().out
    assert status.stale(player, PAIR) == {"z1": (), "z2": ("not recorded",)}
    left = [record.Job(c) for c in PAIR if status.stale(player, PAIR)[c.id]]
    done = record.run(left, player.settings, player.recordings, at_once=2, max_calls=10)
    assert [(d.name, d.failed) for d in done] == [("z2", "")]
    assert status.stale(player, PAIR) == {"z1": (), "z2": ()}


def test_a_judge_is_recorded_measured_and_advises_until_it_is_known_to_agree(
    player: Player, settings: Settings, model: FakeServer
) -> None:
    lines = [line for line in judge.labelled() if line.criterion == "R3"]
    rulings = []
    for example in lines:
        judge.record(example, player.recordings, player.settings)
        ruling, stale = judge.replay(example, player.recordings, "fake")
        assert stale == ()
        assert ruling is not None
        rulings.append(ruling)
    # A judge that lets everything pass agrees with half of the labels, which is no agreement beyond chance.
    found = judge.agreement(rulings)["R3"]
    assert found["agree"] == 0.5
    assert found["kappa"] == 0
    assert not found["gates"]
    edited(judge.path(player.recordings, lines[0]), _another_rubric)
    assert judge.replay(lines[0], player.recordings, "fake")[1] == ("rubric moved: R3",)


def _another_rubric(data: Any) -> None:
    data["interactions"][0]["request"]["body"]["messages"][0]["content"][2] += " and more"
    data["metadata"]["calls"][0]["rubric"] = {"R3": "another"}


def test_a_judge_gates_only_when_measured_on_enough() -> None:
    def rulings(n: int, wrong: int) -> list[judge.Ruling]:
        keeps, breaks = (judge.Verdict(reason="r", verdict=v) for v in ("keeps", "breaks"))
        return [
            judge.Ruling(
                judge.Line("R3", f"q{i}", "", "", i % 2 == 0), keeps if (i % 2 == 0) != (i < wrong) else breaks, "hash"
            )
            for i in range(n)
        ]

    assert judge.agreement(rulings(50, 4))["R3"]["gates"]
    assert not judge.agreement(rulings(49, 0))["R3"]["gates"]
    assert not judge.agreement(rulings(60, 12))["R3"]["gates"]


def test_an_unreadable_verdict_is_unscored(player: Player, model: FakeServer) -> None:
    example = judge.labelled()[0]
    model.answers = [lambda _: (200, completion("it keeps"))]
    judge.record(example, player.recordings, player.settings)
    ruling, _ = judge.replay(example, player.recordings, "fake")
    assert ruling is not None
    assert ruling.verdict is None
    found = judge.agreement([ruling])[example.criterion]
    assert (found["n"], found["unscored"]) == (0, 1)


def test_kappa_is_agreement_beyond_chance_and_few_agreements_are_not_certain() -> None:
    gold, said = [True] * 6 + [False] * 6, [True] * 5 + [False] * 7
    assert measures.kappa(gold, said) == pytest.approx((11 / 12 - 0.5) / 0.5)
    low, high = measures.kappa_interval(gold, gold) or (1.0, 1.0)
    assert low < 0.6
    assert high == pytest.approx(1.0)
    low, _ = measures.kappa_interval(gold * 50, gold * 50) or (0.0, 0.0)
    assert low > 0.97
    assert measures.kappa_interval([True] * 12, [True] * 12) is None  # one answer only: chance alone


def test_a_drop_is_called_when_it_is_more_than_noise() -> None:
    assert measures.worse([1.0] * 20, [1.0] * 16 + [0.0] * 4) > measures.ALPHA
    assert measures.worse([1.0] * 20, [1.0] * 15 + [0.0] * 5) < measures.ALPHA
    assert measures.worse([0.0] * 20, [1.0] * 20) > measures.ALPHA
    assert measures.invisible(20) == pytest.approx(4 / 20)


def test_the_gate_names_what_fell(player: Player) -> None:
    for case in PAIR:
        player.record(case)
    rows = [scorecard.row(player.replay(c)) for c in PAIR]
    run = scorecard.document(rows * 6, {"scores": {}}, "fake") | {"rules": {}}
    for n, r in enumerate(run["rows"]):
        run["rows"][n] = r | {"id": f"z{n}"}
    base = gate.baseline(run, "first")
    assert all(v.passed for v in gate.regressions(run, base))
    fallen = json.loads(json.dumps(run))
    for r in fallen["rows"][:5]:
        r["answers"][-1]["scores"]["label"][0] = 0.0
    failed = [v for v in gate.regressions(fallen, base) if not v.passed]
    assert [(v.engine, v.score) for v in failed] == [("openai", "label")]
    assert "1.000 → 0.583 on the same 12 answers" in failed[0].text
    assert len(gate.moved(fallen, base)) == 5


def test_the_same_run_is_the_same_bytes(player: Player) -> None:
    player.record(LIVE)

    def written() -> bytes:
        return scorecard.as_bytes(scorecard.document([scorecard.row(player.replay(LIVE))], {"scores": {}}, "fake"))

    assert written() == written()


def test_every_case_can_be_read_and_editors_know_its_schema() -> None:
    assert len({c.id for c in load()}) == len(load())
    assert set(schema()["properties"]) >= {"id", "by", "turns", "yes", "expect"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"id": "a1"', "line 1 is not JSON"),
        ('{"id": "a1", "by": "x", "turns": [{"role": "leader", "text": "t"}]}', "nothing is expected"),
        (
            '{"id": "a1", "by": "x", "turns": [{"role": "leader", "text": "t"}], "yes": [{"fact": "task", "quote": "u"}]}',
            "not in the leader's words",
        ),
    ],
)
def test_a_case_that_cannot_be_used_is_named(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "situations.jsonl").write_text(line + "\n")
    with pytest.raises(UserError, match=told):
        load(tmp_path)


def test_a_rule_that_is_broken_on_screen_is_found_again(player: Player) -> None:
    player.record(LIVE)
    played = player.replay(LIVE)
    reply = played.last.reply
    assert reply is not None
    told = "You should rewrite it tonight."
    damaged = replace(played.last, reply=reply.model_copy(update={"text": f"{reply.text} {told}"}))
    found = {s.name: s for s in scorers.score(LIVE, (damaged,))[0]}
    assert found["clean"].value == 0
    assert "advice" in found["clean"].reason


def test_replies_are_judged_by_every_criterion_once_their_case_is_fresh(player: Player) -> None:
    assert judge.replies([player.replay(LIVE)]) == []
    player.record(LIVE)
    lines = judge.replies([player.replay(LIVE)])
    assert [line.criterion for line in lines] == list(judge.criteria())
    judge.record(lines[0], player.recordings, player.settings)
    ruling, _ = judge.replay(lines[0], player.recordings, "fake")
    assert ruling is not None
    found = judge.opinions([ruling])[lines[0].criterion]
    assert found["keeps"]["value"] == 1.0
    assert judge.agreement([ruling]) == {}


def test_a_suite_of_ones_own_is_yaml_with_its_own_prompts(own: Path, tmp_path: Path) -> None:
    (tmp_path / "situations.yaml").write_text(
        "- id: x1\n  by: us\n  turns: [{role: leader, text: I gave Ada the roadshow.}]\n"
        "  yes: [{fact: task, quote: the roadshow}, {fact: handed_over, quote: I gave Ada}]\n"
    )
    (case,) = load(tmp_path)
    assert case.gold is not None
    assert case.gold.label.value == "S2_SPACE"
    changed(own / "prompts" / "form.md", "Never answer the leader.", "Say nothing.")
    assert "Say nothing." in prompts.load("form").text


def test_the_page_is_one_file_with_nothing_from_outside(player: Player) -> None:
    for case in PAIR:
        player.record(case)
    rows = [scorecard.row(p) for c in PAIR for p in (player.replay(c), player.play_offline(c))]
    others = [
        labelling.Second(id="z1", by="x", label=Label.S3, yes=(Fact.TASK, Fact.LANDED), settled="the gold stands")
    ]
    second = {"second": labelling.agreement(list(PAIR), others)}
    run = scorecard.document(rows, {"scores": {}}, "fake") | REST | second
    before = gate.baseline(json.loads(json.dumps(run)), "first")
    before["replies"]["openai z1.1"] = "It was another reply."
    text = page.draw(run, before)
    html5lib.HTMLParser(strict=False).parse(text)
    assert "It was another reply." in text
    assert "<svg" in text
    assert "gold S2_SPACE, second S3_EMPATHY" in text
    assert not re.search(r"<(?:script|link|img|iframe)\b|@import|url\(['\"]?http", text)
    assert page.draw(run, before) == text


def test_a_second_reader_is_held_against_the_gold() -> None:
    agreeing = labelling.Second(id="z1", by="x", label=Label.S2, yes=(Fact.TASK, Fact.HANDED_OVER))
    differing = labelling.Second(id="z2", by="x", label=Label.S2, yes=(Fact.TASK, Fact.HANDED_OVER), settled="a slip")
    found = labelling.agreement(list(PAIR), [agreeing, differing])
    assert (found["n"], found["agree"], found["kappa"]) == (2, 0.5, 0.0)
    assert found["facts"]["landed"] == {"gold": 1, "second": 0, "kappa": 0.0}
    assert found["facts"]["task"]["kappa"] is None  # both say yes to all: there is nothing to agree on beyond chance
    assert found["differ"] == [{"id": "z2", "gold": "S3_EMPATHY", "second": "S2_SPACE", "settled": "a slip"}]


def test_the_summary_names_what_moved_and_what_is_stale(player: Player, tmp_path: Path) -> None:
    player.record(LIVE)
    rows = [scorecard.row(player.replay(c)) for c in PAIR]
    run = scorecard.document(rows, {"scores": {}}, "fake") | REST
    told = report.markdown(run, tmp_path)
    assert "- z2: not recorded" in told
    assert "| label | 1.000" in told


def test_no_case_is_among_what_the_offline_reader_was_trained_on() -> None:
    trained = {
        json.dumps(json.loads(line)["turns"])
        for path in (Path(__file__).parents[1] / "knowledge" / "situations").glob("*.jsonl")
        for line in path.read_text().splitlines()
    }
    assert trained
    found = (*load(), *load(suites=("fresh", "fresh_grounds")))
    assert not trained & {json.dumps([t.model_dump() for t in c.turns]) for c in found}
