"""The chat for programs: the endpoints, over the engine that the page and `app ask` use.

The caller carries the session: nothing said here is kept. docs/api.md has a client's example.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gradio as gr

from app.cards import plain_text
from app.engine import Engine
from app.events import Card
from app.session import FEELINGS, Filters, Session, State
from app.session_json import from_json, novelty_of, to_json
from data.catalogue import Catalogue
from data.errors import IlmChatError

MOST_FILMS = 100  # what can be asked for at once
MOST_WORDS = 1_000  # characters of a wish
MOST_SESSION = 200_000  # characters of a session as JSON: more than 20,000 films
_Engine = Callable[[], Engine]


def answer(engine: Engine, message: str, session: object = None) -> dict[str, Any]:
    """Answer `message`.

    Args:
        session: what the last answer returned as "session", or nothing to begin.

    Returns:
        "text"; "items", a list of {"id", "title", "year", "genres", "why"} in the order of the
        text; and "session". A session that cannot be read gives "text" that says so, no items,
        and a new session.
    """
    catalogue = engine.catalogue
    try:
        held = Session(_state(session, catalogue))
        events = list(engine.reply(held, message))
    except IlmChatError as error:
        return {"text": str(error), "items": [], "session": {}}
    items = [
        {**brief(catalogue, event.item), "why": event.why}
        for event in events
        if isinstance(event, Card)
    ]
    return {"text": plain_text(events), "items": items, "session": to_json(held.now, catalogue)}


def recommend(
    engine: Engine,
    *,
    likes: object = None,
    dislikes: object = None,
    seen: object = None,
    genres: object = None,
    not_genres: object = None,
    year_min: object = None,
    year_max: object = None,
    wish: object = "",
    novelty: object = "balanced",
    count: object = 10,
) -> list[dict[str, Any]]:
    """Films for somebody who likes `likes`, best first, without asking in words.

    Raises:
        IlmChatError: when a value is of another kind, out of bounds or unknown.
    """
    catalogue = engine.catalogue
    if not isinstance(wish, str) or len(wish) > MOST_WORDS:
        raise IlmChatError(f"'wish' is a text of at most {MOST_WORDS:,} characters.")
    state = State(
        likes=_items(likes, "likes", catalogue),
        dislikes=_items(dislikes, "dislikes", catalogue),
        seen=_items(seen, "seen", catalogue),
        filters=Filters(
            genres_in=genres_named(genres, "genres", catalogue),
            genres_out=genres_named(not_genres, "not_genres", catalogue),
            year_min=_year(year_min, "year_min"),
            year_max=_year(year_max, "year_max"),
        ),
        wish=wish,
        novelty=novelty_of(novelty),
    )
    return [brief(catalogue, item) for item in engine.recommend(state, _count(count))]


def similar(engine: Engine, item: object, count: object = 10) -> list[dict[str, Any]]:
    """The films most alike to `item`, the nearest first. IlmChatError as in `recommend`."""
    (index,) = _items([item], "item", engine.catalogue)
    return [brief(engine.catalogue, found) for found in engine.similar(index, _count(count))]


def describe(catalogue: Catalogue, item: object) -> dict[str, Any]:
    """All that the catalogue knows of `item`. IlmChatError when there is none of that id."""
    (index,) = _items([item], "item", catalogue)
    film = catalogue[index]
    return {
        **brief(catalogue, index),
        "alternate_titles": list(film.alternate_titles),
        "directors": list(film.directors),
        "cast": list(film.cast),
        "synopsis": film.synopsis,
        "tags": list(film.tags),
        "moods": list(film.moods),
        "countries": list(film.countries),
        "languages": list(film.languages),
    }


def feedback(
    catalogue: Catalogue, session: object, item: object, feeling: object, on: object = True
) -> dict[str, Any]:
    """`session` with the film liked, disliked or seen, or (`on` false) no more.

    Raises:
        IlmChatError: when a value is of another kind or unknown.
    """
    if feeling not in FEELINGS:
        raise IlmChatError(f"'feeling' is one of {', '.join(FEELINGS)}.")
    state = _state(session, catalogue)
    change = state.felt if on else state.unfelt
    return to_json(change(str(feeling), _items([item], "item", catalogue)), catalogue)


def brief(catalogue: Catalogue, index: int) -> dict[str, Any]:
    """A film in a list: its id, title, year and genres."""
    item = catalogue[index]
    return {"id": item.id, "title": item.title, "year": item.year, "genres": list(item.genres)}


def publish(engine: _Engine, catalogue: Catalogue) -> None:
    """Add the endpoints to the page that is being built. Their docstrings are the API page."""

    def _chat(message: str, session: dict | None = None) -> dict:
        """Answer one message. `session` is what the last answer returned, or null to begin.
        Returns {"text", "items": [{"id", "title", "year", "genres", "why"}], "session"}."""
        return answer(engine(), message, session)

    def _recommend(
        likes: list[str] | None = None,
        dislikes: list[str] | None = None,
        seen: list[str] | None = None,
        genres: list[str] | None = None,
        not_genres: list[str] | None = None,
        year_min: int | None = None,
        year_max: int | None = None,
        wish: str = "",
        novelty: str = "balanced",
        count: int = 10,
    ) -> list:
        """Films for somebody, best first: [{"id", "title", "year", "genres"}]. `likes`,
        `dislikes` and `seen` are lists of ids, oldest first. A film has one of `genres`, none of
        `not_genres`, and lies within the years. `wish` is free text. `novelty` is familiar,
        balanced or surprising. `count` is at most 100."""
        return _told(
            recommend,
            engine(),
            likes=likes,
            dislikes=dislikes,
            seen=seen,
            genres=genres,
            not_genres=not_genres,
            year_min=year_min,
            year_max=year_max,
            wish=wish,
            novelty=novelty,
            count=count,
        )

    def _similar(item: str, count: int = 10) -> list:
        """The films most alike to the film of id `item` in content and audience, the nearest
        first: [{"id", "title", "year", "genres"}]. `count` is at most 100."""
        return _told(similar, engine(), item, count)

    def _item(item: str) -> dict:
        """All that the catalogue knows of the film of id `item`: title, year, genres, directors,
        cast, synopsis, tags, moods, countries, languages, alternate titles."""
        return _told(describe, catalogue, item)

    def _feedback(session: dict | None, item: str, feeling: str, on: bool = True) -> dict:
        """Like, dislike or have seen a film: `feeling` is like, dislike or seen, `on` false takes
        it back. Returns the session to pass on with the next message."""
        return _told(feedback, catalogue, session, item, feeling, on)

    for name, endpoint in (
        ("chat", _chat),
        ("recommend", _recommend),
        ("similar", _similar),
        ("item", _item),
        ("feedback", _feedback),
    ):
        endpoint.__name__ = name  # by which MCP offers it as a tool
        gr.api(endpoint, api_name=name)


def _told(function: Callable[..., Any], *values: Any, **named: Any) -> Any:
    """The function's result; its IlmChatError in the form that clients get to read."""
    try:
        return function(*values, **named)
    except IlmChatError as error:
        raise gr.Error(str(error), print_exception=False) from None


