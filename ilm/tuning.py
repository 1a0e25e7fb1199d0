"""Stage 2: encoder, adapters and ranking head learn to speak to a frozen LLM.

Source: ILM (2406.02844) §3.3. Each step is one batch of one task; how many a task gets is in the
configuration, and they come in one shuffled order.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from data.errors import IlmChatError
from ilm.config import TuningConfig
from ilm.model import ItemLanguageModel
from ilm.tasks import StepTask
from ilm.training import batch_generator


class Tuning:
    """The steps of stage 2 for one model."""

    def __init__(
        self,
        model: ItemLanguageModel,
        config: TuningConfig,
        tasks: Mapping[str, StepTask],
        seed: int,
    ) -> None:
        missing = sorted(
            name for name, steps in config.steps.items() if steps and name not in tasks
        )
        if missing:
            raise IlmChatError(f"Nothing to train the tasks {missing} on: set their steps to 0.")
        self.model, self.config, self.tasks = model, config, tasks
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
        """Parameters of AdamW by learning rate: encoder, items' free vectors, and the rest."""
        model, config = self.model, self.config
        encoder = [p for p in model.encoder.parameters() if p.requires_grad]
        free = [p for p in (model.free, model.ranking.free) if p.requires_grad]
        known = {id(p) for p in (*model.encoder.parameters(), model.free, model.ranking.free)}
        rest = [p for p in model.parameters() if id(p) not in known]
        rates = (config.encoder_learning_rate, config.free_learning_rate, config.learning_rate)
        return [
            {"params": group, "lr": rate, "weight_decay": config.weight_decay}
            for group, rate in zip((encoder, free, rest), rates, strict=True)
            if group
        ]

    def step(self, number: int) -> dict[str, Tensor]:
        """Losses by name of step `number`."""
        return self.tasks[self.schedule[number]].losses(int(self.number[number]))
