"""What the words around a film say of it; titles are blanked as the reader blanks them."""

import re

import pytest

from app.feelings import Feelings, Place, feelings


def felt(text: str) -> Feelings:
    """Of the films 0, 1, ... that stand in `text` as runs of underscores."""
    places = [Place(i, *m.span(), named=True) for i, m in enumerate(re.finditer(r"_+", text))]
    return feelings(text, places)


@pytest.mark.parametrize(
    ("text", "liked", "disliked"),
    [
        ("I thought _______ vile.", (), (0,)),
        ("We both found _______ merely unpleasant.", (), (0,)),
        ("_______ was pathetic", (), (0,)),
        ("everyone raves about _______ but I thought it was miserable", (), (0,)),
        ("I loved _______ for its lines, and found ____ flat.", (0,), (1,)),
    ],
)
def test_words_that_damn_a_film_when_said_of_it(
    text: str, liked: tuple[int, ...], disliked: tuple[int, ...]
) -> None:
    """Found in chats of other people: only the words of our own list were known."""
    assert (felt(text).liked, felt(text).disliked) == (liked, disliked)


@pytest.mark.parametrize("text", ["I thought _______ devastating", "_______ is so sad, loved it"])
def test_a_film_may_be_sad_and_loved(text: str) -> None:
    assert felt(text).disliked == ()


def test_a_word_of_the_wish_is_not_about_the_film() -> None:
    assert felt("something nasty and vicious like _______").disliked == ()
    assert felt("a vile villain, as in _______").disliked == ()


@pytest.mark.parametrize(
    "text", ["____ I know", "____ we've seen, ", "I liked it. ____ I already saw."]
)
def test_a_film_before_what_was_done_with_it_is_seen(text: str) -> None:
    """ "Four Weddings I know" liked it."""
    assert felt(text).seen == (0,) and not felt(text).liked
