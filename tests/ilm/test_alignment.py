"""Stage 1."""

import math
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from cf.factors import Factors
from data.catalogue import Catalogue
from data.errors import IlmChatError
from data.splits import LeaveOneOut
from ilm.alignment import Alignment, AlignmentData, alignment_data
from ilm.config import AlignmentConfig
from ilm.losses import VARIANTS
from ilm.model import ItemLanguageModel
from ilm.training import Loop, train
from tests.ilm.conftest import MakeModel, snapshot

SEED = 0


def config(**changes: Any) -> AlignmentConfig:
    settings: dict[str, Any] = {
        "variant": "IT",
        "epochs": 2,
        "batch_size": 5,
        "pair_batch_size": 8,
        "learning_rate": 1e-3,
        "fresh_learning_rate": 5e-3,
        "max_tokens": 24,
        "held_out": 0.25,
    }
    return AlignmentConfig(**settings | changes)


@pytest.fixture
def make_alignment(
    make_model: MakeModel, catalogue: Catalogue, split: LeaveOneOut, factors: Factors
) -> Any:
    def make(**changes: Any) -> Alignment:
        model, settings = make_model(), config(**changes)
        data = alignment_data(
            settings, catalogue, split.train, factors.users, model.text_tokenizer, SEED
        )
        return Alignment(model, settings, data, SEED)

    return make


@pytest.fixture
def data(make_alignment: Any) -> AlignmentData:
    data: AlignmentData = make_alignment().data
    return data


def test_of_silent_items_no_text_is_read_and_all_pairs_are(
    data: AlignmentData,
    model: ItemLanguageModel,
    catalogue: Catalogue,
    split: LeaveOneOut,
    factors: Factors,
) -> None:
    rest = (catalogue, split.train, factors.users, model.text_tokenizer, SEED)
    cold = alignment_data(config(cold=True), *rest, silent={1, 2})
    read = {*cold.train_items.tolist(), *cold.held_out_items.tolist()}
    assert read == {*data.train_items.tolist(), *data.held_out_items.tolist()} - {1, 2}
    assert {1, 2} & set(data.train_items.tolist() + data.held_out_items.tolist())
    assert np.array_equal(cold.successive, data.successive)
    assert np.array_equal(cold.chosen, data.chosen)


def test_pairs_are_those_of_training_alone(data: AlignmentData, split: LeaveOneOut) -> None:
    train = split.train
    chosen = {tuple(pair) for pair in data.chosen.tolist()}
    assert chosen == set(zip(train.users.tolist(), train.items.tolist(), strict=True))
    for user, targets in enumerate(zip(split.validation, split.test, strict=True)):
        assert not chosen & {(user, int(target)) for target in targets}
    successive = [
        (left, right)
        for sequence in train.sequences()
        for left, right in zip(sequence[:-1].tolist(), sequence[1:].tolist(), strict=True)
    ]
    assert sorted(map(tuple, data.successive.tolist())) == sorted(successive)


def test_held_out_items_are_no_training_items(data: AlignmentData, split: LeaveOneOut) -> None:
    active = split.train.active_items().tolist()
    assert sorted([*data.train_items.tolist(), *data.held_out_items.tolist()]) == active
    assert len(data.held_out_items) == round(0.25 * len(active))


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_variant_has_its_losses_by_name(make_alignment: Any, variant: str) -> None:
    alignment = make_alignment(variant=variant)
    names = [tuple(alignment.step(number)) for number in range(2 * len(alignment.turns))]
    cycles: dict[str, list[tuple[str, ...]]] = {
        "IT": [("ITC", "ITM", "ITG")],
        "IT-II": [("ITC", "ITM", "ITG"), ("II",)],
        "IT-UI": [("ITC", "ITM", "ITG"), ("UI",)],
        "IT-II-UI": [("ITC", "ITM", "ITG"), ("II",), ("UI",)],
    }
    cycle = cycles[variant]
    assert names == cycle * 2
    assert alignment.steps == 2 * 3 * len(cycle)  # epochs x batches of 15 items x turns


