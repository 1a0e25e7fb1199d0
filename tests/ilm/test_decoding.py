import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from transformers import LlamaForCausalLM

from data.errors import IlmChatError
from ilm import decoding
from ilm.decoder import Decoder
from ilm.decoding import Trie, free_beams, stream, write_ids
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


@pytest.fixture(params=["fast", "library"])
def writer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    """Both ways to write, and the method that does the work: (class, its name)."""
    if request.param == "fast":
        return Decoder, "states"
    monkeypatch.setattr(FrozenLLM, "decoder", lambda self: None)
    return LlamaForCausalLM, "forward"


# -- streamed text ------------------------------------------------------------------------------


def test_text_comes_in_pieces(parrot: FrozenLLM, writer: Any) -> None:
    pieces = list(stream(parrot, prompt(parrot), max_new_tokens=12))
    assert len(pieces) > 2
    assert "".join(pieces) == "la la la la "


def test_the_end_token_ends_the_text_and_is_not_shown(parrot: FrozenLLM, writer: Any) -> None:
    (a,) = parrot.token_ids("a")
    with torch.no_grad():
        parrot.model.lm_head.weight[parrot.eos_id, 2] = 20.0  # after an "a" rather than a space
    assert a != parrot.eos_id
    assert "".join(stream(parrot, prompt(parrot), max_new_tokens=12)) == "la"


def test_stop_ends_the_text(parrot: FrozenLLM, writer: Any) -> None:
    pieces: list[str] = []
    for piece in stream(parrot, prompt(parrot), max_new_tokens=400, stop=lambda: len(pieces) >= 2):
        pieces.append(piece)
    assert "la la " in "".join(pieces)
    assert len("".join(pieces)) < 300
    assert not stream_threads()


def test_closing_the_iterator_ends_the_decoding(parrot: FrozenLLM, writer: Any) -> None:
    pieces = stream(parrot, prompt(parrot), max_new_tokens=100_000)
    assert next(pieces) == "la "
    assert len(stream_threads()) == 1
    pieces.close()  # type: ignore[attr-defined]
    # Nothing goes on behind the back of whoever asks next.
    assert not stream_threads()


def test_the_stop_asked_for_before_the_first_word(parrot: FrozenLLM, writer: Any) -> None:
    text = "".join(stream(parrot, prompt(parrot), max_new_tokens=100, stop=lambda: True))
    assert len(text) <= 1


