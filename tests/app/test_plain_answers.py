"""Plain messages about the cards, the catalogue and the program, that were answered with something
else."""

import dataclasses
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from app.candidates import Sources
from app.engine import Engine
from app.orders import ACCLAIM, NEWEST
from app.portions import count_of
from app.reader import Reader
from app.session import Filters, Session, State
from app.settling import same_people
from app.superlatives import most
from app.titles import TitleIndex
from data.catalogue import Catalogue, Item
from tests.app import fakes
from tests.app.test_asking import AT, CARDS, CATALOGUE, READER, read
from tests.app.test_engine import ask

MIXED = (AT["Alien"], AT["Toy Story"], AT["Fargo"])


@pytest.mark.parametrize(("text", "newest"), [("the newest film you have", True),
                                              ("whats the oldest film here", False),
                                              ("the oldest western", False)])  # fmt: skip
def test_the_newest_and_the_oldest_come_by_their_years(
    engine: Engine, session: Session, text: str, newest: bool
) -> None:
    """ "The oldest film you have" brought The English Patient."""
    _, cards = ask(engine, session, text)
    genres = session.now.filters.genres_in
    years = [item.year for item in CATALOGUE if item.year and genres <= {*item.genres}]
    assert CATALOGUE[cards[0]].year == (max(years) if newest else min(years))


def test_the_highest_rated_are_acclaimed() -> None:
    assert read("whats the highest rated movie here", (), None).wish == ACCLAIM


def test_the_least_scary_is_no_pest() -> None:
    """ "The least" was The Pest misspelt."""
    titles = TitleIndex(Catalogue("one", [Item("1", "The Pest", 1997)]), np.ones(1, np.float32))
    assert titles.find("which one is the least scary?") == []
    assert [m.item for m in titles.find("I loved The Pest")] == [0]


def test_one_country_takes_the_place_of_another(engine: Engine, session: Session) -> None:
    """ "From Asia" went on looking for Europe."""
    for text, wish in (("something French", "French"), ("films from Italy please", "italian")):
        ask(engine, session, text)
        assert session.now.wish == wish
    ask(engine, session, "oldest first")
    assert session.now.wish == "oldest, italian"


def test_what_somebody_made_before_a_film_is_older(engine: Engine) -> None:
    """ "What did he make before The Shining?" told the story of The Shining."""
    shown = (AT["Blade Runner"],)
    session = Session(State(cards=shown, focus=shown[0], shown=shown))
    _, cards = ask(engine, session, "what did he make before Blade Runner?")
    assert cards == [AT["Alien"]]
    assert session.now.filters.people == ("Ridley Scott",)
    assert session.now.likes == ()


def test_before_a_film_alone_is_older(engine: Engine, session: Session) -> None:
    ask(engine, session, "sci-fi")
    ask(engine, session, "before Star Wars")
    assert (session.now.filters.older_than, session.now.likes) == (1977, ())
    ask(engine, session, "only after Alien")
    assert session.now.filters.newer_than == 1979


@pytest.mark.parametrize("text", ["sci-fi from before star wars", "sci-fi older than star wars"])
def test_before_a_film_is_older_than_that_film(engine: Engine, session: Session, text: str) -> None:
    """ "From before star wars" brought Star Wars."""
    _, cards = ask(engine, session, text)
    assert cards and all((CATALOGUE[card].year or 0) < 1977 for card in cards)
    assert session.now.likes == ()


def test_a_film_is_taken_by_its_name(engine: Engine, session: Session) -> None:
    """ "Let's watch Alien tonight" went by it and recommended others."""
    told, cards = ask(engine, session, "Let's watch Alien tonight")
    assert "Alien (1979)" in told
    assert not cards and not session.now.likes
    assert "Heat (1995)" in ask(engine, session, "ok Heat then")[0]
    assert not session.now.likes
    assert ask(engine, session, "let's watch something like Alien")[1]


@pytest.mark.parametrize("text", ["new releases", "something from this year"])
def test_the_newest_are_released_last(text: str) -> None:
    assert read(text, (), None).wish == NEWEST


def test_the_oldest_of_a_kind_is_of_that_kind(engine: Engine, session: Session) -> None:
    """ "The oldest heist film" was the oldest film."""
    _, cards = ask(engine, session, "whats the oldest heist film you have")
    assert CATALOGUE[cards[0]].title == "Heat"


