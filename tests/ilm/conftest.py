"""A tiny item-language model over the tiny data set: real classes, real files, random weights."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from cf.factors import Factors, fit
from cf.item_item import transition_factors
from data.catalogue import Catalogue
from data.dataset import Dataset
from data.indexing import make_indexing
from data.splits import LeaveOneOut, leave_one_out
from ilm.config import ModelConfig
from ilm.llm import FrozenLLM, load_llm
from ilm.model import ItemLanguageModel, build
from ilm.signals import Signals, Standardisation, item_signals
from ilm.storage import ItemIds
from ilm.text import TextEncoder

END, START = "<|im_end|>", "<|im_start|>"
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)

MakeModel = Callable[..., ItemLanguageModel]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny matrices are slower on several threads, and sums come out the same on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rankings come out the same however they are batched; bfloat16 is a test of its own."""
    monkeypatch.setattr("ilm.first_layers.fast_dtype", lambda: torch.float32)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def byte_tokenizer() -> PreTrainedTokenizerFast:
    """Every byte is a token; pad is the end token, as in SmolLM2."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=END,
        additional_special_tokens=[START],
    )
    wrapped.chat_template = CHAT
    return wrapped


def tiny_llama(
    tokenizer: PreTrainedTokenizerFast, hidden: int = 32, heads: int = 2
) -> LlamaForCausalLM:
    """Three layers; weights so large that a changed input visibly changes the output."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=hidden,
            intermediate_size=64,
            num_hidden_layers=3,
            num_attention_heads=heads,
            num_key_value_heads=2,
            max_position_embeddings=1024,
            initializer_range=0.25,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
            bos_token_id=None,
            tie_word_embeddings=False,
        )
    )


@pytest.fixture(scope="session")
def llm_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `load_llm` reads."""
    folder = tmp_path_factory.mktemp("llm")
    torch.manual_seed(1)
    tokenizer = byte_tokenizer()
    tiny_llama(tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def llm(llm_folder: Path) -> FrozenLLM:
    return load_llm(str(llm_folder))


@pytest.fixture
def wide_llm() -> FrozenLLM:
    """One that is 48 wide, where the others are 32."""
    tokenizer = byte_tokenizer()
    return FrozenLLM(tiny_llama(tokenizer, hidden=48), tokenizer, "wide")


@pytest.fixture
def parrot() -> FrozenLLM:
    """An LLM that can only say "la la la ", for ever: a space is followed by l, l by a, a by a
    space."""
    tokenizer = byte_tokenizer()
    model = tiny_llama(tokenizer)
    wheel = [tokenizer(text, add_special_tokens=False).input_ids[0] for text in " la"]
    with torch.no_grad():
        for layer in model.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        embeddings, head = model.model.embed_tokens.weight, model.lm_head.weight
        embeddings.zero_()
        head.zero_()
        for place, token in enumerate(wheel):
            embeddings[token, place] = 1.0
            head[wheel[(place + 1) % 3], place] = 10.0
    return FrozenLLM(model, tokenizer, "parrot")


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory, tiny_dataset: Dataset) -> Path:
    """A tiny BERT with a WordPiece tokenizer, saved as a sentence-transformers model."""
    source, target = tmp_path_factory.mktemp("bert"), tmp_path_factory.mktemp("encoder")
    normalizer = normalizers.BertNormalizer()
    splitter = pre_tokenizers.BertPreTokenizer()
    words = {
        word
        for index in range(len(tiny_dataset.catalogue))
        for word, _ in splitter.pre_tokenize_str(
            normalizer.normalize_str(tiny_dataset.catalogue.text(index, "catalogue"))
        )
    }
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocab = {word: i for i, word in enumerate([*special, *sorted(words)])}
    tokenizer = Tokenizer(models.WordPiece(vocab=vocab, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    ).save_pretrained(source)
    torch.manual_seed(2)
    BertModel(
        BertConfig(
            vocab_size=len(vocab),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=128,
            initializer_range=0.2,
        )
    ).save_pretrained(source)
    transformer = Transformer(str(source))
    pooling = Pooling(32)
    SentenceTransformer(modules=[transformer, pooling], device="cpu").save(str(target))
    return target


@pytest.fixture(scope="session")
def split(tiny_dataset: Dataset) -> LeaveOneOut:
    return leave_one_out(tiny_dataset.interactions)


@pytest.fixture(scope="session")
def factors(split: LeaveOneOut) -> Factors:
    return fit(split.train, factors=8, seed=0)


@pytest.fixture(scope="session")
def catalogue(tiny_dataset: Dataset) -> Catalogue:
    return tiny_dataset.catalogue


@pytest.fixture(scope="session")
def signals(
    split: LeaveOneOut, factors: Factors, catalogue: Catalogue, encoder_folder: Path
) -> Signals:
    steps = transition_factors(split.train, factors=4)
    return item_signals(factors, catalogue, TextEncoder(str(encoder_folder)), steps)


@pytest.fixture(scope="session")
def ids(split: LeaveOneOut) -> ItemIds:
    """An id for each of the 20 items."""
    return ItemIds("tiny", make_indexing("random", split.train, range(20), seed=0))


@pytest.fixture(scope="session")
def make_model(
    llm: FrozenLLM,
    signals: Signals,
    factors: Factors,
    encoder_folder: Path,
    llm_folder: Path,
    ids: ItemIds,
) -> MakeModel:
    """A fresh model, all of whose items but the last are rankable."""

    def make(
        language_model: FrozenLLM = llm, texts: ItemIds = ids, **changes: Any
    ) -> ItemLanguageModel:
        shape: dict[str, Any] = {
            "num_queries": 3,
            "history": 6,
            "rank_layers": 2,
            "rank_width": 16,
            "dropout": 0.2,
            "text_encoder": str(encoder_folder),
            "llm": str(llm_folder),
        }
        rankable = torch.ones(len(signals), dtype=torch.bool)
        rankable[-1] = False
        standard = Standardisation.of(factors.users)
        config = ModelConfig(**shape | changes)
        torch.manual_seed(3)
        return build(config, language_model, signals, rankable, standard, texts)

    return make


@pytest.fixture
def model(make_model: MakeModel) -> ItemLanguageModel:
    """At rest, with weights moved so far from their start that every part has a say."""
    return perturb(make_model())


def perturb(model: ItemLanguageModel, scale: float = 0.1) -> ItemLanguageModel:
    """Move every trained weight by noise; return the model at rest."""
    generator = torch.Generator().manual_seed(4)
    model.train()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(scale * torch.randn(parameter.shape, generator=generator))
    model.eval()
    return model


def snapshot(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def assert_same_state(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> None:
    assert left.keys() == right.keys()
    for name, value in left.items():
        assert torch.equal(value, right[name]), name
