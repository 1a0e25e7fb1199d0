import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from data.errors import IlmChatError
from ilm import decoding
from ilm.decoding import Trie, constrained_beams, stream
from ilm.llm import FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.splice import Spliced, splice
from prompts.templates import Placeholder
from tests.ilm.conftest import MakeModel

IDS = {"item_1": 10, "item_12": 11, "item_13": 12, "item_2": 13, "thing": 14}


def prompt(llm: FrozenLLM, text: str = "What now? ") -> Spliced:
    return splice(llm, [[text]], lambda _: torch.zeros(0, llm.width))


def stream_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ilm-stream"]


# -- streamed text ------------------------------------------------------------------------------


def test_text_comes_in_pieces(parrot: FrozenLLM) -> None:
    pieces = list(stream(parrot, prompt(parrot), max_new_tokens=12))
    assert len(pieces) > 2
    assert "".join(pieces) == "la la la la "


def test_the_end_token_ends_the_text_and_is_not_shown(parrot: FrozenLLM) -> None:
    (a,) = parrot.token_ids("a")
    with torch.no_grad():
        parrot.model.lm_head.weight[parrot.eos_id, 2] = 20.0  # after an "a" rather than a space
    assert a != parrot.eos_id
    assert "".join(stream(parrot, prompt(parrot), max_new_tokens=12)) == "la"


def test_stop_ends_the_text(parrot: FrozenLLM) -> None:
    pieces: list[str] = []
    for piece in stream(parrot, prompt(parrot), max_new_tokens=400, stop=lambda: len(pieces) >= 2):
        pieces.append(piece)
    assert "la la " in "".join(pieces)
    assert len("".join(pieces)) < 300
    assert not stream_threads()


def test_closing_the_iterator_ends_the_decoding(parrot: FrozenLLM) -> None:
    pieces = stream(parrot, prompt(parrot), max_new_tokens=100_000)
    assert next(pieces) == "la "
    assert len(stream_threads()) == 1
    pieces.close()  # type: ignore[attr-defined]
    # Nothing goes on behind the back of whoever asks next.
    assert not stream_threads()


def test_the_stop_asked_for_before_the_first_word(parrot: FrozenLLM) -> None:
    text = "".join(stream(parrot, prompt(parrot), max_new_tokens=100, stop=lambda: True))
    assert len(text) <= 1


