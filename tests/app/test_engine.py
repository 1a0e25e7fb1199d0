import copy
import itertools

import numpy as np
import pytest

from app.cards import plain_text
from app.engine import Engine
from app.events import Card, Event, Film, Status, Text, plain
from app.reasons import Reasons
from app.session import Session, State
from tests.app import fakes

README = "I loved The Empire Strikes Back and Alien, something in space but not horror"
BAD_INPUT = [
    "",
    "   ",
    "a" * 20_000,
    "I loved Alien. " + "very long story " * 1_500,
    "🍿🎬😀",
    "Quisiera una película divertida para esta noche, por favor",
    "おすすめの映画を教えてください",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)> I loved Alien",
    "I loved Gladiatorus Maximus",
    "a comedy that is not a comedy",
    "before 1950 and after 1990",
    "{film} {0} %s ${value} \\0",
    "\x00\x01 null",
    "'; DROP TABLE films; --",
    "1999 " * 300,
    "no no no not never nothing",
    "which one? the second one? it? that?",
]


def ask(engine: Engine, session: Session, message: str) -> tuple[str, list[int]]:
    events = list(engine.reply(session, message))
    return plain_text(events), [event.item for event in events if isinstance(event, Card)]


def titles(engine: Engine, items: list[int]) -> set[str]:
    return {engine.catalogue[item].title for item in items}


def test_the_sentence_of_the_readme(engine: Engine, session: Session) -> None:
    text, cards = ask(engine, session, README)
    assert len(cards) == 3
    for item in cards:
        assert "Horror" not in engine.catalogue[item].genres
    assert not titles(engine, cards) & {"The Empire Strikes Back", "Alien"}
    assert "space" in " ".join(engine.catalogue[i].synopsis for i in cards)
    assert "The Empire Strikes Back" in text


def test_more_never_repeats_and_ends_in_a_calm_sentence(engine: Engine, session: Session) -> None:
    _, first = ask(engine, session, README)
    seen = {*first}
    for _ in range(20):
        text, cards = ask(engine, session, "more")
        assert not seen & {*cards}
        seen |= {*cards}
        for item in cards:
            assert "Horror" not in engine.catalogue[item].genres
        if not cards:
            break
    assert not cards and "No film" in text and "drop no Horror" in text


def test_both_of_a_film_listed_twice_never_come(engine: Engine, session: Session) -> None:
    shown = []
    ask(engine, session, "I like Casablanca")
    for _ in range(15):
        shown += ask(engine, session, "more")[1]
    assert len({30, 31} & {*shown}) == 1


def test_likes_change_what_comes(engine: Engine) -> None:
    romance, action = Session(), Session()
    _, left = ask(engine, romance, "I loved Casablanca and When Harry Met Sally")
    _, right = ask(engine, action, "I loved Heat and Aliens")
    assert {*left} != {*right}
    assert any("Romance" in engine.catalogue[i].genres for i in left)
    assert any("Action" in engine.catalogue[i].genres for i in right)


def test_two_sessions_at_once_stay_apart(engine: Engine) -> None:
    one, other = Session(), Session()
    streams = [engine.reply(one, README), engine.reply(other, "a comedy, I hated Grease")]
    events: list[list[Event]] = [[], []]
    for pair in itertools.zip_longest(*streams):
        for place, event in enumerate(pair):
            if event is not None:
                events[place].append(event)
    alone = Session()
    assert events[0] == list(engine.reply(alone, README))
    assert one.now == alone.now
    assert other.now.likes == () and titles(engine, [*other.now.dislikes]) == {"Grease"}
    assert other.now.filters.genres_in == {"Comedy"} and not one.now.filters.genres_in


def test_a_stopped_answer_leaves_a_whole_session(engine: Engine, session: Session) -> None:
    stream = engine.reply(session, README)
    assert isinstance(next(stream), Status)
    assert isinstance(next(stream), Film | Text)
    stream.close()
    assert len(session.now.cards) == 3 and len(session.past) == 1


def test_undo_restores_everything(engine: Engine, session: Session) -> None:
    ask(engine, session, README)
    before = copy.deepcopy(session)
    ask(engine, session, "a comedy from the 80s, seen the first one")
    assert session.now != before.now
    assert session.undo() == "a comedy from the 80s, seen the first one"
    assert session == before
    session.undo()
    assert session == Session() and session.undo() is None


