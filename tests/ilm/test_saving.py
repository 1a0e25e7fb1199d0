import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from cf.factors import Factors
from data.errors import IlmChatError
from ilm.llm import FrozenLLM
from ilm.model import NOT_SAVED, ItemLanguageModel
from ilm.storage import ItemIds, read
from tests.ilm.conftest import MakeModel, assert_same_state, perturb, snapshot

HISTORIES = [[], [3], [14, 2, 9], list(range(10))]
SHAPES: dict[str, dict[str, object]] = {
    "qformer": {},
    "mlp": {"encoder": "mlp", "modalities": ("cf",)},
    "text-only": {"encoder": "none", "lora_rank": 2, "trail": False},
    "no trail": {"trail": False},
    "no free vectors": {"free_vectors": False},
    "no layers": {"rank_layers": 0},
    "LoRA": {"lora_rank": 2},
    "style": {"style_vectors": 2},
    "centred": {"centred_tokens": True},
}


@pytest.fixture
def saved(model: ItemLanguageModel, tmp_path: Path) -> Path:
    model.save_pretrained(tmp_path / "deep" / "model", {"seed": 7})
    return tmp_path / "deep" / "model"


def kept(model: ItemLanguageModel) -> dict[str, Tensor]:
    return {name: value for name, value in snapshot(model).items() if not NOT_SAVED.match(name)}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_what_is_read_is_what_was_saved(
    make_model: MakeModel,
    llm: FrozenLLM,
    factors: Factors,
    tmp_path: Path,
    shape: dict[str, object],
) -> None:
    model = perturb(make_model(**shape))
    before = kept(model)
    model.save_pretrained(tmp_path, {})
    loaded = ItemLanguageModel.from_pretrained(tmp_path, llm=llm)
    assert_same_state(kept(loaded), before)
    assert not loaded.training
    assert loaded.config == model.config
    assert loaded.ids == model.ids
    fresh = make_model(**shape)
    for new_only in (False, True):
        expected = model.rank(HISTORIES, new_only=new_only)
        np.testing.assert_array_equal(loaded.rank(HISTORIES, new_only=new_only), expected)
        # Nothing of the new model is as a fresh one has it: the round trip was one.
        other = fresh.rank(HISTORIES, new_only=new_only)
        assert not np.allclose(other[:, :-1], expected[:, :-1])
        if shape.get("encoder") != "none":
            users = factors.users[:3]
            np.testing.assert_array_equal(
                loaded.rank_users(users, new_only=new_only),
                model.rank_users(users, new_only=new_only),
            )


def test_the_scaffold_of_stage_one_is_not_saved(model: ItemLanguageModel, saved: Path) -> None:
    """The feed-forward part of the text branch and the words; what queries pass is."""
    names = {name.removeprefix("trained.") for name in load_file(saved / "model.safetensors")}
    left_out = set(model.state_dict()) - names
    assert left_out == {
        name
        for name in model.state_dict()
        if name.startswith("encoder.words.")
        or (
            name.startswith("encoder.network.encoder.layer.")
            and name.split(".")[5] in ("intermediate", "output")
        )
    }
    for part in ("intermediate_query.", "output_query.", "attention.output.", "crossattention."):
        assert any(part in name for name in names), part


def test_ids_are_saved_with_the_model(make_model: MakeModel, tmp_path: Path) -> None:
    ids = ItemIds("some set", {0: "item_<CI3><CI0>", 7: "item_<CI3><CI1>"})
    make_model(texts=ids).save_pretrained(tmp_path, {})
    assert read(tmp_path).ids == ids


def test_demonstrations_are_saved_with_the_model(
    make_model: MakeModel, llm: FrozenLLM, tmp_path: Path
) -> None:
    model = make_model()
    model.demonstrations = {"pitch": [("Sell “Heat”.", "Cops, robbers.")], "plot": []}
    model.save_pretrained(tmp_path, {})
    assert ItemLanguageModel.from_pretrained(tmp_path, llm=llm).demonstrations == {
        "pitch": [("Sell “Heat”.", "Cops, robbers.")],
        "plot": [],
    }
    # Models of an earlier day have none.
    settings = json.loads((tmp_path / "config.json").read_text("utf-8"))
    del settings["demonstrations"], settings["model"]["demonstrations"]
    (tmp_path / "config.json").write_text(json.dumps(settings), "utf-8")
    assert not ItemLanguageModel.from_pretrained(tmp_path, llm=llm).demonstrations


