import numpy as np
import pytest

from app.titles import TitleIndex
from app.unheard import Unheard
from data.catalogue import Catalogue, Item
from tests.app import fakes

CATALOGUE = fakes.catalogue()
INDEX = TitleIndex(CATALOGUE, np.linspace(200, 20, len(CATALOGUE), dtype=np.float32))
UNHEARD = Unheard(CATALOGUE, INDEX)


def found(text: str) -> list[str]:
    return [CATALOGUE[mention.item].title for mention in INDEX.find(text)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("I loved The Empire Strikes Back and Alien", ["The Empire Strikes Back", "Alien"]),
        ("empire strikes back was great", ["The Empire Strikes Back"]),
        ("Alien (1979) please", ["Alien"]),
        ("alien n aliens r both great", ["Alien", "Aliens"]),
        ("pulp ficton and blade runer", ["Pulp Fiction", "Blade Runner"]),
        ("when hary met sally", ["When Harry Met Sally"]),
        ("fargo. heat. scream", ["Fargo", "Heat", "Scream"]),
        ("E.T. and M*A*S*H", ["E.T. the Extra-Terrestrial", "M*A*S*H"]),
        ("lost in space vs 2001: a space odyssey", ["Lost in Space", "2001: A Space Odyssey"]),
        ("loved heat", ["Heat"]),
        ("I thought The Game was terrific", ["The Game"]),
        ("Alien's ending", ["Alien"]),
        ("yo heat is the GOAT", ["Heat"]),  # one shouted word made all capitals count
        ("loved scream = top", ["Scream"]),
        ("fargo. bound. the game.", ["Fargo", "Bound", "The Game"]),
        ("blade runner or the game?", ["Blade Runner", "The Game"]),
        ("bound or heat?", ["Bound", "Heat"]),
        ("grounhog day", ["Groundhog Day"]),
        ("the lion kin", ["The Lion King"]),
        ("my favourite is heat", ["Heat"]),
        ("the game was so slow", ["The Game"]),
        ("not the game, please", ["The Game"]),
        ("2001 was sooo boring", ["2001: A Space Odyssey"]),
        # The first one of a list after a colon was no name where it opened a "sentence".
        ("Some films I love: Scream, Heat and Bound.", ["Scream", "Heat", "Bound"]),
    ],
)
def test_films_named_are_found_in_order(text: str, titles: list[str]) -> None:
    assert found(text) == titles


@pytest.mark.parametrize(
    "text",
    [
        "seven people came and we watched the game on tv",
        "I can take the heat in the kitchen",
        "something in space with aliens in it that makes me scream",
        "no contact with anyone tonight",
        "we were bound to be late",
        "I want to grease the game of the day",
        "something shorter, or stranger?",
        "the game is played by two teams",
        "love, heat or rain, whatever comes",
        "he is bound, and the heat is unbearable",
        "",
        "🎬🍿",
    ],
)
def test_ordinary_words_name_no_film(text: str) -> None:
    assert found(text) == []


def test_mentions_point_at_the_words_that_name_them() -> None:
    text = "Well, Blade Runner it is."
    (mention,) = INDEX.find(text)
    assert text[mention.start : mention.end] == "Blade Runner"


@pytest.mark.parametrize(
    ("text", "name", "nearest"),
    [
        ('Do you have "The Lion Queen"?', "The Lion Queen", "The Lion King"),
        ("I loved Erin Brockovich.", "Erin Brockovich", None),
    ],
)
def test_an_unknown_title_is_named_with_the_nearest_known(
    text: str, name: str, nearest: str | None
) -> None:
    (unknown,) = UNHEARD.unknown(text, INDEX.find(text))
    assert unknown.text == name
    assert (None if unknown.nearest is None else CATALOGUE[unknown.nearest].title) == nearest


def test_a_known_title_is_not_unknown() -> None:
    text = 'I loved "Blade Runner" and Casablanca'
    assert UNHEARD.unknown(text, INDEX.find(text)) == []


