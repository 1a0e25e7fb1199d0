import pytest

from app.filters import allowed, barred, one_of_twins, relaxations
from app.session import Filters, Session, State
from app.session_json import from_json, to_json
from app.understanding import Understanding
from data.errors import IlmChatError
from tests.app import fakes

CATALOGUE = fakes.catalogue()
AT = {item.title: index for index, item in enumerate(CATALOGUE)}
AMY, AMY_AGAIN = 30, 31


def titles(filters: Filters, bar: set[int] | None = None) -> set[str]:
    return {CATALOGUE[i].title for i in allowed(CATALOGUE, filters, bar or set())}


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(genres_in=frozenset({"Comedy", "War"})),
        Filters(genres_out=frozenset({"Horror", "Drama"})),
        Filters(year_min=1980, year_max=1989),
        Filters(people=("Ridley Scott", "David Fincher")),
        Filters(years_out=((1980, 1989), (1995, 1995))),
        Filters(people_out=("Ridley Scott",), genres_in=frozenset({"Sci-Fi"})),
        Filters(genres_in=frozenset({"Sci-Fi"}), genres_out=frozenset({"Action"}), year_max=1990),
    ],
)
def test_allowed_is_what_a_slow_reading_of_each_film_allows(filters: Filters) -> None:
    expected = set()
    for item in CATALOGUE:
        fits = not filters.genres_in or any(g in filters.genres_in for g in item.genres)
        fits = fits and not any(g in filters.genres_out for g in item.genres)
        assert item.year is not None
        fits = fits and (filters.year_min is None or item.year >= filters.year_min)
        fits = fits and (filters.year_max is None or item.year <= filters.year_max)
        fits = fits and not any(a <= item.year <= b for a, b in filters.years_out)
        fits = fits and not any(p in filters.people_out for p in item.directors)
        fits = fits and (not filters.people or any(p in filters.people for p in item.directors))
        if fits:
            expected.add(item.title)
    assert titles(filters) == expected


def test_what_is_known_never_comes_back_nor_does_its_twin() -> None:
    state = State(likes=(0,), dislikes=(1,), seen=(2,), shown=(3, AMY))
    assert barred(state, [4], CATALOGUE) == {0, 1, 2, 3, 4, AMY, AMY_AGAIN}


def test_a_film_listed_twice_is_kept_once() -> None:
    assert one_of_twins([5, AMY_AGAIN, AMY, 6], CATALOGUE) == [5, AMY_AGAIN, 6]


def test_relaxations_count_what_each_dropped_constraint_would_give() -> None:
    filters = Filters(genres_in=frozenset({"Western"}), year_max=1950)
    assert titles(filters) == set()
    assert relaxations(CATALOGUE, filters, set()) == [("Western", 1), ("1950 or earlier", 1)]


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("drop Comedy", ["no Horror", "1980 or later"]),
        ("drop “no horror”", ["Comedy", "1980 or later"]),
        ("please drop the year", ["Comedy", "no Horror"]),
        ("drop 1980 or later.", ["Comedy", "no Horror"]),
    ],
)
def test_a_constraint_can_be_dropped_by_its_name(message: str, left: list[str]) -> None:
    filters = Filters(frozenset({"Comedy"}), frozenset({"Horror"}), 1980)
    dropped = filters.dropped(message)
    assert dropped is not None and dropped.constraints() == left
    assert filters.dropped("a comedy, please") is None


def test_the_newest_word_about_a_genre_wins() -> None:
    first = Filters().updated(Understanding("recommend", genres_out=frozenset({"Horror"})))
    then = first.updated(Understanding("recommend", genres_in=frozenset({"Horror"})))
    assert then == Filters(genres_in=frozenset({"Horror"}))
    last = then.updated(Understanding("recommend", genres_out=frozenset({"Horror"})))
    assert last == Filters(genres_out=frozenset({"Horror"}))


def test_liking_takes_back_disliking_and_a_second_press_releases() -> None:
    session = Session()
    session.toggle("dislike", 5)
    session.toggle("like", 5)
    assert session.now.likes == (5,) and session.now.dislikes == ()
    session.toggle("like", 5)
    assert not session.now.likes


def test_a_state_survives_the_way_through_json() -> None:
    state = State(
        likes=(1, 2),
        dislikes=(3,),
        seen=(4,),
        shown=(5, 6),
        cards=(6,),
        filters=Filters(frozenset({"War"}), frozenset({"Drama"}), 1970, 1990, ("Ridley Scott",)),
        wish="space",
        avoid="guns",
        turn=3,
    )
    assert from_json(to_json(state, CATALOGUE), CATALOGUE) == state
    assert from_json(None, CATALOGUE) == State()


@pytest.mark.parametrize(
    "held", [5, {"likes": "50"}, {"likes": ["no such id"]}, {"year_min": "1990"}, {"turn": []}]
)
def test_a_broken_session_is_refused_in_a_sentence(held: object) -> None:
    with pytest.raises(IlmChatError, match="session"):
        from_json(held, CATALOGUE)


@pytest.mark.parametrize(
    ("held", "said", "after"),
    [
        ((1980, 1989), (None, None), (1980, 1989)),
        ((None, 1979), (1970, None), (1970, 1979)),
        ((1970, None), (None, 1979), (1970, 1979)),
        ((None, 1979), (1990, None), (1990, None)),
        ((1990, None), (None, 1979), (None, 1979)),
        ((1980, 1989), (1960, 1969), (1960, 1969)),
        ((1980, 1989), (1985, None), (1985, 1989)),
    ],
)
def test_one_bound_of_the_years_leaves_the_other(
    held: tuple[int | None, int | None],
    said: tuple[int | None, int | None],
    after: tuple[int | None, int | None],
) -> None:
    """Regression: after "before 1980", "nothing before 1970" lifted the 1979 limit."""
    filters = Filters(year_min=held[0], year_max=held[1])
    now = filters.updated(Understanding("critique", year_min=said[0], year_max=said[1]))
    assert (now.year_min, now.year_max) == after


def test_years_ruled_out_stay_so_until_they_are_asked_for() -> None:
    filters = Filters().updated(Understanding("recommend", years_out=((1980, 1989),)))
    assert filters.constraints() == ["not 1980 to 1989"]
    assert filters.updated(Understanding("recommend", year_min=1970)).years_out == ((1980, 1989),)
    assert not filters.updated(Understanding("recommend", year_min=1985, year_max=1985)).years_out
    assert not filters.without("not 1980 to 1989").years_out
    dropped = filters.dropped("drop the decade")
    assert dropped is not None and not dropped.years_out
    state = State(filters=filters)
    assert from_json(to_json(state, CATALOGUE), CATALOGUE) == state
    for wrong in ([1980, 1989], [[1980]], "1980", [["a", "b"]]):
        with pytest.raises(IlmChatError, match="pairs of years"):
            from_json({"years_out": wrong}, CATALOGUE)