def test_users_survive_as_well(model: ItemLanguageModel, llm: FrozenLLM, saved: Path) -> None:
    loaded = ItemLanguageModel.from_pretrained(saved, llm=llm)
    vectors = np.random.default_rng(0).normal(size=(2, 8)).astype(np.float32)
    with torch.no_grad():
        assert torch.equal(loaded.user_tokens(vectors), model.user_tokens(vectors))


def test_half_precision_ranks_nearly_the_same(
    model: ItemLanguageModel, llm: FrozenLLM, saved: Path, tmp_path: Path
) -> None:
    half = tmp_path / "half"
    model.save_pretrained(half, {}, torch.float16)
    size, full = (path.joinpath("model.safetensors").stat().st_size for path in (half, saved))
    assert size < 0.6 * full
    loaded = ItemLanguageModel.from_pretrained(half, llm=llm)
    assert next(loaded.parameters()).dtype == torch.float32
    left, right = loaded.rank(HISTORIES), model.rank(HISTORIES)
    np.testing.assert_allclose(left, right, atol=0.02 * float(np.ptp(right[:, :-1])))
    # Saved again it is the same to the last bit: rounding happens once.
    loaded.save_pretrained(tmp_path / "again", {}, torch.float16)
    assert_same_state(
        load_file(tmp_path / "again" / "model.safetensors"), load_file(half / "model.safetensors")
    )


def test_nothing_but_safetensors_and_json_is_written(model: ItemLanguageModel, saved: Path) -> None:
    assert {path.name for path in saved.iterdir()} == {
        "model.safetensors",
        "config.json",
        "ids.json",
        "metadata.json",
    }
    assert json.loads((saved / "metadata.json").read_text()) == {"seed": 7}
    names = set(load_file(saved / "model.safetensors"))
    given = {"cf", "transitions", "text"}
    assert {name for name in names if not name.startswith("trained.")} == {
        *(f"given.signal_{name}" for name in given),
        *(f"given.present_{name}" for name in given),
        "given.rankable",
        "given.user_mean",
        "given.user_spread",
    }
    trained = {name.removeprefix("trained.") for name in names if name.startswith("trained.")}
    assert trained == set(kept(model))
    learned = {n for n, p in model.named_parameters() if p.requires_grad}
    assert trained <= learned | {"ranking.repeat_log_odds"}
    assert not any("words" in name or "embed_tokens" in name or "lm_head" in name for name in names)


def test_the_llm_it_was_trained_with_is_the_default(
    model: ItemLanguageModel, saved: Path, llm_folder: Path
) -> None:
    loaded = ItemLanguageModel.from_pretrained(saved)
    assert loaded.llm is not model.llm
    assert loaded.llm.name == str(llm_folder)
    np.testing.assert_array_equal(loaded.rank(HISTORIES), model.rank(HISTORIES))


def test_another_llm_is_named_with_both_widths(saved: Path, wide_llm: FrozenLLM) -> None:
    with pytest.raises(IlmChatError, match="a language model 32 wide and wide is 48 wide"):
        ItemLanguageModel.from_pretrained(saved, llm=wide_llm)


