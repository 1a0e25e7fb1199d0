from pathlib import Path

import numpy as np
import pytest

from app import fitting
from app.candidates import TASTE_COLUMNS
from app.loading import RANKER
from app.parts import Parts
from cf.ranker import Ranker
from data.dataset import Dataset
from tests.app import fakes


def test_the_ranker_is_fitted_on_validation_items_and_saved(
    tiny_dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = tiny_dataset.catalogue
    encoder, factors = fakes.FakeEncoder(), fakes.FakeFactors(films)
    texts = encoder.encode([films.text(index, "catalogue") for index in range(len(films))])
    popularity = np.ones(len(films), dtype=np.float32)
    model = fakes.FakeModel(factors)
    parts = Parts(films, popularity, factors, model, encoder, texts)
    monkeypatch.setattr(fitting, "load_parts", lambda weights: parts)
    monkeypatch.setattr(fitting, "load", lambda name: tiny_dataset)

    found = fitting.fit(tmp_path, seed=1)

    assert {"ranker", "fusion", *TASTE_COLUMNS} == set(found)
    assert all(0 <= value <= 1 for row in found.values() for value in row.values())
    # Users keep to one of two groups of films, which the factors know and popularity does not.
    assert found["als"]["NDCG@10"] > found["popularity"]["NDCG@10"]
    assert Ranker.load(tmp_path / RANKER).columns == TASTE_COLUMNS
