import json
from typing import Any

import pytest

from app.cards import plain_text
from app.conversation import (
    FIRST_QUESTION,
    UNTITLED,
    Conversation,
    Turn,
    as_json,
    as_markdown,
    from_record,
    title_of,
    to_record,
)
from app.engine import Engine
from app.events import Card, Film, Text
from app.session import State
from data.catalogue import Catalogue
from data.errors import DataError
from tests.app import fakes

MESSAGES = ("I loved Alien, a film from the 90s, no horror", "more", "tell me about the second one")


@pytest.fixture
def held(engine: Engine) -> Conversation:
    conversation = Conversation(id="x", version=3)
    for message in MESSAGES:
        turn = Turn(message, list(engine.reply(conversation.session, message)), answered=True)
        conversation.turns.append(turn)
    conversation.session.toggle("seen", conversation.session.now.cards[0])
    return conversation


def test_the_record_brings_back_text_cards_profile_and_undo(
    held: Conversation, engine: Engine
) -> None:
    again = from_record(to_record(held, engine.catalogue), engine.catalogue)
    assert again.session == held.session
    assert (again.id, again.version, again.stored) == ("x", 3, 3)
    for old, new in zip(held.turns, again.turns, strict=True):
        assert (new.message, new.answered) == (old.message, True)
        assert plain_text(new.events) == plain_text(old.events)
        cards = [[e for e in turn.events if isinstance(e, Card | Film)] for turn in (old, new)]
        assert cards[0] == cards[1]
    # The reference goes by the cards of the turn before, which must have come back, too.
    assert again.undo() == MESSAGES[-1] and again.stored == 2
    assert held.undo() == MESSAGES[-1]
    left = [plain_text(list(engine.reply(c.session, MESSAGES[-1]))) for c in (again, held)]
    assert left[0] == left[1]


def test_a_turn_that_was_not_answered_is_not_recorded_and_undo_gives_it_back(
    held: Conversation, engine: Engine
) -> None:
    held.turns.append(Turn("lost", [Text("The weights are missing.")]))
    assert len(to_record(held, engine.catalogue).turns) == 3
    before = held.session.now
    assert held.undo() == "lost" and held.session.now == before and len(held.turns) == 3


def test_a_record_that_cannot_be_read_is_one_sentence(held: Conversation, engine: Engine) -> None:
    record = to_record(held, engine.catalogue)
    fewer = Catalogue("fewer", fakes.catalogue()[:2])

    def broken(**changes: Any) -> Any:
        return type(record)(**{**{n: getattr(record, n) for n in record.__slots__}, **changes})

    for bad, films in (
        (record, fewer),
        (broken(state="{"), engine.catalogue),
        (broken(turns=('{"message": "x"}',)), engine.catalogue),
        (broken(turns=("3",)), engine.catalogue),
    ):
        with pytest.raises(DataError, match="The conversation “"):
            from_record(bad, films)


def test_titles(engine: Engine) -> None:
    films = engine.catalogue
    assert title_of(Conversation(), films) == UNTITLED
    long = Conversation(turns=[Turn("word " * 40, []), Turn("x", [])])
    assert title_of(long, films).endswith("word …") and len(title_of(long, films)) <= 60
    assert len(title_of(Conversation(turns=[Turn("w" * 500, [])]), films)) == 60
    picked = Conversation(turns=[Turn(FIRST_QUESTION, [], answered=True)])
    assert title_of(picked, films) == FIRST_QUESTION
    picked.session.past.append((State(likes=(0, 3)), FIRST_QUESTION))
    assert title_of(picked, films) == "Star Wars, Alien"


def test_exports_hold_what_was_said_and_why(held: Conversation, engine: Engine) -> None:
    held.turns[0].message += "\n<script>"
    films = engine.catalogue
    content = json.loads(as_json(held, films, "My talk"))
    assert content["title"] == "My talk" and len(content["turns"]) == 3
    cards = [event for event in held.turns[0].events if isinstance(event, Card)]
    assert [film["id"] for film in content["turns"][0]["films"]] == [
        films.ids[card.item] for card in cards
    ]
    assert content["profile"]["likes"] == ["4"]
    text = as_markdown(held, films, "My talk")
    assert text.startswith("# My talk\n\n> I loved Alien") and "\n> &lt;script&gt;" in text
    for card in cards:
        assert f"- **{films[card.item].title} ({films[card.item].year})**: {card.why}" in text
    assert "Liked: Alien (1979)" in text
