"""Conversations kept on this machine: one SQLite file, one transaction a turn.

The file is in WAL mode with synchronous=FULL: what `save` has returned from is on the disk, even
after a kill or a power cut (NORMAL could lose the newest turns to a power cut). A commit costs a
few milliseconds, once a turn. Content that is deleted is overwritten with zeros (secure_delete).

A user is a random secret that their browser keeps; the file holds only its SHA-256, so that nobody
can pass for a user by reading the file.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from data.errors import DataError, IlmChatError

SECRET_LENGTH = 32
TITLE_LENGTH = 80
_APPLICATION = 0x494C4D43  # "ILMC", by which a file is known to be ours
_BUSY_SECONDS = 10.0  # another process may be writing
_SCHEMA = f"""
BEGIN IMMEDIATE; -- two processes may begin at once: the second finds it made
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, catalogue TEXT NOT NULL, title TEXT NOT NULL,
    renamed INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL, changed REAL NOT NULL,
    version INTEGER NOT NULL, state TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS conversations_of_an_owner ON conversations (owner, catalogue, changed);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    place INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (conversation, place)
) WITHOUT ROWID;
PRAGMA application_id = {_APPLICATION};
COMMIT;
"""


def default_database() -> Path:
    """`history.sqlite` in $ILM_CHAT_DATA, or else in the user's data directory."""
    if folder := os.environ.get("ILM_CHAT_DATA"):
        return Path(folder) / "history.sqlite"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "ilm-chat" / "history.sqlite"


