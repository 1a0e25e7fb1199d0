"""Messages that only make sense after the one before: "or a western", "more with him", "the middle
one", "never mind the 80s"."""

import pytest

from app.engine import Engine
from app.session import Filters, Session, State
from app.session_json import from_json, to_json
from app.settling import same_people
from app.understanding import Understanding
from data.catalogue import Catalogue, Item
from tests.app.test_asking import AT, CATALOGUE, read
from tests.app.test_engine import ask

CARDS = (AT["Alien"], AT["Toy Story"], AT["Fargo"])


@pytest.fixture
def shown() -> Session:
    return Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))


def test_or_goes_on_with_a_refusal(engine: Engine, session: Session) -> None:
    """Regression: "not in the mood for a musical", "or a western" asked for westerns."""
    ask(engine, session, "not in the mood for a musical")
    assert session.now.refused
    assert from_json(to_json(session.now, CATALOGUE), CATALOGUE) == session.now
    ask(engine, session, "or a western")
    assert session.now.filters.genres_out == {"Musical", "Western"}
    ask(engine, session, "a comedy")
    ask(engine, session, "or horror")
    assert session.now.filters.genres_in == {"Horror"}  # nothing was refused before it
    ask(engine, session, "a comedy, no romance")
    ask(engine, session, "or a drama")
    assert session.now.filters.genres_in == {"Drama"}  # in the place of the comedy
    ask(engine, session, "no crime")
    ask(engine, session, "or a western?")
    assert session.now.filters.genres_in == {"Western"}


def test_more_with_whoever_is_in_it(engine: Engine, session: Session) -> None:
    """Regression: "That happens. A film may help", with no film on screen."""
    assert ask(engine, session, "is Stanley Kubrick in The Shining?")[0].startswith("Yes")
    _, cards = ask(engine, session, "more by him")
    assert (
        {AT["2001: A Space Odyssey"]}
        <= {*cards}
        <= {AT["2001: A Space Odyssey"], AT["The Shining"]}
    )


def test_whether_anybody_of_those_shown_has_somebody(engine: Engine, shown: Session) -> None:
    told, cards = ask(engine, shown, "is John Lasseter in any of these?")
    assert told.startswith("Yes: Toy Story") and not cards and not shown.now.filters.people
    told, _ = ask(engine, shown, "is Stanley Kubrick in any of these")
    assert told.startswith("None of these")


def test_how_good_somebody_is_asks_for_their_films(engine: Engine, shown: Session) -> None:
    _, cards = ask(engine, shown, "how good is Stanley Kubrick")
    assert {*cards} == {AT["The Shining"], AT["2001: A Space Odyssey"]}


def test_where_a_kind_is_used_up_other_films_with_them_come(
    engine: Engine, session: Session
) -> None:
    """Regression: "That is all I have with ...", of the kind that was asked for alone."""
    session.now = State(seen=(AT["The Shining"],))
    ask(engine, session, "horror")
    told, cards = ask(engine, session, "with Stanley Kubrick")
    assert cards == [AT["2001: A Space Odyssey"]] and told.startswith(("Of that kind", "Nothing"))
    assert not session.now.filters.genres_in


def test_what_is_ruled_out_or_asked_for_now_is_never_given_up_for_somebody(
    engine: Engine, session: Session
) -> None:
    """Regression: of a western with Kubrick his other films came, and ones ruled out before."""
    told, cards = ask(engine, session, "a western with Stanley Kubrick")
    assert not cards and "No film in this catalogue is left" in told
    filters = Filters(genres_in=frozenset({"Western"}), genres_out=frozenset({"Sci-Fi"}))
    session.now = State(filters=filters)
    _, cards = ask(engine, session, "with Stanley Kubrick")
    assert cards == [AT["The Shining"]]
    assert session.now.filters.genres_out == {"Sci-Fi"}


@pytest.mark.parametrize("text", ["how good is Avatarr", "is Shrekk any good", "Rounderz?"])
def test_no_other_film_is_told_of_than_was_asked_about(
    engine: Engine, shown: Session, text: str
) -> None:
    told, cards = ask(engine, shown, text)
    assert not cards and shown.now.cards == CARDS
    assert "not in this catalogue" in told or "do not know a film" in told


