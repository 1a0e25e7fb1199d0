"""Where the time goes: what ranking and writing spend it in, ours beside the library's forward."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import islice

import torch
from torch.profiler import ProfilerActivity, profile

from eval.speed import Setting
from eval.speed_writing import HISTORY, by_library
from eval.tables import markdown
from ilm.decoding import REPETITION_PENALTY
from ilm.writing import chat_segments
from prompts.templates import Template

USERS = 128
WORDS = 32
_ASKED = Template("Somebody watched these films: {history}. What should come next?")
_SHOWN = 7
_OUTSIDE = "outside of torch's operations"
_NAMES = {
    "mm": "products of matrices",
    "addmm": "products of matrices",
    "bmm": "products of matrices",
    "linear": "products of matrices",
    "_weight_int4pack_mm_for_cpu": "products with 4-bit matrices",
    "_weight_int8pack_mm": "products with 8-bit matrices",
    "_scaled_dot_product_flash_attention_for_cpu": "attention",
}
"""Names of operations -> what a table calls them; the others go by their own."""


def tables(setting: Setting) -> str:
    """Markdown: milliseconds by operation, the largest first."""
    model = setting.model
    histories = list(islice(setting.histories(HISTORY), USERS))
    whole = [items.tolist() for items in setting.dataset.interactions.sequences()[:USERS]]
    prompt = chat_segments(model.llm, _ASKED.render(history=histories[0]))

    def rank(*, fast: bool) -> Callable[[], None]:
        def run() -> None:
            model.llm.fast = fast
            model.rank(whole)

        return run

    @torch.inference_mode()
    def write() -> None:
        model.llm.fast = True
        decoder = model.llm.decoder()
        assert decoder is not None
        embeds = model.splice([prompt]).embeds[0]
        list(islice(decoder.greedy(embeds, penalty=REPETITION_PENALTY), WORDS + 1))

    parts = []
    for what, share, before, after in (
        ("Ranking, a user", USERS, rank(fast=False), rank(fast=True)),
        (
            "Writing, a token",
            WORDS + 1,
            lambda: by_library(model, lambda: model.splice([prompt]), WORDS),
            write,
        ),
    ):
        found = _table(milliseconds(before, share), milliseconds(after, share))
        parts.append(f"**{what}**\n\n{found}")
    model.llm.fast = True
    return "\n\n".join(parts)


def milliseconds(run: Callable[[], object], share: int) -> dict[str, float]:
    """What a run spends in each operation, divided by `share`; it is run once before."""
    run()
    start = time.perf_counter()
    with profile(activities=[ProfilerActivity.CPU]) as found:
        run()
    whole = 1000 * (time.perf_counter() - start) / share
    spent: dict[str, float] = defaultdict(float)
    for event in found.key_averages():
        name = event.key.removeprefix("aten::")
        spent[_NAMES.get(name, name)] += event.self_cpu_time_total / 1000 / share
    spent[_OUTSIDE] = max(0.0, whole - sum(spent.values()))
    return spent


def _table(before: Mapping[str, float], after: Mapping[str, float]) -> str:
    both = {name: (before.get(name, 0.0), after.get(name, 0.0)) for name in {*before, *after}}
    order = sorted(both, key=lambda name: -sum(both[name]))
    lines = [(name, *both[name]) for name in order[:_SHOWN]]
    rest = [both[name] for name in order[_SHOWN:]]
    lines.append(("all else", sum(old for old, _ in rest), sum(new for _, new in rest)))
    lines.append(("together", sum(before.values()), sum(after.values())))
    cells = [[name, f"{old:.2f}", f"{new:.2f}"] for name, old, new in lines]
    return markdown(["ms", "the library's forward", "ours"], cells)
