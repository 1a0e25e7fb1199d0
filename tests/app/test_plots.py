import numpy as np

from app.plots import PlotIndex
from data.catalogue import Catalogue, Item
from tests.app import fakes


def test_a_film_listed_twice_is_no_rival_of_itself() -> None:
    """Regression: a film with a twin was never far enough ahead of the next best: itself."""
    story = (
        "A caretaker, haunted by ghosts, writes one sentence in an empty hotel of the mountains."
    )
    hotel = [Item(str(n), "The Hotel", 1980, directors=("A",), synopsis=story) for n in (97, 98)]
    catalogue = Catalogue("more", [*fakes.catalogue(), *hotel])
    index = PlotIndex(catalogue, np.arange(1, len(catalogue) + 1, dtype=np.float32))
    found = index.find("what was that film where a caretaker writes a sentence in a mountain hotel")
    assert found is not None and found.item in (len(catalogue) - 2, len(catalogue) - 1)
