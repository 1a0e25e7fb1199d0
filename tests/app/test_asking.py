"""Plain questions that were answered with something else, found by talking to the chat."""

import dataclasses

import numpy as np
import pytest

from app.answering import in_words
from app.engine import Engine
from app.orders import ACCLAIM, superlative
from app.portions import count_of
from app.reader import Reader
from app.session import Filters, Session, State
from app.session_json import from_json, to_json
from app.titles import TitleIndex
from app.understanding import Understanding
from app.wishes import kindred, wish_of
from cf.popularity import mean_ratings
from data.catalogue import Catalogue, Item
from data.interactions import Interactions
from tests.app import fakes
from tests.app.test_engine import ask

CATALOGUE = fakes.catalogue()
READER = Reader(
    CATALOGUE, TitleIndex(CATALOGUE, np.linspace(200, 20, len(CATALOGUE), dtype=np.float32))
)
AT = {item.title: index for index, item in enumerate(CATALOGUE)}
CARDS = (AT["Aliens"], AT["Contact"], AT["Casablanca"])


def read(text: str, cards: tuple[int, ...] = CARDS, focus: int | None = None) -> Understanding:
    return READER.read(text, cards, focus, cards)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("recommend me 5 movies like this", 5),  # got three
        ("top 10 of all time", 10),
        ("my top 5: Heat and Fargo", None),  # five films came
        ("three of us hate musicals, two cannot bear westerns", None),  # two films came
        ("two black comedies", 2),
        ("a double feature", 2),  # found films tagged "double date"
        ("triple bill please", 3),
        ("world war 2 movies", None),  # two films came, about a "world"
        ("give me two more", 2),
        ("seven good films please", 7),
        ("just one film please", 1),
        ("10 of them", 10),
        ("ok and 1 comedy", 1),
        ("one more please", 1),
        ("one more thing", None),
        ("show me 50 movies", 10),
        ("a film for two", None),
        ("the first two films sound good", None),
        ("one film I liked was slow", None),
        ("something from 1995", None),
    ],
)
def test_how_many_films_are_asked_for(text: str, count: int | None) -> None:
    assert count_of(text) == count


def test_as_many_films_come_as_were_asked_for(engine: Engine, session: Session) -> None:
    text, cards = ask(engine, session, "recommend me 5 movies in space")
    assert len(cards) == len({*cards}) == 5
    sentences = [line for line in text.split("\n") if line.strip()]
    assert len({sentence.split("(")[0] for sentence in sentences}) > 3  # worded differently
    assert len(ask(engine, session, "just one film like that")[1]) == 1
    assert len(ask(engine, session, "more")[1]) == 3


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("the first one sounds good, tell me more", "ask_about"),  # showed other films
        ("what's the difference between the first two?", "compare"),  # was no talk of films
        ("how do they compare?", "compare"),
        ("top 5", "recommend"),  # was greeted
        ("ok the last one looks nice, why that one?", "ask_about"),  # showed others
        ("with Bruce Willis?", "recommend"),  # was told that the first film has no Bruce Willis
        ("great choice", "feedback"),  # showed others
        ("by how many people", "ask_about"),
        ("do u have heat", "ask_about"),  # liked it
        ("can u tell me the ending of heat", "ask_about"),
        ("more recent?", "critique"),  # was no film of this catalogue
        ("who was the lead in Heat", "ask_about"),
        ("do you watch movies", "help"),
        ("I need to pick between Heat and Fargo", "compare"),  # liked both
        ("the cast of the first", "ask_about"),  # found films of a brat pack cast
        ("the most popular?", "compare"),  # told the story of the first one
        ("is the second as good as the first", "compare"),
        ("I feel like crying", "recommend"),  # said that it was best at films
        ("why do you keep recommending Heat?", "ask_about"),  # liked it, and recommended more
        ("give me the plot of Heat", "ask_about"),
        ("is it better than Heat", "compare"),
        ("is The Lion King good for a 5 year old?", "ask_about"),
        ("explain why", "ask_about"),  # brought films of which nothing was known
        ("worst movie ever?", "recommend"),  # told the story of the last film
        ("thank you dear", "chitchat"),  # looked for "dear"
        ("thanks for your help, mate", "chitchat"),
    ],
)
def test_what_a_message_is_for(text: str, intent: str) -> None:
    assert read(text).intent == intent


