"""Old films and newer ones: what counts as old, and what "not that old" is newer than."""

import pytest

from app.engine import Engine
from app.session import Session
from tests.app.test_asking import CATALOGUE
from tests.app.test_engine import ask


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("old movies please", 1970),  # came from the nineties
        ("a really old horror movie", 1970),
        ("something old", 1970),  # came from the nineties
        ("old ones please", 1970),
        ("something old school", None),
        ("a plain old comedy", None),
        ("I have been enjoying old films lately", None),
        ("old films from the eighties", None),
    ],
)
def test_old_is_before_the_seventies(
    engine: Engine, session: Session, text: str, before: int | None
) -> None:
    _, cards = ask(engine, session, text)
    assert cards and session.now.filters.older_than == before
    assert before is None or all((CATALOGUE[card].year or 0) < before for card in cards)


def test_not_that_old_is_newer_than_what_came(engine: Engine, session: Session) -> None:
    """It came from 1969, between the films shown and 1970."""
    _, cards = ask(engine, session, "something old")
    newest = max(CATALOGUE[card].year or 0 for card in cards)
    _, cards = ask(engine, session, "ok something not that old")
    assert (session.now.filters.newer_than, session.now.filters.older_than) == (newest, None)
    assert all((CATALOGUE[card].year or 0) > newest for card in cards)
