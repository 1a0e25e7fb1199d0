"""ELM-24's runner: trains what is missing, writes texts to files, makes rows from the files."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cf.factors import Factors, fit
from data import elm24
from data.dataset import Dataset
from data.elm24 import Elm24, Split
from data.splits import leave_one_out
from eval import elm24_controls as controls
from eval import elm24_texts as texts
from eval import scorers
from eval.elm24_scores import (
    Encoder,
    Measured,
    Remembering,
    Yardstick,
    measure,
    standardised,
    yardstick,
)
from eval.elm24_texts import Writer, Written
from eval.entries import Setting, Size, as_options, as_text
from eval.errors import EvalError
from eval.metrics import bootstrap_interval
from eval.rows import Row, provenance, write_row

log = logging.getLogger(__name__)

BENCHMARK = "elm24"
CONFIG = "elm24"
"""The training configuration of ilm/configs."""
MODELS = (
    "mlp",
    "mlp-words",
    "ilm-rand",
    "ilm-rand-words",
    "ilm-it",
    "ilm-it-ii",
    "ilm-it-ui",
    "ilm-it-ii-ui",
)
"""Those called words have no stage 1, and their adapter starts where that of ILM does."""
CONTROLS = (
    "reference",
    "other-film",
    "constant",
    "by-factors",
    "by-synopsis",
    "nothing-told",
    "title-told",
    "synopsis",
)
UNTITLED = ("nothing-told", "other-film", "constant", "by-factors")
"""Controls that know neither the film's title nor a text about it."""
ALIGNED = ("ilm-it", "ilm-it-ii", "ilm-it-ui")
PAIRS = (
    *((model, other) for other in ("ilm-rand", "mlp", "mlp-words") for model in ALIGNED),
    ("ilm-rand", "mlp"),
    ("mlp-words", "mlp"),
    ("ilm-it-ui", "ilm-rand-words"),
    ("ilm-it-ui", "ilm-it"),
    ("ilm-it-ii", "ilm-it"),
    ("ilm-it-ui", "title-told"),
    ("by-factors", "constant"),
    ("by-synopsis", "constant"),
    *(
        (model, control)
        for model in ("mlp", "mlp-words", "ilm-rand", *ALIGNED)
        for control in UNTITLED
    ),
)
"""(method, the one that its SC is compared with, film by film)."""


@dataclass(frozen=True)
class Options:
    """What a command asks for beside the methods."""

    runs: Path
    part: Split = "test"
    seeds: tuple[int, ...] = (0, 1, 2)
    size: Size = "cpu"
    overrides: Mapping[str, Setting] = field(default_factory=dict)
    embedder: str = "minilm"


@dataclass(frozen=True)
class Run:
    """One method under one seed: its texts file, and how it comes about.

    model: the folder of the trained model; None for a control.
    """

    method: str
    seed: int
    writer: Callable[[], Writer]
    variant: Mapping[str, Setting] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    size: str | None = None
    model: Path | None = None

    @property
    def name(self) -> str:
        """Of files; one row has the runs of all seeds."""
        return name_of(self.method, self.size, self.variant)

    def path(self, options: Options) -> Path:
        """Where its texts lie."""
        return options.runs / BENCHMARK / options.part / f"{self.name}-{self.seed}.jsonl"


def name_of(method: str, size: str | None, variant: Mapping[str, Setting]) -> str:
    """A method, its budget and its settings as part of a file's name."""
    settings = [f"{name}={as_text(value)}" for name, value in variant.items()]
    return "-".join(part for part in (method, size, *settings) if part).replace("/", "_")


def methods_named(wanted: Sequence[str]) -> list[str]:
    """Names as typed -> methods; `models`, `controls` and `all` stand for several."""
    groups = {"models": MODELS, "controls": CONTROLS, "all": (*MODELS, *CONTROLS)}
    found = list(dict.fromkeys(m for name in wanted for m in groups.get(name, (name,))))
    for method in found:
        if method not in groups["all"]:
            raise EvalError(
                f"There is no method '{method}'; choose among {', '.join(groups['all'])}, or "
                f"{', '.join(groups)}."
            )
    return found


