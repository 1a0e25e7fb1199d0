import numpy as np
import pytest

from cf.errors import CfError
from cf.sequential import Transitions, popularity
from data.interactions import Interactions

SEQUENCES = [[0, 1, 2, 3], [1, 2, 0], [4, 1, 2]]


@pytest.fixture
def interactions() -> Interactions:
    users = np.repeat(np.arange(3), [len(s) for s in SEQUENCES]).astype(np.int32)
    items = np.concatenate(SEQUENCES).astype(np.int32)
    times = np.arange(len(items), dtype=np.int64)
    return Interactions(users, items, times, None, ("a", "b", "c"), 6)


def test_popularity_counts(interactions: Interactions) -> None:
    counts = popularity(interactions)
    assert counts.tolist() == [2, 3, 3, 1, 1, 0]
    assert counts.dtype == np.float32


@pytest.mark.parametrize(("steps", "power", "decay"), [(1, 0.5, 3.0), (2, 0.25, 1.0)])
def test_transitions_equal_the_obvious_loops(
    interactions: Interactions, steps: int, power: float, decay: float
) -> None:
    histories = [np.array([4, 0, 1]), np.array([2]), np.array([], int), np.array([5])]
    counts = {(a, b): 0 for a in range(6) for b in range(6)}
    for sequence in SEQUENCES:
        for i, earlier in enumerate(sequence):
            for later in sequence[i + 1 : i + 1 + steps]:
                counts[earlier, later] += 1
    popular = [2, 3, 3, 1, 1, 1]
    expected = np.zeros((len(histories), 6))
    for row, history in enumerate(histories):
        for age, earlier in enumerate(reversed(history)):
            for later in range(6):
                damped = counts[earlier, later] / popular[earlier] ** 0.5 / popular[later] ** power
                expected[row, later] += np.exp(-age / decay) * damped

    model = Transitions.fit(interactions, steps=steps, power=power, decay=decay)
    scores = model.scores(histories)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=1e-5)
    np.testing.assert_allclose(model.scores(histories[:1])[0], scores[0], rtol=1e-6)


def test_what_follows_comes_first(interactions: Interactions) -> None:
    assert Transitions.fit(interactions, steps=1).scores([np.array([1])]).argmax() == 2


def test_steps_must_be_positive(interactions: Interactions) -> None:
    with pytest.raises(CfError, match="at least 1 step"):
        Transitions.fit(interactions, steps=0)
