"""What a card names of the wish it was found by."""

import pytest

from app.engine import Engine
from app.reasons import Reasons
from app.session import State
from tests.app.test_asking import AT


@pytest.mark.parametrize(
    ("wish", "film", "said"),
    [
        ("a car", "Grease", "is tagged cars, as you asked"),  # three letters were no word
        ("wry", "Fargo", "is wry in mood, as you asked"),
        ("houses, nun", "The Sound of Music", "is tagged nuns, as you asked"),
        ("robot", "Star Wars", "is tagged robots, as you asked"),
        ("father", "The Lion King", "is tagged father and son"),  # was "as you asked"
    ],
)
def test_a_wish_is_named_as_the_film_has_it(
    engine: Engine, wish: str, film: str, said: str
) -> None:
    told = [
        reason
        for reason in Reasons(engine.parts).of(AT[film], State(wish=wish))
        if reason.kind == "wish"
    ]
    assert ["".join(map(str, reason.long)) for reason in told] == [said]
