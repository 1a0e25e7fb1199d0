"""What a simulated viewer says.

What it knows: the films it has seen and what it thought of them (its history before the target),
and of its target the genres, how old it is, who is *not* in it, which film it loved is most
like it, and such moods and tags as at least `COMMON` films share; a rarer tag would name the film.
It knows no title, no synopsis and no name of anybody in the target, and what it says is true of it.

What it does: it opens with a few films it loved and one mood or genre. Whenever its target is not
among the cards it says which of them it has seen and how it liked them, and then one or two things
more: what about the cards is unlike the target, something else that the target is, or another film
it loved. Asked about one of these it takes that up. When no film is left it drops what it is
offered to drop, rather something that it never asked for.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from data.catalogue import Catalogue
from data.titles import title_forms
from eval.demands import NO_DEMANDS, Demands
from eval.viewers import DISLIKED, LOVED, Viewer
from prompts.templates import Template

WORDING = Path(__file__).with_suffix(".toml")
COMMON = 5  # films that share a tag or a mood before a viewer uses it
OPENING_LIKES = 3
WANTING = 2.0  # how much rather a viewer says what it wants than what it does not
_WANTS = {"genre", "older", "newer", "before", "after", "mood", "tag", "like"}
_PLACES = ("first", "second", "third")
_OFFER = re.compile(r"[“\"]drop ([^”\"]+)[”\"]")
_QUESTION = re.compile(r"[^.!?\n]*\?")
_TOPICS = {
    "older": ("older", "newer", "before", "after"),
    "newer": ("older", "newer", "before", "after"),
    "darker": ("mood", "less"),
    "loved": ("like",),
    "liked": ("like",),
    "genre": ("genre", "no_genre"),
}
"""What a viewer talks about when a question holds the word."""


@dataclass(frozen=True)
class Said:
    """A message, and what it says in so many words, for partners that cannot read.

    liked, disliked, seen, phrases: of this message. demands, genre: in force after it; `genre` is
    the one wanted last, a wish and no demand. afresh: whether the viewer takes back all before.
    """

    text: str
    liked: tuple[int, ...] = ()
    disliked: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    phrases: tuple[str, ...] = ()
    demands: Demands = NO_DEMANDS
    genre: str | None = None
    afresh: bool = False


@dataclass(frozen=True)
class Act:
    """One thing that could be said: which kind, about what, and what comes of it."""

    kind: str
    about: str
    values: Mapping[str, str]
    liked: tuple[int, ...] = ()
    phrase: str = ""
    demands: Demands | None = None
    genre: str | None = None


class World:
    """What all viewers share: the catalogue, the wording, and which words are common enough."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        wording = tomllib.loads(WORDING.read_text(encoding="utf-8"))
        self.says = {kind: [Template(t) for t in texts] for kind, texts in wording["says"].items()}
        self.genres: dict[str, list[str]] = wording["genres"]
        self._titled: dict[str, set[int]] = defaultdict(set)
        for index, item in enumerate(catalogue):
            for name in (*title_forms(item.title), *item.alternate_titles):
                self._titled[name.casefold()].add(index)
        self._tags = _shared(item.tags for item in catalogue)
        self._filed = {word for genre in catalogue.genres for word in genre.casefold().split()}
        self._moods = _shared(item.moods for item in catalogue)

    def tags(self, item: int) -> list[str]:
        """Tags that a viewer may use: shared with other films, and no word of the title in them.

        Nor a genre or a year, which would be heard as one that is wanted: a film set in the 1970s
        may be of the nineties, and a black comedy be filed under Drama.
        """
        names = (self.catalogue[item].title, *self.catalogue[item].alternate_titles)
        title = set(re.findall(r"\w{4,}", " ".join(names).casefold()))
        found = [tag.lower() for tag in self.catalogue[item].tags]
        return [
            tag
            for tag in found
            if tag in self._tags
            and not (title | self._filed) & set(re.findall(r"\w+", tag))
            and not re.search(r"\d", tag)
        ]

    def moods(self, item: int) -> list[str]:
        """Moods that a viewer may use."""
        return [m.lower() for m in self.catalogue[item].moods if m.lower() in self._moods]

    def title(self, item: int) -> str:
        """The title as a person types it: without a second name in parentheses, and with the year
        where films share it."""
        main = title_forms(self.catalogue[item].title)[0]
        others = self._titled[main.casefold()] - self.catalogue.with_twins([item])
        year = self.catalogue[item].year
        return f"{main} ({year})" if others and year is not None else main

    def likeness(self, left: int, right: int) -> int:
        """How many genres, moods, tags and people two films share."""
        return len(self._traits(left) & self._traits(right))

    def people(self, item: int) -> set[str]:
        return {*self.catalogue[item].directors, *self.catalogue[item].cast}

    def _traits(self, item: int) -> set[str]:
        film = self.catalogue[item]
        return {*film.genres, *film.moods, *film.tags} | self.people(item)


