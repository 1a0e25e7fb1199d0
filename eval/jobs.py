"""From method names to jobs: one scoring pass of one method and seed, done only if it has to be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.splits import LeaveOneOut
from eval import scorers
from eval.entries import Decoding, Entry, Indexing, Prompt, Setting, Size, as_text
from eval.errors import EvalError
from eval.methods import ITEM_LANGUAGE_MODELS, RECOMMENDERS, recommender
from eval.predictions import Predictions
from eval.protocol import BATCH, Ranked, Trial, listed, nothing, rank


@dataclass(frozen=True)
class Options:
    """What a command asks for beside the methods.

    models: folders of saved models to rank with in place of trained ones, one a seed.
    sources: what of ours feeds the stack: names of item-language models, or folders of saved ones.
    data_folder, titles: where the data set was read from, for the record.
    order: 0 for the data set's own order of ties, else the number of another one.
    """

    runs: Path
    decoding: Decoding = "rank"
    prompt: Prompt = "seen"
    indexing: Indexing = "random"
    seeds: tuple[int, ...] = (0, 1, 2)
    size: Size = "cpu"
    overrides: Mapping[str, Setting] = field(default_factory=dict)
    models: tuple[Path, ...] = ()
    sources: tuple[str, ...] = ("ilm-it-ui",)
    data_folder: Path | None = None
    titles: Path | None = None
    order: int = 0

    @property
    def place(self) -> Path:
        """Where this order's models and predictions lie."""
        return self.runs / "ties" / str(self.order) if self.order else self.runs


@dataclass(frozen=True)
class Job:
    """One scoring pass that yields the predictions of one or two entries under one seed.

    identity: what must be equal in stored predictions for them to stand for this pass.
    make: trains what is missing and ranks; by "were seen items removed?".
    """

    entries: tuple[Entry, ...]
    seed: int
    identity: Mapping[str, Any]
    make: Callable[[Ranked], Mapping[bool, Predictions]]

    def matches(self, about: Mapping[str, Any]) -> bool:
        """Whether predictions that say this of themselves are what this job would make."""
        wanted = json.loads(json.dumps(dict(self.identity)))
        return all(about.get(name) == value for name, value in wanted.items())

    def is_done(self, place: Path) -> bool:
        """Whether all its predictions are there."""
        paths = [entry.predictions(place, self.seed) for entry in self.entries]
        return all(path.is_file() and self.matches(Predictions.load(path).about) for path in paths)

    def do(self, place: Path, ranked: Ranked) -> list[Predictions]:
        """Make the predictions and write them."""
        found = self.make(ranked)
        for entry in self.entries:
            found[entry.filtered].save(entry.predictions(place, self.seed))
        return [found[entry.filtered] for entry in self.entries]


def jobs_of(method: str, trial: Trial, options: Options) -> list[Job]:
    """All passes of one method."""
    if method in ITEM_LANGUAGE_MODELS:
        made = _saved_model_jobs if options.models else _trained_model_jobs
        return made(method, trial, options)
    if options.overrides or options.models:
        raise EvalError(f"{method} has its own settings: leave out --set and --model.")
    if method in RECOMMENDERS:
        return _recommender_jobs(method, trial, options)
    from eval.stack import stack_jobs  # it needs this module for its sources

    return stack_jobs(method, trial, options)


def _recommender_jobs(method: str, trial: Trial, options: Options) -> list[Job]:
    """The two rankings share a pass where they share their settings."""
    made = recommender(method)
    settings = {kind: made.settings(trial.task, kind) for kind in (False, True)}
    shared = settings[False] == settings[True]
    jobs = []
    for seed in options.seeds if made.random else (0,):
        for kinds in ((False, True),) if shared else ((False,), (True,)):
            chosen = dict(settings[kinds[0]] or {})
            entries = tuple(Entry(trial.dataset.name, trial.task, method, "rank", k) for k in kinds)
            config = made.described(chosen)
            about = {**entries[0].about(), "seed": seed, "config": config}

            def make(
                ranked: Ranked,
                seed: int = seed,
                chosen: Mapping[str, Any] = chosen,
                about: Mapping[str, Any] = about,
            ) -> Mapping[bool, Predictions]:
                scorer = made.make(trial.split.train, seed, **chosen)
                return rank(scorer, trial, about, ranked=ranked)

            jobs.append(Job(entries, seed, _identity(trial, config), make))
    return jobs


