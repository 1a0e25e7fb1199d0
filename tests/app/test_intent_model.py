import numpy as np
import pytest

from app.intent_fitting import fit
from app.intent_model import COLUMNS, LABELS, IntentModel, features, intent_of
from app.intents import Signs, acts_of, rule_for
from app.reader import Reader
from app.titles import TitleIndex
from data.dialogues import Chat, UserTurn
from data.errors import DataError
from tests.app import fakes


def signs(text: str, cards: int = 1, **others: object) -> Signs:
    held = {
        "shown": cards, "named": 0, "felt": False, "constrained": False, "unknown": False,
        "wish": "", "seen": False,
    }  # fmt: skip
    return Signs(text, cards, **{**held, **others})  # type: ignore[arg-type]


def certain(label: str) -> IntentModel:
    """A model that always says `label`."""
    model = IntentModel.blank()
    model.bias[LABELS.index(label)] = 50  # type: ignore[arg-type]
    return model


def test_without_an_opinion_the_rules_decide() -> None:
    for text in ("too dark, something lighter please", "is it scary at all then?", "more like it"):
        message = signs(text)
        assert intent_of(message, IntentModel.blank()) == rule_for(message, acts_of(message))


def test_a_sure_model_outvotes_the_rules_but_not_where_they_are_certain() -> None:
    vague = signs("the old man and his dog went for a walk")
    assert intent_of(vague, certain("feedback")) == "feedback"
    assert intent_of(signs("start over, please, from scratch"), certain("feedback")) == "reset"
    assert intent_of(signs("loved it"), certain("ask_about")) != "ask_about"


def test_nothing_shown_can_be_criticised_before_anything_is_shown() -> None:
    for label in ("critique", "more"):
        assert intent_of(signs("the old man and his dog", cards=0), certain(label)) != label


def test_features_tell_the_beginning_from_later() -> None:
    first, later = (features(signs("one more please", cards), ()) for cards in (0, 1))
    assert first != later and {*first} & {*later}
    assert all(0 <= column < COLUMNS for column in first)
    assert features(signs("____ please"), ()) == features(signs("__ please"), ())


def test_log_chances_are_a_distribution() -> None:
    rng = np.random.default_rng(0)
    model = IntentModel(
        rng.normal(size=(COLUMNS, len(LABELS))).astype(np.float32),
        rng.normal(size=len(LABELS)).astype(np.float32),
    )
    columns = features(signs("something funny"), ("request",))
    chances = model.log_chances(columns)
    scores = model.bias + sum(value * model.weights[column] for column, value in columns.items())
    assert np.exp(chances).sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(chances - chances[0], scores - scores[0], atol=1e-4)


def test_a_round_trip_and_bad_files(tmp_path) -> None:
    model = certain("more")
    path = tmp_path / "intents.safetensors"
    model.save(path, {})
    np.testing.assert_array_equal(IntentModel.load(path).bias, model.bias)
    with pytest.raises(DataError, match="cannot be read"):
        IntentModel.load(tmp_path / "none.safetensors")
    IntentModel(model.weights[:5], model.bias).save(path, {})
    with pytest.raises(DataError, match="fit-intents"):
        IntentModel.load(path)


def test_fitting_learns_the_words_of_each_intent(tmp_path) -> None:
    catalogue = fakes.catalogue()
    titles = TitleIndex(catalogue, np.ones(len(catalogue), dtype=np.float32))
    reader = Reader(catalogue, titles, IntentModel.blank())
    words = dict(
        zip(
            LABELS,
            ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india"],
            strict=True,
        )
    )
    chats = [
        Chat(
            number, "1", "k", "clean", (), (), (), "train",
            tuple(_turn(f"{word} {word} tango", intent) for intent, word in words.items()),
        )
        for number in range(10)
    ]  # fmt: skip
    path = tmp_path / "intents.safetensors"
    figures = fit(reader, chats, path)
    assert figures["messages"] == 90 and figures["accuracy by cross-validation"] == 1
    model = IntentModel.load(path)
    message = reader.signs("hotel hotel tango")
    chances = model.log_chances(features(message, acts_of(message)))
    assert LABELS[int(chances.argmax())] == "off_topic"


def _turn(text: str, intent: str) -> UserTurn:
    return UserTurn(
        text,
        text,
        intent,
        (),
        (),
        (),
        (),
        (),
        None,
        None,
        "",
        (),
        "",  # type: ignore[arg-type]
    )
