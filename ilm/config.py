"""Configuration of the model and of both training stages, checked at construction."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from data.errors import IlmChatError
from data.indexing import IndexingKind

Variant = Literal["IT", "IT-II", "IT-UI", "IT-II-UI"]
Task = Literal["rank", "rank-users", "generate-id", "describe"]
Size = Literal["brief", "cpu", "full"]
CONFIGS = Path(__file__).parent / "configs"
Positive = Field(gt=0)
Fraction = Field(ge=0, lt=1)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelConfig(_Settings):
    """Shape of an item-language model."""

    encoder: Literal["qformer", "mlp", "none"] = "qformer"
    """none: items are their ids in text and the LLM learns them by LoRA (OpenP5)."""
    modalities: tuple[str, ...] = Field(("cf", "transitions", "text"), min_length=1)
    num_queries: int = Positive
    """Item tokens of an `{item}` or `{user}` (K); an item of a `{history}` is always one."""
    history: int = Positive
    """Items of a history that are read: the newest ones."""
    rank_layers: int = Field(ge=0)
    """The ranking state is read after this many layers of the frozen LLM; 0: the LLM is not asked
    (an ablation)."""
    rank_width: int = Positive
    trail: bool = True
    """The ranking head also reads recency-weighted means of the history's tokens."""
    free_vectors: bool = True
    """Items have free vectors beside what is read from their signals."""
    repeats: bool = True
    """How often anybody chose something again is counted, and a ranking of all items follows it."""
    centred_tokens: bool = False
    """The adapter reads how an item's tokens differ from the catalogue's mean, and each of the K
    places adds a vector of its own. Otherwise what all items share grows with every step and drowns
    what tells them apart."""
    lora_rank: NonNegativeInt = 0
    """Rank of LoRA matrices on the LLM's attention; 0: the LLM is frozen."""
    style_vectors: NonNegativeInt = 0
    """Trained vectors that stand before a prompt for a text about items (prompt tuning, Lester et
    al. 2021, 2104.08691): how the texts are written, which a frozen LLM cannot take from items."""
    demonstrations: NonNegativeInt = 0
    """Texts of the same task that a prompt for a text about items shows first, and that nothing is
    learned from."""
    dropout: float = Fraction
    text_encoder: str = "minilm"
    llm: str = "smollm2-135m"


class AlignmentConfig(_Settings):
    """Stage 1."""

    variant: Variant = "IT-UI"
    epochs: NonNegativeInt
    """0: nothing is learned, by any encoder, and the adapter alone starts at words."""
    batch_size: int = Positive
    pair_batch_size: int = Positive
    """Item-item or user-item pairs in a batch of II or UI."""
    learning_rate: float = Positive
    """Of weights that came from the text encoder."""
    fresh_learning_rate: float = Positive
    """Of cross-attention, queries, projections and heads."""
    weight_decay: float = 0.05
    max_tokens: int = Positive
    held_out: float = Fraction
    """Share of items whose texts are kept for the evaluation loss."""
    cold: bool = False
    """ELM-24's validation and test films' texts are not read: nothing was ever said of them."""
    text: Literal["title", "title+genres", "story", "catalogue", "none"] = "catalogue"
    """What is read of an item; none: no item-text losses, pairs alone."""
    adapter_learning_rate: float | None = Field(None, gt=0)
    """At the end the adapter is set so that items' tokens lie among the words of their texts
    (`ilm.word_start`), and this is how fast it goes on learning in stage 2; None: it starts fresh,
    and learns as other adapters do."""
    encoder_learning_rate: float | None = Field(None, gt=0)
    """In stage 2, of what was fresh in the Q-Former before; None: as without stage 1."""

    @model_validator(mode="after")
    def _something_is_learned(self) -> AlignmentConfig:
        if self.text == "none" and self.variant == "IT":
            raise ValueError("text = 'none' leaves nothing of the variant IT to be learned")
        if self.text == "none" and self.adapter_learning_rate:
            raise ValueError("text = 'none' leaves no words for the adapter to start at")
        if not self.epochs and not self.adapter_learning_rate:
            raise ValueError("epochs = 0 without adapter_learning_rate does nothing at all")
        return self


class TuningConfig(_Settings):
    """Stage 2."""

    steps: dict[Task, NonNegativeInt]
    """How many optimizer steps each task gets; each step is one batch of one task."""
    batch_size: dict[Task, PositiveInt]
    learning_rate: float = Positive
    """Of adapters and ranking head."""
    encoder_learning_rate: float = Positive
    """Of the Q-Former (or MLP)."""
    copied_learning_rate: float | None = Field(None, gt=0)
    """Of those of the Q-Former's weights that came from the text encoder; None: as the others."""
    free_learning_rate: float = Positive
    """Of the items' free vectors: what knows a single item is to learn slowly."""
    weight_decay: float = 0.01
    indexing: IndexingKind | FilePath = "random"
    """Which ids `generate-id` learns to write: made by us, or read from a file of OpenP5's."""
    prompts: FilePath | None = None
    """OpenP5's `prompt.txt`, or another file of its form, for `generate-id`; None: our own."""
    candidates: NonNegativeInt = 0
    """Items of the model's own ranking that a `generate-id` prompt lists with their ids."""

    @model_validator(mode="after")
    def _tasks_have_batches(self) -> TuningConfig:
        missing = {name for name, count in self.steps.items() if count} - self.batch_size.keys()
        if missing:
            raise ValueError(f"batch_size is missing for the tasks {sorted(missing)}")
        return self


