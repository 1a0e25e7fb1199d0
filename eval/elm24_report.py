"""ELM-24's report: tables, paired differences, plots, and what each method wrote."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.catalogue import Catalogue
from data.elm24 import Elm24
from eval.elm24 import BENCHMARK, CONTROLS, MODELS, PAIRS, difference, name_of, texts_of
from eval.entries import noted
from eval.errors import EvalError
from eval.rows import Row

COLUMNS = {
    "SC": "{:.4f}",
    "loss": "{:.3f}",
    "film gain": "{:.4f}",
    "BC median rank": "{:.0f}",
    "BC median rank of a film": "{:.0f}",
    "retrieval@1": "{:.3f}",
    "distinct-1": "{:.3f}",
    "distinct-2": "{:.3f}",
    "words": "{:.0f}",
    "empty": "{:.3f}",
    "endless": "{:.3f}",
    "looping": "{:.3f}",
}
LEGEND = (
    "SC: cosine of a text and its reference, mean over films and tasks, in brackets the 95 % "
    "bootstrap interval over films. loss: per token of the references. film gain: how much higher "
    "that is where the prompt has another film. BC: median place of the true film among {known:,} "
    "when factors are read back from a text about one film, or from all of a film's texts. "
    "retrieval@1: the text is nearest to its own film's reference of {among}. empty, endless, "
    "looping: shares of texts. ± is the sd over training seeds. by-factors, by-synopsis: the "
    "training text of the task that a linear reader of the film's factors, or of its synopsis, "
    "expects the reference to be like: what there is to be gained by knowing so much. -words: no "
    "stage 1, and an adapter that starts at the words of the films' stories, as that of ILM does."
)
SPREAD = {"items": "{:.3f}", "queries": "{:.3f}", "dimensions": "{:.1f}"}
SPREAD_LEGEND = (
    "items: the share of the tokens' squares that lies between items (the rest is the same for all "
    "of them); queries: that between the tokens of one item; dimensions: in how many directions "
    "items differ (effective rank)."
)
SHOWN_FILMS = 10
SHOWN_TASKS = ("summary", "pitch", "movie_to_viewer")


def load_rows(results: Path, part: str) -> list[Row]:
    """The rows of one part, methods in their usual order; EvalError when there are none."""
    paths = sorted((results / BENCHMARK).glob("*.json"))
    rows = [json.loads(path.read_text("utf-8")) for path in paths]
    rows = [row for row in rows if row["part"] == part]
    if not rows:
        raise EvalError(f"There are no results of ELM-24's {part} films: run `eval elm24` first.")
    order = (*CONTROLS, *MODELS)
    return sorted(rows, key=lambda row: (order.index(row["method"]), str(row["variant"])))


def label(row: Row) -> str:
    """What a table calls a row."""
    return noted(row["method"], [row["size"]] if row["size"] else [], row["variant"].items())


def main_table(rows: Sequence[Row]) -> str:
    """One line a method."""
    lines = ["| Method | Seeds | " + " | ".join(COLUMNS) + " |"]
    lines.append("|---" * (len(COLUMNS) + 2) + "|")
    for row in rows:
        cells = [_cell(row["metrics"].get(name), form) for name, form in COLUMNS.items()]
        lines.append(f"| {label(row)} | {len(row['seeds'])} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(found: Mapping[str, Any] | None, form: str) -> str:
    if found is None:
        return "–"
    cell = form.format(found["mean"])
    if found["sd"] is not None:
        cell += " ±" + form.format(found["sd"])
    if "interval" in found:
        cell += " [" + ", ".join(form.format(end) for end in found["interval"]) + "]"
    return cell


def differences_table(rows: Sequence[Row]) -> str:
    """Paired differences, of variants from the other method's same variant where there is one, and
    else from the other method as it is."""
    every = {(row["method"], str(row["variant"])): row for row in rows}
    figures = {"SC": "films", "loss": "losses", "film gain": "gains"}
    lines = ["| First - second | " + " | films | ".join(figures) + " | films |"]
    lines.append("|---" * (2 * len(figures) + 1) + "|")
    for first, second in PAIRS:
        for row in (row for row in rows if row["method"] == first):
            other = every.get((second, str(row["variant"])), every.get((second, "{}")))
            if other is None:
                continue
            cells = [cell for figure in figures.values() for cell in _paired(row, other, figure)]
            names = [label(one) if one["variant"] else one["method"] for one in (row, other)]
            lines.append(f"| {' - '.join(names)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _paired(first: Row, second: Row, figure: str) -> tuple[str, str]:
    """A difference with its interval, and in how many films it is above and below zero."""
    if not (first.get(figure) and second.get(figure)):
        return "–", "–"
    found = difference(first, second, figure)
    low, high = found["interval"]
    return (
        f"{found['difference']:+.4f} [{low:+.4f}, {high:+.4f}]",
        f"{found['better']} / {found['worse']}",
    )


def tokens_table(rows: Sequence[Row]) -> str:
    """How far the item tokens of trained models tell items apart, at rest, mean over seeds."""
    lines = ["| Method | " + " | ".join(SPREAD) + " |", "|---" * (len(SPREAD) + 1) + "|"]
    for row in rows:
        found = [seed["tokens"] for seed in row["training"] if "tokens" in seed]
        if found:
            means = [sum(one[name] for one in found) / len(found) for name in SPREAD]
            cells = [form.format(mean) for form, mean in zip(SPREAD.values(), means, strict=True)]
            lines.append(f"| {label(row)} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", SPREAD_LEGEND]) if len(lines) > 2 else ""


def tasks_table(rows: Sequence[Row]) -> str:
    """SC by task."""
    lines = ["| Task | " + " | ".join(label(row) for row in rows) + " |"]
    lines.append("|---" * (len(rows) + 1) + "|")
    for task in rows[0]["tasks"]:
        cells = [f"{row['tasks'][task]:.3f}" for row in rows]
        lines.append(f"| {task} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def texts_section(rows: Sequence[Row], elm: Elm24, catalogue: Catalogue, runs: Path) -> str:
    """What the methods wrote of the first films, side by side, good and bad."""
    found = {label(row): texts_of(row, runs) for row in rows}
    by_method = {
        name: {(w.task, w.item): w.text for w in texts}
        for name, texts in found.items()
        if texts is not None
    }
    if not by_method:
        return ""
    part = rows[0]["part"]
    films = list(dict.fromkeys(example.items["item"] for example in elm.of(part)))[:SHOWN_FILMS]
    lines = []
    for film in films:
        lines.append(f"### {catalogue.text(film, 'title')}")
        for task in SHOWN_TASKS:
            lines.append(f"\n**{task}**\n")
            for name, written in by_method.items():
                text = " ".join(written.get((task, film), "").split()) or "(nothing)"
                lines.append(f"- *{name}*: {text}")
        lines.append("")
    return "\n".join(lines)


def commands_table(rows: Sequence[Row]) -> str:
    """How each row is made, and by which commit it was."""
    lines = ["| Method | Commit | Command |", "|---|---|---|"]
    lines += [f"| {label(row)} | {row['commit'][:7]} | `{row['command']}` |" for row in rows]
    return "\n".join(lines)


def page(
    rows: Sequence[Row], elm: Elm24, catalogue: Catalogue, runs: Path, folder: Path | None = None
) -> str:
    """Everything about one part's films, in Markdown; with plots when a folder is given."""
    first, among = rows[0], len({e.items["item"] for e in elm.examples if e.split != "train"})
    parts = [
        f"# ELM-24 on {first['dataset']}, {first['part']} films",
        f"{first['n']} films that no training text is about, {first['texts']} texts, embedder "
        f"{first['embedder']}.",
        main_table(rows),
        LEGEND.format(known=first["candidates"], among=among),
    ]
    images = {} if folder is None else _plots(rows, runs, folder)
    for heading, body in (
        ("Paired differences over films", differences_table(rows)),
        ("What item tokens tell apart", tokens_table(rows)),
        ("SC by task", tasks_table(rows)),
        ("Query tokens", ""),
        ("Losses of stage 1", ""),
        ("What they wrote", texts_section(rows, elm, catalogue, runs)),
        ("Commands", commands_table(rows)),
    ):
        image = f"![{heading}]({images[heading].name})" if heading in images else ""
        if body or image:
            parts += [part for part in (f"## {heading}", image, body) if part]
    return "\n\n".join(parts)


