import re
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from data.errors import IlmChatError
from ilm.__main__ import CONFIGS, app
from ilm.config import METHODS, Size, TrainingConfig, method_config, read_config

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
free_learning_rate = 1e-3
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


DATASETS = sorted(path.stem for path in CONFIGS.glob("*.toml") if path.stem != "elm24")
SIZES: tuple[Size, ...] = get_args(Size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", DATASETS)
def test_every_shipped_configuration_is_read(name: str, size: Size) -> None:
    path = CONFIGS / f"{name}.toml"
    if size == "brief" and "[brief]" not in path.read_text("utf-8"):
        with pytest.raises(IlmChatError, match=r"has no \[brief\] table: ask for the size cpu or"):
            read_config(path, size=size)
        return
    config = read_config(path, size=size)
    assert config.dataset == name
    assert sum(config.tuning.steps.values()) > 0
    # What is written next to a result can be read back as it was.
    assert TrainingConfig.model_validate_json(config.model_dump_json()) == config


def test_each_data_set_has_a_file() -> None:
    assert DATASETS == ["beauty", "clothing", "lastfm", "ml-100k", "ml-1m"]


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_the_data_set_s_configuration_with_a_part_swapped(
    dataset: str, method: str
) -> None:
    whole = read_config(CONFIGS / f"{dataset}.toml", size="full")
    if method.startswith("ilm-it") and whole.alignment is None:
        with pytest.raises(IlmChatError, match=f"{dataset} has no texts .* no {method}: ask for"):
            method_config(dataset, method, "full", 3)
        return
    if method.endswith("-words"):
        plain = method.removesuffix("-words")
        with pytest.raises(IlmChatError, match=f"no {method}: ask for {plain}"):
            method_config(dataset, method, "full", 3)
        return
    config = method_config(dataset, method, "full", 3)
    assert (config.dataset, config.seed) == (dataset, 3)
    # No method gets more steps or a larger batch than another (text-only: six words an item).
    sizes = dict(whole.tuning.batch_size)
    if method == "text-only":
        sizes["rank"] = 16
    assert config.tuning.batch_size.items() >= sizes.items()
    assert sizes["rank"] <= whole.tuning.batch_size["rank"]
    for task, steps in config.tuning.steps.items():
        assert steps == whole.tuning.steps.get(task, 0) or (method, steps) == ("text-only", 0)
    encoders = {"text-only": "none", "mlp": "mlp"}
    assert config.model.encoder == encoders.get(method, "qformer")
    assert bool(config.model.lora_rank) is (method == "text-only")
    if method.startswith("ilm-it"):
        assert config.alignment is not None and whole.alignment is not None
        assert config.alignment.variant == method.removeprefix("ilm-").upper()
        same = config.alignment.model_copy(update={"variant": whole.alignment.variant})
        assert same == whole.alignment
    else:
        assert config.alignment is None
    if method.startswith("ilm"):
        rest = {"alignment": whole.alignment, "seed": whole.seed}
        assert config.model_copy(update=rest) == whole


def test_a_text_only_model_is_given_what_it_can_learn() -> None:
    """Found once: its training stopped at the first step about a user, of whom it has no token."""
    sizes: tuple[Size, ...] = ("cpu", "full")
    for dataset in DATASETS:
        for size in sizes:
            tuning = method_config(dataset, "text-only", size, 0).tuning
            assert {task for task, steps in tuning.steps.items() if steps} <= {
                "rank",
                "generate-id",
            }
            assert tuning.candidates == 0


def test_an_unknown_method_or_data_set_is_named() -> None:
    with pytest.raises(IlmChatError, match=r"no configuration for 'ml-20m'; there are beauty, "):
        method_config("ml-20m", "mlp", "cpu", 0)
    with pytest.raises(IlmChatError, match=r"no method 'ilm'; known are text-only, mlp, "):
        method_config("ml-100k", "ilm", "cpu", 0)


def test_the_small_size_is_laid_over_the_full_one(tmp_path: Path) -> None:
    small = """
[cpu]
factors = 4
tuning.steps = { rank = 1, generate-id = 1 }
tuning.batch_size = { generate-id = 7 }
"""
    path = write(tmp_path, GOOD + small)
    full, cpu = (read_config(path, size=size) for size in ("full", "cpu"))
    assert full == read_config(write(tmp_path, GOOD))
    assert cpu.tuning.steps == {"rank": 1, "generate-id": 1}
    assert cpu.tuning.batch_size == {"rank": 2, "generate-id": 7}
    tuning = cpu.tuning.model_copy(
        update={"steps": full.tuning.steps, "batch_size": full.tuning.batch_size}
    )
    assert cpu.model_copy(update={"factors": 8, "tuning": tuning}) == full


def test_the_brief_size_is_laid_over_the_small_one(tmp_path: Path) -> None:
    tables = "[cpu]\nfactors = 4\nseed = 5\n[brief]\nfactors = 3\n"
    config = read_config(write(tmp_path, GOOD + tables), size="brief")
    assert (config.factors, config.seed) == (3, 5)
    with pytest.raises(IlmChatError, match="brief must be a table"):
        read_config(write(tmp_path, "brief = 1\n" + GOOD))


def test_changes_are_laid_over_both(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + "[cpu]\nfactors = 4\nseed = 5\n")
    config = read_config(path, changes={"seed": 6, "model": {"history": 9}})
    assert (config.factors, config.seed) == (4, 6)
    assert (config.model.history, config.model.rank_width) == (9, 16)
    shipped = CONFIGS / "ml-100k.toml"
    assert read_config(shipped).alignment is not None
    assert read_config(shipped, changes={"alignment": None}).alignment is None


def test_steps_of_no_number_need_no_batch_size(tmp_path: Path) -> None:
    text = GOOD.replace("steps = { rank = 3 }", "steps = { rank = 3, describe = 0 }")
    assert read_config(write(tmp_path, text)).tuning.steps["describe"] == 0


def test_a_good_file_is_read(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, GOOD))
    assert config.model.modalities == ("cf", "transitions", "text")
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
        ("[model]", "[model]\nencoder = 'none'", "needs lora_rank: a frozen LLM cannot learn ids"),
        ("[tuning]", "[tuning]\nindexing = 'numeric'", r"tuning\.indexing"),
        ("[tuning]", "[tuning]\ncandidates = -1", r"tuning\.candidates"),
        ("factors = 8", "factors = 8\ncpu = 3", "cpu must be a table"),
        ("factors = 8", "factors = 8\ncpu.tuning = 3", "tuning"),
    ],
)
def test_a_problem_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in GOOD
    assert re.search(named, problem(tmp_path, GOOD.replace(old, new)))


