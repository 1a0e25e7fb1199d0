import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import eval.__main__ as command
from data.dataset import Dataset
from eval.errors import EvalError
from tests.eval.fakes import Ilm
from tests.eval.test_openp5 import with_ties


@pytest.fixture(autouse=True)
def project(dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load", lambda name, folder, titles=None: dataset)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command.app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_from_nothing_to_a_readme() -> None:
    Path("README.md").write_text("<!-- results:tiny -->\n<!-- /results -->\n")
    printed = run("openp5", "--dataset", "tiny", "--method", "als", "--method", "popularity")
    assert "| als |" in printed
    assert "| popularity |" in printed
    assert "| als |" in run("openp5", "--method", "als", "--task", "straightforward")
    row = json.loads(Path("results/openp5/tiny-sequential-als-rank-filtered.json").read_text())
    assert row["n"] == 30
    assert row["command"] == "python -m eval openp5 --dataset tiny --method als --seeds 0,1,2"

    whole = run("report", "--dataset", "tiny", "--write", "README.md")
    assert "## straightforward, rank" in whole
    assert f"`{row['command']}`" in whole
    assert Path("docs/openp5/tiny.md").read_text().count("![") == 2
    assert "**sequential, rank**" in Path("README.md").read_text()
    files = [
        f"runs/predictions/tiny/tiny-sequential-als-rank-filtered-{seed}.npz" for seed in (0, 1)
    ]
    assert run("compare", *files).startswith("als - als, tiny sequential, seen items removed")


def test_an_experiment_is_run_and_reported(ilm: Ilm) -> None:
    printed = run("experiment", "queries", "--dataset", "tiny")
    assert "model.num_queries = 16" in printed
    assert len(ilm.trained) == 5
    whole = run("report")
    assert "## Number of query tokens" in whole
    assert "--set model.num_queries=16" in whole
    assert "Difference" in whole


def test_ties_are_printed(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load", lambda name, folder, titles=None: with_ties(dataset))
    printed = run("openp5", "--method", "popularity", "--ties", "2")
    assert "| frozen order | other orders |" in printed
    assert Path("results/openp5-ties/tiny-sequential-popularity-rank-filtered.json").is_file()
    assert "Other orders of equal times" in run("report")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Say what to evaluate"),
        (["--method", "als", "--method", "ease", "--model", "weights"], "once"),
        (["--method", "als", "--seeds", "0,x"], "Seeds are different numbers"),
        (["--method", "als", "--seeds", "1,1"], "Seeds are different numbers"),
        (["--method", "svd"], "no method 'svd'"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], message: str) -> None:
    with pytest.raises(EvalError, match=message):
        run("openp5", *arguments)


def test_every_verb_has_an_example() -> None:
    for verb in ("openp5", "experiment", "report", "compare"):
        assert "Example: python -m eval" in run(verb, "--help")
