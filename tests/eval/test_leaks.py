"""No leak, ever: the whole pipeline over data whose validation and test items are canaries.

Each user's last two items are chosen by nobody else and by nobody before, so that wherever such an
item turns up, it came from there. Watched is everything that training is given: factors, pairs of
stage 1, prompts and targets of stage 2, recommenders, and what the stack's trees learn from.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from data.catalogue import Catalogue
from data.dataset import Dataset
from data.interactions import Interactions
from data.splits import LeaveOneOut, leave_one_out
from eval import stack as stacking
from eval.methods import RECOMMENDERS
from eval.protocol import Histories, Trial, check_no_leak, nothing
from eval.stack import Source, stack
from ilm import pipeline
from ilm.config import TrainingConfig
from ilm.model import ItemLanguageModel
from prompts.templates import Placeholder
from tests.eval.tiny_ilm import config, encoder_folder, llm_folder  # noqa: F401 (fixtures)

USERS = 12
FIRST = 20  # canaries: 20 + user at validation, 32 + user at test


@pytest.fixture(scope="module")
def canaries(tiny_dataset: Dataset) -> Dataset:
    """The tiny data set with two more items for every user, which no one else has."""
    plain = list(tiny_dataset.catalogue)
    extra = [
        dataclasses.replace(plain[n % FIRST], id=str(500 + n), title=f"Canary {n}")
        for n in range(2 * USERS)
    ]
    catalogue = Catalogue("tiny", [*plain, *extra])
    sequences = [
        [*sequence.tolist(), FIRST + user, FIRST + USERS + user]
        for user, sequence in enumerate(tiny_dataset.interactions.sequences())
    ]
    ids = tiny_dataset.interactions.user_ids
    interactions = Interactions.from_columns(
        [ids[user] for user, sequence in enumerate(sequences) for _ in sequence],
        [catalogue[item].id for sequence in sequences for item in sequence],
        [place for sequence in sequences for place in range(len(sequence))],
        None,
        catalogue,
    )
    return Dataset("tiny", catalogue, interactions)


class Watch:
    """Writes down which canaries were seen where, and where anything was seen at all."""

    def __init__(self, first: int = FIRST) -> None:
        self.first = first
        self.places: set[str] = set()
        self.leaks: dict[str, set[int]] = defaultdict(set)

    def see(self, place: str, items: Sequence[int] | NDArray[np.integer]) -> None:
        self.places.add(place)
        found = {int(item) for item in items if item >= self.first}
        if found:
            self.leaks[place] |= found

    def given(self, place: str, values: Sequence[object]) -> None:
        """Look at whatever of these is a set of interactions."""
        for value in values:
            if isinstance(value, Interactions):
                self.see(place, value.items)

    def spy(self, place: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            self.given(place, [*args, *kwargs.values()])
            result = function(*args, **kwargs)
            if dataclasses.is_dataclass(result):  # the tables of stage 1
                for field in dataclasses.fields(result):
                    table = getattr(result, field.name)
                    if isinstance(table, np.ndarray) and table.dtype.kind == "i":
                        self.see(f"{place}: {field.name}", table.ravel())
            return result

        return watched


def watch_training(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every function and task that `ilm.pipeline` hands interactions to, and every prompt."""
    for name, value in list(vars(pipeline).items()):
        if name != "leave_one_out" and (inspect.isfunction(value) or name.endswith("Task")):
            monkeypatch.setattr(pipeline, name, watch.spy(name, value))
    splice, rank_features = ItemLanguageModel.splice, ItemLanguageModel.rank_features

    def watched_splice(
        self: ItemLanguageModel, prompts: Any, *, answers: Any = None, **kwargs: Any
    ) -> Any:
        parts = [part for prompt in prompts for part in prompt if isinstance(part, Placeholder)]
        watch.see("prompts", [item for part in parts if part.name != "user" for item in part.items])
        # Candidates stand in a prompt with their ids, answers are nothing but one.
        items = {text: item for item, text in self.ids.texts.items()}
        words = [part for prompt in prompts for part in prompt if isinstance(part, str)]
        for place, texts in (("answers", answers or ()), ("words", words)):
            named = re.findall(r"item_\w+", " ".join(texts))
            watch.see(place, [items[text] for text in named])
        return splice(self, prompts, answers=answers, **kwargs)

    def watched_features(self: ItemLanguageModel, histories: Any, *args: Any, **kw: Any) -> Any:
        watch.see("histories", [item for history in histories for item in history])
        return rank_features(self, histories, *args, **kw)

    monkeypatch.setattr(ItemLanguageModel, "splice", watched_splice)
    monkeypatch.setattr(ItemLanguageModel, "rank_features", watched_features)


