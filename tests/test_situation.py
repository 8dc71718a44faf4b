"""The rule, example by example: labels.md 5.4 (27 worked examples) and 5.3 (the tie-breaks T1-T28)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.situation import GROUNDS, OF_AN_EPISODE, Fact, Facts, Label, Yes, decide


def form(text: str, *answers: str) -> Facts:
    """Read a form written as "fact: quote" or "fact 2: quote" (episode 2); every quote must be genuine."""
    yes = []
    for answer in answers:
        name, _, quote = answer.partition(": ")
        fact, _, episode = name.partition(" ")
        yes.append(Yes(fact=Fact(fact), quote=quote, episode=int(episode or 1)))
    facts = Facts(yes=tuple(yes))
    assert facts.genuine(text) == facts, "a quote of this test is not in its text"
    return facts


WORKED = [
    ("S1_ASSIGN", (), "I could give Noor the onboarding guide, the vendor list or the board pack. Six months in.",
     "task: the onboarding guide", "not_yet: I could give Noor"),
    ("S1_ASSIGN", (), "Asked her to run the walk-round minutes, she said no. Now what",
     "task: the walk-round minutes", "not_yet: she said no"),
    ("S1_ASSIGN", (), "Every time I hand stuff over it goes wrong so I've stopped. Orders, rotas, payroll, all me.",
     "task: Orders, rotas, payroll", "not_yet: all me"),
    ("S2_SPACE", (), "He's halfway through the stockroom layout. It'd work. It isn't mine.",
     "task: the stockroom layout", "handed_over: He's halfway through"),
    ("S2_SPACE", (), "She asks me daily which caterer. Either is fine. I know which I'd pick.",
     "task: which caterer", "handed_over: She asks me daily"),
    ("S2_SPACE", (), "There's a howler in his draft to our own team, not sent yet. My fingers.",
     "task: his draft to our own team", "handed_over: his draft"),
    ("S3_EMPATHY", (), "Parcel went to the wrong depot, customer got it a day late, he told me himself. I was short with him.",
     "task: Parcel", "handed_over: he told me himself", "landed: customer got it a day late"),
    ("S3_EMPATHY", (), "She missed the slot so we've lost the hall. I was going to ring round before she finds out.",
     "task: the hall", "handed_over: She missed the slot", "landed: we've lost the hall"),
    ("S3_EMPATHY", (), "Third wrong invoice this month. What do I even say this time",
     "task: invoice", "handed_over: Third wrong invoice", "landed: Third wrong invoice this month"),
    ("S4_RETURN", (), "Took the rota off him in June after the mix-up. He's been great since. I've still got it.",
     "task: the rota", "handed_over: off him", "taken_back: Took the rota off him in June"),
    ("S4_RETURN", (), "First budget he's done alone and it's spot on. Filed. Feels like something should happen.",
     "task: budget", "handed_over: he's done alone", "ended_well: it's spot on. Filed"),
    ("S4_RETURN", (), "We've talked, it's sorted between us. Next delivery's Monday. Him or me?",
     "task: delivery", "handed_over: Him or me", "landed: it's sorted between us", "talked: We've talked", "next_round: Next delivery's Monday. Him or me"),
    ("PRECOND", ("S2_SPACE",), "She's floundering on the tender and I'm sitting on my hands. She hasn't got last year's prices, procurement still owe her the login.",
     "task: the tender", "handed_over: She's floundering on the tender", "F2: procurement still owe her the login"),
    ("PRECOND", ("S3_EMPATHY",), "He botched the visit. In fairness I rewrote the agenda twice that morning and told the driver, not him.",
     "task: the visit", "handed_over: He botched the visit", "landed: He botched the visit", "F3: told the driver, not him"),
    ("PRECOND", ("S2_SPACE",), "It's hers, I've said so. But suppliers have to get my OK on anything over fifty quid, and nearly everything is.",
     "task: suppliers", "handed_over: It's hers, I've said so", "F4: suppliers have to get my OK"),
    ("MULTI", ("S4_RETURN", "S2_SPACE"), "Ana's audit is done and lovely. Piotr's is live and I keep peeking. Thoughts on both?",
     "task: Ana's audit", "handed_over: Ana's audit", "ended_well: done and lovely", "asked: Thoughts on both",
     "task 2: Piotr's", "handed_over 2: Piotr's is live", "asked 2: Thoughts on both"),
    ("MULTI", ("S3_EMPATHY", "S1_ASSIGN"), "He mucked up the rota last week (not spoken yet) and I want to give someone the keys from Monday. Two questions.",
     "task: the rota", "handed_over: He mucked up the rota", "landed: mucked up the rota last week", "asked: Two questions",
     "task 2: the keys", "not_yet 2: I want to give someone the keys", "asked 2: Two questions"),
    ("MULTI", ("S2_SPACE", "S3_EMPATHY"), "Team of three: one brief I can't leave alone, one pitch that flopped yesterday, both mine to sort tomorrow.",
     "task: one brief", "handed_over: one brief I can't leave alone", "asked: both mine to sort",
     "task 2: one pitch", "handed_over 2: one pitch", "landed 2: flopped yesterday", "asked 2: both mine to sort"),
    ("UNCLEAR", (), "Same problem as ever with my number two."),
    ("UNCLEAR", (), "He's not stepping up. Ideas?"),
    ("UNCLEAR", (), "can you help. the thing with Jo and the figures", "task: the figures"),
    ("OUTSIDE", (), "My manager keeps redoing my slides.", "outside: My manager keeps redoing my slides"),
    ("OUTSIDE", (), "How do I price a consultancy day?", "outside: How do I price"),
    ("OUTSIDE", (), "My sister and I share care for our dad and she hovers.", "outside: My sister and I share care"),
    ("ESCALATE", ("S2_SPACE",), "He says if I touch his schedule again he'll be waiting in the car park.",
     "A2: he'll be waiting in the car park", "task: his schedule", "handed_over: his schedule"),
    ("ESCALATE", ("S4_RETURN",), "She's back from surgery and slower, so I'm moving the accounts to someone fit.",
     "A4: back from surgery and slower", "task: the accounts", "handed_over: moving the accounts", "taken_back: I'm moving the accounts to someone fit"),
    ("ESCALATE", ("PRECOND", "S2_SPACE"), "New lad's on the saw Monday, guard's off till the part comes. I want him to work out the workaround.",
     "A3: guard's off till the part comes", "task: the saw", "handed_over: on the saw Monday", "F2: New lad's"),
]  # fmt: skip


@pytest.mark.parametrize(("label", "secondary", "text", "answers"), [(w[0], w[1], w[2], w[3:]) for w in WORKED])
def test_worked_example(label: str, secondary: tuple[str, ...], text: str, answers: tuple[str, ...]) -> None:
    situation = decide(form(text, *answers))
    assert (situation.label, situation.secondary) == (label, secondary)


GIVEN = ("task: the rota", "handed_over: gave it")
LANDED = (*GIVEN, "landed: it went out wrong")
WORDS = "the rota, gave it, it went out wrong; took it back; we spoke; and the next one; the guard is off; never told; both; this first; did it myself; went well; not yet; a warning"

TIE_BREAKS = [
    ("T1 a bad plan, not handed over", "S1_ASSIGN", (), ("task: the rota", "not_yet: not yet", "F2: never told")),
    ("T2 an error that has not landed", "S2_SPACE", (), GIVEN),
    ("T3 tempted", "S2_SPACE", (), GIVEN),
    ("T3 done", "S4_RETURN", (), (*GIVEN, "taken_back: took it back")),
    ("T4 no talk yet, next round asked", "S3_EMPATHY", ("S4_RETURN",), (*LANDED, "next_round: and the next one")),
    ("T4 talked, next round asked", "S4_RETURN", (), (*LANDED, "talked: we spoke", "next_round: and the next one")),
    ("T4 talked, next round not asked", "S3_EMPATHY", (), (*LANDED, "talked: we spoke")),
    ("T5 stated", "PRECOND", ("S2_SPACE",), (*GIVEN, "F3: never told")),
    ("T5 suspected: no yes, the stage stays", "S2_SPACE", (), GIVEN),
    ("T6 the failing set-up can hurt", "ESCALATE", ("PRECOND", "S2_SPACE"), (*GIVEN, "F2: never told", "A3: the guard is off")),
    ("T7 a warning for a slip", "S3_EMPATHY", ("ESCALATE",), (*LANDED, "warning: a warning")),
    ("T7 an open process", "ESCALATE", ("S3_EMPATHY",), (*LANDED, "A6: a warning")),
    ("T8 caught before it reached anyone", "S2_SPACE", (), (*GIVEN, "near_miss: it went out wrong")),
    ("T8 reached a person", "ESCALATE", ("S3_EMPATHY",), (*LANDED, "A3: it went out wrong")),
    ("T9 repetition alone", "S3_EMPATHY", (), LANDED),
    ("T10 rescuing live work", "S2_SPACE", (), GIVEN),
    ("T10 rescuing from a landed consequence", "S3_EMPATHY", (), LANDED),
    ("T11 success, the same task", "S4_RETURN", (), (*GIVEN, "ended_well: went well")),
    ("T11 success, a larger task asked about", "S1_ASSIGN", (),
     (*GIVEN, "ended_well: went well", "task 2: the next one", "not_yet 2: not yet", "asked 2: and the next one")),
    ("T12 several people, one stage", "S2_SPACE", (), (*GIVEN, "asked: both", "task 2: the rota", "handed_over 2: gave it", "asked 2: both")),
    ("T13 an episode in the conversation", "S2_SPACE", (), (*GIVEN, "asks_directly: both")),
    ("T13 none", "UNCLEAR", (), ("asks_directly: both",)),
    ("T14 an old story is not asked about", "S2_SPACE", (), (*GIVEN, "asked: both", "task 2: the rota", "landed 2: it went out wrong")),
    ("T15 clear and elsewhere", "OUTSIDE", (), ("outside: both",)),
    ("T15 not clear", "UNCLEAR", (), ()),
    ("T16 a figure of speech answers nothing", "S2_SPACE", (), GIVEN),
    ("T17 a habit, live", "S2_SPACE", (), GIVEN),
    ("T17 a habit, all kept", "S1_ASSIGN", (), ("task: the rota", "not_yet: did it myself")),
    ("T18 a correction taken badly", "S3_EMPATHY", (), LANDED),
    ("T19 danger", "ESCALATE", (), ("A1: both",)),
    ("T20 evidence", "ESCALATE", ("S2_SPACE",), (*GIVEN, "A5: both")),
    ("T21 no task named", "ESCALATE", (), ("A6: both",)),
    ("T22 lateness, the last miss", "S3_EMPATHY", (), LANDED),
    ("T23 finished by the leader, no talk", "S3_EMPATHY", ("S4_RETURN",), (*LANDED, "finished: did it myself")),
    ("T23 finished by the leader, talked", "S4_RETURN", (), (*LANDED, "finished: did it myself", "talked: we spoke")),
    ("T24 how often to look, handed over", "S2_SPACE", (), GIVEN),
    ("T25 an outburst about the work", "S3_EMPATHY", (), LANDED),
    ("T25 about anything else", "OUTSIDE", (), ("outside: both",)),
    ("T26 nobody trained them, as a fact", "PRECOND", ("S2_SPACE",), (*GIVEN, "F2: never told")),
    ("T27 conduct", "OUTSIDE", (), ("outside: both",)),
    ("T28 none asked: the live one", "S2_SPACE", (), (*LANDED, "task 2: the rota", "handed_over 2: gave it")),
    ("Q4 one ranked first", "S3_EMPATHY", ("S2_SPACE",),
     (*LANDED, "asked: both", "first: this first", "task 2: the rota", "handed_over 2: gave it", "asked 2: both")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "label", "secondary", "answers"), TIE_BREAKS, ids=[t[0] for t in TIE_BREAKS])
def test_tie_break(name: str, label: str, secondary: tuple[str, ...], answers: tuple[str, ...]) -> None:
    situation = decide(form(WORDS, *answers))
    assert (situation.label, situation.secondary) == (label, secondary)


forms = st.builds(
    Facts,
    yes=st.lists(
        st.builds(Yes, fact=st.sampled_from(Fact), quote=st.just("words"), episode=st.integers(1, 4)), max_size=25
    ).map(tuple),
)


@given(forms)
def test_every_form_has_one_label_and_escalate_always_wins(facts: Facts) -> None:
    situation = decide(facts)
    assert situation.label in Label
    assert (situation.label is Label.ESCALATE) == any(facts.says(g) for g in GROUNDS)
    assert situation.label not in situation.secondary
    assert len(set(situation.secondary)) == len(situation.secondary)
    assert all(answer in facts.yes for answer in situation.because)
    assert (
        bool(situation.conditions) == (Label.PRECOND in (situation.label, *situation.secondary))
        or situation.label is Label.MULTI
    )


@given(forms, st.sampled_from(Fact), st.integers(1, 4))
def test_a_flipped_answer_is_the_other_answer(facts: Facts, fact: Fact, episode: int) -> None:
    at = episode if fact in OF_AN_EPISODE else None
    assert facts.flipped(fact, episode).says(fact, at) is not facts.says(fact, at)


def test_a_quote_that_nobody_wrote_no_longer_counts() -> None:
    facts = Facts(
        yes=(Yes(fact=Fact.TASK, quote="the rota"), Yes(fact=Fact.HANDED_OVER, quote="I gave it to her in May"))
    )
    assert decide(facts).label is Label.S2
    assert decide(facts.genuine("It's about the rota.")).label is Label.UNCLEAR


@pytest.mark.parametrize("quote", ["“I’ve  still got it”", "i've still got it.", "I've still\ngot it"])
def test_spaces_case_and_quote_marks_do_not_make_a_quote_false(quote: str) -> None:
    facts = Facts(yes=(Yes(fact=Fact.TAKEN_BACK, quote=quote),))
    assert facts.genuine("Took it off him. I've still got it.") == facts


def test_because_gives_the_words_that_decided() -> None:
    text = "It's hers, I've said so. But suppliers have to get my OK."
    situation = decide(form(text, "task: suppliers", "handed_over: It's hers", "F4: suppliers have to get my OK"))
    assert [(a.fact, a.quote) for a in situation.because] == [(Fact.F4, "suppliers have to get my OK")]
    assert situation.conditions == (Fact.F4,)
