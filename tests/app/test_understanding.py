import time

import numpy as np
import pytest

from app.reader import Reader
from app.session import Filters
from app.titles import TitleIndex
from app.understanding import MAX_CHARACTERS, Understanding
from data.catalogue import Catalogue, Item
from tests.app import fakes

CATALOGUE = fakes.catalogue()
READER = Reader(
    CATALOGUE, TitleIndex(CATALOGUE, np.linspace(200, 20, len(CATALOGUE), dtype=np.float32))
)
AT = {item.title: index for index, item in enumerate(CATALOGUE)}
CARDS = (AT["Aliens"], AT["Contact"], AT["Casablanca"])


def read(text: str, cards: tuple[int, ...] = ()) -> Understanding:
    return READER.read(text, cards)


def test_the_sentence_of_the_readme() -> None:
    said = read("I loved The Empire Strikes Back and Alien, something in space but not horror")
    assert said.intent == "recommend"
    assert said.liked == (AT["The Empire Strikes Back"], AT["Alien"])
    assert said.genres_out == {"Horror"} and not said.genres_in
    assert "space" in said.wish and "horror" not in said.wish


@pytest.mark.parametrize(
    ("text", "liked", "disliked"),
    [
        ("loved heat but hated grease", ["Heat"], ["Grease"]),
        ("Casablanca was boring", [], ["Casablanca"]),
        ("nothing like Grease, please", [], ["Grease"]),
        ("I couldn't stand Annie Hall. Fargo is a favourite.", ["Fargo"], ["Annie Hall"]),
        ("didn't like Contact, whereas Stargate was brilliant", ["Stargate"], ["Contact"]),
        ("fargo. pulp fiction.", ["Fargo", "Pulp Fiction"], []),
    ],
)
def test_feelings_go_to_the_right_film(text: str, liked: list[str], disliked: list[str]) -> None:
    said = read(text)
    assert sorted(CATALOGUE[i].title for i in said.liked) == sorted(liked)
    assert [CATALOGUE[i].title for i in said.disliked] == disliked


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("is the second one scary?", ["Contact"]),
        ("the 1st one sounds good", ["Aliens"]),
        ("seen that one", ["Aliens"]),
        ("both sound good", ["Aliens", "Contact", "Casablanca"]),
        ("the nightclub one", ["Casablanca"]),
        ("the last one is too old", ["Casablanca"]),
    ],
)
def test_references_to_shown_films(text: str, titles: list[str]) -> None:
    assert [CATALOGUE[i].title for i in read(text, CARDS).refers_to] == titles


def test_seen_and_liked_through_a_reference() -> None:
    said = read("seen the second one, loved it", CARDS)
    assert said.seen == said.liked == (AT["Contact"],)


@pytest.mark.parametrize(
    ("text", "cards", "intent"),
    [
        ("more", CARDS, "more"),
        ("anything else?", CARDS, "more"),
        ("which one is better?", CARDS, "compare"),
        ("you pick", CARDS, "compare"),
        ("why did you pick that one?", CARDS, "ask_about"),  # two films were compared
        ("what is the second one about?", CARDS, "ask_about"),
        ("too dark, something lighter please", CARDS, "critique"),
        ("start over", CARDS, "reset"),
        ("change of plan, a comedy", CARDS, "reset"),
        ("hello there", (), "chitchat"),
        ("thanks!", CARDS, "chitchat"),  # was answered with a recommendation
        ("I liked the second one", CARDS, "feedback"),
        ("is that the one with the nightclub?", CARDS, "ask_about"),
        ("who directed it?", CARDS, "ask_about"),
        ("sold, going with the second one", CARDS, "feedback"),
        ("great, that's tonight settled. and something funny for sunday", CARDS, "recommend"),
        ("seen it. next", CARDS, "critique"),
        ("Heat or Fargo, which one?", (), "compare"),
        ("what's the capital of France?", (), "off_topic"),
        ("what can you do?", (), "help"),
        ("I want a western", (), "recommend"),
        ("🍿🍿", (), "empty"),
        ("   ", (), "empty"),
    ],
)
def test_intents(text: str, cards: tuple[int, ...], intent: str) -> None:
    assert read(text, cards).intent == intent


def test_contradictions_are_said_in_words() -> None:
    assert read("a comedy that is not a comedy").contradiction == "Comedy and no Comedy"
    assert read("before 1950 and after 1990").contradiction == "1991 or later and 1949 or earlier"
    assert read("a comedy, no horror, before 1950").contradiction == ""


