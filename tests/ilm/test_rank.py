"""`rank` and `rank_users`: the whole catalogue in one step, whatever the batch."""

import numpy as np
import pytest
import torch

from cf.factors import Factors
from data.errors import IlmChatError
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.ranking_head import Question, log_odds_of_repeats
from prompts.openp5 import Kind, load_openings
from tests.ilm.conftest import MakeModel, perturb

SHAPES: dict[str, dict[str, object]] = {
    "qformer": {},
    "mlp": {"encoder": "mlp", "modalities": ("cf",)},
    "text-only": {"encoder": "none", "lora_rank": 2, "trail": False},
    "text-only with a trail": {"encoder": "none", "lora_rank": 2},
    "no trail": {"trail": False},
    "no free vectors": {"free_vectors": False},
    "LoRA": {"lora_rank": 2},
    "no repeats": {"repeats": False},
}
WITH_TOKENS = [name for name in SHAPES if not name.startswith("text-only")]


@pytest.fixture(params=SHAPES)
def model(request: pytest.FixtureRequest, make_model: MakeModel) -> ItemLanguageModel:
    return perturb(make_model(**SHAPES[request.param]))


@pytest.fixture(params=WITH_TOKENS)
def with_tokens(request: pytest.FixtureRequest, make_model: MakeModel) -> ItemLanguageModel:
    return perturb(make_model(**SHAPES[request.param]))


@pytest.fixture
def histories() -> list[list[int]]:
    """40 of 0 to 6 items: more than one batch of every length."""
    rng = np.random.default_rng(5)
    return [rng.permutation(20)[: row % 7].tolist() for row in range(40)]


QUESTIONS: tuple[Question, ...] = ("next", "new")


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
    assert len({row.tobytes() for row in together[1:7]}) == 6
    assert_same_ranking(model.rank(histories[::-1])[::-1], together)
    for row in range(14):
        assert_same_ranking(model.rank([histories[row]])[0], together[row])
    pairs = [model.rank(histories[row : row + 2]) for row in range(0, 40, 2)]
    assert_same_ranking(np.concatenate(pairs), together)


@torch.no_grad()
def test_one_pass_ranks_after_every_prefix(model: ItemLanguageModel) -> None:
    long, short = [3, 17, 8, 1, 12], [9, 4]
    opening = load_openings("sequential")["seen"][0]
    features = model.rank_features([np.array(long), np.array(short)], opening)
    assert features.shape[:2] == (2, 6)
    logits = {question: model.rank_logits(features, question) for question in QUESTIONS}
    assert logits["new"].shape == (2, 6, 20)
    for row, history in enumerate((long, short)):
        for seen in range(len(history) + 1):
            asked = {
                question: logits[question][row, seen].masked_fill(~model.rankable, -torch.inf)
                for question in QUESTIONS
            }
            new = model.rank([history[:seen]], new_only=True)[0]
            assert_same_ranking(asked["new"].numpy(), new)
            expected = asked["next"].numpy()
            if model.config.repeats:
                odds = float(model.ranking.repeat_log_odds)
                expected = by_kind(asked["next"], asked["new"], history[:seen], odds)
            assert_same_ranking(expected, model.rank([history[:seen]])[0])


def by_kind(again: torch.Tensor, new: torch.Tensor, history: list[int], odds: float) -> np.ndarray:
    """RepeatNet's mixture item by item, with plain exponentials."""
    repeat = 1 / (1 + np.exp(-odds))
    found = np.full(len(again), -np.inf)
    for item in range(len(again)):
        kind, share = (again, repeat) if item in history else (new, 1 - repeat)
        others = [i for i in range(len(again)) if (i in history) == (item in history)]
        mass = np.exp(kind[others].double().numpy()).sum()
        if mass:
            found[item] = kind[item] - np.log(mass) + np.log(share)
    return found - np.log(np.exp(found).sum())


@torch.no_grad()
def test_no_position_reads_ahead(model: ItemLanguageModel) -> None:
    items = np.array([[3, 17, 8, 1, 12]])
    before = model.rank_features(list(items), "So far: ")
    for changed in range(5):
        other = items.copy()
        other[0, changed] = 5
        after = model.rank_features(list(other), "So far: ")
        assert torch.allclose(after[:, : changed + 1], before[:, : changed + 1], atol=1e-5)
        moved = (after - before)[:, changed + 1 :].abs().amax((0, 2))
        assert float(moved.min()) > 1e-4


def test_the_two_questions_have_two_answers(model: ItemLanguageModel) -> None:
    any_item, new_item = (model.rank([[1, 2, 3]], new_only=new) for new in (False, True))
    assert not np.allclose(any_item, new_item, atol=1e-3)


