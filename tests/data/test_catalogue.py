"""Catalogue: the id map, twins, texts, what it refuses."""

from dataclasses import replace

import pytest

from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.errors import DataError


def film(id: str, title: str, *directors: str, year: int | None = None) -> Item:
    return Item(id, title, year=year, directors=directors)


def test_position_is_index(tiny_dataset: Dataset) -> None:
    catalogue = tiny_dataset.catalogue
    assert len(catalogue) == 20
    assert [catalogue.index_of(id) for id in catalogue.ids] == list(range(20))
    assert catalogue[catalogue.index_of("105")].id == "105"
    assert [item.id for item in catalogue] == list(catalogue.ids)
    assert catalogue[2:4] == (catalogue[2], catalogue[3])


def test_unknown_id_is_named(tiny_dataset: Dataset) -> None:
    with pytest.raises(DataError, match="Item 999 is not in the catalogue tiny"):
        tiny_dataset.catalogue.index_of("999")


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ([], "has no items"),
        ([Item("1", "A"), Item("1", "B")], "lists item 1 twice"),
        ([Item("1", "  ")], "no title"),
        ([Item("1", "A", year=19)], "no year 19"),
    ],
)
def test_refusals(items: list[Item], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        Catalogue("c", items)


def test_genres_are_sorted_and_unique(tiny_dataset: Dataset) -> None:
    assert tiny_dataset.catalogue.genres == ("Comedy", "Romance", "Sci-Fi", "Thriller")


def test_twins() -> None:
    catalogue = Catalogue(
        "c",
        [
            film("a", "Heat", "One", "Two", year=1995),
            film("b", "Cape Fear", "Old"),
            film("c", "heat!", "two", "one", year=1996),
            film("d", "Cape Fear", "New"),
            film("e", "Untold"),
            film("f", "Untold"),
            film("g", "Heat", "Two", "One"),
        ],
    )
    assert catalogue.twins == {0: (2, 6), 2: (0, 6), 6: (0, 2)}


def test_texts() -> None:
    full = Item(
        "1",
        "Orbit",
        2001,
        ("Drama", "Sci-Fi"),
        directors=("Ann Lee",),
        cast=("Bo", "Cy"),
        synopsis="They wait.",
        tags=("space",),
        moods=("calm",),
        countries=("UK", "US"),
        languages=("English",),
    )
    catalogue = Catalogue("c", [full, Item("2", "Who?")])
    assert catalogue.text(0, "title") == "Orbit (2001)"
    assert catalogue.text(0, "title+genres") == "Orbit (2001): Drama, Sci-Fi"
    assert catalogue.text(0, "story") == "Drama, Sci-Fi. They wait. Themes: space. Mood: calm."
    assert catalogue.text(0, "catalogue") == (
        "Orbit (2001). Drama, Sci-Fi. Directed by Ann Lee. With Bo, Cy. They wait. "
        "Themes: space. Mood: calm. UK, US, English."
    )
    assert {catalogue.text(1, s) for s in ("title", "title+genres", "catalogue")} == {"Who?"}


def test_digest_follows_content_only(tiny_dataset: Dataset) -> None:
    items = list(tiny_dataset.catalogue)
    assert Catalogue("tiny", items).digest == tiny_dataset.catalogue.digest
    changed = [replace(items[0], tags=("other",)), *items[1:]]
    others = [Catalogue("tiny", changed), Catalogue("tiny", items[::-1]), Catalogue("x", items)]
    assert len({tiny_dataset.catalogue.digest, *(other.digest for other in others)}) == 4
    assert Catalogue("c", [Item("1", "A")]).digest == (
        "61427b95c88f2ddb541faf7cc27c6c131122d6fc78ea318fda1c523f74b47217"
    )