@pytest.mark.parametrize("name", ["config.json", "ids.json", "model.safetensors"])
def test_a_missing_file_is_named(saved: Path, llm: FrozenLLM, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(IlmChatError, match=rf"{name} is missing\): run `make train`"):
        ItemLanguageModel.from_pretrained(saved, llm=llm)


def test_a_missing_folder_is_a_sentence(tmp_path: Path, llm: FrozenLLM) -> None:
    with pytest.raises(IlmChatError, match="holds no trained model"):
        ItemLanguageModel.from_pretrained(tmp_path / "absent", llm=llm)


def rewrite_config(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    settings = json.loads((folder / "config.json").read_text())
    change(settings)
    (folder / "config.json").write_text(json.dumps(settings))


def rewrite_weights(folder: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def cut(path: Path, share: float) -> None:
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


DAMAGES: dict[str, Callable[[Path], object]] = {
    "half the weights": lambda f: cut(f / "model.safetensors", 0.5),
    "no weights": lambda f: cut(f / "model.safetensors", 0),
    "half the configuration": lambda f: cut(f / "config.json", 0.5),
    "binary configuration": lambda f: (f / "config.json").write_bytes(b"\xff\xfe\x00"),
    "half the ids": lambda f: cut(f / "ids.json", 0.5),
    "ids in a list": lambda f: (f / "ids.json").write_text('["item_1001"]'),
    "an id of no item": lambda f: (f / "ids.json").write_text('{"first": "item_1001"}'),
    "no data set": lambda f: rewrite_config(f, lambda c: c.pop("dataset")),
    "unknown setting": lambda f: rewrite_config(f, lambda c: c["model"].update(depth=3)),
    "bad setting": lambda f: rewrite_config(f, lambda c: c["model"].update(num_queries=0)),
    "no model in the configuration": lambda f: rewrite_config(f, lambda c: c.pop("model")),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_model_is_a_sentence(
    saved: Path, llm: FrozenLLM, damage: Callable[[Path], object]
) -> None:
    damage(saved)
    with pytest.raises(IlmChatError, match=r"damaged model \(\w+\): fetch or train it again"):
        ItemLanguageModel.from_pretrained(saved, llm=llm)


MISFITS: dict[str, Callable[[Path], object]] = {
    "another number of queries": lambda f: rewrite_config(
        f, lambda c: c["model"].update(num_queries=5)
    ),
    "another width": lambda f: rewrite_config(f, lambda c: c["model"].update(rank_width=9)),
    "another encoder": lambda f: rewrite_config(f, lambda c: c["model"].update(encoder="mlp")),
    "matrices that are not there": lambda f: rewrite_config(
        f, lambda c: c["model"].update(lora_rank=2)
    ),
    "another head": lambda f: rewrite_config(f, lambda c: c["model"].update(trail=False)),
    "no n_items": lambda f: rewrite_config(f, lambda c: c.pop("n_items")),
    "a list": lambda f: (f / "config.json").write_text("[]"),
    "no signals": lambda f: rewrite_weights(f, lambda t: t.pop("given.signal_cf")),
    "no users": lambda f: rewrite_weights(f, lambda t: t.pop("given.user_mean")),
    "no adapter": lambda f: rewrite_weights(f, lambda t: t.pop("trained.adapter.weight")),
    "a tensor less": lambda f: rewrite_weights(f, lambda t: t.pop("trained.ranking.bias")),
    "a tensor more": lambda f: rewrite_weights(
        f, lambda t: t.update({"trained.more": torch.zeros(1)})
    ),
}


@pytest.mark.parametrize("damage", MISFITS.values(), ids=MISFITS.keys())
def test_files_that_do_not_belong_together_are_a_sentence(
    saved: Path, llm: FrozenLLM, damage: Callable[[Path], object]
) -> None:
    damage(saved)
    with pytest.raises(IlmChatError, match=r"fetch or train it again") as info:
        ItemLanguageModel.from_pretrained(saved, llm=llm)
    assert "\n" not in str(info.value)


def test_a_model_of_another_catalogue_is_refused(saved: Path, llm: FrozenLLM) -> None:
    rewrite_config(saved, lambda c: c.update(n_items=21))
    with pytest.raises(IlmChatError, match="says 21 items and its weights hold 20"):
        ItemLanguageModel.from_pretrained(saved, llm=llm)


def test_saving_twice_replaces(model: ItemLanguageModel, saved: Path, llm: FrozenLLM) -> None:
    shutil.copytree(saved, saved.parent / "copy")
    perturb(model)
    model.save_pretrained(saved, {"seed": 8})
    loaded = ItemLanguageModel.from_pretrained(saved, llm=llm)
    np.testing.assert_array_equal(loaded.rank(HISTORIES), model.rank(HISTORIES))
    old = ItemLanguageModel.from_pretrained(saved.parent / "copy", llm=llm)
    assert not np.allclose(old.rank(HISTORIES)[:, :-1], model.rank(HISTORIES)[:, :-1])


def test_ids_of_another_model_are_refused(saved: Path, llm: FrozenLLM) -> None:
    (saved / "ids.json").write_text(json.dumps({"0": "item_1001", "20": "item_1002"}), "utf-8")
    with pytest.raises(IlmChatError, match="names items outside the 20 of this model"):
        ItemLanguageModel.from_pretrained(saved, llm=llm)
