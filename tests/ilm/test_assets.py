"""With the real language model, and with the weights that we ship."""

from pathlib import Path

import numpy as np
import pytest

from data.registry import load
from data.splits import leave_one_out
from ilm.llm import FrozenLLM, load_llm
from ilm.model import ItemLanguageModel
from ilm.splice import splice
from ilm.writing import chat_segments
from prompts.templates import Placeholder
from tests.conftest import ROOT

WEIGHTS = ROOT / "weights" / "ml-100k"

pytestmark = [pytest.mark.assets, pytest.mark.slow]


@pytest.fixture(scope="module")
def real() -> FrozenLLM:
    return load_llm()


@pytest.fixture(scope="module")
def shipped(real: FrozenLLM) -> ItemLanguageModel:
    if not (WEIGHTS / "model.safetensors").is_file():
        pytest.skip("no weights are shipped yet")
    return ItemLanguageModel.from_pretrained(WEIGHTS, llm=real)


def test_the_packaged_llm_talks(real: FrozenLLM) -> None:
    from ilm.decoding import stream

    assert (real.width, real.layers) == (576, 30)
    assert real.pad_id == real.eos_id  # the trap of SmolLM2
    before, after = real.chat_frame()
    assert before.endswith("<|im_start|>user\n")
    question = [before, "What is the capital of France?", after]
    batch = splice(real, [question], lambda _: real.embed(batch.ids[:0]))
    assert "Paris" in "".join(stream(real, batch, max_new_tokens=24))


def test_the_shipped_weights_rank(shipped: ItemLanguageModel) -> None:
    dataset = load("ml-100k")
    split = leave_one_out(dataset.interactions)
    assert shipped.n_items == len(dataset.catalogue)
    users = np.random.default_rng(0).permutation(dataset.interactions.n_users)[:100]
    histories = split.histories("test")
    scores = shipped.rank([histories[user].tolist() for user in users])
    targets = scores[np.arange(100), split.test[users]][:, None]
    assert float(((scores > targets).sum(1) < 10).mean()) > 0.08
    active = set(dataset.interactions.active_items().tolist())
    assert {int(item) for item in np.flatnonzero(np.isfinite(scores[0]))} == active


def test_the_shipped_weights_are_small_and_know_their_data() -> None:
    import json

    if not (WEIGHTS / "metadata.json").is_file():
        pytest.skip("no weights are shipped yet")
    size = sum(path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file())
    assert size <= 48e6
    about = json.loads((WEIGHTS / "metadata.json").read_text("utf-8"))
    assert about["split"] == leave_one_out(load("ml-100k").interactions).digest


def test_the_shipped_weights_describe(shipped: ItemLanguageModel) -> None:
    prompt = chat_segments(shipped.llm, ["Summarise ", Placeholder("item", (49,)), " briefly."])
    assert len("".join(shipped.generate(prompt, max_new_tokens=16))) > 10


def test_no_path_of_a_machine_is_shipped() -> None:
    for path in Path(WEIGHTS).glob("*.json"):
        assert "/work" not in path.read_text("utf-8") and "/home" not in path.read_text("utf-8")