SERIES = Catalogue(
    "s",
    [
        Item("1", "The Terminator", year=1984),
        Item("2", "Terminator 2: Judgment Day", year=1991),
        Item("3", "Die Hard", year=1988),
        Item("4", "Die Hard 2", year=1990),
        Item("5", "Die Hard: With a Vengeance", year=1995),
        Item("6", "The Godfather", year=1972),
        Item("7", "The Godfather: Part II", year=1974),
        Item("8", "Fargo", year=1996),
        Item("9", "Alien", year=1979),
        Item("10", "Aliens", year=1986),
        Item("11", "Sabrina", year=1954),
        Item("12", "Sabrina", year=1995),
    ],
)
PARTS = TitleIndex(SERIES, np.linspace(20, 10, len(SERIES), dtype=np.float32))


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("the second terminator", "2"),
        ("terminator 2", "2"),
        ("die hard 3", "5"),
        ("the third die hard", "5"),
        ("godfather part 2", "7"),
        ("the godfather", "6"),
        ("the second alien", "10"),
        ("saw fargo 2 times", "8"),
        ("I love Die Hard, three of us do", "3"),  # found the third one
        ("Sabrina (1995)", "12"),
        ("sabrina from 1954", "11"),
        ("the 1995 Sabrina", "12"),
    ],
)
def test_parts_of_a_series_and_versions(text: str, id: str) -> None:
    (mention,) = PARTS.find(text)
    assert SERIES.ids[mention.item] == id


def test_a_film_listed_twice_counts_once_in_its_series() -> None:
    """Regression: a film with a twin was in no series, so that its sequel was not found."""
    by = {"directors": ("A",)}
    films = [
        Item("1", "Robot", 1984, **by),
        Item("2", "Robot", 1984, **by),
        Item("3", "Robot Returns", 1991, **by),
    ]
    index = TitleIndex(Catalogue("few", films), np.array([9, 5, 3], dtype=np.float32))
    assert [mention.item for mention in index.find("I loved the second Robot")] == [2]
    assert [mention.item for mention in index.find("I loved the original Robot")] == [0]


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("my top 5: Heat, Zardoz, Fargo, Alien, Quiz Lady", ["Zardoz", "Quiz Lady"]),
        ("my top 5: Heat, Fargo, Alien", []),
    ],
)
def test_films_of_a_list_that_are_not_here(text: str, unknown: list[str]) -> None:
    assert [title.text for title in UNHEARD.unknown(text, INDEX.find(text))] == unknown


def test_a_title_with_an_and_is_one_of_a_list() -> None:
    """Regression: "Notting Hill" was a wish."""
    films = [Item("1", "Four Weddings and a Funeral", 1994, synopsis="Weddings and a funeral.")]
    catalogue = Catalogue("one", films)
    index = TitleIndex(catalogue, np.ones(1, dtype=np.float32))
    text = "I enjoyed Four Weddings and a Funeral, Notting Hill and Love Actually"
    unknown = Unheard(catalogue, index).unknown(text, index.find(text))
    assert [title.text for title in unknown] == ["Notting Hill", "Love Actually"]


def test_a_film_goes_by_its_name_without_whose_it_is() -> None:
    """Regression: "I liked Romeo and Juliet" was a wish for a film "Romeo and Juliet"."""
    films = [
        Item("1", "William Shakespeare's Romeo + Juliet", 1996, synopsis="Romeo and Juliet love."),
        Item("2", "My Best Friend's Wedding", 1997, synopsis="A wedding."),
        Item("3", "Love Is All There Is", 1996, synopsis="A Romeo weds Juliet."),
    ]
    index = TitleIndex(Catalogue("few", films), np.array([9, 5, 4], dtype=np.float32))
    assert [mention.item for mention in index.find("I liked Romeo and Juliet though")] == [0]
    assert [mention.item for mention in index.find("loved Romeo + Juliet")] == [0]
    assert not index.find("I liked the Wedding though")
