"""Stage-2 tasks: each turns a step number into one batch's losses.

`rank`        the next item after every prefix of a history, full softmax over the catalogue
`rank-users`  the rest of a user's items from some of them, in no order
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

from cf.factors import Factors
from data.elm24 import Elm24
from data.interactions import Interactions
from ilm.model import ItemLanguageModel
from ilm.ranking_head import Question
from ilm.training import batch_generator
from ilm.writing import answer_loss, answer_sums, best, elm_prompt, id_prompt, id_text
from prompts.openp5 import OpenP5Prompt, load_openings

NEVER = torch.finfo(torch.float32).min
QUESTIONS: tuple[tuple[str, Question], ...] = (("rank", "next"), ("rank-new", "new"))
USER_QUESTIONS: tuple[tuple[str, Question], ...] = (
    ("users", "user-next"),
    ("users-new", "user-new"),
)
"""Names of losses and what they ask."""
SHARES = (0.7, 0.95)
"""Part of a user's items that `rank-users` shows, drawn anew each time between these."""
VALIDATE = 7
"""Of the validation films' texts every so manieth is looked at while training: 24 tasks and 7 have
no common divisor, so that all tasks take turns."""
TARGET_DECAY = 0.3
"""Part of a history in which the weight of a target of `rank-users` falls to 1/e."""


class StepTask(Protocol):
    name: str

    def losses(self, number: int) -> dict[str, Tensor]:
        """Losses by name of this task's batch `number`, counted from 0."""
        ...


class RankTask:
    """All-position next-item prediction over windows of the training histories.

    Both questions are learned from one pass: what comes next of all items, and what comes next of
    those that the history does not hold.
    """

    name = "rank"

    def __init__(
        self, model: ItemLanguageModel, train: Interactions, batch_size: int, seed: int
    ) -> None:
        self.model, self.batch_size, self.seed = model, batch_size, seed
        ends = np.cumsum(np.bincount(train.users, minlength=train.n_users))[:-1]
        both = zip(train.sequences(), np.split(train.times, ends), strict=True)
        pairs = [(items, times) for items, times in both if len(items) > 1]
        self.sequences = [items for items, _ in pairs]
        self.times = [times for _, times in pairs]
        self.openings = load_openings("sequential")["seen"]
        self.size = model.config.history + 1
        windows = sum(math.ceil(len(sequence) / self.size) for sequence in self.sequences)
        self.batches_per_epoch = math.ceil(windows / batch_size)
        self._epoch, self._batches, self._shuffled = -1, [[(0, 0, 0)]], self.sequences

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
            self._shuffled = [
                items[np.lexsort((rng.random(len(items)), times))]
                for items, times in zip(self.sequences, self.times, strict=True)
            ]
        return self._batches

    def order(self, epoch: int) -> list[NDArray[np.int32]]:
        """The training histories, what was chosen within one second in another order each epoch.

        Half of ML-100K's neighbours share a second, and their order in the data means nothing; a
        model that is shown one order alone learns it by heart (validation HR@10 of unseen items
        0.21 in place of 0.26).
        """
        self.batches(epoch)
        return self._shuffled

    def _long(self, sequence: NDArray[np.int32]) -> bool:
        return len(sequence) > self.size

    def losses(self, number: int) -> dict[str, Tensor]:
        epoch, position = divmod(number, self.batches_per_epoch)
        batches, order = self.batches(epoch), self.order(epoch)
        # The cut moves, so that an epoch may hold a batch more or less than the mean.
        windows = batches[position % len(batches)]
        items = [order[row][start:end].astype(np.int64) for row, start, end in windows]
        rng = batch_generator(self.seed, 11, number)
        opening = self.openings[rng.integers(len(self.openings))]
        features = self.model.rank_features([window[:-1] for window in items], opening)
        asked, targets, starts = [], [], []
        for at, (_, start, _) in enumerate(windows):
            # A window inside a history does not begin with nothing seen.
            first = 1 if start > 0 else 0
            places = np.arange(first, len(items[at]))
            asked.append(at * features.shape[1] + places)
            targets.append(items[at][first:])
            starts.append(np.stack([np.full(len(places), at), start + places], 1))
        device = self.model.device
        features = features.flatten(0, 1)[torch.from_numpy(np.concatenate(asked)).to(device)]
        target = torch.from_numpy(np.concatenate(targets)).to(device)
        seen = self._seen([order[row] for row, _, _ in windows], np.concatenate(starts))
        losses = {}
        for name, question in QUESTIONS:
            logits = self.model.rank_logits(features, question).float()
            logits = logits.masked_fill(~self.model.rankable, NEVER)
            if question == "new":
                logits = logits.masked_fill(seen, NEVER)
            losses[name] = F.cross_entropy(logits, target)
        return losses

    def _seen(self, histories: Sequence[NDArray[np.int32]], asked: NDArray[np.int64]) -> Tensor:
        """(M, n_items) bool; True where the item was chosen before.

        Args:
            histories: B whole histories.
            asked: (M, 2) which of them, and how many of its items have been seen.
        """
        n, longest = len(self.model.rankable), max(map(len, histories))
        items = np.full((len(histories), longest), n, dtype=np.int64)  # n: a column to throw away
        for row, history in enumerate(histories):
            items[row, : len(history)] = history
        device = self.model.device
        place = torch.full((len(histories), n + 1), longest, dtype=torch.int32, device=device)
        places = torch.arange(longest, dtype=torch.int32, device=device)
        place.scatter_(1, torch.from_numpy(items).to(device), places.expand(len(histories), -1))
        which, count = torch.from_numpy(asked).to(device).unbind(1)
        return place[:, :n][which] < count[:, None]