def test_it_is_the_film_last_talked_about(engine: Engine, session: Session) -> None:
    """Regression: after a question about a film by name "it" was still the first card."""
    ask(engine, session, "something in space")
    text, _ = ask(engine, session, "who directed Heat?")
    assert "Michael Mann" in text
    assert "Heat" in ask(engine, session, "ok I'll watch it. bye!")[0]
    ask(engine, session, "add it to my likes")
    assert session.now.likes == (AT["Heat"],)


def test_who_is_in_it_is_told(engine: Engine, session: Session) -> None:
    ask(engine, session, "something in space")
    text, _ = ask(engine, session, "ooh the second one. who's in it?")
    assert "directed by" in text


def test_all_of_these_may_be_seen() -> None:
    assert set(read("seen all of these").seen) == {*CARDS}
    assert not read("all of these sound good").seen


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("which is the funniest?", ("funny", False)),
        ("which one is the most romantic?", ("romantic", False)),
        ("what's the least scary of them?", ("scary", True)),
        ("which is the oldest", ("old", False)),
        ("the most popular?", ("popular", False)),
        ("and the least romantic one?", ("romantic", True)),
        ("which of the Godfather films should I skip?", (ACCLAIM, True)),
        ("which is the best?", (ACCLAIM, False)),
        ("the funniest film I know", None),
        ("which of these is set in the forest?", None),  # no film is the most "for"
        ("which is the earliest?", ("early", False)),
    ],
)
def test_which_of_several(text: str, asked: tuple[str, bool] | None) -> None:
    assert superlative(text) == asked


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("which is the oldest?", "Casablanca"),
        ("which is the newest?", "Contact"),
        ("which is the most romantic?", "Casablanca"),
        ("which is the most tense?", "Aliens"),
    ],
)
def test_the_one_that_has_most_of_it_is_named(engine: Engine, question: str, title: str) -> None:
    """Regression: two of three were told at length, and taste decided."""
    session = Session(now=State(cards=CARDS, shown=CARDS, focus=CARDS[0]))
    text, cards = ask(engine, session, question)
    others = {CATALOGUE[card].title for card in CARDS} - {title}
    assert title in text and not any(f"{other} (" in text for other in others) and not cards
    assert session.now.focus == AT[title]


def test_what_is_left_out_is_no_wish(engine: Engine, session: Session) -> None:
    assert wish_of("besides the sequels") == ("", "sequels")  # found sequels
    assert wish_of("other than gangsters") == ("", "mafia gangsters")
    assert wish_of("not so violent") == ("", "violent")
    assert wish_of("surprise me") == wish_of("you choose") == ("", "")  # found surprising ones
    assert wish_of("time travel please") == ("time travel", "")  # "time" was small talk
    assert wish_of("a film with a twist ending like ____") == ("twist ending", "")  # was lost
    assert wish_of("she's scared of witches") == ("", "witches")  # showed a film of witches
    assert wish_of("I don't want anything too cheesy") == ("", "cheesy")  # found cheesy ones
    assert wish_of("never mind. not sure what I want") == ("", "")
    assert wish_of("something weirder, less scarier") == ("weird", "scary")
    assert wish_of("we've seen all the Disney ones") == ("", "Disney")  # more of Disney's
    ask(engine, session, "like Star Wars")
    _, cards = ask(engine, session, "besides the sequels")
    assert all("sequel" not in CATALOGUE[card].tags for card in cards)


def test_who_wants_no_violence_wants_no_gore(engine: Engine) -> None:
    assert {"gory", "slasher", "violent"} <= {*kindred("violent").split(", ")}
    assert kindred("robots") == "robots"
    kept = engine.chooser.sources.aversion("violence")
    assert kept[AT["Scream"]] == kept.min() < 0.5  # a slasher
    assert kept[AT["Grease"]] == 1
    before = engine.chooser.ranked(State()).items.index(AT["Scream"])
    assert engine.chooser.ranked(State(avoid="violence")).items.index(AT["Scream"]) > before


