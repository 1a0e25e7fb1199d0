"""The presenter's views: what is shown is what was found, and no title is markup."""

import re
from dataclasses import replace

import numpy as np
import pytest

from app import stage_view as view
from app.engine import Engine
from app.insight import Insight, Observer
from app.session import Filters, Question, State
from data.catalogue import Catalogue
from tests.app import fakes

STATE = State(likes=(3,), filters=Filters(year_min=1990))


@pytest.fixture(scope="module")
def observer() -> Observer:
    return Observer(Engine(fakes.parts()))


@pytest.fixture(scope="module")
def insight(observer: Observer) -> Insight:
    return observer.look(Question(STATE))


def nasty() -> Catalogue:
    """The same films under titles that would be markup."""
    films = [replace(film, title=f"<b>{film.title}</b>") for film in fakes.catalogue()]
    return Catalogue("nasty", films)


def test_no_title_is_markup(observer: Observer, insight: Insight) -> None:
    places = observer.map()
    for html in (
        view.prompt_html(insight, nasty()),
        view.candidates_html(insight, nasty()),
        view.map_svg(places, nasty(), likes=[3], cards=[5]),
        view.words_html("<b>x</b>", [("<i>", 0.1)]),
    ):
        assert "<b>" not in html and "<i>" not in html
        assert "&lt;" in html


def test_the_prompt_shows_words_then_films(insight: Insight) -> None:
    html = view.prompt_html(insight, fakes.catalogue())
    assert isinstance(insight.prompt[0], str)
    assert html.index(insight.prompt[0].split()[0]) < html.index("Alien") < html.index("comes next")


def test_the_table_has_every_candidate_and_marks_the_cards(insight: Insight) -> None:
    chosen = insight.candidates[1].item
    html = view.candidates_html(insight, fakes.catalogue(), [chosen])
    rows = re.findall(r"<tr.*?</tr>", html)[1:]
    assert len(rows) == len(insight.candidates)
    for row, found in zip(rows, insight.candidates, strict=True):
        assert fakes.catalogue()[found.item].title in row
        cells = re.findall(r"<td>(.*?)</td>", row)
        assert cells[0] == str(found.place)
        assert cells[1] == str(found.places["ilm"])
        assert ("ilm-chosen" in row) is (found.item == chosen)
    assert "Wish" not in html


def test_what_was_removed_and_the_times_are_listed(insight: Insight) -> None:
    assert "1990 or later: " in view.removed_html(insight)
    nothing = replace(insight, removed=[])
    assert "Nothing was taken out" in view.removed_html(nothing)
    told = view.timings_html(replace(insight, seconds={"ranker": 0.0123}))
    assert "ranker: 12 ms" in told


def test_the_map_has_a_dot_for_each_film_with_a_place_and_the_viewer_s_way(
    observer: Observer,
) -> None:
    places = observer.map().copy()
    places[7] = np.nan
    viewer = observer.viewer(STATE)
    assert viewer is not None
    svg = view.map_svg(
        places, fakes.catalogue(), viewer=viewer, trail=[places[0]], likes=[3, 7], cards=[5]
    )
    assert svg.count('r="2"') == 35
    assert svg.count('class="ilm-liked"') == 1  # the other has no place
    (points,) = re.findall(r'points="(.*?)"', svg)
    assert len(points.split()) == 2
    x, y = points.split()[-1].split(",")
    assert f'class="ilm-viewer" cx="{x}" cy="{y}"' in svg
    numbers = [float(n) for n in re.findall(r'c[xy]="(.*?)"', svg)]
    assert min(numbers) >= 0 and max(numbers) <= view.WIDTH
    assert "ilm-viewer" not in view.map_svg(places, fakes.catalogue())


def test_a_model_without_tokens_has_no_words(observer: Observer) -> None:
    assert observer.words(3) == []
    assert "no token" in view.words_html("Alien", [])
