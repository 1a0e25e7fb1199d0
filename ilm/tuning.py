"""Stage 2: encoder, adapters and ranking head learn to speak to a frozen LLM.

Source: ILM (2406.02844) §3.3. Each step is one batch of one task; how many a task gets is in the
configuration, and they come in one shuffled order.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor, nn

from data.errors import IlmChatError
from ilm.config import AlignmentConfig, TuningConfig
from ilm.model import ItemLanguageModel
from ilm.qformer import QFormer
from ilm.tasks import StepTask
from ilm.training import batch_generator


class Tuning:
    """The steps of stage 2 for one model.

    Args:
        aligned: how stage 1 went, which says how fast what it has learned goes on; None: without.
    """

    def __init__(
        self,
        model: ItemLanguageModel,
        config: TuningConfig,
        tasks: Mapping[str, StepTask],
        seed: int,
        *,
        aligned: AlignmentConfig | None = None,
    ) -> None:
        missing = sorted(
            name for name, steps in config.steps.items() if steps and name not in tasks
        )
        if missing:
            raise IlmChatError(f"Nothing to train the tasks {missing} on: set their steps to 0.")
        self.model, self.config, self.tasks = model, config, tasks
        self.aligned = aligned
        names = [name for name, steps in config.steps.items() for _ in range(steps)]
        order = batch_generator(seed, 4).permutation(len(names))
        self.schedule = [names[at] for at in order]
        # Which batch of its task each step is.
        counts: dict[str, int] = {}
        self.number = np.empty(len(names), dtype=np.int64)
        for step, name in enumerate(self.schedule):
            self.number[step] = counts.get(name, 0)
            counts[name] = counts.get(name, 0) + 1

    @property
    def steps(self) -> int:
        return len(self.schedule)

    def groups(self) -> list[dict[str, object]]:
        """Parameters of AdamW by learning rate: what the encoder copied, the rest of it, the
        adapter, items' free vectors, and everything else."""
        model, config = self.model, self.config
        copied, encoder = _copied_and_other(model.encoder)
        free = [p for p in (model.free, model.ranking.free) if p.requires_grad]
        adapter = [*model.adapter.parameters()]
        apart = (*model.encoder.parameters(), model.free, model.ranking.free, *adapter)
        known = {id(p) for p in apart}
        rest = [p for p in model.parameters() if id(p) not in known]
        encoder_rate, adapter_rate = config.encoder_learning_rate, config.learning_rate
        if self.aligned is not None:
            encoder_rate = self.aligned.encoder_learning_rate or encoder_rate
            adapter_rate = self.aligned.adapter_learning_rate or adapter_rate
        groups = (
            (copied, config.copied_learning_rate or encoder_rate),
            (encoder, encoder_rate),
            (adapter, adapter_rate),
            (free, config.free_learning_rate),
            (rest, config.learning_rate),
        )
        return [
            {"params": group, "lr": rate, "weight_decay": config.weight_decay}
            for group, rate in groups
            if group
        ]

    def step(self, number: int) -> dict[str, Tensor]:
        """Losses by name of step `number`."""
        return self.tasks[self.schedule[number]].losses(int(self.number[number]))


def _copied_and_other(encoder: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Trained parameters that came from a text encoder, and the others."""
    if isinstance(encoder, QFormer):
        return encoder.copied_and_fresh_parameters()
    return [], [p for p in encoder.parameters() if p.requires_grad]