class RankUsersTask:
    """OpenP5's straightforward task: from a user as a whole to items; what is shown has no order.

    The user's tokens come from some of the training items, folded in, and others are to be found
    (as in a denoising autoencoder; multinomial likelihood of Liang et al. 2018). The factors that
    training gave the user would not do: they have seen every answer.
    """

    name = "rank-users"

    def __init__(
        self,
        model: ItemLanguageModel,
        train: Interactions,
        factors: Factors,
        batch_size: int,
        seed: int,
    ) -> None:
        self.model, self.factors, self.batch_size, self.seed = model, factors, batch_size, seed
        self.histories = [items for items in train.sequences() if len(items) > 1]
        self.openings = load_openings("straightforward")["seen"]

    def losses(self, number: int) -> dict[str, Tensor]:
        rng = batch_generator(self.seed, 50, number)
        size = min(self.batch_size, len(self.histories))
        shape = (size, len(self.model.rankable))
        vectors, known, wanted = [], np.zeros(shape, bool), np.zeros(shape, np.float32)
        for at, row in enumerate(rng.choice(len(self.histories), size, replace=False)):
            shown, targets, weights = split_history(self.histories[row], rng)
            vectors.append(self.factors.fold_in(shown))
            known[at, shown] = True
            wanted[at, targets] = weights
        opening = self.openings[rng.integers(len(self.openings))]
        features = self.model.user_features(np.stack(vectors), opening)
        device = self.model.device
        weight, seen = torch.from_numpy(wanted).to(device), torch.from_numpy(known).to(device)
        losses = {}
        for name, question in USER_QUESTIONS:
            logits = self.model.rank_logits(features, question).float()
            logits = logits.masked_fill(~self.model.rankable, NEVER)
            if question == "user-new":
                logits = logits.masked_fill(seen, NEVER)
            log_p = logits.log_softmax(-1).masked_fill(weight == 0, 0.0)
            losses[name] = -(weight * log_p).sum() / weight.sum()
        return losses