def test_a_failing_model_is_a_sentence(parrot: FrozenLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(parrot.model, "forward", fail)
    with pytest.raises(IlmChatError, match=r"The language model failed: out of memory\."):
        list(stream(parrot, prompt(parrot), max_new_tokens=3))


def test_a_stalling_model_is_a_sentence(parrot: FrozenLLM, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "STREAM_TIMEOUT", 0.05)
    waiting = threading.Event()

    def stall(*_: Any, **__: Any) -> Any:
        waiting.wait(5)
        raise RuntimeError("woken")

    monkeypatch.setattr(parrot.model, "forward", stall)
    with pytest.raises(IlmChatError, match="stalled; ask again"):
        list(stream(parrot, prompt(parrot), max_new_tokens=3))
    waiting.set()
    for thread in stream_threads():
        thread.join(5)


def test_a_model_streams_about_items(make_model: MakeModel) -> None:
    model = make_model().train()
    pieces = model.generate(["Describe ", Placeholder("item", (3,)), "."], max_new_tokens=20)
    assert isinstance(pieces, Iterator)
    text = "".join(pieces)
    assert text
    assert not model.training
    again = "".join(
        model.generate(["Describe ", Placeholder("item", (3,)), "."], max_new_tokens=20)
    )
    assert again == text  # greedy
    other = model.generate(["Describe ", Placeholder("item", (14,)), "."], max_new_tokens=20)
    assert "".join(other) != text


@torch.no_grad()
def test_ranking_beside_a_stream_does_not_change_its_text(llm: FrozenLLM) -> None:
    batch = prompt(llm)
    expected = "".join(stream(llm, batch, max_new_tokens=60))
    assert len(expected) > 20
    pieces: list[str] = []
    reader = threading.Thread(
        target=lambda: pieces.extend(stream(llm, batch, max_new_tokens=60)), daemon=True
    )
    reader.start()
    while reader.is_alive():
        llm.hidden(batch.embeds, batch.mask, 1)
    assert "".join(pieces) == expected


# -- ids under a trie ---------------------------------------------------------------------------


def test_a_trie_allows_what_is_left_of_its_texts(llm: FrozenLLM) -> None:
    trie = Trie(llm, IDS)

    def allowed(text: str) -> set[str]:
        return {llm.tokenizer.decode([token]) for token in trie.allowed(llm.token_ids(text))}

    end = llm.tokenizer.decode([llm.eos_id])
    assert allowed("") == {"i", "t"}
    assert allowed("item_") == {"1", "2"}
    assert allowed("item_1") == {"2", "3", end}
    assert allowed("item_2") == {end}
    assert trie.allowed([*llm.token_ids("item_2"), llm.eos_id]) == [llm.eos_id]
    assert trie.allowed(llm.token_ids("no such text")) == [llm.eos_id]


def test_a_trie_reads_the_item_back(llm: FrozenLLM) -> None:
    trie = Trie(llm, IDS)
    for text, item in IDS.items():
        ended = [*llm.token_ids(text), llm.eos_id]
        assert trie.item(ended) == item
        assert trie.item([*ended, llm.eos_id, llm.eos_id]) == item
    assert trie.item(llm.token_ids("item_1")) is None
    assert trie.item([*llm.token_ids("item_"), llm.eos_id]) is None


def test_two_items_cannot_share_an_id(llm: FrozenLLM) -> None:
    class Twice(dict[str, int]):
        def items(self) -> Any:
            return [("a", 1), ("a", 2)]

    with pytest.raises(IlmChatError, match="share the id text 'a'"):
        Trie(llm, Twice())


def exhaustive(llm: FrozenLLM, batch: Spliced) -> list[tuple[int, float]]:
    """Mean log probability of every id's tokens, the end included, best first."""
    found = []
    for text, item in IDS.items():
        ids = torch.tensor([*llm.token_ids(text), llm.eos_id])
        embeds = torch.cat([batch.embeds[0], llm.embed(ids)])[None]
        mask = torch.ones(embeds.shape[:2], dtype=torch.bool)
        log_p = llm.logits(embeds, mask)[0].log_softmax(-1)
        start = batch.embeds.shape[1] - 1
        score = sum(float(log_p[start + at, token]) for at, token in enumerate(ids.tolist()))
        found.append((item, score / len(ids)))
    return sorted(found, key=lambda pair: -pair[1])


@torch.no_grad()
@pytest.mark.parametrize("text", ["What now? ", "Next: ", "x"])
@pytest.mark.parametrize("beams", [5, 9])
def test_with_a_beam_for_every_id_the_search_is_exhaustive(
    llm: FrozenLLM, text: str, beams: int
) -> None:
    batch = prompt(llm, text)
    found = constrained_beams(llm, batch, IDS, beams=beams)
    expected = exhaustive(llm, batch)
    assert [item for item, _ in found] == [item for item, _ in expected]
    assert [score for _, score in found] == pytest.approx([s for _, s in expected], abs=1e-4)


@torch.no_grad()
@pytest.mark.parametrize("beams", [1, 2, 3])
def test_fewer_beams_find_valid_distinct_items_best_first(llm: FrozenLLM, beams: int) -> None:
    batch = prompt(llm)
    found = constrained_beams(llm, batch, IDS, beams=beams)
    assert 1 <= len(found) <= beams
    items = [item for item, _ in found]
    assert set(items) <= set(IDS.values())
    assert len(items) == len(set(items))
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    known = dict(exhaustive(llm, batch))
    assert scores == pytest.approx([known[item] for item in items], abs=1e-4)


@torch.no_grad()
def test_beams_see_the_items_of_the_prompt(make_model: MakeModel) -> None:
    model: ItemLanguageModel = make_model()
    ids = {f"item_{n}": n for n in range(20)}
    found = model.generate_ids(["After ", Placeholder("history", (1, 2))], ids, beams=20)
    assert sorted(item for item, _ in found) == list(range(20))
    other = model.generate_ids(["After ", Placeholder("history", (15, 11))], ids, beams=20)
    assert found != other


@torch.no_grad()
def test_a_trie_of_one_id(llm: FrozenLLM) -> None:
    ((item, score),) = constrained_beams(llm, prompt(llm), {"item_2": 13}, beams=3)
    assert item == 13
    assert score == pytest.approx(dict(exhaustive(llm, prompt(llm)))[13], abs=1e-4)
