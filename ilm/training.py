"""The training loop of both stages: `accelerate`, losses logged by name, resumable bit for bit."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import set_seed
from torch import Tensor, nn

from data.errors import IlmChatError

log = logging.getLogger(__name__)

LOG_SECONDS = 15.0
WARM_UP = 0.05
CLIP = 1.0

Step = Callable[[int], dict[str, Tensor]]
"""Step number -> losses by name; they are summed."""


@dataclass(frozen=True)
class Loop:
    """How a stage is trained.

    Attributes:
        folder: where the log (`losses.jsonl`) and the checkpoint lie.
        steps: optimizer steps in all.
        seed: of everything random inside the steps.
        mixed_precision: "no" or "bf16".
        checkpoint_every: steps between checkpoints.
        stop_after: end early after this step, as a kill would (for tests); None: run to the end.
    """

    folder: Path
    steps: int
    seed: int
    mixed_precision: str
    checkpoint_every: int
    stop_after: int | None = None


def train(
    model: nn.Module,
    groups: Sequence[dict[str, Any]],
    step: Step,
    loop: Loop,
    *,
    every: Callable[[int], None] | None = None,
) -> bool:
    """Run or resume a stage.

    What a step does may depend on its number and on torch's random state alone: then a run that
    was killed and resumed equals one that was not, bit for bit.

    Args:
        groups: parameter groups of AdamW with their learning rates.
        step: computes the losses of one step.
        every: called after each checkpoint with the steps done.

    Returns:
        True when all steps are done, False when `stop_after` ended the run.
    """
    AcceleratorState._reset_state()  # else a process keeps to the precision of its first run
    accelerator = Accelerator(
        cpu=not torch.cuda.is_available(), mixed_precision=loop.mixed_precision
    )
    set_seed(loop.seed)
    optimizer: Any = torch.optim.AdamW(list(groups), fused=torch.cuda.is_available() or None)
    scheduler: Any = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda done: _schedule(done, loop.steps)
    )
    # The module itself is not wrapped: its methods are what the steps call.
    accelerator.register_for_checkpointing(_Weights(model))
    optimizer, scheduler = accelerator.prepare(optimizer, scheduler)
    done = _resume(accelerator, loop)
    model.train()
    started, reported = time.monotonic(), time.monotonic()
    first = done
    recent: dict[str, list[Tensor]] = defaultdict(list)
    last = min(loop.steps, loop.stop_after or loop.steps)
    while done < last:
        with accelerator.autocast():
            losses = step(done)
        accelerator.backward(torch.stack(list(losses.values())).sum())
        accelerator.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
        done += 1
        for name, value in losses.items():
            recent[name].append(value.detach())  # read when reported: an accelerator runs ahead
        now = time.monotonic()
        if now - reported > LOG_SECONDS or done == last:
            left = (now - started) / (done - first) * (loop.steps - done)
            _report(loop.folder, done, loop.steps, recent, left)
            reported, recent = now, defaultdict(list)
        if done % loop.checkpoint_every == 0 or done == loop.steps:
            _checkpoint(accelerator, loop, done)
            if every is not None:
                every(done)
                model.train()
    return done == loop.steps


def batch_generator(seed: int, *position: int) -> np.random.Generator:
    """Randomness of one step's data, the same whether or not the run was resumed before it."""
    return np.random.default_rng([seed, *position])


class _Weights:
    """Lets accelerate checkpoint a module it does not wrap."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    def state_dict(self) -> dict[str, Tensor]:
        return self.model.state_dict()

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        self.model.load_state_dict(state)


def _schedule(done: int, steps: int) -> float:
    """Linear warm-up, then linear decay to 2 %."""
    warm = max(1, round(WARM_UP * steps))
    if done < warm:
        return (done + 1) / warm
    return max(0.02, (steps - done) / max(1, steps - warm))


def _checkpoint(accelerator: Accelerator, loop: Loop, done: int) -> None:
    scratch, final = loop.folder / "checkpoint.part", loop.folder / "checkpoint"
    shutil.rmtree(scratch, ignore_errors=True)
    accelerator.save_state(str(scratch))
    (scratch / "progress.json").write_text(
        json.dumps({"done": done, "steps": loop.steps, "seed": loop.seed}), "utf-8"
    )
    # Killed between the two renames, the next run finds the old one aside.
    aside = loop.folder / "checkpoint.old"
    shutil.rmtree(aside, ignore_errors=True)
    if final.is_dir():
        final.rename(aside)
    scratch.rename(final)
    shutil.rmtree(aside, ignore_errors=True)


def _resume(accelerator: Accelerator, loop: Loop) -> int:
    loop.folder.mkdir(parents=True, exist_ok=True)
    final, aside = loop.folder / "checkpoint", loop.folder / "checkpoint.old"
    if aside.is_dir() and not final.is_dir():
        aside.rename(final)
    progress = final / "progress.json"
    if not progress.is_file():
        (loop.folder / "losses.jsonl").unlink(missing_ok=True)
        return 0
    saved = json.loads(progress.read_text("utf-8"))
    if (saved["steps"], saved["seed"]) != (loop.steps, loop.seed):
        raise IlmChatError(
            f"{progress.parent} is a checkpoint of {saved['steps']} steps with seed "
            f"{saved['seed']}, and this run has {loop.steps} with seed {loop.seed}: remove it "
            "or choose another folder."
        )
    accelerator.load_state(str(progress.parent))
    log.info("Resumed at step %d of %d", saved["done"], loop.steps)
    return int(saved["done"])


def _report(
    folder: Path, done: int, steps: int, recent: dict[str, list[Tensor]], left: float
) -> None:
    means = {name: torch.stack(values).float().mean().item() for name, values in recent.items()}
    with (folder / "losses.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"step": done, **{k: round(v, 5) for k, v in means.items()}}) + "\n")
    shown = "  ".join(f"{name} {value:.3f}" for name, value in sorted(means.items()))
    log.info("step %d/%d  %s  %.1f min left", done, steps, shown, left / 60)
