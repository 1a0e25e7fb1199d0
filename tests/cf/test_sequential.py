import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from cf.errors import CfError
from cf.sequential import (
    CHUNK,
    NETWORKS,
    Batch,
    Gru4Rec,
    Network,
    SasRec,
    SequentialRecommender,
    Settings,
    _batches,
    _collate,
    fit_sequential,
    next_item_loss,
)
from data.interactions import Interactions
from tests.cf.examples import at_random, cycle

SMALL: dict[str, Any] = {"width": 8, "history": 5, "epochs": 2, "batch": 4}
TINY = Settings(width=8, history=5, dropout=0.0)
N = 10


@pytest.fixture(scope="module")
def interactions() -> Interactions:
    return at_random(20, 12)


@pytest.fixture(scope="module", params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Network:
    return request.param


@pytest.fixture(scope="module")
def fitted(network: Network, interactions: Interactions) -> SequentialRecommender:
    return fit_sequential(interactions, network=network, seed=3, **SMALL)


@pytest.fixture
def model(network: Network) -> SasRec | Gru4Rec:
    torch.manual_seed(0)
    model = NETWORKS[network](N, TINY)
    # Far from the small start, so that every token matters.
    torch.nn.init.normal_(model.items.weight)
    return model


@pytest.fixture
def sequences() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.permutation(N)[:length] for length in (1, 4, 5, 6, 9, 10)]


@pytest.mark.parametrize("training", [True, False])
def test_later_items_change_nothing_before_them(model: SasRec | Gru4Rec, training: bool) -> None:
    """In both modes: torch takes another path through a transformer when it only infers."""
    model.train(training)
    tokens = torch.tensor([[N, 1, 2, 3, 4], [5, 6, 7, 8, 9]])
    changed = tokens.clone()
    changed[:, 3] = torch.tensor([9, 0])
    with torch.set_grad_enabled(training):
        before, after = model(tokens).detach(), model(changed).detach()
        shorter = model(tokens[:, :3]).detach()
    torch.testing.assert_close(after[:, :3], before[:, :3])
    torch.testing.assert_close(shorter, before[:, :3])
    assert ((after[:, 3:] - before[:, 3:]).abs().amax(dim=(1, 2)) > 1e-3).all()


def test_earlier_items_matter_and_so_does_their_order(model: SasRec | Gru4Rec) -> None:
    last = model.eval()(torch.tensor([[1, 2, 3], [2, 1, 3], [4, 2, 3]]))[:, -1]
    assert (last[0] - last[1]).abs().max() > 1e-3
    assert (last[0] - last[2]).abs().max() > 1e-3