def test_retry_gives_other_films_and_undo_goes_before_both(
    engine: Engine, session: Session
) -> None:
    _, first = ask(engine, session, README)
    events = list(engine.retry(session))
    second = [event.item for event in events if isinstance(event, Card)]
    assert second and not {*first} & {*second}
    session.undo()
    assert session == Session()


@pytest.mark.parametrize("message", BAD_INPUT)
def test_bad_input_gets_a_calm_sentence_and_breaks_nothing(
    engine: Engine, session: Session, message: str
) -> None:
    text, _ = ask(engine, session, message)
    assert 10 < len(text) < 4_000
    # And the conversation goes on.
    _, cards = ask(engine, session, "start over. I loved Alien")
    assert len(cards) == 3


def test_long_messages_are_said_to_be_read_in_part(engine: Engine, session: Session) -> None:
    text, _ = ask(engine, session, BAD_INPUT[3])
    assert "first 2,000 characters" in text and "Alien" in text


def test_contradictions_change_nothing(engine: Engine, session: Session) -> None:
    ask(engine, session, "a comedy")
    held = session.now.filters
    for message in ("a western that is not a western", "before 1950 and after 1990"):
        text, cards = ask(engine, session, message)
        assert "no film can be both" in text and not cards
        assert session.now.filters == held


def test_nothing_left_says_how_many_each_relaxation_gives(engine: Engine, session: Session) -> None:
    text, cards = ask(engine, session, "a western before 1950")
    assert not cards and "“drop Western” leaves one film" in text
    _, cards = ask(engine, session, "drop Western")
    assert titles(engine, cards) == {"Casablanca"}


def test_an_unknown_title_is_said_to_be_unknown(engine: Engine, session: Session) -> None:
    text, _ = ask(engine, session, 'Do you have "The Lion Queen"?')
    assert "The Lion Queen" in text and "The Lion King" in text
    assert 24 not in session.now.likes


def test_questions_are_answered_from_the_catalogue(engine: Engine, session: Session) -> None:
    _, cards = ask(engine, session, "I loved Fargo")
    film = engine.catalogue[cards[1]]
    text, none = ask(engine, session, "what is the second one about?")
    assert film.synopsis in text and not none
    text, _ = ask(engine, session, "who directed it?")
    assert film.directors[0] in text
    text, _ = ask(engine, session, "how long is it?")
    assert "does not say how long" in text


def test_two_films_are_compared_by_facts_and_taste(engine: Engine, session: Session) -> None:
    ask(engine, session, "I loved When Harry Met Sally")
    text, cards = ask(engine, session, "which is better, Annie Hall or Heat?")
    assert not cards and "witty" in text and "Michael Mann" in text
    assert text.rstrip().endswith("Annie Hall (1977) is nearer to your taste.")


@pytest.mark.parametrize(
    ("message", "word"),
    [("hello there", "films"), ("what is 15% of 80?", "films"), ("help", "reason")],
)
def test_small_talk_is_led_back_to_films(
    engine: Engine, session: Session, message: str, word: str
) -> None:
    text, cards = ask(engine, session, message)
    assert word in text and not cards


def test_newer_and_older_go_by_the_last_cards(engine: Engine, session: Session) -> None:
    def years(items: list[int]) -> list[int]:
        return [engine.catalogue[item].year or 0 for item in items]

    _, cards = ask(engine, session, "I loved Blade Runner")
    _, older = ask(engine, session, "something older")
    assert older and max(years(older)) < min(years(cards))
    _, newer = ask(engine, session, "something newer")
    assert newer and min(years(newer)) > max(years(older))


def test_a_stated_year_holds_when_older_is_asked_too(engine: Engine, session: Session) -> None:
    ask(engine, session, "I loved Alien")
    _, cards = ask(engine, session, "something older, before 1960")
    assert cards and all((engine.catalogue[i].year or 9999) < 1960 for i in cards)


def test_answers_of_a_chat_differ_and_a_chat_replays_alike(engine: Engine) -> None:
    def chat() -> list[str]:
        session = Session()
        return [ask(engine, session, m)[0] for m in (README, "more", "more", "a comedy", "more")]

    first = chat()
    assert len(set(first)) == len(first)
    assert chat() == first


