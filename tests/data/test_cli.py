"""The command line, run for real."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "data", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("verb", ["fetch", "show", "tie-order", "check"])
def test_help_has_an_example(verb: str) -> None:
    result = run(verb, "--help")
    assert result.returncode == 0
    assert f"Example: python -m data {verb}" in result.stdout


def test_errors_are_one_line() -> None:
    for arguments, sentence in (
        (("show", "nothing"), "There is no data set 'nothing'"),
        (("fetch", "nothing"), "There is nothing to fetch named 'nothing'"),
    ):
        result = run(*arguments)
        assert result.returncode == 1
        assert result.stderr.startswith(f"Error: {sentence}")
        assert result.stderr.count("\n") == 1


def test_check_passes() -> None:
    result = run("check")
    assert result.returncode == 0
    assert "5,373 texts" in result.stdout


def test_show(tmp_path: Path) -> None:
    (tmp_path / "user_sequence.txt").write_text("u 1 2 3\nv 3 2 1\n")
    result = run("show", "lastfm", "--from", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "LastFM artist 1" in result.stdout
    assert "100.00%" in result.stdout
