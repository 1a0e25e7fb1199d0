"""Series of films in messages and answers."""

from dataclasses import replace

import numpy as np
import pytest

from app.engine import Engine
from app.frames import Voice
from app.reader import Reader
from app.series import series
from app.session import Filters, Session
from app.titles import TitleIndex
from data.catalogue import Catalogue, Item
from tests.app import fakes
from tests.app.test_asking import AT, CATALOGUE, read
from tests.app.test_engine import ask

SERIES = [
    Item(str(at), title, year)
    for at, (title, year) in enumerate(
        [("Speed", 1994), ("Speed 2: Cruise Control", 1997), ("Star Trek: Generations", 1994),
         ("Star Trek: First Contact", 1996), ("Speedway Blues", 1990), ("Heat", 1995)]
    )
]  # fmt: skip


def test_a_sequel_is_no_ranking_to_be_explained(engine: Engine, session: Session) -> None:
    """The presenter's panel would have shown the candidates of the message before."""
    list(engine.reply(session, "sci-fi please"))
    assert session.now.asked is not None
    list(engine.reply(session, "what's the difference between Psycho and Grease?"))
    assert session.now.asked is None


@pytest.mark.parametrize(
    ("text", "films", "others"),
    [
        ("is there a sequel to Speed?", (0, 1), True),  # looked for films tagged sequel
        ("I have seen all the Star Trek films", (2, 3), False),  # one was off the list
        ("which Star Trek movie is the best?", (2, 3), False),
        ("more Star Trek please", (2, 3), True),
        ("is there a sequel to Heat?", (), True),
        ("other movies like Speed", (), False),
        ("no more Star Trek please", (), False),
        ("more Heat please", (), False),
        ("I liked Speed", (), False),
    ],
)
def test_series(text: str, films: tuple[int, ...], others: bool) -> None:
    catalogue = Catalogue("made", SERIES)
    said = Reader(catalogue, TitleIndex(catalogue, np.ones(6, np.float32))).read(text)
    assert (said.series, said.others) == (films, others)
    assert ({*said.seen} == {2, 3}) == ("seen all" in text)
    assert not (said.superlative and said.liked)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("which star trek movies do you have", True),  # was a wish for films tagged star trek
        ("all the Star Trek films", True),
        ("Speed movies please", True),  # liked Speed, and showed nothing
        ("do you have the star trek films in order?", True),
        ("other movies like Speed", False),
        ("I have seen all the Star Trek films", False),
        ("which Star Trek movie is the best?", False),
    ],
)
def test_a_series_is_asked_for(text: str, asked: bool) -> None:
    films = [*SERIES, Item("6", "Star Trek: Insurrection", 1998, tags=("star trek",))]
    catalogue = Catalogue("made", films)
    said = Reader(catalogue, TitleIndex(catalogue, np.ones(7, np.float32))).read(text)
    assert said.listed == asked
    assert not (asked and (said.liked or said.wish))


def test_all_films_of_a_series_are_listed(engine: Engine, session: Session) -> None:
    told, cards = ask(engine, session, "the alien movies please")
    assert cards == [AT["Alien"], AT["Aliens"]]
    assert "Here you are" in told or "For you" in told or told.startswith("Then ")
    assert session.now.likes == ()
    assert "Aliens" in ask(engine, session, "which is the newest?")[0]


def test_several_films_are_asked_for_by_name(engine: Engine, session: Session) -> None:
    """ "Do you have Heat, Fargo and Psycho?" liked all three, and brought others."""
    _, cards = ask(engine, session, "do you have Heat, Fargo and Psycho?")
    assert cards == [AT["Heat"], AT["Fargo"], AT["Psycho"]]
    assert session.now.likes == ()
    assert not read("I have seen Heat, Fargo and Psycho").listed


def test_sequels_are_those_of_the_film_talked_about(engine: Engine, session: Session) -> None:
    """ "Are there sequels?" found films tagged sequel, and with a name told that film's story."""
    ask(engine, session, "do you know Alien?")
    _, cards = ask(engine, session, "are there any sequels?")
    assert cards == [AT["Aliens"]]
    assert ask(engine, Session(), "are there sequels to Alien?")[1] == [AT["Aliens"]]
    ask(engine, session, "do you know Heat?")
    told, cards = ask(engine, session, "any sequels?")
    assert told == "I have no other film of the series of Heat (1995) to offer."
    assert not cards
    assert ask(engine, Session(), "any sequels?")[1]


def test_films_of_a_series_are_shown(engine: Engine, session: Session) -> None:
    assert "no other film of the series" in ask(engine, session, "is there a sequel to Fargo?")[0]


def test_a_series_is_not_shown_against_what_was_said() -> None:
    parts = replace(fakes.parts(), catalogue=CATALOGUE)
    engine, session = Engine(parts), Session()
    wanted = replace(read("is there a sequel to Alien?", (), None), named=(AT["Alien"],))
    wanted = replace(wanted, series=(AT["Alien"], AT["Aliens"]), others=True)
    _, after = engine._turns._others_of(wanted, session.now, Voice(0))
    assert after.cards == (AT["Aliens"],)
    barred = replace(session.now, filters=Filters(genres_out=frozenset({"War"})))
    assert engine._turns._others_of(wanted, barred, Voice(0))[1].cards == ()


def test_the_series_is_that_of_the_film_last_talked_about() -> None:
    assert set(series(CATALOGUE, "the worst of the series", (), AT["Alien"])) == {
        AT["Alien"],
        AT["Aliens"],
    }
    assert series(CATALOGUE, "the worst of the series", (), AT["Heat"]) == ()
    assert series(CATALOGUE, "the worst of them", (), AT["Alien"]) == ()


def test_the_first_of_a_long_series_refuses_all_of_it() -> None:
    """Regression: after "not Batman" Batman Returns came. One that was hated is one."""
    titles = ("Batman", "Batman Returns", "Batman Forever", "Speed", "Speed 2: Cruise Control")
    catalogue = Catalogue("long", [Item(str(at), title) for at, title in enumerate(titles)])
    reader = Reader(catalogue, TitleIndex(catalogue, np.arange(9, 4, -1, dtype=np.float32)))
    assert {*reader.read("not Batman please").disliked} == {0, 1, 2}
    assert {*reader.read("I hated Batman").disliked} == {0}
    assert {*reader.read("not Speed please").disliked} == {3}
