from dataclasses import replace

import numpy as np

from app.onboarding import grid
from data.catalogue import Catalogue
from tests.app import fakes

FILMS = fakes.catalogue()
POPULARITY = np.linspace(200, 20, len(FILMS), dtype=np.float32)


def test_the_first_is_the_most_popular_and_the_others_differ_from_it() -> None:
    chosen = grid(FILMS, POPULARITY, count=12)
    assert chosen[0] == 0 and len({*chosen}) == 12
    genres = {genre for item in chosen for genre in FILMS[item].genres}
    popular = {genre for item in range(12) for genre in FILMS[item].genres}
    assert len(genres) > len(popular) + 3
    assert len({(FILMS[item].year or 0) // 10 for item in chosen}) >= 5


def test_each_step_takes_the_film_of_the_greatest_weight() -> None:
    # Worked by hand: the second of a genre weighs 0.4 of its popularity, of a decade 0.8.
    rows = [("a", 1990, "X", 100), ("b", 1991, "X", 99), ("c", 1985, "Y", 50), ("d", 1995, "X", 90)]
    films = Catalogue(
        "tiny",
        [replace(FILMS[0], id=id, title=id, year=year, genres=(g,)) for id, year, g, _ in rows],
    )
    popularity = np.array([weight for *_, weight in rows], dtype=np.float32)
    # After a: b 99 * 0.4 * 0.8 = 31.7, c 50. After a, c: b 31.7, d 90 * 0.4 * 0.8 = 28.8.
    assert grid(films, popularity, count=3) == [0, 2, 1]


def test_none_of_those_before_nor_a_twin_comes_and_a_small_catalogue_gives_what_it_has() -> None:
    first = grid(FILMS, POPULARITY, count=18)
    rest = grid(FILMS, POPULARITY, count=18, without=first)
    assert not {*first} & {*rest}
    every = grid(FILMS, POPULARITY, count=99)
    assert len(every) == 35 and len({30, 31} & {*every}) == 1  # Chasing Amy is listed twice
    assert grid(FILMS, np.zeros(len(FILMS), dtype=np.float32)) == []
