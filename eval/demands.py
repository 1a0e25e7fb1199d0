"""What a viewer will not have, checked without asking the chat engine what it understood."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data.catalogue import Item


@dataclass(frozen=True)
class Demands:
    """Genres and people that are not wanted, and the years (inclusive) that are; None for any."""

    no_genres: frozenset[str] = frozenset()
    no_people: frozenset[str] = frozenset()
    first_year: int | None = None
    last_year: int | None = None

    def broken_by(self, item: Item) -> list[str]:
        """The demands that `item` breaks, in the words the chat uses to offer dropping them.

        A film without a year breaks every demand about years.
        """
        broken = [f"no {genre}" for genre in item.genres if genre in self.no_genres]
        people = dict.fromkeys((*item.directors, *item.cast))
        broken += [f"no {person}" for person in people if person in self.no_people]
        if self.first_year is not None and (item.year is None or item.year < self.first_year):
            broken.append(f"{self.first_year} or later")
        if self.last_year is not None and (item.year is None or item.year > self.last_year):
            broken.append(f"{self.last_year} or earlier")
        return broken

    def without(self, name: str) -> Demands:
        """The demands without the one of that name, as `broken_by` names it."""
        what = name.removeprefix("no ") if name.startswith("no ") else ""
        return replace(
            self,
            no_genres=self.no_genres - {what},
            no_people=self.no_people - {what},
            first_year=None if name == f"{self.first_year} or later" else self.first_year,
            last_year=None if name == f"{self.last_year} or earlier" else self.last_year,
        )


NO_DEMANDS = Demands()