def test_films_of_the_kind_come_before_better_known_ones(engine: Engine) -> None:
    """Regression: a film that everybody watches came first whatever it was about."""
    wished = engine.chooser.ranked(State(wish="robots")).items
    robots = [i for i, film in enumerate(CATALOGUE) if "robots" in film.tags]
    assert {*wished[: len(robots)]} == {*robots}


def test_somebody_like_them_is_somebody_else(engine: Engine, session: Session) -> None:
    """Regression: "someone like him" was him again, and a dead end when he had no film left."""
    ask(engine, session, "films by Ridley Scott")
    text, cards = ask(engine, session, "someone like him")
    assert cards and not session.now.filters.people
    assert text and not {AT["Alien"], AT["Blade Runner"]} & {*cards}


def test_two_who_made_nothing_together_are_wanted_apart(engine: Engine, session: Session) -> None:
    """ "With A and B" are films with both; where there is none, it is said."""
    told, cards = ask(engine, session, "something with ridley scott and stanley kubrick")
    assert "Ridley Scott and Stanley Kubrick" in told.split(".")[0]
    assert len(cards) == 3
    assert not session.now.filters.together


def test_two_may_be_wanted_in_one_film() -> None:
    """Regression: "both Pacino and De Niro" were films with either."""
    films = [
        Item("1", "Heat", 1995, cast=("Al Pacino", "Robert De Niro")),
        Item("2", "Serpico", 1973, cast=("Al Pacino",)),
        Item("3", "GoodFellas", 1990, cast=("Robert De Niro", "Joe Pesci")),
    ]
    catalogue = Catalogue("few", films)
    reader = Reader(catalogue, TitleIndex(catalogue, np.ones(3, dtype=np.float32)))

    def after(*messages: str) -> list[str]:
        filters = Filters()
        for message in messages:
            filters = filters.updated(reader.read(message))
        return [film.title for film in films if filters.allow(film)]

    assert after("with both Al Pacino and Robert De Niro") == ["Heat"]
    assert after("with Al Pacino and Robert De Niro") == ["Heat"]
    assert after("with Al Pacino or Robert De Niro") == ["Heat", "Serpico", "GoodFellas"]
    assert after("films with De Niro", "with Joe Pesci as well") == ["GoodFellas"]
    assert after("with both Al Pacino and Robert De Niro", "only De Niro films") == [
        "Heat",
        "GoodFellas",
    ]
    held = Filters(people=("Al Pacino", "Robert De Niro"), together=True)
    assert from_json(to_json(State(filters=held), catalogue), catalogue).filters == held
    assert in_words(held) == "films with Al Pacino and Robert De Niro"


def test_a_film_asked_about_is_told_and_not_gone_by() -> None:
    assert read("what about Heat?").intent == "ask_about"
    assert read("is there one on jazz?").intent != "ask_about"
    assert read("is it long or is there a shorter one").intent == "ask_about"
    assert read("something completely different").intent == "reset"
    assert read("my kids are 6 and 9, what can we watch?").genres_in == {"Children's"}


def test_somebody_s_last_film_is_no_dead_end(engine: Engine, session: Session) -> None:
    """Regression: "more" after the last film of a director was a wall."""
    ask(engine, session, "films by Ridley Scott")
    text, cards = ask(engine, session, "a funny one")
    assert "Ridley Scott" in text and cards and not session.now.filters.people
    # What is shown behind the answer is ranked as the answer was.
    asked = session.now.asked
    assert asked is not None and {AT["Alien"], AT["Blade Runner"]} & {*asked.named}
    assert engine.recommend(asked.state, 3, named=asked.named) == cards
    # Who is asked for in so many words is not dropped in silence.
    session = Session(now=State(likes=(AT["Alien"],), seen=(AT["Blade Runner"],)))
    text, cards = ask(engine, session, "films by Ridley Scott")
    assert not cards and "drop Ridley Scott" in text


def test_what_is_asked_is_no_liking() -> None:
    assert not read("the third one, is it good?").liked
    assert read("the third one was good").liked == (AT["Casablanca"],)
    said = READER.read("what would you recommend if I love it?", (), AT["Heat"], ())
    assert said.liked == (AT["Heat"],)


