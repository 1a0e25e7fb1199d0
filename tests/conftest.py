"""What all tests share: a tiny data set, local copies of real ones, and what to skip where."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from data.catalogue import Catalogue, Item
from data.dataset import Dataset
from data.fetch import ASSETS, is_cached
from data.interactions import Interactions

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    # Tests that need fetched files are skipped where there are none; no test downloads.
    os.environ["ILM_CHAT_OFFLINE"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in ASSETS if not is_cached(name)]
    for item in items:
        if missing and item.get_closest_marker("assets"):
            item.add_marker(pytest.mark.skip(reason=f"not fetched: {', '.join(missing)}"))
        if item.get_closest_marker("browser") and find_chromium() is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium found"))


def find_chromium() -> str | None:
    """The path of a Chromium: the system's, else the one Playwright installed, else None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    installed = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    browsers = Path(installed) if installed else Path.home() / ".cache" / "ms-playwright"
    return next((str(path) for path in browsers.glob("chromium-*/chrome-*/chrome")), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium to test with."""
    path = find_chromium()
    assert path is not None, "mark the test `browser`, so that it is skipped without Chromium"
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of local copies of public data sets, beside the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no local copies of the data sets")
    return folder


@pytest.fixture(scope="session")
def tiny_dataset() -> Dataset:
    """12 users x 20 items, a 5-core: users 0-5 like the ten comedies (items 0-9), users 6-11 the
    ten space films (10-19).

    Every user walks through nine of the ten films of their group in the order of their ids,
    beginning at another place, and takes one film of the other group as the fifth.
    """
    catalogue = Catalogue("tiny", [_tiny_item(index) for index in range(20)])
    rows = []
    for user in range(12):
        own, other = (0, 10) if user < 6 else (10, 0)
        walk = [own + (user + step) % 10 for step in range(9)]
        walk.insert(4, other + (3 * user) % 10)
        rows += [(f"u{user}", str(101 + item), 1000 * user + t) for t, item in enumerate(walk)]
    users, items, times = zip(*rows, strict=True)
    ratings = np.full(len(rows), 4)
    return Dataset(
        "tiny", catalogue, Interactions.from_columns(users, items, times, ratings, catalogue)
    )


_COMEDIES = (
    "The Lost Umbrella|A clumsy weatherman loses the town's only umbrella.|umbrella,small town",
    "Two Left Shoes|A shy dancer enters a contest with mismatched shoes.|dance,contest",
    "Aunt Olga's Hotel|A family hotel fills with guests who will not leave.|hotel,family",
    "The Cake Inspector|An inspector falls in love with the baker he must close.|baking,romance",
    "Monday Again|A clerk tries to sleep through every Monday.|office,sleep",
    "My Neighbour the Goat|A goat inherits the flat next door.|goat,neighbours",
    "A Wedding Too Many|Three weddings share one church and one cake.|wedding,mix-up",
    "The Quiet Trombone|A trombonist moves into a house of librarians.|music,library",
    "Holiday by Mistake|A family boards the wrong bus and stays.|holiday,bus",
    "The Honest Salesman|A salesman can no longer tell a lie.|honesty,cars",
)
_SPACE_FILMS = (
    "Orbit Nine|The last crew of a station hears a knock from outside.|space station,mystery",
    "The Silent Comet|A comet stops in front of the sun and waits.|comet,first contact",
    "Red Dust Road|Two rivals drive across Mars to reach water.|mars,race",
    "Machine of Glass|An engineer builds a mind that fears the dark.|robot,mind",
    "Beyond Saturn|A pilot returns a century late and still young.|pilot,time",
    "The Moon Strike|Miners on the Moon lay down their tools.|moon,miners",
    "Signal Lost|A radio astronomer answers a call from her future.|radio,future",
    "Ark of Stars|A ship of sleepers wakes one passenger too early.|ship,sleepers",
    "The Iron Garden|Robots tend the last forest in a dome.|robot,forest",
    "Gravity's Children|Born in free fall, three friends land for the first time.|planet,friends",
)


def _tiny_item(index: int) -> Item:
    comedy = index < 10
    title, synopsis, tags = (_COMEDIES + _SPACE_FILMS)[index].split("|")
    second = ("Romance",) if comedy else ("Thriller",)
    return Item(
        id=str(101 + index),
        title=title,
        year=1980 + index,
        genres=("Comedy" if comedy else "Sci-Fi", *(second if index % 3 == 0 else ())),
        directors=(f"Director {'ABCDE'[index % 5]}",),
        cast=(f"Actor {index}", f"Actor {index + 1}"),
        synopsis=synopsis,
        tags=tuple(tags.split(",")),
        moods=("warm", "playful") if comedy else ("tense", "vast"),
        countries=("US",) if index % 2 else ("UK", "US"),
        languages=("English",),
    )
