"""MovieLens: both file families give the same data, in OpenP5's order, on every machine."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from data import tie_order
from data.errors import DataError
from data.fetch import fetch
from data.movielens import (
    GENRES_100K,
    Film,
    read_ml_1m,
    read_ml_100k,
    read_ml_100k_films,
    read_ml_100k_ratings,
    rebuild_ml_100k_order,
    shipped_catalogue,
)
from data.openp5 import read_sequences
from data.splits import leave_one_out

RECBOLE_ITEMS = (
    "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
    "1\tSilly Film, A\t1990\tComedy Sci-Fi\n"
    "2\tunkonwn\tunkonwn\tunknown\n"
    "3\tOnly On Video (1995)\tV\tDrama\n"
    "4\tVie, La (Life)\t1980\tunknown\n"
)


def official_item(id: str, title: str, *genres: str) -> str:
    flags = "|".join("1" if genre in genres else "0" for genre in GENRES_100K)
    return f"{id}|{title}|01-Jan-1995||http://example.org/|{flags}\n"


def test_films_of_both_file_families(tmp_path: Path) -> None:
    recbole, official = tmp_path / "recbole", tmp_path / "official"
    recbole.mkdir()
    official.mkdir()
    (recbole / "ml-100k.item").write_text(RECBOLE_ITEMS, encoding="utf-8")
    (official / "u.item").write_text(
        official_item("1", "Silly Film, A (1990)", "Comedy", "Sci-Fi")
        + official_item("2", "unknown", "unknown")
        + official_item("3", "Only On Video (1995) (V)", "Drama")
        + official_item("4", "Vie, La (Life) (1980)", "unknown"),
        encoding="latin-1",
    )
    films = read_ml_100k_films(recbole)
    assert films == read_ml_100k_films(official)
    assert films == {
        "1": Film("Silly Film, A", 1990, ("Comedy", "Sci-Fi")),
        "2": Film("unknown", None, ()),
        "3": Film("Only On Video", 1995, ("Drama",)),
        "4": Film("Vie, La (Life)", 1980, ()),
    }


def test_defects_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"neither ml-100k\.item nor u\.item"):
        read_ml_100k_films(tmp_path)
    with pytest.raises(DataError, match=r"neither ml-100k\.inter nor u\.data"):
        read_ml_100k_ratings(tmp_path)
    (tmp_path / "u.data").write_text("1\t2\t3\t4\n1\t-2\t3\t4\n")
    with pytest.raises(DataError, match=r"u\.data, row 2: item_id -2 is negative"):
        read_ml_100k_ratings(tmp_path)
    (tmp_path / "ml-100k.item").write_text(RECBOLE_ITEMS, encoding="utf-8")
    with pytest.raises(DataError, match="not the films of MovieLens-100K: item 5 is missing"):
        read_ml_100k(tmp_path)


def test_shipped_catalogue() -> None:
    catalogue = shipped_catalogue()
    assert catalogue.ids == tuple(str(id) for id in range(1, 1683))
    assert catalogue[5].alternate_titles == ("Shanghai Triad", "Yao a yao, yao dao waipo qiao")
    assert catalogue[1].countries == ("UK", "US")
    assert catalogue[102].directors == ("Paul Sabella", "Larry Leker")
    known = [(246, 268), (297, 303), (304, 500), (305, 865), (876, 881), (1175, 1617), (1477, 1625)]
    for one, other in known:
        assert catalogue.twins[one - 1] == (other - 1,)
    assert catalogue.index_of("1003") in catalogue.twins
    assert catalogue.index_of("1444") not in catalogue.twins  # a remake, by another director


def test_tie_order_resource() -> None:
    """Known answer: the shipped permutation is the one that was compared with OpenP5's file."""
    order = tie_order.load_order()
    assert hashlib.sha256(order.astype("<i4").tobytes()).hexdigest() == (
        "f58e16246d6b26366a434f0a4a1e27531a1f71dfcfb6cc922e66931185b915b0"
    )


def test_tie_order_refusals(tmp_path: Path) -> None:
    path = tmp_path / "order.npz"
    tie_order.save_order(np.array([1, 0, 2]), path)
    assert tie_order.load_order(path).tolist() == [1, 0, 2]
    np.savez_compressed(path, offsets=np.array([1, 0, 0], np.int8))
    with pytest.raises(DataError, match="no permutation"):
        tie_order.load_order(path)
    path.write_bytes(b"PK no zip")
    with pytest.raises(DataError, match="cannot be read"):
        tie_order.load_order(path)


def test_make_order_keeps_users_and_times() -> None:
    """Against a plain sort, where no two rows of a user share a second."""
    rng = np.random.default_rng(0)
    users, items = rng.integers(0, 9, 400), np.arange(400)
    times = rng.permutation(400) * 10
    order = tie_order.make_order(users, items, times)
    assert order.tolist() == list(range(400))


@pytest.mark.assets
def test_ml_100k_known_answer() -> None:
    dataset = read_ml_100k(fetch("ml-100k"))
    interactions = dataset.interactions
    assert (len(dataset.catalogue), interactions.n_users) == (1682, 943)
    assert (len(interactions.active_items()), len(interactions)) == (1349, 99287)
    item = dataset.catalogue[dataset.catalogue.index_of("172")]
    assert (item.title, item.year, item.genres) == (
        "The Empire Strikes Back",
        1980,
        ("Action", "Adventure", "Drama", "Romance", "Sci-Fi", "War"),
    )
    unknown = dataset.catalogue[266]
    assert (unknown.year, unknown.genres, unknown.alternate_titles) == (None, (), ())
    assert "Yao a yao yao dao waipo qiao" in dataset.catalogue[5].alternate_titles
    assert interactions.digest == (
        "c29899bd5e029cc539c434dddc8438da570848f4f5c811c3ff4dcf5751bbca53"
    )
    assert leave_one_out(interactions).digest == (
        "0ba12b04a0ad7fe9d9d76d8c49c2d202dc0f8504cb481f8e7921df2debbe0375"
    )


