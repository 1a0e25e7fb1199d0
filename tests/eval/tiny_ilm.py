"""Fixtures of a real item-language model that trains in seconds, for the tests that need one."""

from pathlib import Path

import pytest

from ilm.config import TrainingConfig, method_config
from tests.ilm.conftest import encoder_folder, llm_folder

__all__ = ["config", "encoder_folder", "llm_folder"]


@pytest.fixture
def config(llm_folder: Path, encoder_folder: Path) -> TrainingConfig:
    """The real configuration of a method that does everything, cut down."""
    settings = method_config("ml-100k", "ilm-it-ii-ui", "cpu", 0).model_dump(mode="json")
    settings |= {"dataset": "tiny", "factors": 8, "mixed_precision": "no", "checkpoint_every": 50}
    settings["model"] |= {"num_queries": 3, "history": 6, "rank_layers": 2, "rank_width": 16}
    settings["model"] |= {"text_encoder": str(encoder_folder), "llm": str(llm_folder)}
    settings["alignment"] |= {"epochs": 1, "batch_size": 6, "pair_batch_size": 8}
    tasks = ("rank", "rank-users", "generate-id")
    settings["tuning"] |= {"steps": dict.fromkeys(tasks, 8), "batch_size": dict.fromkeys(tasks, 4)}
    settings["tuning"]["candidates"] = 2
    return TrainingConfig.model_validate(settings)
