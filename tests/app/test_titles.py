import numpy as np
import pytest

from app.titles import TitleIndex
from tests.app import fakes

CATALOGUE = fakes.catalogue()
INDEX = TitleIndex(CATALOGUE, np.linspace(200, 20, len(CATALOGUE), dtype=np.float32))


def found(text: str) -> list[str]:
    return [CATALOGUE[mention.item].title for mention in INDEX.find(text)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("I loved The Empire Strikes Back and Alien", ["The Empire Strikes Back", "Alien"]),
        ("empire strikes back was great", ["The Empire Strikes Back"]),
        ("Alien (1979) please", ["Alien"]),
        ("alien n aliens r both great", ["Alien", "Aliens"]),
        ("pulp ficton and blade runer", ["Pulp Fiction", "Blade Runner"]),
        ("when hary met sally", ["When Harry Met Sally"]),
        ("fargo. heat. scream", ["Fargo", "Heat", "Scream"]),
        ("E.T. and M*A*S*H", ["E.T. the Extra-Terrestrial", "M*A*S*H"]),
        ("lost in space vs 2001: a space odyssey", ["Lost in Space", "2001: A Space Odyssey"]),
        ("loved heat", ["Heat"]),
        ("I thought The Game was terrific", ["The Game"]),
        ("Alien's ending", ["Alien"]),
    ],
)
def test_films_named_are_found_in_order(text: str, titles: list[str]) -> None:
    assert found(text) == titles


@pytest.mark.parametrize(
    "text",
    [
        "seven people came and we watched the game on tv",
        "I can take the heat in the kitchen",
        "something in space with aliens in it that makes me scream",
        "no contact with anyone tonight",
        "we were bound to be late",
        "",
        "🎬🍿",
    ],
)
def test_ordinary_words_name_no_film(text: str) -> None:
    assert found(text) == []


def test_mentions_point_at_the_words_that_name_them() -> None:
    text = "Well, Blade Runner it is."
    (mention,) = INDEX.find(text)
    assert text[mention.start : mention.end] == "Blade Runner"


@pytest.mark.parametrize(
    ("text", "name", "nearest"),
    [
        ('Do you have "The Lion Queen"?', "The Lion Queen", "The Lion King"),
        ("I loved Erin Brockovich.", "Erin Brockovich", None),
    ],
)
def test_an_unknown_title_is_named_with_the_nearest_known(
    text: str, name: str, nearest: str | None
) -> None:
    (unknown,) = INDEX.unknown(text, INDEX.find(text))
    assert unknown.text == name
    assert (None if unknown.nearest is None else CATALOGUE[unknown.nearest].title) == nearest


def test_a_known_title_is_not_unknown() -> None:
    text = 'I loved "Blade Runner" and Casablanca'
    assert INDEX.unknown(text, INDEX.find(text)) == []
