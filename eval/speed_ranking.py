"""What ranking costs, and learning to rank."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch

from cf.factors import fit
from cf.sequential import DEFAULTS, SasRec, SequentialRecommender
from data.splits import leave_one_out
from eval.speed import OURS, Figure, Goal, Setting, alternate
from ilm.alignment import Alignment, alignment_data
from ilm.config import method_config
from ilm.decoding import Trie, write_ids
from ilm.tasks import RankTask
from ilm.writing import id_prompt, id_text
from prompts.openp5 import load_openings, load_templates

BEAMS = 10
USERS = 1000
HISTORY = 20
SHOWN = 10


def one_user(setting: Setting) -> list[Figure]:
    """The whole catalogue for one user, beside beam search over the items' ids."""
    model, dataset = setting.model, setting.dataset
    (history,) = islice(setting.histories(HISTORY), 1)
    prompt = next(p for p in load_templates() if p.task == "sequential" and p.seen)
    user = dataset.interactions.user_ids[0]
    trie = Trie(model.llm, {id_text(model, prompt, item): item for item in model.ids.texts})

    @torch.inference_mode()
    def beams() -> None:
        batch = model.splice([id_prompt(model, prompt, user, history, [])], pad_left=True)
        write_ids(model.llm, batch, trie, beams=BEAMS)

    search = f"beam search ({BEAMS}) under the trie"
    sides = {OURS: seconds(lambda: model.rank([history])), search: seconds(beams)}
    return [
        Figure(
            "rank-one",
            f"ranking all {model.n_items:,} items for one user",
            "s",
            alternate(sides, setting.repeats),
            (Goal(search, least=20),),
            {"history": HISTORY, "rank_layers": model.config.rank_layers},
        )
    ]


def many_users(setting: Setting) -> list[Figure]:
    """A batch of users, beside SASRec (whose time does not depend on what it has learned)."""
    model, n_items = setting.model, setting.model.n_items
    sequences = [items.tolist() for items in setting.dataset.interactions.sequences()]
    histories = list(islice(cycle(sequences), USERS))
    settings = DEFAULTS["sasrec"]
    network = SasRec(n_items, settings).eval()
    sasrec = SequentialRecommender(network, np.arange(n_items), n_items, settings, {})
    sides = {
        OURS: seconds(lambda: model.rank(histories), 1000 / USERS),
        "SASRec": seconds(lambda: sasrec.scores(histories), 1000 / USERS),
    }
    return [
        Figure(
            "rank-many",
            f"ranking all items for a user, {USERS:,} in a batch",
            "ms",
            alternate(sides, setting.repeats),
            (Goal("SASRec", least=0.1),),
            {"history": model.config.history, "sasrec_history": settings.history},
        )
    ]


def fidelity(setting: Setting) -> list[Figure]:
    """What our forward changes in the library's rankings: films of the best ten that are others."""
    model = setting.model
    sequences = [items.tolist() for items in setting.dataset.interactions.sequences()]
    best: dict[bool, Any] = {}
    for fast in (False, True):
        model.llm.fast = fast
        best[fast] = np.argsort(-model.rank(sequences), axis=1)[:, :SHOWN]
    kept = [len({*a} & {*b}) for a, b in zip(best[False], best[True], strict=True)]
    return [
        Figure(
            "fidelity",
            f"films of the best {SHOWN} that our forward changes",
            "%",
            {OURS: [100 - 100 * float(np.mean(kept)) / SHOWN]},
            (Goal(most=1),),
            {"users": len(sequences)},
        )
    ]


def learning(setting: Setting) -> list[Figure]:
    """LLM tokens of one epoch of stage 2's `rank`, a target, beside one target a sequence.

    Counted and not timed. Ours with its padding; the other way without any.
    """
    model, dataset = setting.model, setting.dataset
    train = leave_one_out(dataset.interactions).train
    config = method_config(dataset.name, "ilm-it-ui", "cpu", 0)
    task = RankTask(model, train, config.tuning.batch_size["rank"], seed=0)
    opening = len(model.llm.token_ids(load_openings("sequential")["seen"][0]))
    together, alone, targets = counted(task, opening, model.config.history)
    name = "one target a sequence"
    return [
        Figure(
            "stage-2",
            "LLM tokens a target in an epoch of stage 2's rank",
            "tokens",
            {OURS: [together / targets], name: [alone / targets]},
            (Goal(name, least=15),),
            {"targets": targets, "llm_tokens": together, "opening_tokens": opening},
        )
    ]


def counted(task: RankTask, opening: int, history: int) -> tuple[int, int, int]:
    """Tokens of an epoch, of the same targets each after a sequence of its own, and the targets.

    Args:
        opening: tokens before a history.
        history: the most items of a history that are read.
    """
    together = alone = targets = 0
    for windows in task.batches(0):
        longest = max(end - start for _, start, end in windows)
        together += len(windows) * (opening + longest - 1)
        for _, start, end in windows:
            # A window inside a history does not begin with nothing seen.
            places = range(start + (1 if start else 0), end)
            targets += len(places)
            alone += sum(opening + min(history, place) for place in places)
    return together, alone, targets


def aligning(setting: Setting) -> list[Figure]:
    """How much of stage 1's steps goes into gathering what they read."""
    model, dataset = setting.model, setting.dataset
    train = leave_one_out(dataset.interactions).train
    config = method_config(dataset.name, "ilm-it-ui", "cpu", 0)
    assert config.alignment is not None
    users = fit(train, factors=len(model.user_standard.mean), seed=0).users
    data = alignment_data(
        config.alignment, dataset.catalogue, train, users, model.text_tokenizer, 0
    )
    alignment = Alignment(model, config.alignment, data, 0)
    steps = range(len(alignment.turns))

    def step() -> tuple[float, float]:
        """Seconds of one step of each kind: gathering, and learning without the optimizer."""
        model.train()
        start = time.perf_counter()
        batches = [alignment.batch(number) for number in steps]
        gathered = time.perf_counter() - start
        with torch.autocast(model.device.type, torch.bfloat16):
            losses = [loss for batch in batches for loss in alignment.losses(batch).values()]
        torch.stack(losses).sum().backward()
        model.zero_grad()
        model.eval()
        return gathered, time.perf_counter() - start

    taken = alternate({OURS: step}, setting.repeats)[OURS]
    return [
        Figure(
            "stage-1",
            "share of a step of stage 1 that gathers its input",
            "%",
            {OURS: [100 * gathered / whole for gathered, whole in taken]},
            (Goal(most=5),),
            {"seconds": [float(f"{whole:.4g}") for _, whole in taken], "turns": alignment.turns},
        )
    ]


def seconds(work: Callable[[], object], scale: float = 1.0) -> Callable[[], float]:
    """How long the work takes, in seconds times `scale`."""

    def timed() -> float:
        start = time.perf_counter()
        work()
        return scale * (time.perf_counter() - start)

    return timed
