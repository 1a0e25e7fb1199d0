from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import cf.__main__ as command
from cf.errors import CfError
from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.interactions import Interactions

TITLES = ["Alien", "Heat", "Aliens", "Fargo", "Twice", "Twice", "Unseen"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set in which Alien goes with Aliens and Twice, and Heat with Fargo."""
    sequences = [[0, 2, 4], [1, 3, 5]] * 10
    interactions = Interactions(
        np.repeat(np.arange(20), 3).astype(np.int32),
        np.concatenate(sequences).astype(np.int32),
        np.arange(60, dtype=np.int64),
        None,
        tuple(f"u{user}" for user in range(20)),
        len(TITLES),
    )
    items = [Item(f"f{n}", title, 1990 + n) for n, title in enumerate(TITLES)]
    dataset = Dataset("tiny", Catalogue("tiny", items), interactions)
    monkeypatch.setattr(command, "load", lambda name: dataset)
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command.app, [*arguments, "--dataset", "tiny"])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_fit_then_neighbours_then_recommend() -> None:
    assert "6 of 7 items, 4 wide, in runs/cf/tiny" in run("fit", "--factors", "4")
    assert Path("runs/cf/tiny/factors.safetensors").is_file()
    for film in ("alien", "f0"):
        lines = run("neighbours", film, "-k", "2").splitlines()
        assert lines[0] == "Most like Alien (1990):"
        assert {line.split("  ")[1] for line in lines[1:]} == {"Aliens (1992)", "Twice (1994)"}
    assert "Twice (1994), because of Alien" in run("recommend", "--likes", "f0, Aliens", "-k", "1")
    best = run("recommend", "--user", "u1").splitlines()
    assert len(best) == 3, "what the user chose and what nobody chose is left out"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["neighbours", "Jaws"], "'Jaws' is neither an id nor a title of tiny"),
        (["neighbours", "twice"], r"Several .* f4 \(1994\), f5 \(1995\)"),
        (["neighbours", "Unseen"], "Nobody chose Unseen"),
        (["recommend"], "either --user ID or --likes"),
        (["recommend", "--user", "u1", "--likes", "f0"], "not both"),
        (["recommend", "--user", "u99"], "tiny has no user 'u99'"),
        (["recommend", "--likes", " , "], "No likes were given"),
        (["recommend", "--likes", "f6"], "Nobody chose any of these"),
        (["neighbours", "Alien", "--model", "absent"], "no factors in absent"),
    ],
)
def test_bad_input_is_one_sentence(arguments: list[str], sentence: str) -> None:
    run("fit", "--factors", "4")
    with pytest.raises(CfError, match=sentence):
        run(*arguments)
