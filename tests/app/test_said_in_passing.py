"""What people type without a thought for how it is read: no question marks, refusals in idioms,
thanks, second thoughts, and words about themselves."""

import dataclasses

import numpy as np
import pytest

from app.engine import Engine
from app.orders import ACCLAIM, PANNED, order_of, sorting, superlative
from app.portions import count_of
from app.sayings import UNDECIDED
from app.session import Session, State
from app.wishes import wish_of
from tests.app.test_asking import AT, CATALOGUE, read
from tests.app.test_engine import ask

CARDS = (AT["Alien"], AT["Toy Story"], AT["Fargo"])


@pytest.mark.parametrize(
    "text",
    ["how good is Fargo", "is fargo any good", "how was fargo", "hows fargo rated",
     "does fargo have a higher rating than alien", "who directed heat", "who stars in heat",
     "is the shining too scary for a 12 year old?", "the shining ok?", "is heat any good"],
)  # fmt: skip
def test_a_question_needs_no_mark_and_likes_nothing(text: str) -> None:
    """Regression: each was a liking, and its film was gone by ("Jaws: noted")."""
    said = read(text, (), None)
    assert said.intent == "ask_about" and said.named
    assert not (said.liked or said.disliked or said.genres_in)


def test_a_film_named_before_the_question_is_what_it_is_about(engine: Engine) -> None:
    """Regression: "apollo 13? is it good" was answered about the first film on screen."""
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    told, _ = ask(engine, session, "apollo 13? is it good")
    assert told.startswith("Apollo 13 (1995)")
    told, cards = ask(engine, session, "rounders?")
    assert "rounders" in told and not cards and session.now.cards == CARDS


@pytest.mark.parametrize(
    "text",
    ["not in the mood for a horror", "I'm not really feeling a horror today", "dad vetoed horror",
     "hard pass on horror", "i don't get horror", "horror is where I draw the line",
     "horror leaves me cold", "horror? hard pass"],
)  # fmt: skip
def test_refusals_in_idioms(text: str) -> None:
    """Regression: "I kept to Horror films"."""
    said = read(text, (), None)
    assert said.genres_out == {"Horror"} and not said.genres_in and not said.wish


def test_what_is_forgotten_or_skipped_is_avoided() -> None:
    assert wish_of("forget dinosaurs. something with sharks") == ("sharks", "dinosaurs")
    assert wish_of("my mom skips anything with blood") == ("", "blood")
    assert wish_of("my grandmother is visiting, no swearing") == ("", "swearing")
    assert wish_of("nevermind scary, just tense") == ("tense", "")


@pytest.mark.parametrize(
    "text", ["Heat made me cry so no", "my ex loved Heat so anything but that"]
)
def test_the_last_word_on_a_film_counts(text: str) -> None:
    said = read(text, (), None)
    assert said.disliked == (AT["Heat"],) and not said.liked


@pytest.mark.parametrize(
    "text",
    ["ok thanks, very good", "thanks ur the best", "thanks, that's perfect", "thx ur sweet",
     "thank you sir"],
)  # fmt: skip
def test_thanks_are_thanks(text: str) -> None:
    assert read(text, CARDS).intent == "chitchat"


def test_thanks_with_a_wish_are_a_wish() -> None:
    assert read("thanks, now something with robots", CARDS).intent == "recommend"
    assert read("thanks, but not that one", CARDS).intent != "chitchat"


@pytest.mark.parametrize(
    ("text", "film"),
    [
        ("cool thx, putting on the second", "Toy Story"),
        ("the second one looks nice", "Toy Story"),
        ("the middle one sounds great", "Toy Story"),
        ("number 2 it is", "Toy Story"),
        ("3 it is", "Fargo"),
    ],
)
def test_a_film_is_taken_in_many_words(engine: Engine, text: str, film: str) -> None:
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    told, cards = ask(engine, session, text)
    assert not cards and film in told
    assert not session.now.likes


@pytest.mark.parametrize("text", ["hmm not sure", "i'll think about it", "lol ok", "bet", "dunno"])
def test_second_thoughts_leave_the_films_where_they_are(engine: Engine, text: str) -> None:
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    told, cards = ask(engine, session, text)
    assert not cards and session.now.cards == CARDS and told
    assert not UNDECIDED.match("not sure about the first") and not UNDECIDED.match("maybe a comedy")


