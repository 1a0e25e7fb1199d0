"""The annotated corpus of recommendation chats over ML-100K, our own.

In the texts a film stands as `[[id]]` with its MovieLens id; `mentions` takes them apart.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

from data.catalogue import Catalogue
from data.elm24 import SPLITS, Split
from data.errors import DataError
from data.movielens import GENRES_100K
from data.reading import RESOURCES, Record, read_jsonl

Intent = Literal[
    "recommend",
    "critique",
    "ask_about",
    "compare",
    "feedback",
    "more",
    "chitchat",
    "off_topic",
    "reset",
]
_MENTION = re.compile(r"\[\[(\d+)\]\]")


@dataclass(frozen=True)
class UserTurn:
    """`text` as typed; `resolved` with every film meant as `[[id]]`. All films are dense indices.

    `like`, `dislike`, `seen`, genres and years are what this turn alone states; `want` is the wish
    left over, in words; `refers_to` the films that "it" or "the second one" mean; `unknown_title`
    a film named that the catalogue lacks.
    """

    text: str
    resolved: str
    intent: Intent
    like: tuple[int, ...]
    dislike: tuple[int, ...]
    seen: tuple[int, ...]
    genres_in: tuple[str, ...]
    genres_out: tuple[str, ...]
    year_min: int | None
    year_max: int | None
    want: str
    refers_to: tuple[int, ...]
    unknown_title: str


@dataclass(frozen=True)
class AssistantTurn:
    """`text` with `[[id]]` for every film; `items`: the films recommended, in order."""

    text: str
    items: tuple[int, ...]


Turn = UserTurn | AssistantTurn


@dataclass(frozen=True)
class Chat:
    """A chat written around a real viewer (`user`, the MovieLens id) and that viewer's films.

    `targets` are films the viewer rated highly later on, never the last two by time.
    """

    number: int
    user: str
    kind: str
    typing: str
    liked: tuple[int, ...]
    disliked: tuple[int, ...]
    targets: tuple[int, ...]
    split: Split
    turns: tuple[Turn, ...]


def load(
    catalogue: Catalogue, path: Path = RESOURCES / "dialogues" / "chats.jsonl"
) -> tuple[Chat, ...]:
    """All chats, in the file's order.

    DataError for a film outside the catalogue, an unknown intent, genre, role or split, and turns
    that do not alternate, beginning with the user.
    """
    return tuple(_chat(record, catalogue) for record in read_jsonl(path))


def mentions(text: str, catalogue: Catalogue) -> list[str | int]:
    """A text with `[[id]]` -> its pieces of text and the dense indices of its films, in order."""
    pieces: list[str | int] = []
    for place, piece in enumerate(_MENTION.split(text)):
        if place % 2:
            pieces.append(catalogue.index_of(piece))
        elif piece:
            pieces.append(piece)
    return pieces


def _chat(record: Record, catalogue: Catalogue) -> Chat:
    turns = record.values.get("turns")
    if not isinstance(turns, list) or not turns:
        raise DataError(f"{record.where}: 'turns' must be a list of turns.")
    return Chat(
        number=record.integer("chat"),
        user=str(record.integer("user")),
        kind=record.text("kind"),
        typing=record.text("typing"),
        liked=_films(record, "liked", catalogue),
        disliked=_films(record, "disliked", catalogue),
        targets=_films(record, "targets", catalogue),
        split=cast(Split, _one_of(record, "split", SPLITS)),
        turns=tuple(
            _turn(Record(turn, f"{record.where}, turn {number}"), number, catalogue)
            for number, turn in enumerate(turns)
        ),
    )


def _turn(record: Record, number: int, catalogue: Catalogue) -> Turn:
    role = ("user", "assistant")[number % 2]
    if record.text("role") != role:
        raise DataError(f"{record.where}: turns must alternate; this one should be the {role}'s.")
    if role == "assistant":
        mentions(record.text("text"), catalogue)
        return AssistantTurn(record.text("text"), _films(record, "items", catalogue))
    mentions(record.text("resolved"), catalogue)
    return UserTurn(
        text=record.text("text"),
        resolved=record.text("resolved"),
        intent=cast(Intent, _one_of(record, "intent", get_args(Intent))),
        like=_films(record, "like", catalogue),
        dislike=_films(record, "dislike", catalogue),
        seen=_films(record, "seen", catalogue),
        genres_in=_genres(record, "genres_in"),
        genres_out=_genres(record, "genres_out"),
        year_min=record.optional_integer("year_min"),
        year_max=record.optional_integer("year_max"),
        want=record.text("want"),
        refers_to=_films(record, "refers_to", catalogue),
        unknown_title=record.optional_text("unknown_title"),
    )


def _films(record: Record, key: str, catalogue: Catalogue) -> tuple[int, ...]:
    return tuple(catalogue.index_of(id) for id in record.ids(key))


def _genres(record: Record, key: str) -> tuple[str, ...]:
    genres = record.texts(key)
    for genre in genres:
        if genre not in GENRES_100K:
            raise DataError(f"{record.where}: '{genre}' in '{key}' is no genre of MovieLens.")
    return genres


def _one_of(record: Record, key: str, known: tuple[str, ...]) -> str:
    value = record.text(key)
    if value not in known:
        raise DataError(f"{record.where}: '{key}' must be one of {', '.join(known)}, not {value}.")
    return value