def test_no_stage_of_training_sees_what_is_to_be_found(
    config: TrainingConfig,  # noqa: F811
    canaries: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch()
    watch_training(watch, monkeypatch)
    pipeline.run(config, tmp_path, dataset=canaries)
    assert not watch.leaks
    assert {"fit", "RankTask", "RankUsersTask", "GenerateIdTask"} <= watch.places
    assert {"prompts", "words", "answers", "histories"} <= watch.places
    assert any(place.startswith("alignment_data: ") for place in watch.places)


def test_a_leak_would_be_seen_at_every_stage(
    config: TrainingConfig,  # noqa: F811
    canaries: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def leaking(interactions: Interactions) -> LeaveOneOut:
        return dataclasses.replace(leave_one_out(interactions), train=interactions)

    monkeypatch.setattr(pipeline, "leave_one_out", leaking)
    watch = Watch()
    watch_training(watch, monkeypatch)
    pipeline.run(config, tmp_path, dataset=canaries)
    for place in ("fit", "alignment_data", "RankTask", "RankUsersTask", "GenerateIdTask"):
        assert place in watch.leaks
    assert {"histories", "prompts", "answers"} <= watch.leaks.keys()
    assert {"alignment_data: successive", "alignment_data: chosen"} <= watch.leaks.keys()


class WatchedScorer:
    """Popularity with the canaries in it, so that trees can be taught; watches what it is asked."""

    def __init__(self, watch: Watch, train: Interactions) -> None:
        self.watch, self.counts = watch, np.bincount(train.items, minlength=train.n_items)

    def scores(self, histories: Histories) -> NDArray[np.float32]:
        longest = max(len(history) for history in histories)
        self.watch.see(
            f"histories of {longest}", [item for history in histories for item in history]
        )
        return np.tile(self.counts.astype(np.float32), (len(histories), 1))


def test_recommenders_and_trees_learn_from_training_alone(
    canaries: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial.of(canaries, "sequential")
    check_no_leak(trial.split)
    fitted, asked = Watch(), Watch()

    sources = []
    for name in ("popularity", "item-knn", "als-recent", "ease", "transitions"):
        made = RECOMMENDERS[name]
        make = fitted.spy(name, made.make)
        settings = made.filtered
        sources.append(Source(name, 0, {}, lambda m=make, s=settings: m(trial.split.train, 0, **s)))
    sources.append(Source("watched", 0, {}, lambda: WatchedScorer(asked, trial.split.train)))

    taught: list[dict[str, Any]] = []
    fit = stacking.Ranker.fit

    def watched_fit(columns: Any, labels: Any, **settings: Any) -> Any:
        taught.append({"columns": columns, "labels": labels, **settings})
        return fit(columns, labels, **settings, min_child_samples=1, n_trees=2)

    monkeypatch.setattr(stacking.Ranker, "fit", watched_fit)
    stack(sources, trial, tmp_path, 0, {}, nothing)
    assert not fitted.leaks
    assert len(fitted.places) == 5
    # Ten training items each: what the trees learn from is asked with these alone, and the test
    # is asked with the validation item too, as the protocol says, and never with its own answer.
    assert asked.places == {"histories of 10", "histories of 11"}
    assert asked.leaks == {"histories of 11": set(range(FIRST, FIRST + USERS))}

    # The columns that teach are those of the validation histories, and no test label is known.
    whole = taught[0]
    columns = {
        source.name: stacking.cached_columns(source, trial, tmp_path)[0] for source in sources
    }
    expected = stacking.pool(columns, trial.split.train.n_items)
    for name, column in expected.columns.items():
        np.testing.assert_array_equal(whole["columns"][name], column)
    found = np.take_along_axis(expected.items, whole["labels"][:, None], axis=1)[:, 0]
    np.testing.assert_array_equal(found, trial.split.validation)