@pytest.mark.parametrize("variant", ["IT-II", "IT-UI", "IT-II-UI"])
def test_without_texts_there_are_pairs_alone(make_alignment: Any, variant: str) -> None:
    alignment = make_alignment(variant=variant, text="none")
    pairs = variant.split("-")[1:]
    names = [tuple(alignment.step(number)) for number in range(2 * len(pairs))]
    assert names == [(name,) for name in pairs] * 2
    assert alignment.steps == 2 * 3 * len(pairs)
    assert alignment.evaluate() == {}


def test_texts_are_what_was_asked_for(make_alignment: Any, catalogue: Catalogue) -> None:
    for source in ("title", "title+genres", "catalogue"):
        alignment = make_alignment(text=source, max_tokens=64)
        ids, mask = alignment.data.texts.ids[3], alignment.data.texts.mask[3]
        found = alignment.model.text_tokenizer.decode(ids[mask], skip_special_tokens=True)
        expected = catalogue.text(3, source).lower()
        assert [*filter(str.isalnum, found)] == [*filter(str.isalnum, expected)], source
    assert catalogue.text(3, "title") != catalogue.text(3, "catalogue")


def test_an_epoch_shows_every_training_item_once(make_alignment: Any) -> None:
    alignment = make_alignment(variant="IT-UI")
    shown = [alignment._items(batch).tolist() for batch in range(6)]
    for epoch in (shown[:3], shown[3:]):
        assert sorted(chain.from_iterable(epoch)) == sorted(alignment.data.train_items.tolist())
    assert shown[:3] != shown[3:]


@pytest.mark.parametrize("size", [1, 2])
def test_the_smallest_batches_work(make_alignment: Any, size: int) -> None:
    alignment = make_alignment(batch_size=size, pair_batch_size=size, variant="IT-II-UI")
    for number in range(3):
        losses = alignment.step(number)
        assert all(torch.isfinite(loss) for loss in losses.values())
        torch.stack(list(losses.values())).sum().backward()
    if size == 1:  # nothing to tell apart
        assert alignment.step(0)["ITC"].item() == 0
        assert alignment.step(1)["II"].item() == 0


def test_training_lowers_every_loss_and_leaves_the_words_frozen(
    make_alignment: Any, tmp_path: Path
) -> None:
    alignment = make_alignment(
        epochs=80, held_out=0.2, batch_size=8, learning_rate=5e-3, fresh_learning_rate=2e-2
    )
    model = alignment.model
    words = snapshot(model.encoder.words)
    items = torch.from_numpy(alignment.data.train_items)

    def losses() -> dict[str, float]:
        torch.manual_seed(9)
        with torch.no_grad():
            found = alignment.losses(alignment.items_with_texts(items))
        return {name: float(loss) for name, loss in found.items()}

    before = losses()
    assert before["ITG"] > 0.7 * math.log(len(words["word_embeddings.weight"]))
    loop = Loop(tmp_path, alignment.steps, SEED, "no", 1000)
    assert train(model, alignment.groups(), alignment.step, loop)
    after = losses()
    for name in ("ITC", "ITM", "ITG"):
        assert after[name] < 0.9 * before[name], (name, before, after)
    for name, value in snapshot(model.encoder.words).items():
        assert torch.equal(value, words[name])