def test_in_somebody_s_style_is_not_by_them(engine: Engine, session: Session) -> None:
    """Regression: "like a Hitchcock film" was a film by him."""
    said = read("something like a Hitchcock film", ())
    assert (said.people, said.people_alike) == ((), ("Alfred Hitchcock",))
    assert read("I like Alfred Hitchcock", ()).people == ("Alfred Hitchcock",)
    _, cards = ask(engine, session, "something like a Hitchcock film")
    assert cards and AT["Psycho"] not in cards and not session.now.filters.people


def test_titles_in_a_list_are_titles_when_they_are_written_as_such() -> None:
    """Regression: "Mean Girls" beside a known film was a wish for mean girls."""
    said = read("I loved Heat, Lost Dreams and Dark Space.", ())
    assert [title.text for title in said.unknown] == ["Lost Dreams", "Dark Space"]
    assert not read("I loved Heat, dark space and old friends.", ()).unknown


def test_questions_about_a_film_s_kind_and_age(engine: Engine, session: Session) -> None:
    assert (
        "filed under Action, Crime and Thriller" in ask(engine, session, "what genre is Heat?")[0]
    )
    assert "is from 1995" in ask(engine, session, "When did Heat come out?")[0]
    assert read("is Toy Story ok for a 3 year old?", ()).intent == "ask_about"
    assert wish_of("not a fan of subtitles") == ("", "foreign")
    assert wish_of("give me a good cry")[0].startswith("tearjerker")
    assert wish_of("I want to be scared") == ("scary, terrifying", "")
    assert read("good movies", ()).intent == "recommend"  # was greeted


def test_an_opinion_asked_for_is_no_liking() -> None:
    said = read("do you like Heat?")
    assert (said.intent, said.liked) == ("ask_about", ())
    assert read("I like Heat").liked == (AT["Heat"],)


def test_kinds_that_go_by_another_name() -> None:
    assert wish_of("black          ") == ("darkly funny", "")  # beside "comedies", blanked
    assert wish_of("movies based on books")[0].startswith("novel adaptation")
    assert wish_of("something for on a plane") == ("", "")  # found hijackings
    assert wish_of("the scariest you have") == ("scary", "")


@pytest.mark.parametrize(
    "text",
    [
        "Quiero una película de terror",  # "terror" and "de" are in the catalogue's texts
        "je voudrais un film avec des robots",
        "ich suche einen Film mit Robotern",
    ],
)
def test_neighbouring_languages_are_noticed(text: str) -> None:
    assert read(text).foreign


def test_english_with_a_foreign_name_is_english() -> None:
    assert not read("Something like La Vita e Bella or Como agua para chocolate").foreign


def test_the_best_are_those_that_viewers_rate_high() -> None:
    parts = fakes.parts()
    ratings = np.full(len(CATALOGUE), 3, dtype=np.float32)
    ratings[[AT["Bound"], AT["Grease"]]] = 5
    engine = Engine(dataclasses.replace(parts, ratings=ratings))
    session = Session()
    text, cards = ask(engine, session, "the best films")
    assert session.now.wish == ACCLAIM
    assert {AT["Bound"], AT["Grease"]} <= {*cards} and "5.0 of 5" in text
    assert AT["Bound"] not in ask(Engine(parts), Session(), "the best films")[1]
    _, cards = ask(engine, Session(), "the best films about robots")
    assert all("robots" in CATALOGUE[card].tags for card in cards)
    # One rating says less than many.
    few = dataclasses.replace(engine.parts, popularity=np.eye(len(CATALOGUE), dtype=np.float32)[0])
    acclaim = Engine(few).chooser.sources.acclaim
    assert acclaim is not None and acclaim.max() - acclaim.min() < 0.2


def test_ratings_are_averaged() -> None:
    films = Catalogue("few", [Item(str(id), f"F{id}", 1990) for id in range(3)])
    chosen = Interactions.from_columns(
        ["a", "b", "a"], ["0", "0", "1"], [1, 2, 3], [5, 2, 5], films
    )
    found = mean_ratings(chosen)
    assert found is not None
    np.testing.assert_allclose(found, [3.5, 5, 4])
    assert mean_ratings(dataclasses.replace(chosen, ratings=None)) is None
