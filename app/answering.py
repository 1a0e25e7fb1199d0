"""Answers composed from facts around films already chosen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from app import frames
from app.constraints import NOT_OLD, OLD_BEFORE
from app.events import Card, Part
from app.film_facts import (
    ABOUT_PEOPLE,
    ABOUT_TONE,
    WHETHER,
    facts_of,
    prizes_of,
    unsaid_of,
    verdict_of,
)
from app.filters import allowed
from app.frames import Voice
from app.parts import Parts
from app.reasons import Reason, Reasons, card_line
from app.session import Filters, State
from app.superlatives import tells
from app.understanding import MAX_CHARACTERS, Understanding
from app.unknowable import PRIZES
from app.wishes import spoken
from app.words import listed
from prompts.templates import Placeholder, Segment, Template

_FILMS_OF_A_PROFILE = 5
_ASKED_FOR_FILMS = 3  # turns from one such closing to the next
_WHY = re.compile(
    r"\bwhy\b(?!.*\babout\b)(?! (?:did|do) (?:people|everyone|critics|they)\b)", re.IGNORECASE
)
_CONVINCE = re.compile(r"\b(?:convince|persuade) (?:me|us)\b|\bsell (?:it|me|that)\b", re.I)
_WOULD_LIKE = re.compile(
    r"\b(?:think|would|will) (?:i|we)\S*(?: \w+)? (?:like|enjoy|love)\b", re.IGNORECASE
)


class Answers:
    """Writes answers over one set of parts. Every method returns text, films and cards in order."""

    def __init__(self, parts: Parts, reasons: Reasons) -> None:
        self._catalogue = parts.catalogue
        self._parts = parts
        self._reasons = reasons

    def opening(self, said: Understanding, voice: Voice) -> list[Part]:
        """What was heard in this message: too long, unknown titles, likes, dislikes, seen."""
        parts: list[Part] = []
        if said.too_long:
            parts += Template(frames.LONG).render(n=f"{MAX_CHARACTERS:,}")
        for title in said.unknown[:2]:
            parts += voice.say(frames.UNKNOWN, name=title.text[:60])
            if title.nearest is not None:
                parts += voice.say(frames.NEAREST, film=title.nearest)
        for name in said.strangers[:2]:
            parts += voice.say(frames.STRANGER, name=name[:60])
        for what in said.unknowable:
            parts += voice.say(frames.UNKNOWABLE, what=what)
        liked = [item for item in said.liked if item not in said.seen] or list(said.liked)
        if len(liked) > 1:
            parts += voice.say(frames.LIKED_MORE, a=liked[-2], b=liked[-1])
        elif liked:
            parts += voice.say(frames.LIKED_ONE, a=liked[0])
        if said.disliked:  # not a film of the series that was meant
            named = [film for film in said.disliked if film in said.named]
            parts += voice.say(frames.DISLIKED, a=(named or said.disliked)[-1])
        only_seen = [item for item in said.seen if item not in said.liked]
        if len(only_seen) > 1:
            parts += voice.say(frames.SEEN_MORE, n=str(len(only_seen)))
        elif only_seen:
            parts += voice.say(frames.SEEN, a=only_seen[0])
        return parts

    def keeping(self, said: Understanding, state: State, voice: Voice) -> list[Part]:
        """The constraints that this message set, said back."""
        if Filters() in (Filters().updated(said), state.filters):
            return []
        return list(voice.say(frames.KEEPING, what=in_words(state.filters)))

    def picks(self, items: Sequence[int], state: State, voice: Voice) -> list[Part]:
        """A sentence and a card for each film, and a closing line; cards alone where it is to be
        brief."""
        if state.brief:
            told = [self._reasons.of(item, state) for item in items]
            lines = [card_line(reasons, reasons[-1], self._parts) for reasons in told]
            return [*voice.say(frames.HERE), *_names(items), ".", *map(Card, items, lines)]
        parts: list[Part] = []
        used: set[str] = set()
        for place, item in enumerate(items):
            found = self._reasons.of(item, state)
            lead = next((reason for reason in found if reason.kind not in used), found[0])
            used.add(lead.kind)
            next_one = frames.NEXT[place % len(frames.NEXT) :] + frames.NEXT
            last = place == max(len(items) - 1, 2)
            frame = frames.FIRST if place == 0 else frames.LAST if last else next_one
            parts += self._sentence(voice, frame, item, lead)
            parts.append(Card(item, card_line(found, lead, self._parts)))
        # Of somebody who names none, films are asked for now and then.
        asks = not state.likes and state.turn % _ASKED_FOR_FILMS == 1
        closing = frames.CLOSING_UNKNOWN_TASTE if asks else frames.CLOSING
        return [*parts, *voice.say(closing)]

    def _sentence(
        self, voice: Voice, sentences: Sequence[str], item: int, lead: Reason
    ) -> list[Segment]:
        before, after = _split(voice.say(sentences, film=item, why="\0"))
        return [*before, *lead.long, *after]

    def chosen(self, film: int, state: State, voice: Voice) -> list[Part]:
        """One film of several that were shown, and why."""
        return [*self._sentence(voice, frames.CHOSEN, film, self._reasons.of(film, state)[0])]

    def likest(self, film: int, other: int, near: bool, voice: Voice) -> list[Part]:
        """Which of several films is most like another one, and in what."""
        sentences = frames.LIKEST if near else frames.NONE_LIKE
        return [*self._sentence(voice, sentences, film, self._reasons.like(film, other))]

    def how_many(self, kind: Filters, voice: Voice) -> list[Part]:
        """The number of films of a kind, or of all."""
        every = len(allowed(self._catalogue, Filters(), set()))
        if kind == Filters():
            return [*voice.say(frames.HOW_MANY, count=f"{every:,}", **self._span())]
        told = {"count": f"{len(allowed(self._catalogue, kind, set())):,}", "every": f"{every:,}"}
        return [*voice.say(frames.HOW_MANY_SUCH, what=in_words(kind), **told)]

    def kinds(self, voice: Voice) -> list[Part]:
        """The genres of the catalogue, the largest first, and how many films each has."""
        films = [self._catalogue[at] for at in allowed(self._catalogue, Filters(), set())]
        genres = Counter(genre for film in films for genre in film.genres).most_common()
        told = listed([f"{genre} ({count:,})" for genre, count in genres])
        return [*voice.say(frames.KINDS, count=f"{len(films):,}", kinds=told, **self._span())]

    def _span(self) -> dict[str, str]:
        """The first and the last year of the catalogue."""
        years = [film.year for film in self._catalogue if film.year is not None]
        return {"first": str(min(years, default="?")), "last": str(max(years, default="?"))}

    def nothing_left(
        self, filters: Filters, options: Sequence[tuple[str, int]], shown: Sequence[int]
    ) -> list[Part]:
        """No film fits: say so, which of those shown before do, and what to relax with how many
        films that gives."""
        parts: list[Part] = [f"{frames.NOTHING_LEFT}: {in_words(filters)}. "]
        if shown:
            parts += ["I have shown you ", *_names(shown), ". "]
        if not options:
            parts.append(
                "Dropping any single one would not help; say “start over” to begin afresh."
            )
            return parts
        offers = [f"“drop {label}” leaves {_films(count)}" for label, count in options[:3]]
        parts.append(f"You can relax it: {'; '.join(offers)}.")
        return parts

    def about(self, item: int, message: str, state: State) -> list[Part]:
        """A question about one film, answered from its catalogue row."""
        film = self._catalogue[item]
        name = Placeholder("film", (item,))
        convince = _CONVINCE.search(message) is not None
        if convince or _WHY.search(message) or (state.likes and _WOULD_LIKE.search(message)):
            reasons = self._reasons.of(item, state)[:3]
            parts: list[Part] = []
            for reason in reasons:
                parts += [name if not parts else "It", " ", *reason.long, ". "]
            return [*parts, film.synopsis] if convince else parts
        parts = [name]
        unsaid, prizes = unsaid_of(message), prizes_of(film)
        if PRIZES in unsaid and prizes:
            return [name, f" is tagged {listed(prizes)}; of others the catalogue says nothing."]
        facts = facts_of(item, message, self._parts)
        wanted = state.filters.genres_in
        if wanted and not wanted & {*film.genres} and ABOUT_TONE.search(message):
            facts.append(f"is not filed under {' or '.join(sorted(wanted))}")
        if unsaid:
            parts.append(f": the catalogue does not say {' or '.join(unsaid)}. ")
        elif not facts:
            whether = WHETHER.search(message) is not None
            parts.append(": nothing in the catalogue says so. " if whether else ": ")
        if facts and not unsaid and (verdict := verdict_of(film, message)):
            parts.insert(0, verdict)
        for place, fact in enumerate(facts):
            parts.append(f"It {fact}. " if unsaid or place else f" {fact}. ")
        if facts and item == state.focus and item not in state.cards[:1]:
            return parts  # its story was told when it was first talked about
        parts.append(film.synopsis or "the catalogue holds no synopsis of it.")
        if film.directors and not ABOUT_PEOPLE.search(message):
            parts.append(f" By {listed(film.directors).rstrip('.')}.")
        return parts

    def profile(self, state: State) -> list[Part]:
        """What is known of whoever asks."""
        parts: list[Part] = []
        for told, films in (
            ("You liked ", state.likes),
            ("You did not like ", state.dislikes),
            ("You have seen ", state.seen),
        ):
            if films:
                shown = films[-_FILMS_OF_A_PROFILE:]
                parts += [told, *_names(shown)]
                more = len(films) - len(shown)
                parts.append(f" and {more} before that. " if more else ". ")
        if state.filters != Filters():
            parts.append(f"I keep to {in_words(state.filters)}. ")
        if spoken(state.wish):
            parts.append(f"You asked for: {spoken(state.wish)}. ")
        if state.avoid:
            parts.append(f"You want nothing like: {state.avoid}. ")
        return parts or [frames.NOTHING_KNOWN]

    def recognised(self, films: Sequence[int], voice: Voice) -> list[Part]:
        """The film that was told of, likeliest first, and which ones it may be instead."""
        parts: list[Part] = []
        for place, film in enumerate(films):
            row = self._catalogue[film]
            parts += voice.say(frames.OR_RATHER if place else frames.RECOGNISED, film=film)
            parts.append(first_sentence(row.synopsis) if place else row.synopsis)
            parts.append(Card(film, " · ".join(row.tags[:3])))
        return parts

    def ordered(self, films: Sequence[int], quality: str) -> list[Part]:
        """Films in the order of a quality, each with what of it goes with that."""
        parts: list[Part] = []
        for place, film in enumerate(films):
            parts.append("Then " if place else "First comes ")
            told = tells(film, quality, self._parts)
            parts += [Placeholder("film", (film,)), f", which {told}. " if told else ". "]
        return parts

    def prized(self, films: Sequence[int], voice: Voice) -> list[Part]:
        """Which of these films the catalogue has a prize of."""
        tags = {film: prizes_of(self._catalogue[film]) for film in films}
        parts: list[Part] = []
        for film in (film for film in films if tags[film]):
            parts += voice.say(frames.PRIZED, film=film, what=listed(tags[film]))
        return parts or list(voice.say(frames.UNSAID, what=PRIZES))

    def whether(self, films: Sequence[int], person: str, voice: Voice) -> list[Part]:
        """Which of these films have a director or actor of that name."""
        rows = [(film, self._catalogue[film]) for film in films]
        having = [film for film, row in rows if person in (*row.directors, *row.cast)]
        parts: list[Part] = []
        for film in having:
            parts += voice.say(frames.HAS, film=film, who=person)
        if not having and len(rows) == 1:
            film, row = rows[0]
            others = [*row.directors[:1], *row.cast[:3]]
            told = f", but {listed(others)}" if others else ""
            parts += voice.say(frames.HAS_NOT, film=film, who=person, others=told)
        return parts or list(voice.say(frames.NONE_HAS, who=person))

    def compare(
        self, left: int, right: int, closer: int | None, unsaid: Sequence[str] = ()
    ) -> list[Part]:
        """Two films side by side, and which is nearer to the user's taste when that is known.

        unsaid: what was asked and no row says.
        """
        parts: list[Part] = []
        if unsaid:
            parts.append(f"The catalogue does not say {' or '.join(unsaid)}. ")
        for item in (left, right):
            film = self._catalogue[item]
            facts = [
                listed(film.genres),
                f"by {listed(film.directors)}" if film.directors else "",
                f"{listed(film.moods)} in mood" if film.moods else "",
            ]
            parts += [Placeholder("film", (item,)), f": {', '.join(filter(None, facts))}. "]
            if film.synopsis:
                parts.append(first_sentence(film.synopsis) + "\n\n")
        shared = self._reasons.shared(left, right)
        theirs = self._catalogue[right].genres
        people = self._people_of_both(left, right)
        genres = [genre for genre in self._catalogue[left].genres if genre in theirs]
        if shared or genres or people:
            felt = {*map(str.lower, self._catalogue[left].moods)}
            moods = [term for term in shared[:3] if term in felt]
            tags = [term for term in shared[:3] if term not in felt]
            both = [
                f"filed under {listed(genres)}" if genres else "",
                f"{listed(moods)} in mood" if moods else "",
                f"tagged {listed(tags)}" if tags else "",
                people,
            ]
            parts.append(f"Both are {listed([part for part in both if part])}. ")
        if closer is None:
            parts.append("Tell me a film you love, and I can say which is nearer to it.")
        else:
            parts += [
                "From what you told me, ",
                Placeholder("film", (closer,)),
                " is nearer to your taste.",
            ]
        return parts

    def _people_of_both(self, left: int, right: int) -> str:
        """The directors and actors that two films share: "by Joel Coen with Steve Buscemi"."""
        one, other = self._catalogue[left], self._catalogue[right]
        made = [person for person in one.directors if person in other.directors]
        act = [person for person in one.cast if person in other.cast]
        told = [f"by {listed(made)}" if made else "", f"with {listed(act)}" if act else ""]
        return " ".join(filter(None, told))


def in_words(filters: Filters) -> str:
    """The constraints as a phrase: "Sci-Fi films from 1980 or later, not filed under Horror"."""
    low, high = filters.year_min, filters.year_max
    years = ""
    if low is not None and high is not None:
        years = f"from {low}" if low == high else f"from {low} to {high}"
    elif low is not None:
        years = f"from {low} or later"
    elif high is not None:
        years = f"from {high} or earlier"
    kind = listed(sorted(filters.genres_in), "and" if filters.genres_joint else "or")
    films = f"{kind} films" if kind else "films"
    whom = listed(filters.people, "and" if filters.together else "or")
    people = f"with {whom}" if whom else ""
    spans = [span for span in filters.years_out if span != NOT_OLD]
    ruled_out = [str(a) if a == b else f"{a} to {b}" for a, b in spans]
    wanted = " ".join(filter(None, [films, people, years]))
    others = [
        "" if filters.newer_than is None else f"newer than {filters.newer_than}",
        "" if filters.older_than is None else f"older than {filters.older_than}",
        f"not filed under {listed(sorted(filters.genres_out), 'or')}" if filters.genres_out else "",
        f"not from {listed(ruled_out, 'or')}" if ruled_out else "",
        f"no older than {OLD_BEFORE}" if NOT_OLD in filters.years_out else "",
        f"without {listed(filters.people_out, 'or')}" if filters.people_out else "",
    ]
    told = ", ".join(filter(None, others))
    comma = "" if wanted == films or not told else ","
    return f"{wanted}{comma} {told}".strip()


def first_sentence(text: str) -> str:
    match = re.match(r".+?[.!?](?=\s+[A-Z]|$)", text, re.DOTALL)
    return match[0] if match else text


def _split(segments: Sequence[Segment]) -> tuple[list[Segment], list[Segment]]:
    """Before and after the mark that stands for the reason."""
    before: list[Segment] = []
    for place, segment in enumerate(segments):
        if isinstance(segment, str) and "\0" in segment:
            head, _, tail = segment.partition("\0")
            return [*before, head], [tail, *segments[place + 1 :]]
        before.append(segment)
    return before, []


def _films(count: int) -> str:
    return "one film" if count == 1 else f"{count} films"


def _names(items: Sequence[int]) -> list[Part]:
    """ "A", "A and B", "A, B and C" of films."""
    gaps = [", "] * (len(items) - 2) + [" and "] * (len(items) > 1) + [""]
    named = zip(items, gaps, strict=True)
    return [part for item, gap in named for part in (Placeholder("film", (item,)), gap) if part]
