"""The best rows by product and by cosine, exact and from an index."""

import logging
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cf import nearest
from cf.errors import CfError
from cf.factors import Factors
from cf.mapped import mapped
from cf.nearest import Nearest, write_index

N, WIDTH = 3000, 33  # BPR's factors have an odd width


@pytest.fixture
def rows() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(N, WIDTH)).astype(np.float32)


@pytest.fixture
def wanted() -> NDArray[np.bool_]:
    return np.arange(N) % 7 != 0


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "LARGE", 1000)


def slow(
    rows: NDArray[np.float32], wanted: NDArray[np.bool_], vector: NDArray[np.float32], k: int
) -> list[int]:
    scored = sorted((-float(rows[at] @ vector), at) for at in range(len(rows)) if wanted[at])
    return [at for _, at in scored[:k]]


@pytest.mark.parametrize("k", [1, 10, 2000, N])
def test_the_best_rows_are_those_of_a_sort(
    rows: NDArray[np.float32], wanted: NDArray[np.bool_], k: int
) -> None:
    vector = rows[5] + rows[6]
    items, scores = Nearest(rows, wanted).top(vector, k)
    assert items.tolist() == slow(rows, wanted, vector, k)
    np.testing.assert_allclose(scores, rows[items] @ vector, rtol=1e-5)
    without = np.array([int(items[0]), 0])
    assert Nearest(rows, wanted).top(vector, k, without=without)[0].tolist() == (
        slow(rows, wanted & (np.arange(N) != items[0]), vector, k)
    )


def test_equal_ones_come_in_their_order() -> None:
    rows = np.ones((50, 2), np.float32)
    items, _ = Nearest(rows, np.ones(50, np.bool_)).top(rows[0], 5)
    assert items.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("cosine", [False, True])
def test_an_index_finds_nearly_all_of_them(
    rows: NDArray[np.float32],
    wanted: NDArray[np.bool_],
    tmp_path: Path,
    large: None,
    cosine: bool,
) -> None:
    rows *= np.random.default_rng(1).uniform(0.2, 3, (N, 1)).astype(np.float32)
    path = tmp_path / "index"
    write_index(path, rows, wanted, cosine=cosine)
    indexed = Nearest(rows, wanted, cosine=cosine, index=path)
    assert indexed._index is not None
    exact = Nearest(rows, wanted, cosine=cosine)
    kept = []
    for query in np.random.default_rng(2).normal(size=(20, WIDTH)).astype(np.float32):
        right, scores = exact.top(query, 20)
        found, approximate = indexed.top(query, 20)
        kept.append(len(set(found) & set(right)) / 20)
        assert np.all(np.diff(approximate) <= 0)
        same = np.isin(right, found)
        np.testing.assert_allclose(approximate[np.isin(found, right)], scores[same], rtol=1e-4)
        assert wanted[found].all()
    assert np.mean(kept) >= 0.98
    # Whoever asks for all of them gets all of them, and what is left out is not among them.
    everything, _ = indexed.top(rows[1], N, without=np.array([1]))
    assert sorted(everything) == sorted(set(np.flatnonzero(wanted)) - {1})


def test_small_catalogues_have_no_index(
    rows: NDArray[np.float32], wanted: NDArray[np.bool_], tmp_path: Path
) -> None:
    stale = tmp_path / "index"
    stale.write_bytes(b"of another catalogue")
    write_index(stale, rows, wanted)
    assert not stale.exists()


def test_without_faiss_a_warning_and_the_exact_answer(
    rows: NDArray[np.float32],
    wanted: NDArray[np.bool_],
    tmp_path: Path,
    large: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = tmp_path / "index"
    write_index(path, rows, wanted)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with caplog.at_level(logging.WARNING):
        found, _ = Nearest(rows, wanted, index=path).top(rows[3], 10)
    assert found.tolist() == slow(rows, wanted, rows[3], 10)
    assert [record.message for record in caplog.records if "faiss" in record.message]


def test_an_index_of_other_rows_is_named(
    rows: NDArray[np.float32], wanted: NDArray[np.bool_], tmp_path: Path, large: None
) -> None:
    path = tmp_path / "index"
    write_index(path, rows, wanted)
    with pytest.raises(CfError, match=r"3,000 items 33 wide"):
        Nearest(rows, np.ones(N, np.bool_), index=path)
    path.write_bytes(b"half an index")
    with pytest.raises(CfError, match="cannot be read"):
        Nearest(rows, wanted, index=path)


def test_factors_of_a_large_catalogue_are_saved_with_their_indexes(
    rows: NDArray[np.float32], wanted: NDArray[np.bool_], tmp_path: Path, large: None
) -> None:
    items = np.where(wanted[:, None], rows, np.float32(0))
    made = Factors(items, rows[:5], wanted, "als", {"regularization": 1.0})
    made.save(tmp_path)
    loaded = Factors.load(tmp_path)
    assert loaded._products._index is not None
    assert loaded._cosines._index is not None
    found, right = loaded.best(rows[0], 5, without=[1, 2]), made.best(rows[0], 5, without=[1, 2])
    assert [item for item, _ in found] == [item for item, _ in right]
    assert [score for _, score in found] == pytest.approx([score for _, score in right])
    assert [n for n, _ in loaded.neighbours(1, 5)] == [n for n, _ in made.neighbours(1, 5)]


def test_saving_over_the_file_that_is_mapped(
    rows: NDArray[np.float32], wanted: NDArray[np.bool_], tmp_path: Path
) -> None:
    Factors(rows, rows[:5], wanted, "als", {}).save(tmp_path)
    loaded = Factors.load(tmp_path)
    loaded.save(tmp_path)
    np.testing.assert_array_equal(loaded.items, rows)
    np.testing.assert_array_equal(Factors.load(tmp_path).items, rows)


def test_nothing_is_read_before_it_is_looked_at(
    rows: NDArray[np.float32], wanted: NDArray[np.bool_], tmp_path: Path
) -> None:
    Factors(rows, rows[:0], wanted, "als", {}).save(tmp_path)
    arrays = mapped(tmp_path / "factors.safetensors")
    assert isinstance(arrays["items"], np.memmap)
    np.testing.assert_array_equal(arrays["items"], rows)
    np.testing.assert_array_equal(arrays["known"], wanted)
    assert arrays["users"].shape == (0, WIDTH)
