"""What is not wanted, however it is said, and owning up to what there is no more of."""

import numpy as np
import pytest

from app.constraints import NOT_OLD
from app.engine import Engine
from app.orders import ACCLAIM
from app.reader import Reader
from app.session import Filters, Session, State
from app.terms import origins
from app.titles import TitleIndex
from app.wishes import wish_of
from data.catalogue import Catalogue, Item
from tests.app.test_asking import AT, CARDS, CATALOGUE, read
from tests.app.test_engine import ask
from tests.app.test_series import SERIES

TITLES = [item.title for item in CATALOGUE]


@pytest.mark.parametrize(
    "text",
    [
        "steven spielberg annoys me",  # brought films by him
        "steven spielberg, no thanks",
        "steven spielberg gets on my nerves",
        "steven spielberg isn't my cup of tea",
    ],
)
def test_whoever_is_turned_down_afterwards_is_not_wanted(text: str) -> None:
    said = read(text)
    assert (said.people, said.people_out, said.wish) == ((), ("Steven Spielberg",), "")


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("horror, no thanks", {"Horror"}),
        ("I hate everything romantic", {"Romance"}),  # kept to romances
        ("westerns bore me", {"Western"}),
        ("musicals get on my nerves", {"Musical"}),
        ("I love horror, no thanks to you", set()),
        ("I cannot stand horror", {"Horror"}),
        ("my wife really can't bear westerns", {"Western"}),
        ("westerns I can't stand", {"Western"}),
        ("horror is what I hate", {"Horror"}),
    ],
)
def test_a_genre_turned_down_afterwards_is_not_wanted(text: str, out: set[str]) -> None:
    assert read(text).genres_out == out


@pytest.mark.parametrize(
    ("text", "disliked", "liked"),
    [
        ("not Heat or Fargo", {"Heat", "Fargo"}, set()),  # went by Fargo
        ("not Heat, Fargo or Psycho please", {"Heat", "Fargo", "Psycho"}, set()),
        ("not Heat but Fargo", {"Heat"}, {"Fargo"}),
        ("no Heat, Fargo please", {"Heat"}, {"Fargo"}),
        ("not Heat or Fargo, I loved Psycho", {"Heat", "Fargo"}, {"Psycho"}),
        ("older than Heat", set(), set()),  # "Heat was not for you, understood"
    ],
)
def test_films_listed_after_a_refusal_are_refused(
    text: str, disliked: set[str], liked: set[str]
) -> None:
    said = read(text, (), None)
    assert {TITLES[film] for film in said.disliked} == disliked
    assert {TITLES[film] for film in said.liked} == liked


def test_the_name_of_a_series_refuses_all_of_it() -> None:
    """ "Not Star Trek" was followed by Star Trek: Generations."""
    catalogue = Catalogue("made", SERIES)
    reader = Reader(catalogue, TitleIndex(catalogue, np.ones(6, np.float32)))
    assert {*reader.read("no Star Trek please").disliked} == {2, 3}
    assert {*reader.read("no Speed please").disliked} == {0}  # which is a film, too


def test_older_than_a_film_is_older_than_that_film(engine: Engine, session: Session) -> None:
    _, cards = ask(engine, session, "a crime film older than Heat")
    assert cards
    assert all(CATALOGUE[card].year < CATALOGUE[AT["Heat"]].year for card in cards)


@pytest.mark.parametrize(
    "text",
    [
        "just pick one for me",  # compared the first two and asked for a film that is loved
        "which one should I start with?",
        "ok, which film should we watch tonight",
        "I can't decide, you choose",
    ],
)
def test_the_choice_left_to_the_chat_is_made(engine: Engine, session: Session, text: str) -> None:
    _, cards = ask(engine, session, "a drama")
    told, others = ask(engine, session, text)
    assert CATALOGUE[cards[0]].title in told and not others
    assert not any(CATALOGUE[card].title in told for card in cards[1:])
    assert session.now.focus == cards[0]


