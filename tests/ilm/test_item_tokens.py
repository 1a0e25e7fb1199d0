"""Whether what is laid between the words tells items apart."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ilm.item_tokens import spread, unit
from tests.ilm.conftest import MakeModel, perturb

CASES: dict[str, tuple[Callable[[Tensor], Tensor], dict[str, float]]] = {
    # tokens: (6, 4, 8), every number another one.
    "one token for all items": (lambda t: t[:1].expand(6, 4, 8), {"items": 0.0}),
    "an item's queries the same": (lambda t: t[:, :1].expand(6, 4, 8), {"queries": 0.0}),
    "the same but for one direction": (
        lambda t: t[:1] + torch.arange(6.0)[:, None, None] * t[1:2],
        {"dimensions": 1.0},
    ),
    "each item in a direction of its own": (
        # 6 directions less the mean's
        lambda t: torch.eye(6, 8)[:, None].expand(6, 4, 8),
        {"items": 5 / 6, "queries": 0.0, "dimensions": 5.0},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_spread_of_tokens_says_what_they_tell_apart(case: str) -> None:
    torch.manual_seed(0)
    make, expected = CASES[case]
    found = spread(make(torch.randn(6, 4, 8)))
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-5)


def test_random_tokens_differ_in_everything() -> None:
    torch.manual_seed(0)
    tokens = torch.randn(40, 4, 8)
    found = spread(tokens)
    slow = sum(float((row - tokens.mean(0)).square().sum()) for row in tokens)
    assert found["items"] == pytest.approx(slow / float(tokens.square().sum()), rel=1e-5)
    assert found["queries"] > 0.6
    assert 20 < found["dimensions"] <= 32


@pytest.mark.parametrize("encoder", ["qformer", "mlp"])
@torch.no_grad()
def test_at_rest_the_adapter_reads_how_an_item_differs_from_the_catalogue(
    make_model: MakeModel, encoder: str
) -> None:
    model = perturb(make_model(encoder=encoder, centred_tokens=True)).eval()
    rankable = model.rankable.nonzero()[:, 0]
    assert len(rankable) < model.n_items  # whom nobody chose does not move the mean
    tokens = model.item_tokens(rankable)
    rows = [row - sum(tokens) / len(tokens) for row in tokens]
    apart = model.adapter(torch.stack(rows))
    apart = (apart - apart.mean(-1, keepdim=True)) / apart.std(-1, keepdim=True, correction=0)
    expected = model.gain * unit(apart + model.places)
    assert torch.allclose(torch.stack(model.spoken_of(rankable)), expected, atol=1e-4)
    assert model.places.shape == (3, model.llm.width)


@pytest.mark.parametrize("centred", [False, True])
def test_moving_all_items_alike_is_learned_only_where_they_are_not_centred(
    make_model: MakeModel, centred: bool
) -> None:
    """Uncentred it is what is learned fastest: the adapter then said 10 of it and 1.3 of a film."""
    model = perturb(make_model(encoder="mlp", centred_tokens=centred)).train()
    torch.stack(model.spoken_of(torch.tensor([3, 7]))).pow(3).sum().backward()
    shift = model.encoder.norm.bias.grad
    assert shift is not None
    alike = float(shift.abs().max())
    apart = float(model.encoder.norm.weight.grad.abs().max())
    assert apart > 1e-3
    assert (alike < 1e-3 * apart) is centred
