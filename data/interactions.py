"""Who chose what, when: rows of (user, item, time), sorted by user, then oldest first."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix

from data.catalogue import Catalogue
from data.errors import DataError


@dataclass(frozen=True, eq=False)
class Interactions:
    """n interactions. `users`, `items` (n,) int32 dense indices; `times` (n,) int64 seconds (or
    positions, where a data set has an order but no clock), non-decreasing inside a user;
    `ratings` (n,) float32 or None; `n_items` is the size of the whole catalogue.

    Raises DataError for columns of unequal length, a negative or too large index, users out of
    order, times that go backwards inside a user, and a pair (user, item) that occurs twice.
    A user without rows is allowed: splits have them.
    """

    users: NDArray[np.int32]
    items: NDArray[np.int32]
    times: NDArray[np.int64]
    ratings: NDArray[np.float32] | None
    user_ids: tuple[str, ...]
    n_items: int

    def __post_init__(self) -> None:
        n = len(self.users)
        rows = {"items": len(self.items), "times": len(self.times)}
        if self.ratings is not None:
            rows["ratings"] = len(self.ratings)
        for name, count in rows.items():
            if count != n:
                raise DataError(f"The column '{name}' has {count} rows, 'users' has {n}.")
        if n == 0:
            raise DataError("There are no interactions.")
        for name, indices, size in (
            ("user", self.users, self.n_users),
            ("item", self.items, self.n_items),
        ):
            if indices.min() < 0:
                raise DataError(f"Row {int(indices.argmin())}: the {name} index is negative.")
            if indices.max() >= size:
                row = int(indices.argmax())
                raise DataError(f"Row {row}: there is no {name} {indices[row]} among {size}.")
        user_steps = np.diff(self.users)
        if np.any(user_steps < 0):
            row = int(np.argmax(user_steps < 0)) + 1
            raise DataError(f"Row {row}: rows are not sorted by user.")
        backwards = (user_steps == 0) & (np.diff(self.times) < 0)
        if backwards.any():
            row = int(backwards.argmax()) + 1
            user = self.user_ids[self.users[row]]
            raise DataError(f"Row {row}: the times of user {user} are not sorted, oldest first.")
        pairs = np.sort(self.users.astype(np.int64) * self.n_items + self.items)
        if np.any(pairs[1:] == pairs[:-1]):
            pair = int(pairs[np.argmax(pairs[1:] == pairs[:-1])])
            user, item = self.user_ids[pair // self.n_items], pair % self.n_items
            raise DataError(f"User {user} has the item with index {item} twice.")

    @classmethod
    def from_columns(
        cls,
        users: Sequence[str],
        items: Sequence[str],
        times: ArrayLike,
        ratings: ArrayLike | None,
        catalogue: Catalogue,
    ) -> "Interactions":
        """Rows with external ids, in any order.

        Users are numbered in the order of their first row; rows with the same user and time keep
        the order in which they come. DataError for an item outside the catalogue and for whatever
        the constructor refuses.
        """
        user_index: dict[str, int] = {}
        user_column = np.array([user_index.setdefault(u, len(user_index)) for u in users], np.int32)
        item_column = np.array([catalogue.index_of(item) for item in items], np.int32)
        time_column = np.asarray(times, np.int64)
        if not len(user_column) == len(item_column) == len(time_column):
            raise DataError("The columns of users, items and times are not of one length.")
        order = np.lexsort((time_column, user_column))
        rating_column = None if ratings is None else np.asarray(ratings, np.float32)[order]
        return cls(
            user_column[order],
            item_column[order],
            time_column[order],
            rating_column,
            tuple(user_index),
            len(catalogue),
        )

    @property
    def n_users(self) -> int:
        return len(self.user_ids)

    def __len__(self) -> int:
        return len(self.users)

    def sequences(self) -> list[NDArray[np.int32]]:
        """The items of every user, oldest first; `n_users` arrays."""
        ends = np.cumsum(np.bincount(self.users, minlength=self.n_users))
        return np.split(self.items, ends[:-1])

    def matrix(self) -> csr_matrix:
        """(n_users, n_items) float32, 1.0 where the user chose the item."""
        ones = np.ones(len(self), np.float32)
        return csr_matrix((ones, (self.users, self.items)), shape=(self.n_users, self.n_items))

    def active_items(self) -> NDArray[np.int32]:
        """The sorted indices of the items that occur."""
        return np.unique(self.items)

    def select(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Interactions":
        """Some of the rows, or all of them in another order; users and items keep their index."""
        ratings = None if self.ratings is None else self.ratings[rows]
        return Interactions(
            self.users[rows],
            self.items[rows],
            self.times[rows],
            ratings,
            self.user_ids,
            self.n_items,
        )

    def k_core(self, k: int) -> "Interactions":
        """The largest part in which every user and every item has at least k interactions.

        Users are renumbered in their order, items keep their catalogue index. DataError when
        nothing is left.
        """
        kept = np.ones(len(self), bool)
        while True:
            user_counts = np.bincount(self.users[kept], minlength=self.n_users)
            item_counts = np.bincount(self.items[kept], minlength=self.n_items)
            stays = kept & (user_counts[self.users] >= k) & (item_counts[self.items] >= k)
            if np.array_equal(stays, kept):
                break
            kept = stays
        if not kept.any():
            raise DataError(f"Nothing is left of these interactions in a {k}-core.")
        old_users, users = np.unique(self.users[kept], return_inverse=True)
        return Interactions(
            users.astype(np.int32),
            self.items[kept],
            self.times[kept],
            None if self.ratings is None else self.ratings[kept],
            tuple(self.user_ids[user] for user in old_users),
            self.n_items,
        )

    @cached_property
    def digest(self) -> str:
        """sha256 (hex) over the ids, the order and every column; the same on every machine."""
        digest = hashlib.sha256(json.dumps([self.user_ids, self.n_items]).encode())
        columns = [self.users.astype("<i4"), self.items.astype("<i4"), self.times.astype("<i8")]
        if self.ratings is not None:
            columns.append(self.ratings.astype("<f4"))
        for column in columns:
            digest.update(column.tobytes())
        return digest.hexdigest()