def evaluate(
    methods: Sequence[str],
    dataset: Dataset,
    options: Options,
    results: Path,
    *,
    again: bool = False,
) -> list[Row]:
    """Train and write what is not on disk, measure the files, write a row for each method.

    again: write anew even where texts are there (trained models are kept).
    """
    from ilm.text import TextEncoder  # torch, which the help can do without

    elm = elm24.load(dataset.catalogue)
    parts = texts.batches(elm, options.part)
    factors = fit(leave_one_out(dataset.interactions).train, factors=64, seed=0)
    folder = options.runs / BENCHMARK / "embeddings"
    encoder = Remembering(partial(TextEncoder, options.embedder), folder, options.embedder)
    runs = [
        run for method in methods for run in _runs(method, dataset, elm, encoder, factors, options)
    ]
    for number, run in enumerate(runs, 1):
        log.info("%d/%d %s, seed %d", number, len(runs), run.name, run.seed)
        texts.complete(
            run.path(options),
            _about(run, dataset, options),
            parts,
            run.writer,
            again=again,
        )
    stick = _yardstick(elm, encoder, factors)
    rows = []
    for name in dict.fromkeys(run.name for run in runs):
        mine = [run for run in runs if run.name == name]
        rows.append(make_row(stick, mine, dataset, options))
        write_row(rows[-1], row_name(rows[-1]), results)
    return rows


def _yardstick(elm: Elm24, encoder: Encoder, factors: Factors) -> Yardstick:
    return yardstick(elm, encoder, factors.items, factors.known)


def make_row(stick: Yardstick, runs: Sequence[Run], dataset: Dataset, options: Options) -> Row:
    """Mean over films, tasks and seeds, sd over seeds, interval over films; from the files."""
    found = [texts.load(run.path(options)) for run in runs]
    measured = [measure(stick, written) for written in found]
    return {
        "benchmark": BENCHMARK,
        "dataset": dataset.name,
        "part": options.part,
        "method": runs[0].method,
        "size": runs[0].size,
        "variant": dict(runs[0].variant),
        "embedder": options.embedder,
        "seeds": [run.seed for run in runs],
        "candidates": int(stick.known.sum()),
        "n": len(measured[0].by_film),
        "texts": len(found[0]),
        "metrics": _summary(measured),
        "tasks": _mean([one.by_task for one in measured]),
        "films": _mean([one.by_film for one in measured]),
        "losses": _mean([one.loss_by_film for one in measured]),
        "gains": _mean([one.gain_by_film for one in measured]),
        "config": dict(runs[0].config),
        "training": [scorers.evaluation(run.model) for run in runs if run.model is not None],
        "command": command(runs, options),
        **provenance(),
    }