@pytest.mark.parametrize(
    ("text", "film"),
    [
        ("the middle one", "Toy Story"),
        ("i'm putting on the second", "Toy Story"),
        ("third one looks great", "Fargo"),
        ("maybe the second one", "Toy Story"),
        ("I'm watching the second tonight", "Toy Story"),
        ("putting on number two tonight", "Toy Story"),
        ("the first then", "Alien"),
    ],
)
def test_a_film_is_taken_by_its_place(engine: Engine, shown: Session, text: str, film: str) -> None:
    told, cards = ask(engine, shown, text)
    assert film in told and not cards and shown.now.cards == CARDS


def test_two_by_their_places_are_compared(engine: Engine, shown: Session) -> None:
    told, _ = ask(engine, shown, "I can't decide between the first and the third")
    assert "Alien" in told and "Fargo" in told and "Toy Story" not in told


def test_is_the_second_any_good_is_of_the_second() -> None:
    assert read("is the second any good?", CARDS).refers_to == (AT["Toy Story"],)
    assert read("the first two of us like comedies", CARDS).liked == ()


def test_never_mind_takes_out_one_thing(engine: Engine, session: Session) -> None:
    ask(engine, session, "a comedy from the 70s")
    ask(engine, session, "never mind the 70s")
    assert session.now.filters.constraints() == ["Comedy"]
    ask(engine, session, "never mind comedy, a drama")
    assert session.now.filters.constraints() == ["Drama"]
    assert read("never mind Alien, something with robots").liked == ()
    assert read("besides Alien").liked == ()


def test_a_year_of_somebody_s_life_is_no_wish() -> None:
    for text in ("I saw it in 95", "a film set in 44 BC", "born in 95"):
        assert read(text, CARDS).year_min is None, text


def test_ones_of_a_kind_are_no_film() -> None:
    """Regression: "not the game ones" was a dislike of The Game."""
    said = read("not the game ones", CARDS)
    assert not (said.disliked or said.named)


@pytest.mark.parametrize(
    "text",
    ["cheers mate appreciate it", "much obliged", "ta", "goodnight", "you rock, thanks a million",
     "lovely, thanks for your help, goodnight"],
)  # fmt: skip
def test_more_ways_of_thanking(text: str) -> None:
    assert read(text, CARDS).intent == "chitchat"
    assert read("thanks to my dad I love westerns", CARDS).genres_in == {"Western"}


def test_not_by_him_is_of_whoever_was_talked_about(engine: Engine, session: Session) -> None:
    ask(engine, session, "tell me about The Shining")
    ask(engine, session, "something similar but not by him")
    assert session.now.filters.people_out == ("Stanley Kubrick",)


def test_refusals_alone_are_a_wish() -> None:
    said = read("no kids in it, no dogs, no dying", (), None)
    assert said.intent == "recommend" and "dogs" in said.avoid
    assert read("hard pass on anything with robots").avoid == "robots"
    assert read("nothin gory").avoid == "gory"


def test_a_small_word_beside_a_title_is_no_slip() -> None:
    """Regression: "how good is reservoir dogs" named "is reservoir dogs", and was a liking."""
    said = read("how good is return of the jedi", CARDS)
    assert said.intent == "ask_about" and not said.liked


@pytest.mark.parametrize(
    "text",
    [
        "none with Stanley Kubrick please",
        "none by Stanley Kubrick",
        "none of them with Stanley Kubrick",
    ],
)
def test_none_with_somebody_rules_them_out(engine: Engine, session: Session, text: str) -> None:
    """Regression: it brought their films, "as you asked"."""
    ask(engine, session, "something scary")
    _, cards = ask(engine, session, text)
    assert session.now.filters.people_out == ("Stanley Kubrick",)
    assert not session.now.filters.people
    assert cards and not any("Stanley Kubrick" in CATALOGUE[card].directors for card in cards)
    assert session.now.wish == "scary"


