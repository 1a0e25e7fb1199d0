"""The figures of understanding, from a reader whose mistakes are known."""

from collections.abc import Sequence

import pytest

from app.understanding import Understanding
from data.catalogue import Catalogue, Item
from data.dialogues import AssistantTurn, Chat, UserTurn
from eval.understanding import figures, mistakes, readings

CATALOGUE = Catalogue("c", [Item(str(n), f"Film {n}") for n in range(6)])


def turn(text: str, resolved: str, intent: str = "recommend", **said: object) -> UserTurn:
    stated: dict[str, object] = {
        "like": (), "dislike": (), "seen": (), "genres_in": (), "genres_out": (),
        "year_min": None, "year_max": None, "want": "", "refers_to": (), "unknown_title": "",
    }  # fmt: skip
    return UserTurn(text, resolved, intent, **{**stated, **said})  # type: ignore[arg-type]


CHAT = Chat(
    7, "1", "k", "clean", (), (), (), "test",
    (
        turn("one", "I liked [[1]] and [[2]]", like=(1, 2), genres_in=("Drama",)),
        AssistantTurn("[[3]]", (3,)),
        turn("two", "what is [[3]]?", "ask_about", refers_to=(3,)),
        AssistantTurn("about", ()),
        turn("three", "more", "more", year_min=1990),
    ),
)  # fmt: skip


class Known:
    """Understands the first in part, the second in full and nothing of the third."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[int, ...], int | None, tuple[int, ...]]] = []

    def read(
        self,
        message: str,
        cards: Sequence[int] = (),
        focus: int | None = None,
        shown: Sequence[int] = (),
    ) -> Understanding:
        self.asked.append((message, tuple(cards), focus, tuple(shown)))
        if message == "one":
            drama = frozenset({"Drama"})
            return Understanding("recommend", liked=(1, 4), named=(1, 4), genres_in=drama)
        if message == "two":
            return Understanding("ask_about", refers_to=(3,))
        return Understanding("chitchat")


def test_figures_by_hand() -> None:
    reader = Known()
    found = list(readings([CHAT], reader))
    # An answer without films leaves those of the answer before it in sight.
    assert reader.asked == [
        ("one", (), None, ()),
        ("two", (3,), 3, (3,)),
        ("three", (3,), 3, (3,)),
    ]
    measured = figures(found, CATALOGUE)
    assert measured["film linking F1"] == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    assert measured["likes F1"] == pytest.approx(2 * 1 / (2 * 1 + 1 + 1))
    assert measured["references F1"] == 1
    assert measured["seen F1"] == 0
    assert measured["intent accuracy"] == pytest.approx(2 / 3)
    assert measured["constraints exact"] == pytest.approx(2 / 3)
    assert measured["milliseconds"] >= 0


def test_mistakes_say_what_was_meant_and_what_was_read() -> None:
    first, third = mistakes(readings([CHAT], Known()), CATALOGUE)
    assert first == "7: one\n    like ['Film 1', 'Film 2'], read ['Film 1', 'Film 4']"
    assert "intent more, read chitchat; constraints" in third
