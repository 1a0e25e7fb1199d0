"""What is said of the films on screen: which to take, who made one, why, another in its place."""

import pytest

from app.engine import Engine
from app.orders import ACCLAIM, NEWEST, PANNED
from app.session import Session, State
from app.wishes import spoken
from tests.app.test_asking import AT, CATALOGUE, read
from tests.app.test_engine import ask


@pytest.mark.parametrize("text", ["which of those would you pick and why", "pick one, tell me why"])
def test_one_is_chosen_with_its_reason(engine: Engine, session: Session, text: str) -> None:
    """ "And why" made it a new request, which brought three others."""
    _, cards = ask(engine, session, "a heist film")
    told, more = ask(engine, session, text)
    assert not more
    assert str(CATALOGUE[cards[0]].title) in told


@pytest.mark.parametrize("text", ["who's the director of the first one?", "who is its director"])
def test_who_directed_a_card_keeps_to_nobody(engine: Engine, session: Session, text: str) -> None:
    """ "The director of the first one" was whose films alone were wanted."""
    _, cards = ask(engine, session, "a heist film")
    told, more = ask(engine, session, text)
    assert CATALOGUE[cards[0]].directors[0] in told
    assert not more and not session.now.filters.people


def test_an_outcry_is_no_question_about_a_film(engine: Engine, session: Session) -> None:
    """ "Only one? Something with robots then" told about the one that was shown."""
    ask(engine, session, "a heist film")
    told, cards = ask(engine, session, "only one? something with robots then")
    assert cards and "robots" in told


def test_what_fits_and_was_shown_is_named_again(engine: Engine, session: Session) -> None:
    """Regression: "No film is left that fits all of that", of what had just been shown."""
    _, cards = ask(engine, session, "a western")
    told, none = ask(engine, session, "any westerns?")
    assert "Western" in CATALOGUE[cards[0]].genres and not none
    assert f"I have shown you {CATALOGUE[cards[0]].title}" in told


def test_what_is_preferred_is_wanted_besides(engine: Engine, session: Session) -> None:
    ask(engine, session, "a heist film")
    ask(engine, session, "set in los angeles preferably")
    assert "heist" in session.now.wish and "los angeles" in session.now.wish


@pytest.mark.parametrize("text", ["has anyone rated it", "do you recommend it"])
def test_whether_it_is_worth_it_is_told(engine: Engine, session: Session, text: str) -> None:
    """Brought three others."""
    _, cards = ask(engine, session, "a heist film")
    told, more = ask(engine, session, text)
    assert not more and CATALOGUE[cards[0]].title in told


def test_one_that_is_to_go_makes_room_for_another(engine: Engine, session: Session) -> None:
    """ "Remove the third" put three others in the place of all."""
    _, cards = ask(engine, session, "something with space")
    _, after = ask(engine, session, "remove the third")
    assert len(after) == 1 and session.now.cards == (*cards[:2], *after)


def test_who_is_to_be_convinced_is_told_why_and_what_it_is(
    engine: Engine, session: Session
) -> None:
    """Was thanked for taking it."""
    _, cards = ask(engine, session, "a heist film")
    film = CATALOGUE[cards[0]]
    told, more = ask(engine, session, "convince me")
    assert film.title in told and film.synopsis in told and not more


def test_the_worst_of_a_year_is_panned() -> None:
    """Was a wish for "worst"."""
    said = read("what about the worst of 1996", (), None)
    assert (said.wish, said.year_min, said.year_max) == (PANNED, 1996, 1996)


def test_one_country_is_more_than_foreign(engine: Engine, session: Session) -> None:
    """ "A foreign film, something French maybe" brought a Czech one, "as you asked"."""
    ask(engine, session, "a foreign film, something French maybe")
    assert session.now.wish == "French"


@pytest.mark.parametrize(
    "text", ["tell me about Rope", "tell me about Inception", "who made Avatar"]
)
def test_a_film_that_is_not_here_is_not_the_one_shown(
    engine: Engine, session: Session, text: str
) -> None:
    """Told about the first card."""
    ask(engine, session, "a heist film")
    told, more = ask(engine, session, text)
    assert f"“{text.split()[-1]}”" in told and not more


