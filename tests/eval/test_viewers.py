from dataclasses import replace

import pytest

from data.splits import leave_one_out
from eval.errors import EvalError
from eval.viewers import LOVED, viewers
from tests.eval.talks import dataset, film


def test_viewers_loved_their_film_and_have_not_seen_it() -> None:
    films = dataset()
    split = leave_one_out(films.interactions)
    for part, held_out, seen in (("validation", split.validation, 6), ("test", split.test, 7)):
        found = viewers(films, part, None, 0)  # type: ignore[arg-type]
        assert [viewer.user for viewer in found] == [f"u{n}" for n in range(0, 12, 2)]
        for viewer in found:
            target = int(held_out[int(viewer.user[1:])])
            assert viewer.targets[0] == target
            assert target not in viewer.ratings
            assert len(viewer.ratings) == seen
            assert all(viewer.ratings[item] >= LOVED for item in viewer.loved)
    # At the test the validation film has been seen, at the validation the test film has not.
    assert int(split.validation[0]) in viewers(films, "test", None, 0)[0].ratings
    assert int(split.test[0]) not in viewers(films, "validation", None, 0)[0].ratings


def test_a_film_listed_twice_is_the_target_twice_and_was_not_seen() -> None:
    first, second = film("Chasing Amy"), film("Chasing Amy") + 1
    films = dataset()
    items = films.interactions.items.copy()
    items[:8] = [0, 1, second, 3, 4, 5, first, 6]
    films = replace(films, interactions=replace(films.interactions, items=items))
    viewer = viewers(films, "validation", None, 0)[0]
    assert set(viewer.targets) == {first, second}
    assert second not in viewer.ratings


def test_some_are_drawn_by_seed() -> None:
    films = dataset(60)
    first = [viewer.user for viewer in viewers(films, "test", 10, 0)]
    assert first == [viewer.user for viewer in viewers(films, "test", 10, 0)]
    assert first != [viewer.user for viewer in viewers(films, "test", 10, 1)]
    # More viewers under one seed: those that there were before, and others, so runs can grow.
    assert first == [viewer.user for viewer in viewers(films, "test", 20, 0)][:10]


def test_too_few_viewers_or_no_ratings_are_said_in_a_sentence() -> None:
    films = dataset()
    with pytest.raises(EvalError, match="has 6 viewers who loved their test film, not 7"):
        viewers(films, "test", 7, 0)
    unrated = replace(films, interactions=replace(films.interactions, ratings=None))
    with pytest.raises(EvalError, match="has no ratings"):
        viewers(unrated, "test", 1, 0)