def test_one_film_may_be_asked_for_in_a_word(engine: Engine, session: Session) -> None:
    ask(engine, session, "a drama")
    assert len(ask(engine, session, "just one please")[1]) == 1


@pytest.mark.parametrize("text", ["hi, what can you do?", "ok so how does this work"])
def test_a_greeting_may_stand_before_a_question_about_the_chat(text: str) -> None:
    assert read(text, (), None).intent == "help"


def test_good_bye_asks_for_nothing() -> None:
    assert read("ok no thanks then, bye").intent == "chitchat"


@pytest.mark.parametrize(("text", "least"), [("and the worst?", True), ("and the best?", False)])
def test_best_and_worst_of_what_was_shown(text: str, least: bool) -> None:
    said = read(text)
    assert said.superlative == ("acclaimed", least) and said.refers_to == CARDS


def test_what_was_ruled_out_may_be_let_in_again() -> None:
    """ "OK, Kurosawa is fine then" changed nothing."""
    ruled_out = Filters().updated(read("no horror, nothing by ridley scott"))
    assert (ruled_out.genres_out, ruled_out.people_out) == ({"Horror"}, ("Ridley Scott",))
    after = ruled_out.updated(read("ok scott is fine then"))
    assert (after.genres_out, after.people_out, after.people) == ({"Horror"}, (), ())
    assert ruled_out.updated(read("horror is ok")).genres_out == set()


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("idk something chill", "easygoing, gentle, light"),  # brought chilling films
        ("with a bit of humour", "funny, witty"),
        ("set in the past", "period drama, costume drama, historical drama"),
        ("a movie for a plane ride", ""),  # brought hijacked planes
    ],
)
def test_more_sayings(text: str, wish: str) -> None:
    assert read(text, (), None).wish == wish


def test_older_people_are_no_older_films() -> None:
    assert read("but with older people").newer is None
    assert read("something older").newer is False


def test_a_shown_film_is_known_by_its_whole_title() -> None:
    """ "The mask sounds good" was a wish for masks."""
    films = [Item("1", "The Mask", 1994), Item("2", "Heat", 1995), Item("3", "The Game", 1997)]
    catalogue = Catalogue("made", films)
    titles = TitleIndex(catalogue, np.ones(3, np.float32))
    assert [m.item for m in titles.shown("the mask sounds good", [], (0, 1, 2))] == [0]


def test_better_than_another_compares_it_with_the_film_talked_about() -> None:
    """ "Better than The English Patient?" told that film's story."""
    said = read("better than Fargo?", CARDS, AT["Contact"])
    assert said.intent == "compare"
    assert (said.refers_to, said.named) == ((AT["Contact"],), (AT["Fargo"],))
    assert not said.disliked and not said.liked


@pytest.mark.parametrize(
    ("text", "film"),
    [
        ("the oldest, tell me about it", "Casablanca"),
        ("the newest one please", "Contact"),
        ("the oldest trick in the book", None),
    ],
)
def test_a_shown_film_is_meant_by_its_age(text: str, film: str | None) -> None:
    assert read(text, CARDS, CARDS[0]).refers_to[:1] == (() if film is None else (AT[film],))


def test_questions_and_answers_in_passing() -> None:
    assert read("what's the mood of the second?").intent == "ask_about"
    assert read("yes!! the last one").intent == "feedback"
    assert read("seen it a million times, next").wish == ""
    assert TITLES[read("no, without Heat").disliked[0]] == "Heat"  # went by it
    assert read("nor kids films").genres_out == {"Children's"}
    assert [title.text for title in read("like amelie", (), None).unknown] == ["amelie"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("is Apollo 13 based on a true story?", "is tagged true story"),  # told its story alone
        ("is Casablanca based on a true story?", "nothing in the catalogue says so"),
        ("does Fargo take place in the snow?", "is tagged snow"),
        ("is there a robot in Alien?", "nothing in the catalogue says so"),
        ("what is Fargo about?", "A kidnapping goes wrong in the snow"),
    ],
)
def test_what_tags_tell_is_answered(engine: Engine, session: Session, text: str, told: str) -> None:
    answer, cards = ask(engine, session, text)
    assert told in answer and not cards
    assert ("nothing in the catalogue" in answer) == ("nothing" in told)


