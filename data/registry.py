"""Every data set by name. A new one is a reader and an entry in `SOURCES`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from data.amazon import read_titles, with_titles
from data.dataset import Dataset
from data.errors import DataError
from data.fetch import AssetName, fetch
from data.movielens import read_ml_1m, read_ml_100k
from data.openp5 import read_openp5

__all__ = ["SOURCES", "Dataset", "Source", "load"]


@dataclass(frozen=True)
class Source:
    """How one data set is read, what its folder must hold, and what to fetch if none is named."""

    read: Callable[[Path], Dataset]
    needs: str
    fetched: AssetName | None = None


_OPENP5 = "OpenP5's user_sequence.txt"
SOURCES: dict[str, Source] = {
    "ml-100k": Source(
        read_ml_100k, "ml-100k.inter and ml-100k.item, or u.data and u.item", fetched="ml-100k"
    ),
    "ml-1m": Source(read_ml_1m, "movies.dat and ratings.dat or sequences.txt (or the zip itself)"),
    "beauty": Source(partial(read_openp5, name="beauty", label="Beauty"), _OPENP5),
    "clothing": Source(partial(read_openp5, name="clothing", label="Clothing"), _OPENP5),
    "lastfm": Source(partial(read_openp5, name="lastfm", label="LastFM artist"), _OPENP5),
}


def load(name: str, folder: Path | None = None, titles: Path | None = None) -> Dataset:
    """A data set by name, from `folder` or, for ml-100k, fetched when none is named.

    `titles` is a folder with names of Amazon products (see `data.amazon`). Raises DataError for
    an unknown name, a missing folder and every defect in the files; FetchError when fetching fails.
    """
    source = SOURCES.get(name)
    if source is None:
        raise DataError(f"There is no data set '{name}'; known are {', '.join(SOURCES)}.")
    if folder is None:
        if source.fetched is None:
            raise DataError(f"{name} has to be read from a folder; name one with {source.needs}.")
        folder = fetch(source.fetched)
    elif not folder.exists():
        raise DataError(f"The folder {folder} does not exist; {name} needs {source.needs}.")
    dataset = source.read(folder)
    return dataset if titles is None else with_titles(dataset, read_titles(titles))