def write_page(
    rows: Sequence[Row], elm: Elm24, catalogue: Catalogue, runs: Path, folder: Path
) -> Path:
    """The page and its plots as files of `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{rows[0]['dataset']}-{rows[0]['part']}.md"
    path.write_text(page(rows, elm, catalogue, runs, folder) + "\n", "utf-8")
    return path


def _plots(rows: Sequence[Row], runs: Path, folder: Path) -> dict[str, Path]:
    from eval import elm24_plots as plots  # matplotlib, which nothing else needs

    stem = f"{rows[0]['dataset']}-{rows[0]['part']}"
    plain = [row for row in rows if not row["variant"] and row["method"] != "reference"]
    images = {"SC by task": plots.by_task(plain, folder / f"{stem}-tasks.png")}
    alike = defaultdict(list)  # what differs in the number of query tokens alone
    for row in rows:
        others = {n: value for n, value in row["variant"].items() if n != plots.QUERIES}
        alike[label({**row, "variant": others})].append(row)
    lines = {name: some for name, some in alike.items() if len(some) > 1}
    if lines:
        images["Query tokens"] = plots.by_queries(lines, folder / f"{stem}-queries.png")
    logs = {}
    for row in rows:
        name = name_of(row["method"], row["size"], row["variant"])
        log = runs / BENCHMARK / "models" / f"{name}-{row['seeds'][0]}" / "alignment/losses.jsonl"
        if log.is_file():
            logs[label(row)] = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    if logs:
        images["Losses of stage 1"] = plots.losses(logs, folder / f"{stem}-stage-1.png")
    return images
