"""What every reader returns."""

from dataclasses import dataclass

from data.catalogue import Catalogue
from data.interactions import Interactions


@dataclass(frozen=True)
class Dataset:
    """One data set: all its items, and its interactions after 5-core."""

    name: str
    catalogue: Catalogue
    interactions: Interactions
