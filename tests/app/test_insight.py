"""What a presenter sees behind an answer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.engine import Engine
from app.insight import SHOWN, Insight, Observer
from app.parts import Vector
from app.ranking import diverse
from app.session import Filters, Question, Session, State
from prompts.templates import Placeholder
from tests.app import fakes


@pytest.fixture(scope="module")
def observer() -> Observer:
    return Observer(Engine(fakes.parts()))


def item(id: int) -> int:
    return id - 1


def look(observer: Observer, **state: Any) -> Insight:
    return observer.look(Question(State(**state)))


def test_candidates_are_the_engine_s_own_order(observer: Observer) -> None:
    state = State(likes=(item(4), item(6)), filters=Filters(year_min=1990))
    found = observer.look(Question(state)).candidates
    assert found[0].item == observer.engine.recommend(state, 1)[0]
    assert [candidate.place for candidate in found] == list(range(1, len(found) + 1))
    assert len(found) <= SHOWN
    catalogue = observer.parts.catalogue
    assert all((catalogue[candidate.item].year or 0) >= 1990 for candidate in found)


def test_dislikes_and_several_genres_count_as_they_do_in_the_answer(observer: Observer) -> None:
    # The observer once ranked by itself and left both out of the order.
    state = State(
        likes=(item(4),),
        dislikes=(item(12),),
        filters=Filters(genres_in=frozenset({"Crime", "Thriller"})),
    )
    engine = observer.engine
    ranked = engine.chooser.ranked(state)
    seen = [candidate.item for candidate in observer.look(Question(state)).candidates]
    assert seen == ranked.items[:SHOWN]
    assert engine.recommend(state, 3) == diverse(seen, ranked.scores, engine.chooser.sources, 3)
    without = replace(state, dislikes=())
    assert seen != engine.chooser.ranked(without).items[:SHOWN], "the dislike changes nothing here"


@pytest.mark.parametrize(
    "messages",
    [
        ["I loved Alien but hated Heat, a crime thriller"],
        ["I loved Alien and Fargo, something in space", "something newer", "more like the second"],
        ["Something like Fargo", "why the first?"],
        ["A comedy from the eighties", "drop Comedy"],
    ],
)
def test_what_is_looked_at_is_what_the_cards_were_ranked_for(
    observer: Observer, messages: list[str]
) -> None:
    session = Session()
    for message in messages:
        list(observer.engine.reply(session, message))
        asked, cards = session.now.asked, session.now.cards
        assert asked is not None and asked.state.asked is None
        found = [candidate.item for candidate in observer.look(asked).candidates]
        assert cards and found[0] == cards[0] and {*cards} <= {*found}
        assert observer.engine.recommend(asked.state, 3, named=asked.named) == [*cards]


def test_other_films_for_the_same_message_have_their_own_question(observer: Observer) -> None:
    session = Session()
    list(observer.engine.reply(session, "I loved Alien"))
    first = session.now.asked
    list(observer.engine.retry(session))
    second = session.now.asked
    assert first is not None and second is not None and first.state != second.state
    assert observer.look(second).candidates[0].item == session.now.cards[0]
    session.undo()
    assert session.now.asked is None


def test_where_no_film_is_left_there_is_no_candidate_and_the_reasons_are_counted(
    observer: Observer,
) -> None:
    session = Session()
    list(observer.engine.reply(session, "a western after 1995"))
    assert session.now.asked is not None
    found = observer.look(session.now.asked)
    assert found.candidates == [] and dict(found.removed)["Western"] > 1


def test_places_are_counted_among_allowed_films(observer: Observer) -> None:
    found = look(observer, likes=(item(4),)).candidates
    popularity = {c.item: c.places["popularity"] for c in found}
    # Chosen less from film to film; only the liked one is out.
    assert popularity[item(1)] == 1
    assert all(place == n + (n < item(4)) for n, place in popularity.items())
    assert {"ilm", "als", "neighbours", "genres", "content"} <= set(found[0].places)
    assert "wish" in look(observer, likes=(item(4),), wish="rain").candidates[0].places
    # Nobody was liked: what goes by likes has nothing to say.
    assert "neighbours" not in look(observer).candidates[0].places


def test_a_model_beside_has_places_and_no_say(observer: Observer) -> None:
    class Backwards(fakes.FakeModel):
        """The last film of the catalogue first."""

        def rank(self, histories: Sequence[Sequence[int]], *, new_only: bool = False) -> Vector:
            return np.tile(np.arange(36, dtype=np.float32), (len(histories), 1))

    beside = {"beside": Backwards(fakes.FakeFactors(observer.parts.catalogue))}
    question = Question(State(likes=(item(4),)))
    alone = observer.look(question).candidates
    found = Observer(observer.engine, beside).look(question).candidates
    assert [candidate.item for candidate in found] == [candidate.item for candidate in alone]
    assert all(c.places["beside beside"] == 36 - c.item - (c.item < item(4)) for c in found)
    western = Filters(genres_in=frozenset({"Western"}), year_min=1995)
    assert Observer(observer.engine, beside).look(Question(State(filters=western))).candidates == []


def test_what_was_removed_is_counted_by_constraint(observer: Observer) -> None:
    filters = Filters(genres_out=frozenset({"Horror"}), year_min=1990)
    removed = dict(look(observer, likes=(item(4),), filters=filters).removed)
    films = list(observer.parts.catalogue)
    rest = [film for n, film in enumerate(films) if n != item(4)]
    horror = [f for f in rest if "Horror" in f.genres and (f.year or 0) >= 1990]
    early = [f for f in rest if "Horror" not in f.genres and (f.year or 0) < 1990]
    assert removed == {
        "liked, seen, shown or refused": 1,
        "no Horror": len(horror),
        "1990 or later": len(early),
    }


def test_several_wanted_genres_are_one_constraint(observer: Observer) -> None:
    removed = look(observer, filters=Filters(genres_in=frozenset({"Musical", "Comedy"}))).removed
    films = list(observer.parts.catalogue)
    others = [film for film in films if not {"Musical", "Comedy"} & {*film.genres}]
    assert removed == [("Comedy or Musical", len(others))]


def test_the_prompt_holds_the_likes_oldest_first(observer: Observer) -> None:
    found = look(observer, likes=(item(9), item(4)), dislikes=(item(9),)).prompt
    words, *history = found
    assert isinstance(words, str) and words.strip()
    assert history == [Placeholder("history", (item(4),))]


def test_the_map_keeps_alike_films_together(observer: Observer) -> None:
    places = observer.map()
    assert places.shape == (36, 2)

    def far(left: int, right: int) -> float:
        return float(np.linalg.norm(places[item(left)] - places[item(right)]))

    assert far(2, 3) < far(2, 20)  # two space operas; one of them and a comedy of talk
    viewer = observer.viewer(State(likes=(item(2),)))
    assert viewer is not None
    assert viewer == pytest.approx(places[item(2)], abs=1e-4)
    assert observer.viewer(State()) is None


def test_films_that_nobody_chose_have_no_place() -> None:
    parts = fakes.parts()
    factors = fakes.FakeFactors(parts.catalogue)
    factors.known[5], factors.items[5] = False, 0.0
    observer = Observer(Engine(replace(parts, factors=factors)))
    assert np.isnan(observer.map()).any(1).tolist() == [n == 5 for n in range(36)]
    assert observer.viewer(State(likes=(5,))) is None
