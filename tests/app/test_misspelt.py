"""Titles as people type them, over the whole shipped catalogue."""

import random
import re

import numpy as np
import pytest

from app.titles import TitleIndex
from data.elm24 import load as load_elm24
from data.movielens import shipped_catalogue

CATALOGUE = shipped_catalogue()
INDEX = TitleIndex(CATALOGUE, np.linspace(2, 1, len(CATALOGUE), dtype=np.float32))
TITLES = [
    (number, re.sub(r"\s*\(.*?\)", "", item.title).lower())
    for number, item in enumerate(CATALOGUE)
    if not re.search(r"\W\W|\d", item.title)
][::4]
FRAMES = ("i loved {}", "my fave is {} tbh", "anything like {}?", "not {} again pls")


def dropped(word: str, at: int) -> str:
    return word[:at] + word[at + 1 :]


def swapped(word: str, at: int) -> str:
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def doubled(word: str, at: int) -> str:
    return word[:at] + word[at] + word[at:]


@pytest.mark.parametrize("slip", [None, dropped, swapped, doubled])
def test_most_titles_are_found_in_plain_typing(slip: object) -> None:
    """ "my fave is ransom tbh", "blade runer", "acsino" and "princes bride" were overlooked."""
    rng = random.Random(0)
    asked = right = 0
    for number, title in TITLES:
        words = re.sub(r"^(the|an?) ", "", title).split()
        if slip is not None:
            longest = max(range(len(words)), key=lambda at: len(words[at]))
            if len(words[longest]) < 6:
                continue
            words[longest] = slip(words[longest], rng.randrange(1, len(words[longest])))  # type: ignore[operator]
        text = rng.choice(FRAMES).format(" ".join(words))
        own = CATALOGUE.with_twins([number])
        asked += 1
        right += any(mention.item in own for mention in INDEX.find(text))
    assert asked > 100
    assert right / asked > (0.95 if slip is None else 0.9)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("princes bride was great", "The Princess Bride"),
        ("seen blade runer already", "Blade Runner"),
        ("i know what u did last sumer was bad", "I Know What You Did Last Summer"),
        ("much ado about noting", "Much Ado About Nothing"),
        ("i loved alin", "Alien"),
        ("i loved acsino", "Casino"),
        ("loved in & out", "In & Out"),
        ("i loved little women", "Little Women"),
        ("mystery science theater 3000: the movie", "Mystery Science Theater 3000: The Movie"),
    ],
)
def test_titles_that_were_overlooked(text: str, title: str) -> None:
    assert [CATALOGUE[mention.item].title for mention in INDEX.find(text)] == [title]


def test_texts_about_films_name_next_to_none() -> None:
    """None of ELM-24's texts names a film; all that is found in them is a mistake."""
    examples = load_elm24(CATALOGUE).examples[::25]
    sentences = [s for e in examples for s in re.split(r"(?<=[.!?])\s+", e.text.lower())]
    wrong = [s for s in sentences if INDEX.find(s)]
    assert len(sentences) > 400
    assert len(wrong) < 0.03 * len(sentences), wrong
