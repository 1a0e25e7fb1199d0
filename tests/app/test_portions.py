"""So many of one kind and so many of another."""

import pytest

from app.engine import Engine
from app.portions import portions
from app.session import Session
from tests.app.test_asking import CATALOGUE, read
from tests.app.test_engine import ask

COMEDY, DRAMA, WAR = frozenset({"Comedy"}), frozenset({"Drama"}), frozenset({"War"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2 comedies and 1 drama please", ((COMEDY, 2), (DRAMA, 1))),
        ("one comedy, one drama and two war films", ((COMEDY, 1), (DRAMA, 1), (WAR, 2))),
        ("a romcom plus two dramas", ((COMEDY | {"Romance"}, 1), (DRAMA, 2))),
        ("a comedy and a drama", ()),  # one that is both may do
        ("two comedies or one drama", ()),
        ("2 comedies", ()),
        ("one horror fan and two comedies", ()),
        ("6 comedies and 6 dramas", ()),
        ("", ()),
    ],
)
def test_portions(text: str, told: tuple[tuple[frozenset[str], int], ...]) -> None:
    assert portions(text) == told


def test_as_many_of_each_kind_come(engine: Engine, session: Session) -> None:
    """ "2 comedies and 1 drama" brought two dramas."""
    assert read("2 comedies and 1 horror", (), None).count == 3
    _, cards = ask(engine, session, "2 comedies and 1 horror")
    kinds = [CATALOGUE[card].genres for card in cards]
    assert ["Comedy" in genres for genres in kinds[:2]] == [True, True]
    assert len(cards) == 3
    assert "Horror" in kinds[2]
