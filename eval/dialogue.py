"""Simulated viewers talk to the chat engine; how well does it recommend, turn by turn?

Every viewer of `eval.viewers` holds a conversation of up to `turns` messages with the engine (also
set to familiar and to surprising films) and one with each baseline, from the same seed. A
conversation ends when a card shows the film that the viewer has in mind. Predictions first:
conversations go to RUNS/dialogue, one file a method, and all figures are computed from there.

On `validation` every ranking that uses the LightGBM ranker (the engine's and the one-shot's) has
had these very films as labels; `test` is the part to report.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.engine import Engine
from app.session import Novelty
from data.dataset import Dataset
from eval.dialogue_metrics import figures, over_one_shot
from eval.faults import Inspector
from eval.partners import EnginePartner, OneShot, Partner, by_popularity, by_text
from eval.progress import tracked
from eval.rows import Row, provenance, write_row
from eval.scorers import weights_digest
from eval.speaking import WORDING, Speaker, World
from eval.transcripts import Record, Transcripts
from eval.viewers import Part, Viewer, viewers

log = logging.getLogger(__name__)

BENCHMARK = "dialogue"
METHODS = ("engine", "engine-familiar", "engine-surprising", "one-shot", "popularity", "text")
_NOVELTY: dict[str, Novelty] = {
    "engine": "balanced",
    "engine-familiar": "familiar",
    "engine-surprising": "surprising",
}


@dataclass(frozen=True)
class Options:
    """What is asked of one run. count: viewers; turns: how many messages a viewer has patience for;
    weights: what the engine was built from."""

    part: Part
    count: int
    turns: int
    seed: int
    weights: Path
    runs: Path


def evaluate(
    dataset: Dataset, engine: Engine, options: Options, results: Path, *, again: bool = False
) -> list[Row]:
    """Hold the conversations that are missing, and write a row for each method.

    again: hold all of them anew.

    Raises:
        EvalError: when there are too few viewers, or the file is of a run with other settings.
    """
    chosen = viewers(dataset, options.part, options.count, options.seed)
    world = World(dataset.catalogue)
    talks = {method: _held(method, chosen, world, engine, options, again) for method in METHODS}
    users = [viewer.user for viewer in chosen]
    records = {method: held.chosen(users) for method, held in talks.items()}
    popular = engine.parts.popularity.argsort(kind="stable")[::-1][:100]
    heads = {dataset.catalogue.ids[item] for item in popular.tolist()}
    rows = []
    for method in METHODS:
        row: Row = {
            "benchmark": BENCHMARK,
            "dataset": dataset.name,
            "split": options.part,
            "method": method,
            "seeds": [options.seed],
            "n": len(users),
            "turns": options.turns,
            **figures(records[method], options.turns, len(dataset.catalogue), heads),
            "command": f"python -m eval dialogue --part {options.part} --viewers {options.count} "
            f"--turns {options.turns} --seed {options.seed}",
            "weights_sha256": talks[method].about["weights_sha256"],
            **talks[method].made,
        }
        if method == "engine":
            row["metrics"] |= over_one_shot(records["engine"], records["one-shot"], options.turns)
        name = f"{dataset.name}-{options.part}-{method}"
        write_row(row, name, results)
        rows.append(row)
    return rows


def _held(
    method: str,
    chosen: Sequence[Viewer],
    world: World,
    engine: Engine,
    options: Options,
    again: bool,
) -> Transcripts:
    """The conversations of one method, those that were missing held and written."""
    name = f"{world.catalogue.name}-{options.part}-{method}-{options.seed}"
    wording = hashlib.sha256(WORDING.read_bytes()).hexdigest()[:12]
    same = {
        "method": method,
        "part": options.part,
        "seed": options.seed,
        "turns": options.turns,
        "catalogue": world.catalogue.digest[:12],
        "weights_sha256": weights_digest(options.weights),
        "wording": wording,
    }
    made = provenance()
    path = options.runs / BENCHMARK / f"{name}.jsonl"
    held = Transcripts.at(path, same, made, "user", again=again)
    users = {viewer.user: viewer for viewer in chosen}
    waiting = [users[user] for user in held.missing(list(users))]
    if waiting:
        log.info("%s: %d conversations", method, len(waiting))
        held.add(_talks(method, waiting, world, engine, options), made)
    return held


def _talks(
    method: str, waiting: Sequence[Viewer], world: World, engine: Engine, options: Options
) -> Iterator[Record]:
    inspector = Inspector(world.catalogue)
    for viewer in tracked(waiting, "conversations"):
        partner = partner_of(method, engine, options.turns)
        speaker = Speaker(viewer, world, options.seed)
        yield converse(speaker, partner, world, inspector, options.turns)


def partner_of(method: str, engine: Engine, turns: int) -> Partner:
    """A new partner for one conversation; `method` is one of METHODS."""
    if method in _NOVELTY:
        return EnginePartner(engine, _NOVELTY[method])
    if method == "one-shot":
        return OneShot(engine, turns)
    return by_popularity(engine.parts) if method == "popularity" else by_text(engine.parts)


def converse(
    speaker: Speaker, partner: Partner, world: World, inspector: Inspector, turns: int
) -> Record:
    """One conversation: {"user", "targets", "turns": [{"message", "text", "cards", "listing",
    "rank", "found", "faults"}]}, films by their ids in the catalogue.

    `rank` is the target's place in the listing from 1, None when it is not there.
    """
    catalogue = world.catalogue
    targets = set(speaker.viewer.targets)
    said = speaker.open()
    held: list[Record] = []
    known: set[int] = set()
    heard = ""
    for turn in range(turns):
        heard += f"\n{said.text}"
        known |= catalogue.with_twins((*said.liked, *said.disliked, *said.seen))
        reply = partner.reply(said)
        places = [place for place, item in enumerate(reply.listing, 1) if item in targets]
        found = bool(targets & set(reply.cards))
        held.append(
            {
                "message": said.text,
                "text": reply.text,
                "cards": [catalogue.ids[item] for item in reply.cards],
                "listing": [catalogue.ids[item] for item in reply.listing],
                "rank": places[0] if places else None,
                "found": found,
                "faults": inspector.faults(said, reply, known, heard),
            }
        )
        if found:
            break
        known |= catalogue.with_twins(reply.cards)
        if turn + 1 < turns:
            said = speaker.answer(reply.cards, reply.text)
    return {
        "user": speaker.viewer.user,
        "targets": [catalogue.ids[item] for item in speaker.viewer.targets],
        "turns": held,
    }
