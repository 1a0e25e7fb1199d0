"""How fast the frozen LLM writes, beside transformers and llama.cpp, and what that does to it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from itertools import islice
from typing import Any

import torch
from transformers import LogitsProcessorList, RepetitionPenaltyLogitsProcessor
from transformers.generation.streamers import BaseStreamer

from data.fetch import fetch
from eval.speed import OURS, Figure, Goal, Setting, alternate
from ilm.decoder import Run
from ilm.decoding import REPETITION_PENALTY
from ilm.llm import DEFAULT_LLM, FrozenLLM
from ilm.model import ItemLanguageModel
from ilm.splice import Spliced
from ilm.writing import chat_segments
from prompts.templates import Template

HISTORY = 20
WORDS = 64
"""Tokens that are written after the first one."""
LIBRARY, LLAMA_CPP = "transformers", "llama.cpp"
_ASKED = Template(
    "Somebody watched these films, one after the other: {history}. "
    "What do they have in common, and what should come next?"
)
_TEXTS = 24  # films whose texts are read for the perplexity

_Taken = tuple[float, float]
"""Seconds to the first token, and a token after it."""


def writing(setting: Setting) -> list[Figure]:
    """Decoding at batch 1 and the time to the first token, 20 history films in the prompt."""
    model = setting.model
    (history,) = islice(setting.histories(HISTORY), 1)
    prompt = chat_segments(model.llm, _ASKED.render(history=history))

    def spliced() -> Spliced:
        with torch.inference_mode():
            return model.splice([prompt])

    sides: dict[str, Callable[[], _Taken]] = {
        OURS: lambda: _ours(model, spliced),
        LIBRARY: lambda: by_library(model, spliced),
    }
    llama_cpp = _llama_cpp(model.llm, spliced())
    if llama_cpp is not None:
        sides[LLAMA_CPP] = llama_cpp
    taken = alternate(sides, setting.repeats)
    details = {
        "llm": model.llm.name,
        "prompt_tokens": int(spliced().lengths()[0]),
        "history": HISTORY,
        "written": WORDS,
    }
    each = {name: [1000 * token for _, token in pairs] for name, pairs in taken.items()}
    first = {name: [first for first, _ in pairs] for name, pairs in taken.items()}
    return [
        Figure(
            "decoding",
            f"a token at batch 1, {HISTORY} item tokens in the prompt",
            "ms",
            each,
            (Goal(LIBRARY, least=4), Goal(LLAMA_CPP, least=0.8)),
            details,
        ),
        Figure(
            "first-token",
            f"the first token after {HISTORY} history films",
            "s",
            first,
            (Goal(most=0.5),),
            details,
        ),
    ]


def _ours(model: ItemLanguageModel, spliced: Callable[[], Spliced]) -> _Taken:
    decoder = model.llm.decoder()
    if decoder is None:
        return by_library(model, spliced)
    start = time.perf_counter()
    tokens = decoder.greedy(spliced().embeds[0], penalty=REPETITION_PENALTY)
    return _taken(start, (time.perf_counter() for _ in islice(tokens, WORDS + 1)))


class _Clock(BaseStreamer):
    """Notes when each token came; the prompt comes first."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, value: Any) -> None:
        self.times.append(time.perf_counter())

    def end(self) -> None:
        pass


@torch.inference_mode()
def by_library(
    model: ItemLanguageModel, spliced: Callable[[], Spliced], words: int = WORDS
) -> _Taken:
    """transformers' own `generate`, greedily, `words` after the first one."""
    llm, clock = model.llm, _Clock()
    start = time.perf_counter()
    batch = spliced()
    llm.model.generate(
        inputs_embeds=batch.embeds.to(llm.dtype),
        attention_mask=batch.mask.long(),
        max_new_tokens=words + 1,
        do_sample=False,
        logits_processor=LogitsProcessorList(
            [RepetitionPenaltyLogitsProcessor(REPETITION_PENALTY)]
        ),
        eos_token_id=None,
        pad_token_id=llm.pad_id,
        streamer=clock,
    )
    return _taken(start, clock.times[1:])


def _llama_cpp(llm: FrozenLLM, batch: Spliced) -> Callable[[], _Taken] | None:
    """llama.cpp on the file that our LLM came from, a word in place of each item token; None where
    it is not installed or the LLM is another."""
    if find_spec("llama_cpp") is None or llm.name != DEFAULT_LLM:
        return None
    from llama_cpp import Llama  # type: ignore[import-not-found, unused-ignore]

    path = next(fetch(DEFAULT_LLM).rglob("*.gguf"))
    threads = torch.get_num_threads()
    program = Llama(str(path), n_ctx=512, n_threads=threads, n_threads_batch=threads, verbose=False)
    (word,) = llm.token_ids(" film")
    words = torch.where(batch.item[0], word, batch.ids[0]).tolist()

    def write() -> _Taken:
        program.reset()  # else it goes on from the part of the prompt that it has read before
        start = time.perf_counter()
        tokens = program.generate(words, temp=0.0, repeat_penalty=REPETITION_PENALTY)
        return _taken(start, (time.perf_counter() for _ in islice(tokens, WORDS + 1)))

    return write


def _taken(start: float, times: Iterable[float]) -> _Taken:
    first, *later = times
    return first - start, (later[-1] - first) / len(later)


def quality(setting: Setting) -> list[Figure]:
    """What the fast decoder loses of the LLM's perplexity, on the catalogue's texts."""
    llm, catalogue = setting.model.llm, setting.dataset.catalogue
    before, after = llm.chat_frame()
    step = max(1, len(catalogue) // _TEXTS)
    texts = [
        f"{before}Describe the film.{after}{catalogue.text(item, 'catalogue')}"
        for item in range(0, len(catalogue), step)
    ]
    exact, ours, same, count = compared(llm, texts)
    loss = 100 * (math.exp((ours - exact) / count) - 1)
    return [
        Figure(
            "quality",
            "perplexity lost by the fast decoder",
            "%",
            {OURS: [loss]},
            (Goal(most=1.0),),
            {
                "tokens": count,
                "perplexity_float32": round(math.exp(exact / count), 4),
                "same_likeliest_token": round(same / count, 4),
            },
        )
    ]


@torch.inference_mode()
def compared(llm: FrozenLLM, texts: Sequence[str]) -> tuple[float, float, int, int]:
    """Sums over all tokens but the first of each text: its loss by the library and by the fast
    decoder, how often both find the same token likeliest, and how many there are."""
    decoder = llm.decoder()
    exact, ours, same, count = 0.0, 0.0, 0, 0
    for text in texts:
        ids = torch.tensor(llm.token_ids(text))
        embeds = llm.embed(ids)
        library = llm.logits(embeds[None], torch.ones(1, len(ids)))[0, :-1].float().log_softmax(-1)
        fast = library
        if decoder is not None:
            states = decoder.states(Run(decoder), embeds)
            fast = llm.model.lm_head(states.to(llm.dtype))[:-1].float().log_softmax(-1)
        exact -= float(library.gather(1, ids[1:, None]).sum())
        ours -= float(fast.gather(1, ids[1:, None]).sum())
        same += int((library.argmax(1) == fast.argmax(1)).sum())
        count += len(ids) - 1
    return exact, ours, same, count