def new_secret() -> str:
    """What makes a browser a user."""
    return secrets.token_hex(SECRET_LENGTH // 2)


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation in the list; times in seconds since 1970."""

    id: str
    title: str
    created: float
    changed: float


@dataclass(frozen=True, slots=True)
class Record:
    """A conversation as it lies in the file; `state` and `turns` are JSON that the store does not
    look into. `version` counts the saves."""

    id: str
    title: str
    version: int
    state: str
    turns: tuple[str, ...]


class Store:
    """The file of conversations. Safe to share between threads; other processes may use it too.

    Raises:
        IlmChatError: when the file cannot be opened, is damaged, or belongs to something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Conversations are private: SQLite gives its side files the rights of this one.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise IlmChatError(
                f"The history cannot be kept in {path} ({error.strerror}): name another file with "
                "--database, or keep none with --no-history."
            ) from None
        try:
            self._db = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(str(error)) from None
        except IlmChatError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != _APPLICATION and tables:
            raise self._unusable("it is the database of another program")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA secure_delete = ON")
        if not tables:
            self._db.executescript(_SCHEMA)
        (verdict,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise self._unusable("it is damaged")

    def _unusable(self, why: str) -> IlmChatError:
        return IlmChatError(
            f"{self.path} is no usable history ({why}): move it away, name another file with "
            "--database, or keep none with --no-history."
        )

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                    self._db.execute("COMMIT")
                except BaseException:
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise IlmChatError(f"The history in {self.path} failed: {error}.") from error

    # -- reading ---------------------------------------------------------------------------------

    def listed(self, user: str, catalogue: str) -> list[Entry]:
        """The user's conversations about that catalogue, the newest first."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT id, title, created, changed FROM conversations "
                "WHERE owner = ? AND catalogue = ? ORDER BY changed DESC, id",
                (_owner(user), catalogue),
            ).fetchall()
        return [Entry(*row) for row in rows]

    def load(self, user: str, catalogue: str, id: str) -> Record:
        """One conversation.

        Raises:
            DataError: when this user has none of that id about that catalogue.
        """
        with self._transaction() as db:
            row = db.execute(
                "SELECT id, title, version, state FROM conversations "
                "WHERE id = ? AND owner = ? AND catalogue = ?",
                (id, _owner(user), catalogue),
            ).fetchone()
            turns = db.execute(
                "SELECT content FROM turns WHERE conversation = ? ORDER BY place", (id,)
            ).fetchall()
        if row is None:
            raise DataError("This conversation is no longer there: it was deleted.")
        id, title, version, state = row
        return Record(id, title, version, state, tuple(content for (content,) in turns))

    # -- writing ---------------------------------------------------------------------------------

    def create(self, user: str, catalogue: str, record: Record) -> Record:
        """Store a new conversation; `record.id` and `record.version` are given anew."""
        id, now = secrets.token_hex(8), time.time()
        with self._transaction() as db:
            db.execute(
                "INSERT INTO conversations "
                "(id, owner, catalogue, title, created, changed, version, state) "
                "VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
                (id, _owner(user), catalogue, record.title, now, now, record.state),
            )
            _write_turns(db, id, 0, record.turns)
        return Record(id, record.title, 1, record.state, record.turns)

    def save(self, user: str, catalogue: str, record: Record, *, first: int) -> Record:
        """Bring a stored conversation up to date, in one transaction.

        Args:
            record: as it is now; `version` as it was last read or saved. The title counts only
                while the user has given none.
            first: the place of the first turn that changed; those before it are left alone.

        Returns:
            What is stored now. When another tab has saved in the meantime, both are kept: this one
            becomes a conversation of its own.

        Raises:
            DataError: when the conversation was deleted in the meantime; it does not come back.
        """
        with self._transaction() as db:
            row = db.execute(
                "SELECT version FROM conversations WHERE id = ? AND owner = ?",
                (record.id, _owner(user)),
            ).fetchone()
            if row is None:
                raise DataError(
                    "This conversation was deleted, and what is said in it is not kept any more: "
                    "begin a new one."
                )
            if row[0] == record.version:
                db.execute(
                    "UPDATE conversations SET version = version + 1, changed = ?, state = ?, "
                    "title = CASE renamed WHEN 0 THEN ? ELSE title END WHERE id = ?",
                    (time.time(), record.state, record.title, record.id),
                )
                _write_turns(db, record.id, first, record.turns[first:])
        if row[0] != record.version:
            return self.create(user, catalogue, record)
        return Record(record.id, record.title, record.version + 1, record.state, record.turns)

    def rename(self, user: str, id: str, title: str) -> None:
        """Give a conversation a title, which then stays.

        Raises:
            IlmChatError: when the title is empty.
        """
        clean = " ".join(title.split())[:TITLE_LENGTH]
        if not clean:
            raise IlmChatError("A conversation needs a name of at least one letter.")
        with self._transaction() as db:
            db.execute(
                "UPDATE conversations SET title = ?, renamed = 1 WHERE id = ? AND owner = ?",
                (clean, id, _owner(user)),
            )

    def delete(self, user: str, id: str) -> None:
        """Delete one conversation."""
        with self._transaction() as db:
            db.execute("DELETE FROM conversations WHERE id = ? AND owner = ?", (id, _owner(user)))
        self._wipe()

    def delete_all(self, user: str) -> None:
        """Delete all conversations of a user, and give their room in the file back."""
        with self._transaction() as db:
            db.execute("DELETE FROM conversations WHERE owner = ?", (_owner(user),))
        self._wipe("VACUUM")

    def _wipe(self, *first: str) -> None:
        """Take what was deleted out of the log as well, where it would lie until overwritten."""
        with self._lock:
            try:
                for statement in (*first, "PRAGMA wal_checkpoint(TRUNCATE)"):
                    self._db.execute(statement).fetchall()
            except sqlite3.Error as error:
                raise IlmChatError(
                    f"It is deleted, but traces may be left in {self.path} ({error}): "
                    "delete again later."
                ) from error


def _owner(user: str) -> str:
    return hashlib.sha256(user.encode()).hexdigest()


def _write_turns(db: sqlite3.Connection, id: str, first: int, turns: Sequence[str]) -> None:
    """Put `turns` at places `first`..., in place of all that stood from there on."""
    db.execute("DELETE FROM turns WHERE conversation = ? AND place >= ?", (id, first))
    db.executemany(
        "INSERT INTO turns VALUES (?, ?, ?)",
        [(id, place, content) for place, content in enumerate(turns, start=first)],
    )
