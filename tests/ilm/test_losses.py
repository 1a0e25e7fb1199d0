"""Every loss against the loops that its definition says."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ilm.losses import (
    contrastive,
    hard_negatives,
    item_item_similarity,
    matching,
    next_token,
    query_text_similarity,
)

SIZES = (1, 2, 5)


def unit(*shape: int) -> Tensor:
    return F.normalize(torch.randn(*shape), dim=-1)


@pytest.mark.parametrize("size", SIZES)
def test_similarities_equal_the_loops(size: int) -> None:
    items, others, texts = unit(size, 3, 8), unit(4, 3, 8), unit(4, 8)
    to_text = query_text_similarity(items, texts)
    to_item = item_item_similarity(items, others)
    for b in range(size):
        for c in range(4):
            best = max(float(items[b, k] @ texts[c]) for k in range(3))
            assert float(to_text[b, c]) == pytest.approx(best, abs=1e-6)
            best = max(float(items[b, k] @ others[c, j]) for k in range(3) for j in range(3))
            assert float(to_item[b, c]) == pytest.approx(best, abs=1e-6)


def slow_contrastive(similarity: Tensor, temperature: float, same: Tensor) -> float:
    size, total = len(similarity), 0.0
    for table, pairs in ((similarity, same), (similarity.T, same.T)):
        for i in range(size):
            rivals = [j for j in range(size) if j == i or not pairs[i, j]]
            weights = [math.exp(float(table[i, j]) / temperature) for j in rivals]
            total -= math.log(math.exp(float(table[i, i]) / temperature) / sum(weights))
    return total / (2 * size)


@pytest.mark.parametrize("size", SIZES)
def test_contrastive_equals_the_loops(size: int) -> None:
    similarity = torch.rand(size, size) * 2 - 1
    same = torch.rand(size, size) < 0.4
    same |= torch.eye(size, dtype=torch.bool)
    found = float(contrastive(similarity, torch.tensor(0.2), same))
    assert found == pytest.approx(slow_contrastive(similarity, 0.2, same), abs=1e-5)


def test_true_pairs_are_no_negatives() -> None:
    similarity = torch.eye(3)
    similarity[0, 2] = similarity[2, 0] = 1.0
    none, pair = torch.eye(3, dtype=torch.bool), torch.eye(3, dtype=torch.bool)
    pair[0, 2] = pair[2, 0] = True
    temperature = torch.tensor(0.1)
    assert contrastive(similarity, temperature, pair) < contrastive(similarity, temperature, none)


@pytest.mark.parametrize(("given", "used"), [(0.0001, 0.01), (3.0, 0.5), (0.1, 0.1)])
def test_the_temperature_is_kept_in_bounds(given: float, used: float) -> None:
    similarity, same = 0.2 * torch.randn(4, 4), torch.eye(4, dtype=torch.bool)
    found = float(contrastive(similarity, torch.tensor(given), same))
    assert found == pytest.approx(slow_contrastive(similarity, used, same), rel=1e-4)


def test_a_hard_negative_is_never_a_true_pair() -> None:
    similarity = torch.rand(6, 6) * 2 - 1
    same = torch.rand(6, 6) < 0.5
    same |= torch.eye(6, dtype=torch.bool)
    same[:, 5] = torch.tensor([False] * 5 + [True])  # nobody is without a negative
    same[5, 0] = False
    for _ in range(200):
        drawn = hard_negatives(similarity, same)
        assert not same[torch.arange(6), drawn].any()


def test_hard_negatives_are_mostly_the_similar_ones() -> None:
    similarity = torch.tensor([[1.0, 0.9, 0.1]] * 300)
    same = torch.tensor([[True, False, False]] * 300)
    assert (hard_negatives(similarity, same) == 1).float().mean() > 0.99
    close = hard_negatives(similarity, same, temperature=10.0)
    assert 0.4 < (close == 1).float().mean() < 0.65


def test_without_a_negative_a_row_gets_itself() -> None:
    assert hard_negatives(torch.ones(1, 1), torch.ones(1, 1, dtype=torch.bool)).tolist() == [0]
    assert hard_negatives(torch.ones(3, 3), torch.ones(3, 3, dtype=torch.bool)).tolist() == [
        0,
        1,
        2,
    ]


def test_matching_equals_the_loops_over_valid_pairs() -> None:
    positive, negative = torch.randn(3, 2), torch.randn(6, 2)
    valid = torch.tensor([True, False, True, True, False, True])
    rows = [(row, 1) for row in positive]
    rows += [(row, 0) for row, use in zip(negative, valid, strict=True) if use]
    slow = -sum(float(row.log_softmax(0)[label]) for row, label in rows) / len(rows)
    assert float(matching(positive, negative, valid)) == pytest.approx(slow, abs=1e-6)


def test_matching_alone_in_its_batch_has_positives_only() -> None:
    positive, negative = torch.randn(1, 2), torch.randn(2, 2)
    loss = matching(positive, negative, torch.tensor([False, False]))
    assert float(loss) == pytest.approx(-float(positive[0].log_softmax(0)[1]), abs=1e-6)


def test_next_token_equals_the_loops() -> None:
    logits, ids = torch.randn(3, 6, 11), torch.randint(11, (3, 6))
    mask = torch.rand(3, 6) < 0.5
    mask[:, 1] = True
    losses = [
        -float(logits[b, t - 1].log_softmax(0)[ids[b, t]])
        for b in range(3)
        for t in range(1, 6)
        if mask[b, t]
    ]
    found = float(next_token(logits, ids, mask))
    assert found == pytest.approx(sum(losses) / len(losses), abs=1e-5)


def test_the_end_token_is_learned_though_it_is_the_pad_token() -> None:
    end = 2
    ids = torch.tensor([[5, 6, end, end, end]])
    mask = torch.tensor([[True, True, True, False, False]])
    knows, ignores = torch.zeros(1, 5, 8), torch.zeros(1, 5, 8)
    knows[0, 0, 6] = ignores[0, 0, 6] = 20.0
    knows[0, 1, end] = 20.0
    ignores[0, 1, 7] = 20.0
    assert next_token(knows, ids, mask) < 1e-3
    assert next_token(ignores, ids, mask) > 5
    # What is said under padding is neither learned nor punished.
    knows[0, 2:, 3] = 20.0
    assert next_token(knows, ids, mask) < 1e-3


def test_padding_does_not_change_the_loss() -> None:
    logits, ids = torch.randn(1, 7, 9), torch.randint(9, (1, 7))
    mask = torch.tensor([[False, True, True, True, False, False, False]])
    alone = next_token(logits[:, :4], ids[:, :4], mask[:, :4])
    assert torch.allclose(next_token(logits, ids, mask), alone)