def split_history(
    items: NDArray[np.int32], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """A history, oldest first -> items to show, items to find, and how much each of these counts.

    Later items are likelier to be asked for and count more, because what is asked for in the end
    comes after all of them: on ML-100K's validation items HR@10 0.195 against 0.155 with targets
    drawn evenly. Neither part is empty.
    """
    count = len(items)
    age = np.arange(count)[::-1] / count
    shown = math.ceil(rng.uniform(*SHARES) * count)
    shown = min(max(shown, 1), count - 1)
    order = np.argsort(rng.random(count) - age, kind="stable")
    known, asked = order[:shown], order[shown:]
    weights = np.exp(-age[asked] / TARGET_DECAY).astype(np.float32)
    return items[known].astype(np.int64), items[asked].astype(np.int64), weights


class DescribeTask:
    """ELM texts of the training films, in batches of one task each: what stands before its
    questions is then read once, and its texts are of like length."""

    name = "describe"

    def __init__(self, model: ItemLanguageModel, elm: Elm24, batch_size: int, seed: int) -> None:
        self.model, self.elm, self.batch_size, self.seed = model, elm, batch_size, seed
        shown = {text for turns in model.demonstrations.values() for _, text in turns}
        self.examples = [example for example in elm.learned() if example.text not in shown]
        self.by_task = [
            np.array([row for row, example in enumerate(self.examples) if example.task == task])
            for task in elm.tasks
        ]
        self.batches_per_epoch = len(self.batches(0))

    def batches(self, epoch: int) -> list[NDArray[np.int64]]:
        """Rows of `examples`, each once an epoch, a task's batches of one size or nearly so."""
        rng = batch_generator(self.seed, 20, epoch)
        found = [
            batch
            for rows in self.by_task
            if len(rows)
            for batch in np.array_split(
                rng.permutation(rows), math.ceil(len(rows) / self.batch_size)
            )
        ]
        return [found[at] for at in rng.permutation(len(found))]

    def losses(self, number: int) -> dict[str, Tensor]:
        epoch, position = divmod(number, self.batches_per_epoch)
        batch = [self.examples[row] for row in self.batches(epoch)[position]]
        prompts = [elm_prompt(self.model, self.elm, example) for example in batch]
        answers = [example.text for example in batch]
        spliced = self.model.splice(prompts, answers=answers)
        return {"describe": answer_loss(self.model.llm, spliced)}

    @torch.no_grad()
    def validation_loss(self, model: ItemLanguageModel) -> float:
        """Loss per token, under a model, of every VALIDATE-th text of the validation films."""
        model.eval()
        examples = self.elm.of("validation")[::VALIDATE]
        total, tokens = 0.0, 0
        for task in self.elm.tasks:
            batch = [example for example in examples if example.task == task]
            if not batch:
                continue
            prompts = [elm_prompt(model, self.elm, example) for example in batch]
            spliced = model.splice(prompts, answers=[example.text for example in batch])
            sums, counts = answer_sums(model.llm, spliced)
            total, tokens = total + sums.sum().item(), tokens + int(counts.sum())
        return total / max(tokens, 1)


class GenerateIdTask:
    """The next item's id in text after a history, under a random seen prompt.

    Args:
        candidates: how many items of the model's own ranking a prompt lists; one that ranks the
            answer lower gets it in a random place, for it could not be found otherwise.
    """

    name = "generate-id"

    def __init__(
        self,
        model: ItemLanguageModel,
        train: Interactions,
        batch_size: int,
        seed: int,
        *,
        candidates: int,
        prompts: Sequence[OpenP5Prompt],
    ) -> None:
        self.model, self.batch_size, self.seed = model, batch_size, seed
        self.candidates, self.user_ids = candidates, train.user_ids
        self.sequences = train.sequences()
        self.usable = [row for row, items in enumerate(self.sequences) if len(items) > 1]
        self.prompts = [p for p in prompts if p.task == "sequential" and p.seen]

    def losses(self, number: int) -> dict[str, Tensor]:
        rng = batch_generator(self.seed, 30, number)
        rows = rng.choice(self.usable, self.batch_size)
        ends = [int(rng.integers(1, len(self.sequences[row]))) for row in rows]
        places = list(zip(rows, ends, strict=True))
        histories = [self.sequences[row][:end].tolist() for row, end in places]
        targets = [int(self.sequences[row][end]) for row, end in places]
        listed = self._candidates(histories, targets, rng)
        prompts, answers = [], []
        for at, row in enumerate(rows):
            prompt = self.prompts[rng.integers(len(self.prompts))]
            user = self.user_ids[row]
            prompts.append(id_prompt(self.model, prompt, user, histories[at], listed[at]))
            answers.append(id_text(self.model, prompt, targets[at]))
        spliced = self.model.splice(prompts, answers=answers)
        return {"generate-id": answer_loss(self.model.llm, spliced)}

    def _candidates(
        self, histories: list[list[int]], targets: list[int], rng: np.random.Generator
    ) -> list[list[int]]:
        if not self.candidates:
            return [[] for _ in histories]
        training = self.model.training
        lists = best(self.model.rank(histories), self.candidates).tolist()
        self.model.train(training)
        for items, target in zip(lists, targets, strict=True):
            if target not in items:
                items[int(rng.integers(len(items)))] = target
        return lists
