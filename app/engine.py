"""The conversation: one message in, one answer out, the session updated in between."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from app import frames
from app.answering import Answers
from app.candidates import Sources
from app.descriptions import Descriptions, is_found, is_missed
from app.events import Event, Part, Status, as_events
from app.filters import allowed, barred, in_time, one_of_twins, relaxations
from app.frames import Voice
from app.idioms import HOW_ARE_YOU, PROFILE, RUDE, SORROW
from app.intents import picks, thanks
from app.laps import Laps
from app.own_words import PROMPT, OwnWords
from app.parts import Parts, Vector
from app.ranking import POOL, alike, diverse, order, taste_order
from app.reasons import Reasons
from app.session import Filters, Question, Session, State
from app.superlatives import most
from app.titles import TitleIndex
from app.understanding import Reader, Understanding
from app.wishes import OLD_BEFORE, joined, without

CARDS = 3
_FIXED = {
    "empty": frames.EMPTY,
    "help": frames.HELP,
    "chitchat": frames.CHITCHAT,
    "off_topic": frames.OFF_TOPIC,
}


def _small_talk(intent: str, message: str) -> tuple[str, ...]:
    """What to answer to what asks for no film."""
    if intent in {"chitchat", "off_topic"} and SORROW.search(message):
        return frames.SORRY
    if intent == "chitchat" and HOW_ARE_YOU.match(message):
        return frames.HOW_ARE_YOU
    if intent == "chitchat" and RUDE.match(message):
        return frames.RUDE
    return frames.WELCOME if intent == "chitchat" and thanks(message) else _FIXED[intent]


@dataclass(frozen=True)
class Ranked:
    """All films that are allowed, in order, and what the order was made from.

    Attributes:
        history: the films ranked after, oldest first.
        allowed: (n,) the films in order of index.
        columns: what each source says, (n_items,) each; none where no film is allowed.
        items: the films best first, one of each that is listed twice.
        scores: (len(items),) by which they are in order.
        seconds: how long each stage took, by name.
    """

    history: list[int]
    allowed: NDArray[np.int64]
    columns: dict[str, Vector]
    items: list[int]
    scores: Vector
    seconds: dict[str, float]


class Engine:
    """Answers messages about the films of one catalogue.

    Holds nothing of any user: all of that is in the `Session` handed in. Safe to share between
    threads.

    Args:
        describe: whether questions about a film may be followed by the language model's own
            words, after checking.
    """

    def __init__(self, parts: Parts, *, describe: bool = False) -> None:
        self.parts = parts
        self.catalogue = parts.catalogue
        self.titles = TitleIndex(parts.catalogue, parts.popularity)
        self._reader = Reader(parts.catalogue, self.titles)
        self.sources = Sources(parts)
        self._descriptions = Descriptions(parts)
        self._reasons = Reasons(parts)
        self._answers = Answers(parts, self._reasons)
        self._own_words = OwnWords(parts.catalogue, self.titles) if describe else None
        self._model_lock = Lock()

    @classmethod
    def load(cls, weights: Path, *, describe: bool = False, fast: bool = True) -> Engine:
        """Build everything from a folder of trained weights.

        Args:
            fast: False leaves the language model to the library's forward.

        Raises:
            IlmChatError: when something is missing, in one sentence that says what to do.
        """
        from app.loading import load_parts

        return cls(load_parts(weights, fast=fast), describe=describe)

    def reply(self, session: Session, message: str) -> Generator[Event]:
        """Answer `message`, updating `session`.

        The session is settled before the first word of the answer, so a stream that is stopped
        half way leaves it whole.
        """
        before = session.now
        said = self.understand(before, message)
        yield Status(f"Looking through {len(self.catalogue):,} films")
        parts, after = self._answer(said, message, before)
        session.past.append((before, message))
        session.now = after
        yield from as_events(parts, self.catalogue)

    def understand(self, before: State, message: str) -> Understanding:
        """What `message` says to somebody in this state."""
        return self._reader.read(message, before.cards, before.focus, before.shown)

    def retry(self, session: Session) -> Iterator[Event]:
        """Answer the last message again, with other films than the first time."""
        shown, turn = session.now.shown, session.now.turn
        message = session.undo()
        if message is not None:
            kept = session.now
            session.now = replace(kept, shown=shown, turn=turn)
            yield from self.reply(session, message)
            # Undo goes back to what was before the first answer, not between the two.
            session.past[-1] = (kept, message)

    def recommend(self, state: State, count: int, *, named: Sequence[int] = ()) -> list[int]:
        """At most `count` films for this user, best first; none when nothing is allowed."""
        found = self.ranked(state, named)
        return diverse(found.items, found.scores, self.sources, count, max(POOL, count))

    def ranked(self, state: State, named: Sequence[int] = ()) -> Ranked:
        """Every film that is allowed, best first, before near copies are passed over."""
        laps = Laps()
        candidates = allowed(self.catalogue, state.filters, barred(state, named, self.catalogue))
        laps.lap("filters")
        history = list(dict.fromkeys([*state.likes, *named]))
        history = [item for item in history if item not in state.dislikes]
        if not len(candidates):
            nothing = np.zeros(0, dtype=np.float32)
            return Ranked(history, candidates, {}, [], nothing, laps.seconds)
        with self._model_lock:
            columns = self.sources.score_columns(history, state.wish, laps)
            factor = self.sources.factor(state)
        if state.alike:
            columns["alike"] = alike(state.alike, self.parts.stories, self.sources.directions)
        laps.lap("other sources")
        items, scores = order(
            columns,
            candidates,
            self.parts.ranker,
            has_history=bool(history),
            factor=factor,
        )
        kept = set(one_of_twins(items.tolist(), self.catalogue))
        keep = np.array([item in kept for item in items.tolist()])
        laps.lap("ranker")
        return Ranked(
            history, candidates, columns, items[keep].tolist(), scores[keep], laps.seconds
        )

    def similar(self, item: int, count: int) -> list[int]:
        """At most `count` films most alike to `item` in content and audience, the nearest first."""
        scores = alike([item], self.parts.stories, self.sources.directions)
        candidates = allowed(self.catalogue, Filters(), self.catalogue.with_twins([item]))
        best = candidates[np.argsort(-scores[candidates], kind="stable")]
        return one_of_twins(best.tolist(), self.catalogue)[:count]

    def _answer(self, said: Understanding, message: str, before: State) -> tuple[list[Part], State]:
        voice = Voice(before.turn)
        state = replace(before, turn=before.turn + 1, told="")
        again = before.told if is_missed(message) and not said.named else ""
        sought = said.told or again
        films = self._told_of(sought, said, state.shown if again else ()) if sought else []
        if films and said.described is None:
            opening = self._answers.opening(said, voice) if said.too_long else []
            shown = (*state.shown, *films)
            after = replace(state, shown=shown, cards=tuple(films), focus=films[0], told=sought)
            return [*opening, *self._answers.recognised(films, voice)], replace(after, asked=None)
        if films:
            said = said.meaning(films[0])
        if before.told and before.focus is not None and not said.named:
            asks = said.intent == "more" or said.wish or said.same or said.newer is not None
            asks = asks or Filters().updated(said) != Filters()
            if is_found(message) and not asks:
                return list(voice.say(frames.FOUND, film=before.focus)), state
            if said.intent == "more":
                said = replace(said, refers_to=(before.focus,))
        if said.intent in _FIXED:
            opening = self._answers.opening(said, voice) if said.too_long else []
            return [*opening, *voice.say(_small_talk(said.intent, message))], state
        if PROFILE.search(message) and not said.named:
            return self._answers.profile(state), state
        if said.strange:
            return list(voice.say(frames.STRANGE, words=said.strange[:60])), state
        if said.foreign:
            return list(voice.say(frames.FOREIGN)), state
        relaxed = state.filters.dropped(message)
        if relaxed is not None:
            return self._recommendation(
                Understanding("more"), replace(state, filters=relaxed), voice, []
            )
        if said.intent == "feedback" and picks(message):
            said = replace(said, liked=())  # to be watched, and not liked yet
        state = self._felt(state, said)
        opening = self._answers.opening(said, voice)
        if said.contradiction:
            told = voice.say(frames.CONTRADICTION, what=said.contradiction)
            return [*opening, *told], state
        asked = self._asked_film(said, state)
        unheard = bool(said.unknown) and not said.named
        pair = list(dict.fromkeys([*said.named, *said.refers_to]))
        if said.intent in {"compare", "ask_about"} and said.people:
            films = [asked] if said.intent == "ask_about" and asked is not None else pair
            if films:
                return self._answers.whether(films, said.people[0], voice), state
        if said.intent == "ask_about" and asked is not None and not (unheard or said.same):
            about = self._answers.about(asked, said.untitled, state)
            return about + self._in_own_words(asked), replace(state, focus=asked)
        if said.others:
            return self._others_of(said, state, voice)
        ranked = bool(said.series and said.superlative)  # "which Star Trek film is the best?"
        if said.intent == "compare" or ranked:
            pair = list(said.series) if ranked else pair
            pair = pair if len(pair) > 1 else list(dict.fromkeys([*pair, *state.cards]))
            if len(pair) > 1 and said.superlative and not said.unknowable:
                quality, least = said.superlative
                with self._model_lock:
                    found = most(pair, quality, least, self.parts, self.sources)
                answer = (
                    voice.say(frames.NONE_IS, what=quality, film=found.film)
                    if found.weak
                    else voice.say(frames.MOST, film=found.film, why=found.why)
                )
                return list(answer), replace(state, focus=found.film)
            if len(pair) > 1:
                closer = self._closer(pair[0], pair[1], state)
                focus = pair[0] if closer is None else closer
                both = self._answers.compare(pair[0], pair[1], closer, said.unknowable)
                if {*pair} <= {*state.cards}:  # "the third" is still the third
                    return both, replace(state, focus=focus)
                return both, replace(state, focus=focus, cards=tuple(pair[:2]), asked=None)
        if said.intent == "feedback" and not (said.liked or said.disliked or said.seen):
            film = said.refers_to[0] if len(said.refers_to) == 1 else None
            told = voice.say(frames.NOTED) if film is None else voice.say(frames.ENJOY, film=film)
            return list(told), state
        return self._recommendation(said, state, voice, opening)

    def _others_of(
        self, said: Understanding, state: State, voice: Voice
    ) -> tuple[list[Part], State]:
        """The other films of a series that are allowed, by year."""
        bar = {*state.seen, *state.dislikes, *said.named}
        wanted = {*allowed(self.catalogue, state.filters, bar).tolist()}
        films = [film for film in said.series if film in wanted]
        if not films:
            return list(voice.say(frames.NO_OTHERS, film=said.named[0])), state
        films = films[: said.count or CARDS]
        picks = self._answers.picks(films, state, voice)
        after = replace(state, shown=(*state.shown, *films), cards=tuple(films), focus=films[0])
        return picks, replace(after, asked=None)

    def _told_of(self, told: str, said: Understanding, bar: Sequence[int]) -> list[int]:
        """The film that is told of, and those that it may be instead."""
        without = self.catalogue.with_twins(bar)
        candidates = allowed(self.catalogue, Filters().updated(said), without)
        with self._model_lock:
            films = self._descriptions.films(told, candidates, 2 * CARDS)
        return one_of_twins(films, self.catalogue)[:CARDS]

    def _recommendation(
        self, said: Understanding, state: State, voice: Voice, opening: list[Part]
    ) -> tuple[list[Part], State]:
        if said.intent == "reset":
            opening = [*voice.say(frames.RESET), *opening]
            state = replace(state, filters=Filters(), wish="", avoid="", alike=())
        said = self._same_people(said, state)
        state, named = self._settled(said, state)
        items, state, given_up = self._found(said, state, named, voice)
        opening = [*opening, *given_up]
        keeping = self._answers.keeping(said, state, voice)
        if not items:
            bar = barred(state, said.named, self.catalogue)
            options = relaxations(self.catalogue, state.filters, bar)
            return [*opening, *self._answers.nothing_left(state.filters, options)], state
        picks = self._answers.picks(items, state, voice)
        shown = (*state.shown, *items)
        after = replace(state, shown=shown, cards=tuple(items), focus=items[0])
        return [*opening, *keeping, *picks], after

    def _settled(self, said: Understanding, state: State) -> tuple[State, list[int]]:
        """The state with what a message asks for in force, and films to go by beside the likes."""
        if said.not_them:
            gone = (*said.people_out, *state.filters.people)
            said = replace(said, people_out=tuple(dict.fromkeys(gone)))
        theirs = self._films_of(state.filters.people) if said.like_them else []
        theirs += self._films_of(said.people_alike)
        if said.instead or theirs:
            state = replace(state, filters=replace(state.filters, people=(), together=False))
        # "Newer" belongs to the wish that it was said of.
        held = state.filters.loose() if self._is_new(said) else state.filters
        state = replace(state, filters=held.updated(said))
        wish, avoid = self._wishes(said, state)
        like = said.alike or (() if self._is_new(said) else state.alike)
        state = replace(state, wish=wish, avoid=avoid, alike=like)
        held = in_time(state, said, self.catalogue)
        if said.old and not (held.year_min or held.year_max or held.newer_than or held.older_than):
            held = replace(held, older_than=OLD_BEFORE)
        # "More like that" goes by the shown film without its being liked.
        like_that = said.refers_to if said.intent == "more" else ()
        named = [item for item in (*said.named, *like_that, *theirs) if item not in state.dislikes]
        return replace(state, filters=held), named

    def _found(
        self, said: Understanding, state: State, named: Sequence[int], voice: Voice
    ) -> tuple[list[int], State, list[Part]]:
        """As many films as are asked for, the state that allows them (which says what they were
        ranked for), and what was given up for there to be any: never what this message states."""
        count, told = said.count or CARDS, list[Part]()
        items = self.recommend(state, count, named=named)
        moved, whom = state.filters, state.filters.people
        if not items and moved != moved.loose():
            state = replace(state, filters=moved.loose())
            items = self.recommend(state, count, named=named)
            older = moved.newer_than is None if said.newer is None else not said.newer
            told += voice.say(frames.NO_OLDER if older else frames.NO_NEWER)
        if not items and whom and not said.people:
            alone = replace(state, filters=replace(state.filters, people=(), together=False))
            theirs = [*named, *self._films_of(whom)]
            items = self.recommend(alone, count, named=theirs)
            if items:
                state, named = alone, theirs
                told += voice.say(frames.NO_MORE_WITH, who=" or ".join(whom))
        asked = Question(replace(state, asked=None), tuple(named))
        return items, replace(state, asked=asked), told

    def _is_new(self, said: Understanding) -> bool:
        """Whether a message asks anew, so that the wish before it is over."""
        adds = said.intent in {"critique", "more", "feedback"} and not said.genres_in
        only_bounds = not (said.wish or said.liked or said.people or said.genres_in)
        return said.intent == "reset" or said.instead or not (adds or said.adds or only_bounds)

    def _films_of(self, people: Sequence[str]) -> list[int]:
        """The best known films of these people, to go by."""
        rows = enumerate(self.catalogue)
        films = [at for at, film in rows if {*people} & {*film.directors, *film.cast}]
        return sorted(films, key=lambda film: -self.parts.popularity[film])[:CARDS]

    def _same_people(self, said: Understanding, state: State) -> Understanding:
        """With the people of the film last talked about where "the same director" is wanted."""
        film = self._asked_film(said, state)
        if said.same is None or said.people or film is None:
            return said
        liked = [{*self.catalogue[like].directors} for like in state.likes]
        shared = set.intersection(*liked) if len(liked) > 1 else set()
        if said.same == "directors" and shared and not (said.refers_to or said.named):
            return replace(said, people=tuple(sorted(shared)))
        row = self.catalogue[film]
        return replace(said, people=row.directors if said.same == "directors" else row.cast[:2])

    def _wishes(self, said: Understanding, state: State) -> tuple[str, str]:
        """The wish in force: a new request replaces it, a critique adds to it. What is to be
        avoided stays so until it is asked for."""
        avoid = joined(said.avoid, without(state.avoid, said.wish))
        if not self._is_new(said):
            return joined(said.wish, without(state.wish, said.avoid)), avoid
        return said.wish, avoid

    def _felt(self, state: State, said: Understanding) -> State:
        state = state.felt("like", said.liked).felt("dislike", said.disliked)
        return state.felt("seen", said.seen)

    def _asked_film(self, said: Understanding, state: State) -> int | None:
        asked = [*said.refers_to, *said.named]
        return asked[0] if asked else state.focus

    def _closer(self, left: int, right: int, state: State) -> int | None:
        """Which of two films fits this user's taste better; None when nothing is known of it."""
        liked = [film for film in (left, right) if film in state.likes]
        if len(liked) == 1:
            return liked[0]
        # Both are judged as films not yet chosen: the model has learned nothing about others.
        history = [film for film in state.likes if film not in (left, right)]
        if not history:
            return None
        with self._model_lock:
            columns = self.sources.score_columns(history)
        both = {name: column[[left, right]] for name, column in columns.items()}
        scores = taste_order(both, self.parts.ranker)
        return left if scores[0] >= scores[1] else right

    def _in_own_words(self, item: int) -> list[Part]:
        if self._own_words is None:
            return []
        with self._model_lock:
            text = self._own_words.checked(
                item, self.parts.model.generate(PROMPT.render(item=item))
            )
        return [f"\n\nIn the model's own words: {text}"] if text else []
