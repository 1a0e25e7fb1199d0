"""Common ways to ask that brought something else, found by talking to the chat."""

from dataclasses import replace

import numpy as np
import pytest

from app.engine import Engine
from app.fame import well_known
from app.intents import Intent
from app.orders import NEWEST
from app.people import PeopleIndex
from app.reader import Reader
from app.reasons import Reasons
from app.session import Session, State
from app.terms import Terms
from app.titles import TitleIndex
from app.wishes import same_people, spoken, wish_of
from data.catalogue import Catalogue, Item
from tests.app import fakes
from tests.app.test_asking import AT, CARDS, CATALOGUE, read
from tests.app.test_engine import ask


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("is alien any good? i liked heat n stuff like that", "ask_about"),  # liked Alien, too
        ("Before I commit to Alien: do I need to like space?", "ask_about"),
        ("can i watch the godfather with my 10 year old", "ask_about"),  # films for children
        ("what do you think about Heat?", "ask_about"),  # was taken for a liking
        ("rate Fargo", "ask_about"),
        ("what's the plot of heat", "ask_about"),  # looked for "plot of heat"
        ("is heat better than casablanca", "compare"),
        ("tell me a joke", "off_topic"),  # recommended comedies
        ("heat any good?", "ask_about"),
        ("My son is obsessed with dinosaurs", "recommend"),  # was greeted
        ("what do you mean", "help"),  # found mean girls
        ("hey! i got a new job today, starting monday", "chitchat"),  # looked for a "new job"
    ],
)
def test_first_messages(text: str, intent: Intent) -> None:
    assert read(text, (), None).intent == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What else is there?", "more"),  # told the story of the first film again
        ("YESSS n is there anotha 1 like dat?", "more"),
        ("Then so shall I. Is there anything I should know beforehand?", "ask_about"),
        ("or boxing?", "recommend"),  # told the story of the first film
        ("ok. unrelated: capital of mongolia?", "off_topic"),
        ("ok that", "feedback"),  # showed three others
        ("the third", "feedback"),
        ("why", "ask_about"),  # showed three others
        ("wtf is this", "chitchat"),  # looked for it
        ("this is not what i asked for", "chitchat"),
    ],
)
def test_messages_on_cards(text: str, intent: Intent) -> None:
    assert read(text).intent == intent


def test_what_is_better_than_a_film_says_nothing_against_it() -> None:
    """ "is Titanic better than Casablanca" was a dislike of Casablanca."""
    assert read("is heat better than casablanca", (), None).disliked == ()


@pytest.mark.parametrize(
    ("text", "wish", "avoid"),
    [
        ("something like that but sadder", "sad", ""),  # was "sadd"
        ("less          more thinking", "thinking", ""),  # the genre is blanked: avoided thinking
        ("not in the mood for anything heavy", "", "heavy"),  # wished for heavy
        ("something easy. had a long day", "easygoing, light, relaxing, gentle", ""),
        ("a good film that isn't american", "foreign", ""),  # wished for american
        ("make me laugh", "funny, hilarious", ""),  # found "Garbo laughs"
        ("so bad it's good", "campy, cheesy", ""),
        ("something like that, not black and white", "", "black-and-white"),  # wished for white
        ("movies that make you think", "thought-provoking, thoughtful", ""),
        ("something for my boyfriend, he's picky", "", ""),  # found ice picks
        ("what could we watch together?", "", ""),  # found Threesome
        ("3 stars or better", "", ""),  # found Star Trek
        ("something for a rainy sunday with my grandma", "cozy, gentle, warm", ""),
    ],
)
def test_wishes(text: str, wish: str, avoid: str) -> None:
    assert wish_of(text) == (wish, avoid)


def test_an_order_is_no_word_of_the_wish() -> None:
    """The newest comedy was "tagged new jersey, as you asked", and a lesser-known film by Hitchcock
    one that is tagged "little-known film"."""
    assert spoken(f"funny, {NEWEST}") == "funny"
    assert spoken("lesser-known, spies") == "spies"


