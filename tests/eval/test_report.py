import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval import report
from eval.comparisons import describe, difference, references, refresh
from eval.entries import Entry
from eval.errors import EvalError
from eval.experiments import Experiment, experiment, load_experiments
from eval.predictions import Predictions
from eval.rows import Row, load_rows, make_row, save_row
from eval.tables import comparison_table, experiment_table, main_table

SPLIT = {
    "benchmark": "openp5",
    "split": "abcdef0123456789",
    "candidates": 9,
    "machine": {"cores": 1},
}
ALS = Entry("tiny", "sequential", "als", "rank", False)
ILM = Entry("tiny", "sequential", "ilm-it-ui", "rank", False, prompt="seen", size="cpu")


def run(ranks: list[int], entry: Entry = ALS, seed: int = 0, **about: Any) -> Predictions:
    n = len(ranks)
    return Predictions(
        np.arange(n, dtype=np.int32),
        np.array(ranks, np.int32),
        np.zeros((n, 1), np.int32),
        {**SPLIT, **entry.about(), "seed": seed, "config": {"factors": 2}, **about},
    )


def row_of(ranks: list[int], entry: Entry = ALS, **about: Any) -> Row:
    return make_row([run(ranks, entry, **about)], f"python -m eval {entry.method}")


def test_a_row_is_mean_and_spread_over_seeds() -> None:
    row = make_row([run([1, 6, 11, 50]), run([1, 1, 1, 50], seed=1)], "python -m eval x")
    hits = row["metrics"]["HR@10"]
    assert hits["mean"] == pytest.approx((0.5 + 0.75) / 2)
    assert hits["sd"] == pytest.approx(np.std([0.5, 0.75], ddof=1), abs=1e-6)
    assert 0 <= hits["interval"][0] < hits["mean"] < hits["interval"][1] <= 1
    assert row["metrics"]["NDCG@5"]["mean"] == pytest.approx((1 / 4 + 3 / 4) / 2)
    assert row["seeds"] == [0, 1]
    assert row["n"] == 4
    assert row["config"] == {"factors": 2}
    assert row["machine"] == {"cores": 1}
    assert Entry.of(row) == ALS
    assert row_of([1])["metrics"]["HR@10"]["sd"] is None
    parts = [
        run([1], invalid=0.5, training={"loss": 1.0, "by": {"x": 2}}),
        run([1], seed=1, invalid=0.1, training={"loss": 2.0, "by": {"x": 4}, "more": 1}),
    ]
    row = make_row(parts, "x")
    assert row["invalid"] == pytest.approx(0.3)
    assert row["training"] == {"loss": 1.5, "by": {"x": 3}}


def test_rows_of_different_runs_are_not_averaged() -> None:
    with pytest.raises(EvalError, match="'split'"):
        make_row([run([1, 2]), run([1, 2], split="other")], "x")
    with pytest.raises(EvalError, match="'prompt'"):
        make_row([run([1, 2], ILM), run([1, 2], replace(ILM, prompt="unseen"))], "x")
    other = replace(run([1, 2]), targets=np.array([5, 6], np.int32))
    with pytest.raises(EvalError, match="different targets"):
        make_row([run([1, 2]), other], "x")


def test_rows_survive_the_disk_and_replace_each_other(tmp_path: Path) -> None:
    for ranks in ([1, 2], [20, 20]):
        path = save_row(row_of(ranks), tmp_path)
    save_row(row_of([1, 1], ALS.under(filtered=True)), tmp_path)
    save_row(row_of([1, 1], replace(ALS, dataset="other")), tmp_path)
    assert path == tmp_path / "openp5" / "tiny-sequential-als-rank-unfiltered.json"
    rows = load_rows(tmp_path, "tiny")
    assert [(row["filtered"], row["metrics"]["HR@10"]["mean"]) for row in rows] == [
        (True, 1.0),
        (False, 0.0),
    ]
    assert len(load_rows(tmp_path)) == 3
    with pytest.raises(EvalError, match="no results for absent"):
        load_rows(tmp_path, "absent")
    path.write_text(json.dumps({"dataset": "tiny"}))
    with pytest.raises(EvalError, match="not a result row"):
        load_rows(tmp_path, "tiny")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_the_table_never_mixes_the_two_rankings() -> None:
    weak, strong = replace(ALS, method="weak"), replace(ALS, method="strong")
    rows = [
        row_of([1, 1, 1, 1], strong.under(filtered=True)),
        row_of([6, 20, 20, 20], weak),
        row_of([2, 2, 20, 20], weak.under(filtered=True)),
    ]
    lines = main_table(rows).splitlines()
    assert lines[0].startswith("| Method | unf HR@5 | unf HR@10 | unf NDCG@10 | filt HR@5 ")
    first, second = cells(lines[2]), cells(lines[3])
    assert first[0] == "weak"
    assert first[1] == "0.0000"
    assert first[2].startswith("0.2500 [")
    assert first[4] == "0.5000"
    assert first[5].startswith("0.5000 [")
    assert first[7] == "1"
    assert second == ["strong", "–", "–", "–", "1.0000", "1.0000 [1.0000, 1.0000]", "1.0000", "1"]
    assert "4 users" in lines[-1]
    assert "abcdef012345" in lines[-1]
    with pytest.raises(EvalError, match="2 different splits"):
        main_table([*rows, row_of([1], split="other")])


