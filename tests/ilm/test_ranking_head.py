"""The head of one-step ranking by itself: what it reads, and that it never reads ahead."""

import math
from typing import get_args

import pytest
import torch

from ilm.ranking_head import DECAYS, Question, RankingHead, trail_weights

QUESTIONS: tuple[Question, ...] = get_args(Question)
CPU = torch.device("cpu")


def head(*, trail: bool = True, free_vectors: bool = True) -> RankingHead:
    made = RankingHead(6, 5, 4, 9, trail=trail, free_vectors=free_vectors)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn(parameter.shape))
    return made


@pytest.mark.parametrize("length", [1, 2, 7])
def test_a_trail_is_a_mean_that_forgets(length: int) -> None:
    found = trail_weights(length, CPU)
    assert found.shape == (len(DECAYS), length, length)
    for row, decay in enumerate(DECAYS):
        for t in range(length):
            weights = [math.exp(-(t - s) / decay) for s in range(t + 1)]
            expected = [weight / sum(weights) for weight in weights] + [0.0] * (length - t - 1)
            assert found[row, t].tolist() == pytest.approx(expected, abs=1e-6)


def test_a_long_trail_stays_finite() -> None:
    found = trail_weights(800, CPU)
    assert torch.isfinite(found).all()
    assert torch.allclose(found.sum(-1), torch.ones(len(DECAYS), 800), atol=1e-4)


@torch.no_grad()
def test_features_equal_the_loops() -> None:
    made, states, tokens = head(), torch.randn(2, 5, 6), torch.randn(2, 5, 6)
    found = made.features(states, tokens)
    for row in range(2):
        for t in range(5):
            parts = [made.norm(states[row, t]), tokens[row, t]]
            for decay in DECAYS:
                weights = [math.exp((s - t) / decay) for s in range(t + 1)]
                mean = sum(w * tokens[row, s] for s, w in enumerate(weights)) / sum(weights)
                parts.append(torch.as_tensor(mean))
            assert torch.allclose(found[row, t], torch.cat(parts), atol=1e-5)


@torch.no_grad()
def test_a_later_item_changes_no_earlier_features() -> None:
    made, states, tokens = head(), torch.randn(3, 6, 6), torch.randn(3, 6, 6)
    before = made.features(states, tokens)
    for changed in range(6):
        other = tokens.clone()
        other[:, changed] += 1
        after = made.features(states, other)
        assert torch.equal(after[:, :changed], before[:, :changed])
        assert (after[:, changed:] - before[:, changed:]).abs().amax((0, 2)).min() > 1e-4


@torch.no_grad()
@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("trail", [True, False])
def test_scores_are_products_of_a_query_and_item_vectors(question: Question, trail: bool) -> None:
    made, signals = head(trail=trail), torch.randn(9, 4)
    states, tokens = torch.randn(2, 3, 6), torch.randn(2, 3, 6)
    user = question.startswith("user")
    features = (
        made.user_features(states[:, 0], tokens[:, 0]) if user else made.features(states, tokens)
    )
    found = made(features, made.item_vectors(signals), question)
    assert found.shape == (*features.shape[:-1], 9)
    for place in range(len(features.flatten(0, -2))):
        query = made.queries[question](features.flatten(0, -2)[place])
        for item in range(9):
            vector = made.items(signals[item]) + made.free[item]
            expected = float(query @ vector + made.bias[item])
            assert float(found.flatten(0, -2)[place, item]) == pytest.approx(expected, abs=1e-4)


@torch.no_grad()
def test_each_question_has_a_query_of_its_own() -> None:
    made = head()
    vectors = made.item_vectors(torch.randn(9, 4))
    history = made.features(torch.randn(1, 2, 6), torch.randn(1, 2, 6))
    user = made.user_features(torch.randn(1, 6), torch.randn(1, 6))
    for features, pair in ((history, ("next", "new")), (user, ("user-next", "user-new"))):
        left, right = (made(features, vectors, question) for question in pair)
        assert not torch.allclose(left, right, atol=1e-2)


@torch.no_grad()
def test_without_a_trail_the_state_alone_is_read() -> None:
    made, states = head(trail=False), torch.randn(2, 5, 6)
    for tokens in (torch.zeros(2, 5, 6), torch.randn(2, 5, 6)):
        assert torch.equal(made.features(states, tokens), made.norm(states))
        assert torch.equal(made.user_features(states[0], tokens[0]), made.norm(states[0]))


def test_a_fresh_head_ranks_by_its_bias() -> None:
    made = RankingHead(6, 5, 4, 9)
    with torch.no_grad():
        made.bias.copy_(torch.arange(9.0))
    features = made.features(torch.randn(4, 3, 6), torch.randn(4, 3, 6))
    order = made(features, made.item_vectors(torch.randn(9, 4)), "next").argsort(-1)
    assert (order == torch.arange(9)).all()


def test_free_vectors_can_be_left_out() -> None:
    made = RankingHead(6, 5, 4, 9, free_vectors=False)
    assert not made.free.requires_grad
    assert not made.free.any()
    assert RankingHead(6, 5, 4, 9).free.requires_grad
