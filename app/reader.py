"""Reads a message: films, feelings about them, genres, years, references, and what it wants.

Deterministic and a few milliseconds a message: rules over the linked titles, and a small linear
model that has a say in the intent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from app.ages import comparison_in_time, old, than_named
from app.asides import REMARK
from app.constraints import NOT_OLD, stated_genres, stated_years
from app.feelings import Feelings, Place, feelings
from app.found import (
    Found,
    contradiction_of,
    film_likened,
    films_asked_of,
    films_chosen,
    films_meant,
    films_measured_by,
    films_passed_over,
    films_to_be_like,
    only_a_genre,
    what_is_told,
    what_is_unknowable,
)
from app.intent_model import IntentModel, intent_of
from app.intents import Signs
from app.orders import ORDERS, order_of, sorting, superlative
from app.people import PeopleIndex
from app.plots import PlotIndex
from app.portions import count_of, portions
from app.references import Reference, is_pronoun, referred
from app.sayings import HOW_MANY, SWAP, TAKE_BACK
from app.series import all_of, series_wanted
from app.spelling import put_right
from app.titles import Mention, TitleIndex
from app.understanding import MAX_CHARACTERS, Understanding
from app.unheard import Unheard
from app.unknowable import unknowable
from app.wishes import (
    adds,
    also,
    instead,
    joined,
    like_them,
    not_them,
    permitted,
    same_people,
    together,
    wish_of,
    without,
)
from app.words import mask, normal
from data.catalogue import Catalogue

_A_NAME, _A_WISH = 2, 10  # words


class Reader:
    """Reads messages about the films of one catalogue.

    Args:
        intents: the model that has a say in the intent; the shipped one by default.
    """

    def __init__(
        self, catalogue: Catalogue, titles: TitleIndex, intents: IntentModel | None = None
    ) -> None:
        self._catalogue = catalogue
        self._titles = titles
        self._unheard = Unheard(catalogue, titles)
        self._people = PeopleIndex(
            catalogue,
            plain=titles.names.plain,
            written=titles.names.written,
            told_of=self._unheard.is_told_of,
        )
        self._plots = PlotIndex(catalogue, titles.popularity)
        self._intents = intents or IntentModel.load()

    def read(
        self,
        message: str,
        cards: Sequence[int] = (),
        focus: int | None = None,
        shown: Sequence[int] = (),
    ) -> Understanding:
        """Understand `message`.

        Args:
            cards: films shown by the last answer, in order.
            focus: the film the conversation was last about, if any.
            shown: all films shown so far, newest last.
        """
        too_long = len(message) > MAX_CHARACTERS
        text = message[:MAX_CHARACTERS].strip()
        if not any(character.isalnum() for character in text):
            return Understanding("empty", too_long=too_long)
        alone = focus if not cards else None
        if alone is not None:
            cards = (alone,)  # the film last talked about, as if it had been shown
        text, named = self._put_right(text)
        found = self._take_apart(text, named, cards, focus, shown)
        intent = intent_of(found.signs, self._intents)
        if intent == "ask_about" and found.people.wanted and len(normal(text)) <= _A_NAME:
            intent = "recommend"  # "Bergman?" wants films of theirs
        if HOW_MANY.search(found.signs.text) and not (found.mentions or found.references):
            intent = "recommend"  # "how many westerns are there?" is asked of no film shown
        chosen = films_chosen(found)
        intent = "feedback" if chosen else intent
        if intent == "chitchat" and found.avoid and not cards and len(normal(text)) <= _A_WISH:
            intent = "recommend"  # "no dogs, no dying"
        told, described = what_is_told(text, found)
        last = cards[0] if focus is None and cards else focus
        series = series_wanted(self._catalogue, text, found.signs.text, found.mentions, last)
        best = superlative(found.signs.text)
        meant = chosen or films_meant(intent, found, cards, focus, shown)
        if series.others and not found.mentions and last is not None:
            meant = [last]  # "any sequels?"
        # "Which Star Trek film is the best?" is no word for the one it finds.
        asked = series.listed or bool(series.films and best)
        asks = intent in {"ask_about", "compare"} or asked
        # A film named with no word about it is taken as one to go by: "fargo. heat. jaws".
        like = films_to_be_like(text, found, alone)
        felt = found.felt.without_ill_of([*like, *(films_measured_by(text, found) if asks else ())])
        felt = felt.but_for(chosen)
        if intent == "ask_about":  # "is it too scary?" says nothing against it
            felt = felt.but_for(films_asked_of(found))
        if asked:
            felt = replace(felt, liked=(), disliked=())
        likened, unfelt = film_likened(found, cards)
        felt = felt.but_for(unfelt)
        taken_back = felt.films() if TAKE_BACK.search(found.signs.text) else ()
        if taken_back:
            felt = Feelings((), (), (), ())
        unwanted = [mention for mention in found.mentions if mention.item in felt.disliked]
        felt = replace(felt, disliked=(*felt.disliked, *all_of(self._catalogue, text, unwanted)))
        if {*series.films} & {*felt.seen}:  # "seen all the Star Trek films"
            felt = replace(felt, seen=(*felt.seen, *series.films))
        passed = films_passed_over(text, found)
        same = same_people(found.rest)  # whose film is no film to go by
        neutral = [] if same or chosen else [film for film in felt.neutral if film not in passed]
        liked = felt.liked if asks else (*felt.liked, *neutral)
        shares = portions(found.signs.text)
        return Understanding(
            intent=intent,
            liked=tuple(i for i in dict.fromkeys(liked) if i not in felt.disliked),
            disliked=tuple(dict.fromkeys(felt.disliked)),
            seen=tuple(dict.fromkeys(felt.seen)),
            named=tuple(dict.fromkeys(m.item for m in found.mentions)),
            refers_to=tuple(dict.fromkeys(meant)),
            alike=like,
            likened=likened,
            genres_in=frozenset() if asks else found.genres.wanted - found.genres.unwanted,
            genres_out=found.genres.unwanted,
            genres_free=found.genres.free,
            genres_allowed=found.genres.allowed,
            genres_joint=found.genres.joint and not asks,
            genres_also=bool(found.genres.wanted) and also(found.rest),
            year_min=None if asks else found.years.low,
            year_max=None if asks else found.years.high,
            years_out=found.years.unwanted,
            newer=comparison_in_time(found.rest),
            old=old(found.signs.text) and NOT_OLD not in found.years.unwanted,
            than_named=than_named(found.rest),
            not_them=not_them(found.rest),
            together=bool(found.people.wanted) and together(found.rest),
            like_them=like_them(found.rest),
            same=same,
            people=found.people.wanted,
            people_out=found.people.unwanted,
            people_free=found.people.free,
            people_alike=found.people.alike,
            strangers=found.people.strangers,
            series=series.films,
            others=series.others,
            listed=series.listed,
            unknown=found.unknown,
            taken_back=taken_back,
            swaps=SWAP.search(text) is not None,
            wish=found.signs.wish,
            avoid=found.avoid,
            permitted=permitted(found.rest),
            count=sum(many for _, many in shares) or count_of(found.signs.text),
            portions=shares,
            sorting=sorting(text),
            superlative=best,
            adds=adds(text) or only_a_genre(found),
            instead=instead(text),
            unknowable=what_is_unknowable(found, asks),
            too_long=too_long,
            contradiction=contradiction_of(
                found.genres.wanted & found.genres.unwanted, found.years.low, found.years.high
            ),
            strange=""
            if found.signs.named or found.signs.constrained
            else self._unheard.strange(found.signs.text),
            foreign=not found.people.strangers and self._unheard.foreign(found.signs.text),
            told=told,
            described=described,
            untitled=found.signs.text,
        )

    def signs(
        self,
        message: str,
        cards: Sequence[int] = (),
        focus: int | None = None,
        shown: Sequence[int] = (),
    ) -> Signs:
        """What the intent of `message` is judged by; arguments as in `read`."""
        text, named = self._put_right(message[:MAX_CHARACTERS].strip())
        return self._take_apart(text, named, cards, focus, shown).signs

    def _put_right(self, text: str) -> tuple[str, list[Mention]]:
        """`text` as it is meant, and the films that it names."""
        text = REMARK.sub("", text)
        named = self._titles.find(text)
        right = put_right(text, [(m.start, m.end) for m in named], self._titles.names)
        return right, named if right == text else self._titles.find(right)

    def _take_apart(
        self,
        text: str,
        films: Sequence[Mention],
        cards: Sequence[int],
        focus: int | None,
        shown: Sequence[int],
    ) -> Found:
        mentions = [m for m in films if not self._unheard.is_author(text, m)]
        mentions += self._titles.versions(text, mentions, [*cards, *reversed(shown)])
        mentions = sorted(
            [*mentions, *self._titles.shown(text, mentions, cards)], key=lambda m: m.start
        )
        unknown = self._unheard.unknown(text, mentions)
        taken = [(m.start, m.end) for m in mentions] + [(u.start, u.end) for u in unknown]
        masked = mask(text, taken)
        references: list[Reference] = []
        places = [Place(m.item, m.start, m.end, named=True) for m in mentions]
        for reference in referred(masked, list(cards), focus, self._catalogue, shown):
            if any(0 <= m.start - reference.end <= 1 for m in mentions):
                continue  # "seen Fargo" is about Fargo alone
            if is_pronoun(masked, reference) and any(u.end <= reference.start for u in unknown):
                continue  # "the Matrix, seen that" is about no film shown
            named = [m.item for m in mentions if m.end <= reference.start]
            if not named or not is_pronoun(masked, reference):
                references.append(reference)
            elif not reference.loose:
                # After a film's name "hated it" and "that one" mean that film.
                places.append(Place(named[-1], reference.start, reference.end, named=True))
        # "The one about the mathematician ... Good Will Hunting?"
        guessed = text.endswith("?") and any(not text[m.end :].strip(" ?!.") for m in mentions)
        described = None if references or guessed else self._plots.find(masked)
        if described is not None:
            # "He does terrible things" is told of the film and says nothing against it.
            told = re.match(r"[^,.!?;:\n]*", masked[described.end :])
            end = described.end + (len(told[0].rstrip()) if told else 0)
            described = replace(described, end=end)
            mentions = sorted([*mentions, described], key=lambda mention: mention.start)
            masked = mask(masked, [(described.start, described.end)])
            places.append(Place(described.item, described.start, described.end, named=True))
        # "The western with the young actors" picks a film that was shown and asks for none.
        picks = [(r.start, r.end) for r in references if not is_pronoun(masked, r)]
        genres = stated_genres(mask(masked, picks))
        years = stated_years(masked)
        people = self._people.wanted(masked)
        if not SWAP.search(masked):  # "nobody likes sad endings, swap the second"
            felt_of = (r for r in references if not r.loose)
            places += [Place(r.item, r.start, r.end, named=False) for r in felt_of]
        felt = feelings(masked, places)
        # Blank and not underscores: beside a title words may be about it, beside a year they wish.
        rest = mask(masked, [*genres.spans, *years.spans, *people.spans], " ")
        wish, avoid = wish_of(mask(rest, picks, " "))  # "swap the comedy"
        if not mentions:
            order = order_of(text)
            wish = joined(without(wish, order) if order else wish, order)
        signs = Signs(
            text=masked,
            cards=len(cards),
            shown=len({*cards, *shown}),
            named=len({m.item for m in mentions}),
            felt=bool(felt.liked or felt.disliked or felt.seen),
            constrained=bool(
                genres.wanted
                or genres.unwanted
                or years.low
                or years.high
                or years.unwanted
                or any(people[:4])
                or ORDERS & {*wish.split(", ")}
                or unknowable(rest)
            ),
            unknown=bool(unknown or people.strangers),
            wish=wish,
            seen=any(card in felt.seen for card in cards),
        )
        return Found(
            signs, tuple(mentions), described, tuple(unknown), tuple(references), felt, genres,
            years, people, rest, avoid,
        )  # fmt: skip