def test_a_prompt_never_trained_on_may_be_asked(
    with_tokens: ItemLanguageModel, factors: Factors
) -> None:
    kinds: tuple[Kind, ...] = ("seen", "unseen")
    for left, right in (
        [with_tokens.rank([[1, 2, 3]], prompt=kind) for kind in kinds],
        [with_tokens.rank_users(factors.users[:2], prompt=kind) for kind in kinds],
    ):
        assert not np.allclose(left, right, atol=1e-4)


def test_only_the_newest_items_are_read(model: ItemLanguageModel) -> None:
    history = list(range(12))
    cut = history[-model.config.history :]
    read, whole = (model.rank([items], new_only=True)[0] for items in (cut, history))
    assert_same_ranking(whole, read)
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


def test_what_nobody_ever_chose_twice_stands_behind_everything_new(make_model: MakeModel) -> None:
    """Of those who have seen much, a ranking of all items wasted its first places on that."""
    model = perturb(make_model())
    long_ago = [7, *range(8, 19), 7]  # also what is too old to be read
    model.ranking.repeat_log_odds.fill_(log_odds_of_repeats([np.array([1, 2, 3])] * 1000))
    order = np.argsort(-model.rank([long_ago])[0])
    assert {*order[:7]} == set(range(7))
    model.ranking.repeat_log_odds.fill_(log_odds_of_repeats([np.array([1, 1, 1])] * 1000))
    again = np.argsort(-model.rank([long_ago])[0])
    assert {*again[:12]} == {*long_ago}
    assert np.exp(model.rank([long_ago, []])).sum(1) == pytest.approx([1, 1])


def test_one_who_has_seen_everything_is_ranked_too(make_model: MakeModel) -> None:
    scores = perturb(make_model()).rank([list(range(20))])[0]
    assert np.isfinite(scores[:-1]).all() and scores[-1] == -np.inf


@pytest.mark.parametrize(
    ("histories", "expected"),
    [
        ([[1, 2, 3]], np.log(1 / 3)),
        ([[1, 2, 1, 1], [5, 5]], np.log(4 / 2)),
        ([[], [4]], 0.0),
    ],
)
def test_repeats_are_counted_among_choices_after_the_first(
    histories: list[list[int]], expected: float
) -> None:
    found = log_odds_of_repeats([np.array(items, dtype=np.int32) for items in histories])
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("new_only", [False, True])
def test_users_are_ranked_as_they_are_alone(
    with_tokens: ItemLanguageModel, factors: Factors, new_only: bool
) -> None:
    rng = np.random.default_rng(6)
    users = rng.normal(size=(40, factors.users.shape[1])).astype(np.float32)
    together = with_tokens.rank_users(users, new_only=new_only)
    assert together.shape == (40, 20)
    assert together.dtype == np.float32
    assert (together[:, -1] == -np.inf).all()
    assert np.isfinite(together[:, :-1]).all()
    assert len({row.tobytes() for row in np.argsort(-together, axis=1)}) > 4
    for row in range(0, 40, 7):
        alone = with_tokens.rank_users(users[row : row + 1], new_only=new_only)
        assert_same_ranking(alone[0], together[row])
    reverse = with_tokens.rank_users(users[::-1].copy(), new_only=new_only)
    assert_same_ranking(reverse[::-1], together)
    assert with_tokens.rank_users(users[:0]).shape == (0, 20)
    other = with_tokens.rank_users(users, new_only=not new_only)
    assert not np.allclose(other, together, atol=1e-3)


def test_a_text_only_model_has_no_tokens_for_a_user(
    make_model: MakeModel, factors: Factors
) -> None:
    model = make_model(encoder="none", lora_rank=2)
    with pytest.raises(IlmChatError, match="knows items by their ids in text"):
        model.rank_users(factors.users[:1])


def test_without_layers_the_llm_is_not_asked(
    make_model: MakeModel, llm: FrozenLLM, factors: Factors, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = perturb(make_model(rank_layers=0))
    monkeypatch.setattr(llm, "_first", None)
    monkeypatch.setattr(llm.model, "forward", None)
    scores = model.rank([[1, 2, 3], [], [3, 2, 1]])
    assert np.isfinite(scores[:, :-1]).all()
    assert len({row.tobytes() for row in scores}) == 3
    assert np.isfinite(model.rank_users(factors.users[:2])[:, :-1]).all()


def test_ranking_leaves_training_mode_and_follows_the_weights(model: ItemLanguageModel) -> None:
    before = model.rank([[1, 2]])
    model.train()
    np.testing.assert_array_equal(model.rank([[1, 2]]), before)  # no dropout
    model.train()
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.mul_(1.5)
    # Item tokens are computed once at rest: these must not be the old ones.
    moved = not np.allclose(model.rank([[1, 2]]), before, atol=1e-4)
    assert moved is bool(list(model.encoder.parameters()))


def test_more_rank_layers_than_the_llm_has_are_refused(make_model: MakeModel) -> None:
    with pytest.raises(IlmChatError, match=r"rank_layers is 4 and .* has 3 layers"):
        make_model(rank_layers=4)
