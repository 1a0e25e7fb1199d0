"""What is asked of films and of the catalogue, answered from its rows."""

import dataclasses

import pytest

from app.engine import Engine
from app.session import Session, State
from data.catalogue import Catalogue
from tests.app import fakes
from tests.app.test_asking import AT, CARDS, CATALOGUE, read
from tests.app.test_engine import ask

MIXED = (AT["Alien"], AT["Toy Story"], AT["Fargo"])


@pytest.mark.parametrize(
    ("text", "opening"),
    [
        ("is annie hall funny?", "Yes: "),  # as it is a comedy
        ("is heat gory?", "Nothing here calls it gory: "),
        ("is alien too scary?", "Yes: "),
        ("is contact good?", "Contact"),
    ],
)
def test_a_quality_asked_for_is_told_yes_or_no(engine: Engine, text: str, opening: str) -> None:
    assert ask(engine, Session(), text)[0].startswith(opening)


def test_prizes_are_told_of_what_was_shown(engine: Engine) -> None:
    """ "Which of them won best picture?" was answered with the highest rating."""
    films = [*CATALOGUE]
    films[CARDS[2]] = dataclasses.replace(films[CARDS[2]], tags=("best picture winner",))
    prized = Engine(dataclasses.replace(fakes.parts(), catalogue=Catalogue("prized", films)))
    for question in ("which of them won best picture?", "which won an oscar?"):
        session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
        told = "Casablanca (1942) is tagged best picture winner."
        assert ask(prized, session, question) == (told, [])
        session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
        answer, cards = ask(engine, session, question)
        assert "what a film won" in answer
        assert not cards


def test_whether_she_is_in_it_is_asked_of_whoever_was_asked_for(engine: Engine) -> None:
    """ "Is she in Top Gun?" told the story of Top Gun."""
    session = Session()
    ask(engine, session, "something by hitchcock")
    assert ask(engine, session, "is he in Alien?")[0].startswith("No, Alien (1979) has no Alfred")
    assert ask(engine, session, "was he in Psycho?")[0].startswith("Yes: Psycho")
    assert ask(engine, Session(), "is she in Alien?")[0].startswith("Alien (1979)")


def test_who_played_is_asked_of_the_film_talked_about(engine: Engine) -> None:
    session = Session(State(cards=MIXED, focus=MIXED[0], shown=MIXED))
    told, cards = ask(engine, session, "who played the psychic?")  # found films of psychics
    assert told.startswith("Alien (1979) was directed by Ridley Scott")
    assert not cards


def test_what_two_films_share_are_people_too(engine: Engine) -> None:
    session = Session(State(cards=(AT["Alien"], AT["Blade Runner"])))
    told, _ = ask(engine, session, "who is in both?")  # told of the first one
    assert "Both are filed under Sci-Fi and by Ridley Scott." in told


def test_how_many_is_that_counts_what_is_asked_for(engine: Engine, session: Session) -> None:
    ask(engine, session, "something by hitchcock")
    told, cards = ask(engine, session, "how many is that?")  # told the story of the first one
    assert told == f"1 of the {len(CATALOGUE)} films here: films with Alfred Hitchcock."
    assert not cards


def test_would_you_say_it_is_a_comedy_is_a_question() -> None:
    said = read("would you say Fargo is a comedy?", (), None)
    assert said.intent == "ask_about"
    assert not said.genres_in


def test_what_kinds_there_are_is_told(engine: Engine, session: Session) -> None:
    """It was a wish for films of kinds."""
    told, cards = ask(engine, session, "Hello, what kinds of movies do you have?")
    assert told.startswith("36 films, from 1942 to 1998: ")
    assert "Sci-Fi (11)" in told
    assert not cards
    assert ask(engine, session, "what kind of movie would my kids like?")[1]


def test_their_best_is_one_of_theirs_that_was_shown_or_not(engine: Engine) -> None:
    """ "His best" was the best of all films when his were shown."""
    session = Session()
    ask(engine, session, "something by kubrick")
    told, cards = ask(engine, session, "his best?")
    assert "2001" in told or "Shining" in told
    assert not cards
    worst, _ = ask(engine, session, "and his worst")
    assert worst != told
    assert "Shining" in worst
    assert "Shining" in ask(engine, session, "which of his should I avoid?")[0]


def test_whether_people_like_a_film_is_no_liking(engine: Engine, session: Session) -> None:
    """ "Do people like Heat?" liked it, and "why not?" said that it is by who made it."""
    ask(engine, session, "do people like Heat?")
    assert session.now.likes == ()
    ask(engine, session, "I love Heat")
    told, _ = ask(engine, session, "why Heat?")
    assert "too" not in told
    assert "again" not in told


def test_what_really_happened_is_tagged_so(engine: Engine, session: Session) -> None:
    ask(engine, session, "do you know Apollo 13?")
    assert "is tagged true story" in ask(engine, session, "was it real?")[0]
    ask(engine, session, "do you know Heat?")
    assert "nothing in the catalogue says so" in ask(engine, session, "is it true?")[0]


def test_women_who_direct_are_in_no_row(engine: Engine, session: Session) -> None:
    """ "Are there films by women" was told hello."""
    assert "which directors are women" in ask(engine, session, "are there films by women")[0]
