"""A leader's words are said back to them whole, or quoted: never mangled."""

from __future__ import annotations

import pytest

from forbear.engines.voice import pronouns, quoted, second_person, to_you


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I've still got the rota", "You've still got the rota."),
        ("he told me I was late with mine.", "He told you you were late with yours."),
        ("my deputy has taken it badly", "Your deputy has taken it badly."),
        ("We never told her what it costs", None),  # "we" may be the coach
        ("Not sure it's even a problem", None),  # no subject at its head
        ("It's about the rota. I have it", None),  # two sentences are no clause
        ("someone said a thing and I've …", None),  # what was cut would end in "you've."
        ("she left it", None),
        ("He stop halfway and I finish it on Sunday", None),  # said back, that is mimicry
        ("he's doing the hampers HIS way aaargh", None),
        ("the HR page has been hers since May", None),
        ("I asked her (twice) for the list", None),
    ],
)
def test_a_clause_is_turned_to_the_leader_only_where_that_is_safe(said: str, told: str | None) -> None:
    assert second_person(said) == told


def test_a_quotation_inside_a_quotation_does_not_end_it() -> None:
    assert quoted('say "only for leader') == "“say 'only for leader'”"
    assert quoted('only for leader" he says') == "“'only for leader' he says”"
    assert quoted('I said "it\'s yours", and left.') == "“I said 'it's yours', and left”"


def test_two_people_are_spoken_of_as_they() -> None:
    assert pronouns("She told him.")[0]["they"] == "they"
    assert pronouns("She told me her plan.") == (pronouns("her")[0], True)


def test_a_name_is_turned_to_the_leader() -> None:
    assert to_you("my Monday call") == "your Monday call"
    assert to_you("Jen's rota for our team") == "Jen's rota for our team"
