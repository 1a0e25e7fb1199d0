"""Titles as people write them."""

import pytest

from data.titles import move_article, split_year, title_forms, unique


@pytest.mark.parametrize(
    ("written", "natural"),
    [
        ("Empire Strikes Back, The", "The Empire Strikes Back"),
        ("Boot, Das", "Das Boot"),
        ("Enfer, L'", "L'Enfer"),
        ("Maybe, Maybe Not", "Maybe, Maybe Not"),
        ("Cook the Thief His Wife & Her Lover, The", "The Cook the Thief His Wife & Her Lover"),
        ("The", "The"),
    ],
)
def test_move_article(written: str, natural: str) -> None:
    assert move_article(written) == natural


@pytest.mark.parametrize(
    ("written", "forms"),
    [
        ("Seven (Se7en)", ("Seven", "Se7en")),
        (
            "Shanghai Triad (Yao a yao yao dao waipo qiao)",
            ("Shanghai Triad", "Yao a yao yao dao waipo qiao"),
        ),
        ("Blue Angel, The (Blaue Engel, Der)", ("The Blue Angel", "Der Blaue Engel")),
        ("Professional, The (a.k.a. Leon)", ("The Professional", "Leon")),
        ("Nosferatu (nosferatu)", ("Nosferatu",)),
        ("Alien", ("Alien",)),
    ],
)
def test_title_forms(written: str, forms: tuple[str, ...]) -> None:
    assert title_forms(written) == forms


def test_split_year() -> None:
    assert split_year("Toy Story (1995)") == ("Toy Story", 1995)
    assert split_year("2001: A Space Odyssey (1968) ") == ("2001: A Space Odyssey", 1968)
    assert split_year("1984") == ("1984", None)


def test_unique() -> None:
    assert unique(["Heat", "heat", "Fire", "Cold"], without="FIRE") == ("Heat", "Cold")