def test_none_asks_for_nothing_of_its_own() -> None:
    assert read("none with ghosts", CARDS).avoid == "ghosts"
    assert not read("none with ghosts", CARDS).wish
    assert not read("none of them", CARDS).wish
    assert read("none with horror", CARDS).genres_out == {"Horror"}
    # Who asks why there are none wants them.
    assert read("are there none with Stanley Kubrick?", CARDS).people == ("Stanley Kubrick",)
    assert read("why none with Stanley Kubrick?", CARDS).people == ("Stanley Kubrick",)


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("is any of these like Psycho?", "Of these Alien"),
        ("I loved Heat, is any of these like it?", "Of these Fargo"),
        ("which of these is closest to The Lion King", "Of these Toy Story"),
        ("are any of these films anything like Grease?", "None of these is much like it; Toy"),
    ],
)
def test_which_of_those_shown_is_like_another(
    engine: Engine, shown: Session, text: str, nearest: str
) -> None:
    """Regression: the story of the other one was told, or "none of these is like to speak of"."""
    told, cards = ask(engine, shown, text)
    assert nearest in told and not cards
    assert CATALOGUE[shown.now.focus or 0].title in told and shown.now.cards == CARDS
    assert shown.now.likes == ((AT["Heat"],) if "loved" in text else ())


def test_films_like_another_are_still_looked_for(engine: Engine, shown: Session) -> None:
    _, cards = ask(engine, shown, "which films are like The Shining?")
    assert cards


def test_how_many_films_there_are(engine: Engine, session: Session) -> None:
    """Regression: "how many films do you have" was answered with three of them."""
    told, cards = ask(engine, session, "how many films do you have?")
    assert told.startswith(f"{len(CATALOGUE)} films, from ") and not cards
    comedies = sum("Comedy" in film.genres for film in CATALOGUE)
    told, cards = ask(engine, session, "how many comedies are there")
    assert told.startswith(f"{comedies} of the {len(CATALOGUE)} films") and not cards
    assert session.now.filters == Filters()  # asked, and not asked for
    ask(engine, session, "a drama")
    for text in ("how many comedies are there?", "and how many comedies do you have"):
        told, cards = ask(engine, session, text)  # with films on screen one of them was told of
        assert told.startswith(f"{comedies} of the {len(CATALOGUE)} films") and not cards
    told, _ = ask(engine, session, "how big is your catalogue?")
    assert told.startswith(f"{len(CATALOGUE)} films")
    told, _ = ask(engine, session, "how many people have you talked to?")
    assert not told.startswith(f"{len(CATALOGUE)} films")


def test_who_watches_is_no_wish() -> None:
    """Regression: "friends and want a heist" was the wish."""
    assert read("we are four friends and want a heist film").wish == "heist"
    assert read("there are five of us tonight, something scary").wish == "scary"


def test_what_two_films_have_in_common_compares_them(engine: Engine, shown: Session) -> None:
    """Regression: films tagged "common" were looked for."""
    told, _ = ask(engine, shown, "what do Alien and Aliens have in common?")
    assert "Both are filed under Action and Sci-Fi" in told
    assert read("what do those two have in common?").intent == "compare"


def test_what_the_third_is_about(engine: Engine, shown: Session) -> None:
    """Regression: three others came."""
    told, cards = ask(engine, shown, "what is the third about")
    assert told.startswith("Fargo") and not cards


def test_all_of_a_kind_is_enough_of_it(engine: Engine, shown: Session) -> None:
    """Regression: "Only Crime films, then."."""
    _, cards = ask(engine, shown, "hmm, these are all crime films. anything else?")
    assert cards and shown.now.filters.genres_out == {"Crime"}


def test_which_films_of_somebody_there_are() -> None:
    """Regression: two films of his were compared."""
    found = read("which of his films do you have", focus=CARDS[0])
    assert found.same == "directors" and found.intent == "recommend"
    assert read("which of them is older").intent == "compare"


def test_a_surname_before_what_somebody_made() -> None:
    """Regression: "Hello! I am best at films."."""
    found = read("what's the best thing Kubrick ever made", cards=())
    assert found.people == ("Stanley Kubrick",) and found.intent == "recommend"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not Alien Nation", []),
        ("I loved The Game Plan and Fargo", ["Fargo"]),
        ("I loved The Game and Fargo", ["The Game", "Fargo"]),
        ("Movies Like Heat Please", ["Heat"]),
    ],
)
def test_a_name_that_goes_on_is_another_film(text: str, named: list[str]) -> None:
    """Regression: "not Total Recall" was a word against Total Eclipse."""
    assert [CATALOGUE[film].title for film in read(text, cards=()).named] == named


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("it's raining and I want something sad", "sad"),
        ("I've got 90 minutes before bed, something gentle", "gentle"),
        ("something everybody has seen except me", "famous"),
        ("everybody's secrets", "everybody's secrets"),
        ("black and white if possible", "black-and-white"),
        ("remove dramas", ""),
    ],
)
def test_what_is_wished_for_and_no_more(text: str, wish: str) -> None:
    assert read(text, cards=()).wish == wish


