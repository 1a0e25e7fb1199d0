"""What a message makes of a state: feelings, filters, wishes, and films to go by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app.constraints import OLD_BEFORE
from app.fame import little_known, of_any_fame, well_known
from app.filters import in_time
from app.parts import Parts
from app.session import Filters, State
from app.understanding import Understanding
from app.wishes import joined, kindred, without
from app.words import NATIONS, normal
from data.catalogue import Catalogue

_OTHERS = re.compile(r"\bother (?:\w+ )?(?:films?|movies?|ones?)\b|\belse\b", re.IGNORECASE)
"""Than the one talked about: "any other films with Bogart?"."""
_NEXT_YEARS = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|and|or|now|then|what about|how about)\W+)*(?:the |an? |one )?(?:"
    r"(?P<on>(?:year|decade) (?:after|later|on)|(?:next|following) (?:year|decade))|"
    r"(?:year|decade) (?:before|earlier)|previous (?:year|decade))(?: (?:that|it))?\W*$",
    re.IGNORECASE,
)
"""Beside those asked for before: "and the year after?"."""
_ONE_OF_THEM = re.compile(
    r"\b(?:he|him|she|her|(?:that|this) (?:actor|actress|guy|man|woman))\b", re.IGNORECASE
)
_JUST = re.compile(r"^\W*(?:(?:ok(?:ay)?|no|well)\W+)*(?:just|only)\b", re.IGNORECASE)
_TOGETHER = re.compile(r"\btogether\b", re.IGNORECASE)
_BEST_KNOWN = 3  # films of somebody, to be gone by


def felt(state: State, said: Understanding) -> State:
    """The state with what a message feels about films."""
    state = state.felt("like", said.liked).felt("dislike", said.disliked)
    return state.felt("seen", said.seen)


def asked_film(said: Understanding, state: State) -> int | None:
    """The film that a message asks about, said or unsaid."""
    asked = [*said.refers_to, *said.named]
    return asked[0] if asked else state.focus


def same_people(said: Understanding, state: State, catalogue: Catalogue) -> Understanding:
    """With the people of the film last talked about where "the same director" is wanted; others
    than that film are."""
    film = asked_film(said, state)
    if said.same is not None and state.who and not said.people:
        return replace(said, people=(state.who,))
    if said.same is None or said.people or film is None:
        return said
    held, asked = state.filters, bool(said.named or said.refers_to)
    if held.together and _TOGETHER.search(said.untitled):
        return replace(said, people=held.people, together=True)
    if len(held.people) == 1 and _ONE_OF_THEM.search(said.untitled) and not asked:
        return replace(said, people=held.people)
    liked = [{*catalogue[like].directors} for like in state.likes]
    shared = set.intersection(*liked) if len(liked) > 1 else set()
    if said.same == "directors" and shared and not (said.refers_to or said.named):
        return replace(said, people=tuple(sorted(shared)))
    row = catalogue[film]
    cast = row.cast[:1] if _ONE_OF_THEM.search(said.untitled) else row.cast[:2]
    people = row.directors if said.same == "directors" else cast
    return replace(said, people=people, named=tuple(dict.fromkeys([*said.named, film])))


def settled(said: Understanding, state: State, parts: Parts) -> tuple[State, list[int]]:
    """The state with what a message asks for in force, and films to go by beside the likes."""
    if said.not_them:
        made = () if state.focus is None else parts.catalogue[state.focus].directors
        theirs_last = state.filters.people or ((state.who,) if state.who else made)
        gone = (*said.people_out, *theirs_last)
        said = replace(said, people_out=tuple(dict.fromkeys(gone)))
    theirs = films_of(state.filters.people or said.people_out, parts) if said.like_them else []
    like_theirs = films_of(said.people_alike, parts)
    theirs += like_theirs
    if said.instead or theirs:
        state = replace(state, filters=replace(state.filters, people=(), together=False))
    # "Newer" belongs to the wish that it was said of.
    held = state.filters.loose() if _is_new(said) else state.filters
    state = replace(state, filters=_years_on(held.updated(said), said.untitled))
    wish, avoid = _wishes(said, state)
    alike = said.alike
    if said.like_them and not (theirs or alike) and state.focus is not None:
        alike = (state.focus,)  # "similar ones", of a film that was talked about
        theirs = [state.focus]
        state = replace(state, shown=tuple(dict.fromkeys([*state.shown, state.focus])))
    alike = alike or tuple(like_theirs)
    like = alike or (() if _is_new(said) else state.alike)
    state = replace(state, wish=wish, avoid=avoid, alike=like)
    held = in_time(state, said, parts.catalogue)
    if said.old and not (held.year_min or held.year_max or held.newer_than or held.older_than):
        held = replace(held, older_than=OLD_BEFORE)
    if said.people and state.focus is not None and _OTHERS.search(said.untitled):
        film = parts.catalogue[state.focus]
        theirs += [state.focus] if {*said.people} & {*film.directors, *film.cast} else []
    # "More like that" goes by the shown film without its being liked.
    like_that = said.refers_to if said.intent == "more" else ()
    named = [item for item in (*said.named, *like_that, *theirs) if item not in state.dislikes]
    return replace(state, filters=held), named


def _years_on(held: Filters, text: str) -> Filters:
    """The filters for as many years after, or before, where these are asked for."""
    match = _NEXT_YEARS.match(text)
    if match is None or held.year_min is None or held.year_max is None:
        return held
    step = (held.year_max - held.year_min + 1) * (1 if match["on"] else -1)
    return replace(held, year_min=held.year_min + step, year_max=held.year_max + step)


def _is_new(said: Understanding) -> bool:
    """Whether a message asks anew, so that the wish before it is over."""
    adds = said.intent in {"critique", "more", "feedback"} and not said.genres_in
    only_bounds = not (said.wish or said.liked or said.people or said.genres_in)
    return said.intent == "reset" or said.instead or not (adds or said.adds or only_bounds)


def _wishes(said: Understanding, state: State) -> tuple[str, str]:
    """The wish in force: a new request replaces it, a critique adds to it. What is to be
    avoided stays so until it is asked for."""
    avoid = joined(said.avoid, without(state.avoid, f"{said.wish} {kindred(said.permitted)}"))
    if "Romance" in said.genres_out:
        state = replace(state, wish=without(state.wish, "romantic"))
    if little_known(said.wish) or well_known(said.wish):
        state = replace(state, wish=of_any_fame(state.wish))
    if NATIONS & {*normal(said.wish)}:  # "a foreign film, something French"
        state = replace(state, wish=without(state.wish, " ".join([*NATIONS, "foreign"])))
        said = replace(said, wish=without(said.wish, "foreign"))
    if _JUST.match(said.untitled) and {*normal(said.wish)} < {*normal(state.wish)}:
        state = replace(state, wish="")  # "just cowboys", of "cowboys and aliens"
    if not _is_new(said):
        return joined(said.wish, without(state.wish, said.avoid)), avoid
    return said.wish, avoid


def films_of(people: Sequence[str], parts: Parts, count: int = _BEST_KNOWN) -> list[int]:
    """The best known films of these people."""
    rows = enumerate(parts.catalogue)
    films = [at for at, film in rows if {*people} & {*film.directors, *film.cast}]
    return sorted(films, key=lambda film: -parts.popularity[film])[:count]
