"""What may be and need not: "subtitles are fine", "horror is ok too"."""

import pytest

from app.engine import Engine
from app.session import Filters, Session
from app.wishes import adds, permitted, wish_of
from tests.app.test_asking import read
from tests.app.test_engine import ask


@pytest.mark.parametrize(
    ("text", "wish", "may"),
    [
        ("with subtitles is ok", "", "foreign"),  # asked for foreign films
        ("subtitles are fine with me", "", "foreign"),
        ("a little violence is ok", "", "little violence"),
        ("black comedies", "black comedies", ""),
        ("black and white is fine", "", "black-and-white"),  # left a wish for "black"
        ("twist endings are fine too", "twist endings", "twist endings"),
        ("is it ok for kids?", "", ""),
    ],
)
def test_what_may_be_is_no_wish(text: str, wish: str, may: str) -> None:
    assert (wish_of(text)[0], permitted(text)) == (wish, may)
    assert adds(text) == bool(may)


def test_a_genre_that_is_fine_too_is_added() -> None:
    """ "Horror is fine too" after "comedy" asked for no genre at all."""
    asked = Filters().updated(read("a comedy", (), None))
    assert asked.updated(read("horror is fine too")).genres_in == {"Comedy", "Horror"}
    ruled_out = Filters().updated(read("no horror", (), None))
    assert ruled_out.updated(read("horror is ok after all")) == Filters()
    assert Filters().updated(read("horror is fine", (), None)) == Filters()
    needless = asked.updated(read("it needn't be a comedy"))
    assert needless == Filters()


def test_what_is_allowed_again_is_avoided_no_longer(engine: Engine, session: Session) -> None:
    ask(engine, session, "nothing violent please")
    assert session.now.avoid == "violent"
    ask(engine, session, "a little violence is ok")
    assert not session.now.avoid


def test_neo_noir_is_a_tag_and_no_film_noir() -> None:
    """What was left of it was a wish for "neo-"."""
    said = read("neo-noir is fine too")
    assert (said.wish, said.genres_in, said.genres_free) == ("neo-noir", set(), set())