def test_the_saddest_is_sad() -> None:
    """Regression: "None of these is sadd to speak of"."""
    assert read("the saddest of them").superlative == ("sad", False)
    assert read("which is the biggest?").superlative == ("big", False)


def test_the_year_after_is_counted_from_the_one_before(engine: Engine, session: Session) -> None:
    """Regression: the same year again."""
    ask(engine, session, "films from 1994")
    _, cards = ask(engine, session, "and the year after?")
    assert {CATALOGUE[card].year for card in cards} == {1995}
    ask(engine, session, "and two comedies from the eighties")
    ask(engine, session, "the decade before")
    assert (session.now.filters.year_min, session.now.filters.year_max) == (1970, 1979)
    ask(engine, Session(), "the year after")  # of none


def test_the_same_topic_is_that_of_the_wish_before(engine: Engine, session: Session) -> None:
    """Regression: films about a "topic"."""
    ask(engine, session, "something about robots")
    ask(engine, session, "and action on the same topic?")
    assert session.now.wish == "robots" and session.now.filters.genres_in == {"Action"}


def test_two_between_which_somebody_wavers_are_compared() -> None:
    said = read("Between Heat and Fargo, which should I watch with my mum?", (), None)
    assert said.intent == "compare" and not said.liked
    assert read("Heat or Fargo, which would you take?", (), None).intent == "compare"
    assert read("something between Heat and Fargo", (), None).intent == "recommend"


def test_a_decade_is_moved_by_a_word(engine: Engine, session: Session) -> None:
    """Regression: "“of the 70s” is not in this catalogue"."""
    ask(engine, session, "best film of the 80s?")
    _, cards = ask(engine, session, "of the 70s?")
    assert cards and all(1970 <= (CATALOGUE[card].year or 0) <= 1979 for card in cards)


def test_he_is_one_of_the_cast() -> None:
    """Regression: "films with Mel Gibson or Sophie Marceau", of "what else was he in?"."""
    film = Item("1", "One", 1990, cast=("Ann Lee", "Bob Roe", "Cy Poe"))
    catalogue, state = Catalogue("one", [film]), State(focus=0)
    for words, people in (("what else was he in?", 1), ("what else were they in?", 2)):
        said = Understanding("recommend", same="cast", untitled=words)
        assert len(same_people(said, state, catalogue).people) == people


def test_the_second_is_swapped_by_it(engine: Engine, shown: Session) -> None:
    _, cards = ask(engine, shown, "the second is too obvious, swap it")
    assert len(cards) == 1 and shown.now.cards == (CARDS[0], cards[0], CARDS[2])


@pytest.mark.parametrize(
    ("text", "what"),
    [("what about the soundtrack?", "sounds like"), ("a colour one", "in colour")],
)
def test_what_no_row_says_is_said_not_to_be_known(
    engine: Engine, shown: Session, text: str, what: str
) -> None:
    assert what in ask(engine, shown, text)[0] and not shown.now.wish


@pytest.mark.parametrize("text", ["I don't trust you", "prove it"])
def test_distrust_brings_no_films(engine: Engine, shown: Session, text: str) -> None:
    told, cards = ask(engine, shown, text)
    assert not cards and "love" in told and shown.now.cards == CARDS


def test_subtitles_are_no_film() -> None:
    assert not read("do you have subtitles", (), None).unknown
    assert read("do you have Rounderz", (), None).unknown


def test_it_is_what_was_asked_for_before(engine: Engine, session: Session) -> None:
    """Regression: "heist" was forgotten at "I want it clever not violent"."""
    ask(engine, session, "a heist movie")
    ask(engine, session, "I want it tense not violent")
    assert session.now.wish == "tense, heist" and session.now.avoid == "violent"
    ask(engine, session, "and funny if you can")
    assert session.now.wish == "funny, tense, heist"
    ask(engine, session, "something about snow")
    assert session.now.wish == "snow"


def test_directed_by_whom_is_asked_for(engine: Engine, shown: Session) -> None:
    """Regression: "No, Alien has no Stanley Kubrick"."""
    _, cards = ask(engine, shown, "directed by Stanley Kubrick?")
    assert {*cards} == {AT["The Shining"], AT["2001: A Space Odyssey"]}
