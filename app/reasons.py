"""Why a film is recommended: true facts about it and this user, each with where it comes from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from app.events import plain
from app.orders import ACCLAIM, PANNED
from app.parts import Parts
from app.session import State
from app.terms import origins
from app.wishes import spoken
from app.words import COMMON, listed, normal, stem
from data.catalogue import Item
from prompts.templates import Segment, Template

COMMON_TERM = 40  # films; a tag of more says nothing about two of them
MIN_SHARE = 0.15  # of the score, for a liked film to be named as the one it came through
POPULAR = 0.95  # quantile of the catalogue above which a film is said to be much watched


@dataclass(frozen=True)
class Reason:
    """One fact. `short` stands on a card, `long` in a sentence after the film's name."""

    kind: str
    short: tuple[Segment, ...]
    long: tuple[Segment, ...]


class Reasons:
    """Finds reasons over one set of parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._rarity = Counter(
            term
            for item in parts.catalogue
            for term in {*map(str.lower, (*item.tags, *item.moods))}
        )
        self._moods = {stem(mood.lower()) for item in parts.catalogue for mood in item.moods}
        self._popular = float(np.quantile(parts.popularity, POPULAR))

    def of(self, item: int, state: State) -> list[Reason]:
        """Reasons to show `item` to this user, the most telling first; never empty."""
        film = self._parts.catalogue[item]
        found = [
            *self._wished(film, state.wish),
            *self._like_a_liked(item, state),
            *self._audience(item, state),
            *self._asked(film, state),
        ]
        ratings = self._parts.ratings if self._parts.popularity[item] > 0 else None
        if {ACCLAIM, PANNED} & {*state.wish.split(", ")} and ratings is not None:
            rating = f"{ratings[item]:.1f}"
            told = "viewers here give it {rating} of 5"
            found.insert(
                0, _reason("rating", told, "has {rating} of 5 from viewers here", rating=rating)
            )
        if float(self._parts.popularity[item]) >= self._popular:
            found.append(
                _reason(
                    "popular",
                    "among the most watched here",
                    "is one of the most watched films here",
                )
            )
        if film.moods:
            mood = listed(film.moods[:2])
            found.append(_reason("mood", "{mood}", "is {mood} in mood", mood=mood))
        return found or [_reason("rank", "high in the ranking", "comes out high in the ranking")]

    def like(self, item: int, other: int) -> Reason:
        """What tells best that one film is like another."""
        likes = State(likes=(other,))
        found = [*self._like_a_liked(item, likes), *self._audience(item, likes)]
        nothing_shared = _reason("alike", "alike", "is closest in its story and in who chose it")
        return [*found, nothing_shared][0]

    def shared(self, left: int, right: int) -> list[str]:
        """Tags and moods that two films share, the rarest first."""
        one, other = self._parts.catalogue[left], self._parts.catalogue[right]
        both = {*map(str.lower, (*one.tags, *one.moods))} & {
            *map(str.lower, (*other.tags, *other.moods))
        }
        return sorted(both, key=lambda term: (self._rarity[term], term))

    def _wished(self, film: Item, wish: str) -> list[Reason]:
        words = _wished_words(spoken(wish))
        if not words:
            return []
        if {*normal(wish)} & {*origins(film)}:
            long = "comes from {home}, as you asked"
            return [_reason("wish", "from {home}, as wished", long, home=film.countries[0])]
        hits = [tag for tag in film.tags if words & self._telling(tag)]
        hits = [*hits, *(mood for mood in film.moods if words & {*map(stem, normal(mood))})]
        # "Hospital blood supply" is not what somebody meant by blood.
        whole = [term for term in hits if _wished_words(term) <= words]
        hits = (whole or hits)[:2]
        if not hits:
            return []
        told = "is {hits} in mood" if {*hits} <= {*film.moods} else "is tagged {hits}"
        asked, wished = (", as you asked", ", as wished") if whole else ("", "")
        return [_reason("wish", "{hits}" + wished, told + asked, hits=listed(hits))]

    def _telling(self, tag: str) -> set[str]:
        """The words that a tag may be wished for by: "northern lights" are no light film."""
        words = [stem(word) for word in normal(tag)]
        return {*(words[:-1] if len(words) > 1 and words[-1] in self._moods else words)}

    def _like_a_liked(self, item: int, state: State) -> list[Reason]:
        film = self._parts.catalogue[item]
        found: list[tuple[int, Reason]] = []
        for liked in (film for film in reversed(state.likes) if film != item):
            other = self._parts.catalogue[liked]
            directors = [d for d in film.directors if d in other.directors]
            if directors:
                found.append(
                    (
                        0,
                        _reason(
                            "director",
                            "{who} directed {liked} too",
                            "is by {who}, who also made {liked}",
                            who=listed(directors[:2]),
                            liked=liked,
                        ),
                    )
                )
            found += [(1 + place, reason) for place, reason in self._in_common(item, liked)]
            cast = [p for p in film.cast if p in other.cast]
            if cast:
                found.append(
                    (
                        3,
                        _reason(
                            "cast",
                            "{who} again, as in {liked}",
                            "has {who} again, as in {liked}",
                            who=listed(cast[:2]),
                            liked=liked,
                        ),
                    )
                )
        found.sort(key=lambda pair: pair[0])
        best: dict[str, Reason] = {}
        for _, reason in found:
            best.setdefault(reason.kind, reason)
        return list(best.values())

    def _in_common(self, item: int, liked: int) -> list[tuple[int, Reason]]:
        """Tags, else moods, that a film shares with a liked one; (0 for tags or 1, reason)."""
        shared = self.shared(item, liked)
        moods = {*map(str.lower, self._parts.catalogue[item].moods)}
        tags = [term for term in shared if term not in moods and self._rarity[term] <= COMMON_TERM]
        if tags:
            what = listed(tags[:2])
            long = "is tagged {what}, like {liked}"
            return [(0, _reason("tags", "{what}, like {liked}", long, what=what, liked=liked))]
        like = [term for term in shared if term in moods]
        if not like:
            return []
        what = listed(like[:2])
        short = "as {what} as {liked}"
        return [(1, _reason("moods", short, "is " + short, what=what, liked=liked))]

    def _audience(self, item: int, state: State) -> list[Reason]:
        likes = [film for film in state.likes if film != item]
        if not likes or not self._parts.factors.known[item]:
            return []
        shares = self._parts.factors.contributions(likes, item)
        best = int(np.argmax(shares))
        if shares[best] < MIN_SHARE * max(float(np.abs(shares).sum()), 1e-9):
            return []
        liked = likes[best]
        return [
            _reason(
                "audience",
                "viewers of {liked} choose it too",
                "is what viewers of {liked} often choose too",
                liked=liked,
            )
        ]

    def _asked(self, film: Item, state: State) -> list[Reason]:
        filters = state.filters
        genres = [g for g in film.genres if g in filters.genres_in]
        dated = filters.year_min is not None or filters.year_max is not None
        people = [p for p in filters.people if p in film.directors or p in film.cast]
        if people:
            return [
                _reason(
                    "asked", "with {who}, as asked", "has {who}, as you asked", who=listed(people)
                )
            ]
        if genres and dated:
            return [
                _reason(
                    "asked",
                    "{genre} from {year}, as asked",
                    "is filed under {genre} and from {year}, as you asked",
                    genre=listed(genres),
                    year=str(film.year),
                )
            ]
        if genres:
            return [
                _reason(
                    "asked",
                    "{genre}, as asked",
                    "is filed under {genre}, as you asked",
                    genre=listed(genres),
                )
            ]
        if dated:
            return [
                _reason(
                    "asked",
                    "from {year}, as asked",
                    "is from {year}, as you asked",
                    year=str(film.year),
                )
            ]
        return []


def card_line(reasons: list[Reason], lead: Reason, parts: Parts) -> str:
    """One line for a card: up to two reasons that the sentence before it (`lead`) did not give."""
    weak = {"mood", "popular", "rank"}
    others = [reason for reason in reasons if reason is not lead]
    chosen: list[Reason] = []
    said = _own_words(lead)
    for reason in others:
        words = _own_words(reason)
        if reason.kind not in weak and not words <= said and len(chosen) < 2:
            chosen.append(reason)
            said |= words
    texts = [plain(reason.short, parts.catalogue) for reason in chosen or others[:1] or [lead]]
    line = " · ".join(dict.fromkeys(texts))
    return line[:1].upper() + line[1:]


def _own_words(reason: Reason) -> set[str]:
    """The words of a reason apart from titles and small words."""
    text = " ".join(part if isinstance(part, str) else str(part.items) for part in reason.short)
    return {*normal(text)} - COMMON


def _reason(kind: str, short: str, long: str, **values: str | int) -> Reason:
    def filled(text: str) -> tuple[Segment, ...]:
        template = Template(text)
        return tuple(template.render(**{name: values[name] for name in template.placeholders}))

    return Reason(kind, filled(short), filled(long))


def _wished_words(text: str) -> set[str]:
    """The telling words of a wish or a tag, without their endings."""
    return {stem(word) for word in normal(text) if len(word) > 2 and word not in COMMON}
