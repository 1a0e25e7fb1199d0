"""OpenP5's prompt format: our file, theirs, and broken ones."""

from collections import Counter
from pathlib import Path

import pytest

from prompts.openp5 import load_openings, load_templates
from prompts.templates import FILES, Placeholder, PromptError


def test_our_file() -> None:
    prompts = load_templates()
    assert Counter((prompt.task, prompt.seen) for prompt in prompts) == {
        ("sequential", True): 10,
        ("sequential", False): 1,
        ("straightforward", True): 10,
        ("straightforward", False): 1,
    }
    assert len({prompt.input.text for prompt in prompts}) == len(prompts)
    for prompt in prompts:
        names = {"dataset", "user_id"} | ({"history"} if prompt.task == "sequential" else set())
        # A task may leave the data set's name out, but never the user or the history.
        assert names - {"dataset"} <= set(prompt.input.placeholders) <= names
        assert set(prompt.target.placeholders) == {"dataset", "target"}


def test_their_file_is_read_as_it_is(shared_data: Path) -> None:
    theirs = load_templates(shared_data / "openp5" / "prompt.txt")
    assert len(theirs) == 22
    assert [p.seen for p in theirs].count(False) == 2
    segments = theirs[0].input.render(dataset="ML100K", user_id="7", history=[1, 2])
    assert segments[1] == Placeholder("history", (1, 2))
    assert isinstance(segments[0], str)
    assert "ML100K user_7 has" in segments[0]
    ours = {prompt.input.text for prompt in load_templates()}
    assert not ours & {prompt.input.text for prompt in theirs}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("sequential; seen; Hello", "line 2: expected `task; seen|unseen; input; target`, found 3"),
        ("sequential; known; {history}; {target}", "must be seen or unseen, not 'known'"),
        ("sequential; seen; {history; {target}", "line 2: .* brace at position 0"),
        ("sequential; seen; {target}; {target}", "the input must not hold"),
    ],
)
def test_broken_lines(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "p.txt"
    path.write_text(f"a; seen; {{history}}; {{target}}\n{line}\n")
    with pytest.raises(PromptError, match=sentence.replace("|", r"\|")):
        load_templates(path)


@pytest.mark.parametrize(("task", "name"), [("sequential", "history"), ("straightforward", "user")])
def test_our_openings(task: str, name: str) -> None:
    openings = load_openings(task)
    assert {kind: len(words) for kind, words in openings.items()} == {"seen": 10, "unseen": 1}
    everything = [*openings["seen"], *openings["unseen"]]
    assert len(set(everything)) == 11
    inputs = {p.input.text for p in load_templates(FILES / "rank.txt") if p.task == task}
    assert inputs == {f"{words}{{{name}}}" for words in everything}


GOOD = "a; seen; Before {history}; \na; unseen; Later {history}; \n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("a; seen; {history}; ", "'{history}' must be words and one placeholder at its end"),
        ("a; seen; After {history} came; ", "one placeholder at its end"),
        ("a; seen; No placeholder; ", "one placeholder at its end"),
        ("a; seen; For {user} after {history}; ", "one placeholder at its end"),
        ("a; seen; Once {history} and again {history}; ", "one placeholder at its end"),
        ("a; seen; After {history; ", "has a brace"),
    ],
)
def test_openings_that_do_not_end_with_their_placeholder(
    tmp_path: Path, line: str, sentence: str
) -> None:
    path = tmp_path / "rank.txt"
    path.write_text(GOOD)
    assert load_openings("a", path) == {"seen": ("Before ",), "unseen": ("Later ",)}
    broken = tmp_path / "broken.txt"
    broken.write_text(GOOD + line)
    with pytest.raises(PromptError, match=sentence):
        load_openings("a", broken)


def test_openings_of_each_kind_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "rank.txt"
    path.write_text(GOOD + "b; seen; Alone {history}; ")
    for task in ("b", "c"):
        with pytest.raises(PromptError, match=rf"rank\.txt needs seen and unseen .* task {task}\."):
            load_openings(task, path)
    with pytest.raises(PromptError, match="cannot be read"):
        load_openings("a", tmp_path / "absent.txt")
