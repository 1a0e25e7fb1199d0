"""How answers are to be: how long, how far afield, in which of several words; what to say next."""

import numpy as np
import pytest

from app.cards import plain_text
from app.engine import Engine
from app.events import Card
from app.manner import beside, changed
from app.session import NOVELTIES, Filters, Novelty, Session, State
from app.session_json import from_json, to_json
from app.suggestions import suggestions
from data.errors import IlmChatError
from tests.app.test_asking import AT, CATALOGUE
from tests.app.test_engine import ask


def test_answers_are_as_long_as_they_are_asked_to_be(engine: Engine, session: Session) -> None:
    at_length, _ = ask(engine, session, "sci-fi")
    ask(engine, session, "shorter answers please")
    assert session.now.brief and session.now.filters.genres_in == {"Sci-Fi"}
    assert from_json(to_json(session.now, CATALOGUE), CATALOGUE) == session.now
    short, cards = ask(engine, session, "more")
    assert len(cards) == 3 and len(short) < len(at_length) / 2
    assert all(CATALOGUE[card].title in short for card in cards)  # on the cards
    ask(engine, session, "be less brief")
    assert not session.now.brief
    assert len(ask(engine, session, "a drama")[0]) > len(short)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("be more adventurous", "balanced", "surprising"),
        ("surprise me more please", "balanced", "surprising"),
        ("ok, show me some more unexpected ones", "familiar", "balanced"),
        ("these are too obvious", "balanced", "surprising"),
        ("a bit less predictable films please", "surprising", "surprising"),
        ("more variety", "balanced", "surprising"),
        ("play it safe", "surprising", "balanced"),
        ("be a bit less adventurous", "balanced", "familiar"),
        ("more familiar films, please", "familiar", "familiar"),
        ("those are strange", "balanced", "balanced"),
    ],
)
def test_how_far_afield_moves_by_a_step(text: str, before: Novelty, after: Novelty) -> None:
    found = changed(text, State(novelty=before))
    assert (before if found is None else found[0].novelty) == after
    assert (found is None) == (text == "those are strange")


@pytest.mark.parametrize(
    "text",
    ["short films", "a film that is short", "more detail", "be kind", "surprise me", "adventure",
     "something more adventurous in the jungle", "a surprising ending", "safe", "a wild comedy",
     "more surprising than Seven"],
)  # fmt: skip
def test_other_words_change_no_manner(text: str) -> None:
    assert changed(text, State()) is None


def test_asking_for_surprises_brings_other_films_of_the_same_wish(
    engine: Engine, session: Session
) -> None:
    ask(engine, session, "sci-fi")
    told, cards = ask(engine, session, "be more adventurous")
    assert session.now.novelty == "surprising" and len(cards) == 3
    assert told.startswith(("A little further afield", "Off the well-trodden path"))
    assert all("Sci-Fi" in CATALOGUE[card].genres for card in cards)
    assert from_json(to_json(session.now, CATALOGUE), CATALOGUE) == session.now


def test_the_further_afield_the_less_watched_and_the_less_alike(engine: Engine) -> None:
    sources = engine.chooser.sources
    fame, likeness = [], []
    for novelty in NOVELTIES:
        found = engine.recommend(State(likes=(AT["Alien"],), novelty=novelty), 5)
        fame.append(float(sources.fame[found].mean()))
        likeness.append(float(np.triu(sources.likeness(found), 1).sum()))
    assert fame[0] >= fame[1] >= fame[2] and fame[0] > fame[2]
    assert likeness[0] >= likeness[1] >= likeness[2] and likeness[0] > likeness[2]


def test_little_known_films_are_that_however_familiar_others_are_to_be(engine: Engine) -> None:
    """What is asked for in so many words goes before a setting."""
    factor = engine.chooser.sources.factor
    plain = factor(State(wish="hidden gems"))
    assert (factor(State(wish="hidden gems", novelty="familiar")) == plain).all()