@pytest.mark.parametrize("text", ["hitchcock?", "Alfred Hitchcock?"])
def test_a_name_alone_asks_for_films(text: str) -> None:
    """ "Bergman?" was answered by who is not in the film shown."""
    said = read(text)
    assert (said.intent, said.people) == ("recommend", ("Alfred Hitchcock",))
    assert read("is hitchcock in it?").intent == "ask_about"


def test_an_unknown_film_that_was_seen_is_none_that_was_shown() -> None:
    said = read("the commitments, seen that")
    assert ([u.text for u in said.unknown], said.seen) == (["the commitments"], ())
    assert read("yes, seen that").seen == CARDS[:1]


def test_other_films_of_somebody_are_not_the_one_talked_about(
    engine: Engine, session: Session
) -> None:
    ask(engine, session, "tell me about Alien")
    _, cards = ask(engine, session, "any other films by Ridley Scott?")
    assert AT["Blade Runner"] in cards and AT["Alien"] not in cards


def test_seen_words_of_an_unknown_title_mark_nothing() -> None:
    assert read("seen women on the verge").seen == ()
    assert read("seen, next").seen == CARDS[:1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("movie about a heist gone wrong", ""),  # brought three films to guess among
        ("movie about a pig who herds sheep", "pig who herds sheep"),
    ],
)
def test_a_kind_of_film_is_no_forgotten_one(text: str, told: str) -> None:
    assert read(text, (), None).told == told


@pytest.mark.parametrize(
    ("text", "film"), [("perfect, number 1", 0), ("number two please", 1), ("#3", 2)]
)
def test_a_shown_film_is_taken_by_its_number(text: str, film: int) -> None:
    said = read(text, CARDS, CARDS[0])
    assert (said.intent, said.refers_to) == ("feedback", (CARDS[film],))


def test_what_else_somebody_did_asks_for_films(engine: Engine, session: Session) -> None:
    """ "Ben Affleck? What else has he done" said that he is in the film shown."""
    ask(engine, session, "tell me about Alien")
    _, cards = ask(engine, session, "ridley scott? what else has he done")
    assert AT["Blade Runner"] in cards and AT["Alien"] not in cards


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("baraka is one of my favourites", "baraka"),
        ("the zzyzx?", "the zzyzx"),
        ("the second?", None),
        ("that is my favourite", None),
    ],
)
def test_one_unknown_film_is_told_to_be_unknown(text: str, title: str | None) -> None:
    assert [u.text for u in read(text).unknown] == ([] if title is None else [title])


def test_seen_all_of_somebody_wants_none_of_it() -> None:
    assert read("seen all hitchcock").people_out == ("Alfred Hitchcock",)


def test_and_another_film_is_asked_about() -> None:
    said = read("and Fargo?")
    assert (said.intent, said.liked) == ("ask_about", ())


def test_no_romance_is_nothing_romantic(engine: Engine, session: Session) -> None:
    ask(engine, session, "something romantic")
    ask(engine, session, "not a romance!!")
    assert session.now.wish == ""


def test_more_plain_words() -> None:
    assert read("order by year").sorting == "new"
    assert read("fine").intent == "chitchat"
    assert ACCLAIM in read("a classic I should have seen by now", (), None).wish


def test_films_of_a_part_of_the_world() -> None:
    def of(country: str) -> set[str]:
        return {*origins(Item("1", "A", 1990, countries=(country,)))}

    assert of("Denmark") == {"danish", "european", "scandinavian", "foreign"}
    assert of("UK") == {"british", "european"} and not of("US")
    assert "asian" in of("Hong Kong")


