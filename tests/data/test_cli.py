"""The command line, run for real."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "data", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize(
    "verb", ["fetch", "show", "tie-order", "check", "elm24-check", "elm24-write"]
)
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


def test_elm24_commands_refuse_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "user_sequence.txt").write_text("u 1 2 3\nv 3 2 1\n")
    data = ("--dataset", "lastfm", "--from", str(tmp_path))
    write = ("elm24-write", *data, "--out", str(tmp_path / "out"), "--model", "m", "--url", "x")
    for arguments, sentence in (
        (write, "Name either --items or --count"),
        ((*write, "--items", "9"), "Item 9 is not in the catalogue lastfm"),
        ((*write, "--count", "9"), "9 items are wanted, but lastfm has 3"),
        ((*write, "--items", "1, 2"), "'x' is no address"),
        (("elm24-check", str(tmp_path / "t.csv"), *data), "The file"),
    ):
        result = run(*arguments)
        assert result.returncode == 1
        assert result.stderr.startswith(f"Error: {sentence}")
        assert result.stderr.count("\n") == 1


def test_elm24_check_lists_faults(tmp_path: Path) -> None:
    (tmp_path / "user_sequence.txt").write_text("u 1 2 3\nv 3 2 1\n")
    table = tmp_path / "t.csv"
    table.write_text("item,task,text\n2,summary,LastFM artist 2 is loud\n")
    result = run("elm24-check", str(table), "--dataset", "lastfm", "--from", str(tmp_path))
    assert result.returncode == 1
    assert "item 2, summary: it has 5 words instead of 30 to 60\n" in result.stdout
    assert "item 2, summary: it names the title 'LastFM artist 2'\n" in result.stdout
    assert "1 of 1 are outside the words asked for" in result.stdout


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
