"""The known traps of a Q-Former over `Blip2QFormerModel`, each of which has cost someone a week."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoModel, AutoTokenizer

from ilm.model import ItemLanguageModel
from ilm.qformer import QFormer, TextBatch, from_text_encoder, tokenise
from ilm.signals import Signals
from ilm.text import encoder_folder as packaged_encoder
from tests.ilm.conftest import MakeModel

ATTENTION = ("sdpa", "eager")
TEXTS = [
    "A pilot returns a century late and still young.",
    "The goat inherits the hotel",
    "mars",
]


@pytest.fixture
def qformer(model: ItemLanguageModel) -> QFormer:
    assert isinstance(model.encoder, QFormer)
    return model.encoder


@pytest.fixture
def text(model: ItemLanguageModel) -> TextBatch:
    batch = tokenise(model.text_tokenizer, TEXTS, 32)
    assert batch.mask.sum(1).unique().numel() == 3
    return batch


@pytest.fixture
def three(model: ItemLanguageModel) -> Signals:
    return model.signals.select(torch.tensor([3, 12, 7]))


def use(qformer: QFormer, attention: str) -> None:
    qformer.network.set_attn_implementation(attention)
    assert qformer.network.config._attn_implementation == attention


def distance_to_encoder(folder: str, texts: list[str]) -> float:
    """How far the text branch of a fresh Q-Former is from the encoder it was made of."""
    fresh = from_text_encoder(folder, {"cf": 8}, 4).eval()
    bert: Any = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    batch = tokenise(AutoTokenizer.from_pretrained(folder), texts, 64)
    with torch.no_grad():
        ours = fresh.text_states(batch)
        theirs = bert(input_ids=batch.ids, attention_mask=batch.mask.long()).last_hidden_state
    assert ours.shape == theirs.shape
    return float((ours - theirs)[batch.mask].abs().max())


def test_the_text_branch_starts_as_its_encoder(encoder_folder: Path) -> None:
    assert distance_to_encoder(str(encoder_folder), TEXTS) < 1e-5


@pytest.mark.assets
def test_the_text_branch_starts_as_minilm() -> None:
    assert distance_to_encoder(packaged_encoder(), TEXTS) < 1e-5


def test_queries_and_what_comes_out_of_them_differ(make_model: MakeModel) -> None:
    model = make_model().eval()
    assert isinstance(model.encoder, QFormer)
    tokens = model.catalogue_tokens()
    for left, right in ((0, 1), (0, 2), (1, 2)):
        assert (model.encoder.queries[left] - model.encoder.queries[right]).abs().max() > 1e-3
        assert ((tokens[:, left] - tokens[:, right]).abs().amax(1) > 1e-3).all()


@torch.no_grad()
@pytest.mark.parametrize("attention", ATTENTION)
def test_generation_sees_no_later_word(
    qformer: QFormer, three: Signals, text: TextBatch, attention: str
) -> None:
    use(qformer, attention)
    before = qformer.generation_logits(three, text)
    for row, length in enumerate(text.mask.sum(1).tolist()):
        ids = text.ids.clone()
        ids[row, length - 1] = 7 if ids[row, length - 1] != 7 else 8
        after = qformer.generation_logits(three, TextBatch(ids, text.mask))
        assert torch.allclose(before[row, : length - 1], after[row, : length - 1], atol=1e-5)
        # The changed word itself does move: the comparison above can fail.
        assert not torch.allclose(before[row, length - 1], after[row, length - 1], atol=1e-2)


@torch.no_grad()
@pytest.mark.parametrize("attention", ATTENTION)
def test_what_lies_under_padding_does_not_matter(
    qformer: QFormer, three: Signals, text: TextBatch, attention: str
) -> None:
    use(qformer, attention)
    other = TextBatch(torch.where(text.mask, text.ids, 9), text.mask)
    assert not torch.equal(other.ids, text.ids)
    assert torch.allclose(qformer.text_vectors(text), qformer.text_vectors(other), atol=1e-5)
    assert torch.allclose(
        qformer.match_logits(three, text), qformer.match_logits(three, other), atol=1e-5
    )
    left, right = (qformer.generation_logits(three, batch) for batch in (text, other))
    assert torch.allclose(left[text.mask], right[text.mask], atol=1e-4)


@torch.no_grad()
def test_padding_itself_does_not_matter(qformer: QFormer, three: Signals, text: TextBatch) -> None:
    for row, length in enumerate(text.mask.sum(1).tolist()):
        alone = TextBatch(text.ids[row : row + 1, :length], text.mask[row : row + 1, :length])
        item = three.select(torch.tensor([row]))
        assert torch.allclose(
            qformer.text_vectors(alone)[0], qformer.text_vectors(text)[row], atol=1e-5
        )
        assert torch.allclose(
            qformer.match_logits(item, alone)[0],
            qformer.match_logits(three, text)[row],
            atol=1e-5,
        )
        assert torch.allclose(
            qformer.generation_logits(item, alone)[0],
            qformer.generation_logits(three, text)[row, :length],
            atol=1e-4,
        )


@torch.no_grad()
def test_both_attention_kernels_agree(qformer: QFormer, three: Signals, text: TextBatch) -> None:
    results: list[list[Tensor]] = []
    for attention in ATTENTION:
        use(qformer, attention)
        results.append(
            [
                qformer.item_tokens(three),
                qformer.text_vectors(text),
                qformer.match_logits(three, text),
                qformer.generation_logits(three, text)[text.mask],
            ]
        )
    for sdpa, eager in zip(*results, strict=True):
        assert torch.allclose(sdpa, eager, atol=1e-4)


@torch.no_grad()
def test_words_and_matches_depend_on_the_item(
    qformer: QFormer, three: Signals, text: TextBatch
) -> None:
    other = three.select(torch.tensor([2, 0, 1]))
    for read in (qformer.generation_logits, qformer.match_logits):
        assert not torch.allclose(read(three, text), read(other, text), atol=1e-2)


@torch.no_grad()
def test_an_absent_signal_is_not_read(qformer: QFormer, three: Signals) -> None:
    absent = torch.tensor([True, False, True])
    present = {**three.present, "cf": absent}
    noise = three.vectors["cf"] + 5 * (~absent)[:, None, None]
    left = qformer.item_tokens(Signals(three.vectors, present))
    right = qformer.item_tokens(Signals({**three.vectors, "cf": noise}, present))
    assert torch.allclose(left, right, atol=1e-5)
    assert not torch.allclose(qformer.item_tokens(three)[1], left[1], atol=1e-2)


@torch.no_grad()
def test_item_tokens_do_not_depend_on_the_batch(qformer: QFormer, three: Signals) -> None:
    together = qformer.item_tokens(three)
    for row in range(3):
        alone = qformer.item_tokens(three.select(torch.tensor([row])))
        assert torch.allclose(alone[0], together[row], atol=1e-5)


def test_every_trained_parameter_is_either_copied_or_fresh(qformer: QFormer) -> None:
    copied, fresh = qformer.copied_and_fresh_parameters()
    names = {id(parameter): name for name, parameter in qformer.named_parameters()}
    trained = {id(p) for p in qformer.parameters() if p.requires_grad}
    assert {id(p) for p in copied} | {id(p) for p in fresh} == trained
    assert len(copied) + len(fresh) == len(trained)
    assert all("crossattention" not in names[id(p)] for p in copied)
    assert "queries" in {names[id(p)] for p in fresh}
    assert not any(p.requires_grad for p in qformer.words.parameters())


def test_vectors_have_unit_length(qformer: QFormer, three: Signals, text: TextBatch) -> None:
    for vectors in (qformer.text_vectors(text), qformer.item_vectors(qformer.item_tokens(three))):
        assert torch.allclose(vectors.norm(dim=-1), torch.ones(vectors.shape[:-1]), atol=1e-5)
