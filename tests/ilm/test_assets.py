"""With the real language model, and with the weights that we ship."""

from pathlib import Path

import numpy as np
import pytest

from data.registry import load
from data.splits import leave_one_out
from ilm.alignment import Alignment, alignment_data
from ilm.config import method_config
from ilm.item_tokens import spread
from ilm.llm import FrozenLLM, load_llm
from ilm.model import ItemLanguageModel
from ilm.pipeline import prepare
from ilm.splice import splice
from ilm.training import Loop, train
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


def test_stage_1_keeps_the_tokens_of_a_film_and_of_all_films_apart(
    real: FrozenLLM, tmp_path: Path
) -> None:
    """With the copied weights at ten times the rate the four tokens of a film were one after 20
    steps (queries 0.0003, in place of 0.04), and lay in 8 dimensions in place of 22."""
    config = method_config("elm24", "ilm-it-ui", "cpu", 0)
    assert config.alignment is not None
    shape = config.model.model_copy(update={"demonstrations": 0})  # stage 1 shows none
    prepared = prepare(config.model_copy(update={"model": shape}), real, load("ml-100k"))
    model = prepared.model
    data = alignment_data(
        config.alignment,
        prepared.dataset.catalogue,
        prepared.split.train,
        prepared.factors.users,
        model.text_tokenizer,
        config.seed,
    )
    alignment = Alignment(model, config.alignment, data, config.seed)
    alignment.start_at_base_rates()
    loop = Loop(tmp_path, alignment.steps, config.seed, "bf16", alignment.steps, stop_after=20)
    assert not train(model, alignment.groups(), alignment.step, loop)
    model.eval()
    found = spread(model.catalogue_tokens()[model.rankable])
    assert found["queries"] > 0.01
    assert found["items"] > 0.25
    assert found["dimensions"] > 15


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
