import numpy as np
import pytest

from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.interactions import Interactions
from tests.eval.fakes import Ilm


@pytest.fixture
def dataset() -> Dataset:
    """30 users and 20 items, the last two of which nobody chose."""
    rng = np.random.default_rng(0)
    sequences = [rng.choice(18, size=rng.integers(5, 9), replace=False) for _ in range(30)]
    lengths = [len(sequence) for sequence in sequences]
    items = np.concatenate(sequences).astype(np.int32)
    interactions = Interactions(
        np.repeat(np.arange(30), lengths).astype(np.int32),
        items,
        np.arange(len(items), dtype=np.int64),
        None,
        tuple(f"u{user}" for user in range(30)),
        20,
    )
    catalogue = Catalogue("tiny", [Item(str(n), f"Film {n}") for n in range(20)])
    return Dataset("tiny", catalogue, interactions)


@pytest.fixture
def ilm(monkeypatch: pytest.MonkeyPatch) -> Ilm:
    return Ilm(monkeypatch)
