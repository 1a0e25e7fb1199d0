import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data.errors import IlmChatError
from ilm.__main__ import CONFIGS, app
from ilm.config import TrainingConfig, read_config

GOOD = """
dataset = "tiny"
factors = 8
checkpoint_every = 4
[model]
num_queries = 3
history = 6
rank_layers = 2
rank_width = 16
dropout = 0.1
[tuning]
steps = { rank = 3 }
batch_size = { rank = 2 }
learning_rate = 1e-3
encoder_learning_rate = 1e-3
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, "utf-8")
    return path


def problem(folder: Path, text: str) -> str:
    with pytest.raises(IlmChatError) as info:
        read_config(write(folder, text))
    assert "\n" not in str(info.value)
    return str(info.value)


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_configuration_is_read(path: Path) -> None:
    config = read_config(path)
    assert config.dataset == "ml-100k"
    assert sum(config.tuning.steps.values()) > 0
    # What is written next to a result can be read back as it was.
    assert TrainingConfig.model_validate_json(config.model_dump_json()) == config


def test_the_baselines_have_the_same_budget() -> None:
    configs = {path.stem: read_config(path) for path in CONFIGS.glob("*.toml")}
    assert {"ml-100k", "ilm-rand", "mlp"} <= configs.keys()
    ilm, rand, mlp = (configs[name] for name in ("ml-100k", "ilm-rand", "mlp"))
    assert rand == ilm.model_copy(update={"alignment": None})
    for other in (rand, mlp):
        assert other.tuning.steps == ilm.tuning.steps
        assert other.tuning.batch_size == ilm.tuning.batch_size
    assert mlp.model.encoder == "mlp"


def test_a_good_file_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, GOOD))
    assert config.model.modalities == ("cf", "text")
    assert config.alignment is None


def test_all_problems_come_together(tmp_path: Path) -> None:
    text = (
        GOOD.replace("num_queries = 3", "num_queries = 0")
        .replace("dropout = 0.1", "dropout = 1.5")
        .replace("rank_width = 16\n", "")
        .replace("factors = 8", "factors = 8\ncolour = 3")
        .replace("steps = { rank = 3 }", "steps = { rankk = 3 }")
    )
    found = problem(tmp_path, text)
    for name in ("model.num_queries", "model.dropout", "model.rank_width", "colour", "rankk"):
        assert name in found, name


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("factors = 8", "factors = 8\nfactors = 9", "not valid TOML"),
        ("steps = { rank = 3 }", "steps = { rank = 3, describe = 1 }", r"missing for .*describe"),
        ("[tuning]", "[alignment]\nvariant = 'II'\n[tuning]", r"alignment\.variant"),
        ("steps = { rank = 3 }", "steps = { rank = -3 }", r"tuning\.steps\.rank"),
        ("batch_size = { rank = 2 }", "batch_size = { rank = 0 }", r"tuning\.batch_size\.rank"),
        ("[model]", "[model]\nmodalities = []", r"model\.modalities"),
    ],
)
def test_a_problem_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in GOOD
    assert re.search(named, problem(tmp_path, GOOD.replace(old, new)))


def test_an_mlp_cannot_be_aligned(tmp_path: Path) -> None:
    shipped = (CONFIGS / "ml-100k.toml").read_text("utf-8")
    text = shipped.replace('encoder = "qformer"', 'encoder = "mlp"')
    assert "alignment needs encoder = 'qformer'" in problem(tmp_path, text)


def test_unreadable_files_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(IlmChatError, match=r"no configuration file .*absent\.toml"):
        read_config(tmp_path / "absent.toml")
    (tmp_path / "latin.toml").write_bytes("dataset = 'é'".encode("latin-1"))
    with pytest.raises(IlmChatError, match=r"latin\.toml"):
        read_config(tmp_path / "latin.toml")
    with pytest.raises(IlmChatError, match=re.escape(tmp_path.name)):
        read_config(tmp_path)


@pytest.mark.parametrize("verb", ["train", "rank", "describe"])
def test_help_has_an_example(verb: str) -> None:
    result = CliRunner().invoke(app, [verb, "--help"])
    assert result.exit_code == 0
    assert f"Example: python -m ilm {verb}" in result.stdout


def test_an_unknown_configuration_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "--config", "nosuch", "--out", str(tmp_path)])
    assert isinstance(result.exception, IlmChatError)
    assert "nosuch" in str(result.exception)
    assert not list(tmp_path.iterdir())