def test_an_order_is_no_tag_that_films_are_put_first_for(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_for: list[str] = []

    def named(wish: str) -> np.ndarray:
        looked_for.append(wish)
        return np.zeros(len(CATALOGUE), np.float32)

    monkeypatch.setattr(engine.chooser.sources.terms, "named", named)
    engine.chooser.sources.factor(State(wish=f"lesser-known, robots, {NEWEST}"))
    assert looked_for == ["robots"]


@pytest.mark.parametrize("text", ["something from the last few years", "any recent films?"])
def test_recent_films_are_the_newest(text: str) -> None:
    assert read(text, (), None).wish == NEWEST


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("what else did they make?", "directors"),
        ("any others by him?", "directors"),
        ("other films with him", "cast"),
        ("what else has she been in", "cast"),
    ],
)
def test_the_same_people_again(text: str, same: str) -> None:
    assert same_people(text) == same


def test_the_same_director_is_that_of_the_films_liked(engine: Engine, session: Session) -> None:
    """After two films by Tarantino "the same director" was that of the first film shown."""
    list(engine.reply(session, "i liked the shining and 2001: a space odyssey"))
    text, cards = ask(engine, session, "something by the same director")
    # Both are liked, and he has no other here.
    assert "Stanley Kubrick" in text and cards
    assert not session.now.filters.people


def test_what_a_director_also_made_is_recommended(engine: Engine, session: Session) -> None:
    list(engine.reply(session, "who directed Alien?"))
    _, cards = ask(engine, session, "what else did he make?")
    assert AT["Blade Runner"] in cards


def test_a_film_to_be_like_that_is_unknown_here() -> None:
    """ "A movie like inception" looked for films about inception."""
    assert [t.text for t in read("recommend me a movie like zorgon", (), None).unknown] == [
        "zorgon"
    ]
    assert read("a movie like space", (), None).unknown == ()
    # "matrix" is a word of some catalogues, and "the matrix" is a title all the same.
    assert [t.text for t in read("movies like the blorb", (), None).unknown] == ["the blorb"]


def test_a_name_that_stories_tell_of_is_no_unknown_title() -> None:
    """ "I love Jane Austen" was answered by "I do not know a film called Jane Austen"."""
    film = Item("1", "Emma", 1996, synopsis="A matchmaker errs.", tags=("jane austen adaptation",))
    catalogue = Catalogue("made", [film, Item("2", "Heat", 1995)])
    reader = Reader(catalogue, TitleIndex(catalogue, np.ones(2, np.float32)))
    said = reader.read("what should i watch if i love Jane Austen")
    assert (said.unknown, said.wish) == ((), "Jane Austen")


def test_a_card_is_meant_by_a_word_of_its_title() -> None:
    """ "Why shawshank?" brought other films."""
    said = read("why casablanca then", (AT["Casablanca"], AT["Alien"]))
    assert said.named == (AT["Casablanca"],)
    cards = (AT["Annie Hall"], AT["Groundhog Day"])
    assert read("is groundhog sad?", cards).named == (AT["Groundhog Day"],)


def test_several_seen_films_are_all_heard(engine: Engine, session: Session) -> None:
    """Of three films seen one was said to be off the list."""
    text, _ = ask(engine, session, "i have seen Alien, Heat and Fargo")
    assert "those 3" in text.lower()


def test_compared_films_are_what_the_talk_is_of(engine: Engine, session: Session) -> None:
    """ "Which one should I see first" after a comparison brought other films."""
    text, _ = ask(engine, session, "what's the difference between Alien and Aliens?")
    assert (
        "Both are filed under Action and Sci-Fi, tense in mood and tagged monster and space."
        in text
    )  # was "Both have ..."
    again, cards = ask(engine, session, "which one should I see first?")
    assert cards == []
    assert "Alien" in again and "Tell me a film you love" not in again


def test_the_third_card_stays_the_third_after_a_comparison(
    engine: Engine, session: Session
) -> None:
    """A comparison of the first two left two cards, and "the third" was none of them."""
    list(engine.reply(session, "sci-fi please"))
    cards = session.now.cards
    list(engine.reply(session, "what's the difference between the first two?"))
    assert session.now.cards == cards


def test_no_films_with_kids() -> None:
    """ "nothing with kids" was a wish for films for children."""
    said = read("ok and nothing with kids")
    assert (said.genres_in, said.genres_out) == (frozenset(), frozenset({"Children's"}))


def _film(title: str, *people: str, tags: str = "", moods: str = "") -> Item:
    tagged = (tags,) if tags else ()
    felt = (moods,) if moods else ()
    return Item(title, title, directors=people[:1], cast=people[1:], tags=tagged, moods=felt)


