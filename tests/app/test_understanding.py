import time

import numpy as np
import pytest

from app.constraints import stated_genres, stated_years
from app.titles import TitleIndex
from app.understanding import MAX_CHARACTERS, Reader, Understanding
from tests.app import fakes

CATALOGUE = fakes.catalogue()
READER = Reader(
    CATALOGUE, TitleIndex(CATALOGUE, np.linspace(200, 20, len(CATALOGUE), dtype=np.float32))
)
AT = {item.title: index for index, item in enumerate(CATALOGUE)}
CARDS = (AT["Aliens"], AT["Contact"], AT["Casablanca"])


def read(text: str, cards: tuple[int, ...] = ()) -> Understanding:
    return READER.read(text, cards)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("a comedy but not horror", {"Comedy"}, {"Horror"}),
        ("anything but horror", set(), {"Horror"}),
        ("no musicals", set(), {"Musical"}),
        ("no romance or comedy, please", set(), {"Romance", "Comedy"}),
        ("no romance, no comedy, a western", {"Western"}, {"Romance", "Comedy"}),
        ("science fiction", {"Sci-Fi"}, set()),
        ("i hate westerns", set(), {"Western"}),
        ("a rom-com", {"Comedy", "Romance"}, set()),
        ("i dont want a thriller", set(), {"Thriller"}),
        ("something scary", set(), set()),
        ("not only comedy", {"Comedy"}, set()),
    ],
)
def test_genres_and_their_negations(text: str, wanted: set[str], unwanted: set[str]) -> None:
    genres_in, genres_out, _ = stated_genres(text)
    assert ({*genres_in}, {*genres_out}) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("from the eighties", 1980, 1989),
        ("90s", 1990, 1999),
        ("the '70s", 1970, 1979),
        ("1980s", 1980, 1989),
        ("early 90s", 1990, 1993),
        ("before 1990", None, 1989),
        ("older than 1970", None, 1969),
        ("nothing older than 1980", 1980, None),
        ("after 1990", 1991, None),
        ("since 1985", 1985, None),
        ("between 1990 and 1995", 1990, 1995),
        ("from the 60s to the 80s", 1960, 1989),
        ("made in 1977", 1977, 1977),
        ("1990 or later", 1990, None),
        ("90 minutes for 20 people", None, None),
        ("not 2001, that was boring", None, None),
        ("before 1950 and after 1990", 1991, 1949),
    ],
)
def test_years(text: str, low: int | None, high: int | None) -> None:
    assert stated_years(text)[:2] == (low, high)


def test_the_sentence_of_the_readme() -> None:
    said = read("I loved The Empire Strikes Back and Alien, something in space but not horror")
    assert said.intent == "recommend"
    assert said.liked == (AT["The Empire Strikes Back"], AT["Alien"])
    assert said.genres_out == {"Horror"} and not said.genres_in
    assert "space" in said.wish and "horror" not in said.wish


@pytest.mark.parametrize(
    ("text", "liked", "disliked"),
    [
        ("loved heat but hated grease", ["Heat"], ["Grease"]),
        ("Casablanca was boring", [], ["Casablanca"]),
        ("nothing like Grease, please", [], ["Grease"]),
        ("I couldn't stand Annie Hall. Fargo is a favourite.", ["Fargo"], ["Annie Hall"]),
        ("didn't like Contact, whereas Stargate was brilliant", ["Stargate"], ["Contact"]),
        ("fargo. pulp fiction.", ["Fargo", "Pulp Fiction"], []),
    ],
)
def test_feelings_go_to_the_right_film(text: str, liked: list[str], disliked: list[str]) -> None:
    said = read(text)
    assert sorted(CATALOGUE[i].title for i in said.liked) == sorted(liked)
    assert [CATALOGUE[i].title for i in said.disliked] == disliked


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("is the second one scary?", ["Contact"]),
        ("the 1st one sounds good", ["Aliens"]),
        ("seen that one", ["Aliens"]),
        ("both sound good", ["Aliens", "Contact", "Casablanca"]),
        ("the nightclub one", ["Casablanca"]),
        ("the last one is too old", ["Casablanca"]),
    ],
)
def test_references_to_shown_films(text: str, titles: list[str]) -> None:
    assert [CATALOGUE[i].title for i in read(text, CARDS).refers_to] == titles


