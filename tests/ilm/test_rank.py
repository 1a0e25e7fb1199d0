import numpy as np
import pytest
import torch

from data.errors import IlmChatError
from ilm.model import ItemLanguageModel
from tests.ilm.conftest import MakeModel, perturb

ENCODERS = ("qformer", "mlp")


@pytest.fixture(params=ENCODERS)
def model(request: pytest.FixtureRequest, make_model: MakeModel) -> ItemLanguageModel:
    return perturb(make_model(encoder=request.param))


@pytest.fixture
def histories() -> list[list[int]]:
    """40 of 0 to 6 items: more than one batch of every length."""
    rng = np.random.default_rng(5)
    return [rng.permutation(20)[: row % 7].tolist() for row in range(40)]


def assert_same_ranking(left: np.ndarray, right: np.ndarray) -> None:
    np.testing.assert_allclose(left, right, atol=1e-4)
    np.testing.assert_array_equal(np.argsort(-left, axis=-1), np.argsort(-right, axis=-1))


def test_a_ranking_does_not_depend_on_batch_order_or_company(
    model: ItemLanguageModel, histories: list[list[int]]
) -> None:
    together = model.rank(histories)
    assert together.shape == (40, 20)
    assert together.dtype == np.float32
    # Different histories do get different rankings: what follows can fail.
    assert len({row.tobytes() for row in np.argsort(-together, axis=1)[1:7]}) == 6
    assert_same_ranking(model.rank(histories[::-1])[::-1], together)
    for row in range(14):
        assert_same_ranking(model.rank([histories[row]])[0], together[row])
    pairs = [model.rank(histories[row : row + 2]) for row in range(0, 40, 2)]
    assert_same_ranking(np.concatenate(pairs), together)


@torch.no_grad()
def test_one_pass_ranks_after_every_prefix(model: ItemLanguageModel) -> None:
    long, short = [3, 17, 8, 1, 12], [9, 4]
    logits, mask = model.rank_logits([long, short])
    assert mask.tolist() == [[True] * 6, [True] * 3 + [False] * 3]
    for row, history in enumerate((long, short)):
        for seen in range(len(history) + 1):
            alone = model.rank([history[:seen]])[0]
            passed = logits[row, seen].masked_fill(~model.rankable, -torch.inf)
            assert_same_ranking(passed.numpy(), alone)


def test_only_the_newest_items_are_read(model: ItemLanguageModel) -> None:
    history = list(range(12))
    cut = history[-model.config.history :]
    assert_same_ranking(model.rank([history])[0], model.rank([cut])[0])
    assert not np.allclose(model.rank([cut])[0], model.rank([cut[1:]])[0], atol=1e-4)


def test_an_empty_history_is_ranked(model: ItemLanguageModel) -> None:
    alone = model.rank([[]])
    assert np.isfinite(alone[0, :-1]).all()
    assert_same_ranking(
        model.rank([[], [1, 2, 3], []]), np.stack([alone[0], model.rank([[1, 2, 3]])[0], alone[0]])
    )
    assert model.rank([]).shape == (0, 20)


def test_only_items_outside_the_trained_catalogue_are_minus_infinity(
    model: ItemLanguageModel, histories: list[list[int]]
) -> None:
    scores = model.rank(histories)
    assert (scores[:, -1] == -np.inf).all()
    assert np.isfinite(scores[:, :-1]).all()


def test_the_order_of_a_history_matters(model: ItemLanguageModel) -> None:
    assert not np.allclose(model.rank([[1, 2, 3]]), model.rank([[3, 2, 1]]), atol=1e-4)


def test_ranking_leaves_training_mode_and_follows_the_weights(model: ItemLanguageModel) -> None:
    before = model.rank([[1, 2]])
    model.train()
    np.testing.assert_array_equal(model.rank([[1, 2]]), before)  # no dropout
    model.train()
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.mul_(1.5)
    # Item tokens are computed once at rest: these must not be the old ones.
    assert not np.allclose(model.rank([[1, 2]]), before, atol=1e-4)


def test_more_rank_layers_than_the_llm_has_are_refused(make_model: MakeModel) -> None:
    with pytest.raises(IlmChatError, match=r"rank_layers is 4 and .* has 3 layers"):
        make_model(rank_layers=4)
