"""What somebody may want to say next, to be chosen instead of typed."""

from __future__ import annotations

from app.filters import allowed, barred, relaxations
from app.session import State
from data.catalogue import Catalogue

RELAXED = 3  # constraints that are offered to be dropped


def suggestions(state: State, catalogue: Catalogue, cards: int) -> list[str]:
    """Messages that the chat understands and that go on from this state, the likeliest first.

    Args:
        cards: how many films the last answer showed; what is said of them takes some.
    """
    bar = barred(state, (), catalogue)
    left = allowed(catalogue, state.filters, bar)
    if not len(left):
        looser = relaxations(catalogue, state.filters, bar)[:RELAXED]
        return [f"Drop {name}" for name, _ in looser] or ["Start over"]
    if not cards:
        return []
    found = ["More"]
    years = [year for card in state.cards if (year := catalogue[card].year) is not None]
    there = [year for item in left.tolist() if (year := catalogue[item].year) is not None]
    if years and there:
        found += ["Something newer"] if max(there) > max(years) else []
        found += ["Something older"] if min(there) < min(years) else []
    found.append("Why the first one?")
    found += ["Compare the first two"] if cards > 1 else []
    return found
