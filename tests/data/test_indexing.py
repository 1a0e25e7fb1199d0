"""Text ids of items: OpenP5's three indexings, made by us and against OpenP5's own files."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.errors import DataError
from data.indexing import (
    IndexingKind,
    collaborative_indexing,
    make_indexing,
    random_indexing,
    read_text_ids,
    sequential_indexing,
)
from data.interactions import Interactions
from data.registry import load
from data.splits import leave_one_out

KINDS: tuple[IndexingKind, ...] = ("random", "sequential", "collaborative")


def histories(*items: list[int], starts: list[int] | None = None, n: int = 30) -> Interactions:
    """A user a history, whose times are positions, counted from the user's start."""
    catalogue = Catalogue("c", [Item(str(id), f"Film {id}") for id in range(n)])
    begin = starts or [0] * len(items)
    rows = [
        (f"u{user}", str(item), begin[user] + at)
        for user, history in enumerate(items)
        for at, item in enumerate(history)
    ]
    users, ids, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, ids, times, None, catalogue)


def cliques(groups: int, size: int, users: int) -> Interactions:
    """Users who each choose half of one group; group g holds the items g, g + groups, ..."""
    rng = np.random.default_rng(0)
    chosen = [
        (rng.permutation(size)[: size // 2] * groups + user % groups).tolist()
        for user in range(users)
    ]
    return histories(*chosen, n=groups * size)


def clusters_of(indexing: dict[int, str]) -> dict[int, str]:
    """Each item's id without its last token."""
    return {item: id.rpartition("<")[0] for item, id in indexing.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_gets_an_id_of_its_own(tiny_dataset: Dataset, kind: IndexingKind) -> None:
    train = leave_one_out(tiny_dataset.interactions).train
    indexing = make_indexing(kind, train, np.arange(20), seed=1)
    assert sorted(indexing) == list(range(20))
    assert len(set(indexing.values())) == 20
    assert all(id.startswith("item_") for id in indexing.values())
    assert make_indexing(kind, train, np.arange(20), seed=1) == indexing
    other = make_indexing(kind, train, np.arange(20), seed=2)
    assert (other == indexing) == (kind != "random")


def test_what_cannot_be_indexed_is_a_sentence() -> None:
    train = histories([1, 2, 3])
    for items, sentence in (
        ([], "empty catalogue"),
        ([1, 2, 3, 3], "named twice"),
        ([1, 2], "index 3 occurs in training and is not among"),
    ):
        with pytest.raises(DataError, match=sentence):
            make_indexing("random", train, items, seed=0)
    with pytest.raises(DataError, match="no alphabetic indexing; known are random"):
        make_indexing("alphabetic", train, [1, 2, 3], seed=0)  # type: ignore[arg-type]
    for clusters, leaf_size in ((1, 5), (6, 5)):
        with pytest.raises(DataError, match="at least 2 and at most 5"):
            collaborative_indexing(train, [1, 2, 3], clusters=clusters, leaf_size=leaf_size)


def test_random_ids_are_a_permutation_of_the_numbers_from_1001() -> None:
    ids = random_indexing(range(30), seed=1)
    assert sorted(ids.values()) == [str(1001 + n) for n in range(30)]
    assert list(ids.values()) != sorted(ids.values())


def test_sequential_ids_follow_the_histories() -> None:
    train = histories([4, 2, 9], [2, 7])
    ids = sequential_indexing(train, [0, 2, 4, 7, 9, 11])
    assert ids == {4: "1001", 2: "1002", 9: "1003", 7: "1004", 0: "1005", 11: "1006"}


def test_the_user_who_came_first_is_walked_through_first() -> None:
    train = histories([4, 2, 9], [2, 7], [5], starts=[50, 10, 50])
    assert list(sequential_indexing(train, range(30)))[:5] == [2, 7, 4, 9, 5]


def test_items_of_one_crowd_share_their_cluster() -> None:
    train = cliques(groups=4, size=10, users=80)
    ids = collaborative_indexing(train, range(40), clusters=4)
    prefixes = clusters_of(ids)
    assert len(set(prefixes.values())) == 4
    for group in range(4):
        assert len({prefixes[item] for item in range(group, 40, 4)}) == 1
    # Clusters and the items in them are numbered as they appear.
    first = int(train.items[0])
    assert ids[first] == "<CI0><CI0>"
    assert set(prefixes.values()) == {f"<CI{n}>" for n in range(4)}


def test_large_clusters_are_clustered_again_and_numbered_breadth_first() -> None:
    train = cliques(groups=2, size=30, users=60)
    ids = collaborative_indexing(train, range(60), clusters=3, leaf_size=8)
    assert len(set(ids.values())) == 60
    assert max(Counter(clusters_of(ids).values()).values()) <= 8
    tokens = {token for id in ids.values() for token in id.strip("<>").split("><")}
    assert tokens <= {f"CI{n}" for n in range(8)}
    assert {id.count("<") for id in ids.values()} > {3}


def test_items_outside_training_get_one_token() -> None:
    train = histories([1, 2, 3], [1, 2, 4], [3, 4, 2])
    ids = collaborative_indexing(train, [9, 1, 2, 3, 4, 5], clusters=2)
    assert (ids[9], ids[5]) == ("<CI0>", "<CI1>")
    assert all(ids[item].count("<") == 2 for item in (1, 2, 3, 4))


def test_items_that_nothing_tells_apart_are_still_parted() -> None:
    alone = histories(*[[item] for item in range(25)])
    ids = collaborative_indexing(alone, range(25), clusters=2, leaf_size=4)
    assert len(set(ids.values())) == 25
    assert max(Counter(clusters_of(ids).values()).values()) <= 4
    assert collaborative_indexing(histories([3]), [3]) == {3: "<CI0><CI0>"}
    assert len(set(collaborative_indexing(histories([3, 4]), [3, 4]).values())) == 2


def test_published_indexings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "item_random_indexing.txt"
    path.write_text("7 1002\n3 1001\n", encoding="utf-8")
    catalogue = Catalogue("c", [Item("3", "A"), Item("7", "B")])
    assert read_text_ids(path, catalogue, [0, 1]) == {1: "item_1002", 0: "item_1001"}
    assert read_text_ids(path, catalogue, [1]) == {1: "item_1002"}
    path.write_text("8 1002\n", encoding="utf-8")
    with pytest.raises(DataError, match="8"):
        read_text_ids(path, catalogue, [1])
    path.write_text("7 1002\n", encoding="utf-8")
    with pytest.raises(DataError, match="no id for 1 items of this catalogue, among them 3"):
        read_text_ids(path, catalogue, [0, 1])


@pytest.mark.assets
def test_ml_100k_is_indexed_as_openp5_published_it(shared_data: Path) -> None:
    """Sequential: the same id for every item; collaborative: the same twenty clusters."""
    dataset = load("ml-100k")
    same_as_published(dataset, shared_data / "openp5" / "ML100K")


def test_lastfm_is_indexed_as_openp5_published_it(shared_data: Path) -> None:
    folder = shared_data / "openp5" / "LastFM"
    same_as_published(load("lastfm", folder), folder)


def same_as_published(dataset: Dataset, folder: Path) -> None:
    train = leave_one_out(dataset.interactions).train
    items = dataset.interactions.active_items()
    path = folder / "item_sequential_indexing_original.txt"
    ours = make_indexing("sequential", train, items, seed=0)
    assert ours == read_text_ids(path, dataset.catalogue, items)
    path = folder / "item_collaborative_indexing_500_20_sequential.txt"
    ours = clusters_of(make_indexing("collaborative", train, items, seed=0))
    theirs = clusters_of(read_text_ids(path, dataset.catalogue, items))
    # Clusters differ in their numbers alone: OpenP5's hang on the hash of a Python process.
    pairs = {(ours[item], theirs[item]) for item in ours}
    assert len(pairs) == len(set(ours.values())) == len(set(theirs.values()))
