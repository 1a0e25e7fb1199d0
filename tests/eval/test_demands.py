import pytest

from data.catalogue import Item
from eval.demands import NO_DEMANDS, Demands

ALIEN = Item("1", "Alien", 1979, ("Horror", "Sci-Fi"), directors=("Ridley Scott",), cast=("S. W.",))


@pytest.mark.parametrize(
    ("demands", "broken"),
    [
        (NO_DEMANDS, []),
        (Demands(no_genres=frozenset({"Horror", "War"})), ["no Horror"]),
        (Demands(no_people=frozenset({"Ridley Scott"})), ["no Ridley Scott"]),
        (Demands(no_people=frozenset({"S. W."})), ["no S. W."]),
        (Demands(first_year=1979, last_year=1979), []),
        (Demands(first_year=1980), ["1980 or later"]),
        (Demands(last_year=1978), ["1978 or earlier"]),
    ],
)
def test_what_a_film_breaks_and_how_it_is_dropped(demands: Demands, broken: list[str]) -> None:
    assert demands.broken_by(ALIEN) == broken
    for name in broken:
        assert demands.without(name).broken_by(ALIEN) == []
    assert demands.without("Comedy") == demands


def test_a_film_without_a_year_breaks_demands_about_years() -> None:
    undated = Item("2", "Undated")
    assert Demands(first_year=1900).broken_by(undated) == ["1900 or later"]
    assert Demands(last_year=2000).broken_by(undated) == ["2000 or earlier"]