def test_what_there_is_no_more_of_is_said(engine: Engine, session: Session) -> None:
    """Films without a vampire followed those with one, and nothing was said of it."""
    tag = "basketball"
    with_it = {at for at, item in enumerate(CATALOGUE) if tag in item.tags}
    assert with_it
    missing, everything = engine.chooser.sources.terms.missing, range(len(CATALOGUE))
    left = [at for at in everything if at not in with_it]
    assert missing(f"with a lot of {tag}", left) == tag
    assert not missing(tag, everything) and not missing("submarine poetry", left)
    assert missing("space", [AT["Heat"]]) == "space"
    assert not missing("mafia", [AT["Bound"]])  # which is about "mafia money"
    assert not missing("funny", [AT["Heat"]])  # no film's row says all that it is
    seen = State(wish=tag, seen=tuple(with_it), cards=(0,), shown=(0,))
    told, _ = ask(engine, Session(seen), "more")
    assert f"nothing left here that is marked {tag}" in told


@pytest.mark.parametrize(
    ("text", "avoid"),
    [
        ("I cannot stand sad films", "sad"),  # "sad in mood, as you asked"
        ("we can't handle gore", "gore"),
        ("I can't bear shouting", "shouting"),
    ],
)
def test_what_cannot_be_borne_is_avoided(text: str, avoid: str) -> None:
    assert wish_of(text) == ("", avoid)


def test_of_somebody_who_cannot_be_borne_nothing_is_left_to_wish_for() -> None:
    """Regression: stand-up comedies, of "I can't stand Woody Allen"."""
    said = read("I can't stand Woody Allen. Recommend comedies", (), None)
    assert (said.people_out, said.wish) == (("Woody Allen",), "")
    assert wish_of("stand up   ") != ("", "")


def test_somebody_all_of_whose_films_were_seen() -> None:
    """Regression: "“Clint Eastwood's” is not in this catalogue"."""
    said = read("he has seen all of Clint Eastwood's", CARDS)
    assert said.people_out == ("Clint Eastwood",) and not said.unknown
    assert read("something of Clint Eastwood's").people == ("Clint Eastwood",)


def test_not_so_much_of_a_genre_is_less_of_it() -> None:
    """Regression: "Only Crime films, then"."""
    assert read("not so much crime").genres_out == {"Crime"}


@pytest.mark.parametrize(
    ("text", "avoid"),
    [
        ("I don't like gore, black and white, or subtitles", "gore, black-and-white, foreign"),
        ("I hate gore, jump scares or dolls", "gore, jump scares, dolls"),
        ("no dogs or cats", "dogs or cats"),
    ],
)
def test_all_of_a_list_is_turned_down(text: str, avoid: str) -> None:
    """Regression: foreign films in black and white, for somebody who likes neither."""
    assert wish_of(text) == ("", avoid)


def test_old_films_are_turned_down_by_their_years(engine: Engine, session: Session) -> None:
    """Regression: films before 1970, of "I don't like old movies"."""
    told, cards = ask(engine, session, "I don't like old movies or musicals")
    assert told.startswith("I kept to films not filed under Musical, no older than 1970")
    assert all((CATALOGUE[card].year or 0) >= 1970 for card in cards)
    assert session.now.filters.constraints()[-1] == "not before 1970"
    for words in ("I love old movies", "old musicals", "old comedies, no horror"):
        assert read(words).old and not read(words).years_out
    assert not read("I hate old movies").old


def test_not_too_old_is_no_older_than_old() -> None:
    """It came to newer than the newest of the films shown."""
    for text in ("not too old", "not the old ones"):
        said = read(text)
        assert (said.years_out, said.newer, said.old) == ((NOT_OLD,), None, False)
    assert not read("I've seen all the old ones").old
    assert read("stop showing me horror").genres_out == {"Horror"}


def test_what_is_asked_after_children_is_still_for_them(engine: Engine, session: Session) -> None:
    """Regression: Beavis and Butt-head, of "my 10 year old is watching", "animated?"."""
    ask(engine, session, "just one film for my 10 year old")
    _, cards = ask(engine, session, "animated?")
    assert session.now.filters.genres_in == {"Children's", "Animation"}
    assert cards and all("Children's" in CATALOGUE[card].genres for card in cards)
    ask(engine, session, "for grown-ups now, a comedy")
    assert session.now.filters.genres_in == {"Comedy"}