def test_whom_people_are_bored_of_and_whom_they_love() -> None:
    films = [
        _film("Rope", "Alfred Hitchcock", "James Stewart"),
        _film("Bird", "Clint Eastwood"),
        _film("Darling", "John Schlesinger", "Julie Christie"),
    ]
    people = PeopleIndex(Catalogue("made", films))
    assert people.wanted("I'm bored of Clint Eastwood").unwanted == ("Clint Eastwood",)
    assert people.wanted("I love Hitchcock. Where should I start?").wanted == ("Alfred Hitchcock",)
    assert people.wanted("something from agatha christie").wanted == ()  # was Julie Christie


def test_northern_lights_are_no_light_film() -> None:
    films = [
        _film("Aurora", tags="northern lights", moods="calm"),
        _film("Farce", tags="dark comedy", moods="light"),
        _film("Grim", moods="dark"),
    ]
    catalogue = Catalogue("made", films)
    terms, reasons = Terms(catalogue), Reasons(replace(fakes.parts(), catalogue=catalogue))
    assert terms.named("light").tolist() == [0, 1, 0]
    assert terms.named("dark").tolist() == [0, 0.5, 1]
    wished = [{reason.kind for reason in reasons.of(at, State(wish="light"))} for at in range(3)]
    assert ["wish" in kinds for kinds in wished] == [False, True, False]


def test_films_with_both_come_before_films_with_one(engine: Engine) -> None:
    """Of two actors asked for together the films with either came in any order."""
    both = {"Joel Coen", "Ridley Scott"}
    filters = read("films by Joel Coen and Ridley Scott", (), None)
    assert {*filters.people} == both
    state = State()
    state = State(filters=state.filters.updated(filters))
    factor = engine.chooser.sources.factor(state)
    assert np.array_equal(factor > 0, [bool(both & {*film.directors}) for film in CATALOGUE])


def test_a_film_with_somebody_is_no_film_that_is_told_of() -> None:
    """ "I'm looking for a movie with Tom Hanks and Meg Ryan" was answered by a guess."""
    assert read("I'm looking for a movie with Clint Eastwood and Woody Allen", (), None).told == ""


def test_a_likeness_to_two_films_is_no_wish_for_a_mixture() -> None:
    said = read("something like a mix between Alien and The Shining", (), None)
    assert (said.wish, said.alike) == ("", (AT["Alien"],))


def test_who_wrote_a_film_is_not_known_here(engine: Engine, session: Session) -> None:
    text, _ = ask(engine, session, "who wrote Alien?")
    assert "does not say who wrote" in text
    text, _ = ask(engine, session, "is it sci-fi?")
    assert "filed under" in text


@pytest.mark.parametrize("text", ["what do you know about me?", "do you remember what i told you"])
def test_what_is_known_of_whoever_asks(engine: Engine, session: Session, text: str) -> None:
    """Asked what it remembered the chat recommended films."""
    assert "Nothing yet" in ask(engine, session, text)[0]
    list(engine.reply(session, "i loved Alien and Heat, hated Grease. something with robots"))
    answer, cards = ask(engine, session, text)
    assert cards == []
    assert "You liked Alien (1979) and Heat (1995)." in answer
    assert "You did not like Grease (1978)." in answer
    assert "robots" in answer


def test_a_genre_alone_keeps_the_wish(engine: Engine, session: Session) -> None:
    """After "something with robots" a "comedy" was any comedy."""
    list(engine.reply(session, "something with robots"))
    list(engine.reply(session, "action"))
    assert (session.now.wish, session.now.filters.genres_in) == ("robots", frozenset({"Action"}))


def test_films_that_are_too_old_are_followed_by_newer_ones() -> None:
    assert read("they are all too old").newer is True


def test_whom_to_exclude() -> None:
    """ "exclude ones with Arnold Schwarzenegger" brought his films."""
    said = read("exclude ones with Ridley Scott")
    assert (said.people, said.people_out) == ((), ("Ridley Scott",))


def test_an_unknown_title_has_no_far_fetched_neighbour() -> None:
    """The nearest title to "The Hangover" was The Stranger, for its article."""
    (title,) = read("we loved The Hangover", (), None).unknown
    assert title.nearest is None