def test_windows_hold_every_position_once(sequences: list[np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    cuts = set()
    for _ in range(20):
        windows = [w for part in _batches(sequences, 2, 5, rng) for w in part]
        cuts.add(tuple(sorted(windows)))
        found = sorted((user, t) for user, start, end in windows for t in range(start, end))
        assert found == [(user, t) for user, own in enumerate(sequences) for t in range(len(own))]
        assert all(0 < end - start <= 5 for _, start, end in windows)
        assert {(0, 0, 1), (1, 0, 4), (2, 0, 5)} < set(windows), "short sequences stay whole"
    assert len(cuts) > 5, "long ones are cut elsewhere in another epoch"


WINDOWS = [(1, 0, 4), (4, 3, 8), (5, 9, 10), (0, 0, 1)]


def test_a_position_reads_what_came_before_its_target(sequences: list[np.ndarray]) -> None:
    batch = _collate(WINDOWS, sequences, N)
    assert batch.tokens.shape == batch.targets.shape == (4, 5)
    for row, (user, start, end) in enumerate(WINDOWS):
        own = sequences[user].tolist()
        for t in range(5):
            place = start + t
            if place >= end:
                assert batch.targets[row, t] == -1
                continue
            assert batch.targets[row, t] == own[place]
            assert batch.tokens[row, t] == (own[place - 1] if place else N)


def slow_loss(
    model: SasRec | Gru4Rec, sequences: list[np.ndarray], leave_out_seen: bool
) -> tuple[float, int]:
    """One window, one position, one item at a time: summed loss and number of positions."""
    total, count = 0.0, 0
    for user, start, end in WINDOWS:
        own = [int(item) for item in sequences[user]]
        read = [N, *own][start:end]
        for t in range(end - start):
            vector = model(torch.tensor([read[: t + 1]]))[0, -1].detach()
            logits = [float(vector @ model.items.weight[item].detach()) for item in range(N)]
            target, seen = own[start + t], own[: start + t]
            left = [i for i in range(N) if i == target or not (leave_out_seen and i in seen)]
            total += float(np.log(sum(np.exp(logits[i]) for i in left))) - logits[target]
            count += 1
    return total, count


@pytest.mark.parametrize("leave_out_seen", [False, True])
def test_the_loss_equals_the_obvious_loops(
    model: SasRec | Gru4Rec, sequences: list[np.ndarray], leave_out_seen: bool
) -> None:
    batch = _collate(WINDOWS, sequences, N)
    total, count = slow_loss(model, sequences, leave_out_seen)
    loss = next_item_loss(model, batch, leave_out_seen=leave_out_seen)
    assert loss.item() == pytest.approx(total / count, rel=1e-5)


def test_a_target_is_never_left_out(model: SasRec | Gru4Rec) -> None:
    """Even where it is said to have been seen."""
    seen: Tensor = torch.zeros(1, N, dtype=torch.int16)
    batch = Batch(torch.tensor([[N, 1]]), torch.tensor([[1, 1]]), seen)
    loss = next_item_loss(model, batch, leave_out_seen=True)
    assert loss.item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("leave_out_seen", [False, True])
def test_a_cycle_is_learned(network: Network, leave_out_seen: bool) -> None:
    walks = cycle(12, 9, 24, gap=5)
    recommender = fit_sequential(
        walks, network=network, leave_out_seen=leave_out_seen, width=32, history=6, dropout=0.1,
        epochs=60, batch=8, learning_rate=1e-2,
    )  # fmt: skip
    own = walks.sequences()
    for length in (1, 3, 8):
        scores = recommender.scores([walk[:length] for walk in own])
        for walk, row in zip(own, scores, strict=True):
            row[walk[:length]] = -np.inf
            assert row.argmax() == walk[length]


def test_only_the_newest_items_are_read(fitted: SequentialRecommender) -> None:
    newest = [3, 7, 1, 9, 4]
    long, longer, other = fitted.scores([[2, *newest], [5, 8, 2, *newest], [2, 4, *newest[1:]]])
    np.testing.assert_array_equal(long, longer)
    assert not np.allclose(long[1:-1], other[1:-1])


def test_many_histories_are_scored_in_chunks(fitted: SequentialRecommender) -> None:
    histories = [[1 + number % 10] for number in range(CHUNK + 10)]
    scores = fitted.scores(histories)
    np.testing.assert_allclose(scores[CHUNK:], fitted.scores(histories[CHUNK:]), atol=1e-6)
    np.testing.assert_allclose(scores[250], scores[0], atol=1e-6)
    assert fitted.scores([]).shape == (0, 12)


def test_the_seed_decides_and_nothing_else_is_touched(
    fitted: SequentialRecommender, network: Network, interactions: Interactions
) -> None:
    torch.manual_seed(123)
    before = torch.random.get_rng_state()
    other = fit_sequential(interactions, network=network, seed=4, **SMALL)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert not np.allclose(other.scores([[1]])[0, 1:-1], fitted.scores([[1]])[0, 1:-1])


def test_saved_and_loaded_it_scores_the_same(
    fitted: SequentialRecommender, tmp_path: Path, interactions: Interactions
) -> None:
    fitted.save(tmp_path / "new" / "folder")
    loaded = SequentialRecommender.load(tmp_path / "new" / "folder", n_items=12)
    histories = [[1, 2, 3], [], [0]]
    np.testing.assert_array_equal(loaded.scores(histories), fitted.scores(histories))
    assert (loaded.settings, dict(loaded.about)) == (fitted.settings, dict(fitted.about))
    assert loaded.about["interactions"] == interactions.digest
    assert loaded.about["seed"] == 3


def test_loading_says_what_is_wrong(fitted: SequentialRecommender, tmp_path: Path) -> None:
    with pytest.raises(CfError, match="no sequential recommender in"):
        SequentialRecommender.load(tmp_path)
    fitted.save(tmp_path)
    with pytest.raises(CfError, match="12 items, but the catalogue has 1,682"):
        SequentialRecommender.load(tmp_path, n_items=1682)

    path = tmp_path / "sequential.json"
    about = json.loads(path.read_text())
    damaged = ["{", "[]", "{}"]
    damaged.append(json.dumps({**about, "settings": {**about["settings"], "width": 16}}))
    damaged.append(json.dumps({**about, "settings": {"depth": 3}}))
    damaged.append(json.dumps({**about, "network": "bert4rec"}))
    damaged.append(json.dumps({**about, "n_items": 3}))
    for text in damaged:
        path.write_text(text)
        with pytest.raises(CfError, match="cannot be read"):
            SequentialRecommender.load(tmp_path)
    path.write_text(json.dumps(about))
    (tmp_path / "sequential.safetensors").write_bytes(b"half a file")
    with pytest.raises(CfError, match="cannot be read"):
        SequentialRecommender.load(tmp_path)


def test_bad_settings_are_named(interactions: Interactions) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"depth": 2}, "sasrec has no setting 'depth'; it has width"),
        ({"width": 0}, "'width' must be positive; got 0"),
        ({"dropout": 1.0}, "'dropout' must be at least 0 and below 1; got 1.0"),
        ({"width": 7}, "width of 7 cannot be split among 2 heads"),
    ]
    for settings, sentence in cases:
        with pytest.raises(CfError, match=sentence):
            fit_sequential(interactions, network="sasrec", **settings)
    with pytest.raises(CfError, match=r"no network 'bert4rec'.*sasrec, gru4rec"):
        fit_sequential(interactions, network="bert4rec")  # type: ignore[arg-type]
