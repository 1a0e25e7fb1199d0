"""Stage-2 tasks: each turns a step number into one batch's losses.

`rank`        the next item after every prefix of a history, full softmax over the catalogue
`generate-id` the next item's id as text (OpenP5, 2306.11134)
`describe`    one of the 24 ELM tasks (2310.04475): text about items given as tokens
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from data.elm24 import Elm24
from data.errors import IlmChatError
from data.interactions import Interactions
from ilm.losses import next_token
from ilm.model import ItemLanguageModel
from ilm.splice import Spliced
from ilm.training import batch_generator
from prompts.openp5 import OpenP5Prompt, load_templates
from prompts.templates import Segment, Template

RANDOM_INDEX_START = 1001
"""First id of OpenP5's random indexing."""
ID_HISTORY = 20
"""Items of a history in OpenP5's prompts."""


class StepTask(Protocol):
    name: str

    def losses(self, number: int) -> dict[str, Tensor]:
        """Losses by name of this task's batch `number`, counted from 0."""
        ...


class RankTask:
    """All-position next-item prediction over windows of the training histories."""

    name = "rank"

    def __init__(
        self, model: ItemLanguageModel, train: Interactions, batch_size: int, seed: int
    ) -> None:
        self.model, self.batch_size, self.seed = model, batch_size, seed
        self.sequences = [sequence for sequence in train.sequences() if len(sequence) > 1]
        self.size = model.config.history + 1
        windows = sum(math.ceil(len(sequence) / self.size) for sequence in self.sequences)
        self.batches_per_epoch = math.ceil(windows / batch_size)
        self._epoch, self._batches = -1, [[(0, 0, 0)]]

    def batches(self, epoch: int) -> list[list[tuple[int, int, int]]]:
        """Batches of windows (sequence, start, end) of like length, cut anew each epoch."""
        if self._epoch != epoch:
            rng = batch_generator(self.seed, 10, epoch)
            windows = []
            for row, sequence in enumerate(self.sequences):
                end = len(sequence) - (rng.integers(self.size // 2) if self._long(sequence) else 0)
                while end > 1:
                    windows.append((row, max(0, int(end) - self.size), int(end)))
                    end -= self.size
            shuffled = rng.permutation(len(windows)).tolist()
            order = sorted(shuffled, key=lambda at: windows[at][2] - windows[at][1])
            batches = [
                [windows[at] for at in order[start : start + self.batch_size]]
                for start in range(0, len(order), self.batch_size)
            ]
            self._epoch, self._batches = (
                epoch,
                [batches[at] for at in rng.permutation(len(batches))],
            )
        return self._batches

    def _long(self, sequence: NDArray[np.int32]) -> bool:
        return len(sequence) > self.size

    def losses(self, number: int) -> dict[str, Tensor]:
        epoch, position = divmod(number, self.batches_per_epoch)
        batches = self.batches(epoch)
        # The cut moves, so that an epoch may hold a batch more or less than the mean.
        windows = batches[position % len(batches)]
        items = [self.sequences[row][start:end].astype(np.int64) for row, start, end in windows]
        logits, mask = self.model.rank_logits([window[:-1].tolist() for window in items])
        targets = torch.full(mask.shape, -100)
        for at, (_, start, _) in enumerate(windows):
            targets[at, : len(items[at])] = torch.from_numpy(items[at])
            if start > 0:  # a window inside a history does not begin with nothing seen
                targets[at, 0] = -100
        logits = logits.masked_fill(~self.model.rankable, torch.finfo(torch.float32).min)
        loss = F.cross_entropy(
            logits.flatten(0, 1), targets.to(logits.device).flatten(), ignore_index=-100
        )
        return {"rank": loss}


class DescribeTask:
    """ELM texts of the training films under all 24 prompts."""

    name = "describe"

    def __init__(self, model: ItemLanguageModel, elm: Elm24, batch_size: int, seed: int) -> None:
        self.model, self.batch_size, self.seed = model, batch_size, seed
        self.examples = elm.of("train")
        self.prompts = {name: Template(task.prompt) for name, task in elm.tasks.items()}

    def losses(self, number: int) -> dict[str, Tensor]:
        per_epoch = max(1, len(self.examples) // self.batch_size)
        epoch, position = divmod(number, per_epoch)
        order = batch_generator(self.seed, 20, epoch).permutation(len(self.examples))
        chosen = order[position * self.batch_size : (position + 1) * self.batch_size]
        batch = [self.examples[row] for row in chosen]
        prompts = [
            chat_segments(self.model, self.prompts[example.task].render(**example.items))
            for example in batch
        ]
        answers = [example.text for example in batch]
        return {"describe": answer_loss(self.model, self.model.splice(prompts, answers=answers))}


class GenerateIdTask:
    """The next item's id in text after a history of item tokens, under a random seen prompt."""

    name = "generate-id"

    def __init__(
        self,
        model: ItemLanguageModel,
        train: Interactions,
        dataset: str,
        ids: Sequence[str],
        batch_size: int,
        seed: int,
    ) -> None:
        self.model, self.batch_size, self.seed = model, batch_size, seed
        self.dataset, self.ids, self.user_ids = dataset, ids, train.user_ids
        self.sequences = train.sequences()
        self.usable = [row for row, items in enumerate(self.sequences) if len(items) > 1]
        self.prompts = [p for p in load_templates() if p.task == "sequential" and p.seen]

    def losses(self, number: int) -> dict[str, Tensor]:
        rng = batch_generator(self.seed, 30, number)
        prompts, answers = [], []
        for row in rng.choice(self.usable, self.batch_size):
            sequence = self.sequences[row]
            at = int(rng.integers(1, len(sequence)))
            prompt = self.prompts[rng.integers(len(self.prompts))]
            history = sequence[max(0, at - ID_HISTORY) : at].tolist()
            prompts.append(id_prompt(self.model, prompt, self.dataset, self.user_ids[row], history))
            answers.append(id_text(prompt, self.dataset, self.ids[sequence[at]]))
        return {"generate-id": answer_loss(self.model, self.model.splice(prompts, answers=answers))}


def id_prompt(
    model: ItemLanguageModel,
    prompt: OpenP5Prompt,
    dataset: str,
    user_id: str,
    history: Sequence[int],
) -> list[Segment]:
    """An OpenP5 prompt with item tokens in place of the history's ids."""
    values: dict[str, str | list[int]] = {
        "dataset": dataset,
        "user_id": user_id,
        "history": list(history),
    }
    needed = {name: values[name] for name in prompt.input.placeholders}
    return chat_segments(model, prompt.input.render(**needed))


def id_text(prompt: OpenP5Prompt, dataset: str, item_id: str) -> str:
    """What is to be written for the item whose id is `item_id`."""
    rendered = prompt.target.render(dataset=dataset, target=item_id)
    return "".join(str(segment) for segment in rendered)


def answer_loss(model: ItemLanguageModel, batch: Spliced) -> Tensor:
    """Mean loss per token of the answers in a spliced batch."""
    logits = model.llm.logits(batch.embeds, batch.mask)
    return next_token(logits, batch.ids, batch.target)


def chat_segments(model: ItemLanguageModel, segments: Sequence[Segment]) -> list[Segment]:
    """A rendered prompt inside the LLM's own chat template."""
    before, after = model.llm.chat_frame()
    return [before, *segments, after]


def random_indexing(n_items: int, seed: int) -> list[str]:
    """OpenP5's random indexing: ids from 1001 on in random order, one a catalogue item."""
    order = np.random.default_rng([seed, 40]).permutation(n_items)
    if n_items < 1:
        raise IlmChatError("An empty catalogue cannot be indexed.")
    return [f"item_{RANDOM_INDEX_START + int(place)}" for place in order]
