"""The renderer: nothing missing, nothing unknown, nothing interpreted twice."""

import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.templates import (
    Placeholder,
    PromptError,
    Segment,
    Template,
    load_template,
)


def test_render() -> None:
    template = Template("{user} liked {history}; why not {item}, {name}?")
    assert template.placeholders == ("user", "history", "item", "name")
    assert template.render(user=3, history=[5, 7], item=np.int32(9), name="Ann") == [
        Placeholder("user", (3,)),
        " liked ",
        Placeholder("history", (5, 7)),
        "; why not ",
        Placeholder("item", (9,)),
        ", Ann?",
    ]


def test_arrays_and_empty_histories() -> None:
    template = Template("{history}{history}")
    segments = template.render(history=np.array([1, 2], np.int32))
    assert segments == [Placeholder("history", (1, 2))] * 2
    assert isinstance(segments[0], Placeholder)
    assert all(type(item) is int for item in segments[0].items)
    assert template.render(history=()) == [Placeholder("history", ())] * 2


def test_text_values_are_joined_and_never_read_again() -> None:
    template = Template("a {x} b {y}")
    assert template.render(x="{y} {0.__class__} {", y="%s \\1") == [
        "a {y} {0.__class__} { b %s \\1"
    ]
    assert Template("{x}").render(x="") == []


def test_missing_and_unknown_names() -> None:
    template = Template("{item} and {other}")
    with pytest.raises(PromptError, match=r"needs a value for \{other\}"):
        template.render(item=1)
    with pytest.raises(PromptError, match=r"has no placeholder \{user\}"):
        template.render(item=1, other=2, user=3)


@pytest.mark.parametrize("value", [1.5, None, [1, "2"], [0.5], {1: 2.0}.values()])
def test_values_of_another_kind(value: object) -> None:
    with pytest.raises(PromptError, match=r"The value of \{item\} must be text, an index"):
        Template("{item}").render(item=value)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["{", "a } b", "{}", "{0}", "{a.b}", "{a!r}", "{a:>9}", "{{a}}"])
def test_stray_braces(text: str) -> None:
    with pytest.raises(PromptError, match="has a brace at position"):
        Template(text)


pieces = st.one_of(
    st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(["item", "user", "name"]).map(lambda name: (name,)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(pieces, max_size=8), st.text(string.printable + "{}", max_size=8))
def test_render_equals_slow_version(parts: list[str | tuple[str]], name: str) -> None:
    """Concatenating the pieces one by one gives what the renderer gives."""
    text = "".join(part if isinstance(part, str) else f"{{{part[0]}}}" for part in parts)
    values = {"item": 4, "user": (6,), "name": name}
    expected: list[Segment] = []
    for part in parts:
        if isinstance(part, tuple) and part[0] != "name":
            expected.append(Placeholder(part[0], (4,) if part[0] == "item" else (6,)))
            continue
        words = part if isinstance(part, str) else name
        if expected and isinstance(expected[-1], str):
            expected[-1] += words
        elif words:
            expected.append(words)
    template = Template(text)
    used = {key: values[key] for key in template.placeholders}
    assert template.render(**used) == expected  # type: ignore[arg-type]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    with pytest.raises(PromptError, match="cannot be read"):
        load_template(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PromptError, match=r"p\.txt is not UTF-8 text"):
        load_template(path)
    path.write_text("\n")
    with pytest.raises(PromptError, match=r"p\.txt is empty"):
        load_template(path)