def test_every_film_in_an_answer_is_a_row_of_the_catalogue(engine: Engine) -> None:
    session = Session()
    for message in (README, "more", "which is better, the first or the second?", "I hated Heat"):
        for event in engine.reply(session, message):
            if isinstance(event, Film):
                item = engine.catalogue[event.item]
                assert event.title == f"{item.title} ({item.year})"
            if isinstance(event, Text):
                assert "{" not in event.text and "\0" not in event.text


@pytest.mark.parametrize(
    ("liked", "film", "kind", "words"),
    [
        (
            "The Shining",
            "2001: A Space Odyssey",
            "director",
            "Stanley Kubrick directed The Shining",
        ),
        ("Star Wars", "The Empire Strikes Back", "tags", "space opera and robots, like Star Wars"),
        ("Seven", "Heat", "audience", "viewers of Seven"),
    ],
)
def test_reasons_are_facts(engine: Engine, liked: str, film: str, kind: str, words: str) -> None:
    at = {item.title: index for index, item in enumerate(engine.catalogue)}
    reasons = Reasons(engine.parts).of(at[film], State(likes=(at[liked],)))
    found = {reason.kind: plain(reason.short, engine.catalogue) for reason in reasons}
    assert words in found[kind]
    assert {"asked", "wish"}.isdisjoint(found)


def test_a_wish_is_a_reason_only_where_the_film_has_it(engine: Engine) -> None:
    state = State(wish="something with robots")
    kinds = [{r.kind for r in Reasons(engine.parts).of(item, state)} for item in (0, 16)]
    assert "wish" in kinds[0] and "wish" not in kinds[1]


@pytest.mark.parametrize(
    ("generated", "shown"),
    [
        ("A story about people far from home. They find out what matters. And th", True),
        ("It is like Blade Runner but longer and a good deal louder.", False),
        ("The people of the town of the people of the town of the people.", False),
        ("Too short.", False),
        ("No sentence ever ends here and so on and so forth", False),
        ("Directed with care by Stanley Kubrick, it tells of two lovers.", False),
        ("", False),
    ],
)
def test_the_models_own_words_pass_only_after_checking(generated: str, shown: bool) -> None:
    parts = fakes.parts()
    parts.model.text = generated  # type: ignore[attr-defined]
    text, _ = ask(Engine(parts, describe=True), Session(), "what is Casablanca about?")
    assert ("In the model's own words" in text) == shown
    assert "And th" not in text
    silent, _ = ask(Engine(parts), Session(), "what is Casablanca about?")
    assert "own words" not in silent


def test_columns_say_nothing_for_a_newcomer(engine: Engine) -> None:
    columns = engine.chooser.sources.score_columns([])
    assert np.isneginf(columns["als"]).all() and np.isfinite(columns["popularity"]).all()
    assert "wish" not in columns and "wish" in engine.chooser.sources.score_columns([], "robots")


def test_the_model_is_asked_for_films_not_yet_chosen(engine: Engine) -> None:
    """What the stand-in says of a history's own films is nonsense, and reaches nobody."""
    columns = engine.chooser.sources.score_columns([3, 5])
    assert set(np.flatnonzero(columns["ilm"] > 1e5)) == {3, 5}
    state = State().felt("like", (3, 5))
    assert not {3, 5} & {*engine.recommend(state, 30)}


def test_which_of_two_films_is_closer_does_not_ask_about_a_chosen_one(engine: Engine) -> None:
    alien, aliens, shining, love = 3, 4, 8, 17
    state = State().felt("like", (alien,))
    assert engine.chooser.closer(love, alien, state) == alien  # who likes it likes it
    assert engine.chooser.closer(alien, love, state) == alien
    assert engine.chooser.closer(love, aliens, state) == aliens
    both = State().felt("like", (love, aliens))
    assert engine.chooser.closer(love, aliens, both) is None
    assert engine.chooser.closer(love, aliens, both.felt("like", (alien,))) == aliens
    assert engine.chooser.closer(aliens, love, both.felt("like", (alien,))) == aliens
    assert engine.chooser.closer(shining, love, State()) is None


def test_what_the_catalogue_does_not_say_is_said(engine: Engine, session: Session) -> None:
    text, cards = ask(engine, session, "something funny and not too long")
    assert "how long a film runs" in text
    assert cards
