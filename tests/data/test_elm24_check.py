"""ELM-24's rules: each is broken once, and the shipped texts' own count is known."""

import pytest

from data import elm24
from data.catalogue import Catalogue, Item
from data.elm24 import Elm24, Example, Task
from data.elm24_check import RULES, Rules, check, describe, outside
from data.movielens import shipped_catalogue

TASKS = {
    "summary": Task("summary", "Sum up {item}.", (10, 20), None),
    "five_positive_characteristics": Task(
        "five_positive_characteristics", "Five of {item}.", (10, 20), None
    ),
    "similarities": Task("similarities", "{item} and {other}?", (10, 20), "other"),
}
GOOD = "A tired clerk in New York learns late that love has a price."
FIVE = "one good thing; two good things; three; four very good ones; five"


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue(
        "films",
        [
            Item(
                "1",
                "The Long Road (A Estrada)",
                alternate_titles=("Way Out",),
                directors=("Jo De Lean",),
                cast=("Mary Stone",),
                synopsis="Sera leaves New York. A stone hits detective Marge on a road in Iowa.",
            ),
            Item("2", "Up", synopsis="In Iowa old Carl flies. Bo, his dog, is from New York."),
            Item("3", "The Long Road (A Estrada)", directors=("Jo De Lean",)),
        ],
    )


def broken(catalogue: Catalogue, text: str, task: str = "summary", **items: int) -> list[str]:
    return [f.rule for f in Rules(catalogue, TASKS).faults(task, {"item": 0} | items, text)]


def test_good_texts_break_no_rule(catalogue: Catalogue) -> None:
    assert broken(catalogue, GOOD) == []
    assert broken(catalogue, f"{GOOD[:-1]} “at last.”") == []
    assert broken(catalogue, FIVE, "five_positive_characteristics") == []
    assert broken(catalogue, GOOD, "similarities", other=1) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("one two three four five six seven.", ["length"]),  # 8 are tolerated
        ("one two three four five six seven eight.", []),
        ("word " * 20 + "end.", []),
        ("word " * 21 + "end.", ["length"]),  # 21.4 words are
        (GOOD[:-1], ["ending"]),
        (GOOD + " And", ["ending"]),
        (GOOD.replace("clerk", "{item}"), ["mark"]),
        (GOOD.replace("clerk", "**clerk**"), ["mark"]),
        (GOOD.replace("in", "\n"), ["mark"]),
        (GOOD.replace("clerk", "the long road"), ["title"]),
        (GOOD.replace("clerk", "A ESTRADA"), ["title"]),
        (GOOD.replace("clerk", "way out"), ["title"]),
        (GOOD.replace("clerk", "way outside"), []),
        (GOOD.replace("clerk", "Mary"), ["person"]),
        (f"Stone by stone, {GOOD}", []),  # an ordinary word that opens a sentence
        (f"He met Stone. {GOOD}", ["person"]),
        (f"Lean acts. {GOOD}", ["person"]),
        (GOOD.replace("clerk", "Marge"), ["name"]),
        (f"Sera's woe. {GOOD}", ["name"]),
        (GOOD.replace("clerk", "Carl"), []),  # of another film
    ],
)
def test_each_rule(catalogue: Catalogue, text: str, rules: list[str]) -> None:
    assert broken(catalogue, text) == rules


def test_lists_have_five_parts(catalogue: Catalogue) -> None:
    for text in (FIVE.replace(";", ",", 1), FIVE + "; six", FIVE.replace("three", "")):
        assert "ending" in broken(catalogue, text, "five_positive_characteristics")


def test_the_second_item_counts_too(catalogue: Catalogue) -> None:
    carl = GOOD.replace("clerk", "Carl")
    assert broken(catalogue, carl, "similarities", other=1) == ["name"]
    assert broken(catalogue, GOOD, "similarities", other=0) == ["pair"]
    assert broken(catalogue, GOOD, "similarities", other=2) == ["pair"]  # the same film again


def test_very_short_titles_are_words_too(catalogue: Catalogue) -> None:
    """`It` and `Up` would forbid half of all sentences."""
    assert broken(catalogue, f"Up or up, {GOOD}", item=1) == []
    assert broken(catalogue, GOOD.replace("clerk", "fan of Up"), item=1) == ["title"]


def test_check_and_describe(catalogue: Catalogue) -> None:
    examples = [
        Example("summary", {"item": 0}, GOOD, "train"),
        Example("summary", {"item": 1}, GOOD, "train"),
        Example("summary", {"item": 0}, "Mary, Stone and Marge.", "train"),
    ]
    texts = Elm24(TASKS, tuple(examples))
    findings = check(texts, catalogue)
    assert [(f.example is examples[1], f.fault.rule) for f in findings] == [
        (True, "twice"),
        (False, "length"),
        (False, "person"),
        (False, "person"),
        (False, "name"),
    ]
    lines = describe(texts, findings)
    assert lines[0] == "1 of 3 are outside the words asked for"
    assert f"1 person: {RULES['person']}" in lines  # texts are counted, not findings
    assert f"0 title: {RULES['title']}" in lines


def test_the_shipped_texts() -> None:
    """The counts that the card gives."""
    catalogue = shipped_catalogue()
    texts = elm24.load(catalogue)
    assert outside(texts) == 25
    lines = describe(texts, check(texts, catalogue))
    counts = {line.split()[1].rstrip(":"): line.split()[0] for line in lines[1:]}
    assert counts == dict.fromkeys(RULES, "0") | {"person": "1", "name": "116"}