def test_an_mlp_cannot_be_aligned(tmp_path: Path) -> None:
    shipped = (CONFIGS / "ml-100k.toml").read_text("utf-8")
    text = shipped.replace('encoder = "qformer"', 'encoder = "mlp"')
    assert "alignment needs encoder = 'qformer'" in problem(tmp_path, text)


def test_without_texts_something_must_be_left_to_learn(tmp_path: Path) -> None:
    shipped = (CONFIGS / "ml-100k.toml").read_text("utf-8")
    text = shipped.replace("[alignment]", "[alignment]\ntext = 'none'")
    alignment = read_config(write(tmp_path, text)).alignment
    assert alignment is not None and alignment.text == "none"
    said = problem(tmp_path, text.replace('variant = "IT-UI"', 'variant = "IT"'))
    assert "leaves nothing of the variant IT" in said


def test_an_adapter_starts_at_words_where_there_are_words_and_a_centre(tmp_path: Path) -> None:
    shipped = (CONFIGS / "elm24.toml").read_text("utf-8")
    shipped = re.sub(r"(?m)^(adapter_learning_rate|text) = .*\n", "", shipped)
    text = shipped.replace("[alignment]", "[alignment]\nadapter_learning_rate = 1e-3")
    alignment = read_config(write(tmp_path, text)).alignment
    assert alignment is not None and alignment.adapter_learning_rate == 1e-3
    silent = text.replace("[alignment]", "[alignment]\ntext = 'none'")
    assert "leaves no words for the adapter" in problem(tmp_path, silent)
    idle = re.sub(r"(?m)^epochs = .*$", "epochs = 0", shipped)
    idle = re.sub(r"(?m)^alignment.epochs = .*$", "", idle)
    assert "epochs = 0 without adapter_learning_rate" in problem(tmp_path, idle)
    uncentred = text.replace("centred_tokens = true", "centred_tokens = false")
    assert "adapter_learning_rate needs centred_tokens" in problem(tmp_path, uncentred)


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


def test_elm24_is_trained_on_ml_100k_and_without_texts_among_the_signals() -> None:
    config = method_config("elm24", "ilm-it-ui", "cpu", 3)
    assert (config.dataset, config.seed) == ("ml-100k", 3)
    assert "text" not in config.model.modalities
    assert config.model.modalities == method_config("elm24", "mlp", "cpu", 3).model.modalities
    assert set(config.tuning.steps) == {"describe"}
    aligned = config.alignment
    for method, encoder in (("mlp-words", "mlp"), ("ilm-rand-words", "qformer")):
        other = method_config("elm24", method, "cpu", 3)
        assert other.model.encoder == encoder and other.alignment and aligned
        assert other.alignment == aligned.model_copy(update={"epochs": 0})
        assert other.model.modalities == config.model.modalities