@pytest.mark.assets
def test_ml_100k_equals_openp5(shared_data: Path) -> None:
    """Every user's sequence is the one in OpenP5's own file."""
    dataset = read_ml_100k(fetch("ml-100k"))
    theirs = read_sequences(shared_data / "openp5" / "ML100K" / "user_sequence.txt")
    ours = {
        user: [dataset.catalogue.ids[item] for item in sequence]
        for user, sequence in zip(
            dataset.interactions.user_ids, dataset.interactions.sequences(), strict=True
        )
    }
    assert ours == theirs


@pytest.mark.assets
def test_ml_100k_does_not_depend_on_row_order_or_family(tmp_path: Path) -> None:
    source = fetch("ml-100k")
    rows = (source / "ml-100k.inter").read_text().splitlines()[1:]
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    (tmp_path / "u.data").write_text("\n".join(shuffled) + "\n")
    films = read_ml_100k_films(source)
    with (tmp_path / "u.item").open("w", encoding="latin-1") as items:
        for id, film in films.items():
            title = film.title if film.year is None else f"{film.title} ({film.year})"
            items.write(official_item(id, title, *film.genres))
    ours, theirs = read_ml_100k(source), read_ml_100k(tmp_path)
    assert ours.interactions.digest == theirs.interactions.digest
    assert ours.catalogue.digest == theirs.catalogue.digest


@pytest.mark.assets
def test_altered_ml_100k_is_refused(tmp_path: Path) -> None:
    source = fetch("ml-100k")
    (tmp_path / "ml-100k.item").write_bytes((source / "ml-100k.item").read_bytes())
    header, *rows = (source / "ml-100k.inter").read_text().splitlines()
    for kept in (rows[:90_000], [row[:-1] + "0" for row in rows]):
        (tmp_path / "ml-100k.inter").write_text("\n".join([header, *kept]))
        with pytest.raises(DataError, match="not the interactions of MovieLens-100K"):
            read_ml_100k(tmp_path)


@pytest.mark.assets
def test_tie_order_can_be_made_again() -> None:
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    if "X86_V3" not in found:
        pytest.skip("needs an x86 processor whose SIMD sorts numpy can switch off")
    order = rebuild_ml_100k_order(fetch("ml-100k"))
    assert np.array_equal(order, tie_order.load_order())


MOVIES = "".join(
    f"{id}::Film {id}, The (a.k.a. F{id}) (19{id})::Drama|War\n" for id in range(90, 97)
)


def write_ml_1m(folder: Path) -> None:
    """5 users who all chose films 90-94; user 1 also film 95, which the 5-core drops."""
    folder.mkdir()
    (folder / "movies.dat").write_text(MOVIES.replace("Film 91", "Café"), encoding="latin-1")
    ratings = [f"{user}::{id}::4::{1000 - id}" for user in range(1, 6) for id in range(90, 95)]
    (folder / "ratings.dat").write_text("\n".join(["1::95::3::5", *ratings]) + "\n")


def test_ml_1m_folder_and_zip(tmp_path: Path) -> None:
    write_ml_1m(tmp_path / "ml-1m")
    with zipfile.ZipFile(tmp_path / "ml-1m.zip", "w") as archive:
        for path in (tmp_path / "ml-1m").iterdir():
            archive.write(path, f"ml-1m/{path.name}")
    folder, zipped = read_ml_1m(tmp_path / "ml-1m"), read_ml_1m(tmp_path / "ml-1m.zip")
    assert folder.catalogue.digest == zipped.catalogue.digest
    assert folder.interactions.digest == zipped.interactions.digest
    item = folder.catalogue[1]
    assert (item.title, item.year, item.genres) == ("The Café", 1991, ("Drama", "War"))
    assert item.alternate_titles == ("F91",)
    assert [s.tolist() for s in folder.interactions.sequences()] == [[4, 3, 2, 1, 0]] * 5


def test_ml_1m_sequences(tmp_path: Path) -> None:
    write_ml_1m(tmp_path / "a")
    (tmp_path / "a" / "ratings.dat").unlink()
    lines = [f"{user} 90 92 91 94 93" for user in range(1, 6)]
    (tmp_path / "a" / "sequences.txt").write_text("\n".join(lines))
    interactions = read_ml_1m(tmp_path / "a").interactions
    assert [s.tolist() for s in interactions.sequences()] == [[0, 2, 1, 4, 3]] * 5
    assert interactions.ratings is None
    assert interactions.times[:5].tolist() == [0, 1, 2, 3, 4]


def test_ml_1m_defects(tmp_path: Path) -> None:
    (tmp_path / "ml-1m.zip").write_bytes(b"half a zip")
    with pytest.raises(DataError, match="not a complete zip"):
        read_ml_1m(tmp_path / "ml-1m.zip")
    with pytest.raises(DataError, match=r"movies\.dat does not exist"):
        read_ml_1m(tmp_path)
    (tmp_path / "movies.dat").write_text(MOVIES)
    with pytest.raises(DataError, match=r"neither ratings\.dat nor sequences\.txt"):
        read_ml_1m(tmp_path)


def test_real_ml_1m(shared_data: Path) -> None:
    dataset = read_ml_1m(shared_data / "ml-1m")
    interactions = dataset.interactions
    assert (interactions.n_users, len(interactions.active_items())) == (6040, 3416)
    assert len(interactions) == 999_611
