"""What is answered to one message that was understood, and the state after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app import frames
from app.answering import Answers
from app.choosing import Chooser
from app.descriptions import Descriptions, is_found, is_missed
from app.events import Part
from app.filters import allowed, barred, one_of_twins, relaxations
from app.frames import Voice
from app.intents import picks
from app.manner import changed
from app.orders import ACCLAIM
from app.own_words import PROMPT, OwnWords
from app.parts import Parts
from app.portions import MOST
from app.reasons import Reasons
from app.sayings import (
    ASK_ME,
    CHOOSE,
    HOW_MANY,
    PROFILE,
    REMEMBER,
    SORROW,
    THEIR_BEST,
    UNDECIDED,
    WHAT_KINDS,
)
from app.session import FEELINGS, Filters, Question, State
from app.settling import asked_film, felt, films_of, same_people, settled
from app.small_talk import FIXED, small_talk
from app.understanding import Understanding
from app.unknowable import PRIZES
from app.wishes import spoken
from app.words import listed

CARDS = 3
_FILMS = re.compile(
    r"\b(?:films?|movies?|some\w+|any\w+|watch\w*|show|recommend\w*|suggest\w*|need|want|cheer|"
    r"laugh|"
    r"comfort\w*)\b",
    re.IGNORECASE,
)
_IS_IN = re.compile(
    r"\b(?:in|has|have|got|with|stars?|starring|featur\w+|by|directed|direct|made|make)\b",
    re.IGNORECASE,
)
_IS_SHE_IN = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|so|but)\W+)*(?:(?:is|was) s?he in|did s?he (?:direct|make|act in|"
    r"star in|play in))\b",
    re.IGNORECASE,
)
_IN_ANY = re.compile(
    r"\b(?:any|one|either) of (?:these|them|those|the (?:two|three))\b", re.IGNORECASE
)
"""Asks whether somebody is in a film, or in any of those shown."""
Answer = tuple[list[Part], State]
"""What is said, and the state after it."""


def _asks_for_films(said: Understanding) -> bool:
    return bool(Filters().updated(said) != Filters() or said.count or _FILMS.search(said.untitled))


def _says_a_kind(said: Understanding) -> bool:
    """Whether a message says what kind of film it wants, by genre, years or in words."""
    years = said.year_min is not None or said.year_max is not None or said.newer is not None
    return bool(said.genres_in or years or said.wish or said.alike)


class Turns:
    """Answers messages one by one.

    Args:
        own_words: checks what the language model says of a film; without, it is not asked.
    """

    def __init__(self, parts: Parts, chooser: Chooser, own_words: OwnWords | None = None) -> None:
        self._catalogue = parts.catalogue
        self._parts = parts
        self._chooser = chooser
        self._descriptions = Descriptions(parts)
        self._answers = Answers(parts, Reasons(parts))
        self._own_words = own_words

    def answer(self, said: Understanding, message: str, before: State) -> Answer:
        """What is said to `message`, which says `said` to somebody in the state `before`."""
        parts, after = self._answer(said, message, before)
        refuses = bool(said.genres_out or said.people_out or said.years_out or said.avoid)
        asks = _says_a_kind(said) or said.people or said.named
        return parts, replace(after, refused=refuses and not asks)

    def _answer(self, said: Understanding, message: str, before: State) -> Answer:
        voice = Voice(before.turn + before.seed)
        state = replace(before, turn=before.turn + 1, told="")
        if before.told and picks(message) and len(said.refers_to) == 1:  # "the second one"
            film = said.refers_to[0]
            return list(voice.say(frames.FOUND, film=film)), replace(state, focus=film)
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
        answered = self._of_itself(said, message, state, voice)
        if answered is not None:
            return answered
        if said.intent == "feedback" and picks(message):
            said = replace(said, liked=())  # to be watched, and not liked yet
        state = felt(state, said)
        opening = self._answers.opening(said, voice)
        answered = self._of_films(said, message, state, voice, opening)
        return answered or self._recommendation(said, state, voice, opening)

    def _of_itself(
        self, said: Understanding, message: str, state: State, voice: Voice
    ) -> Answer | None:
        """What is said to the chat and not about films: small talk, how it is to answer, what it
        is to take back, drop or tell of what it knows; None for anything else."""
        if said.intent in FIXED:
            opening = self._answers.opening(said, voice) if said.too_long else []
            return [*opening, *voice.say(small_talk(said.intent, message))], state
        if PROFILE.search(message) and not said.named:
            return self._answers.profile(state), state
        if REMEMBER.search(message) and not said.named:
            return list(voice.say(frames.REMEMBERED)), state
        counted = None if said.named else HOW_MANY.search(said.untitled)
        if counted and counted["these"]:
            return self._answers.how_many(state.filters, voice), state
        counted = None if said.refers_to else counted
        if counted and (counted["all"] or _asks_for_films(said)):
            return self._answers.how_many(Filters().updated(said), voice), state
        if WHAT_KINDS.search(message):
            return self._answers.kinds(voice), state
        if ASK_ME.search(message) and not said.named:
            return list(voice.say(frames.ASK_YOU)), state
        if UNDECIDED.match(message) and state.cards:
            return list(voice.say(frames.TAKE_YOUR_TIME)), state
        if SORROW.search(message) and not (said.named or _asks_for_films(said)):
            return list(voice.say(frames.SORRY)), state
        if (manner := changed(message, state)) is not None:
            after, frame, anew = manner
            told: list[Part] = [*voice.say(frame)]
            if not anew:
                return told, after
            return self._recommendation(Understanding("more"), after, voice, told)
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
        return None

    def _of_films(
        self, said: Understanding, message: str, state: State, voice: Voice, opening: list[Part]
    ) -> Answer | None:
        """What is asked or told of films that are named or were shown; None for a wish."""
        if said.contradiction:
            no_film = voice.say(frames.CONTRADICTION, what=said.contradiction)
            return [*opening, *no_film], state
        if said.sorting and len(state.cards) > 1:
            films = self._chooser.in_order(state.cards, said.sorting)
            after = replace(state, cards=tuple(films), focus=films[0])  # "the first" is so now
            return self._answers.ordered(films, said.sorting), after
        if said.likened is not None:
            film, near = self._chooser.nearest(said.likened, state.cards)
            likest = self._answers.likest(film, said.likened, near, voice)
            return [*opening, *likest], replace(state, focus=film)
        if state.filters.people and (best := THEIR_BEST.match(message)):
            theirs = films_of(state.filters.people, self._parts, len(self._catalogue))
            found = self._chooser.most(theirs, ACCLAIM, bool(best["worst"] or best["skip"]))
            told = voice.say(frames.MOST, film=found.film, why=found.why)
            return list(told), replace(state, focus=found.film)
        if said.listed:
            return self._series(said, state, voice)
        if said.others:
            return self._others_of(said, state, voice)
        asked = asked_film(said, state)
        unheard = bool(said.unknown) and not said.named
        pair = list(dict.fromkeys([*said.named, *said.refers_to]))
        whether = said.intent == "compare" or _IS_IN.search(message)
        if said.intent == "ask_about" and asked is not None and _IS_SHE_IN.match(message):
            said = replace(said, people=state.filters.people[:1] or (state.who,) * bool(state.who))
        if said.intent in {"compare", "ask_about"} and said.people and whether and not said.same:
            films = [asked] if said.intent == "ask_about" and asked is not None else pair
            films = list(state.cards) if _IN_ANY.search(message) and state.cards else films
            if films:
                after = replace(state, who=said.people[0], focus=films[0])
                return self._answers.whether(films, said.people[0], voice), after
            return self._recommendation(said, state, voice, opening)
        if said.intent == "ask_about" and unheard and state.cards:
            return opening, state
        of_people = bool(said.people) and not whether  # "how good is Meryl Streep"
        if (
            said.intent == "ask_about"
            and asked is not None
            and not (unheard or said.same or of_people)
        ):
            about = self._answers.about(asked, said.untitled, state)
            return about + self._in_own_words(asked), replace(state, focus=asked)
        if CHOOSE.search(message) and len(state.cards) > 1:
            chosen = next((card for card in state.cards if card in said.refers_to), state.cards[0])
            return self._answers.chosen(chosen, state, voice), replace(state, focus=chosen)
        ranked = bool(said.series and said.superlative)  # "which Star Trek film is the best?"
        if said.intent == "compare" or ranked:
            pair = list(said.series) if ranked else pair
            pair = pair if len(pair) > 1 else list(dict.fromkeys([*pair, *state.cards]))
            compared = self._compared(said, pair, state, voice)
            if compared is not None:
                return compared
        if said.intent == "feedback" and not (said.liked or said.disliked or said.seen):
            if len(said.refers_to) == 1:
                return list(voice.say(frames.ENJOY, film=said.refers_to[0])), state
            return list(voice.say(frames.NOTED)), state
        return None

    def _compared(
        self, said: Understanding, films: Sequence[int], state: State, voice: Voice
    ) -> Answer | None:
        """Which of these films has most of a quality, or the first two side by side; None for a
        film alone."""
        if PRIZES in said.unknowable and films:
            return self._answers.prized(films, voice), state
        if said.superlative and said.unknowable:
            return list(voice.say(frames.UNSAID, what=" or ".join(said.unknowable))), state
        if len(films) > 1 and said.superlative:
            quality, least = said.superlative
            found = self._chooser.most(films, quality, least)
            answer = (
                voice.say(frames.NONE_IS, what=quality, film=found.film)
                if found.weak
                else voice.say(frames.MOST, film=found.film, why=found.why)
            )
            return list(answer), replace(state, focus=found.film)
        if len(films) > 1:
            closer = self._chooser.closer(films[0], films[1], state)
            focus = films[0] if closer is None else closer
            both = self._answers.compare(films[0], films[1], closer, said.unknowable)
            if {*films} <= {*state.cards}:  # "the third" is still the third
                return both, replace(state, focus=focus)
            return both, replace(state, focus=focus, cards=tuple(films[:2]), asked=None)
        return None

    def _series(self, said: Understanding, state: State, voice: Voice) -> Answer:
        """The films of a series, by year, whether they were seen or not."""
        films = one_of_twins(said.series, self._catalogue)[: said.count or MOST]
        told = self._answers.picks(films, replace(state, brief=True), voice)
        shown = (*state.shown, *films)
        return told, replace(state, shown=shown, cards=tuple(films), focus=films[0], asked=None)

    def _others_of(self, said: Understanding, state: State, voice: Voice) -> Answer:
        """The other films of a series that are allowed, by year."""
        of = [*said.named, *said.refers_to, *said.series][0]
        bar = {*state.seen, *state.dislikes, *(said.named or said.refers_to)}
        wanted = {*allowed(self._catalogue, state.filters, bar).tolist()}
        films = [film for film in said.series if film in wanted]
        if not films:
            return list(voice.say(frames.NO_OTHERS, film=of)), state
        films = films[: said.count or CARDS]
        picks = self._answers.picks(films, state, voice)
        after = replace(state, shown=(*state.shown, *films), cards=tuple(films), focus=films[0])
        return picks, replace(after, asked=None)

    def _told_of(self, told: str, said: Understanding, bar: Sequence[int]) -> list[int]:
        """The film that is told of, and those that it may be instead."""
        without = self._catalogue.with_twins(bar)
        candidates = allowed(self._catalogue, Filters().updated(said), without)
        with self._chooser.lock:
            films = self._descriptions.films(told, candidates, 2 * CARDS)
        return one_of_twins(films, self._catalogue)[:CARDS]

    def _recommendation(
        self, said: Understanding, state: State, voice: Voice, opening: list[Part]
    ) -> Answer:
        if said.intent == "reset":
            opening = [*voice.say(frames.RESET), *opening]
            state = replace(state, filters=Filters(), wish="", avoid="", alike=())
        said = same_people(said, state, self._catalogue)
        swapped = [film for film in said.refers_to if said.swaps and film in state.cards]
        if swapped:
            said = replace(said, count=1)
        state, named = settled(said, state, self._parts)
        items, state, given_up = self._found(said, state, named, voice)
        opening = [*opening, *given_up]
        keeping = self._answers.keeping(said, state, voice)
        if not items:
            bar = barred(state, said.named, self._catalogue)
            options = relaxations(self._catalogue, state.filters, bar)
            again = self._shown_before(state)
            return [*opening, *self._answers.nothing_left(state.filters, options, again)], state
        picks = self._answers.picks(items, state, voice)
        state = replace(state, who="")
        shown, cards = (*state.shown, *items), tuple(items)
        if swapped:
            cards = tuple(items[0] if card == swapped[0] else card for card in state.cards)
        after = replace(state, shown=shown, cards=cards, focus=items[0])
        return [*opening, *keeping, *picks], after

    def _shown_before(self, state: State) -> list[int]:
        """The films that were shown, fit what is asked for now and are not known to be seen."""
        over = {*state.likes, *state.dislikes, *state.seen}
        fitting = (film for film in state.shown if state.filters.allow(self._catalogue[film]))
        return [film for film in dict.fromkeys(fitting) if film not in over]

    def _found(
        self, said: Understanding, state: State, named: Sequence[int], voice: Voice
    ) -> tuple[list[int], State, list[Part]]:
        """As many films as are asked for, the state that allows them (which says what they were
        ranked for), and what was given up for there to be any: never what this message states."""
        count, told = said.count or CARDS, list[Part]()
        items = self._portions(said, state, named) or self._chooser.recommend(
            state, count, named=named
        )
        moved, whom = state.filters, state.filters.people
        joint = "and" if moved.together else "or"
        if not items and moved != moved.loose():
            state = replace(state, filters=moved.loose())
            items = self._chooser.recommend(state, count, named=named)
            older = moved.newer_than is None if said.newer is None else not said.newer
            told += voice.say(frames.NO_OLDER if older else frames.NO_NEWER)
        if not items and state.filters.genres_joint:
            either = replace(state, filters=replace(state.filters, genres_joint=False))
            items = self._chooser.recommend(either, count, named=named)
            if items:
                state, what = either, listed(sorted(state.filters.genres_in))
                told += voice.say(frames.NOT_BOTH, what=what)
        if not items and state.filters.together:
            either = replace(state, filters=replace(state.filters, together=False))
            items = self._chooser.recommend(either, count, named=named)
            if items:
                state = either
                told += voice.say(frames.NOT_TOGETHER, who=listed(whom))
        if not items and whom and (said.same or said.people) and not _says_a_kind(said):
            freed = replace(state, filters=state.filters.of_any_kind(), wish="", alike=())
            items = self._chooser.recommend(freed, count, named=named)
            if items:
                state = freed
                told += voice.say(frames.NOT_OF_THAT_KIND, who=listed(whom, joint))
        if not items and whom and (said.same or not said.people):
            alone = replace(state, filters=replace(state.filters, people=(), together=False))
            theirs = [*named, *films_of(whom, self._parts)]
            items = self._chooser.recommend(alone, count, named=theirs)
            if items:
                state, named = alone, theirs
                told += voice.say(frames.NO_MORE_WITH, who=listed(whom, joint))
        # Also of the wish before, as long as it is in force.
        wish = spoken(state.wish)
        if items and wish:
            left = allowed(self._catalogue, state.filters, barred(state, named, self._catalogue))
            missing = self._chooser.sources.terms.missing(wish, left.tolist())
            told += voice.say(frames.NONE_SUCH, what=missing) if missing else []
        asked = Question(replace(state, asked=None), tuple(named))
        return items, replace(state, asked=asked), told

    def _portions(self, said: Understanding, state: State, named: Sequence[int]) -> list[int]:
        """The films of each genre of which a number is asked for."""
        items = list[int]()
        for genres, many in said.portions:
            kind = replace(state.filters, genres_in=genres, genres_joint=len(genres) > 1)
            left = replace(state, filters=kind, shown=(*state.shown, *items))
            items += self._chooser.recommend(left, many, named=named)
        return items

    def _in_own_words(self, item: int) -> list[Part]:
        if self._own_words is None:
            return []
        with self._chooser.lock:
            text = self._own_words.checked(
                item, self._parts.model.generate(PROMPT.render(item=item))
            )
        return [f"\n\nIn the model's own words: {text}"] if text else []
