"""Names of Amazon products, as published beside the Beauty sequences."""

import csv
import html
import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from data.catalogue import Catalogue
from data.dataset import Dataset
from data.errors import DataError
from data.reading import read_json, read_text


def read_titles(folder: Path) -> dict[str, str]:
    """ASIN -> product name, joined from `item_id_to_int.json` and `products_lookup.csv`.

    Products whose name is blank are left out.
    """
    numbers = read_json(folder / "item_id_to_int.json")
    if not isinstance(numbers, dict):
        raise DataError("item_id_to_int.json must be a JSON object from ASIN to number.")
    path = folder / "products_lookup.csv"
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""))
    for column in ("global_product_id", "name"):
        if column not in (rows.fieldnames or ()):
            raise DataError(
                f"{path.name} has no column '{column}'; its columns are "
                f"{', '.join(rows.fieldnames or ())}."
            )
    names = {row["global_product_id"]: " ".join(html.unescape(row["name"]).split()) for row in rows}
    titles = {asin: names.get(str(number), "") for asin, number in numbers.items()}
    return {asin: title for asin, title in titles.items() if title}


def with_titles(dataset: Dataset, titles: Mapping[str, str]) -> Dataset:
    """The data set with the titles put in where there is one for an item's id.

    DataError when there is none for any item.
    """
    named = [replace(item, title=titles.get(item.id, item.title)) for item in dataset.catalogue]
    if named == list(dataset.catalogue):
        raise DataError(f"None of these product names belongs to an item of {dataset.name}.")
    return replace(dataset, catalogue=Catalogue(dataset.catalogue.name, named))
