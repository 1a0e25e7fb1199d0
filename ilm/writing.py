"""What the LLM is asked to write: ids of items (OpenP5), and texts about items (ELM-24).

A prompt for an id may list *candidates*: the items that the model's own ranking puts first, each by
its token and its id. A frozen LLM can copy an id that it reads, and can hardly learn a thousand
that it does not; which of them it writes, or another of the catalogue, is its choice (the trie
holds all ids).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
)

from data.elm24 import Elm24, Example, Task
from data.errors import IlmChatError
from ilm.decoding import REPETITION_PENALTY, Generated, Trie, write_ids
from ilm.llm import FrozenLLM, Turn
from ilm.model import ItemLanguageModel
from ilm.placeholders import STYLE
from ilm.splice import Spliced
from prompts.openp5 import Kind, OpenP5Prompt, load_templates
from prompts.templates import Placeholder, Segment, Template

ID_HISTORY = 20
"""Items of a history in OpenP5's prompts."""
ID_BATCH = 8
LONGEST_REPEAT = 3
"""Tokens of a text that may come again in it in the same order."""


def id_prompt(
    model: ItemLanguageModel,
    prompt: OpenP5Prompt,
    user_id: str,
    history: Sequence[int],
    candidates: Sequence[int],
) -> list[Segment]:
    """An OpenP5 prompt with item tokens in place of the history's ids.

    Args:
        history: oldest first, the newest ID_HISTORY of it are shown. A prompt of the
            straightforward task has no place for it.
        candidates: best first; may be empty.
    """
    values: dict[str, str | list[int]] = {
        "dataset": model.ids.dataset,
        "user_id": user_id,
        "history": [int(item) for item in history[-ID_HISTORY:]],
    }
    needed = {name: values[name] for name in prompt.input.placeholders}
    segments = prompt.input.render(**needed)
    if candidates:
        segments += [" Likely:"]
        for item in candidates:
            segments += [Placeholder("history", (int(item),)), f" {model.ids.texts[int(item)]},"]
    return chat_segments(model.llm, segments)


def id_text(model: ItemLanguageModel, prompt: OpenP5Prompt, item: int) -> str:
    """What is to be written for an item."""
    values = {"dataset": model.ids.dataset, "target": model.ids.texts[item]}
    target = prompt.target.render(**{name: values[name] for name in prompt.target.placeholders})
    return "".join(str(segment) for segment in target)


def text_prompt(model: ItemLanguageModel, task: Task, items: Mapping[str, int]) -> list[Segment]:
    """The prompt of an ELM task, its items as item tokens, the style vectors before it, and before
    these the task's demonstrations."""
    words = Template(task.prompt).render(**items)
    turns = model.demonstrations.get(task.name, ())
    return chat_segments(model.llm, [STYLE, *words] if model.config.style_vectors else words, turns)


def elm_prompt(model: ItemLanguageModel, elm: Elm24, example: Example) -> list[Segment]:
    """The prompt of an example."""
    return text_prompt(model, elm.tasks[example.task], example.items)


def answer_losses(llm: FrozenLLM, batch: Spliced) -> Tensor:
    """Loss of each token of the answers in a batch that is padded on the right, row by row, (N,).

    What all rows begin with is read once, and words are weighed only where an answer stands: most
    tokens of a batch of ELM texts are the task's demonstrations, and a tenth of the time went into
    logits that nobody looked at.
    """
    begun = _shared(llm, batch)
    past = llm.read_once(batch.embeds[0, :begun]) if begun else None
    foretold = F.pad(batch.target[:, 1:], (0, 1))  # each is foretold at the place before it
    logits = llm.read(batch.embeds[:, begun:], batch.mask, past, foretold[:, begun:])
    return F.cross_entropy(logits.float(), batch.ids[batch.target], reduction="none")


def _shared(llm: FrozenLLM, batch: Spliced) -> int:
    """How many columns of a batch can be read once for all rows: they hold the same words, before
    any answer, and nothing that trains stands in or before them."""
    if llm.lora or not llm.shares:
        return 0
    ids = batch.ids
    alike = (ids == ids[:1]).all(0) & batch.mask.all(0) & ~(batch.item | batch.target).any(0)
    # The last of them may foretell an answer, and so each row reads it itself.
    return max(int(alike.long().cumprod(0).sum()) - 1, 0) if len(ids) > 1 else 0


def answer_loss(llm: FrozenLLM, batch: Spliced) -> Tensor:
    """Mean loss per token of the answers in a spliced batch."""
    return answer_losses(llm, batch).mean()


