"""What each source says about every film: one score column a source."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import rankdata

from app.fame import little_known, obscure, well_known
from app.laps import Laps
from app.orders import ACCLAIM, NEWEST, OLDEST, ORDERS, PANNED
from app.parts import Parts, Vector
from app.session import State
from app.terms import IN_PART, Terms
from app.wishes import kindred, spoken
from data.catalogue import Catalogue

BEST = 5  # no rating is higher
TRUSTED = 20  # ratings of the mean that every film has beside its own
AVOIDED = 0.3  # of its score that a film keeps whose own tags or moods name what is not wanted
_ANY_AGE = 10_000  # years; more than lie between any two films
NEAR_AVOIDED = 0.5  # and one whose story is as like it as few are
NAMED = 0.15  # of similarity, for each of its own tags or moods that a wish names
_SEVERAL = 3  # films whose tags name a wish, for the others to come after them
_UNNAMED = 0.5  # of its score that a film keeps without such a tag
_FAMOUS = 0.95  # how much the most watched film loses where little known ones are asked for
_UNFAMILIAR = 0.5  # how much the least watched film loses where familiar ones are wanted
_SURPRISING = 0.5  # ... and the most watched one where surprising ones are
# For somebody without a like films are in the order of how many saw them: about the first hundred
# would come all the same.
_SEEN_BY_MOST, _KEPT = 0.93, 0.1
_OBSCURE = 0.5  # of all films have been seen by no more than one that is obscure
_DISLIKE = 0.5  # how much of its score a film loses that is exactly like a disliked one
NEIGHBOURHOOD = 3  # newest liked films whose neighbours count
TASTE_COLUMNS = ("ilm", "als", "popularity", "neighbours", "genres", "content")


def content_matrix(catalogue: Catalogue) -> csr_matrix:
    """(n_items, n_terms) tags, moods and directors, the rare weighing more; unit rows."""
    terms: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for index, item in enumerate(catalogue):
        for term in {*map(str.lower, (*item.tags, *item.moods)), *item.directors}:
            rows.append(index)
            columns.append(terms.setdefault(term, len(terms)))
    counts = np.bincount(columns, minlength=max(len(terms), 1))
    weights = np.log(len(catalogue) / np.maximum(counts, 1)) + 1
    matrix = csr_matrix(
        (weights[columns].astype(np.float32), (rows, columns)),
        shape=(len(catalogue), max(len(terms), 1)),
    )
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    scale = csr_matrix(
        (1 / np.where(lengths > 0, lengths, 1), (range(len(lengths)), range(len(lengths))))
    )
    return csr_matrix(scale @ matrix).astype(np.float32)


def genre_matrix(catalogue: Catalogue) -> Vector:
    """(n_items, n_genres) rows of unit length, zero for a film without genres."""
    place = {genre: column for column, genre in enumerate(catalogue.genres)}
    matrix = np.zeros((len(catalogue), len(place)), dtype=np.float32)
    for index, item in enumerate(catalogue):
        for genre in item.genres:
            matrix[index, place[genre]] = 1
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(lengths > 0, lengths, 1), dtype=np.float32)


class Sources:
    """The sources of candidates over one set of parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.content = content_matrix(parts.catalogue)
        self.genres = genre_matrix(parts.catalogue)
        self.terms = Terms(parts.catalogue)
        # 1 for the most watched film, near 0 for what nobody watched.
        self.fame = (rankdata(parts.popularity) / len(parts.popularity)).astype(np.float32)
        # The mean rating, drawn to the mean of all where few have rated.
        self.acclaim: Vector | None = None
        if parts.ratings is not None:
            counts = parts.popularity
            mean = float(counts @ parts.ratings) / max(float(counts.sum()), 1.0)
            self.acclaim = (counts * parts.ratings + TRUSTED * mean) / (counts + TRUSTED)
        # Of one year the better known; what has no year comes last either way.
        years = [np.nan if item.year is None else item.year for item in parts.catalogue]
        self._newest: Vector = np.nan_to_num(np.array(years) + self.fame / 2, nan=-np.inf)
        self._oldest: Vector = np.nan_to_num(self.fame / 2 - np.array(years), nan=-np.inf)
        lengths = np.linalg.norm(parts.factors.items, axis=1, keepdims=True)
        self.directions = parts.factors.items / np.where(lengths > 0, lengths, 1)

    def taste_columns(
        self, histories: Sequence[Sequence[int]], laps: Laps | None = None
    ) -> dict[str, Vector]:
        """TASTE_COLUMNS, (B, n_items) each, for histories of liked films, oldest first.

        A column is -inf where its source has nothing to say, and `ilm` means nothing for the
        history's own films: it is asked for other ones. Nothing here sees a wish, so this is what
        the ranker is trained on. `laps` is told when the language model is done.
        """
        n_items = len(self._parts.catalogue)
        ilm = np.asarray(self._parts.model.rank(histories, new_only=True), dtype=np.float32)
        if laps is not None:
            laps.lap("ILM")
        factors = self._parts.factors
        users = np.stack([factors.fold_in_recent(list(h)) for h in histories])
        als = np.array(factors.scores(users), dtype=np.float32)
        neighbours = np.full((len(histories), n_items), -np.inf, dtype=np.float32)
        genres = np.full_like(neighbours, -np.inf)
        content = np.full_like(neighbours, -np.inf)
        for row, history in enumerate(histories):
            items = list(history)
            if not items:
                als[row] = -np.inf
                continue
            near = [item for item in items if factors.known[item]][-NEIGHBOURHOOD:]
            if near:
                cosines = (self.directions @ self.directions[near].T).max(axis=1)
                neighbours[row] = np.where(factors.known, cosines, -np.inf)
            genres[row] = self.genres @ self.genres[items].mean(axis=0)
            content[row] = np.asarray(
                (self.content @ self.content[items].mean(axis=0).T).ravel(), dtype=np.float32
            ).ravel()
        popularity = np.log1p(self._parts.popularity).astype(np.float32)
        return {
            "ilm": ilm,
            "als": als,
            "popularity": np.tile(popularity, (len(histories), 1)),
            "neighbours": neighbours,
            "genres": genres,
            "content": content,
        }

    def wish_column(self, wish: str) -> Vector:
        """Similarity of the free-text wish to every film, (n_items,).

        By the text encoder, not by the Q-Former's text branch: stage 2 moves the item tokens away
        from the texts they were aligned with, and "an astronaut in space" then finds no science
        fiction. A film whose own tags or moods are named comes before one whose text is like the
        words.
        """
        (wanted,) = self._parts.encoder.encode([wish])
        return np.asarray(
            self._parts.stories @ wanted + NAMED * self.terms.named(wish), dtype=np.float32
        )

    def aversion(self, avoid: str) -> Vector:
        """(n_items,) what share of its score each film keeps that is to be unlike some words.

        Their own tags tell most; a story counts where it is more like the words than most are.
        """
        (unwanted,) = self._parts.encoder.encode([avoid])
        alike = self._parts.stories @ unwanted
        unusual = (alike - alike.mean()) / max(float(alike.std()), 1e-6)
        kept = 1 - (1 - NEAR_AVOIDED) * np.clip(unusual - 1, 0, 1)
        return np.where(self.terms.named(kindred(avoid)) > 0, AVOIDED, kept).astype(np.float32)

    def score_columns(
        self,
        history: Sequence[int],
        wish: str = "",
        laps: Laps | None = None,
    ) -> dict[str, Vector]:
        """Every column for one user, (n_items,) each; `wish` among them where there is one, and
        `acclaim` or `age` where that is wished for."""
        columns = {name: column[0] for name, column in self.taste_columns([history], laps).items()}
        orders = ORDERS & {*wish.split(", ")}
        if told := spoken(wish):
            columns["wish"] = self.wish_column(told)
        if orders & {NEWEST, OLDEST}:
            age = self._newest if NEWEST in orders else self._oldest
            # "The oldest heist film" has a heist.
            columns["age"] = age + _ANY_AGE * (self.terms.named(told) > 0)
        if PANNED in orders and self.acclaim is not None:
            columns["acclaim"] = -self.acclaim
        if ACCLAIM in orders and self.acclaim is not None:
            # "The best French films" are French ones first of all.
            columns["acclaim"] = self.acclaim + BEST * (self.terms.named(told) > 0)
        return columns

    def factor(self, state: State) -> Vector:
        """(n_items,) what a state makes of each film's score that is no matter of an order."""
        factor = np.ones(len(self._parts.catalogue), dtype=np.float32)
        if little_known(state.wish):
            factor -= _FAMOUS * self.fame
            if obscure(state.wish):
                factor[self.fame > _OBSCURE] *= _KEPT
        elif well_known(state.wish):
            factor -= _FAMOUS * (1 - self.fame)
        elif state.novelty == "familiar":
            factor -= _UNFAMILIAR * (1 - self.fame)
        elif state.novelty == "surprising":
            factor -= _SURPRISING * self.fame
            if not state.likes:
                factor[self.fame > _SEEN_BY_MOST] *= _KEPT
        if state.avoid:
            factor *= self.aversion(state.avoid)
        named = self.terms.named(spoken(state.wish))
        # "Chess" is no film's tag, and three have it in one: "chess prodigy".
        if np.count_nonzero(named >= np.clip(named.max(), IN_PART, 1)) >= _SEVERAL:
            factor[named == 0] *= _UNNAMED
        if state.dislikes:
            factor *= 1 - _DISLIKE * self.nearness(state.dislikes)
        if len(state.filters.genres_in) > 1:
            factor *= 0.5 + self.share_of(state.filters.genres_in)
        if len(people := {*state.filters.people}) > 1:  # whoever is in one film comes first
            rows = self._parts.catalogue
            factor *= np.array([len(people & {*film.directors, *film.cast}) for film in rows])
        return factor

    def nearness(self, items: Sequence[int]) -> Vector:
        """(n_items,) how alike in content each film is to the nearest of `items`, in 0..1."""
        return np.asarray((self.content @ self.content[list(items)].T).toarray().max(axis=1))

    def share_of(self, genres: Collection[str]) -> Vector:
        """(n_items,) share of `genres` that each film has."""
        return np.array(
            [len({*item.genres} & {*genres}) / len(genres) for item in self._parts.catalogue],
            dtype=np.float32,
        )

    def likeness(self, items: Sequence[int]) -> NDArray[np.float32]:
        """(n, n) how alike films are in content and audience, each in 0..1."""
        chosen = list(items)
        content = (self.content[chosen] @ self.content[chosen].T).toarray()
        audience = self.directions[chosen] @ self.directions[chosen].T
        return np.asarray(0.5 * content + 0.5 * np.clip(audience, 0, 1), dtype=np.float32)
