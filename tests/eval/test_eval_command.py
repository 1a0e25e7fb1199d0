import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import eval.__main__ as command
from data.dataset import Dataset
from eval.errors import EvalError


@pytest.fixture(autouse=True)
def project(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load", lambda name: dataset)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command.app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_all_writes_predictions_rows_and_a_table() -> None:
    Path("README.md").write_text("<!-- results:tiny -->\n<!-- /results -->\n")
    printed = run("all", "--dataset", "tiny")
    for method in ("popularity", "als", "als-recent", "transitions"):
        assert f"| {method} |" in printed
    row = json.loads(Path("results/openp5/tiny-sequential-als-filtered.json").read_text())
    assert row["seeds"] == [0, 1, 2]
    assert row["n"] == 30
    assert row["command"] == "python -m eval ranking --dataset tiny --method als"

    run("report", "--dataset", "tiny", "--write", "README.md")
    assert Path("README.md").read_text().splitlines()[1:-1] == printed.splitlines()
    files = [f"runs/eval/openp5/tiny/als-filtered-{seed}.npz" for seed in (0, 1)]
    assert run("compare", *files).startswith("als - als, tiny sequential, seen items removed")

    before = row["metrics"]
    run("ranking", "--dataset", "tiny", "--method", "als")
    again = json.loads(Path("results/openp5/tiny-sequential-als-filtered.json").read_text())
    assert again["metrics"] == before


@pytest.mark.parametrize(
    "arguments", [[], ["--method", "als", "--model", "weights"]], ids=["neither", "both"]
)
def test_it_ranks_with_one_thing(arguments: list[str]) -> None:
    with pytest.raises(EvalError, match="either --method NAME or --model FOLDER"):
        run("ranking", *arguments)