def answer_sums(llm: FrozenLLM, batch: Spliced) -> tuple[Tensor, Tensor]:
    """Of each row's answer the sum of its tokens' losses, (B,), and their number, (B,)."""
    losses = torch.zeros(batch.target.shape, device=batch.target.device)
    losses[batch.target] = answer_losses(llm, batch)
    return losses.sum(1), batch.target.sum(1)


@torch.no_grad()
def write_texts(
    llm: FrozenLLM, batch: Spliced, *, max_new_tokens: int
) -> tuple[list[str], list[bool]]:
    """Greedy answers to prompts, and whether each came to its end.

    What all prompts begin with is read once.
    """
    begun = _shared(llm, batch)
    embeds, mask = _padded_behind(batch, begun)
    past = llm.read_once(batch.embeds[0, :begun]) if begun else None
    with nullcontext() if past is None else past.attended():
        written = llm.model.generate(
            inputs_embeds=embeds.to(llm.dtype),
            attention_mask=mask.long(),
            past_key_values=past,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            # A small model that may repeat itself does little else: a quarter of its texts went in
            # circles with the penalty alone.
            logits_processor=LogitsProcessorList(
                [
                    RepetitionPenaltyLogitsProcessor(REPETITION_PENALTY),
                    NoRepeatNGramLogitsProcessor(LONGEST_REPEAT + 1),
                ]
            ),
            pad_token_id=llm.pad_id,
            eos_token_id=llm.eos_id,
        )
    texts = llm.tokenizer.batch_decode(written, skip_special_tokens=True)
    ended = (written == llm.eos_id).any(1) if written.shape[1] else written.new_zeros(len(texts))
    return [text.strip() for text in texts], [bool(end) for end in ended]


def _padded_behind(batch: Spliced, columns: int) -> tuple[Tensor, Tensor]:
    """Embeddings and mask of a batch with its padding right behind the first columns: the ends of
    all rows stand side by side, as generation needs them."""
    missing = (~batch.mask).sum(1, keepdim=True)
    places = torch.arange(batch.mask.shape[1], device=missing.device)
    rest = columns + (places[columns:] - columns - missing) % (len(places) - columns)
    order = torch.cat([places[:columns].expand(len(rest), -1), rest], 1)
    rows = torch.arange(len(order), device=missing.device)[:, None]
    return batch.embeds[rows, order], batch.mask[rows, order]


def chat_segments(
    llm: FrozenLLM, segments: Sequence[Segment], turns: Sequence[Turn] = ()
) -> list[Segment]:
    """A rendered prompt inside the LLM's own chat template, after what was said before."""
    before, after = llm.chat_frame(turns)
    return [before, *segments, after]


def best(scores: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """(B, count) the items of (B, n_items) scores that stand first, best first; fewer where fewer
    can be ranked at all."""
    rankable = int(np.isfinite(scores).sum(axis=1).min(initial=count))
    return np.argsort(-scores, axis=1, kind="stable")[:, : min(count, rankable)]


def generate_ids(
    model: ItemLanguageModel,
    histories: Sequence[Sequence[int]],
    user_ids: Sequence[str],
    *,
    task: str = "sequential",
    kind: Kind = "seen",
    candidates: NDArray[np.integer] | None = None,
    beams: int = 20,
    templates: Path | None = None,
) -> Iterator[Generated]:
    """Beam search over the ids of all items, after one prompt a user.

    Args:
        histories: oldest first.
        candidates: (B, c) items that the prompts list, see `id_prompt`.
        kind: the first seen prompt of the task, or its unseen one.
        templates: the file that they are taken from; None: ours.
    """
    model.eval()
    fitting = [p for p in load_templates(templates) if (p.task, p.seen) == (task, kind == "seen")]
    if not fitting:
        raise IlmChatError(f"{templates} has no {kind} prompt of the {task} task: add one.")
    prompt = fitting[0]
    trie = Trie(model.llm, {id_text(model, prompt, item): item for item in model.ids.texts})
    for start in range(0, len(histories), ID_BATCH):
        rows = range(start, min(start + ID_BATCH, len(histories)))
        listed = [() if candidates is None else candidates[row].tolist() for row in rows]
        prompts = [
            id_prompt(model, prompt, user_ids[row], histories[row], items)
            for row, items in zip(rows, listed, strict=True)
        ]
        with torch.no_grad():  # not around the yield: whoever reads may be training
            batch = model.splice(prompts, pad_left=True)
        yield from write_ids(model.llm, batch, trie, beams=beams)
