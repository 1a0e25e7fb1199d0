"""A chat model that reads and words, with the engine as its tools: the engine chooses the films.

Optional: `--agent PROVIDER:MODEL` with what requirements-agent.txt names, any model of langchain's
that calls tools. What it writes is checked against the catalogue; where it fails, stalls or says
nothing that can be let through, the engine answers as it does without it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import replace
from queue import Queue
from typing import TYPE_CHECKING, Any, Literal

from app.api import brief, genres_named
from app.checking import FILM, Checker
from app.engine import Engine
from app.events import Card, Part, plain
from app.people import PeopleIndex
from app.portions import MOST
from app.reasons import Reasons, card_line
from app.session import Filters, Session, State
from data.errors import IlmChatError
from prompts.templates import Placeholder

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

SECONDS = 60.0
"""After which an answer is given up."""
PULSE = 0.25
"""Seconds between two looks at whether it is there."""
STEPS = 12
"""Of the model and its tools, together, in one answer."""
LONGEST = 2_000  # characters of an answer
_REMEMBERED = 6  # messages before this one
PROMPT = """\
You recommend films to somebody in a chat. You know no film by yourself: find films with the
tools, and say of a film only what a tool said of it. Write [[id]] wherever a film's name belongs,
never the name itself. Tell the tools everything that the user says of taste (`feel`) before you
ask for films (`recommend`), and keep what was asked for before unless the user drops it. Answer in
two to four friendly sentences, with a reason for each film; ask at most one question.

