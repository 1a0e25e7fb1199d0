"""The adapter's start among the words of items' texts, against slow versions of it."""

import math

import numpy as np
import pytest
import torch

from data.errors import IlmChatError
from ilm import word_start
from ilm.item_tokens import unit
from ilm.llm import FrozenLLM
from ilm.word_start import mean_words, ridge, start_at_words
from tests.ilm.conftest import MakeModel
from tests.ilm.test_item_tokens import perturb

TEXTS = ["aab", "bc", "abdd", "ddef", "  ", "abcg"]


def test_the_map_is_that_of_ridge_regression() -> None:
    tokens, targets = torch.randn(7, 3, 4), torch.randn(7, 5)
    rows = tokens.reshape(21, 4).numpy()
    wanted = np.repeat(targets.numpy(), 3, axis=0)
    strength = word_start.RIDGE * np.square(rows).sum() / 4
    # A ridge is as many rows more that ask for nothing.
    more = np.concatenate([rows, math.sqrt(strength) * np.eye(4)])
    expected, *_ = np.linalg.lstsq(more, np.concatenate([wanted, np.zeros((4, 5))]), rcond=None)
    np.testing.assert_allclose(ridge(tokens, targets).numpy(), expected.T, atol=1e-4)


def test_a_text_is_the_mean_of_its_telling_words(
    llm: FrozenLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_start, "COMMONEST", 0.5)
    # Every text begins with a space. "a" and "d" tell: "b" is in four of six, the others in one,
    # but "c", which is in two.
    held = {"a": 3, "d": 2, "c": 2}
    expected = []
    for text in TEXTS:
        telling = sorted({*text} & {*held})
        total = torch.zeros(llm.width)
        for letter in telling:
            (token,) = llm.token_ids(letter)
            total += math.log(6 / held[letter]) * llm.embed(torch.tensor(token))
        expected.append(total / sum(math.log(6 / held[letter]) for letter in telling or "a"))
    expected[4] = torch.stack([*expected[:4], expected[5]]).mean(0)  # it has none
    assert torch.allclose(mean_words(llm, TEXTS), torch.stack(expected), atol=1e-5)


def test_texts_that_share_no_word_cannot_be_started_at(llm: FrozenLLM) -> None:
    with pytest.raises(IlmChatError, match="share no telling word"):
        mean_words(llm, ["ab", "cd"])


def test_the_tokens_of_an_item_lie_nearest_to_its_own_text(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_start, "COMMONEST", 0.5)
    model = perturb(make_model(centred_tokens=True)).eval()
    items = model.rankable.nonzero()[:12, 0]
    texts = [f"{chr(97 + n)}{chr(97 + n)} {chr(98 + n)} {chr(99 + n)}" for n in range(len(items))]
    before = model.adapter.weight.clone()
    start_at_words(model, items, texts)
    assert not torch.equal(before, model.adapter.weight)
    words = mean_words(model.llm, texts)
    with torch.no_grad():
        tokens = model.catalogue_tokens()
        told = model.adapter(tokens[items] - tokens[model.rankable].mean(0))
    assert float(told.square().mean()) == pytest.approx(1, rel=1e-4)
    alike = torch.nn.functional.cosine_similarity(
        told.mean(1)[:, None], words - words.mean(0), dim=-1
    )
    right = alike.argmax(1) == torch.arange(len(items))
    assert right.float().mean() > 0.7  # by chance a twelfth
    assert torch.allclose(model.places, unit(words.mean(0)).expand(3, -1))
