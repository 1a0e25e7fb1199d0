"""Item-language models for the harness's tests: a training that writes a table of scores, and a
model that reads it. No part of `ilm` is run, so that no change there is felt here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict

from cf.factors import fit
from data.dataset import Dataset
from data.splits import LeaveOneOut, leave_one_out


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")
    num_queries: int = 4
    modalities: tuple[str, ...] = ("cf", "text")


class Tuning(BaseModel):
    model_config = ConfigDict(extra="forbid")
    indexing: str = "random"
    candidates: int = 5


class Config(BaseModel):
    """What stands in for `ilm.config.TrainingConfig`."""

    model_config = ConfigDict(extra="forbid")
    dataset: str
    method: str
    size: str
    seed: int
    model: Shape = Shape()
    tuning: Tuning = Tuning()


@dataclass(frozen=True)
class Written:
    items: tuple[int, ...]
    scores: tuple[float, ...]
    invalid: int
    repeated: int


class Model:
    """Scores by the newest item; another answer to another question and another prompt."""

    def __init__(self, folder: Path, *, llm: None = None) -> None:
        self.table = np.load(folder / "table.npy")
        self.llm = self

    def to(self, device: object) -> Model:
        return self

    def rank(
        self, histories: Sequence[Sequence[int]], *, new_only: bool, prompt: str
    ) -> np.ndarray:
        return self._asked(new_only, prompt)[[history[-1] for history in histories]]

    def rank_users(self, vectors: np.ndarray, *, new_only: bool, prompt: str) -> np.ndarray:
        assert vectors.shape[1:] == (4,)
        return self._asked(new_only, prompt)[vectors.argmax(axis=1)]

    def _asked(self, new_only: bool, prompt: str) -> np.ndarray:
        table = (self.table.T if new_only else self.table).copy()
        if prompt == "unseen":
            table = table[:, ::-1]
        table[:, 18:] = -np.inf  # what nobody chose
        return table


def generate_ids(
    model: Model,
    histories: Sequence[Sequence[int]],
    user_ids: Sequence[str],
    *,
    task: str,
    kind: str,
    candidates: np.ndarray | None,
    beams: int,
    templates: Path | None,
) -> Iterator[Written]:
    """What is listed in the prompt, then the rest; of 20 beams two write no id, one the same."""
    assert all(user.startswith("u") for user in user_ids)
    assert (task, kind) == ("sequential", "seen")
    assert candidates is not None
    for listed in candidates.tolist():
        items = [*listed, *(item for item in range(20) if item not in listed)][: beams - 3]
        yield Written(tuple(items), (0.0,) * len(items), 2, 1)


class Ilm:
    """Installs the fakes; `trained` are the folders that were trained, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trained = list[Path]()
        monkeypatch.setattr("ilm.config.method_config", self.config, raising=False)
        monkeypatch.setattr("ilm.pipeline.run", self.run)
        monkeypatch.setattr("ilm.model.ItemLanguageModel.from_pretrained", Model)
        monkeypatch.setattr("ilm.writing.generate_ids", generate_ids)

    def config(self, dataset: str, method: str, size: str, seed: int) -> Config:
        return Config(dataset=dataset, method=method, size=size, seed=seed)

    def run(self, config: Config, folder: Path, *, dataset: Dataset) -> None:
        self.trained.append(folder)
        split = leave_one_out(dataset.interactions)
        save(folder / "model", config.model_dump(mode="json"), split)


def save(folder: Path, config: dict[str, Any], split: LeaveOneOut) -> None:
    """A folder as a training leaves it."""
    fit(split.train, factors=4, seed=config["seed"]).save(folder / "factors")
    numbers = [config["seed"], *config["method"].encode(), config["model"]["num_queries"]]
    np.save(folder / "table.npy", np.random.default_rng(numbers).normal(size=(20, 20)))
    (folder / "model.safetensors").write_bytes(bytes(numbers))
    (folder / "training.json").write_text(json.dumps(config))
    evaluation = {"alignment": {"ITG": 3.0 + config["seed"], "note": "text"}}
    metadata = {"seed": config["seed"], "split": split.digest, "evaluation": evaluation}
    (folder / "metadata.json").write_text(json.dumps(metadata))
