"""ELM-24: texts to a file, figures from the file."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.elm24 import Elm24, Example, Task
from eval import elm24, elm24_report
from eval import elm24_controls as controls
from eval import elm24_scores as scores
from eval import elm24_texts as texts
from eval.elm24_scores import Vectors
from eval.elm24_texts import Written
from eval.errors import EvalError
from eval.rows import Row

TASKS = {
    "pitch": Task("pitch", "Pitch {item}.", (3, 6), None),
    "compare": Task("compare", "{item} or {other}?", (3, 10), "other"),
}
WORDS = ("war", "love", "robots", "ghosts", "songs", "sea", "sheriff", "school")


def elm() -> Elm24:
    """Films 0..11: eight to learn from, two of each other part; a text names its film's word."""
    examples = []
    for film in range(12):
        split = "train" if film < 8 else "validation" if film < 10 else "test"
        word = WORDS[film % len(WORDS)]
        examples.append(Example("pitch", {"item": film}, f"a film {film} of {word}", split))
        if film != 11:  # one has no second film
            items = {"item": film, "other": 0}
            examples.append(Example("compare", items, f"{word} against war, {film}", split))
    return Elm24(TASKS, tuple(examples))


class Letters:
    """Counts of letters and digits as unit vectors."""

    signs = "abcdefghijklmnopqrstuvwxyz0123456789"

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, several: Sequence[str]) -> Vectors:
        self.calls += 1
        counts = np.array([[text.count(s) for s in self.signs] for text in several], np.float32)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


def stick() -> scores.Yardstick:
    factors = np.random.default_rng(0).normal(size=(14, 5)).astype(np.float32)
    return scores.yardstick(elm(), Letters(), factors, np.arange(14) < 12)


def right() -> list[Written]:
    return [Written(e.task, e.items["item"], e.text) for e in elm().of("test")]


