"""What the frozen LLM writes: streamed text, and item ids under a trie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from queue import Empty
from threading import Event, Thread
from typing import Any

import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    RepetitionPenaltyLogitsProcessor,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)

from data.errors import IlmChatError
from ilm.llm import FrozenLLM
from ilm.qformer import additive_mask
from ilm.splice import Spliced

STREAM_TIMEOUT = 60.0
"""Seconds without a token after which a stream is given up."""
REPETITION_PENALTY = 1.1


class _StopWhen(StoppingCriteria):
    def __init__(self, condition: Callable[[], bool]) -> None:
        self.condition = condition

    def __call__(self, input_ids: Tensor, scores: Tensor, **kwargs: Any) -> Tensor:
        return torch.full((len(input_ids),), self.condition(), device=input_ids.device)


def stream(
    llm: FrozenLLM,
    batch: Spliced,
    *,
    max_new_tokens: int,
    stop: Callable[[], bool] | None = None,
) -> Iterator[str]:
    """Greedy decoding of one prompt, in pieces of text as they come.

    Closing the iterator, or `stop` returning True, ends the decoding at the next token.

    Raises:
        IlmChatError: when the model fails or stalls.
    """
    streamer = TextIteratorStreamer(
        llm.tokenizer, skip_prompt=True, timeout=STREAM_TIMEOUT, skip_special_tokens=True
    )
    # Made before the clock of the stream runs: packing a large model may take longer.
    write = _write_by_library if llm.decoder() is None else _write_fast
    closed, failures = Event(), []

    def stopped() -> bool:
        return closed.is_set() or (stop is not None and stop())

    def work() -> None:
        try:
            write(llm, batch, streamer, stopped, max_new_tokens)
        except Exception as error:  # handed to the reader, who would otherwise wait for ever
            failures.append(error)
            streamer.end()

    thread = Thread(target=work, name="ilm-stream", daemon=True)
    thread.start()
    try:
        yield from (piece for piece in streamer if piece)
    except Empty as error:
        raise IlmChatError("The language model stalled; ask again.") from error
    finally:
        closed.set()
        thread.join(timeout=STREAM_TIMEOUT)
    if failures:
        raise IlmChatError(f"The language model failed: {failures[0]}.") from failures[0]


def _write_fast(
    llm: FrozenLLM,
    batch: Spliced,
    streamer: TextIteratorStreamer,
    stopped: Callable[[], bool],
    max_new_tokens: int,
) -> None:
    decoder = llm.decoder()
    assert decoder is not None
    (embeds,), (mask,) = batch.embeds, batch.mask
    ends = llm.end_ids()
    streamer.put(batch.ids)  # the prompt, which it leaves out
    tokens = decoder.greedy(embeds[mask], penalty=REPETITION_PENALTY)
    for token in islice(tokens, max_new_tokens):
        streamer.put(torch.tensor([token]))
        if token in ends or stopped():
            break
    streamer.end()


def _write_by_library(
    llm: FrozenLLM,
    batch: Spliced,
    streamer: TextIteratorStreamer,
    stopped: Callable[[], bool],
    max_new_tokens: int,
) -> None:
    # As a processor of our own: the words written are all it can and shall see.
    penalty = RepetitionPenaltyLogitsProcessor(REPETITION_PENALTY)
    llm.model.generate(
        inputs_embeds=batch.embeds.to(llm.dtype),
        attention_mask=batch.mask.long(),
        max_new_tokens=max_new_tokens,
        do_sample=False,
        logits_processor=LogitsProcessorList([penalty]),
        pad_token_id=llm.pad_id,
        stopping_criteria=StoppingCriteriaList([_StopWhen(stopped)]),
        streamer=streamer,
    )


class Trie:
    """Token sequences that may be written, each followed by the end token, as flat tensors.

    Nodes are numbered breadth first from the root, 0, so that the children of a node stand side by
    side and a whole batch of beams finds its own by one look-up. Build it once, when the LLM is on
    its device: it takes a second for 23,000 ids.

    Attributes:
        tokens: (nodes,) the token that leads to the node; 0 at the root.
        first, count: (nodes,) the node's first child and how many it has.
        items: (nodes,) the item whose id has just ended, -1 elsewhere.
        depth: tokens of the longest id, its end included.

    Raises:
        IlmChatError: when two items share an id text, or there is none.
    """

    def __init__(self, llm: FrozenLLM, texts: Mapping[str, int]) -> None:
        root: dict[int, Any] = {}
        leaves: dict[tuple[int, ...], int] = {}
        for text, item in texts.items():
            path = (*llm.token_ids(text), llm.eos_id)
            if path in leaves:
                raise IlmChatError(f"Two items share the id text '{text}': ids must differ.")
            leaves[path] = item
            node = root
            for token in path:
                node = node.setdefault(token, {})
        if not leaves:
            raise IlmChatError("There are no ids to choose from.")
        tokens, first, count = [0], [], []
        nodes: list[tuple[tuple[int, ...], dict[int, Any]]] = [((), root)]
        for path, node in nodes:  # grows on the way
            first.append(len(nodes))
            count.append(len(node))
            tokens += node
            nodes += [((*path, token), child) for token, child in node.items()]
        items = [leaves.get(path, -1) for path, _ in nodes]
        self.tokens, self.first, self.count, self.items = (
            torch.tensor(column, device=llm.device) for column in (tokens, first, count, items)
        )
        self.depth = max(map(len, leaves))

    def children(self, nodes: Tensor) -> tuple[Tensor, Tensor]:
        """Children of nodes (...): nodes (..., C), and a mask, True where there is one; C is the
        largest number of children among them. Where there is none the root stands."""
        count = self.count[nodes]
        place = torch.arange(int(count.max()), device=nodes.device)
        exists = place < count[..., None]
        return (self.first[nodes][..., None] + place).masked_fill(~exists, 0), exists


@dataclass(frozen=True)
class Generated:
    """What was written after one prompt.

    Attributes:
        items: distinct items, best first.
        scores: their mean log probability of a token, the end token included.
        invalid: sequences that name no item.
        repeated: sequences that name an item again.
    """

    items: tuple[int, ...]
    scores: tuple[float, ...]
    invalid: int = 0
    repeated: int = 0


@torch.no_grad()
def write_ids(llm: FrozenLLM, batch: Spliced, trie: Trie, *, beams: int) -> list[Generated]:
    """Beam search under a trie of id texts.

    A search of our own: the library's runs every prompt once a beam, copies the beams' caches at
    every step and looks for the best tokens among the whole vocabulary. Here a prompt is run and
    held once, the beams stand side by side in its row and a mask shows each its own words alone
    (tree attention: Miao et al., SpecInfer, 2305.09781), and only a node's children are compared.
    An id that ends is kept for the final ranking whatever its place. Beams always differ, so that
    no item is found twice.

    Args:
        batch: B prompts, padded on the left.
        beams: sequences followed at a time, and items returned.

    Returns:
        For each prompt `beams` items, or all where the trie has fewer; never an invalid one.

    Raises:
        IlmChatError: for prompts that are padded on the right, and for too few beams.
    """
    _check(batch, beams, least=1)
    device, rows = batch.mask.device, len(batch.mask)
    mask = batch.mask.long()
    out = llm.model(
        inputs_embeds=batch.embeds.to(llm.dtype),
        attention_mask=mask,
        position_ids=(mask.cumsum(1) - 1).clamp(min=0),
        use_cache=True,
        logits_to_keep=1,
    )
    length_of = mask.sum(1, keepdim=True)
    visible = batch.mask[:, None]  # (rows, beams, positions in the cache)
    nodes = torch.zeros(rows, 1, dtype=torch.long, device=device)
    scores = torch.zeros(rows, 1, device=device)  # sums of log probabilities; -inf: no beam
    found, found_scores = nodes[:, :0], scores[:, :0]
    for length in range(1, trie.depth + 1):
        width = nodes.shape[1]
        log_p = out.logits[:, -width:].float().log_softmax(-1)
        children, exists = trie.children(nodes)
        sums = scores[..., None] + log_p.gather(2, trie.tokens[children])
        sums = sums.masked_fill(~exists, -torch.inf).flatten(1)
        items = trie.items[children].flatten(1)
        ended = items >= 0
        found = torch.cat([found, items], 1)
        means = (sums / length).masked_fill(~ended, -torch.inf)
        found_scores = torch.cat([found_scores, means], 1)
        found_scores, best = found_scores.topk(min(beams, found.shape[1]))
        found = found.gather(1, best)

        sums = sums.masked_fill(ended, -torch.inf)
        scores, best = sums.topk(min(beams, int(sums.isfinite().sum(1).max())))
        if not scores.numel():
            break
        nodes = children.flatten(1).gather(1, best)
        parent = (best // children.shape[2])[..., None].expand(-1, -1, visible.shape[2])
        itself = torch.eye(nodes.shape[1], dtype=torch.bool, device=device).expand(rows, -1, -1)
        visible = torch.cat([visible.gather(1, parent), itself], 2)
        out = llm.model(
            input_ids=trie.tokens[nodes],
            attention_mask=additive_mask(visible[:, None], llm.dtype),
            position_ids=(length_of + length - 1).expand_as(nodes),
            past_key_values=out.past_key_values,
            use_cache=True,
        )
    pairs = [
        [pair for pair in zip(*columns, strict=True) if pair[1] > -torch.inf]
        for columns in zip(found.tolist(), found_scores.tolist(), strict=True)
    ]
    return [Generated(tuple(i for i, _ in ranked), tuple(s for _, s in ranked)) for ranked in pairs]


@torch.no_grad()
def free_beams(
    llm: FrozenLLM,
    batch: Spliced,
    parse_id: Callable[[str], int | None],
    *,
    beams: int,
    max_new_tokens: int,
) -> list[Generated]:
    """Beam search without a trie, which shows how often an untied LLM writes what is no id.

    Args:
        batch: B prompts, padded on the left.
        parse_id: a written text -> its item, or None where it is none.
        beams: sequences written after each prompt, at least 2.

    Returns:
        For each prompt its distinct items and how many of the `beams` sequences were none.

    Raises:
        IlmChatError: for prompts that are padded on the right, and for too few beams.
    """
    _check(batch, beams, least=2)  # with one beam the library gives no scores
    out = llm.model.generate(
        inputs_embeds=batch.embeds.to(llm.dtype),
        attention_mask=batch.mask.long(),
        max_new_tokens=max_new_tokens,
        num_beams=beams,
        num_return_sequences=beams,
        do_sample=False,
        pad_token_id=llm.pad_id,
        eos_token_id=llm.eos_id,
        output_scores=True,
        return_dict_in_generate=True,
    )
    texts = llm.tokenizer.batch_decode(out.sequences, skip_special_tokens=True)
    parsed = [parse_id(text.strip()) for text in texts]
    scores = out.sequences_scores.tolist()
    generated = []
    for start in range(0, len(parsed), beams):
        valid: dict[int, float] = {}
        written = parsed[start : start + beams]
        for item, score in zip(written, scores[start : start + beams], strict=True):
            if item is not None:
                valid.setdefault(item, score)
        invalid = written.count(None)
        repeated = beams - invalid - len(valid)
        generated.append(Generated(tuple(valid), tuple(valid.values()), invalid, repeated))
    return generated


def _check(batch: Spliced, beams: int, least: int) -> None:
    if beams < least:
        raise IlmChatError(f"This beam search needs a width of at least {least}, not {beams}.")
    if not bool(batch.mask[:, -1].all()):
        raise IlmChatError("Prompts to be continued in a batch must be padded on the left.")


def constrained_beams(
    llm: FrozenLLM, batch: Spliced, ids: Mapping[str, int], *, beams: int
) -> list[tuple[int, float]]:
    """`write_ids` for one prompt, its trie built on the spot: (item, score) pairs, best first."""
    (generated,) = write_ids(llm, batch, Trie(llm, ids), beams=beams)
    return list(zip(generated.items, generated.scores, strict=True))