def test_no_other_novelty_than_these() -> None:
    with pytest.raises(IlmChatError, match="one of: familiar, balanced, surprising"):
        from_json({"novelty": "wild"}, CATALOGUE)


def test_a_turn_replayed_has_the_same_films_and_the_seed_s_words(
    engine: Engine, session: Session
) -> None:
    ask(engine, session, "I loved Alien")
    ask(engine, session, "a comedy")
    first = session.now

    def replayed(seed: int) -> tuple[str, list[int]]:
        events = list(engine.replay(session, seed))
        assert len(session.past) == 2 and session.past[-1][1] == "a comedy"
        return plain_text(events), [event.item for event in events if isinstance(event, Card)]

    one, two, again = replayed(1), replayed(2), replayed(1)
    assert one == again and one[0] != two[0]
    assert one[1] == two[1] == [*first.cards]
    assert session.now.shown == first.shown


def test_a_seed_without_a_turn_says_nothing(engine: Engine, session: Session) -> None:
    assert list(engine.replay(session, 3)) == []


def test_what_is_suggested_is_understood(engine: Engine, session: Session) -> None:
    ask(engine, session, "sci-fi")
    now = session.now
    offered = suggestions(now, CATALOGUE, 3)
    assert offered[0] == "More" and "Compare the first two" in offered
    for words in offered:
        fresh = Session(now)
        told, cards = ask(engine, fresh, words)
        assert bool(cards) != words.startswith(("Why", "Compare")), words
        assert not told.startswith(("I do not know", "“"))
        moved = fresh.now.filters
        assert (moved.newer_than is not None) == (words == "Something newer")
        assert (moved.older_than is not None) == (words == "Something older")


def test_nothing_newer_is_suggested_than_there_is() -> None:
    newest = max(range(len(CATALOGUE)), key=lambda film: CATALOGUE[film].year or 0)
    assert "Something newer" not in suggestions(State(cards=(newest,)), CATALOGUE, 1)
    assert "Something older" in suggestions(State(cards=(newest,)), CATALOGUE, 1)
    assert suggestions(State(cards=(newest,)), CATALOGUE, 0) == []


def test_where_no_film_is_left_what_to_drop_is_suggested(engine: Engine, session: Session) -> None:
    _, cards = ask(engine, session, "a western from the 40s")
    assert not cards
    offered = suggestions(session.now, CATALOGUE, 0)
    assert offered and all(words.startswith("Drop ") for words in offered)
    _, cards = ask(engine, session, offered[0])
    assert cards
    everything = tuple(range(len(CATALOGUE)))
    nothing = State(seen=everything, filters=Filters(year_min=1990))
    assert suggestions(nothing, CATALOGUE, 0) == ["Start over"]


def test_manner_is_understood_beside_something_else(engine: Engine, session: Session) -> None:
    """Regression: it was "short answers" that a film was sought by."""
    told, cards = ask(engine, session, "short answers please, and one comedy for tonight")
    assert session.now.brief and session.now.filters.genres_in == {"Comedy"}
    assert len(cards) == 1 and not session.now.wish and told.startswith("Films and a line each")
    told, cards = ask(engine, session, "a drama, and be more adventurous")
    assert session.now.novelty == "surprising" and session.now.filters.genres_in == {"Drama"}
    assert cards


def test_manner_is_looked_for_at_both_ends_of_a_long_message() -> None:
    """A clause that says it is short: with every other as well, 4,000 commas took half a minute."""
    story = "I saw a film about a lighthouse, " * 500
    found = beside(f"{story}short answers please", State())
    assert found is not None and found[0].brief and found[2].startswith("I saw a film")
    assert beside("short answers please, " + story, State()) is not None
    assert beside("," * 20_000 + " a", State()) is None


@pytest.mark.parametrize(
    "text",
    ["a drama, and a comedy", "films that are short, and safe", "brief encounters. or a western",
     "shorter answers, please"],
)  # fmt: skip
def test_nothing_else_is_said_beside(text: str) -> None:
    assert beside(text, State()) is None
