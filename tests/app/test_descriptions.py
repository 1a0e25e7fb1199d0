"""Films that are told of and not named."""

import pytest

from app.cards import plain_text
from app.descriptions import description, is_found, is_missed
from app.engine import Engine
from app.events import Card
from app.session import Session
from app.session_json import from_json, to_json
from tests.app import fakes
from tests.app.test_asking import AT, CATALOGUE, READER

ENGINE = Engine(fakes.parts())


def asked(*messages: str) -> tuple[Session, list[str], str]:
    """The session, the cards and the text of the last answer."""
    session = Session()
    for message in messages:
        events = list(ENGINE.reply(session, message))
    cards = [CATALOGUE[event.item].title for event in events if isinstance(event, Card)]
    return session, cards, plain_text(events)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("whats that movie where toys come alive?", "toys come alive"),
        ("film where aliens blow up the white house", "aliens blow up the white house"),
        ("i cant remember the name, a ship hits an iceberg", "a ship hits an iceberg"),
        ("i forgot the name but its about a kid who fights burglars", "a kid who fights burglars"),
        ("movie about a pig who herds sheep", "pig who herds sheep"),
        (
            "do you know a film where someone sees ghosts of players",
            "someone sees ghosts of players",
        ),
    ],
)
def test_a_description_is_taken_out_of_a_question(text: str, told: str) -> None:
    assert description(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "what's a good movie about dinosaurs",
        "a film about the sea",
        "which movie should i watch with my kids",
        "a movie about a heist that goes wrong",
        "something with robots and spaceships",
        "recommend me the movie where toys come alive",
        "one more please",
        "a movie with lots of car chases please",
        "the one with the subtitles",
        "I'm looking for a movie that will keep me on the edge of my seat",  # found Tin Cup
        "is there a movie where the dog doesn't die",
        "what film has the best car chase",
    ],
)
def test_a_wish_for_a_kind_is_none(text: str) -> None:
    assert description(text) == ""


def told_of(title: str) -> str:
    words = CATALOGUE[AT[title]].synopsis.rstrip(".").split()
    return "what was that film where " + " ".join(words[:9])


def test_the_film_is_found_with_those_that_it_may_be_instead() -> None:
    """ "movie about a pig who herds sheep" was answered with "Hello! I am best at films."."""
    session, cards, text = asked(told_of("Alien"))
    assert cards[0] == "Alien"
    assert len(cards) == 3
    assert "Alien" in text.split(".")[0]
    assert session.now.likes == ()
    assert session.now.focus == AT["Alien"]
    assert from_json(to_json(session.now, CATALOGUE), CATALOGUE) == session.now


def test_no_brings_the_next_ones_and_yes_ends_the_search() -> None:
    _, first, _ = asked(told_of("Alien"))
    session, second, _ = asked(told_of("Alien"), "no, not that one")
    assert len(second) == 3
    assert not set(first) & set(second)
    assert session.now.told
    session, cards, text = asked(told_of("Alien"), "yes that's it!")
    assert cards == []
    assert "Alien" in text
    assert session.now.told == ""
    _, cards, _ = asked(told_of("Alien"), "yes that's it! more like it")
    assert len(cards) == 3
    assert not set(cards) & set(first)


def test_one_of_those_that_it_may_be_is_taken() -> None:
    """ "The second one" was another guess."""
    _, cards, _ = asked(told_of("Alien"))
    session, others, text = asked(told_of("Alien"), "the second one")
    assert not others
    assert text.startswith(cards[1])
    assert session.now.focus == AT[cards[1]]
    assert session.now.told == ""


def test_a_told_film_that_is_loved_is_the_nearest_in_meaning() -> None:
    session, _, _ = asked("i loved " + told_of("Alien").removeprefix("what was "))
    assert session.now.likes in {(AT["Alien"],), ()}
    assert READER.read("i loved heat").told == ""


@pytest.mark.parametrize(
    "text", ["yes!", "oh yes, that one", "that's it", "exactly", "thats the one"]
)
def test_found(text: str) -> None:
    assert is_found(text)
    assert not is_missed(text)


@pytest.mark.parametrize(
    "text",
    ["no", "nope", "no, not those", "nope, not those", "not that one", "none of them", "nah!"],
)
def test_missed(text: str) -> None:
    assert is_missed(text)
    assert not is_found(text)


# -- something like a film ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "films"),
    [
        ("something like Alien", ("Alien",)),
        ("movies like heat please", ("Heat",)),
        ("anything similar to Pulp Fiction but older?", ("Pulp Fiction",)),
        ("i like Alien and Heat", ()),
        ("I loved Alien", ()),
        ("nothing like Alien please", ()),
    ],
)
def test_films_that_others_are_to_be_like(text: str, films: tuple[str, ...]) -> None:
    assert READER.read(text).alike == tuple(AT[film] for film in films)


def test_likeness_is_in_force_until_something_new_is_asked() -> None:
    session, cards, _ = asked("something like Alien")
    assert session.now.alike == (AT["Alien"],)
    assert "Aliens" in cards
    session, _, _ = asked("something like Alien", "more")
    assert session.now.alike == (AT["Alien"],)
    session, _, _ = asked("something like Alien", "a good western please")
    assert session.now.alike == ()


@pytest.mark.parametrize("text", ["no thriller please", "no, a comedy please", "nothing sad"])
def test_a_new_wish_is_no_other_guess(text: str) -> None:
    assert not is_missed(text)


def test_a_wish_beside_a_yes_is_heard() -> None:
    session, cards, _ = asked(told_of("Alien"), "yes, and now a western please")
    assert session.now.filters.genres_in == {"Western"}
    assert cards
    # "yes! anything by the same director?" was answered with the film's name alone.
    session, _, _ = asked(told_of("Alien"), "yes! anything by the same director?")
    assert session.now.filters.people == CATALOGUE[AT["Alien"]].directors


def test_what_is_told_of_a_film_says_nothing_against_it() -> None:
    """ "that one where a girl does terrible things" was a dislike."""
    said = READER.read("i keep thinking of that one with the xenomorph and its terrible teeth. wow")
    assert said.disliked == ()
