"""Command line: fit factors, look at neighbours, recommend."""

from pathlib import Path
from typing import Annotated

import typer

from cf.errors import CfError
from cf.factors import Factors, Method, fit
from data.catalogue import Catalogue
from data.console import command_line, run
from data.dataset import Dataset
from data.registry import load

app = command_line("Collaborative filtering: factors from who chose what.")

DatasetName = Annotated[str, typer.Option("--dataset", help="Data set, by its registered name.")]
Model = Annotated[
    Path | None,
    typer.Option("--model", help="Folder of fitted factors [default: runs/cf/DATASET]."),
]


@app.command("fit")
def fit_command(
    dataset: DatasetName = "ml-100k",
    method: Annotated[Method, typer.Option(help="What to fit.")] = "als",
    factors: Annotated[int, typer.Option(help="Width asked for.")] = 64,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write [default: runs/cf/DATASET].")
    ] = None,
) -> None:
    """Fit factors on all interactions of a data set.

    Example: python -m cf fit --dataset ml-100k --method als --factors 64
    """
    loaded = load(dataset)
    fitted = fit(loaded.interactions, method=method, factors=factors, seed=seed)
    folder = out or _default_folder(dataset)
    fitted.save(folder)
    typer.echo(
        f"{method} on {dataset}: {len(fitted.users):,} users and {int(fitted.known.sum()):,} of "
        f"{fitted.n_items:,} items, {fitted.width} wide, in {folder}"
    )


@app.command()
def neighbours(
    film: Annotated[str, typer.Argument(help="Id or title of an item.")],
    dataset: DatasetName = "ml-100k",
    model: Model = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many.")] = 10,
) -> None:
    """List the items most like one item, with their cosine.

    Example: python -m cf neighbours "Alien"
    """
    catalogue = load(dataset).catalogue
    factors = _factors(model, dataset, len(catalogue))
    item = _find(catalogue, film)
    near = factors.neighbours(item, k)
    if not near:
        raise CfError(f"Nobody chose {_label(catalogue, item)}, so it has no neighbours.")
    typer.echo(f"Most like {_label(catalogue, item)}:")
    for index, cosine in near:
        typer.echo(f"{cosine:6.3f}  {_label(catalogue, index)}")


@app.command()
def recommend(
    user: Annotated[str | None, typer.Option(help="Id of a user of the data set.")] = None,
    likes: Annotated[
        str | None, typer.Option(help="Ids or titles of liked items, separated by commas.")
    ] = None,
    dataset: DatasetName = "ml-100k",
    model: Model = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many.")] = 10,
) -> None:
    """Recommend to a user of the data set, or to somebody new by a few likes.

    Example: python -m cf recommend --likes "Alien,172"
    Example: python -m cf recommend --user 196
    """
    if (user is None) == (likes is None):
        raise CfError("Say for whom: either --user ID or --likes ID,ID (not both).")
    loaded = load(dataset)
    catalogue = loaded.catalogue
    factors = _factors(model, dataset, len(catalogue))
    if user is not None:
        row = _user(loaded, user)
        if row >= len(factors.users):
            raise CfError(f"User {user} is not among the {len(factors.users):,} fitted users.")
        history = loaded.interactions.sequences()[row].tolist()
        vector = factors.users[row]
    else:
        history = [_find(catalogue, name) for name in _split(likes or "")]
        if not any(factors.known[item] for item in history):
            raise CfError("Nobody chose any of these items, so they say nothing about taste.")
        vector = factors.fold_in(history)
    for item, score in factors.best(vector, k, without=history):
        because = history[factors.contributions(history, item).argmax()]
        reason = f"because of {_label(catalogue, because)}"
        typer.echo(f"{score:6.3f}  {_label(catalogue, item)}, {reason}")


def _default_folder(dataset: str) -> Path:
    return Path("runs") / "cf" / dataset


def _factors(model: Path | None, dataset: str, n_items: int) -> Factors:
    return Factors.load(model or _default_folder(dataset), n_items=n_items)


def _split(names: str) -> list[str]:
    found = [name.strip() for name in names.split(",") if name.strip()]
    if not found:
        raise CfError('No likes were given: use --likes "ID,ID".')
    return found


def _find(catalogue: Catalogue, name: str) -> int:
    """Position of the item with this id or, ignoring case, this title."""
    if name in catalogue.ids:
        return catalogue.index_of(name)
    titles = [
        index
        for index, item in enumerate(catalogue)
        if name.casefold() in {title.casefold() for title in (item.title, *item.alternate_titles)}
    ]
    if len(titles) > 1:
        listed = ", ".join(f"{catalogue[index].id} ({catalogue[index].year})" for index in titles)
        raise CfError(f"Several items are called '{name}'; use an id: {listed}.")
    if not titles:
        raise CfError(f"'{name}' is neither an id nor a title of {catalogue.name}.")
    return titles[0]


def _user(dataset: Dataset, user: str) -> int:
    try:
        return dataset.interactions.user_ids.index(user)
    except ValueError:
        raise CfError(f"{dataset.name} has no user '{user}'.") from None


def _label(catalogue: Catalogue, index: int) -> str:
    item = catalogue[index]
    return f"{item.title} ({item.year})" if item.year else item.title


if __name__ == "__main__":
    run(app)
