"""Dialogues between people: how often does the engine list what the person recommended?

For every answer in which somebody recommended films of the catalogue, the engine gets the films
mentioned before as liked ones and then the seeker's last message, and lists `DEPTH` films. It knows
neither who mentioned a film nor whether it was liked, and never lists a film again that was
mentioned, which people do.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.engine import Engine
from app.events import Card
from app.session import Session, State
from data.conversations import RecommendationTurn, load, name_of
from eval.dialogue_metrics import Figure, figure
from eval.errors import EvalError
from eval.progress import tracked
from eval.rows import Row, provenance, write_row
from eval.scorers import weights_digest
from eval.transcripts import Record, Transcripts

log = logging.getLogger(__name__)

BENCHMARK = "dialogue"
METHODS = ("engine", "popularity")
DEPTHS = (1, 10, 50)
DEPTH = max(DEPTHS)


def evaluate(
    folder: Path,
    part: str,
    engine: Engine,
    weights: Path,
    runs: Path,
    results: Path,
    *,
    again: bool = False,
) -> list[Row]:
    """Make the lists that are missing, and write a row for each method.

    Raises:
        EvalError: when the catalogue has none of the films recommended.
        DataError: when the folder is of neither data set.
    """
    dataset = name_of(folder)
    turns = load(folder, part, engine.catalogue)
    scored = [turn for turn in turns if turn.recommended]
    if not scored:
        raise EvalError(
            f"{engine.catalogue.name} has none of the films recommended in {folder.name}."
        )
    recommended = sum(turn.all_recommended for turn in turns)
    inside = sum(len(turn.recommended) for turn in turns)
    rows = []
    for method in METHODS:
        about = {
            "dataset": dataset,
            "part": part,
            "method": method,
            "catalogue": engine.catalogue.digest[:12],
            "weights_sha256": weights_digest(weights),
        }
        path = runs / BENCHMARK / f"{dataset}-{part}-{method}.jsonl"
        made = provenance()
        held = Transcripts.at(path, about, made, "id", again=again)
        by_id = {turn.id: turn for turn in scored}
        waiting = [by_id[id] for id in held.missing(list(by_id))]
        if waiting:
            log.info("%s, %s: %d turns", dataset, method, len(waiting))
            held.add(_lists(method, waiting, engine), made)
        measured, items = figures(held.chosen(list(by_id)))
        row: Row = {
            "benchmark": BENCHMARK,
            "dataset": dataset,
            "split": part,
            "method": method,
            "seeds": [],
            "n": items,
            "turns": len(scored),
            "metrics": measured,
            "coverage": round(inside / recommended, 4),
            "command": f"python -m eval dialogue --from DIR --part {part}",
            "weights_sha256": held.about["weights_sha256"],
            **held.made,
        }
        write_row(row, f"{dataset}-{part}-{method}", results)
        rows.append(row)
    return rows


def _lists(method: str, waiting: Sequence[RecommendationTurn], engine: Engine) -> Iterator[Record]:
    ids = engine.catalogue.ids
    for turn in tracked(waiting, "turns"):
        listed = listing(engine, turn) if method == "engine" else _popular(engine, turn)
        yield {
            "id": turn.id,
            "recommended": [ids[item] for item in turn.recommended],
            "mentioned": [ids[item] for item in turn.mentioned],
            "listing": [ids[item] for item in listed],
        }


def listing(engine: Engine, turn: RecommendationTurn) -> list[int]:
    """DEPTH films at this turn: the cards of the engine's answer, and those that come next."""
    session = Session(State(likes=turn.mentioned))
    message = (turn.seeker or [""])[-1]
    cards = [event.item for event in engine.reply(session, message) if isinstance(event, Card)]
    rest = engine.recommend(session.now, DEPTH)
    return list(dict.fromkeys([*cards, *rest]))[:DEPTH]


def _popular(engine: Engine, turn: RecommendationTurn) -> list[int]:
    """The most popular films of the training interactions that were not mentioned."""
    known = engine.catalogue.with_twins(turn.mentioned)
    best = np.argsort(-engine.parts.popularity, kind="stable").tolist()
    return [item for item in best if item not in known][:DEPTH]


def figures(records: Sequence[Record]) -> tuple[dict[str, Figure], int]:
    """(name -> {"mean", "sd", "interval"}, number of recommended films scored).

    "R@k": the share of recommended films that are among the first k of their list; "R@k new": of
    those that were not mentioned before. Each film of each turn counts once; sd and interval (95 %
    bootstrap) are over them.
    """
    places: list[float] = []
    new: list[bool] = []
    for record in records:
        at = {item: place for place, item in enumerate(record["listing"], 1)}
        for item in record["recommended"]:
            places.append(at.get(item, np.inf))
            new.append(item not in record["mentioned"])
    ranks, fresh = np.array(places), np.array(new)
    found: dict[str, Any] = {f"R@{k}": figure(ranks <= k) for k in DEPTHS}
    if fresh.any():
        found |= {f"R@{k} new": figure(ranks[fresh] <= k) for k in DEPTHS}
        found["new"] = figure(fresh)
    return found, len(ranks)