class TrainingConfig(_Settings):
    """Everything a training run needs; written next to its result."""

    dataset: str = "ml-100k"
    seed: int = 0
    factors: int = Positive
    mixed_precision: Literal["no", "bf16"] = "no"
    checkpoint_every: int = Positive
    model: ModelConfig
    alignment: AlignmentConfig | None = None
    """None: no stage 1 (ILM-rand, MLP)."""
    tuning: TuningConfig

    @model_validator(mode="after")
    def _only_a_qformer_aligns(self) -> TrainingConfig:
        aligns = self.alignment is not None and self.alignment.epochs > 0
        if aligns and self.model.encoder != "qformer":
            raise ValueError("alignment needs encoder = 'qformer'; leave the section out")
        starts_at_words = self.alignment is not None and self.alignment.adapter_learning_rate
        if starts_at_words and not self.model.centred_tokens:
            raise ValueError("adapter_learning_rate needs centred_tokens; leave it out")
        if self.model.encoder == "none" and not self.model.lora_rank:
            raise ValueError("encoder = 'none' needs lora_rank: a frozen LLM cannot learn ids")
        return self


def read_config(
    path: Path, *, size: Size = "cpu", changes: Mapping[str, Any] | None = None
) -> TrainingConfig:
    """Read a TOML file.

    Args:
        size: "cpu" lays the file's `[cpu]` table over the rest, "brief" its `[brief]` table over
            both (runs that are compared with each other alone); "full" leaves them out.
        changes: laid over both; None takes a section away.

    Raises:
        IlmChatError: with all problems of the file together.
    """
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise IlmChatError(f"There is no configuration file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise IlmChatError(f"The configuration file {path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise IlmChatError(f"{path} is not valid TOML: {error}.") from error
    smaller = {name: settings.pop(name, {}) for name in ("cpu", "brief")}
    for name, table in smaller.items():
        if not isinstance(table, Mapping):
            raise IlmChatError(f"{path} cannot be used: {name} must be a table.")
    if size == "brief" and not smaller["brief"]:
        raise IlmChatError(f"{path} has no [brief] table: ask for the size cpu or full.")
    laid = {"full": (), "cpu": ("cpu",), "brief": ("cpu", "brief")}[size]
    try:
        for above in (*(smaller[name] for name in laid), changes or {}):
            settings = _laid_over(settings, above)
        return TrainingConfig.model_validate(settings)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}"
            for item in error.errors()
        )
        raise IlmChatError(f"{path} cannot be used: {problems}.") from error


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`below` with what `above` says in its place, tables by their entries."""
    result = dict(below)
    for name, value in above.items():
        old = result.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            value = _laid_over(old, value)
        result[name] = value
    return result


def method_config(dataset: str, method: str, size: Size, seed: int) -> TrainingConfig:
    """One of OpenP5's item-language models on one data set: the data set's configuration with the
    part swapped that makes the method.

    Raises:
        IlmChatError: for an unknown data set, or a method that the data set cannot have.
    """
    path = CONFIGS / f"{dataset}.toml"
    known = sorted(found.stem for found in CONFIGS.glob("*.toml"))
    if dataset not in known:
        raise IlmChatError(
            f"There is no configuration for '{dataset}'; there are {', '.join(known)}."
        )
    changes = METHODS.get(method)
    if changes is None:
        raise IlmChatError(f"There is no method '{method}'; known are {', '.join(METHODS)}.")
    stage_1 = tomllib.loads(path.read_text("utf-8")).get("alignment")
    if method.startswith("ilm-it") and stage_1 is None:
        raise IlmChatError(
            f"{dataset} has no texts for stage 1, so that there is no {method}: ask for ilm-rand."
        )
    plain = method.removesuffix("-words")
    if method != plain and "adapter_learning_rate" not in (stage_1 or {}):
        raise IlmChatError(
            f"In {dataset} no adapter starts at words, so that there is no {method}: ask for "
            f"{plain}."
        )
    return read_config(path, size=size, changes={**changes, "seed": seed})


METHODS: dict[str, dict[str, Any]] = {
    "text-only": {
        # No collaborative signal anywhere; ids are six words each, so fewer of them are read.
        "model": {
            "encoder": "none",
            "modalities": ["text"],
            "history": 20,
            "lora_rank": 8,
            "trail": False,
        },
        "alignment": None,
        "tuning": {
            "steps": {"rank-users": 0, "describe": 0},
            "batch_size": {"rank": 16},
            "candidates": 0,
        },
    },
    "mlp": {
        # CoLLM's mapping as it is; centred it learns no faster.
        "model": {"encoder": "mlp", "modalities": ["cf", "transitions"], "centred_tokens": False},
        "alignment": None,
        # It starts fresh, where a Q-Former does not.
        "tuning": {"encoder_learning_rate": 1e-3, "copied_learning_rate": None},
    },
    "mlp-words": {
        "model": {"encoder": "mlp", "modalities": ["cf", "transitions"]},
        "alignment": {"epochs": 0},
    },
    "ilm-rand": {"alignment": None},
    "ilm-rand-words": {"alignment": {"epochs": 0}},
    "ilm-it": {"alignment": {"variant": "IT"}},
    "ilm-it-ii": {"alignment": {"variant": "IT-II"}},
    "ilm-it-ui": {"alignment": {"variant": "IT-UI"}},
    "ilm-it-ii-ui": {"alignment": {"variant": "IT-II-UI"}},
}
"""What each method changes in a data set's configuration."""