def test_something_like_that_is_another_film(engine: Engine, session: Session) -> None:
    """After "do you know Heat?" it brought Heat."""
    ask(engine, session, "do you know Heat?")
    _, cards = ask(engine, session, "something like that")
    assert cards and AT["Heat"] not in cards


def test_a_guess_at_the_end_is_the_film_that_is_meant() -> None:
    """The Lost World has a mathematician, too, and was told of."""
    films = [
        Item("1", "Jaws", 1975, synopsis="A shark eats swimmers off a beach.", tags=("shark",)),
        Item("2", "Deep Rising", 1998, synopsis="Thieves board a ship."),
    ]
    catalogue = Catalogue("two", films)
    reader = Reader(catalogue, TitleIndex(catalogue, np.array([90, 1], dtype=np.float32)))
    assert reader.read("do you know the one with the shark... Deep Rising?").named == (1,)
    assert 0 in reader.read("I loved the one with the shark").named
    assert reader.read("what's the best movie with a shark").named == ()  # was Jaws


def test_the_first_one_is_the_first_whatever_else_is_said(engine: Engine) -> None:
    """ "Who directed the first one?" was about a film tagged directorial debut."""
    films = [*CATALOGUE]
    films[CARDS[2]] = dataclasses.replace(films[CARDS[2]], tags=("directed by its star",))
    catalogue = Catalogue("tagged", films)
    reader = Reader(catalogue, TitleIndex(catalogue, np.ones(len(films), dtype=np.float32)))
    assert reader.read("who directed the first one?", CARDS, CARDS[0]).refers_to == (CARDS[0],)


def test_other_films_with_him_are_of_whoever_was_asked_for() -> None:
    """After films with Alan Rickman it went on with the star of the first one."""
    die_hard = Item("1", "Die Hard", 1988, cast=("Bruce Willis", "Alan Rickman"))
    catalogue = Catalogue("one", [die_hard])
    wanted = Filters(people=("Alan Rickman",))
    state = State(cards=(0,), focus=0, filters=wanted)
    assert same_people(read("other films with him"), state, catalogue).people == wanted.people
    both = Filters(people=("Bruce Willis", "Alan Rickman"), together=True)
    said = read("what else did they do together")
    again = same_people(said, dataclasses.replace(state, filters=both), catalogue)
    assert (again.people, again.together) == (both.people, True)


def test_the_best_one_is_asked_of_the_cards() -> None:
    assert read("the best one").superlative == (ACCLAIM, False)  # more films came
    assert read("the worst one?").superlative == (ACCLAIM, True)
    assert read("the best one with robots", (), None).superlative is None


def test_the_author_of_a_book_is_no_film() -> None:
    """ "Films based on Stephen King" liked Stephen King's The Langoliers."""
    films = [
        Item("1", "Stephen King's The Langoliers", 1995, tags=("stephen king adaptation",)),
        Item("2", "Thinner", 1996, tags=("stephen king adaptation",)),
    ]
    catalogue = Catalogue("king", films)
    reader = Reader(catalogue, TitleIndex(catalogue, np.ones(2, np.float32)))
    for text in ("films based on Stephen King", "something by stephen king"):
        said = reader.read(text)
        assert (said.named, said.wish.lower()[-12:]) == ((), "stephen king")
    assert reader.read("I liked Stephen King's The Langoliers").liked == (0,)


def test_in_the_same_vein_is_as_the_film_talked_about() -> None:
    """After "do you know Alien?" it went by nothing."""
    said = READER.read("anything in the same vein but not sci-fi?", (), AT["Alien"])
    assert said.alike == (AT["Alien"],)
    assert READER.read("anything in the same vein?", MIXED, AT["Alien"]).alike == ()


@pytest.mark.parametrize("text", ["lol ur dumb", "you are useless", "this bot sucks"])
def test_rudeness_is_no_wish(engine: Engine, session: Session, text: str) -> None:
    """ "ur dumb" brought films that are dumb fun."""
    answer, cards = ask(engine, session, text)
    assert not cards
    assert "loved" in answer or "love" in answer


