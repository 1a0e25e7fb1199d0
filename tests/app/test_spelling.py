"""Chat spellings and misspelt genres."""

import pytest

from app.spelling import put_right
from tests.app.test_asking import AT, READER, read

NAMES = READER._titles.names


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("i wanna watch horrer movie", "i wanna watch horror movie"),  # found nothing of the kind
        ("romntic comdies pls", "romantic comedies pls"),
        ("lookin for smth funny", "looking for something funny"),  # was a wish for "lookin"
        ("any1 know a movei bout robots", "anyone know a movie about robots"),
        ("older then 1990", "older than 1990"),  # came from 1990
        ("something older then", "something older then"),
        ("smth comfy", "something comfy"),
        ("a robot", "a robot"),
        ("", ""),
    ],
)
def test_what_is_meant(text: str, right: str) -> None:
    assert put_right(text, (), NAMES) == right


def test_names_of_films_stay_as_they_are() -> None:
    assert put_right("wat about Wat", [(10, 13)], NAMES) == "what about Wat"
    assert read("wat about Heat?", (), None).named == (AT["Heat"],)


def test_a_misspelt_genre_is_wanted() -> None:
    said = read("lookin for a horrer older then 1990", (), None)
    assert (said.genres_in, said.year_max, said.wish) == ({"Horror"}, 1989, "")