def test_other_languages_are_noticed() -> None:
    assert read("Quisiera una película divertida para esta noche").foreign
    assert read("Посоветуйте хороший фильм").foreign
    assert not read("somthing funny n short pls, loved fargo").foreign


def test_long_messages_are_read_in_part_and_quickly() -> None:
    start = time.perf_counter()
    said = read("I loved Alien. " + "blah " * 4000)
    assert said.too_long and said.liked == (AT["Alien"],)
    assert time.perf_counter() - start < 2
    assert not read("x" * MAX_CHARACTERS).too_long


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("westerns aren't my thing", set(), {"Western"}),
        ("I want to leave the crime alone for a while", set(), {"Crime"}),
        ("It need not be animated", set(), set()),
        ("it needn't be only comedy", set(), set()),
        ("that movie was a crime", set(), set()),
        ("it was a crime story", {"Crime"}, set()),
        ("spies and the cold war", set(), set()),
        ("with more acton, no thriler", {"Action"}, {"Thriller"}),
    ],
)
def test_a_genre_in_passing_is_no_wish_for_it(
    text: str, wanted: set[str], unwanted: set[str]
) -> None:
    said = read(text)
    assert (said.genres_in, said.genres_out) == (wanted, unwanted)


def test_what_points_at_nothing_means_the_one_film_shown_last() -> None:
    assert read("slower please", (AT["Alien"],)).refers_to == (AT["Alien"],)
    assert read("slower please", (AT["Alien"], AT["Heat"])).refers_to == ()
    assert read("how do you boil an egg?", (AT["Alien"],)).refers_to == ()
    assert read("b4 1950").year_max == 1949


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("older please", ""),  # was searched for, and found a film of that name
        ("it needn't be only comedy", ""),
        ("rainy sunday", "cozy, gentle, warm"),  # found films with rain
        ("something for saturday night", ""),
        ("seen it, hated it", ""),
        ("something with robots", "robots"),
        ("something for his birthday", ""),  # found a film of a 37th birthday
        (
            "for the whole family, no musicals",
            "wholesome fun for children",
        ),  # "family" alone says nothing
        # A genre or a decade beside it took a short wish away with it.
        ("a warm comedy from the eighties", "warm"),
        ("best heist films of the 90s", "heist, acclaimed"),
    ],
)
def test_the_wish_is_what_a_film_should_be_like(text: str, wish: str) -> None:
    assert read(text, (AT["Alien"],)).wish == wish


def test_a_genre_may_be_set_free() -> None:
    said = read("it needn't be only comedy", CARDS)
    assert said.genres_free == {"Comedy"} and not said.genres_in and not said.genres_out
    assert Filters(genres_in=frozenset({"Comedy"})).updated(said) == Filters()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("that one with the monolith", "2001: A Space Odyssey"),
        ("what's that film where a bar owner meets his old love in wartime?", "Casablanca"),
    ],
)
def test_a_film_may_be_described(text: str, title: str) -> None:
    assert [CATALOGUE[i].title for i in read(text).named] == [title]


@pytest.mark.parametrize(
    "text", ["the one with the space", "the film where people talk", "I want one with a bow tie"]
)
def test_a_description_of_many_films_names_none(text: str) -> None:
    assert read(text).named == ()


def test_like_dislike_and_seen_in_one_breath() -> None:
    said = read("loved heat, hated grease, and i've already seen fargo")
    assert (said.liked, said.disliked, said.seen) == (
        (AT["Heat"],),
        (AT["Grease"],),
        (AT["Fargo"],),
    )


@pytest.mark.parametrize(
    ("text", "liked", "disliked", "seen"),
    [
        # A word of feeling belongs to the film nearest to it, not to every film shown.
        ("is it like Grease? I hated that one", [], ["Grease"], []),
        ("Everybody praises Heat but I was bored", [], ["Heat"], []),
        ("I can't stand Grease", [], ["Grease"], []),
        ("I have never seen it", [], [], []),
        ("that one sounds great", [], [], []),
        ("seen it, not for me", [], ["Alien"], ["Alien"]),
        ("something silly like Annie Hall", ["Annie Hall"], [], []),
        ("not scary like Scream", [], ["Scream"], []),
    ],
)
def test_feelings_about_what_was_shown(
    text: str, liked: list[str], disliked: list[str], seen: list[str]
) -> None:
    said = read(text, (AT["Alien"],))
    found = [[CATALOGUE[i].title for i in films] for films in (said.liked, said.disliked)]
    assert found == [liked, disliked]
    assert [CATALOGUE[i].title for i in said.seen] == seen


