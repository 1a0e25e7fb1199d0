"""Genres and years that a message states, and what it says of them."""

import pytest

from app.constraints import stated_genres, stated_years


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("a comedy but not horror", {"Comedy"}, {"Horror"}),
        ("anything but horror", set(), {"Horror"}),
        ("no musicals", set(), {"Musical"}),
        ("no romance or comedy, please", set(), {"Romance", "Comedy"}),
        ("no romance, no comedy, a western", {"Western"}, {"Romance", "Comedy"}),
        ("science fiction", {"Sci-Fi"}, set()),
        ("i hate westerns", set(), {"Western"}),
        ("a rom-com", {"Comedy", "Romance"}, set()),
        ("i dont want a thriller", set(), {"Thriller"}),
        ("something scary", set(), set()),
        ("not only comedy", {"Comedy"}, set()),
        ("the youngest is 6", {"Children's"}, set()),  # was a wish for films of the young
        ("our eldest is 40", set(), set()),
        ("my kid loves trains", {"Children's"}, set()),  # brought train robberies
        ("he is 3", {"Children's"}, set()),
        ("film 4 kids 5 and 7 years", {"Children's"}, set()),
        ("in live action", set(), {"Animation"}),  # kept to action
        ("my son loves horror", {"Horror"}, set()),
    ],
)
def test_genres_and_their_negations(text: str, wanted: set[str], unwanted: set[str]) -> None:
    genres = stated_genres(text)
    assert ({*genres.wanted}, {*genres.unwanted}) == (wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("from the eighties", 1980, 1989),
        ("90s", 1990, 1999),
        ("the '70s", 1970, 1979),
        ("1980s", 1980, 1989),
        ("early 90s", 1990, 1993),
        ("before 1990", None, 1989),
        ("older than 1970", None, 1969),
        ("nothing older than 1980", 1980, None),
        ("after 1990", 1991, None),
        ("since 1985", 1985, None),
        ("between 1990 and 1995", 1990, 1995),
        ("from the 60s to the 80s", 1960, 1989),
        ("made in 1977", 1977, 1977),
        ("1990 or later", 1990, None),
        ("90 minutes for 20 people", None, None),
        ("not 2001, that was boring", None, None),
        ("before 1950 and after 1990", 1991, 1949),
        ("the eighties or nineties", 1980, 1999),  # an example of the page got the eighties alone
        ("from the late 60s and early 70s", 1966, 1973),
        ("movies from my childhood, I was born in 1985", 1989, 1997),  # found films of childhood
        ("I was born in 1970, something from my teens", 1982, 1989),
        ("films of my youth", None, None),
        ("a drama set in the 1950s", None, None),  # kept to films from then
        ("set before 1900", None, None),
        ("set in the twenties or thirties", None, None),
        ("set in Paris, from the 60s", 1960, 1969),
        ("drop the ones before 1980", 1980, None),  # kept to them
        ("skip anything after 1990", None, 1990),
        ("or 97", 1997, 1997),  # went on with the year before
        ("one of 20 films", None, None),
        ("no Horror before 1970, but from the 80s or 90s", 1980, 1999),
    ],
)
def test_years(text: str, low: int | None, high: int | None) -> None:
    assert stated_years(text)[:2] == (low, high)