Known of the user: {state}
Said before: {said}"""


def load_chat_model(name: str) -> BaseChatModel:
    """A model by langchain's name for it, such as `ollama:qwen3` or `openai:gpt-5-mini`.

    Raises:
        IlmChatError: when langchain or the provider's package is missing, or there is none such.
    """
    try:
        from langchain.chat_models import init_chat_model
    except ImportError:
        raise IlmChatError(
            "A chat model needs langchain: pip install -r requirements-agent.txt, or leave out "
            "--agent."
        ) from None
    try:
        model: Any = init_chat_model(name)
    except Exception as error:  # each provider has errors of its own, as for a key that is missing
        reason = str(error).split("\n")[0].rstrip(".")
        raise IlmChatError(
            f"The chat model '{name}' cannot be used ({reason}): name it PROVIDER:MODEL, as "
            "ollama:qwen3, or leave out --agent."
        ) from None
    return model


class Agent:
    """Answers by a chat model that calls the engine.

    Args:
        model: one that can call tools.
        seconds: after which the engine answers without it.
    """

    def __init__(self, engine: Engine, model: BaseChatModel, *, seconds: float = SECONDS) -> None:
        self._engine, self._model, self._seconds = engine, model, seconds
        self._checker = Checker(engine.catalogue, engine.titles)
        self._reasons = Reasons(engine.parts)

    def answer(
        self, session: Session, message: str
    ) -> Generator[None, None, tuple[list[Part], State] | None]:
        """What to say, and the state after it; None where the engine is to answer. Yields while
        the model thinks."""
        desk = Desk(self._engine, self._reasons, self._checker.people, session.now)
        written: Queue[str | Exception] = Queue()

        def work() -> None:
            try:
                written.put(self._write(desk, session, message))
            except Exception as error:  # whatever a model or its server does, there is an answer
                written.put(error)

        threading.Thread(target=work, name="agent", daemon=True).start()
        begun = time.monotonic()
        while written.empty():
            if time.monotonic() - begun > self._seconds:
                log.warning("The chat model took more than %g s; going on alone.", self._seconds)
                return None
            time.sleep(PULSE)
            yield
        found = written.get()
        if isinstance(found, Exception):
            log.warning("The chat model failed (%s); going on alone.", found)
            return None
        text = self._checker.checked(found[:LONGEST], desk.known, message)
        if not text:
            log.warning("Nothing that the chat model wrote can be shown; going on alone.")
            return None
        return self._laid_out(text, desk)

    def _write(self, desk: Desk, session: Session, message: str) -> str:
        from langchain.agents import create_agent

        said = [earlier for _, earlier in session.past[-_REMEMBERED:]]
        prompt = PROMPT.format(state=desk.known_of_user(), said=json.dumps(said) if said else "-")
        agent = create_agent(self._model, desk.tools(), system_prompt=prompt)
        messages: Any = {"messages": [{"role": "user", "content": message}]}
        answer = agent.invoke(messages, {"recursion_limit": STEPS})
        return str(answer["messages"][-1].text).strip()

    def _laid_out(self, text: str, desk: Desk) -> tuple[list[Part], State]:
        """Text with films in their places and, after each paragraph, cards of those recommended."""
        catalogue, state = self._engine.catalogue, desk.state
        parts: list[Part] = []
        cards: list[int] = []
        for number, line in enumerate(text.split("\n")):
            parts += ["\n"] if number else []
            new: list[int] = []
            for place, piece in enumerate(FILM.split(line)):
                if place % 2:
                    film = catalogue.index_of(piece)
                    parts.append(Placeholder("film", (film,)))
                    new += [film] if film in desk.chosen and film not in [*cards, *new] else []
                elif piece:
                    parts.append(piece)
            for film in new:
                reasons = self._reasons.of(film, state)
                parts.append(Card(film, card_line(reasons, reasons[-1], self._engine.parts)))
            cards += new
        if cards:
            state = replace(state, shown=(*state.shown, *cards), cards=tuple(cards), focus=cards[0])
        return parts, replace(state, turn=state.turn + 1, told="", asked=None)


class Desk:
    """The tools of one answer, over a state of their own.

    Attributes:
        known: films that may be spoken of; chosen: those that were recommended now.
    """

    def __init__(self, engine: Engine, reasons: Reasons, people: PeopleIndex, state: State) -> None:
        self._engine, self._reasons, self._index, self.state = engine, reasons, people, state
        self.chosen: list[int] = []
        self.known = {*state.likes, *state.dislikes, *state.seen, *state.cards}

    def known_of_user(self) -> str:
        """The state in a model's words."""
        state, catalogue = self.state, self._engine.catalogue
        lists = {
            "likes": state.likes,
            "dislikes": state.dislikes,
            "has seen": state.seen,
            "was just shown": state.cards,
        }
        told: dict[str, Any] = {
            name: [f"{catalogue[film].title} [[{catalogue[film].id}]]" for film in films[-10:]]
            for name, films in lists.items()
            if films
        }
        filters = state.filters.constraints()
        told |= {"asked for": filters} if filters else {}
        told |= {"wish": state.wish} if state.wish else {}
        return json.dumps(told, ensure_ascii=False) if told else "nothing yet"

    def tools(self) -> list[Any]:
        """As `create_agent` takes them: functions with types and docstrings."""
        return [self._told(tool) for tool in (self.recommend, self.feel, self.look_up)]

    def _told(self, tool: Any) -> Any:
        from langchain_core.tools import StructuredTool

        def call(**values: Any) -> str:
            try:
                return json.dumps(tool(**values), ensure_ascii=False)
            except IlmChatError as error:  # said to the model, which can do better
                return json.dumps({"error": str(error)})

        built = StructuredTool.from_function(tool)
        return StructuredTool(
            name=built.name, description=built.description, args_schema=built.args_schema, func=call
        )

    def recommend(
        self,
        wish: str = "",
        genres: Sequence[str] = (),
        not_genres: Sequence[str] = (),
        year_min: int | None = None,
        year_max: int | None = None,
        people: Sequence[str] = (),
        not_people: Sequence[str] = (),
        count: int = 3,
    ) -> list[dict[str, Any]]:
        """Films for this user, best first, none of which they know or were shown. `wish` is free
        text on theme, mood or plot; `people` are directors or actors, any of whom will do."""
        catalogue = self._engine.catalogue
        filters = Filters(
            genres_in=genres_named(list(genres), "genres", catalogue),
            genres_out=genres_named(list(not_genres), "not_genres", catalogue),
            year_min=year_min,
            year_max=year_max,
            people=self._people(people),
            people_out=self._people(not_people),
        )
        self.state = replace(self.state, filters=filters, wish=wish)
        films = self._engine.recommend(self.state, min(max(count, 1), MOST))
        if not films:
            raise IlmChatError("No film is left that fits all of that: leave something out.")
        self.chosen += films
        self.known.update(films)
        return [self._row(film) for film in films]

    def feel(self, film: str, feeling: Literal["like", "dislike", "seen"]) -> dict[str, Any]:
        """Note that the user likes, dislikes or has merely seen a film, given by title or id."""
        found = self._film(film)
        self.state = self.state.felt(feeling, (found,))
        return {"noted": feeling, **brief(self._engine.catalogue, found)}

    def look_up(self, film: str) -> dict[str, Any]:
        """All that is known of a film, given by title or id."""
        return self._row(self._film(film))

    def _film(self, name: str) -> int:
        catalogue, name = self._engine.catalogue, name.strip(" []")
        found = [at for at, film in enumerate(catalogue) if film.id == name]
        found = found or [mention.item for mention in self._engine.titles.find(name)]
        if not found:
            raise IlmChatError(f"'{name}' is no film of this catalogue.")
        self.known.add(found[0])
        return found[0]

    def _people(self, names: Sequence[str]) -> tuple[str, ...]:
        found: list[str] = []
        for name in names:
            people = self._index.find(name)[0]
            if not people:
                raise IlmChatError(f"No film here is by or with {name}.")
            found += people
        return tuple(dict.fromkeys(found))

    def _row(self, film: int) -> dict[str, Any]:
        row, catalogue = self._engine.catalogue[film], self._engine.catalogue
        why = [plain(r.long, catalogue) for r in self._reasons.of(film, self.state)[:2]]
        return {
            **brief(catalogue, film),
            "directors": list(row.directors),
            "cast": list(row.cast[:4]),
            "moods": list(row.moods),
            "tags": list(row.tags[:6]),
            "synopsis": row.synopsis,
            "why": why,
        }
