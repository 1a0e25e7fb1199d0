from dataclasses import replace

import pytest

from eval.demands import Demands
from eval.faults import Inspector, counts
from eval.speaking import Said
from tests.eval.talks import FILMS, film, reply

INSPECTOR = Inspector(FILMS)
SAID = Said("No horror, and nothing like “My Own Film”.", demands=Demands(frozenset({"Horror"})))


def kinds(answer, known: set[int] | None = None, heard: str = SAID.text) -> list[str]:  # type: ignore[no-untyped-def]
    return [kind for kind, _ in INSPECTOR.faults(SAID, answer, known or set(), heard)]


def test_a_good_answer_has_no_fault() -> None:
    assert kinds(reply("Fargo", "Contact", text="Fargo and Contact.")) == []


def test_every_kind_of_fault_is_found() -> None:
    assert kinds(reply("Alien")) == ["violation"]
    assert kinds(replace(reply("Fargo"), filtered=((film("Fargo"), "Comedy"),))) == ["violation"]
    assert kinds(reply("Fargo"), {film("Fargo")}) == ["repeat"]
    assert kinds(reply("Fargo", "Fargo")) == ["repeat"]
    assert kinds(reply(text=" \n")) == ["empty"]
    assert kinds(reply(text="No film is left.")) == ["no film"]
    found = INSPECTOR.faults(SAID, reply("Alien", "The Shining"), set(), "")
    assert counts(found)["violation"] == 2
    assert counts(found)["repeat"] == 0


@pytest.mark.parametrize(
    "prose",
    [
        "Try “Gladiatorus Maximus”.",
        'Try "The Long Return of Nobody".',
        "I would start with Gladiatorus (1996).",
        "You might like Fargo Returns (1999), too.",
    ],
)
def test_an_invented_title_is_found(prose: str) -> None:
    assert kinds(reply("Fargo", prose=prose)) == ["invented"]


@pytest.mark.parametrize(
    "prose",
    [
        "Try “Fargo”, then “the empire strikes back”.",
        "As dark as Fargo (1996), and older than _ (1979).",
        "I do not know “My Own Film” here.",
        "Say “more” for others, or “drop Horror”. It fits “tense about the police”.",
        "It is by “Ridley Scott” and files under “Sci-Fi”.",
    ],
)
def test_titles_of_the_catalogue_and_words_of_the_viewer_are_not_invented(prose: str) -> None:
    assert kinds(reply("Fargo", prose=prose)) == []


def test_a_film_under_a_name_that_is_not_its_own_is_invented() -> None:
    right = replace(reply("Fargo"), films=((film("Fargo"), "Fargo (1996)"),))
    assert kinds(right) == []
    assert kinds(replace(right, films=((film("Fargo"), "Heat (1995)"),))) == ["invented"]
    assert kinds(replace(right, films=((len(FILMS), "Fargo (1996)"),))) == ["invented"]


def test_twins_are_known_together() -> None:
    amy = film("Chasing Amy")
    assert FILMS.with_twins([amy, 0]) == {amy, amy + 1, 0}
