"""OpenP5's folders, Amazon's names, and the registry above them."""

import json
from pathlib import Path

import pytest

from data.amazon import read_titles, with_titles
from data.errors import DataError
from data.openp5 import read_indexing, read_openp5, read_sequences
from data.registry import SOURCES, load


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_sequences(tmp_path: Path) -> None:
    path = write(tmp_path, "s.txt", "7 30 10 20\n5 10\n")
    assert read_sequences(path) == {"7": ["30", "10", "20"], "5": ["10"]}
    for content, sentence in (
        ("7 1\n8\n", "line 2: user 8 has no items"),
        ("7 1\n7 2\n", "line 2: user 7 has a line already"),
        ("7 1 -2\n", "line 1: the id -2 is negative"),
    ):
        with pytest.raises(DataError, match=sentence):
            read_sequences(write(tmp_path, "s.txt", content))


def test_read_openp5(tmp_path: Path) -> None:
    write(tmp_path, "user_sequence.txt", "7 30 100 20\n5 100\n")
    dataset = read_openp5(tmp_path, "lastfm", "Artist")
    assert dataset.catalogue.ids == ("20", "30", "100")
    assert dataset.catalogue[2].title == "Artist 100"
    assert dataset.interactions.user_ids == ("7", "5")
    assert [s.tolist() for s in dataset.interactions.sequences()] == [[1, 2, 0], [2]]
    write(tmp_path, "user_sequence.txt", "7 30 100 30\n")
    with pytest.raises(DataError, match="User 7 has the item with index 0 twice"):
        read_openp5(tmp_path, "lastfm", "Artist")


def test_indexing(tmp_path: Path) -> None:
    path = write(tmp_path, "i.txt", "B00X <CI0><CI1>\nB00Y 1002\n")
    assert read_indexing(path) == {"B00X": "<CI0><CI1>", "B00Y": "1002"}
    for content, sentence in (
        ("B00X\n", "line 1: expected an item and its text id"),
        ("B00X 1\nB00X 2\n", "line 2: B00X or 2 occurs a second time"),
        ("B00X 1\nB00Y 1\n", "line 2: B00Y or 1 occurs a second time"),
    ):
        with pytest.raises(DataError, match=sentence):
            read_indexing(write(tmp_path, "i.txt", content))


def test_amazon_titles(tmp_path: Path) -> None:
    write(tmp_path, "item_id_to_int.json", json.dumps({"B00X": 0, "B00Y": 1, "B00Z": 2}))
    write(
        tmp_path,
        "products_lookup.csv",
        ',global_product_id,name\n0,1,"Soap, mild &amp;  soft"\n1,2,\n2,0,Brush\n',
    )
    titles = read_titles(tmp_path)
    assert titles == {"B00X": "Brush", "B00Y": "Soap, mild & soft"}
    write(tmp_path, "user_sequence.txt", "u B00Z B00Y\n")
    catalogue = load("beauty", tmp_path, titles=tmp_path).catalogue
    assert [item.title for item in catalogue] == ["Soap, mild & soft", "Beauty B00Z"]
    with pytest.raises(DataError, match="None of these product names belongs"):
        with_titles(load("beauty", tmp_path), {"B0": "x"})
    write(tmp_path, "products_lookup.csv", ",id,name\n0,1,Soap\n")
    with pytest.raises(DataError, match="no column 'global_product_id'"):
        read_titles(tmp_path)


def test_registry_refusals(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data set 'ml-2m'; known are ml-100k, ml-1m, beauty"):
        load("ml-2m")
    for name in set(SOURCES) - {"ml-100k"}:
        with pytest.raises(DataError, match=f"{name} has to be read from a folder"):
            load(name)
    with pytest.raises(DataError, match="nowhere does not exist"):
        load("beauty", tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "folder", "counts"),
    [
        ("beauty", "Beauty", (22363, 12101, 198502)),
        ("clothing", "Clothing", (39387, 23033, 278677)),
        ("lastfm", "LastFM", (1090, 3646, 52551)),
    ],
)
def test_real_folders(
    shared_data: Path, name: str, folder: str, counts: tuple[int, int, int]
) -> None:
    dataset = load(name, shared_data / "openp5" / folder)
    interactions = dataset.interactions
    assert (interactions.n_users, len(dataset.catalogue), len(interactions)) == counts
    assert interactions.k_core(5).digest == interactions.digest
    for path in (shared_data / "openp5" / folder).glob("item_*.txt"):
        assert set(read_indexing(path)) == set(dataset.catalogue.ids)


def test_real_beauty_titles(shared_data: Path) -> None:
    folder = shared_data / "openp5" / "Beauty"
    catalogue = load("beauty", folder, titles=shared_data / "amazon-beauty").catalogue
    plain = sum(item.title.startswith("Beauty B0") for item in catalogue)
    assert plain < 20