def test_seen_and_liked_through_a_reference() -> None:
    said = read("seen the second one, loved it", CARDS)
    assert said.seen == said.liked == (AT["Contact"],)


@pytest.mark.parametrize(
    ("text", "cards", "intent"),
    [
        ("more", CARDS, "more"),
        ("anything else?", CARDS, "more"),
        ("which one is better?", CARDS, "compare"),
        ("what is the second one about?", CARDS, "ask_about"),
        ("too dark, something lighter please", CARDS, "critique"),
        ("start over", CARDS, "reset"),
        ("change of plan, a comedy", CARDS, "reset"),
        ("hello there", (), "chitchat"),
        ("what's the capital of France?", (), "off_topic"),
        ("what can you do?", (), "help"),
        ("I want a western", (), "recommend"),
        ("🍿🍿", (), "empty"),
        ("   ", (), "empty"),
    ],
)
def test_intents(text: str, cards: tuple[int, ...], intent: str) -> None:
    assert read(text, cards).intent == intent


def test_contradictions_are_said_in_words() -> None:
    assert read("a comedy that is not a comedy").contradiction == "Comedy and no Comedy"
    assert read("before 1950 and after 1990").contradiction == "1991 or later and 1949 or earlier"
    assert read("a comedy, no horror, before 1950").contradiction == ""


def test_people_are_found() -> None:
    assert read("anything by Kubrick").people == ("Stanley Kubrick",)
    assert read("something with ridley scott").people == ("Ridley Scott",)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("a thriller, but not with Ridley Scott", (), ("Ridley Scott",)),  # was taken as wanted
        ("not Kubrick please", (), ("Stanley Kubrick",)),
        ("no ridley scott or david fincher", (), ("Ridley Scott", "David Fincher")),
        (
            "by Ridley Scott, nothing by David Fincher",
            ("Ridley Scott",),
            ("David Fincher",),
        ),
        ("not horror, something by Ridley Scott", ("Ridley Scott",), ()),
        ("I can't stand Stanley Kubrick", (), ("Stanley Kubrick",)),
    ],
)
def test_people_may_be_unwanted(
    text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]
) -> None:
    said = read(text)
    assert (said.people, said.people_out) == (wanted, unwanted)


def test_other_languages_are_noticed() -> None:
    assert read("Quisiera una película divertida para esta noche").foreign
    assert read("Посоветуйте хороший фильм").foreign
    assert not read("somthing funny n short pls, loved fargo").foreign


def test_long_messages_are_read_in_part_and_quickly() -> None:
    start = time.perf_counter()
    said = read("I loved Alien. " + "blah " * 4000)
    assert said.too_long and said.liked == (AT["Alien"],)
    assert time.perf_counter() - start < 2
    assert not read("x" * MAX_CHARACTERS).too_long


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("westerns aren't my thing", set(), {"Western"}),
        ("I want to leave the crime alone for a while", set(), {"Crime"}),
        ("It need not be animated", set(), set()),
        ("it needn't be only comedy", set(), set()),
        ("that movie was a crime", set(), set()),
        ("it was a crime story", {"Crime"}, set()),
        ("spies and the cold war", set(), set()),
        ("with more acton, no thriler", {"Action"}, {"Thriller"}),
    ],
)
def test_a_genre_in_passing_is_no_wish_for_it(
    text: str, wanted: set[str], unwanted: set[str]
) -> None:
    said = read(text)
    assert (said.genres_in, said.genres_out) == (wanted, unwanted)


def test_what_points_at_nothing_means_the_one_film_shown_last() -> None:
    assert read("slower please", (AT["Alien"],)).refers_to == (AT["Alien"],)
    assert read("slower please", (AT["Alien"], AT["Heat"])).refers_to == ()
    assert read("how do you boil an egg?", (AT["Alien"],)).refers_to == ()
    assert read("b4 1950").year_max == 1949