def _summary(measured: Sequence[Measured]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in measured[0].figures:
        values = np.array([one.figures[name] for one in measured])
        spread = round(float(values.std(ddof=1)), 6) if len(values) > 1 else None
        found[name] = {"mean": round(float(values.mean()), 6), "sd": spread}
    films = _mean([one.by_film for one in measured])
    low, high = bootstrap_interval(np.array(list(films.values())))
    found["SC"]["interval"] = [round(low, 6), round(high, 6)]
    return found


def _mean(tables: Sequence[Mapping[Any, float]]) -> dict[str, float]:
    return {
        str(key): round(float(np.mean([table[key] for table in tables])), 6) for key in tables[0]
    }


def difference(first: Row, second: Row, figure: str = "films") -> dict[str, Any]:
    """First - second over the same films, with the paired bootstrap interval.

    Args:
        figure: films, for SC, losses, or gains, for the film gain.

    Raises:
        EvalError: when they are not of the same films.
    """
    mine, theirs = first[figure], second[figure]
    if mine.keys() != theirs.keys() or first["embedder"] != second["embedder"]:
        raise EvalError(f"{row_name(first)} and {row_name(second)} are not of the same films.")
    gain = np.array([mine[film] - theirs[film] for film in mine])
    low, high = bootstrap_interval(gain)
    return {
        "difference": float(gain.mean()),
        "interval": [low, high],
        "better": int((gain > 0).sum()),
        "worse": int((gain < 0).sum()),
    }


def row_name(row: Row) -> str:
    """A row's file name."""
    embedder = "" if row["embedder"] == "minilm" else row["embedder"].split("/")[-1]
    name = name_of(row["method"], row["size"], row["variant"])
    return "-".join(part for part in (row["dataset"], row["part"], name, embedder) if part)


def command(runs: Sequence[Run], options: Options) -> str:
    """The command that makes this row."""
    words = ["python", "-m", "eval", "elm24", "--method", runs[0].method]
    words += ["--seeds", ",".join(str(run.seed) for run in runs)]
    for name, value, default in (
        ("--part", options.part, "test"),
        ("--size", options.size, "cpu"),
        ("--embedder", options.embedder, "minilm"),
    ):
        words += [name, value] if value != default else []
    return shlex.join(words + as_options(runs[0].variant.items()))


def _runs(
    method: str,
    dataset: Dataset,
    elm: Elm24,
    encoder: Encoder,
    factors: Factors,
    options: Options,
) -> list[Run]:
    if method in MODELS:
        return [_model_run(method, dataset, elm, options, seed) for seed in options.seeds]
    if options.overrides:
        raise EvalError(f"{method} is not trained and has no settings: leave out --set.")
    catalogue = dataset.catalogue
    if method == "other-film":
        writer = partial(controls.other_film_writer, elm)
        return [Run(method, seed, partial(writer, seed)) for seed in options.seeds]

    # As many as the models are shown.
    shown = scorers.plan(CONFIG, MODELS[0], options.size, 0).config.model.demonstrations
    told = partial(controls.told_writer, elm, catalogue, encoder.encode, shown)

    def by_factors() -> Writer:
        known = standardised(factors.items, factors.known)
        return controls.picked_writer(elm, encoder.encode, known)

    def by_synopsis() -> Writer:
        synopses = [catalogue.text(item, "catalogue") for item in range(len(catalogue))]
        return controls.picked_writer(elm, encoder.encode, encoder.encode(synopses))

    writers: dict[str, Callable[[], Writer]] = {
        "reference": controls.reference_writer,
        "constant": lambda: controls.constant_writer(elm, encoder.encode),
        "by-factors": by_factors,
        "by-synopsis": by_synopsis,
        "nothing-told": partial(told, titles=False),
        "title-told": partial(told, titles=True),
        "synopsis": lambda: controls.synopsis_writer(catalogue),
    }
    config = {"demonstrations": shown} if method.endswith("-told") else {}
    return [Run(method, 0, writers[method], config=config)]


def _model_run(method: str, dataset: Dataset, elm: Elm24, options: Options, seed: int) -> Run:
    planned = scorers.plan(CONFIG, method, options.size, seed, overrides=options.overrides)
    variant = dict(planned.variant)
    name = f"{name_of(method, options.size, variant)}-{seed}"
    folder = options.runs / BENCHMARK / "models" / name

    def writer() -> Writer:
        return texts.model_writer(scorers.train(planned.config, folder, dataset), elm)

    config = planned.described()
    return Run(method, seed, writer, variant, config, options.size, folder / "model")


def _about(run: Run, dataset: Dataset, options: Options) -> dict[str, Any]:
    """What tells a texts file from one of another run."""
    return {
        "benchmark": BENCHMARK,
        "dataset": dataset.name,
        "catalogue": dataset.catalogue.digest,
        "part": options.part,
        "method": run.method,
        "seed": run.seed,
        "config": dict(run.config),
    }


def texts_of(row: Row, runs: Path) -> list[Written] | None:
    """The first seed's texts that a row was made from; None when they are elsewhere."""
    name = name_of(row["method"], row["size"], row["variant"])
    path = runs / BENCHMARK / row["part"] / f"{name}-{row['seeds'][0]}.jsonl"
    return texts.load(path) if path.is_file() else None