@pytest.mark.parametrize(
    ("text", "strangers", "people"),
    [
        ("something by Joel Nolan", ("Joel Nolan",), ()),
        ("anything from joel villeneuve?", ("joel villeneuve",), ()),
        ("a movie starring Ryan Gosling please", ("Ryan Gosling",), ()),
        ("something by nolan", ("nolan",), ()),
        ("a film with Zendaya", ("Zendaya",), ()),
        ("a film with robots by Ridley Scott", (), ("Ridley Scott",)),
        ("something with monsters from the eighties", (), ()),
        ("a comedy by any director", (), ()),
    ],
)
def test_people_whom_no_film_here_names(
    text: str, strangers: tuple[str, ...], people: tuple[str, ...]
) -> None:
    """ "something by Christopher Nolan" brought the films of Matt Nolan."""
    said = read(text, (), None)
    assert (said.strangers, said.people) == (strangers, people)
    assert not strangers or (said.wish, said.foreign) == ("", False)


def test_a_name_that_no_film_has_is_said_to_be_unknown(engine: Engine, session: Session) -> None:
    assert "Ryan Gosling" in ask(engine, session, "films with Ryan Gosling")[0]


def test_what_is_also_seen_is_not_liked() -> None:
    said = read("I have also seen Alien and Heat", (), None)
    assert (said.seen, said.liked) == ((AT["Alien"], AT["Heat"]), ())


def test_mainstream_films_are_the_known_ones(engine: Engine) -> None:
    """ "A bit more mainstream" looked for the word."""
    fame = engine.chooser.sources.fame
    factor = engine.chooser.sources.factor(State(wish="mainstream"))
    assert factor[int(fame.argmax())] > factor[int(fame.argmin())]
    assert spoken("mainstream, robots") == "robots"
    assert not well_known("something less famous")


def test_anime_is_animation_and_a_wish() -> None:
    said = read("can you recommend some anime", (), None)
    assert (said.genres_in, said.wish) == (frozenset({"Animation"}), "anime")


def test_seen_those_is_all_that_were_shown() -> None:
    """Of "seen those" the first card was off the list."""
    assert read("seen those").seen == CARDS


def test_he_is_six() -> None:
    assert read("he's 6", (), None).genres_in == {"Children's"}
    assert read("he's 6 feet tall", (), None).genres_in == frozenset()


@pytest.mark.parametrize(
    ("text", "people", "alike"),
    [
        ("Which movies did Kubrick make?", ("Stanley Kubrick",), ()),
        ("tarantino then", ("Quentin Tarantino",), ()),
        ("luv tarantino", ("Quentin Tarantino",), ()),
        ("gimme kubrick pls", ("Stanley Kubrick",), ()),
        ("i liek tarantino films", ("Quentin Tarantino",), ()),
        ("Tarantino style but funny", (), ("Quentin Tarantino",)),
    ],
)
def test_surnames(text: str, people: tuple[str, ...], alike: tuple[str, ...]) -> None:
    said = read(text, (), None)
    assert (said.people, said.people_alike) == (people, alike)


def test_a_film_that_we_saw_already_is_seen() -> None:
    said = read("we saw Heat already", (), None)
    assert (said.seen, said.liked) == ((AT["Heat"],), ())


def test_how_are_you(engine: Engine, session: Session) -> None:
    """The answer was "That happens"."""
    assert "thank you" in ask(engine, session, "how are you?")[0]


@pytest.mark.parametrize(
    ("text", "wish", "genres"),
    [
        ("world war 2 movies", "world war ii", set()),  # War films about a "world"
        ("something about WW1", "world war i", set()),
        ("films about the Second World War", "world war ii", set()),
        ("war movies", "", {"War"}),
        ("movies about AI", "artificial intelligence", set()),  # "Hello! I am best at films"
        ("friendship between women", "female friendship", set()),
        ("gangster movies", "mafia gangsters", {"Crime"}),  # any crime
        ("slashers", "slashers", {"Horror"}),
    ],
)
def test_kinds_by_their_usual_names(text: str, wish: str, genres: set[str]) -> None:
    said = read(text)
    assert (said.intent, said.wish, said.genres_in) == ("recommend", wish, genres)


def test_a_kind_of_a_genre_is_a_wish_of_its_own(engine: Engine, session: Session) -> None:
    ask(engine, session, "gangster movies")
    ask(engine, session, "slashers")
    assert session.now.wish == "slashers" and session.now.filters.genres_in == {"Horror"}