def test_the_program_says_how_it_decides(engine: Engine, session: Session) -> None:
    answer, cards = ask(engine, session, "how do you decide what to recommend?")
    assert not cards
    assert "chose" in answer


def test_whether_a_film_is_any_good_is_no_liking(engine: Engine, session: Session) -> None:
    answer, cards = ask(engine, session, "is heat any good?")
    assert session.now.likes == ()
    assert not cards
    assert answer.startswith("Heat")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("what did the critics say?", "critics"),
        ("something directed by a woman", "women"),
        ("did it win an oscar?", "won"),
    ],
)
def test_what_no_row_says_is_said_to_be_unknown(text: str, what: str) -> None:
    assert any(what in said for said in read(text).unknowable)


def test_what_viewers_of_a_film_watch_goes_by_that_film() -> None:
    assert read("what do people who like alien watch", (), None).named == (AT["Alien"],)


def test_two_films_are_compared_by_a_place_and_a_name() -> None:
    """ "compare the first one to Heat" compared the first two cards."""
    said = read("compare the first one to heat")
    assert {*said.named, *said.refers_to} == {CARDS[0], AT["Heat"]}


def test_one_film_where_one_is_asked_for() -> None:
    assert count_of("a thriller please, one movie") == 1
    assert count_of("the one movie i love is heat") is None
    assert count_of("one movie about dogs and one about cats") is None


def test_a_quality_that_none_has_is_not_claimed() -> None:
    """Of three films for children the scariest was said to be "light and wacky"."""
    scary = np.linspace(0, 1, len(CATALOGUE), dtype=np.float32)
    sources = cast(Sources, SimpleNamespace(wish_column=lambda quality: scary, acclaim=None))
    low, high = most((1, 2, 3), "scary", False, fakes.parts(), sources), len(CATALOGUE) - 1
    assert (low.film, low.weak) == (3, True)
    assert not most((1, 2, high), "scary", False, fakes.parts(), sources).weak
    assert most((1, 2, high), "scary", True, fakes.parts(), sources).film == 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("perfect, the first", (CARDS[0],)),
        ("go for the second one", (CARDS[1],)),
        ("i'll take the last one", (CARDS[2],)),
    ],
)
def test_a_card_that_is_taken_is_no_new_request(text: str, meant: tuple[int, ...]) -> None:
    said = read(text)
    assert (said.intent, said.refers_to) == ("feedback", meant)


@pytest.mark.parametrize("text", ["which one is older?", "the oldest of them please"])
def test_the_older_of_the_cards(engine: Engine, session: Session, text: str) -> None:
    list(engine.reply(session, "sci-fi please"))
    years = [CATALOGUE[card].year or 0 for card in session.now.cards]
    ask(engine, session, text)
    assert CATALOGUE[session.now.focus or 0].year == min(years)


def test_a_film_that_is_to_be_left_out_is_not_liked() -> None:
    """ "remove Alien" was read as a liking."""
    said = read("remove alien")
    assert (said.liked, said.disliked) == ((), (AT["Alien"],))


@pytest.mark.parametrize("text", ["for adults though", "for grown-ups please", "nothing for kids"])
def test_films_for_grown_ups(text: str) -> None:
    said = read(text)
    assert (said.genres_in, said.genres_out) == (frozenset(), frozenset({"Children's"}))


def test_what_is_asked_for_by_an_unknown_title() -> None:
    """ "do you have zorgon" brought a film without a word about it."""
    assert [title.text for title in read("do you have zorgon").unknown] == ["zorgon"]
    assert read("do you have any comedies").unknown == ()


def test_less_famous_is_lesser_known() -> None:
    said = read("something less famous")
    assert (said.wish, said.avoid) == ("lesser-known", "")


def test_two_questions_in_one_get_two_answers(engine: Engine, session: Session) -> None:
    """Of "is it violent? and who plays in it" the first was overlooked."""
    list(engine.reply(session, "what is alien about?"))
    answer, _ = ask(engine, session, "is it violent? and who plays in it")
    assert "directed by" in answer
    assert "in mood" in answer


def test_a_condition_on_a_likeness_is_no_dislike() -> None:
    """ "something like Blade Runner but not too dark" kept away from Blade Runner."""
    said = read("something like alien but not too dark", (), None)
    assert (said.alike, said.disliked, said.liked) == ((AT["Alien"],), (), (AT["Alien"],))
    assert read("nothing like alien please", (), None).disliked == (AT["Alien"],)


