"""Taking back what was said, and having what was shown another way."""

import numpy as np
import pytest

from app.answering import in_words
from app.engine import Engine
from app.session import Filters, Session, State
from app.session_json import from_json, to_json
from app.titles import TitleIndex
from app.understanding import Understanding
from data.catalogue import Catalogue, Item
from tests.app.test_asking import AT, CATALOGUE, read
from tests.app.test_engine import ask


@pytest.mark.parametrize(
    ("text", "genres", "joint"),
    [
        ("action comedies", {"Action", "Comedy"}, True),  # brought comedies without action
        ("a sci-fi horror film", {"Sci-Fi", "Horror"}, True),
        ("a comedy with some romance", {"Comedy", "Romance"}, True),
        ("a mix of comedy and horror", {"Comedy", "Horror"}, True),
        ("a romantic comedy", {"Comedy", "Romance"}, True),
        ("a comedy for the kids", {"Comedy", "Children's"}, True),
        ("comedy or horror", {"Comedy", "Horror"}, False),
        ("a romantic comedy or a western", {"Comedy", "Romance", "Western"}, False),
        ("she likes romance, I like action", {"Romance", "Action"}, False),
    ],
)
def test_two_genres_side_by_side_are_wanted_in_one_film(
    text: str, genres: set[str], joint: bool
) -> None:
    said = read(text, (), None)
    assert (said.genres_in, said.genres_joint) == (genres, joint)
    films = [film for film in CATALOGUE if Filters().updated(said).allow(film)]
    for film in films:
        assert genres <= {*film.genres} if joint else genres & {*film.genres}


def test_joint_genres_are_given_up_when_no_film_has_both(engine: Engine, session: Session) -> None:
    text, cards = ask(engine, session, "a western musical")
    assert "no more films that are Musical and Western at once" in text
    assert {AT["Unforgiven"], AT["Grease"]} & {*cards}
    assert not session.now.filters.genres_joint


def test_one_of_two_joint_genres_may_be_dropped() -> None:
    both = Filters(genres_in=frozenset({"Action", "Comedy"}), genres_joint=True)
    assert both.without("Action").genres_in == {"Comedy"}
    assert in_words(both) == "Action and Comedy films"
    kept = Filters(
        genres_in=frozenset({"Comedy"}), genres_out=frozenset({"Romance"}), year_min=1994,
        year_max=1994, people=("Jim Carrey",), people_out=("Jeff Daniels",), newer_than=1993,
    )  # fmt: skip
    assert in_words(kept) == (
        "Comedy films with Jim Carrey from 1994, newer than 1993, not filed under Romance, "
        "without Jeff Daniels"
    )
    assert in_words(Filters(genres_out=frozenset({"War"}))) == "films not filed under War"
    state = State(filters=both)
    assert from_json(to_json(state, CATALOGUE), CATALOGUE) == state
    # A genre asked for anew stands alone.
    again = both.updated(Understanding("recommend", genres_in=frozenset({"War"})))
    assert again.genres_in == {"War"} and not again.genres_joint


@pytest.mark.parametrize(
    "text",
    ["forget that I hated Heat", "Forget I said I loved Heat", "remove Heat from my favourites"],
)
def test_a_feeling_is_taken_back(engine: Engine, session: Session, text: str) -> None:
    """ "Forget that I hated Titanic" started over and disliked it once more."""
    session.now = State(likes=(AT["Alien"],), dislikes=(AT["Heat"],))
    session.toggle("like", AT["Seven"])
    said, _ = ask(engine, session, text)
    assert "counts neither for nor against" in said
    assert (session.now.likes, session.now.dislikes) == ((AT["Alien"], AT["Seven"]), ())


def test_the_last_message_is_taken_back(engine: Engine, session: Session) -> None:
    ask(engine, session, "I love Alien")
    ask(engine, session, "I hated Heat")
    text, cards = ask(engine, session, "actually forget that")
    assert "I hated Heat" in text and not cards
    assert (session.now.likes, session.now.dislikes) == ((AT["Alien"],), ())
    assert len(session.past) == 3  # the button undoes this one, too
    session.undo()
    assert session.now.dislikes == (AT["Heat"],)
    # After a wish it means the wishes, as ever.
    ask(engine, session, "a comedy")
    ask(engine, session, "forget that")
    assert not session.now.filters.genres_in and session.now.dislikes == (AT["Heat"],)
    ask(engine, Session(), "undo")  # nothing was said yet


def test_one_card_of_three_is_swapped(engine: Engine, session: Session) -> None:
    ask(engine, session, "some crime films")
    before = session.now.cards
    _, cards = ask(engine, session, "swap the second one")
    assert len(cards) == 1 and cards[0] not in before
    assert session.now.cards == (before[0], cards[0], before[2])


@pytest.mark.parametrize("text", ["sort them by year", "put them in order of release date"])
def test_films_shown_are_sorted(engine: Engine, session: Session, text: str) -> None:
    ask(engine, session, "some crime films")
    said, cards = ask(engine, session, text)
    shown = [CATALOGUE[film] for film in session.now.cards]
    in_time = sorted(shown, key=lambda film: -(film.year or 0))
    places = [said.index(f"{film.title} ({film.year})") for film in in_time]
    assert places == sorted(places) and not cards
    assert session.now.cards[0] == AT[in_time[0].title]  # "the first one" from now on


