from pathlib import Path

import pytest

from eval.errors import EvalError
from eval.transcripts import Transcripts

ABOUT = {"seed": 0, "part": "test"}
MADE = {"commit": "a", "machine": {"cores": 2}}


def records(*users: str) -> list[dict[str, str]]:
    return [{"user": user, "said": "é\n"} for user in users]


def opened(path: Path, made: dict[str, object] = MADE) -> Transcripts:
    return Transcripts.at(path, ABOUT, made, "user")


def test_what_is_missing_is_added_and_the_rest_kept(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "a.jsonl"
    opened(path).add(iter(records("1", "2")), MADE)
    held = opened(path)
    assert held.missing(["2", "3", "1", "4"]) == ["3", "4"]
    held.add(iter(records("3", "4")), MADE)
    again = opened(path)
    assert again.missing(["1", "2", "3", "4"]) == []
    assert again.chosen(["4", "1"]) == records("4", "1")
    assert Transcripts.at(path, ABOUT, MADE, "user", again=True).records == []


def test_a_line_that_was_cut_off_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    opened(path).add(iter(records("1", "2")), MADE)
    whole = path.read_text()
    path.write_text(whole[:-5])
    held = opened(path)
    assert held.missing(["1", "2"]) == ["2"]
    held.add(iter(records("2")), MADE)
    assert path.read_text() == whole


def test_a_record_is_on_disk_before_the_next_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"

    def stopped():  # type: ignore[no-untyped-def]
        yield from records("1")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        opened(path).add(stopped(), MADE)
    assert opened(path).missing(["1", "2"]) == ["2"]


def test_runs_are_not_mixed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    opened(path).add(iter(records("1")), MADE)
    with pytest.raises(EvalError, match=r"another run \(seed differ\).*--again"):
        Transcripts.at(path, ABOUT | {"seed": 1}, MADE, "user")
    # Figures of a whole file may be made by later code, but conversations of it not added.
    other = {"commit": "b", "machine": {"cores": 2}}
    later = opened(path, other)
    assert later.made == MADE
    with pytest.raises(EvalError, match="1 records of another commit or machine"):
        later.add(iter(records("2")), other)
    path.write_text("{}\nnonsense\n{}\n")
    with pytest.raises(EvalError, match="line 2 is no JSON"):
        opened(path)