def test_a_card_that_is_taken_is_not_liked_yet(engine: Engine, session: Session) -> None:
    """ "perfect, the first" brought three more films."""
    list(engine.reply(session, "a western please"))
    taken = session.now.cards[0]
    answer, cards = ask(engine, session, "perfect, the first")
    assert not cards
    assert session.now.likes == ()
    assert CATALOGUE[taken].title in answer


def test_what_somebody_likes_leaves_no_wish_behind() -> None:
    """ "my dad likes westerns" wished for "likes"."""
    said = read("my dad likes westerns", (), None)
    assert (said.genres_in, said.wish) == (frozenset({"Western"}), "")


def test_whether_somebody_would_like_it_is_told_by_what_they_like(
    engine: Engine, session: Session
) -> None:
    """Regression: "Blade Runner and Alien give me a direction"."""
    words = "Do you think I'd like Blade Runner? I loved Alien and hated Fargo"
    told, cards = ask(engine, session, words)
    assert told.startswith("Blade Runner (1982) is by Ridley Scott, who also made Alien")
    assert not cards and session.now.likes == (AT["Alien"],)
    assert session.now.dislikes == (AT["Fargo"],)
    told, cards = ask(engine, Session(), "would my wife enjoy Heat")
    assert "circle each other" in told and not cards
    assert read("would you recommend a comedy I'd love", (), None).intent == "recommend"


def test_what_people_here_thought_is_their_rating(engine: Engine) -> None:
    ratings = np.full(len(CATALOGUE), 3.5, dtype=np.float32)
    rated = Engine(dataclasses.replace(engine.parts, ratings=ratings))
    session = Session(State(focus=AT["Heat"]))
    assert "3.5 of 5" in ask(rated, session, "did people here like it?")[0]


def test_the_highest_rating_here_is_no_film_that_is_told_of(engine: Engine) -> None:
    """Regression: "That sounds like Scream", of "what movie has the highest rating here?"."""
    ratings = np.full(len(CATALOGUE), 3.0, dtype=np.float32)
    ratings[AT["Fargo"]], ratings[AT["Heat"]] = 5.0, 1.0
    popularity = np.full(len(CATALOGUE), 200, dtype=np.float32)
    parts = dataclasses.replace(engine.parts, ratings=ratings, popularity=popularity)
    _, cards = ask(Engine(parts), Session(), "what movie has the highest rating here?")
    assert AT["Fargo"] in cards
    _, cards = ask(Engine(parts), Session(), "which film has the lowest rating here?")
    assert AT["Heat"] in cards


def test_two_that_are_asked_about_are_both_told(engine: Engine, session: Session) -> None:
    """Regression: "Heat and Fargo give me a direction"."""
    told, cards = ask(engine, session, "tell me about Heat and Fargo")
    assert "Heat (1995)" in told and "Fargo (1996)" in told and not cards
    assert not session.now.likes


def test_which_is_scariest_is_asked_of_horror_first(engine: Engine) -> None:
    """Regression: Vertigo, of Vertigo and Psycho."""
    cards = (AT["Seven"], AT["Psycho"], AT["Fargo"])
    session = Session(State(cards=cards, focus=cards[0], shown=cards))
    told, _ = ask(engine, session, "which is scarier?")
    assert "Psycho" in told and "Seven" not in told


def test_the_most_popular_of_those_shown_is_one_of_them(engine: Engine, session: Session) -> None:
    session.now = State(cards=MIXED, focus=MIXED[0], shown=MIXED)
    told, cards = ask(engine, session, "what's the most popular of these?")
    assert told.startswith(("Of these it is Alien", "That is Alien")) and not cards


def test_whats_the_oldest_is_asked_of_those_shown(engine: Engine, session: Session) -> None:
    """Regression: the story of the first one was told."""
    session.now = State(cards=MIXED[::-1], focus=MIXED[2], shown=MIXED)
    told, cards = ask(engine, session, "what's the oldest?")
    assert "Alien" in told and "1979" in told and not cards
    assert read("what's the best?", MIXED).superlative == ("acclaimed", False)
    assert read("what's the best?", MIXED).intent == "compare"