def test_evaluation_reads_held_out_items_alone(make_alignment: Any) -> None:
    alignment = make_alignment(held_out=0.3, batch_size=4)
    items = alignment.data.held_out_items
    assert len(items) == 6
    found = alignment.evaluate()
    # The slow version: one text at a time, and all pairs.
    qformer, total, tokens, hits = alignment.qformer, 0.0, 0, 0
    with torch.no_grad():
        for item in items:
            signals = alignment.model.signals.select(torch.tensor([item]))
            text = alignment._texts(torch.tensor([item]))
            logits = qformer.generation_logits(signals, text)[0].log_softmax(-1)
            for at in range(1, text.ids.shape[1]):
                total -= float(logits[at - 1, text.ids[0, at]])
                tokens += 1
            vectors = qformer.item_vectors(qformer.item_tokens(signals))[0]
            similarities = [
                float(
                    (vectors @ qformer.text_vectors(alignment._texts(torch.tensor([i])))[0]).max()
                )
                for i in items
            ]
            hits += int(items[int(np.argmax(similarities))] == item)
    assert found["ITG"] == pytest.approx(total / tokens, rel=1e-4)
    assert found["retrieval@1"] == pytest.approx(hits / 6)
    # The other side of the paper's Table 5: the same loss on texts that are learned.
    learned = torch.from_numpy(alignment.data.train_items[:6])
    texts = alignment._texts(learned)
    with torch.no_grad():
        log_p = qformer.generation_logits(alignment.model.signals.select(learned), texts)
    losses = -log_p.log_softmax(-1)[:, :-1].gather(2, texts.ids[:, 1:, None])[..., 0]
    expected = losses[texts.mask[:, 1:]].mean()
    assert found["ITG train"] == pytest.approx(float(expected), rel=1e-4)
    assert make_alignment(held_out=0.0).evaluate() == {}


def test_words_start_as_frequent_as_in_the_learned_texts(make_alignment: Any) -> None:
    alignment = make_alignment()
    alignment.start_at_base_rates()
    texts, learned = alignment.data.texts, set(alignment.data.train_items.tolist())
    words = [
        int(word)
        for item, (row, mask) in enumerate(zip(texts.ids, texts.mask, strict=True))
        for word in row[mask]
        if item in learned
    ]
    found = alignment.qformer.word_bias.detach().softmax(0)
    for word in set(words):
        assert found[word] == pytest.approx(words.count(word) / len(words), rel=0.05)
    unseen = set(range(len(found))) - set(words)
    assert 0 < sum(float(found[word]) for word in unseen) < 0.05


def test_a_pair_loss_is_lower_for_a_model_that_knows_the_pairs(make_alignment: Any) -> None:
    alignment = make_alignment(variant="IT-UI", pair_batch_size=32)
    optimizer = torch.optim.AdamW(alignment.groups())

    def loss(seed: int) -> torch.Tensor:
        batch = alignment.pairs("UI", np.random.default_rng(seed))
        found: torch.Tensor = alignment.losses(batch)["UI"]
        return found

    def mean() -> float:
        with torch.no_grad():
            losses = [float(loss(100 + number)) for number in range(8)]
        return float(np.mean(losses))

    before = mean()
    for number in range(30):
        optimizer.zero_grad()
        loss(number).backward()
        optimizer.step()
    assert mean() < 0.9 * before


def test_the_right_items_are_left_out_of_the_negatives(
    make_alignment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pairs of one user, or of one item, are no negatives of each other."""
    alignment = make_alignment(variant="IT-II-UI", pair_batch_size=32)
    seen: list[torch.Tensor] = []

    def keep(similarity: torch.Tensor, temperature: torch.Tensor, same: torch.Tensor) -> Any:
        seen.append(same)
        return similarity.sum()

    monkeypatch.setattr("ilm.alignment.contrastive", keep)
    for name, table in (("II", alignment.data.successive), ("UI", alignment.data.chosen)):
        alignment.losses(alignment.pairs(name, np.random.default_rng(6)))
        rows = table[np.random.default_rng(6).choice(len(table), 32)]
        slow = [[bool(a[0] == b[0] or a[1] == b[1]) for b in rows] for a in rows]
        assert seen[-1].tolist() == slow


def test_an_mlp_cannot_be_aligned(make_model: MakeModel, data: AlignmentData) -> None:
    model: ItemLanguageModel = make_model(encoder="mlp")
    with pytest.raises(IlmChatError, match="this model has another encoder"):
        Alignment(model, config(), data, SEED)
