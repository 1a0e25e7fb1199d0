"""The benchmark's runner: does what is missing, then makes rows from what is on disk."""

from __future__ import annotations

import logging
import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from eval.comparisons import refresh
from eval.entries import Entry, as_options
from eval.jobs import Job, Options, jobs_of
from eval.predictions import Predictions
from eval.protocol import Ranked, Trial
from eval.rows import METRICS, Row, load_rows, make_row, save_row

log = logging.getLogger(__name__)


def evaluate(
    methods: Sequence[str], trial: Trial, options: Options, results: Path, *, again: bool = False
) -> list[Row]:
    """Train and rank what is not on disk, write a row for each entry, compare with its neighbours.

    again: predict anew even where predictions are there (trained models are kept).
    """
    trial.save_split(options.runs / "splits")
    jobs = [job for method in methods for job in jobs_of(method, trial, options)]
    do_jobs(jobs, trial, options.place, again=again)
    measured = _by_entry(jobs)
    for entry, job in measured.items():
        stored = _stored(entry, job, options.place)
        save_row(make_row(stored, command(stored, options)), results)
    rows = load_rows(results, trial.dataset.name)
    refresh(rows, options.runs, results)
    by_entry = {Entry.of(row): row for row in rows}
    return [by_entry[entry] for entry in measured]


def _by_entry(jobs: Sequence[Job]) -> dict[Entry, Job]:
    """One of the jobs (they differ in the seed) of each entry."""
    return {entry: job for job in jobs for entry in job.entries}


def do_jobs(jobs: Sequence[Job], trial: Trial, place: Path, *, again: bool) -> None:
    """Do the jobs that are not done, with the time left on stderr."""
    waiting = [job for job in jobs if again or not job.is_done(place)]
    if len(waiting) < len(jobs):
        log.info("%d of %d passes are done already.", len(jobs) - len(waiting), len(jobs))
    began = time.monotonic()
    with _progress(len(waiting) * len(trial.split.test)) as ranked:
        for number, job in enumerate(waiting, 1):
            started = time.monotonic()
            log.info("%d/%d %s, seed %d", number, len(waiting), job.entries[0].label, job.seed)
            for found in job.do(place, ranked):
                hits = METRICS["HR@10"](found.ranks).mean()
                kind = "filtered" if found.about["filtered"] else "unfiltered"
                log.info("    %s HR@10 %.4f", kind, hits)
            now = time.monotonic()
            left = (now - began) / number * (len(waiting) - number)
            log.info("    %.0f s; about %.1f min left", now - started, left / 60)


@contextmanager
def _progress(total: int) -> Iterator[Ranked]:
    """A bar over users ranked, for the whole command."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} rankings"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,  # a file gets the lines only
    )
    with bar:
        whole = bar.add_task("", total=total)
        yield lambda users: bar.update(whole, advance=users)


def _stored(entry: Entry, job: Job, place: Path) -> list[Predictions]:
    """Predictions of the entry on disk, under whatever seed, that are of this job's split and
    configuration: seeds measured at another time belong to the same row."""
    found = [Predictions.load(entry.predictions(place, seed)) for seed in entry.seeds(place)]
    same = replace(job, identity={k: v for k, v in job.identity.items() if k != "weights_sha256"})
    return [run for run in found if same.matches(run.about)]


def command(stored: Sequence[Predictions], options: Options) -> str:
    """The command that makes this row, as it would be typed in the project's root."""
    entry = Entry.of(stored[0].about)
    words = ["python", "-m", "eval", "openp5", "--dataset", entry.dataset, "--method", entry.method]
    for name, value, default in (
        ("--task", entry.task, "sequential"),
        ("--decoding", entry.decoding, "rank"),
        ("--prompt", entry.prompt, "seen"),
        ("--indexing", entry.indexing, "random"),
        ("--size", entry.size, "cpu"),
    ):
        if value not in (None, default):
            words += [name, value]
    if entry.method == "stack":
        words += [word for s in options.sources for word in ("--source", s)]
    else:
        words += as_options(entry.variant)
    models = [run.about["model"] for run in stored if "model" in run.about]
    words += [word for folder in models for word in ("--model", folder)]
    if not models:
        words += ["--seeds", ",".join(str(run.about["seed"]) for run in stored)]
    if options.data_folder is not None:
        words += ["--from", "DIR"]
    if options.titles is not None:
        words += ["--titles", "DIR"]
    return shlex.join(words)