class Recording:
    """A writer that can be killed."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.stop_after, self.asked = stop_after, list[str]()

    def __call__(self, examples: Sequence[Example]) -> list[Written]:
        if self.stop_after == len(self.asked):
            raise KeyboardInterrupt
        self.asked.append(examples[0].task)
        return [
            Written(e.task, e.items["item"], f"on {e.items['item']}\n\u2028x") for e in examples
        ]


def test_a_killed_run_goes_on_and_gives_the_same_file(tmp_path: Path) -> None:
    parts, about = texts.batches(elm(), "train"), {"seed": 0, "names": ("a", "b")}
    whole, killed = tmp_path / "whole.jsonl", tmp_path / "killed.jsonl"
    texts.complete(whole, about, parts, Recording)
    with pytest.raises(KeyboardInterrupt):
        texts.complete(killed, about, parts, lambda: Recording(stop_after=1))
    # The kill came in the middle of the second batch's writing.
    with killed.open("a") as file:
        file.write('{"batch": "compare-1", "texts": [{"task": "comp')
    again = Recording()
    texts.complete(killed, about, parts, lambda: again)
    assert again.asked == ["compare"]
    assert killed.read_bytes() == whole.read_bytes()
    assert [w.text for w in texts.load(whole)] == [
        f"on {e.items['item']}\n\u2028x" for part in parts for e in part
    ]
    # All is there: the model is not even loaded.
    texts.complete(whole, about, parts, lambda: pytest.fail("loaded"))
    anew = Recording()
    texts.complete(whole, about, parts, lambda: anew, again=True)
    assert anew.asked == ["pitch", "compare"]


def test_texts_of_another_run_are_not_mixed_in(tmp_path: Path) -> None:
    path, parts = tmp_path / "texts.jsonl", texts.batches(elm(), "test")
    texts.complete(path, {"seed": 0}, parts, Recording)
    with pytest.raises(EvalError, match="another run"):
        texts.complete(path, {"seed": 1}, parts, Recording)
    path.write_text("[1]\nnothing\n\n")
    with pytest.raises(EvalError, match="no file of ELM-24 texts"):
        texts.load(path)


def test_a_batch_is_whole(tmp_path: Path) -> None:
    parts = texts.batches(elm(), "test")
    with pytest.raises(EvalError, match="0 texts were written for 2 prompts"):
        texts.complete(tmp_path / "texts.jsonl", {}, parts, lambda: lambda examples: [])


def test_consistency_is_the_mean_cosine_and_an_empty_text_has_none() -> None:
    written = right()
    written[1] = replace(written[1], text=" ")
    written[2] = replace(written[2], text="ghosts")
    found = scores.measure(stick(), written)
    encode = Letters().encode
    slow = [
        0.0 if not w.text.strip() else float(encode([w.text])[0] @ encode([e.text])[0])
        for w, e in zip(written, elm().of("test"), strict=True)
    ]
    assert found.figures["SC"] == pytest.approx(np.mean(slow))
    assert found.figures["empty"] == pytest.approx(1 / 3)
    films = [w.item for w in written]
    for film, value in found.by_film.items():
        assert value == pytest.approx(
            np.mean([s for s, f in zip(slow, films, strict=True) if f == film])
        )
    assert found.by_task["compare"] == pytest.approx(
        np.mean([s for s, w in zip(slow, written, strict=True) if w.task == "compare"])
    )
    assert "loss" not in found.figures


def test_references_are_perfect_and_found_by_their_text() -> None:
    found = scores.measure(stick(), right()).figures
    assert found["SC"] == pytest.approx(1.0)
    assert found["retrieval@1"] == 1.0
    same = [replace(w, text="a film of something") for w in right()]
    assert scores.measure(stick(), same).figures["retrieval@1"] < 1.0


def test_the_loss_is_by_token() -> None:
    written = [replace(w, loss=4.0 + n, tokens=2 + n) for n, w in enumerate(right())]
    found = scores.measure(stick(), written).figures["loss"]
    assert found == pytest.approx((4 + 5 + 6) / (2 + 3 + 4))
    by_film = scores.measure(stick(), written).loss_by_film
    for film in {w.item for w in written}:
        mine = [(w.loss, w.tokens) for w in written if w.item == film]
        assert by_film[film] == pytest.approx(sum(x for x, _ in mine) / sum(n for _, n in mine))
    assert scores.measure(stick(), right()).loss_by_film == {}


def test_the_gain_is_what_another_film_costs_by_token() -> None:
    written = [replace(w, loss=10.0, tokens=5, misled=11.0) for w in right()]
    of_first = [n for n, w in enumerate(written) if w.item == written[0].item]
    for number in of_first:
        written[number] = replace(written[number], misled=15.0)
    found = scores.measure(stick(), written)
    costs = [5.0 if n in of_first else 1.0 for n in range(len(written))]
    assert found.figures["film gain"] == pytest.approx(sum(costs) / (5 * len(written)))
    assert found.gain_by_film[written[0].item] == pytest.approx(1.0)
    rest = [gain for film, gain in found.gain_by_film.items() if film != written[0].item]
    assert rest == pytest.approx([0.2] * len(rest))
    assert rest
    # One that is told of no film has none.
    untold = scores.measure(stick(), right())
    assert "film gain" not in untold.figures
    assert untold.gain_by_film == {}


def test_the_other_film_is_half_a_batch_away_and_only_the_film_changes() -> None:
    (pitch, *_) = texts.batches(elm(), "train")
    others = texts.swapped(pitch)
    assert [e.items["item"] for e in pitch] == list(range(8))
    assert [e.items["item"] for e in others] == [4, 5, 6, 7, 0, 1, 2, 3]
    assert [replace(e, items={}) for e in others] == [replace(e, items={}) for e in pitch]
    assert texts.swapped(pitch[:1]) == pitch[:1]
    compare = texts.swapped(texts.batches(elm(), "train")[1])
    assert all(e.items["other"] == 0 for e in compare)


def test_ranks_on_the_way_back_are_counted_by_hand() -> None:
    rng = np.random.default_rng(1)
    found, units = rng.normal(size=(6, 3)), rng.normal(size=(9, 3))
    known, items = np.arange(9) != 4, np.array([0, 1, 2, 3, 5, 8])
    slow = []
    for row, item in enumerate(items):
        better = [
            n for n in range(9) if known[n] and found[row] @ units[n] > found[row] @ units[item]
        ]
        slow.append(1 + len(better))
    assert scores.back_ranks(found, items, units, known).tolist() == slow


def test_the_ridge_shrinks_all_but_the_constant() -> None:
    rng = np.random.default_rng(2)
    x = scores.with_one(rng.normal(size=(50, 4)))
    y = x @ rng.normal(size=(5, 2)) + 7.0
    exact = np.linalg.lstsq(x, y, rcond=None)[0]
    assert scores.ridge(x, y, 1e-9) == pytest.approx(exact, abs=1e-6)
    shrunk = scores.ridge(x, y, 1e9)
    assert np.abs(shrunk[:-1]).max() < 1e-5
    assert shrunk[-1] == pytest.approx(y.mean(0), abs=1e-3)


def test_style_shows_generic_endless_and_looping_texts() -> None:
    varied = [Written("pitch", n, f"one{n} two{n} three{n}") for n in range(4)]
    generic = [Written("pitch", n, "one two three") for n in range(4)]
    assert scores.style(varied)["distinct-1"] == 1.0
    assert scores.style(generic)["distinct-1"] == pytest.approx(3 / 12)
    assert scores.style(generic)["distinct-2"] == pytest.approx(2 / 8)
    loop = Written("pitch", 0, "a b c d a b c d", ended=False)
    broken = scores.style([loop, Written("pitch", 1, "")])
    assert (broken["looping"], broken["endless"], broken["empty"]) == (0.5, 0.5, 0.5)
    assert broken["words"] == 4.0
    assert scores.style(varied)["looping"] == 0.0


def test_controls_know_nothing_of_the_film() -> None:
    films = elm().of("test")
    training = {e.text for e in elm().of("train")}
    drawn = controls.other_film_writer(elm(), 0)(films)
    assert {w.text for w in drawn} <= training
    assert [w.task for w in drawn] == [e.task for e in films]
    assert controls.other_film_writer(elm(), 0)(films) == drawn
    assert any(controls.other_film_writer(elm(), seed)(films) != drawn for seed in range(1, 5))
    constant = controls.constant_writer(elm(), Letters().encode)(films)
    by_task = {w.task: w.text for w in constant}
    assert len(by_task) == len({w.text for w in constant}) == 2
    pitches = [e.text for e in elm().of("train") if e.task == "pitch"]
    vectors = Letters().encode(pitches)
    means = [float(np.mean([v @ u for u in vectors])) for v in vectors]
    assert by_task["pitch"] == pitches[int(np.argmax(means))]


def test_a_text_is_picked_by_what_is_known_of_the_film() -> None:
    films = elm().of("test")
    told = np.eye(len(WORDS))[[film % len(WORDS) for film in range(14)]]
    picked = controls.picked_writer(elm(), Letters().encode, told)(films)
    training = {(e.task, e.text): e.items["item"] for e in elm().of("train")}
    sources = [training[w.task, w.text] for w in picked]
    assert sources == [w.item % len(WORDS) for w in picked]
    # Who knows nothing of a film takes the same text for all of them.
    blind = controls.picked_writer(elm(), Letters().encode, np.zeros((14, 3)))(films)
    assert len({(w.task, w.text) for w in blind}) == len(TASKS)


def test_what_was_encoded_once_is_read_back(tmp_path: Path) -> None:
    letters = Letters()
    first = scores.Remembering(lambda: letters, tmp_path, "letters").encode(["ab", "c"])
    again = scores.Remembering(lambda: pytest.fail("loaded"), tmp_path, "letters")
    assert np.array_equal(again.encode(["ab", "c"]), first)
    other = scores.Remembering(lambda: letters, tmp_path, "another")
    other.encode(["ab", "c"])
    assert letters.calls == 2


def row(method: str, values: Sequence[float], **changes: object) -> Row:
    films = {str(film): value for film, value in enumerate(values)}
    metrics = {"SC": {"mean": float(np.mean(values)), "sd": None, "interval": [0.0, 1.0]}}
    return {
        "benchmark": "elm24",
        "dataset": "tiny",
        "part": "test",
        "method": method,
        "size": "cpu",
        "variant": {},
        "embedder": "minilm",
        "seeds": [0],
        "n": len(films),
        "candidates": 12,
        "texts": 3,
        "metrics": metrics,
        "tasks": {"pitch": 0.5},
        "films": films,
        "config": {},
        "training": [],
        "command": "python -m eval elm24",
        "commit": "abcdefgh",
    } | changes


def test_differences_are_film_by_film() -> None:
    first, second = row("ilm-rand", [0.5, 0.6, 0.7]), row("mlp", [0.4, 0.6, 0.4])
    found = elm24.difference(first, second)
    assert found["difference"] == pytest.approx(0.4 / 3)
    assert (found["better"], found["worse"]) == (2, 0)
    assert found["interval"][0] <= found["difference"] <= found["interval"][1]
    with pytest.raises(EvalError, match="same films"):
        elm24.difference(first, row("mlp", [0.4]))
    table = elm24_report.differences_table([second, first])
    assert "| ilm-rand - mlp | +0.1333" in table
    assert "| 2 / 0 | – | – |" in table
    cold = row("ilm-rand", [0.6, 0.6, 0.7], variant={"a.b": 8})
    table = elm24_report.differences_table([second, first, cold])
    assert "| ilm-rand - mlp | +0.1333" in table
    assert "| ilm-rand (cpu, a.b = 8) - mlp | +0.1667" in table
    assert elm24_report.differences_table([first, cold]) == ""
    alike = row("mlp", [0.3, 0.3, 0.3], variant={"a.b": 8})
    table = elm24_report.differences_table([second, first, cold, alike])
    assert "| ilm-rand - mlp | +0.1333" in table
    assert "| ilm-rand (cpu, a.b = 8) - mlp (cpu, a.b = 8) | +0.3333" in table
    for one, gains in ((first, [0.3, 0.1, 0.1]), (second, [0.1, 0.1, 0.2])):
        one["gains"] = {str(film): gain for film, gain in enumerate(gains)}
    table = elm24_report.differences_table([second, first])
    assert "| 2 / 0 | – | – | +0.0333" in table
    assert table.endswith("| 1 / 1 |")
    first["losses"], second["losses"] = ({str(n): loss for n in range(3)} for loss in (4.2, 4.5))
    assert "| -0.3000 [-0.3000, -0.3000] | 0 / 3 |" in elm24_report.differences_table(
        [second, first]
    )


def test_the_page_shows_every_row_and_its_command(tmp_path: Path) -> None:
    rows = [row("constant", [0.2], size=None), row("ilm-it-ui", [0.3], variant={"a.b": 8})]
    for one in rows:
        path = tmp_path / "elm24" / f"{elm24.row_name(one)}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(one))
    assert elm24_report.load_rows(tmp_path, "test") == rows
    with pytest.raises(EvalError, match="no results"):
        elm24_report.load_rows(tmp_path, "validation")
    table = elm24_report.main_table(rows)
    assert "| constant | 1 | 0.2000 [0.0000, 1.0000] | – |" in table
    assert "ilm-it-ui (cpu, a.b = 8)" in table
    assert elm24_report.commands_table(rows).count("`python -m eval elm24`") == 2


def test_the_page_says_what_tokens_tell_apart() -> None:
    """Means over seeds; a row of a training that did not say is left out."""
    spreads = [{"items": 0.2, "queries": 0.1, "dimensions": 10.0}, {"items": 0.4, "queries": 0.3}]
    spreads[1]["dimensions"] = 21.0
    told = row("ilm-rand", [0.5], training=[{"tokens": spread} for spread in spreads])
    silent = row("mlp", [0.5], training=[{"validation": {}}])
    table = elm24_report.tokens_table([silent, told])
    assert "| ilm-rand (cpu) | 0.300 | 0.200 | 15.5 |" in table
    assert "mlp" not in table
    assert elm24_report.tokens_table([silent]) == ""


def test_methods_by_name_and_by_group() -> None:
    assert elm24.methods_named(["controls", "mlp", "mlp"]) == [*elm24.CONTROLS, "mlp"]
    with pytest.raises(EvalError, match="no method 'ilm'"):
        elm24.methods_named(["ilm"])
