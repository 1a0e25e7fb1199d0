"""The presenter's views: what is shown is what was found, and no title is markup."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from app import stage_map
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
        stage_map.map_html(places, nasty(), likes=[3], cards=[5]),
        view.words_html("<b>x</b>", [("<i>", 0.1)]),
    ):
        assert "<b>" not in html and "<i>" not in html
        assert "&lt;" in html


def test_the_prompt_shows_words_then_films(insight: Insight) -> None:
    html = view.prompt_html(insight, fakes.catalogue())
    assert isinstance(insight.prompt[0], str)
    assert html.index(insight.prompt[0].split()[0]) < html.index("Alien")


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
    assert re.search(r"1990 or later <strong>\d+</strong>", view.removed_html(insight))
    nothing = replace(insight, removed=[])
    assert "Nothing was taken out" in view.removed_html(nothing)
    told = view.timings_html({"ranker": 0.0123, "ILM": 0.0246}, 0.4)
    assert "12 ms" in told and "width:50%" in told and "width:100%" in told
    assert "400 ms" in told and "last answer" not in view.timings_html({}, None)


def test_where_no_film_is_left_that_is_said(insight: Insight) -> None:
    assert "No film is left" in view.candidates_html(replace(insight, candidates=[]), nasty())


def test_curves_go_from_the_first_step_to_the_last() -> None:
    html = view.losses_html({"ITC": [(1, 4.0), (50, 2.0), (100, 1.0)], "<b>": [(1, 1.0), (2, 1.0)]})
    assert html.count("<svg") == 2 and "ITC: 4.00 to 1.00" in html and "<b>" not in html
    points = [
        tuple(map(float, p.split(","))) for p in re.findall(r'points="(.*?)"', html)[0].split()
    ]
    across, down = zip(*points, strict=True)
    assert list(across) == sorted(across) and list(down) == sorted(down)  # y grows downwards
    assert max(across) <= view.CURVE_WIDTH and min(down) >= 0 and max(down) <= view.CURVE_HEIGHT


def test_the_map_has_a_dot_for_each_film_with_a_place_and_the_viewer_s_way(
    observer: Observer,
) -> None:
    places = observer.map().copy()
    places[7] = np.nan
    viewer = observer.viewer(STATE)
    assert viewer is not None
    svg = stage_map.map_html(
        places, fakes.catalogue(), viewer=viewer, trail=[places[0]], likes=[3, 7], cards=[5]
    )
    assert svg.count('r="2"') == 35
    assert svg.count('r="5"') == 2  # one like has no place, one film is on a card
    (points,) = re.findall(r'points="(.*?)"', svg)
    assert len(points.split()) == 2
    x, y = points.split()[-1].split(",")
    assert f'class="ilm-viewer" cx="{x}" cy="{y}"' in svg
    numbers = [float(n) for n in re.findall(r'c[xy]="(.*?)"', svg)]
    assert min(numbers) >= 0 and max(numbers) <= stage_map.WIDTH
    assert "ilm-viewer" not in stage_map.map_html(places, fakes.catalogue())


def test_names_on_the_map_do_not_cover_each_other() -> None:
    places = np.random.default_rng(0).normal(size=(36, 2)).astype(np.float32)
    places[:4] = 0  # four films in one place
    svg = stage_map.map_html(places, fakes.catalogue(), cards=[0, 1, 2], likes=[3])
    heights = sorted(float(y) for y in re.findall(r'<text x="[^"]+" y="([^"]+)"', svg))
    assert len(heights) == 4
    assert all(b - a >= stage_map.LINE for a, b in pairwise(heights))


def test_a_model_without_tokens_has_no_words(observer: Observer) -> None:
    assert observer.words(3) == []
    assert "no token" in view.words_html("Alien", [])
