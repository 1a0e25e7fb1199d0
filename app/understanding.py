"""What a message says, once it is understood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from app.intents import Intent
from app.unheard import UnknownTitle

MAX_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Understanding:
    """One message, understood.

    liked, disliked, seen, named, refers_to: item indices; `named` are all films named by title,
    `refers_to` the shown films meant by words such as "the second one".
    alike: those of them that others are wanted to be like; likened: the one that it is asked which
        of the films shown is like.
    genres_in, genres_out, year_min, year_max, years_out: what this message states; years are
    inclusive, and a span of `years_out` is (first, last).
    told: what is told of one film that is looked for: "what was that film where ...?"; described:
    the film that it may be, where it is said to be liked, disliked or seen and so is among those.
    newer: True for "something newer", False for "something older", else None.
    old: old films are wanted, which is no year that anybody stated.
    than_named: that is, than the films named: "like Heat but newer".
    not_them: whoever was asked for before is wanted no more.
    together: they are wanted in one film, with whoever was wanted before.
    like_them: somebody like them is wanted.
    same: which people of the film last talked about are wanted again.
    people, people_out, people_free, people_alike: directors and actors wanted, not wanted, no
        longer ruled out, and whose films are to be gone by, as the catalogue spells them.
    strangers: names of people that no film of the catalogue has.
    series: the films of the series that is spoken of, by year, or the several that are asked for
        by name; others: the other ones are wanted
        of it: "a sequel to Speed"; listed: all of them are: "which Star Trek films are there?".
    unknown: titles the catalogue does not hold.
    taken_back: films of which it is to count no longer what was said.
    swaps: another film is wanted in the place of the one that is referred to.
    genres_free: genres said to matter no longer: "it needn't be a comedy".
    genres_allowed: genres that may be, beside those that are wanted: "horror is fine".
    genres_joint: one film is to have all that are wanted: "action comedy"; genres_also: and those
        that were wanted before.
    wish, avoid, permitted: what is wanted, what is not, and what no longer is not, in free text;
        "" for nothing.
    count: how many films are asked for; None where it is not said; portions: how many with which
        genres, where several kinds are counted.
    sorting: what the films shown are to be put in order by, "" where they are not.
    superlative: what a film of several is asked for by and whether it should have least of it.
    adds: it carries on the wish before it: "with a woman in the lead".
    instead: its wish takes the place of the one before: "set in Paris instead".
    unknowable: what the message asks for and no catalogue row says, such as how long a film runs.
    untitled: the message with its titles blanked.
    too_long: only the first MAX_CHARACTERS were read.
    contradiction: what no film can be at once, in words.
    strange: a message of a word or two that nothing in the catalogue is like.
    foreign: most of its words are in no text of the catalogue.
    """

    intent: Intent
    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    refers_to: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()
    likened: int | None = None
    genres_in: frozenset[str] = frozenset()
    genres_out: frozenset[str] = frozenset()
    genres_free: frozenset[str] = frozenset()
    genres_allowed: frozenset[str] = frozenset()
    genres_joint: bool = False
    genres_also: bool = False
    year_min: int | None = None
    year_max: int | None = None
    years_out: tuple[tuple[int, int], ...] = ()
    newer: bool | None = None
    old: bool = False
    than_named: bool = False
    not_them: bool = False
    together: bool = False
    like_them: bool = False
    same: Literal["directors", "cast"] | None = None
    people: tuple[str, ...] = ()
    people_out: tuple[str, ...] = ()
    people_free: tuple[str, ...] = ()
    people_alike: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    series: tuple[int, ...] = ()
    others: bool = False
    listed: bool = False
    unknown: tuple[UnknownTitle, ...] = ()
    taken_back: tuple[int, ...] = ()
    swaps: bool = False
    wish: str = ""
    avoid: str = ""
    permitted: str = ""
    count: int | None = None
    portions: tuple[tuple[frozenset[str], int], ...] = ()
    sorting: str = ""
    superlative: tuple[str, bool] | None = None
    adds: bool = False
    instead: bool = False
    unknowable: tuple[str, ...] = ()
    too_long: bool = False
    contradiction: str = ""
    strange: str = ""
    foreign: bool = False
    told: str = ""
    described: int | None = None
    untitled: str = ""

    def meaning(self, film: int) -> Understanding:
        """With `film` in the place of the one that was described."""

        def put(films: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(film if other == self.described else other for other in films)

        return replace(
            self,
            liked=put(self.liked),
            disliked=put(self.disliked),
            seen=put(self.seen),
            named=put(self.named),
            refers_to=put(self.refers_to),
        )