def test_whoever_wants_to_be_asked_is_asked(engine: Engine, session: Session) -> None:
    """A wish for "ask me questions"."""
    told, cards = ask(engine, session, "I don't know what I want, ask me questions")
    assert "?" in told and not cards and not session.now.wish
    ask(engine, session, "light and new")
    assert {*session.now.wish.split(", ")} == {"light", NEWEST}


def test_those_that_are_saved_are_taken(engine: Engine, session: Session) -> None:
    ask(engine, session, "a heist film")
    _, more = ask(engine, session, "great, save those")
    assert not more


def test_what_people_prefer_is_rated_best(engine: Engine, session: Session) -> None:
    _, cards = ask(engine, session, "a heist film")
    told, _ = ask(engine, session, "which one do people here prefer")
    assert sum(CATALOGUE[card].title in told for card in cards) == 1
    assert read("which one do people prefer", cards, None).superlative == (ACCLAIM, False)


def test_the_one_of_a_kind_makes_room_for_another(engine: Engine) -> None:
    """ "Swap the comedy" put three comedies in the place of all."""
    cards = (AT["Alien"], AT["Heat"], AT["Some Like It Hot"])
    session = Session(State(cards=cards, focus=cards[0], shown=cards))
    _, after = ask(engine, session, "swap the comedy")
    assert len(after) == 1 and session.now.cards == (*cards[:2], *after)
    assert not session.now.wish and not session.now.filters.genres_in


def test_the_order_to_watch_them_in_is_that_of_their_years(engine: Engine) -> None:
    cards = (AT["Heat"], AT["Alien"])
    session = Session(State(cards=cards, focus=cards[0], shown=cards))
    told, more = ask(engine, session, "which order should we watch them in")
    assert told.index("Alien") < told.index("Heat") and not more


def test_how_a_film_ends_is_no_liking(engine: Engine, session: Session) -> None:
    told, cards = ask(engine, session, "what happened in Fargo at the end")
    assert "how a film ends" in told and not cards and not session.now.likes
    told, cards = ask(engine, session, "don't spoil it, just tell me if it's good")
    assert "Fargo" in told and "spoil" not in session.now.wish and not cards


def test_the_time_of_a_story_set_somewhere_is_not_that_of_the_film() -> None:
    said = read("movies set in New York in the 70s", (), None)
    assert (said.year_min, said.year_max) == (None, None)
    assert read("set in London, from the 60s", (), None).year_min == 1960
    assert spoken("set in New York, a film set") == "in New York, a film set"


def test_one_is_picked_by_who_is_in_it() -> None:
    """ "The leonardo one I know" was a wish for Leonardo."""
    said = read("the kubrick one I know", (AT["Alien"], AT["The Shining"], AT["Scream"]))
    assert said.seen == (AT["The Shining"],) and not said.wish


def test_what_happens_somewhere_is_what_a_film_is_about() -> None:
    """Was a question about the first card."""
    said = read("a film about what happens in prison", (AT["Alien"], AT["Scream"]))
    assert said.intent == "recommend" and "prison" in said.wish
    assert read("what happens in it", (AT["Alien"], AT["Scream"])).intent == "ask_about"


def test_one_that_is_swapped_is_not_liked(engine: Engine, session: Session) -> None:
    """ "Nobody here likes sad endings, swap the second" liked the second."""
    ask(engine, session, "something with space")
    _, after = ask(engine, session, "nobody here likes sad endings, swap the second")
    assert len(after) == 1 and not session.now.likes and "nobody" not in session.now.wish


@pytest.mark.parametrize(
    ("text", "quality"),
    [("which one do most people prefer?", ACCLAIM), ("the sadder one of these", "sad")],
)
def test_a_comparison_of_those_shown(text: str, quality: str) -> None:
    """Of "people" most was looked for; the sadder one was a wish for sad films."""
    said = read(text, (AT["Alien"], AT["Scream"]))
    assert said.intent == "compare" and said.superlative == (quality, False)