def _state(session: object, catalogue: Catalogue) -> State:
    if session is not None and len(json.dumps(session, default=str)) > MOST_SESSION:
        raise IlmChatError(f"A session is at most {MOST_SESSION:,} characters long as JSON.")
    return from_json(session, catalogue)


def _texts(values: object, name: str) -> list[str]:
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise IlmChatError(f"'{name}' is a list of texts.")
    return values


def _items(values: object, name: str, catalogue: Catalogue) -> tuple[int, ...]:
    ids = _texts(values, name)
    if len(ids) > len(catalogue):
        raise IlmChatError(f"'{name}' names more films than the {len(catalogue):,} that there are.")
    return tuple(dict.fromkeys(catalogue.index_of(id) for id in ids))


def genres_named(values: object, name: str, catalogue: Catalogue) -> frozenset[str]:
    """Genres of the catalogue, in whatever case; IlmChatError for anything else."""
    known = {genre.lower(): genre for genre in catalogue.genres}
    found = _texts(values, name)
    if unknown := sorted(genre for genre in found if genre.lower() not in known):
        raise IlmChatError(
            f"'{name}' has no genre {unknown[0]!r}: there are {', '.join(catalogue.genres)}."
        )
    return frozenset(known[genre.lower()] for genre in found)


def _year(value: object, name: str) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise IlmChatError(f"'{name}' is a year such as 1994, or nothing.")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_FILMS:
        raise IlmChatError(f"'count' is a whole number from 1 to {MOST_FILMS}.")
    return value
