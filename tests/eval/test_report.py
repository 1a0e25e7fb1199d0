import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval import report
from eval.errors import EvalError
from eval.predictions import Predictions

ABOUT = {
    "benchmark": "openp5",
    "dataset": "tiny",
    "task": "sequential",
    "method": "ALS",
    "decoding": "full ranking",
    "filtered": False,
    "split": "abcdef0123456789",
    "candidates": 9,
    "seed": 0,
    "config": {"factors": 2},
}


def run(ranks: list[int], **about: object) -> Predictions:
    n = len(ranks)
    return Predictions(
        np.arange(n, dtype=np.int32),
        np.array(ranks, np.int32),
        np.zeros((n, 1), np.int32),
        {**ABOUT, **about},
    )


def test_a_row_is_mean_and_spread_over_seeds() -> None:
    row = report.make_row([run([1, 6, 11, 50]), run([1, 1, 1, 50], seed=1)], "python -m eval x")
    hits = row["metrics"]["HR@10"]
    assert hits["mean"] == pytest.approx((0.5 + 0.75) / 2)
    assert hits["sd"] == pytest.approx(np.std([0.5, 0.75], ddof=1), abs=1e-6)
    assert 0 <= hits["interval"][0] < hits["mean"] < hits["interval"][1] <= 1
    assert row["metrics"]["NDCG@5"]["mean"] == pytest.approx((1 / 4 + 3 / 4) / 2)
    assert row["seeds"] == [0, 1]
    assert row["n"] == 4
    assert row["config"] == {"factors": 2}
    assert set(row["machine"]) == {"cpu", "cores"}
    for key in ("benchmark", "dataset", "task", "method", "decoding", "filtered", "split"):
        assert row[key] == ABOUT[key]
    assert report.make_row([run([1])], "x")["metrics"]["HR@10"]["sd"] is None


def test_rows_of_different_runs_are_not_averaged() -> None:
    with pytest.raises(EvalError, match="'split'"):
        report.make_row([run([1, 2]), run([1, 2], split="other")], "x")
    other = replace(run([1, 2]), targets=np.array([5, 6], np.int32))
    with pytest.raises(EvalError, match="different targets"):
        report.make_row([run([1, 2]), other], "x")


def test_rows_survive_the_disk_and_replace_each_other(tmp_path: Path) -> None:
    for ranks in ([1, 2], [20, 20]):
        path = report.save_row(report.make_row([run(ranks)], "x"), tmp_path)
    report.save_row(report.make_row([run([1, 1], filtered=True)], "x"), tmp_path)
    report.save_row(report.make_row([run([1, 1], dataset="other")], "x"), tmp_path)
    assert path == tmp_path / "openp5" / "tiny-sequential-als-unfiltered.json"
    rows = report.load_rows("openp5", "tiny", tmp_path)
    assert [(row["filtered"], row["metrics"]["HR@10"]["mean"]) for row in rows] == [
        (True, 1.0),
        (False, 0.0),
    ]
    with pytest.raises(EvalError, match="no results for absent"):
        report.load_rows("openp5", "absent", tmp_path)
    path.write_text(json.dumps({"dataset": "tiny"}))
    with pytest.raises(EvalError, match="not a result row"):
        report.load_rows("openp5", "tiny", tmp_path)


def test_the_table_never_mixes_the_two_rankings() -> None:
    rows = [
        report.make_row([run([1, 1, 1, 1], method="strong")], "x"),
        report.make_row([run([6, 20, 20, 20], method="weak")], "x"),
        report.make_row([run([2, 2, 20, 20], method="weak", filtered=True)], "x"),
    ]
    lines = report.table(rows).splitlines()
    assert lines[0].startswith("| Method | unf HR@5 | unf HR@10 | unf NDCG@10 | filt HR@5 ")
    weak, strong = ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines[2:4])
    assert weak[0] == "weak"
    assert weak[1] == "0.0000"
    assert weak[2].startswith("0.2500 [")
    assert weak[4] == "0.5000"
    assert weak[5].startswith("0.5000 [")
    assert weak[7] == "1"
    assert strong == ["strong", "1.0000", "1.0000 [1.0000, 1.0000]", "1.0000", "–", "–", "–", "1"]
    assert "4 users" in lines[-1]
    assert "abcdef012345" in lines[-1]
    with pytest.raises(EvalError, match="2 different splits"):
        report.table([*rows, report.make_row([run([1], split="other")], "x")])


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
    worse = run([1, 20] * 100)
    better = run([1, 1] * 100, method="ILM")
    text = report.compare(worse, better).splitlines()
    assert text[0].startswith("ILM - ALS, tiny sequential, nothing removed, n = 200")
    assert "1.0000 - 0.5000 = +0.5000" in text[2]
    assert "better for 100 users, worse for 0" in text[2]
    low, high = (float(edge) for edge in text[2].partition("[")[2].partition("]")[0].split(","))
    # Paired: users who agree do not widen the interval, 1.96 * sd(difference) / sqrt(n).
    assert (low, high) == pytest.approx((0.5 - 0.0693, 0.5 + 0.0693), abs=0.006)
    assert "+0.0000 [+0.0000, +0.0000]" in report.compare(better, better)
    for other in (run([1, 1] * 100, filtered=True), run([1, 1] * 100, split="other")):
        with pytest.raises(EvalError, match="cannot be compared"):
            report.compare(worse, other)