def _trained_model_jobs(method: str, trial: Trial, options: Options) -> list[Job]:
    jobs = []
    for seed in options.seeds:
        planned, folder = planned_model(method, trial, options, seed)
        config = planned.described()
        identity = _identity(trial, config)
        if (folder / "model").is_dir():
            identity["weights_sha256"] = scorers.weights_digest(folder / "model")

        def make(
            ranked: Ranked,
            seed: int = seed,
            planned: scorers.Plan = planned,
            folder: Path = folder,
            config: Mapping[str, Any] = config,
        ) -> Mapping[bool, Predictions]:
            model = train(planned, folder, trial)
            entries = _model_entries(method, trial, options, planned.variant)
            about = {**entries[0].about(), "seed": seed, "config": dict(config)}
            return _ask(model, trial, options, about, ranked)

        entries = _model_entries(method, trial, options, planned.variant)
        jobs.append(Job(entries, seed, identity, make))
    return jobs


def planned_model(
    method: str, trial: Trial, options: Options, seed: int
) -> tuple[scorers.Plan, Path]:
    """How a model is trained, and the folder of its run."""
    indexing = options.indexing if options.decoding == "generate-id" else None
    planned = scorers.plan(
        trial.dataset.name,
        method,
        options.size,
        seed,
        overrides=options.overrides,
        indexing=indexing,
    )
    settings = [f"{name}={as_text(value)}" for name, value in planned.variant]
    settings += [indexing] if indexing not in (None, "random") else []
    name = "-".join([method, options.size, *settings, str(seed)]).replace("/", "_")
    return planned, options.place / "ilm" / trial.dataset.name / name


def train(planned: scorers.Plan, folder: Path, trial: Trial) -> Path:
    """Train a model unless it is there; the folder that it was saved in."""
    return scorers.train(planned.config, folder, trial.dataset)


def _saved_model_jobs(method: str, trial: Trial, options: Options) -> list[Job]:
    jobs = []
    for number, folder in enumerate(options.models):
        seed, config = saved_model(folder, trial.split, number)
        entries = _model_entries(method, trial, options, ())
        about = {
            **entries[0].about(),
            "seed": seed,
            "config": config,
            "model": portable(folder),
        }
        identity = _identity(trial, config) | {"weights_sha256": scorers.weights_digest(folder)}

        def make(
            ranked: Ranked, folder: Path = folder, about: Mapping[str, Any] = about
        ) -> Mapping[bool, Predictions]:
            return _ask(folder, trial, options, about, ranked)

        jobs.append(Job(entries, seed, identity, make))
    if len({job.seed for job in jobs}) < len(jobs):
        raise EvalError("Two of these models were trained with one seed: name one of each seed.")
    return jobs


def saved_model(folder: Path, split: LeaveOneOut, number: int = 0) -> tuple[int, dict[str, Any]]:
    """Seed and training configuration of a saved model.

    number: its seed if it does not know it.

    Raises:
        EvalError: when it is not there, or was trained on another split.
    """
    if not folder.is_dir():
        raise EvalError(f"There is no model in {folder}: train it, or leave out --model.")
    seed = scorers.metadata(folder, split).get("seed", number)
    return int(seed), scorers.saved_config(folder)


def _ask(
    model: Path, trial: Trial, options: Options, about: Mapping[str, Any], ranked: Ranked
) -> Mapping[bool, Predictions]:
    """Rank, or write ids, with a saved model."""
    about = {
        **about,
        "weights_sha256": scorers.weights_digest(model),
        "training": scorers.metadata(model, trial.split).get("evaluation", {}),
    }
    writes = options.decoding == "generate-id"
    saved = scorers.SavedModel(model, trial.task, options.prompt, as_trained=writes)
    if options.decoding == "rank":
        # Each kind of ranking asks its own question; one of them counts for the bar.
        return {
            new_only: rank(saved.ranking(new_only=new_only), trial, about, ranked=told)[new_only]
            for new_only, told in ((False, nothing), (True, ranked))
        }
    histories, users = trial.histories(), trial.split.train.user_ids
    lists: list[list[int]] = []
    for start in range(0, len(histories), BATCH):
        these = slice(start, start + BATCH)
        lists += saved.write(histories[these], users[these])
        ranked(len(histories[these]))
    return listed(lists, trial, about)


def _model_entries(
    method: str, trial: Trial, options: Options, variant: tuple[tuple[str, Setting], ...]
) -> tuple[Entry, Entry]:
    writes = options.decoding == "generate-id"
    unfiltered = Entry(
        trial.dataset.name,
        trial.task,
        method,
        options.decoding,
        False,
        prompt=options.prompt,
        indexing=options.indexing if writes else None,
        size=options.size,
        variant=variant,
    )
    return unfiltered, unfiltered.under(filtered=True)


def _identity(trial: Trial, config: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "split": trial.split.digest,
        "candidates": len(trial.candidates),
        "config": dict(config),
    }


def portable(folder: Path) -> str:
    """The folder as somebody else would name it: from the project's root, else its last part."""
    try:
        return folder.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return folder.name
