"""A data set over the chat's fake films, and answers made by hand."""

import numpy as np

from data.dataset import Dataset
from data.interactions import Interactions
from eval.partners import Reply
from eval.viewers import Viewer
from tests.app import fakes

FILMS = fakes.catalogue()


def film(title: str) -> int:
    return next(index for index, item in enumerate(FILMS) if item.title == title)


def viewer(target: str, ratings: dict[str, float], user: str = "u1") -> Viewer:
    return Viewer(user, {film(title): rating for title, rating in ratings.items()}, (film(target),))


def reply(*titles: str, text: str = "Here.", prose: str = "") -> Reply:
    cards = tuple(film(title) for title in titles)
    return Reply(cards, cards, text, prose=prose or text)


def dataset(n_users: int = 12) -> Dataset:
    """Users with 8 films each; the last two are rated 5 by even and 3 by odd users."""
    rng = np.random.default_rng(0)
    items = np.concatenate([rng.choice(30, size=8, replace=False) for _ in range(n_users)])
    ratings = rng.integers(1, 6, size=(n_users, 8)).astype(np.float32)
    ratings[:, -2:] = np.where(np.arange(n_users) % 2 == 0, 5, 3)[:, None]
    interactions = Interactions(
        np.repeat(np.arange(n_users), 8).astype(np.int32),
        items.astype(np.int32),
        np.tile(np.arange(8), n_users).astype(np.int64),
        ratings.ravel(),
        tuple(f"u{user}" for user in range(n_users)),
        len(FILMS),
    )
    return Dataset("fake", FILMS, interactions)
