"""The paper's experiments, as a list of what is varied (`experiments.toml`)."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.entries import Decoding, Prompt, Setting
from eval.errors import EvalError
from eval.methods import ITEM_LANGUAGE_MODELS

FILE = Path(__file__).parent / "experiments.toml"


class Experiment(BaseModel):
    """One experiment: some methods, and what is varied of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    methods: tuple[str, ...] = Field(min_length=1)
    vary: dict[str, tuple[Setting, ...]] = Field(default_factory=dict, max_length=1)
    prompts: tuple[Prompt, ...] = ("seen",)
    decodings: tuple[Decoding, ...] = ("rank",)
    seeds: tuple[int, ...] = (0,)

    @model_validator(mode="after")
    def _methods_are_known(self) -> Experiment:
        unknown = set(self.methods) - set(ITEM_LANGUAGE_MODELS)
        if unknown:
            raise ValueError(f"there is no item-language model '{min(unknown)}'")
        return self

    @property
    def setting(self) -> str | None:
        """The dotted name of the setting that is varied, if one is."""
        return next(iter(self.vary), None)

    def variants(self) -> list[dict[str, Setting]]:
        """The overrides of each run; one without any when no setting is varied."""
        if self.setting is None:
            return [{}]
        return [{self.setting: value} for value in self.vary[self.setting]]


def load_experiments(path: Path = FILE) -> dict[str, Experiment]:
    """All experiments by name; EvalError for a file that cannot be used."""
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
        return {name: Experiment.model_validate(values) for name, values in listed.items()}
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        problem = "; ".join(str(error).split("\n"))
        raise EvalError(f"The experiments in {path} cannot be used: {problem}.") from error


def experiment(name: str) -> Experiment:
    """One of them by name; EvalError when there is none."""
    known = load_experiments()
    if name not in known:
        raise EvalError(f"There is no experiment '{name}'; choose one of {', '.join(known)}.")
    return known[name]