def test_sorrow_brings_no_films_and_a_wish_does(engine: Engine, session: Session) -> None:
    told, cards = ask(engine, session, "my boyfriend broke up with me :(")
    assert not cards and ("sorry" in told.lower() or "hard" in told)
    _, cards = ask(engine, session, "my boyfriend broke up with me, something funny please")
    assert cards


def test_complaints_are_heard(engine: Engine) -> None:
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    for words in (
        "your suggestions are terrible",
        "you already said that",
        "can you give me a straight answer",
    ):
        told, cards = ask(engine, session, words)
        assert not cards and "love" in told
    assert read("why do you keep recommending old stuff", CARDS).newer


@pytest.mark.parametrize(
    ("text", "films"),
    [
        ("i've seen the first and the last", ("Alien", "Fargo")),
        ("The first two I know", ("Alien", "Toy Story")),
        ("seen the last two", ("Toy Story", "Fargo")),
        ("I've seen the middle one", ("Toy Story",)),
    ],
)
def test_several_by_their_places(text: str, films: tuple[str, ...]) -> None:
    assert read(text, CARDS).seen == tuple(AT[film] for film in films)


def test_its_my_favourite_is_of_the_film_talked_about() -> None:
    assert read("its my fav", CARDS, AT["Toy Story"]).liked == (AT["Toy Story"],)


def test_similar_ones_are_like_the_film_talked_about(engine: Engine, session: Session) -> None:
    ask(engine, session, "tell me about Alien")
    _, cards = ask(engine, session, "similar ones")
    assert session.now.alike == (AT["Alien"],)
    assert AT["Aliens"] in cards and AT["Alien"] not in cards


def test_orders_by_rating_and_time(engine: Engine) -> None:
    assert order_of("the best rated kubrick") == ACCLAIM
    assert order_of("the lowest rated horror films") == order_of("worst comedies ever") == PANNED
    assert order_of("the worst of these films") == ""
    assert superlative("which has the highest rating of these") == (ACCLAIM, False)
    assert superlative("which one has the lowest rating") == (ACCLAIM, True)
    assert sorting("in order please") == sorting("so what order") == "old"
    ratings = np.full(len(CATALOGUE), 3.0, dtype=np.float32)
    ratings[AT["Seven"]] = 1.0
    popularity = np.full(len(CATALOGUE), 200, dtype=np.float32)
    parts = dataclasses.replace(engine.parts, ratings=ratings, popularity=popularity)
    assert AT["Seven"] in ask(Engine(parts), Session(), "the worst thrillers")[1]
    assert AT["Seven"] not in ask(Engine(parts), Session(), "the best thrillers")[1]


def test_which_is_best_known_is_told_by_its_viewers(engine: Engine) -> None:
    popularity = np.zeros(len(CATALOGUE), dtype=np.float32)
    popularity[AT["Fargo"]] = 1234
    parts = dataclasses.replace(engine.parts, popularity=popularity)
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    told, _ = ask(Engine(parts), session, "which has the most votes?")
    assert "Fargo" in told and "1,234 viewers" in told


def test_of_what_no_row_says_nothing_is_compared(engine: Engine) -> None:
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    told, _ = ask(engine, session, "which one is the shortest?")
    assert "how long a film runs" in told and "Alien" not in told


def test_a_tag_is_as_asked_only_where_all_of_it_was(engine: Engine) -> None:
    """Regression: "tagged hospital blood supply, as you asked", of "anything with blood"."""
    whole, _ = ask(engine, Session(), "something with robots")
    assert "robots" in whole and ", as you asked" in whole
    part, _ = ask(engine, Session(), "something about a forest")
    assert "forest battle" in part and ", as you asked" not in part


@pytest.mark.parametrize(
    ("text", "count"),
    [("i said 5", 5), ("gimme 5", 5), ("show me four please", 4), ("show me 2 people", None)],
)
def test_how_many(text: str, count: int | None) -> None:
    assert count_of(text) == count


def test_a_year_needs_no_century() -> None:
    said = read("what came out in 95?", (), None)
    assert (said.year_min, said.year_max) == (1995, 1995)
    assert read("what's 15% of 80", (), None).year_min is None
    assert read("a family in 20 countries", (), None).year_min is None


def test_never_mind_one_thing_is_no_new_start() -> None:
    assert read("never mind scary, just tense", CARDS).intent != "reset"
    assert read("never mind", CARDS).intent == read("nvm, a comedy", CARDS).intent == "reset"


