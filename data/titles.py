"""MovieLens' way of writing titles, turned into the way people write them."""

import re
from collections.abc import Iterable

_ARTICLES = (
    "The|A|An|Le|La|Les|L'|Un|Une|Il|Lo|I|Gli|O|Os|As|El|Los|Las|Das|Der|Die|Ein|Eine|De|Det|Den|En"
)
_TRAILING_ARTICLE = re.compile(rf"^(?P<rest>.+), (?P<article>{_ARTICLES})$")
_YEAR = re.compile(r"\s*\((?P<year>\d{4})\)\s*$")
_AKA = re.compile(r"^(?:a\.?k\.?a\.? )", re.IGNORECASE)
_PARENTHESES = re.compile(r"\s*\(([^()]*)\)")


def split_year(title: str) -> tuple[str, int | None]:
    """`Toy Story (1995)` -> (`Toy Story`, 1995); no year, no change."""
    match = _YEAR.search(title)
    if match is None:
        return title.strip(), None
    return title[: match.start()].strip(), int(match["year"])


def move_article(title: str) -> str:
    """`Boot, Das` -> `Das Boot`, `Enfer, L'` -> `L'Enfer`."""
    match = _TRAILING_ARTICLE.match(title)
    if match is None:
        return title
    space = "" if match["article"].endswith("'") else " "
    return f"{match['article']}{space}{match['rest']}"


def title_forms(title: str) -> tuple[str, ...]:
    """Every name in a title without its year, as people write it; the main one first.

    `Blue Angel, The (Blaue Engel, Der)` -> (`The Blue Angel`, `Der Blaue Engel`).
    """
    main = _PARENTHESES.sub("", title).strip()
    others = [_AKA.sub("", inner.strip()) for inner in _PARENTHESES.findall(title)]
    return unique(move_article(form) for form in [main, *others] if form)


def unique(forms: Iterable[str], without: str = "") -> tuple[str, ...]:
    """The forms in their order, each once whatever its case, without `without`."""
    seen = {without.casefold()}
    kept = []
    for form in forms:
        if form.casefold() not in seen:
            seen.add(form.casefold())
            kept.append(form)
    return tuple(kept)
