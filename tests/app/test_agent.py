"""A chat model with the engine as its tools, played by scripts."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from app import ui
from app.agent import Agent, load_chat_model
from app.cards import plain_text
from app.checking import Checker
from app.engine import Engine
from app.events import Card
from app.session import Session
from data.errors import IlmChatError
from tests.app.test_asking import AT, CATALOGUE
from tests.app.test_engine import ask

Step = Callable[[Sequence[BaseMessage]], AIMessage]


class Scripted(BaseChatModel):
    """Takes its steps in turn; each sees all messages so far."""

    steps: list[Any]
    prompts: list[Any] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **_: Any) -> "Scripted":
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.prompts.append(messages[0].text)
        return ChatResult(generations=[ChatGeneration(message=self.steps.pop(0)(messages))])


def calls(*wanted: tuple[str, dict[str, Any]]) -> Step:
    made = [{"name": n, "args": a, "id": f"{n}-{i}"} for i, (n, a) in enumerate(wanted)]
    return lambda messages: AIMessage("", tool_calls=made)


def says(text: str) -> Step:
    return lambda messages: AIMessage(text)


def says_of_found(form: str) -> Step:
    """Words about the first film that a tool gave."""

    def step(messages: Sequence[BaseMessage]) -> AIMessage:
        films = json.loads([m for m in messages if isinstance(m, ToolMessage)][-1].text)
        return AIMessage(form.format(id=films[0]["id"]))

    return step


def talk(engine: Engine, session: Session, message: str, *steps: Step) -> tuple[str, list[int]]:
    engine.speaker = Agent(engine, Scripted(steps=list(steps)), seconds=10)
    try:
        events = list(engine.reply(session, message))
    finally:
        engine.speaker = None
    return plain_text(events), [event.item for event in events if isinstance(event, Card)]


def test_the_engine_chooses_and_the_model_words_it(engine: Engine, session: Session) -> None:
    text, cards = talk(
        engine,
        session,
        "I loved Alien. Anything tense without horror, from the nineties?",
        calls(("feel", {"film": "Alien", "feeling": "like"})),
        calls(("recommend", {"wish": "tense", "not_genres": ["horror"], "year_min": 1990})),
        says_of_found("How about [[{id}]]? It should keep you on edge."),
    )
    (film,) = cards
    row = CATALOGUE[film]
    assert text.startswith(f"How about {row.title} ({row.year})? It should keep you on edge.")
    assert "Horror" not in row.genres and (row.year or 0) >= 1990
    state = session.now
    assert state.likes == (AT["Alien"],) and state.filters.genres_out == {"Horror"}
    assert (state.cards, state.focus, state.wish) == ((film,), film, "tense")
    assert state.shown == (film,) and state.turn == 1


def test_what_was_shown_does_not_come_back_and_the_prompt_tells_what_is_known(
    engine: Engine, session: Session
) -> None:
    _, first = talk(engine, session, "sci-fi", calls(("recommend", {"genres": ["Sci-Fi"]})),
                    says_of_found("[[{id}]]."))  # fmt: skip
    model = Scripted(
        steps=[calls(("recommend", {"genres": ["Sci-Fi"]})), says_of_found("[[{id}]].")]
    )
    engine.speaker = Agent(engine, model)
    cards = [event.item for event in engine.reply(session, "more") if isinstance(event, Card)]
    engine.speaker = None
    assert cards and cards != first
    assert CATALOGUE[first[0]].title in model.prompts[-1] and "Sci-Fi" in model.prompts[-1]


@pytest.mark.parametrize(
    "text",
    [
        "Watch The Matrix Reloaded!",  # no film of ours, told as a name
        "Try Alien, it is great.",  # a title in place of its id
        "[[9999]] is what you want.",
        "You would like [[12]].",  # a film that no tool gave
        "It was made by Christopher Nolan.",
        "",
    ],
)
def test_words_that_cannot_be_let_through_leave_the_engine_to_answer(
    engine: Engine, session: Session, text: str
) -> None:
    said, cards = talk(engine, session, "a western please", says(text))
    assert cards == [AT["Unforgiven"]]
    assert session.now.filters.genres_in == {"Western"}
    assert "Matrix" not in said and "Nolan" not in said


def test_a_model_that_fails_or_stalls_leaves_the_engine_to_answer(
    engine: Engine, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(messages: Sequence[BaseMessage]) -> AIMessage:
        raise ConnectionError("nobody is there")

    def stalls(messages: Sequence[BaseMessage]) -> AIMessage:
        time.sleep(5)
        return AIMessage("too late")

    assert talk(engine, session, "a western please", fails)[1] == [AT["Unforgiven"]]
    assert "nobody is there" in caplog.text
    engine.speaker = Agent(engine, Scripted(steps=[stalls]), seconds=0.05)
    begun = time.monotonic()
    text, _ = ask(engine, Session(), "hello")
    engine.speaker = None
    assert text and time.monotonic() - begun < 4
    assert "took more than" in caplog.text


def test_tools_say_what_is_wrong(engine: Engine, session: Session) -> None:
    heard: list[str] = []

    def listens(messages: Sequence[BaseMessage]) -> AIMessage:
        heard.extend(m.text for m in messages if isinstance(m, ToolMessage))
        return AIMessage("Nothing fits, I am afraid. What else would you like?")

    text, cards = talk(
        engine,
        session,
        "hm",
        calls(
            ("recommend", {"genres": ["Sitcom"]}),
            ("recommend", {"people": ["Nobody Known"]}),
            ("recommend", {"genres": ["Western"], "year_max": 1900}),
            ("look_up", {"film": "The Matrix"}),
            ("look_up", {"film": "Fargo"}),
        ),
        listens,
    )
    assert "no genre 'Sitcom'" in heard[0] and "Western" in heard[0]
    assert "No film here is by or with Nobody Known" in heard[1]
    assert "No film is left" in heard[2]
    assert "no film of this catalogue" in heard[3]
    assert "kidnapping goes wrong" in heard[4]
    assert text.startswith("Nothing fits") and not cards


def test_sentences_that_no_row_bears_out_are_dropped(engine: Engine) -> None:
    checker, fargo = Checker(CATALOGUE, engine.titles), AT["Fargo"]
    id = CATALOGUE[fargo].id
    text = (
        f"[[{id}]] is wry and dark. It won seven Oscars in 1997. It is by Joel Coen. "
        "Ridley Scott liked it. A kidnapping goes wrong in the snow!\nShall I go on?"
    )
    assert checker.checked(text, [fargo], "") == (
        f"[[{id}]] is wry and dark. It is by Joel Coen. A kidnapping goes wrong in the snow!\n"
        "Shall I go on?"
    )
    # What the user said may be said again.
    assert checker.checked("No Ridley Scott, then.", [], "nothing by ridley scott")


def test_a_chat_model_that_there_is_not_is_a_sentence() -> None:
    with pytest.raises(IlmChatError, match=r"'nonsense' cannot be used .* PROVIDER:MODEL"):
        load_chat_model("nonsense")
    with pytest.raises(IlmChatError, match="langchain-ollama"):
        load_chat_model("ollama:llama3")


@pytest.mark.parametrize(("agent", "told"), [(None, "leaves the machine"), ("ollama:x", "goes to")])
def test_the_page_says_who_reads_what_is_typed(
    engine: Engine, agent: str | None, told: str
) -> None:
    """It promised that nothing leaves the machine, whoever the chat model was."""
    page = ui.build(lambda: engine, CATALOGUE, engine.parts.popularity, "", agent=agent)
    shown = json.dumps(page.get_config_file(), default=str)
    assert told in shown and (f"goes to {agent}" in shown) == (agent is not None)
    assert ("leaves the machine" in shown) == (agent is None)
