import numpy as np
import pytest
import torch

from cf.factors import Factors
from data.catalogue import Catalogue
from data.errors import IlmChatError
from ilm.signals import Signals, Standardisation, item_signals, user_signals
from ilm.text import TextEncoder
from tests.ilm.conftest import MakeModel


def test_signals_are_on_one_scale(signals: Signals) -> None:
    assert signals.widths == {"cf": 8, "transitions": 8, "text": 32}
    for name in signals.vectors:
        vectors = signals.vectors[name][signals.present[name], 0]
        assert torch.allclose(vectors.mean(0), torch.zeros(vectors.shape[1]), atol=1e-4)
        assert torch.allclose(vectors.std(0, correction=0), torch.ones(vectors.shape[1]), atol=1e-3)


def test_an_item_nobody_chose_has_no_cf_signal(
    factors: Factors, catalogue: Catalogue, encoder_folder: object
) -> None:
    known = factors.known.copy()
    known[[2, 17]] = False
    items = np.where(known[:, None], factors.items, 0)
    some = Factors(items, factors.users, known, factors.method, factors.settings)
    steps = np.random.default_rng(0).random((20, 6), np.float32)
    signals = item_signals(some, catalogue, TextEncoder(str(encoder_folder)), steps)
    for name in ("cf", "transitions"):
        assert signals.present[name].tolist() == known.tolist()
        assert (signals.vectors[name][[2, 17]] == 0).all()
    assert signals.present["text"].all()
    # The scale is that of the known ones.
    assert torch.allclose(
        signals.vectors["cf"][torch.from_numpy(known), 0].mean(0), torch.zeros(8), atol=1e-4
    )


def test_users_are_standardised_by_users(factors: Factors) -> None:
    signals = user_signals(factors.users, Standardisation.of(factors.users))
    assert signals.vectors["user"].shape == (12, 1, 8)
    assert torch.allclose(signals.vectors["user"].mean(0), torch.zeros(1, 8), atol=1e-4)


def test_a_constant_dimension_is_no_division_by_zero() -> None:
    vectors = np.array([[1.0, 5.0], [3.0, 5.0]], np.float32)
    assert Standardisation.of(vectors)(vectors).tolist() == [[-1, 0], [1, 0]]


def test_factors_of_another_catalogue_are_refused(
    factors: Factors, catalogue: Catalogue, encoder_folder: object
) -> None:
    fewer = Catalogue("fewer", list(catalogue)[:-1])
    with pytest.raises(IlmChatError, match="factors cover 20 items and the catalogue 19"):
        item_signals(factors, fewer, TextEncoder(str(encoder_folder)))


def test_modalities_must_cover_the_same_items(signals: Signals) -> None:
    with pytest.raises(IlmChatError, match="must cover the same items"):
        Signals({**signals.vectors, "cf": signals.vectors["cf"][:3]}, signals.present)


def test_an_unknown_modality_is_named(make_model: MakeModel) -> None:
    with pytest.raises(IlmChatError, match="no signal 'smell'; known are cf, transitions, text"):
        make_model(modalities=("cf", "smell"))


def test_a_model_of_one_modality_reads_it_alone(make_model: MakeModel) -> None:
    model = make_model(modalities=("text",)).eval()
    assert model.signals.widths == {"text": 32}
    assert model.flat_signals.shape == (20, 32)
    assert model.rank([[1]]).shape == (1, 20)


def test_encoded_texts_have_unit_length(encoder_folder: object) -> None:
    vectors = TextEncoder(str(encoder_folder)).encode(["space", "a quiet goat", ""])
    assert vectors.shape == (3, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