def test_all_but_one_were_seen(engine: Engine, session: Session) -> None:
    """Only the third was taken as seen."""
    assert read("I've seen all of them except the third", (3, 4, 5), 3).seen == (3, 4)
    assert read("seen all but the first one", (3, 4, 5), 3).seen == (4, 5)
    assert read("I've seen all of them", (3, 4, 5), 3).seen == (3, 4, 5)


def test_a_genre_alone_is_asked_for() -> None:
    """ "Animated?" told of the first film."""
    said = read("animated?", (3, 4, 5), 3)
    assert said.intent != "ask_about" and said.genres_in == {"Animation"}


def test_another_superlative_is_asked_of_the_same_films() -> None:
    said = read("and the funniest?", (3, 4, 5), 3)
    assert (said.intent, said.superlative) == ("compare", ("funny", False))
    assert read("which is the worst?", (3, 4, 5), 3).superlative == ("acclaimed", True)


def test_a_genre_may_be_wanted_beside_the_one_before(engine: Engine, session: Session) -> None:
    """ "Is there one with romance too?" after comedies asked for romance alone."""
    ask(engine, session, "a comedy please")
    _, cards = ask(engine, session, "is there one with romance too?")
    assert session.now.filters.genres_in == {"Comedy", "Romance"}
    assert cards and all({"Comedy", "Romance"} <= {*CATALOGUE[card].genres} for card in cards)
    ask(engine, session, "I like westerns")
    assert session.now.filters.genres_in == {"Western"}


def test_just_one_of_two_is_wanted(engine: Engine, session: Session) -> None:
    """ "Just robots then" went on looking for robots and rain."""
    for text, wish in (("robots and rain", "robots and rain"), ("just robots then", "robots")):
        ask(engine, session, text)
        assert session.now.wish == wish


def test_well_known_takes_the_place_of_little_known(engine: Engine, session: Session) -> None:
    for text, wish in (("something obscure", "obscure"), ("more well known", "famous")):
        ask(engine, session, text)
        assert session.now.wish == wish


def test_a_wish_to_be_remembered_is_answered(engine: Engine, session: Session) -> None:
    text, cards = ask(engine, session, "can you save my favourites?")
    assert "kept with this conversation" in text and not cards
    text, _ = ask(engine, session, "can you remember that for next time?")
    assert "kept with this conversation" in text
    for told in ("can you keep it light", "could you remember that I hated Heat"):
        text, cards = ask(engine, session, told)
        assert "kept with this" not in text and cards, told
    assert session.now.dislikes == (AT["Heat"],)


def test_a_nation_is_no_telling_word_of_a_title() -> None:
    """ "English language only" was taken for The English Patient."""
    films = [Item(id="1", title="The English Patient", year=1996, genres=("Drama",))]
    catalogue = Catalogue("nations", films)
    titles = TitleIndex(catalogue, np.ones(1, dtype=np.float32))
    assert titles.shown("english language only", [], [0]) == []
    assert [m.item for m in titles.shown("the patient one", [], [0])] == [0]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("my parents are in their 70s", (None, None)),  # films of the seventies
        ("I was born in 1995", (None, None)),
        ("films from the 70s", (1970, 1979)),
    ],
)
def test_the_years_of_a_life_are_no_wish(text: str, years: tuple[int | None, int | None]) -> None:
    said = read(text, (), None)
    assert (said.year_min, said.year_max) == years


@pytest.mark.parametrize(
    ("text", "wish", "avoid"),
    [
        ("show me some oscar winners", "picture winner", ""),  # brought Oscar Wilde
        ("english language only", "", "foreign"),
        ("not the obvious ones", "lesser-known", ""),
        ("films everyone should see before they die", "acclaimed", ""),
        ("tell me what i should watch", "", ""),
        ("dunno", "", ""),
        ("meh", "", ""),
    ],
)
def test_wishes_in_the_catalogue_s_words(text: str, wish: str, avoid: str) -> None:
    said = read(text, (), None)
    assert (said.wish, said.avoid) == (wish, avoid)


def test_a_prize_is_known_where_it_is_the_best_picture() -> None:
    assert read("which movie won the oscar in 1994", (), None).unknowable == ()
    assert read("did it win an oscar?", (3,), 3).unknowable


def test_people_of_a_film_who_made_no_other_are_not_insisted_on(
    engine: Engine, session: Session
) -> None:
    """The filter stayed, and no film was left for good."""
    ask(engine, session, "who directed Unforgiven?")
    text, cards = ask(engine, session, "anything else by him?")
    assert AT["Unforgiven"] not in cards  # it is what was asked about
    assert "Clint Eastwood" in text and cards
    assert not session.now.filters.people


def test_a_film_for_a_child_is_said_not_to_be_one(engine: Engine, session: Session) -> None:
    ask(engine, session, "something for my 6 year old")
    text, _ = ask(engine, session, "what about Alien for her?")
    assert "not filed under Children's" in text
