"""Configuration of the model and of both training stages, checked at construction."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from data.errors import IlmChatError

Variant = Literal["IT", "IT-II", "IT-UI", "IT-II-UI"]
Task = Literal["rank", "generate-id", "describe"]
Positive = Field(gt=0)
Fraction = Field(ge=0, lt=1)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelConfig(_Settings):
    """Shape of an item-language model."""

    encoder: Literal["qformer", "mlp"] = "qformer"
    modalities: tuple[str, ...] = Field(("cf", "text"), min_length=1)
    num_queries: int = Positive
    """Item tokens of an `{item}` or `{user}` (K); an item of a `{history}` is always one."""
    history: int = Positive
    """Items of a history that are read: the newest ones."""
    rank_layers: int = Positive
    """The ranking state is read after this many layers of the frozen LLM."""
    rank_width: int = Positive
    dropout: float = Fraction
    text_encoder: str = "minilm"
    llm: str = "smollm2-135m"


class AlignmentConfig(_Settings):
    """Stage 1."""

    variant: Variant = "IT-UI"
    epochs: int = Positive
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


class TuningConfig(_Settings):
    """Stage 2."""

    steps: dict[Task, NonNegativeInt]
    """How many optimizer steps each task gets; each step is one batch of one task."""
    batch_size: dict[Task, PositiveInt]
    learning_rate: float = Positive
    """Of adapters and ranking head."""
    encoder_learning_rate: float = Positive
    """Of the Q-Former (or MLP)."""
    weight_decay: float = 0.01

    @model_validator(mode="after")
    def _tasks_have_batches(self) -> TuningConfig:
        missing = self.steps.keys() - self.batch_size.keys()
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
        if self.alignment is not None and self.model.encoder != "qformer":
            raise ValueError("alignment needs encoder = 'qformer'; leave the section out")
        return self


def read_config(path: Path) -> TrainingConfig:
    """Read a TOML file.

    Raises:
        IlmChatError: with all problems of the file together.
    """
    try:
        return TrainingConfig.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise IlmChatError(f"There is no configuration file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise IlmChatError(f"The configuration file {path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise IlmChatError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}"
            for item in error.errors()
        )
        raise IlmChatError(f"{path} cannot be used: {problems}.") from error
