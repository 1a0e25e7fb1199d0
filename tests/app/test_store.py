"""Conversations in the file: isolation, nothing lost to a kill, nothing left after a deletion."""

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.store import Record, Store, default_database, new_secret
from data.errors import DataError, IlmChatError

ANN, BEN = new_secret(), new_secret()


def record(*turns: str, title: str = "Talk", state: str = "{}") -> Record:
    return Record("", title, 0, state, turns)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deeper" / "history.sqlite")


def grown(held: Record, *turns: str) -> Record:
    return Record(held.id, held.title, held.version, held.state, turns)


def test_what_was_saved_comes_back_in_another_process(store: Store) -> None:
    held = store.create(ANN, "films", record("one", state='{"a": 1}'))
    held = store.save(ANN, "films", grown(held, "one", "two"), first=1)
    store.close()
    again = Store(store.path)
    assert again.load(ANN, "films", held.id) == held
    assert held.turns == ("one", "two") and held.version == 2
    # Undo, then another turn: what stood there is replaced.
    held = again.save(ANN, "films", grown(held, "one", "three", "four"), first=1)
    assert again.load(ANN, "films", held.id).turns == ("one", "three", "four")


def test_two_users_see_and_touch_only_their_own(store: Store) -> None:
    mine = store.create(ANN, "films", record("secret"))
    theirs = store.create(BEN, "films", record("other"))
    assert [entry.id for entry in store.listed(ANN, "films")] == [mine.id]
    for attempt in (
        lambda: store.load(BEN, "films", mine.id),
        lambda: store.save(BEN, "films", mine, first=0),
    ):
        with pytest.raises(DataError, match="deleted"):
            attempt()
    store.rename(BEN, mine.id, "Stolen")
    store.delete(BEN, mine.id)
    store.delete_all(BEN)
    assert store.load(ANN, "films", mine.id) == mine
    assert store.listed(BEN, "films") == [] and theirs.id != mine.id


def test_conversations_of_another_catalogue_are_not_listed(store: Store) -> None:
    held = store.create(ANN, "films", record("one"))
    assert store.listed(ANN, "songs") == []
    with pytest.raises(DataError):
        store.load(ANN, "songs", held.id)


def test_the_newest_is_first_and_a_given_name_stays(store: Store) -> None:
    old, new = (store.create(ANN, "films", record("x", title=title)) for title in "ab")
    assert [entry.title for entry in store.listed(ANN, "films")] == ["b", "a"]
    store.rename(ANN, old.id, "  My\n evening  ")
    store.save(ANN, "films", grown(old, "x", "y"), first=1)
    assert [entry.title for entry in store.listed(ANN, "films")] == ["My evening", "b"]
    with pytest.raises(IlmChatError, match="at least one letter"):
        store.rename(ANN, new.id, "   ")


def test_two_tabs_on_one_conversation_lose_nothing(store: Store) -> None:
    held = store.create(ANN, "films", record("one"))
    first = store.save(ANN, "films", grown(held, "one", "of tab A"), first=1)
    second = store.save(ANN, "films", grown(held, "one", "of tab B"), first=1)
    assert second.id != first.id
    assert store.load(ANN, "films", first.id).turns == ("one", "of tab A")
    assert store.load(ANN, "films", second.id).turns == ("one", "of tab B")


def test_what_was_deleted_in_one_tab_does_not_come_back_from_another(store: Store) -> None:
    held = store.create(ANN, "films", record("one"))
    store.delete(ANN, held.id)
    with pytest.raises(DataError, match="begin a new one"):
        store.save(ANN, "films", grown(held, "one", "two"), first=1)
    assert store.listed(ANN, "films") == []


@pytest.mark.parametrize("everything", [False, True])
def test_deleted_text_is_in_none_of_the_files(store: Store, everything: bool) -> None:
    words = "a very private film taste"
    held = store.create(ANN, "films", record(*[words] * 200, title=words, state=f'"{words}"'))
    kept = store.create(BEN, "films", record("unharmed"))

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in store.path.parent.iterdir())

    assert words.encode() in on_disk()
    if everything:
        store.delete_all(ANN)
    else:
        store.delete(ANN, held.id)
    assert words.encode() not in on_disk()
    assert store.load(BEN, "films", kept.id).turns == ("unharmed",)


def test_the_secret_is_not_in_the_file_and_only_the_owner_can_read_it(store: Store) -> None:
    store.create(ANN, "films", record("one"))
    for path in store.path.parent.iterdir():
        assert ANN.encode() not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


WRITER = """
import sys
from pathlib import Path
from app.store import Record, Store
store = Store(Path(sys.argv[1]))
user = "u" * 32
held = store.create(user, "films", Record("", "Talk", 0, "{}", ()))
print(held.id, flush=True)
for place in range(100_000):
    turns = (*held.turns, f"turn {place} " + "x" * 3000)
    held = store.save(user, "films", Record(held.id, "Talk", held.version, str(place), turns),
                      first=place)
    print(place, flush=True)
"""


def test_a_kill_in_mid_write_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    root = Path(__file__).parents[2]
    for after in (1, 17, 40):
        command = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            id = writer.stdout.readline().decode().strip()
            for _ in range(after):
                writer.stdout.readline()
            writer.kill()
            rest = writer.stdout.read().decode().split("\n")[:-1]
        acknowledged = after + len(rest)
        store = Store(path)
        found = store.load("u" * 32, "films", id)
        assert len(found.turns) in (acknowledged, acknowledged + 1)
        assert all(t.startswith(f"turn {n} ") and len(t) > 3000 for n, t in enumerate(found.turns))
        assert found.state == str(len(found.turns) - 1)
        store.close()
        for side in path.parent.glob("history.sqlite*"):
            side.unlink()


def test_many_threads_write_at_once(store: Store) -> None:
    def talk(place: int) -> str:
        held = store.create(ANN, "films", record(f"{place}-0"))
        for turn in range(1, 5):
            turns = (*held.turns, f"{place}-{turn}")
            held = store.save(ANN, "films", grown(held, *turns), first=turn)
        return held.id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(talk, range(16)))
    for place, id in enumerate(ids):
        assert store.load(ANN, "films", id).turns == tuple(f"{place}-{n}" for n in range(5))


def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(b"no database at all " * 500)
    foreign = tmp_path / "foreign"
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    db.close()
    before = foreign.read_bytes()
    damaged = tmp_path / "damaged"
    store = Store(damaged)
    store.create(ANN, "films", record(*["words " * 200] * 50))
    store.close()
    content = bytearray(damaged.read_bytes())
    content[8192:20000] = b"\xff" * (20000 - 8192)
    damaged.write_bytes(content)
    for path in (noise, foreign, damaged, tmp_path):
        with pytest.raises(IlmChatError, match="--no-history") as caught:
            Store(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert foreign.read_bytes() == before, "the other program's file was changed"


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ILM_CHAT_DATA", str(tmp_path))
    assert default_database() == tmp_path / "history.sqlite"
    monkeypatch.delenv("ILM_CHAT_DATA")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert default_database() == Path.home() / ".local/share/ilm-chat/history.sqlite"