def test_where_to_stream_is_not_known() -> None:
    said = read("hey, I only have netflix, what's on there", (), None)
    assert said.intent == "recommend" and said.unknowable == ("where a film can be streamed",)


def test_help_after_a_word_on_oneself() -> None:
    assert read("its my first time here how does this work", (), None).intent == "help"


def test_whether_somebody_is_in_it(engine: Engine) -> None:
    session = Session(State(cards=CARDS, focus=AT["Toy Story"], shown=CARDS))
    told, cards = ask(engine, session, "is John Lasseter in that")
    assert told.startswith("Yes") and not cards and not session.now.filters.people


def test_a_film_nobody_rated_has_no_mark(engine: Engine) -> None:
    ratings = np.full(len(CATALOGUE), 3.5, dtype=np.float32)
    nobody = np.zeros(len(CATALOGUE), dtype=np.float32)
    rated = Engine(dataclasses.replace(engine.parts, ratings=ratings, popularity=nobody))
    told, _ = ask(rated, Session(), "how good is Fargo")
    assert "rated by nobody here" in told and "3.5" not in told


def test_any_of_these_is_asked_of_what_was_shown(engine: Engine) -> None:
    for words, _film in (("any of these funny?", "Toy Story"), ("the funniest one?", "Toy Story")):
        session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
        told, cards = ask(engine, session, words)
        assert not cards and not session.now.wish and any(CATALOGUE[c].title in told for c in CARDS)


def test_a_kind_of_a_genre_is_turned_down_by_itself() -> None:
    """Regression: after "horror" "not slashers" asked for films that are no horror."""
    said = read("not slashers", CARDS)
    assert not said.genres_out and said.avoid == "slashers"
    assert read("no horror", CARDS).genres_out == {"Horror"}


def test_more_with_whoever_was_asked_about(engine: Engine) -> None:
    session = Session(State(cards=CARDS, focus=AT["Alien"], shown=CARDS))
    told, _ = ask(engine, session, "is Stanley Kubrick in it?")
    assert told.startswith("No")
    told, cards = ask(engine, session, "other films by him")
    assert {AT["The Shining"], AT["2001: A Space Odyssey"]} == {*cards} and not session.now.who


def test_a_longer_title_than_the_catalogue_s_is_unknown() -> None:
    """Regression: "called The Godfather Saga" was The Godfather, and liked."""
    said = read("a film called The Godfather Saga please", (), None)
    assert not said.named and [title.text for title in said.unknown] == ["The Godfather Saga"]
    assert read("I liked The Godfather Friday night", (), None).liked == (AT["The Godfather"],)


def test_yes_where_a_film_is_what_was_asked(engine: Engine) -> None:
    session = Session(State(cards=CARDS, focus=AT["Alien"], shown=CARDS))
    assert ask(engine, session, "is it dark?")[0].startswith("Yes: Alien (1979) is tense and dark")
    assert not ask(engine, session, "is it romantic?")[0].startswith("Yes")


def test_a_story_is_told_once(engine: Engine, session: Session) -> None:
    told, _ = ask(engine, session, "tell me about Alien")
    assert "freighter" in told
    again, _ = ask(engine, session, "when was it made?")
    assert "1979" in again and "freighter" not in again


def test_nobody_is_asked_for_a_film_every_time(engine: Engine, session: Session) -> None:
    closings = [ask(engine, session, words)[0].splitlines()[-1] for words in ("sci-fi", "more")]
    assert "loved" in closings[0] or "liked" in closings[0]
    assert "loved" not in closings[1] and "liked" not in closings[1]


def test_what_nobody_rated_is_not_the_highest_rated(engine: Engine) -> None:
    """Regression: "Being Human: it has 3.5 of 5 from viewers here", whom there were none of."""
    ratings = np.full(len(CATALOGUE), 3.0, dtype=np.float32)
    ratings[AT["Fargo"]] = 3.9  # the mean of all stands where nobody rated
    popularity = np.full(len(CATALOGUE), 50, dtype=np.float32)
    popularity[AT["Fargo"]] = 0
    parts = dataclasses.replace(engine.parts, ratings=ratings, popularity=popularity)
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    told, _ = ask(Engine(parts), session, "which has the highest rating of these?")
    assert "Fargo" not in told and "3.0 of 5" in told
    told, _ = ask(Engine(parts), session, "rank them by rating")
    assert "Fargo (1996), which was rated by nobody here" in told


