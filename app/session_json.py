"""A session's state as JSON: what the API gives and takes, and what is kept of a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.session import NOVELTIES, Filters, Novelty, State
from data.catalogue import Catalogue
from data.errors import DataError, IlmChatError


def to_json(state: State, catalogue: Catalogue) -> dict[str, Any]:
    """`state` for the API, with the catalogue's own ids."""

    def ids(items: Iterable[int]) -> list[str]:
        return [catalogue.ids[item] for item in items]

    filters = state.filters
    return {
        "likes": ids(state.likes),
        "dislikes": ids(state.dislikes),
        "seen": ids(state.seen),
        "shown": ids(state.shown),
        "cards": ids(state.cards),
        "focus": None if state.focus is None else catalogue.ids[state.focus],
        "genres_in": sorted(filters.genres_in),
        "genres_out": sorted(filters.genres_out),
        "year_min": filters.year_min,
        "year_max": filters.year_max,
        "people": list(filters.people),
        "people_out": list(filters.people_out),
        "years_out": [list(span) for span in filters.years_out],
        "newer_than": filters.newer_than,
        "older_than": filters.older_than,
        "together": filters.together,
        "genres_joint": filters.genres_joint,
        "wish": state.wish,
        "avoid": state.avoid,
        "alike": ids(state.alike),
        "told": state.told,
        "who": state.who,
        "refused": state.refused,
        "brief": state.brief,
        "novelty": state.novelty,
        "turn": state.turn,
        "seed": state.seed,
    }


def from_json(held: object, catalogue: Catalogue) -> State:
    """The state that `to_json` gave; keys may be missing.

    Raises:
        IlmChatError: when it is no such object, or names an item that is not in the catalogue.
    """
    if held is None or held == {}:
        return State()
    if not isinstance(held, dict):
        raise IlmChatError("A session is the object that the last answer returned, or nothing.")

    def listed(name: str) -> list[str]:
        values = held.get(name, [])
        if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
            raise IlmChatError(f"'{name}' of a session is a list of texts.")
        return values

    def typed(name: str, kind: type, default: Any) -> Any:
        value = held.get(name, default)
        if value is not default and not isinstance(value, kind):
            raise IlmChatError(f"'{name}' of a session is not a {kind.__name__}.")
        return value

    def found(ids: Iterable[str], name: str) -> tuple[int, ...]:
        try:
            return tuple(dict.fromkeys(catalogue.index_of(id) for id in ids))
        except DataError as error:
            raise IlmChatError(f"'{name}' of the session cannot be read: {error}") from None

    def items(name: str) -> tuple[int, ...]:
        return found(listed(name), name)

    focus = typed("focus", str, None)
    return State(
        likes=items("likes"),
        dislikes=items("dislikes"),
        seen=items("seen"),
        shown=items("shown"),
        cards=items("cards"),
        focus=None if focus is None else found([focus], "focus")[0],
        filters=Filters(
            genres_in=frozenset(listed("genres_in")),
            genres_out=frozenset(listed("genres_out")),
            year_min=typed("year_min", int, None),
            year_max=typed("year_max", int, None),
            people=tuple(listed("people")),
            people_out=tuple(listed("people_out")),
            years_out=_spans(held.get("years_out", [])),
            newer_than=typed("newer_than", int, None),
            older_than=typed("older_than", int, None),
            together=typed("together", bool, False),
            genres_joint=typed("genres_joint", bool, False),
        ),
        wish=typed("wish", str, ""),
        avoid=typed("avoid", str, ""),
        alike=items("alike"),
        told=typed("told", str, ""),
        who=typed("who", str, ""),
        refused=typed("refused", bool, False),
        brief=typed("brief", bool, False),
        novelty=novelty_of(held.get("novelty", "balanced")),
        turn=typed("turn", int, 0),
        seed=typed("seed", int, 0),
    )


def novelty_of(held: object) -> Novelty:
    """One of NOVELTIES; IlmChatError for anything else."""
    for novelty in NOVELTIES:
        if held == novelty:
            return novelty
    raise IlmChatError(f"'novelty' is one of: {', '.join(NOVELTIES)}.")


def _spans(held: object) -> tuple[tuple[int, int], ...]:
    spans = []
    for span in held if isinstance(held, list) else [held]:
        match span:
            case [int(first), int(last)]:
                spans.append((first, last))
            case _:
                raise IlmChatError("'years_out' of a session is a list of pairs of years.")
    return tuple(spans)
