"""The conversation: one message in, one answer out, the session updated in between."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app import frames
from app.answering import Answers
from app.candidates import Sources
from app.descriptions import Descriptions, is_found, is_missed
from app.events import Event, Part, Status, as_events
from app.filters import allowed, barred, one_of_twins, relaxations
from app.frames import Voice
from app.intents import picks
from app.laps import Laps
from app.own_words import PROMPT, OwnWords
from app.parts import Parts, Vector
from app.ranking import POOL, alike, diverse, order, taste_order
from app.reasons import Reasons
from app.sayings import AT_LENGTH, BRIEFLY, CHOOSE, PROFILE, REMEMBER
from app.session import FEELINGS, Filters, Question, Session, State
from app.settling import asked_film, felt, films_of, same_people, settled
from app.small_talk import FIXED, small_talk, takes_back
from app.superlatives import in_order, most
from app.titles import TitleIndex
from app.understanding import Reader, Understanding
from app.wishes import spoken

CARDS = 3


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


class Speaker(Protocol):
    """Who may answer in the engine's place (`app.agent`)."""

    def answer(
        self, session: Session, message: str
    ) -> Generator[None, None, tuple[list[Part], State] | None]:
        """What to say and the state after it; None to leave it to the engine. Yields while it is
        being thought of."""
        ...


class Engine:
    """Answers messages about the films of one catalogue.

    Holds nothing of any user: all of that is in the `Session` handed in. Safe to share between
    threads.

    Args:
        describe: whether questions about a film may be followed by the language model's own
            words, after checking.

    Attributes:
        speaker: who is asked first for an answer; nobody by default.
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
        self.speaker: Speaker | None = None

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
        if takes_back(message, session):
            earlier, taken_back = session.past[-1]
            now = replace(earlier, shown=before.shown, turn=before.turn + 1)
            session.past.append((before, message))
            session.now = now
            told = Voice(before.turn).say(frames.UNDONE, words=taken_back[:60])
            yield from as_events(list(told), self.catalogue)
            return
        yield Status(f"Looking through {len(self.catalogue):,} films")
        spoken_for = yield from self._spoken(session, message)
        parts, after = spoken_for or self._answer(self.understand(before, message), message, before)
        session.past.append((before, message))
        session.now = after
        yield from as_events(parts, self.catalogue)

    def _spoken(
        self, session: Session, message: str
    ) -> Generator[Event, None, tuple[list[Part], State] | None]:
        """The speaker's answer, with a sign of life while it is waited for, so that a stream can
        be stopped; None where the engine is to answer."""
        waiting = None if self.speaker is None else self.speaker.answer(session, message)
        while waiting is not None:
            try:
                next(waiting)
            except StopIteration as done:
                answer: tuple[list[Part], State] | None = done.value
                return answer
            yield Status("Thinking")
        return None

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
        if said.intent in FIXED:
            opening = self._answers.opening(said, voice) if said.too_long else []
            return [*opening, *voice.say(small_talk(said.intent, message))], state
        if PROFILE.search(message) and not said.named:
            return self._answers.profile(state), state
        if REMEMBER.search(message) and not said.named:
            return list(voice.say(frames.REMEMBERED)), state
        if BRIEFLY.match(message) or AT_LENGTH.match(message):
            brief = BRIEFLY.match(message) is not None
            told = voice.say(frames.BRIEFLY if brief else frames.AT_LENGTH)
            return list(told), replace(state, brief=brief)
        if said.taken_back:
            for feeling in FEELINGS:
                state = state.unfelt(feeling, said.taken_back)
            return list(voice.say(frames.TAKEN_BACK, film=said.taken_back[0])), state
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
        state = felt(state, said)
        opening = self._answers.opening(said, voice)
        if said.contradiction:
            told = voice.say(frames.CONTRADICTION, what=said.contradiction)
            return [*opening, *told], state
        if said.sorting and len(state.cards) > 1:
            with self._model_lock:
                films = in_order(state.cards, said.sorting, self.parts, self.sources)
            after = replace(state, cards=tuple(films), focus=films[0])  # "the first" is so now
            return self._answers.ordered(films, said.sorting), after
        asked = asked_film(said, state)
        unheard = bool(said.unknown) and not said.named
        pair = list(dict.fromkeys([*said.named, *said.refers_to]))
        if said.intent in {"compare", "ask_about"} and said.people and not said.same:
            films = [asked] if said.intent == "ask_about" and asked is not None else pair
            if films:
                return self._answers.whether(films, said.people[0], voice), state
        if said.intent == "ask_about" and asked is not None and not (unheard or said.same):
            about = self._answers.about(asked, said.untitled, state)
            return about + self._in_own_words(asked), replace(state, focus=asked)
        if CHOOSE.search(message) and len(state.cards) > 1:
            chosen = next((card for card in state.cards if card in said.refers_to), state.cards[0])
            return self._answers.chosen(chosen, state, voice), replace(state, focus=chosen)
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
        said = same_people(said, state, self.catalogue)
        swapped = [film for film in said.refers_to if said.swaps and film in state.cards]
        if swapped:
            said = replace(said, count=1)
        state, named = settled(said, state, self.parts)
        items, state, given_up = self._found(said, state, named, voice)
        opening = [*opening, *given_up]
        keeping = self._answers.keeping(said, state, voice)
        if not items:
            bar = barred(state, said.named, self.catalogue)
            options = relaxations(self.catalogue, state.filters, bar)
            return [*opening, *self._answers.nothing_left(state.filters, options)], state
        picks = self._answers.picks(items, state, voice)
        shown, cards = (*state.shown, *items), tuple(items)
        if swapped:
            cards = tuple(items[0] if card == swapped[0] else card for card in state.cards)
        after = replace(state, shown=shown, cards=cards, focus=items[0])
        return [*opening, *keeping, *picks], after

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
        if not items and state.filters.genres_joint:
            either = replace(state, filters=replace(state.filters, genres_joint=False))
            items = self.recommend(either, count, named=named)
            if items:
                state, what = either, " and ".join(sorted(state.filters.genres_in))
                told += voice.say(frames.NOT_BOTH, what=what)
        if not items and whom and (said.same or not said.people):
            alone = replace(state, filters=replace(state.filters, people=(), together=False))
            theirs = [*named, *films_of(whom, self.parts)]
            items = self.recommend(alone, count, named=theirs)
            if items:
                state, named = alone, theirs
                told += voice.say(frames.NO_MORE_WITH, who=" or ".join(whom))
        # Of the wish before it is said when more of it is asked for.
        wish = spoken(said.wish or (state.wish if said.intent == "more" else ""))
        if items and wish:
            left = allowed(self.catalogue, state.filters, barred(state, named, self.catalogue))
            missing = self.sources.terms.missing(wish, left.tolist())
            told += voice.say(frames.NONE_SUCH, what=missing) if missing else []
        asked = Question(replace(state, asked=None), tuple(named))
        return items, replace(state, asked=asked), told

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