@pytest.mark.parametrize("word", ["sorry", "tbh", "honestly", "lol", "twice"])
def test_a_word_thrown_in_is_no_film_and_no_wish(word: str) -> None:
    """Regression: "I do not know a film called “sorry” here"."""
    said = read(f"I hated Heat, {word}.", (), None)
    assert said.disliked == (AT["Heat"],) and not said.unknown and not said.wish


@pytest.mark.parametrize(
    "text",
    ["the kids will be watching too", "my kids want to join us", "our son is watching as well",
     "my nieces are watching"],
)  # fmt: skip
def test_children_who_watch_too_are_heard(text: str) -> None:
    said = read(text, CARDS)
    assert said.genres_in == {"Children's"} and not said.wish


@pytest.mark.parametrize(
    "text",
    ["my kids are in bed, something for us", "the kids are finally asleep", "our kids are away",
     "my dad is turning 70", "what would you show someone who's never seen one?"],
)  # fmt: skip
def test_what_is_said_of_others_is_no_wish(text: str) -> None:
    """Regression: films about children, of "my kids are in bed"."""
    said = read(text, CARDS)
    assert not said.genres_in and not said.wish


def test_films_seen_are_gone_by_where_others_of_their_kind_are_wanted() -> None:
    said = read("I've already seen Heat and Fargo, what else is in that vein?", (), None)
    assert said.seen == said.alike == (AT["Heat"], AT["Fargo"])
    assert read("I hated Heat, nothing in that vein please", (), None).alike == ()
    assert read("I've seen Heat. Something funny", (), None).alike == ()
    assert read("I loved Heat, do you like that?", (), None).alike == ()


def test_who_is_asked_tells_of_itself() -> None:
    assert read("tell me a bit about yourself", (), None).intent == "help"
    assert read("tell me about Heat", (), None).intent == "ask_about"


def test_a_slate_that_is_clean_already(engine: Engine, session: Session) -> None:
    """Regression: "That happens. A film may help"."""
    told, cards = ask(engine, session, "start over")
    assert told.startswith("A clean slate") and not cards


def test_a_film_that_all_of_us_have_seen_is_not_liked_for_it() -> None:
    """Regression: "Scream tells me something"."""
    for words in ("we've all seen Heat", "everyone has seen Heat", "they have both seen Heat"):
        said = read(words, CARDS)
        assert said.seen == (AT["Heat"],) and not said.liked


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("three films for a film club on memory", "memory"),
        ("I'm writing a paper about the cold war, any films?", "cold war"),
        ("need a film asap", ""),
        ("I want the opposite of ____", ""),  # "tagged opposite sides"
        ("What have I missed?", ""),
        ("what would work?", ""),  # "tagged working class"
    ],
)
def test_what_a_film_is_for_is_no_wish(text: str, wish: str) -> None:
    assert wish_of(text)[0] == wish


def test_an_end_of_it(engine: Engine) -> None:
    session = Session(State(cards=CARDS, focus=CARDS[0], shown=CARDS))
    _, cards = ask(engine, session, "stop")
    assert not cards and session.now.cards == CARDS and not session.now.wish
    assert wish_of("trashier") == ("trashy", "") and wish_of("cosier") == ("cosy", "")
    assert wish_of("with a happier end")[0] == "light, playful, cheerful"
    assert wish_of("my husband and I usually enjoy       ") == ("", "")


def test_a_film_by_whose_maker_others_are_wanted_is_not_liked() -> None:
    """Regression: "Jaws: noted", of "anything by the guy who made Jaws?"."""
    said = read("anything by the guy who made The Shining?", (), None)
    assert said.same == "directors" and not (said.liked or said.wish)
    assert read("I love The Shining, more by him", (), None).liked == (AT["The Shining"],)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("I don't want to think tonight", "light, easygoing, fun"),
        ("something to switch my brain off", "light, easygoing, fun"),
        ("I don't think so", ""),
        ("no spoilers!", ""),
    ],
)
def test_states_of_mind(text: str, wish: str) -> None:
    found, avoid = wish_of(text)
    assert wish in found and bool(found) == bool(wish) and not avoid


def test_he_is_five_is_a_child() -> None:
    """Regression: The Wild Bunch, of "my son loves trains", "he's five"."""
    assert read("he's five", CARDS).genres_in == {"Children's"}
    assert read("there are five of us", CARDS).genres_in == frozenset()