def test_a_failing_model_is_a_sentence(
    parrot: FrozenLLM, writer: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(*writer, fail)
    with pytest.raises(IlmChatError, match=r"The language model failed: out of memory\."):
        list(stream(parrot, prompt(parrot), max_new_tokens=3))


def test_a_stalling_model_is_a_sentence(
    parrot: FrozenLLM, writer: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "STREAM_TIMEOUT", 0.05)
    waiting = threading.Event()

    def stall(*_: Any, **__: Any) -> Any:
        waiting.wait(5)
        raise RuntimeError("woken")

    monkeypatch.setattr(*writer, stall)
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


def prompts(llm: FrozenLLM, *texts: str) -> Spliced:
    return splice(llm, [[text] for text in texts], lambda _: torch.zeros(0), pad_left=True)


def walk(trie: Trie, tokens: list[int]) -> int | None:
    """The node that a sequence of tokens leads to, or None."""
    node = torch.tensor(0)
    for token in tokens:
        children, exists = trie.children(node)
        fitting = children[exists & (trie.tokens[children] == token)]
        if not len(fitting):
            return None
        (node,) = fitting
    return int(node)


def test_a_trie_allows_what_is_left_of_its_texts(llm: FrozenLLM) -> None:
    trie = Trie(llm, IDS)

    def allowed(text: str) -> set[str]:
        node = walk(trie, llm.token_ids(text))
        assert node is not None
        children, exists = trie.children(torch.tensor(node))
        assert exists.all()
        return {llm.tokenizer.decode([token]) for token in trie.tokens[children].tolist()}

    end = llm.tokenizer.decode([llm.eos_id])
    assert allowed("") == {"i", "t"}
    assert allowed("item_") == {"1", "2"}
    assert allowed("item_1") == {"2", "3", end}
    assert allowed("item_2") == {end}
    assert walk(trie, llm.token_ids("no such text")) is None
    assert trie.depth == len("item_12") + 1


def test_a_trie_reads_the_item_back(llm: FrozenLLM) -> None:
    trie = Trie(llm, IDS)
    for text, item in IDS.items():
        node = walk(trie, [*llm.token_ids(text), llm.eos_id])
        assert node is not None
        assert int(trie.items[node]) == item
        assert int(trie.count[node]) == 0
    before_the_end = walk(trie, llm.token_ids("item_1"))
    assert int(trie.items[before_the_end]) == -1
    assert sorted(trie.items[trie.items >= 0].tolist()) == sorted(IDS.values())


def test_a_trie_gives_nodes_of_any_shape_their_own_children(llm: FrozenLLM) -> None:
    trie = Trie(llm, IDS)
    texts = [["item_", "item_1"], ["item_2", ""]]
    nodes = torch.tensor([[walk(trie, llm.token_ids(text)) for text in row] for row in texts])
    children, exists = trie.children(nodes)
    assert exists.sum(-1).tolist() == [[2, 3], [1, 2]]
    assert children.shape == exists.shape == (2, 2, 3)
    assert not children[~exists].any()


def test_two_items_cannot_share_an_id(llm: FrozenLLM) -> None:
    class Twice(dict[str, int]):
        def items(self) -> Any:
            return [("a", 1), ("a", 2)]

    with pytest.raises(IlmChatError, match="share the id text 'a'"):
        Trie(llm, Twice())
    with pytest.raises(IlmChatError, match="no ids to choose from"):
        Trie(llm, {})


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


def of_the_library(
    llm: FrozenLLM, batch: Spliced, ids: dict[str, int], beams: int
) -> list[tuple[int, float]]:
    """The same search by transformers' `generate`, one prompt, a Python function a beam."""
    paths = {(*llm.token_ids(text), llm.eos_id): item for text, item in ids.items()}

    def allowed(_: int, written: torch.Tensor) -> list[int]:
        done = tuple(written.tolist())
        after = {path[len(done)] for path in paths if path[: len(done)] == done != path}
        return sorted(after) or [llm.eos_id]

    out = llm.model.generate(
        inputs_embeds=batch.embeds,
        attention_mask=batch.mask.long(),
        max_new_tokens=max(map(len, paths)),
        num_beams=beams,
        num_return_sequences=beams,
        do_sample=False,
        pad_token_id=llm.pad_id,
        prefix_allowed_tokens_fn=allowed,
        output_scores=True,
        return_dict_in_generate=True,
    )
    items = [paths[tuple(written)] for written in out.sequences.tolist()]
    return list(zip(items, out.sequences_scores.tolist(), strict=True))


@torch.no_grad()
@pytest.mark.parametrize("text", ["What now? ", "Next: ", "x"])
@pytest.mark.parametrize("beams", [5, 9])
def test_with_a_beam_for_every_id_the_search_is_exhaustive(
    llm: FrozenLLM, text: str, beams: int
) -> None:
    batch = prompts(llm, text)
    (found,) = write_ids(llm, batch, Trie(llm, IDS), beams=beams)
    expected = exhaustive(llm, batch)
    assert list(found.items) == [item for item, _ in expected]
    assert found.scores == pytest.approx([score for _, score in expected], abs=1e-4)
    # Where the library fills its beams with duplicates there are none.
    assert found.invalid == found.repeated == 0


@torch.no_grad()
@pytest.mark.parametrize("beams", [1, 2, 3])
def test_fewer_beams_find_as_many_distinct_items_best_first(llm: FrozenLLM, beams: int) -> None:
    batch = prompts(llm, "What now? ")
    (found,) = write_ids(llm, batch, Trie(llm, IDS), beams=beams)
    assert len(found.items) == len(set(found.items)) == beams
    assert list(found.scores) == sorted(found.scores, reverse=True)
    known = dict(exhaustive(llm, batch))
    assert found.scores == pytest.approx([known[item] for item in found.items], abs=1e-4)


@pytest.mark.parametrize("beams", [2, 5, 12])
def test_the_search_is_the_library_s(llm: FrozenLLM, beams: int) -> None:
    # Of one length, where no shorter id can be kept that the library drops on the way.
    ids = {f"item_{1000 + 7 * n}": n for n in range(60)}
    trie = Trie(llm, ids)
    for text in ("What now? ", "Next: "):
        batch = prompts(llm, text)
        (found,) = write_ids(llm, batch, trie, beams=beams)
        expected = of_the_library(llm, batch, ids, beams)
        assert list(found.items) == [item for item, _ in expected]
        assert found.scores == pytest.approx([score for _, score in expected], abs=1e-4)


@pytest.mark.parametrize("beams", [1, 4, 30])
def test_a_batch_is_searched_as_its_prompts_one_by_one(llm: FrozenLLM, beams: int) -> None:
    texts = ["x", "What could come after all of this? ", "Next: ", "And then? "]
    ids = IDS | {f"item_{n}": n for n in range(20, 40)}
    trie = Trie(llm, ids)
    together = write_ids(llm, prompts(llm, *texts), trie, beams=beams)
    assert len({found.items for found in together}) > 1
    for text, found in zip(texts, together, strict=True):
        (alone,) = write_ids(llm, prompts(llm, text), trie, beams=beams)
        assert found.items == alone.items
        assert found.scores == pytest.approx(alone.scores, abs=1e-4)


def test_what_cannot_be_searched_is_a_sentence(llm: FrozenLLM) -> None:
    trie = Trie(llm, IDS)
    with pytest.raises(IlmChatError, match="at least 1, not 0"):
        write_ids(llm, prompts(llm, "x"), trie, beams=0)
    with pytest.raises(IlmChatError, match="at least 2, not 1"):
        free_beams(llm, prompts(llm, "x"), IDS.get, beams=1, max_new_tokens=3)
    right = splice(llm, [["x"], ["longer"]], lambda _: torch.zeros(0))
    with pytest.raises(IlmChatError, match="padded on the left"):
        write_ids(llm, right, trie, beams=2)
    with pytest.raises(IlmChatError, match="padded on the left"):
        free_beams(llm, right, IDS.get, beams=2, max_new_tokens=3)


@torch.no_grad()
def test_beams_see_the_items_of_the_prompt(make_model: MakeModel) -> None:
    model: ItemLanguageModel = make_model()
    trie = Trie(model.llm, {f"item_{n}": n for n in range(20)})
    histories = [(1, 2), (15, 11)]
    batch = model.splice(
        [["After ", Placeholder("history", items)] for items in histories], pad_left=True
    )
    one, other = write_ids(model.llm, batch, trie, beams=20)
    assert sorted(one.items) == sorted(other.items) == list(range(20))
    assert one.items != other.items


@torch.no_grad()
def test_a_trie_of_one_id(llm: FrozenLLM) -> None:
    (found,) = write_ids(llm, prompts(llm, "What now? "), Trie(llm, {"item_2": 13}), beams=3)
    assert found.items == (13,)
    expected = dict(exhaustive(llm, prompt(llm)))[13]
    assert found.scores == pytest.approx([expected], abs=1e-4)


# -- ids without a trie -------------------------------------------------------------------------


def test_free_beams_count_what_is_no_id(llm: FrozenLLM) -> None:
    batch = prompts(llm, "What now? ", "Next: ")
    nothing = free_beams(llm, batch, lambda _: None, beams=4, max_new_tokens=5)
    assert [found.invalid for found in nothing] == [4, 4]
    assert [found.items for found in nothing] == [(), ()]
    texts: list[str] = []

    def parse(text: str) -> int | None:
        texts.append(text)
        return (None, 7, 8, 7)[len(texts) % 4]  # the first of four is item 7, the last is none

    for found in free_beams(llm, batch, parse, beams=4, max_new_tokens=5):
        assert found.items == (7, 8)
        assert (found.invalid, found.repeated) == (1, 1)
        assert found.scores[0] >= found.scores[1]
    assert len(texts) == 8
    assert all(text == text.strip() for text in texts)


def test_free_beams_read_ids_back(parrot: FrozenLLM) -> None:
    with torch.no_grad():  # "la" and the end, whatever the prompt
        parrot.model.lm_head.weight[parrot.eos_id, 2] = 20.0
    batch = prompts(parrot, "What now? ", "So ")
    for found in free_beams(parrot, batch, {"la": 3}.get, beams=2, max_new_tokens=6):
        assert found.items == (3,)
        assert found.invalid == 1
