"""Everything that belongs to one user of the chat: nothing about them is kept anywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from app.constraints import NOT_OLD
from app.understanding import Understanding
from data.catalogue import Item

_DROP = re.compile(
    r"^\s*(?:please\s+)?(?:drop|relax|remove|ignore|lift|without|never ?mind)\s+"
    r"(?:the\s+)?(.+?)\s*$",
    re.IGNORECASE,
)

_DECADE = re.compile(r"(?:(?:19)?\d0s|\d{4}|(?:twen|thir|for|fif|six|seven|eigh|nine)ties)")
Feeling = str  # "like", "dislike" or "seen"
FEELINGS: tuple[Feeling, ...] = ("like", "dislike", "seen")
Novelty = Literal["familiar", "balanced", "surprising"]
NOVELTIES: tuple[Novelty, ...] = get_args(Novelty)


@dataclass(frozen=True, slots=True)
class Filters:
    """Hard constraints: a film has one of `genres_in` (all of them where they are wanted
    `genres_joint`), none of `genres_out`, lies within the years (inclusive) and in no span (first,
    last) of `years_out`, has one of `people` (all of them where they are wanted `together`) as
    director or actor, and none of `people_out`. `newer_than` and `older_than` are years that it is
    not to reach: what "newer" and "older" came to, given up before anything that was stated. Empty
    means no constraint."""

    genres_in: frozenset[str] = frozenset()
    genres_out: frozenset[str] = frozenset()
    year_min: int | None = None
    year_max: int | None = None
    people: tuple[str, ...] = ()
    people_out: tuple[str, ...] = ()
    years_out: tuple[tuple[int, int], ...] = ()
    newer_than: int | None = None
    older_than: int | None = None
    together: bool = False
    genres_joint: bool = False

    def allow(self, item: Item) -> bool:
        """Whether `item` satisfies every constraint; a film without a year fails any year."""
        genres = set(item.genres)
        shared = genres & self.genres_in
        if self.genres_in and not (shared == self.genres_in if self.genres_joint else shared):
            return False
        if genres & self.genres_out:
            return False
        if self.year_min is not None and (item.year is None or item.year < self.year_min):
            return False
        if self.year_max is not None and (item.year is None or item.year > self.year_max):
            return False
        if self.newer_than is not None and (item.year is None or item.year <= self.newer_than):
            return False
        if self.older_than is not None and (item.year is None or item.year >= self.older_than):
            return False
        if any(item.year is None or low <= item.year <= high for low, high in self.years_out):
            return False
        people = {*item.directors, *item.cast}
        if people & {*self.people_out}:
            return False
        if self.together:
            return people >= {*self.people}
        return not self.people or bool(people & {*self.people})

    def constraints(self) -> list[str]:
        """Names of the constraints in force: "Comedy", "no Horror", "1980 or later", a person."""
        return [
            *sorted(self.genres_in),
            *(f"no {genre}" for genre in sorted(self.genres_out)),
            *([] if self.year_min is None else [f"{self.year_min} or later"]),
            *([] if self.year_max is None else [f"{self.year_max} or earlier"]),
            *([] if self.newer_than is None else [f"newer than {self.newer_than}"]),
            *([] if self.older_than is None else [f"older than {self.older_than}"]),
            *self.people,
            *(f"no {person}" for person in self.people_out),
            *(_not_from(span) for span in self.years_out),
        ]

    def without(self, name: str) -> Filters:
        """The filters without the constraint of that name.

        Dropping one of several genres of which a film needs one would only narrow the choice: it
        drops them all.
        """
        years = {"year_min": self.year_min, "year_max": self.year_max}
        if name == f"{self.year_min} or later":
            years["year_min"] = None
        if name == f"{self.year_max} or earlier":
            years["year_max"] = None
        return Filters(
            genres_in=self.genres_in
            if name not in self.genres_in
            else self.genres_in - {name}
            if self.genres_joint
            else frozenset(),
            genres_joint=self.genres_joint,
            genres_out=self.genres_out - {name.removeprefix("no ")}
            if name.startswith("no ")
            else self.genres_out,
            people=tuple(person for person in self.people if person != name),
            people_out=tuple(person for person in self.people_out if name != f"no {person}"),
            years_out=tuple(span for span in self.years_out if name != _not_from(span)),
            newer_than=None if name == f"newer than {self.newer_than}" else self.newer_than,
            older_than=None if name == f"older than {self.older_than}" else self.older_than,
            together=self.together,
            **years,
        )

    def loose(self) -> Filters:
        """Without what "newer" and "older" came to."""
        return replace(self, newer_than=None, older_than=None)

    def of_any_kind(self) -> Filters:
        """Without the genres and years that are wanted; what is ruled out stays ruled out."""
        return replace(
            self.loose(), genres_in=frozenset(), genres_joint=False, year_min=None, year_max=None
        )

    def dropped(self, message: str) -> Filters | None:
        """After a message such as "drop Comedy" or "drop the year"; None for any other."""
        match = _DROP.match(message)
        if match is None:
            return None
        what = match[1].strip(" “”\"'.!").casefold()
        for name in self.constraints():
            if what in {name.casefold(), f"only {name}".casefold()}:
                return self.without(name)
        if what in {"year", "years", "decade", "date"} or _DECADE.fullmatch(what):
            return replace(self.loose(), year_min=None, year_max=None, years_out=())
        if what in {"genre", "genres"}:
            return replace(self, genres_in=frozenset(), genres_out=frozenset())
        return None

    def updated(self, said: Understanding) -> Filters:
        """With what a message states: a new wanted genre replaces the old one, a bound of the years
        moves that end, exclusions add up, and the newest word about a genre wins."""
        year_min, year_max = self._years(said.year_min, said.year_max)
        stated = said.year_min is not None or said.year_max is not None
        # "Animated?" after "for my kids" is still for them.
        children = {"Children's"} & self.genres_in - said.genres_out - said.genres_free
        still = children if said.adds and said.genres_in else frozenset()
        still = self.genres_in - said.genres_out if said.genres_also else still
        return Filters(
            newer_than=None if stated else self.newer_than,
            older_than=None if stated else self.older_than,
            genres_in=said.genres_in | still or self._still_in(said),
            genres_joint=said.genres_joint or bool(still - said.genres_in)
            if said.genres_in
            else self.genres_joint,
            genres_out=(self.genres_out | said.genres_out)
            - said.genres_in
            - said.genres_free
            - said.genres_allowed,
            year_min=year_min,
            year_max=year_max,
            together=said.together or (self.together and not said.people),
            people=tuple(dict.fromkeys([*(self.people if said.together else ()), *said.people]))
            if said.people
            else tuple(p for p in self.people if p not in said.people_out),
            people_out=tuple(
                p
                for p in dict.fromkeys([*self.people_out, *said.people_out])
                if p not in {*said.people, *said.people_free}
            ),
            years_out=tuple(
                dict.fromkeys([*self._still_out(said.year_min, said.year_max), *said.years_out])
            ),
        )

    def _still_in(self, said: Understanding) -> frozenset[str]:
        """The genres wanted after a message that asks for none, but may allow some."""
        left = self.genres_in - said.genres_out - said.genres_free
        return left | said.genres_allowed if left else left

    def _still_out(self, low: int | None, high: int | None) -> Iterator[tuple[int, int]]:
        """The spans ruled out before, but for one that holds all the years asked for now."""
        for first, last in self.years_out:
            if low is None or high is None or not first <= low <= high <= last:
                yield first, last

    def _years(self, low: int | None, high: int | None) -> tuple[int | None, int | None]:
        """The years after a message with these bounds: both are a new span, and one alone leaves
        the other end as it is, unless no year would be left."""
        if low is None and high is None:
            return self.year_min, self.year_max
        if high is None and self.year_max is not None and low is not None:
            high = self.year_max if self.year_max >= low else None
        elif low is None and self.year_min is not None and high is not None:
            low = self.year_min if self.year_min <= high else None
        return low, high


@dataclass(frozen=True, slots=True)
class State:
    """One user's state between two turns. All films are item indices.

    likes, dislikes, seen: newest last, never overlapping between likes and dislikes.
    shown: every film ever put on a card; cards: those of the last answer that had any.
    focus: the film last talked about. wish, avoid: free text in force.
    alike: films that others are wanted to be like.
    told: what was told of a film that is looked for, until it is found or something else is wanted.
    who: of whom it was asked whether they are in a film, until films are shown.
    refused: whether the last message ruled something out.
    brief: whether films are shown without a sentence for each.
    novelty: whether what many or what few have seen comes first, and how unlike the films of one
    answer are.
    turn: how many messages were answered. seed: with it chooses among ways to say the same.
    asked: what the last films were ranked for, for whoever looks behind the answer; not kept with a
    conversation.
    """

    likes: tuple[int, ...] = ()
    dislikes: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    cards: tuple[int, ...] = ()
    focus: int | None = None
    filters: Filters = Filters()
    wish: str = ""
    avoid: str = ""
    alike: tuple[int, ...] = ()
    told: str = ""
    who: str = ""
    refused: bool = False
    brief: bool = False
    novelty: Novelty = "balanced"
    turn: int = 0
    seed: int = 0
    asked: Question | None = field(default=None, compare=False, repr=False)

    def felt(self, feeling: Feeling, items: Iterable[int]) -> State:
        """With `items` liked, disliked or seen; liking takes back disliking and the reverse."""
        new = tuple(dict.fromkeys(items))

        def added(held: tuple[int, ...]) -> tuple[int, ...]:
            return (*(item for item in held if item not in new), *new)

        def without(held: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(item for item in held if item not in new)

        if feeling == "like":
            return replace(self, likes=added(self.likes), dislikes=without(self.dislikes))
        if feeling == "dislike":
            return replace(self, dislikes=added(self.dislikes), likes=without(self.likes))
        return replace(self, seen=added(self.seen))

    def unfelt(self, feeling: Feeling, items: Iterable[int]) -> State:
        """Without `feeling` about `items`."""
        gone = set(items)
        name = {"like": "likes", "dislike": "dislikes", "seen": "seen"}[feeling]
        kept = tuple(item for item in getattr(self, name) if item not in gone)
        changes: dict[str, Any] = {name: kept}
        return replace(self, **changes)

    def afresh(self) -> State:
        """Of somebody of whom nothing is known but how they want their answers."""
        return State(brief=self.brief, novelty=self.novelty, seed=self.seed)

    def has(self, feeling: Feeling, item: int) -> bool:
        name = {"like": "likes", "dislike": "dislikes", "seen": "seen"}[feeling]
        return item in getattr(self, name)


@dataclass(frozen=True, slots=True)
class Question:
    """What films are ranked for: a state, and films that are gone by without being liked."""

    state: State
    named: tuple[int, ...] = ()


@dataclass
class Session:
    """A conversation: the state now, and what undo and retry need.

    past: (state before the turn, message) of every turn, oldest first.
    """

    now: State = State()
    past: list[tuple[State, str]] = field(default_factory=list)

    def toggle(self, feeling: Feeling, item: int) -> None:
        """Press or release a Like, Dislike or Seen button."""
        change = self.now.unfelt if self.now.has(feeling, item) else self.now.felt
        self.now = change(feeling, [item])

    def undo(self) -> str | None:
        """Back to before the last message, which is returned; None when there is none."""
        if not self.past:
            return None
        self.now, message = self.past.pop()
        return message

    def clear(self) -> None:
        """Forget everything."""
        self.now = State()
        self.past.clear()


def _not_from(span: tuple[int, int]) -> str:
    low, high = span
    if span == NOT_OLD:
        return f"not before {high + 1}"
    return f"not {low}" if low == high else f"not {low} to {high}"