def test_films_of_earlier_answers_are_remembered() -> None:
    earlier = (AT["Fargo"], AT["Casablanca"])
    cards = (AT["Alien"],)
    shown = (*earlier, *cards)
    assert READER.read("the nightclub one then", cards, shown=shown).refers_to == (earlier[1],)
    assert READER.read("the other one", cards, cards[0], shown).refers_to == (earlier[1],)
    assert READER.read("which of the two?", cards, shown=shown).refers_to == (earlier[1], *cards)
    assert READER.read("the nightclub or the snow?", cards, shown=shown).refers_to == (
        earlier[1],
        earlier[0],
    )


def test_a_correction_by_year_means_the_other_film_of_that_name() -> None:
    films = Catalogue(
        "c",
        [
            Item("1", "Sabrina", year=1954, genres=("Comedy",)),
            Item("2", "Sabrina", year=1995, genres=("Comedy",)),
        ],
    )
    reader = Reader(films, TitleIndex(films, np.ones(2, dtype=np.float32)))
    said = reader.read("no, I meant the 1995 one", (0,), 0)
    assert said.named == (1,) and said.year_min is None


def test_a_year_after_a_title_is_no_limit() -> None:
    said = read("Alien (1979)")
    assert said.named == (AT["Alien"],) and said.year_min is None


@pytest.mark.parametrize("text", ["I love Fargo (1996)", "Like Paranormal Activity (2007)"])
def test_a_year_in_brackets_is_part_of_a_name(text: str) -> None:
    """Regression: it limited the years, whether the film was known or not."""
    said = read(text)
    assert (said.year_min, said.year_max) == (None, None)


def test_seen_is_said_of_the_film_that_follows() -> None:
    """Regression: "Seen Fargo already." marked the first card as seen, too."""
    assert read("Seen Fargo already.", CARDS).seen == (AT["Fargo"],)
    said = read("I liked Heat, seen Fargo", CARDS)
    assert (said.liked, said.seen) == ((AT["Heat"],), (AT["Fargo"],))
    assert read("I have seen Heat before.", CARDS).seen == (AT["Heat"],)


def test_what_is_too_much_is_not_wanted() -> None:
    """Regression: "Too grim, the third one." made "grim" the wish."""
    said = read("Too grim, the third one.", CARDS)
    assert (said.wish, said.avoid) == ("", "grim")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("something short", "how long a film runs"),
        ("a comedy under two hours", "how long a film runs"),
        ("not too long, please", "how long a film runs"),
        ("something funny on netflix", "where a film can be streamed"),
        ("rated PG", "age ratings"),
    ],
)
def test_what_no_row_says_is_no_wish(text: str, what: str) -> None:
    said = read(text)
    assert said.unknowable == (what,)
    assert said.wish in ("", "funny")
    assert said.avoid == ""


def test_other_long_things_can_be_wished_for() -> None:
    assert read("a long time ago in space").unknowable == ()


@pytest.mark.parametrize(
    "text",
    [
        "Could it be more tense?",
        "Can we go a bit lighter?",
        "I loved Heat. Could it be less dark?",
        "Could it be more witty? The first one is too adventurous for me.",
    ],
)
def test_asking_for_a_change_is_a_critique_and_no_question(text: str) -> None:
    """Regression: "Could it be more tense?" was answered with the story of the film shown."""
    assert read(text, CARDS).intent == "critique"


def test_asking_what_a_film_is_like_stays_a_question() -> None:
    assert read("Could it be too scary for a child?", CARDS).intent == "ask_about"
    assert read("is it more of a drama?", CARDS).intent == "ask_about"


def test_a_toddler_gets_films_for_children() -> None:
    """Regression: "Kids" and "The Babysitter" were found for one, by their titles."""
    said = read("what should I watch with a toddler tonight")
    assert said.genres_in == {"Children's"} and not said.wish
    said = read("a movie for my toddler's birthday")
    assert said.genres_in == {"Children's"} and not said.wish


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("nothing from the 80s", ((1980, 1989),)),  # was read as the opposite
        ("nothing from the eighties or nineties please", ((1980, 1999),)),
        ("not 80s, not from the 2000s", ((1980, 1989), (2000, 2009))),
        ("not 2001, that was boring", ()),
    ],
)
def test_decades_may_be_unwanted(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    said = read(text)
    assert (said.year_min, said.year_max, said.years_out) == (None, None, spans)
    assert not said.wish


@pytest.mark.parametrize("text", ["Heat I've seen", "heat we already know"])
def test_a_film_of_one_plain_word_is_known(text: str) -> None:
    """Was a wish for heat."""
    said = read(text)
    assert [CATALOGUE[film].title for film in said.seen] == ["Heat"] and not said.wish
