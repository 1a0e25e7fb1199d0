import numpy as np
import pytest

from app.terms import Terms
from app.words import stem
from data.catalogue import Catalogue, Item

FILMS = Catalogue(
    "few",
    [
        Item("1", "Gandhi", 1982, tags=("Best Picture winner", "India")),
        Item(
            "2", "Rififi", 1955, tags=("heist", "black and white", "no dialogue"), moods=("tense",)
        ),
        Item("3", "Heat", 1995, tags=("heist", "police"), moods=("tense", "black")),
        Item("4", "Kids", 1995),
    ],
)


@pytest.mark.parametrize(
    ("wish", "counts"),
    [
        ("picture winners", [1, 0, 0, 0]),  # what is left of "best picture winners, please"
        ("a tense heist", [0, 2, 2, 0]),
        ("tense heists in black and white", [0, 3, 2, 0]),  # "black" alone is not named
        ("winners of a robbery", [0.5, 0, 0, 0]),  # of "best picture winner" the last word
        ("dialogue", [0, 0, 0, 0]),  # which Rififi's famous half hour does without
        ("black", [0, 0.5, 1, 0]),
        ("", [0, 0, 0, 0]),
    ],
)
def test_tags_and_moods_named_word_for_word_are_counted(wish: str, counts: list[int]) -> None:
    assert Terms(FILMS).named(wish).tolist() == counts


def test_a_run_of_words_of_a_tag_names_it_in_part() -> None:
    """No film was left that was marked New York, where one was tagged "1970s new york"."""
    places = ("New York", "1970s new york", "new hope", "York")
    terms = Terms(Catalogue("towns", [Item(p, p, tags=(p,)) for p in places]))
    assert terms.named("a film in New York").tolist() == [1, 0.5, 0, 0]
    assert terms.missing("in New York", [1, 2]) == ""
    trains = Terms(
        Catalogue("trains", [Item("1", "One", tags=("death on a train",)), Item("2", "Two")])
    )
    assert trains.missing("on a train", [1]) == ""  # "marked a train"
    assert terms.missing("in New York", [2, 3]) == "new york"


def test_a_catalogue_without_terms_has_none_to_name() -> None:
    found = Terms(Catalogue("one", [Item("1", "Kids", 1995)])).named("kids")
    assert np.array_equal(found, [0])


@pytest.mark.parametrize(
    ("plural", "single"),
    [
        ("submarines", "submarine"),  # a film tagged "submarine" had none
        ("vampires", "vampire"),
        ("zombies", "zombie"),
        ("spies", "spy"),
        ("horses", "horse"),
        ("witches", "witch"),
        ("heroes", "hero"),
        ("wolves", "wolf"),
        ("comedies", "comedy"),
        ("movies", "movie"),
        ("banking", "banks"),
        ("killers", "killed"),
        ("races", "racing"),
        ("dancing", "dance"),
        ("robbers", "robbing"),
        ("loved", "loves"),
    ],
)
def test_words_of_one_stem(plural: str, single: str) -> None:
    assert stem(plural) == stem(single)


def test_words_of_two_stems() -> None:
    for one, other in (("planes", "plan"), ("animals", "animation"), ("wines", "win")):
        assert stem(one) != stem(other)


def test_one_and_several_name_the_same_films() -> None:
    catalogue = Catalogue("one", [Item("1", "One", 1990, tags=("submarine",)), Item("2", "Two")])
    assert Terms(catalogue).named("something with submarines").tolist() == [1, 0]


def test_films_are_from_somewhere() -> None:
    films = Catalogue(
        "few",
        [
            Item("1", "Amour", 1990, countries=("France",)),
            Item("2", "Love", 1990, countries=("US", "France")),
            Item("3", "Liebe", 1990, countries=("Germany", "US")),
            Item("4", "Lost", 1990),
        ],
    )
    terms = Terms(films)
    assert terms.named("french").tolist() == [1, 0, 0, 0]
    assert terms.named("foreign").tolist() == [1, 0, 0, 0]
    assert terms.named("german").tolist() == [0, 0, 1, 0]