class Speaker:
    """A viewer within one conversation. Equal seeds say equal things to equal answers."""

    def __init__(self, viewer: Viewer, world: World, seed: int) -> None:
        self.viewer = viewer
        self.demands = NO_DEMANDS
        self._world = world
        self._rng = np.random.default_rng([seed, *viewer.user.encode()])
        self._target = viewer.targets[0]
        self._told: set[tuple[str, str]] = set()
        self._mentioned: set[int] = set()
        self._genre: str | None = None

    def open(self) -> Said:
        """The first message: films that the viewer loved, and a mood or a genre."""
        loved = self.viewer.loved
        count = min(OPENING_LIKES, len(loved))
        chosen = [loved[p] for p in sorted(self._rng.permutation(len(loved))[:count])]
        self._mentioned.update(chosen)
        wish = self._wish()
        films = _listed([self._world.title(item) for item in chosen])
        if chosen:
            text = self._words("opening", films=films, wish=wish.text)
        else:
            text = self._words("no_likes", wish=wish.text)
        return replace(wish, text=text, liked=tuple(chosen))

    def answer(self, cards: Sequence[int], text: str) -> Said:
        """What is said to an answer without the target: its cards and its text."""
        if not cards and (offers := _OFFER.findall(text)):
            return self._dropping(offers)
        if not cards and self.demands != NO_DEMANDS:
            self.demands = NO_DEMANDS
            wish = self._wish()
            return replace(wish, text=self._words("afresh", wish=wish.text), afresh=True)
        heard = self._verdicts(cards)
        asked = self._asked(text)
        sentences = [heard.text] if heard.text else []
        acts: list[Act] = []
        for _ in range(1 + int(self._rng.random() < 0.5)):
            act = self._choose(self._acts(cards, also={act.kind for act in acts}), asked)
            if act is not None:
                acts.append(act)
                sentences.append(self._say(act))
        if not acts:
            sentences.append(self._words("more"))
        return Said(
            " ".join(sentences),
            liked=(*heard.liked, *(item for act in acts for item in act.liked)),
            disliked=heard.disliked,
            seen=heard.seen,
            phrases=tuple(act.phrase for act in acts if act.phrase),
            demands=self.demands,
            genre=self._genre,
        )

    def _wish(self) -> Said:
        """A mood or a genre of the target, told as a wish."""
        film = self._world.catalogue[self._target]
        spoken = [genre for genre in film.genres if genre in self._world.genres]
        moods = self._world.moods(self._target)
        kinds = ["mood"] * bool(moods) + ["genre"] * bool(spoken)
        if not kinds:
            return Said(self._words("wish_none"), demands=self.demands)
        if self._rng.choice(kinds) == "mood":
            mood = str(self._rng.choice(moods))
            self._told.add(("mood", mood))
            return Said(self._words("wish_mood", mood=mood), phrases=(mood,), demands=self.demands)
        self._genre = str(self._rng.choice(spoken))
        self._told.add(("genre", self._genre))
        words = self._world.genres[self._genre][0]
        return Said(
            self._words("wish_genre", genre=words),
            phrases=(words,),
            demands=self.demands,
            genre=self._genre,
        )

    def _dropping(self, offers: Sequence[str]) -> Said:
        """Take the first offer about something never asked for, or else the first."""
        own = [offer for offer in offers if self.demands.without(offer) != self.demands]
        chosen = next((offer for offer in offers if offer not in own), offers[0])
        self.demands = self.demands.without(chosen)
        if chosen == self._genre:
            self._genre = None
        return Said(f"Drop {chosen}", demands=self.demands, genre=self._genre)

    def _verdicts(self, cards: Iterable[int]) -> Said:
        """Which of the cards were seen, and how they were liked."""
        texts: list[str] = []
        seen = [item for item in cards if item in self.viewer.ratings]
        kinds = {item: self._verdict(item) for item in seen}
        for item, kind in kinds.items():
            self._mentioned.add(item)
            texts.append(self._words(kind, film=self._world.title(item)))
        return Said(
            " ".join(texts),
            liked=tuple(item for item in seen if kinds[item] == "seen_loved"),
            disliked=tuple(item for item in seen if kinds[item] == "seen_disliked"),
            seen=tuple(seen),
        )

    def _verdict(self, item: int) -> str:
        rating = self.viewer.ratings[item]
        if rating >= LOVED:
            return "seen_loved"
        return "seen_disliked" if rating <= DISLIKED else "seen"

    def _asked(self, text: str) -> tuple[str, ...]:
        """The kinds of things to say that the questions of an answer ask for."""
        questions = " ".join(_QUESTION.findall(text)).casefold()
        return tuple(k for word, kinds in _TOPICS.items() if word in questions for k in kinds)

    def _choose(self, acts: Sequence[Act], asked: Sequence[str]) -> Act | None:
        """One of the things not yet told, of a kind that was asked for where there is one."""
        open_acts = [act for act in acts if (act.kind, act.about) not in self._told]
        open_acts = [act for act in open_acts if act.kind in asked] or open_acts
        kinds = sorted({act.kind for act in open_acts})
        if not kinds:
            return None
        weights = np.array([WANTING if kind in _WANTS else 1.0 for kind in kinds])
        kind = str(self._rng.choice(kinds, p=weights / weights.sum()))
        of_kind = [act for act in open_acts if act.kind == kind]
        return of_kind[int(self._rng.integers(len(of_kind)))]

    def _say(self, act: Act) -> str:
        self._told.add((act.kind, act.about))
        self._mentioned.update(act.liked)
        self.demands = act.demands or self.demands
        self._genre = act.genre or self._genre
        return self._words(act.kind, **act.values)

    def _acts(self, cards: Sequence[int], also: set[str]) -> list[Act]:
        """Everything true that could be said now, of other kinds than `also`.

        Nothing is held against a film that the viewer loved.
        """
        faulty = [None if card in self.viewer.loved else card for card in cards]
        acts = [
            *self._genre_acts(cards, faulty),
            *self._year_acts(cards),
            *self._mood_acts(faulty),
            *self._people_acts(faulty),
            *self._like_acts(),
            *(Act("tag", t, {"tag": t}, phrase=t) for t in self._world.tags(self._target)),
        ]
        return [act for act in acts if act.kind not in also]

    def _genre_acts(self, cards: Sequence[int], faulty: Sequence[int | None]) -> list[Act]:
        catalogue, spoken = self._world.catalogue, self._world.genres
        own = catalogue[self._target].genres
        shown = [catalogue[card].genres for card in cards]
        wanted = [g for g in own if g in spoken and not all(g in genres for genres in shown)]
        strange = dict.fromkeys(
            g for card in faulty if card is not None for g in catalogue[card].genres if g not in own
        )
        return [
            *(
                Act("genre", g, {"genre": spoken[g][0]}, phrase=spoken[g][0], genre=g)
                for g in wanted
            ),
            *(
                Act(
                    "no_genre",
                    g,
                    {"genres": spoken[g][1]},
                    demands=replace(self.demands, no_genres=self.demands.no_genres | {g}),
                )
                for g in strange
                if g in spoken
            ),
        ]

    def _year_acts(self, cards: Sequence[int]) -> list[Act]:
        year = self._world.catalogue[self._target].year
        years = [y for card in cards if (y := self._world.catalogue[card].year) is not None]
        if year is None or not years:
            return []
        decade = year - year % 10
        acts: list[Act] = []
        if year < min(years):
            acts.append(Act("older", str(min(years)), {}))
        if year > max(years):
            acts.append(Act("newer", str(max(years)), {}))
        if decade + 9 < max(years):
            last = {"year": str(decade + 9), "next": str(decade + 10)}
            acts.append(
                Act("before", "", last, demands=replace(self.demands, last_year=decade + 9))
            )
        if decade > min(years):
            first = {"year": str(decade)}
            acts.append(Act("after", "", first, demands=replace(self.demands, first_year=decade)))
        return acts

    def _mood_acts(self, cards: Sequence[int | None]) -> list[Act]:
        own = [mood.lower() for mood in self._world.catalogue[self._target].moods]
        acts = [Act("mood", m, {"mood": m}, phrase=m) for m in self._world.moods(self._target)]
        for place, card in zip(_PLACES[: len(cards)], cards, strict=True):
            for mood in self._world.moods(card) if card is not None else ():
                # "Dark" is not said against a target that is "darkly funny".
                if not any(mood in other or other in mood for other in own):
                    acts.append(Act("less", mood, {"mood": mood, "place": place}))
        return acts

    def _people_acts(self, cards: Sequence[int | None]) -> list[Act]:
        own = self._world.people(self._target)
        acts: list[Act] = []
        for film in (self._world.catalogue[card] for card in cards if card is not None):
            for kind, people in (("no_director", film.directors), ("no_actor", film.cast)):
                for person in people:
                    if person not in own:
                        no_people = self.demands.no_people | {person}
                        demands = replace(self.demands, no_people=no_people)
                        acts.append(Act(kind, person, {"person": person}, demands=demands))
        return acts

    def _like_acts(self) -> list[Act]:
        """The loved film that is most like the target, of those not yet mentioned."""
        left = [item for item in self.viewer.loved if item not in self._mentioned]
        if not left:
            return []
        best = max(left, key=lambda item: self._world.likeness(item, self._target))
        return [Act("like", str(best), {"film": self._world.title(best)}, liked=(best,))]

    def _words(self, kind: str, **values: str) -> str:
        ways = self._world.says[kind]
        template = ways[int(self._rng.integers(len(ways)))]
        used = {name: values[name] for name in template.placeholders}
        return "".join(str(segment) for segment in template.render(**used))


def _shared(words: Iterable[Sequence[str]]) -> set[str]:
    """Words that at least COMMON films have, in lower case."""
    counts = Counter(word for own in words for word in {w.lower() for w in own})
    return {word for word, count in counts.items() if count >= COMMON}


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