def test_generated_lists_show_what_was_invalid() -> None:
    writes = replace(ILM, decoding="generate-id", indexing="random")
    rows = [row_of([1, 2], writes, invalid=0.125, duplicate=0.0)]
    header, _, line, *_ = main_table(rows).splitlines()
    assert cells(header)[-3:] == ["invalid", "duplicate", "Seeds"]
    assert cells(line)[-3:] == ["12.50%", "0.00%", "1"]


def test_only_the_marked_block_is_rewritten(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    before, after = "# Title\n<!-- results:tiny -->\n", "\n<!-- /results -->\nEnd\n"
    other = "<!-- results:other -->\nkeep\n<!-- /results -->\n"
    readme.write_text(other + before + "old" + after)
    for _ in range(2):
        report.rewrite_block(readme, "tiny", "| new |")
        assert readme.read_text() == other + before + "| new |" + after
    with pytest.raises(EvalError, match="no block"):
        report.rewrite_block(readme, "absent", "x")
    with pytest.raises(EvalError, match="no file"):
        report.rewrite_block(tmp_path / "absent.md", "tiny", "x")


def test_comparison_is_paired() -> None:
    worse, better = run([1, 20] * 100), run([1, 1] * 100, ILM)
    text = describe(worse, better).splitlines()
    assert text[0].startswith("ilm-it-ui - als, tiny sequential, nothing removed, n = 200")
    assert "1.0000 - 0.5000 = +0.5000" in text[2]
    assert "better for 100 users, worse for 0" in text[2]
    low, high = difference([better], [worse])["HR@10"]["interval"]
    # Paired: users who agree do not widen the interval, 1.96 * sd(difference) / sqrt(n).
    assert (low, high) == pytest.approx((0.5 - 0.0693, 0.5 + 0.0693), abs=0.006)
    assert "+0.0000 [+0.0000, +0.0000]" in describe(better, better)
    # Seeds are averaged user by user.
    two = difference([better, run([20, 20] * 100, ILM, seed=1)], [worse])["HR@10"]
    assert two["difference"] == 0
    assert (two["better"], two["worse"]) == (100, 100)
    filtered = run([1, 1] * 100, ALS.under(filtered=True))
    for other in (filtered, run([1, 1] * 100, split="other")):
        with pytest.raises(EvalError, match="cannot be compared"):
            describe(worse, other)


def test_each_method_is_measured_against_its_neighbour() -> None:
    mlp = replace(ILM, method="mlp")
    rand = replace(ILM, method="ilm-rand")
    gru = replace(ALS, method="gru4rec")
    eight = replace(ILM, variant=(("model.num_queries", 8),))
    unseen = replace(ILM, prompt="unseen")
    stack = replace(ILM, method="stack", prompt=None, filtered=True)
    without = replace(ALS, method="stack-without-ilm", filtered=True)
    entries = [ILM, mlp, rand, gru, eight, unseen, stack, without, ILM.under(filtered=True)]
    entries += [replace(rand, size="full"), replace(rand, prompt="unseen"), rand.under(True)]
    rows = [row_of([1, 2], entry) for entry in entries]

    def against(entry: Entry) -> list[Entry]:
        (row,) = [row for row in rows if Entry.of(row) == entry]
        return [Entry.of(other) for other in references(row, rows)]

    assert against(ILM) == [mlp, rand, gru]
    assert against(rand) == [mlp]
    assert against(eight) == [ILM]
    assert against(unseen) == [ILM]
    assert against(stack) == [without, ILM.under(filtered=True)]
    assert against(mlp) == []
    assert references(row_of([1, 2], ILM, split="other"), rows) == []


def test_comparisons_are_stored_and_kept_up_to_date(tmp_path: Path) -> None:
    runs, results = tmp_path / "runs", tmp_path / "results"
    rand = replace(ILM, method="ilm-rand")
    ranks = {ILM: [1, 2, 3, 40], rand: [1, 20, 30, 40]}
    rows = []
    for entry, places in ranks.items():
        run(places, entry).save(entry.predictions(runs, 0))
        rows.append(row_of(places, entry))
    refresh(rows, runs, results)
    found = json.loads((results / "openp5" / f"{ILM.name}.json").read_text())["compared"]
    assert found[rand.name]["HR@10"]["difference"] == 0.5
    assert "ilm-it-ui (cpu) − ilm-rand (cpu) | unf | +0.5000" in comparison_table(rows).replace(
        "**", ""
    )
    # On a machine without the predictions the committed figures stay.
    stored = json.loads(json.dumps(rows[0]))
    refresh([stored, rows[1]], tmp_path / "elsewhere", results)
    assert stored == rows[0]
    # Once the other side was measured anew, they are no longer shown, then made again.
    anew = row_of([1, 2, 30, 40], rand)
    assert comparison_table([rows[0], anew]) == ""
    run([1, 2, 30, 40], rand).save(rand.predictions(runs, 0))
    refresh([rows[0], anew], runs, results)
    assert rows[0]["compared"][rand.name]["HR@10"]["difference"] == 0.25


def test_an_experiment_has_a_table_of_what_it_varies() -> None:
    queries = Experiment(title="Tokens", methods=("ilm-it-ui",), vary={"model.k": (1, 4, 8)})

    def measured(k: int, ranks: list[int], **changes: Any) -> Row:
        variant = () if k == 4 else (("model.k", k),)
        config = {"model": {"k": k}}
        training = {"alignment": {"ITG": 3.0 + k}}
        entry = replace(ILM, variant=variant, **changes)
        return row_of(ranks, entry, config=config, training=training)

    rows = [measured(8, [1, 1]), measured(4, [1, 20]), measured(4, [1, 1], filtered=True)]
    stranger = row_of(
        [1, 1], replace(ILM, variant=(("model.depth", 3),)), config={"model": {"k": 1}}
    )
    header, _, *lines = experiment_table(queries, [*rows, stranger, row_of([1, 1])]).splitlines()
    assert cells(header)[:2] == ["Method", "model.k"]
    assert cells(header)[-2:] == ["stage 1 ITG", "Seeds"]
    assert [cells(line)[:3] for line in lines] == [
        ["ilm-it-ui (cpu)", "4", "0.5000"],
        ["ilm-it-ui (cpu)", "8", "1.0000"],
    ]
    assert [cells(line)[-2] for line in lines] == ["7.0000", "11.0000"]
    assert experiment_table(queries, rows[1:]) == ""  # one line is no experiment
    full = measured(1, [1, 1], size="full")  # another budget is no comparison
    assert experiment_table(queries, [full, *rows]) == experiment_table(queries, rows)


def test_the_listed_experiments_are_runnable() -> None:
    assert {
        "main",
        "losses",
        "queries",
        "prompts",
        "stage-1-text",
        "lora",
    } <= load_experiments().keys()
    assert experiment("queries").variants()[-1] == {"model.num_queries": 16}
    assert experiment("main").variants() == [{}]
    with pytest.raises(EvalError, match=r"no experiment 'colours'; choose one of main"):
        experiment("colours")


def test_a_broken_list_of_experiments_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "experiments.toml"
    path.write_text('[x]\ntitle = "X"\nmethods = ["als"]\n')
    with pytest.raises(EvalError, match="no item-language model 'als'"):
        load_experiments(path)


def test_the_page_has_tables_plots_and_commands(tmp_path: Path) -> None:
    queries = [
        row_of(
            [1, 2, 20, 20],
            replace(ILM, filtered=filtered, variant=(("model.num_queries", k),) if k != 8 else ()),
            config={"model": {"num_queries": k}},
        )
        for k in (1, 8)
        for filtered in (False, True)
    ]
    stack = replace(ILM, method="stack", prompt=None, filtered=True)
    folds = {"HR@5": 0.125, "HR@10": 0.25, "NDCG@5": 0.1, "NDCG@10": 0.15}
    writes = replace(ILM, decoding="generate-id", indexing="random")
    others = [row_of([1, 1, 1, 1], entry) for entry in (ALS, writes)]
    others.append(row_of([1, 1, 1, 1], stack, validation=folds))
    rows = [*queries, *others]
    path = report.write_page(rows, [], tmp_path)
    text = path.read_text()
    assert path.name == "tiny.md"
    for heading in ("sequential, rank", "sequential, generate-id", "Number of query tokens"):
        assert f"## {heading}" in text
    assert "`python -m eval stack`" in text
    assert "| stack (cpu) | 0.1250 | 0.2500 | 0.1000 | 0.1500 |" in text
    pictures = {picture.name for picture in tmp_path.glob("*.png")}
    assert pictures == {
        "tiny-sequential-rank.png",
        "tiny-sequential-generate-id.png",
        "tiny-queries.png",
    }
    assert all(f"]({picture})" in text for picture in pictures)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    report.write_page(rows, [], tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    short = report.summary(rows, Path("docs/openp5"))
    assert "(docs/openp5/tiny.md)" in short
    assert "num_queries" not in short
