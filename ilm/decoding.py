"""What the frozen LLM writes: streamed text, and item ids under a trie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from ilm.splice import Spliced

STREAM_TIMEOUT = 60.0
"""Seconds without a token after which a stream is given up."""


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
    closed, failures = Event(), []

    def stopped() -> bool:
        return closed.is_set() or (stop is not None and stop())

    def work() -> None:
        try:
            llm.model.generate(
                inputs_embeds=batch.embeds.to(llm.dtype),
                attention_mask=batch.mask.long(),
                max_new_tokens=max_new_tokens,
                do_sample=False,
                # As a processor of our own: the words written are all it can and shall see.
                logits_processor=LogitsProcessorList([RepetitionPenaltyLogitsProcessor(1.1)]),
                pad_token_id=llm.pad_id,
                stopping_criteria=StoppingCriteriaList([_StopWhen(stopped)]),
                streamer=streamer,
            )
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


class Trie:
    """Token sequences that may be written, each followed by the end token."""

    def __init__(self, llm: FrozenLLM, texts: Mapping[str, int]) -> None:
        self.root: dict[int, Any] = {}
        self.leaves: dict[tuple[int, ...], int] = {}
        self.end = llm.eos_id
        for text, item in texts.items():
            ids = (*llm.token_ids(text), self.end)
            if ids in self.leaves:
                raise IlmChatError(f"Two items share the id text '{text}': ids must differ.")
            self.leaves[ids] = item
            node = self.root
            for token in ids:
                node = node.setdefault(token, {})

    def allowed(self, written: list[int]) -> list[int]:
        """Tokens that may follow; the end token when nothing else may."""
        node = self.root
        for token in written:
            node = node.get(token, {})
        return list(node) or [self.end]

    def item(self, written: list[int]) -> int | None:
        """The item whose id was written, or None."""
        if self.end in written:
            written = written[: written.index(self.end) + 1]
        return self.leaves.get(tuple(written))


def constrained_beams(
    llm: FrozenLLM, batch: Spliced, ids: Mapping[str, int], *, beams: int
) -> list[tuple[int, float]]:
    """Beam search under a trie of id texts for one prompt.

    Args:
        ids: id text -> item.
        beams: beams kept and sequences returned.

    Returns:
        Distinct (item, mean log probability of a token) pairs, best first; fewer than `beams` if
        the trie has fewer leaves (the library then fills its beams with duplicates).
    """
    trie = Trie(llm, ids)
    width = max(2, min(beams, len(trie.leaves)))  # with one beam the library gives no scores
    out = llm.model.generate(
        inputs_embeds=batch.embeds.to(llm.dtype),
        attention_mask=batch.mask.long(),
        max_new_tokens=max(len(leaf) for leaf in trie.leaves),
        num_beams=width,
        num_return_sequences=width,
        do_sample=False,
        pad_token_id=llm.pad_id,
        # With inputs_embeds the function is given the new tokens alone.
        prefix_allowed_tokens_fn=lambda _, written: trie.allowed(written.tolist()),
        output_scores=True,
        return_dict_in_generate=True,
    )
    ranking: dict[int, float] = {}
    for written, score in zip(out.sequences.tolist(), out.sequences_scores.tolist(), strict=True):
        item = trie.item(written)
        if item is not None:
            ranking.setdefault(item, score)
    return sorted(ranking.items(), key=lambda pair: -pair[1])[:beams]
