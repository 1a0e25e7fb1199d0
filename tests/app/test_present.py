"""Presenter mode: real viewers to begin as, and what is behind the last films."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import page as page_module
from app import ui
from app.conversation import from_record, to_record
from app.engine import Engine
from app.losses import read_curves
from app.page import Page, Step, View
from app.page_present import NOBODY, Presenter
from data.errors import IlmChatError
from tests.app import fakes

NOTE, PROMPT, WORDS, CANDIDATES, REMOVED, MAP, TIMES = range(7)


@pytest.fixture(autouse=True)
def no_pacing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "WORD_SECONDS", 0)
    monkeypatch.setattr(page_module, "FRAME_SECONDS", 0)


@pytest.fixture
def presenter(engine: Engine, tmp_path: Path) -> Presenter:
    return Presenter(lambda: engine, fakes.dataset(), tmp_path / "weights")


@pytest.fixture
def page(engine: Engine) -> Page:
    return Page(lambda: engine, engine.catalogue)


def finish(steps: Iterator[Step]) -> None:
    for _ in steps:
        pass


def chosen(html: str) -> list[str]:
    """Films of the marked rows."""
    return re.findall(r'<tr class="ilm-chosen">.*?<th scope="row">(.*?) \(', html)


def test_before_anything_is_said_it_shows_what_would_be_recommended(presenter: Presenter) -> None:
    shown = presenter.look(View())
    assert "recommended next" in shown[NOTE] and len(shown) == 7
    assert shown[CANDIDATES].count("<tr") == 31 and not chosen(shown[CANDIDATES])
    assert "ilm-viewer" not in shown[MAP] and "Understanding" not in shown[TIMES]
    assert "Nothing was taken out" in shown[REMOVED]


def test_after_an_answer_its_cards_are_marked_in_its_own_order(
    presenter: Presenter, page: Page, engine: Engine
) -> None:
    view = View()
    finish(page.send("I loved Alien but hated Heat, a crime or thriller film", view))
    shown = presenter.look(view)
    cards = [engine.catalogue[card].title for card in view.held.session.now.cards]
    assert sorted(chosen(shown[CANDIDATES])) == sorted(cards)
    assert re.search(r"<td>1</td><th scope=.row.>(.*?) \(", shown[CANDIDATES])[1] == cards[0]
    assert "last films" in shown[NOTE] and "Alien" in shown[PROMPT] and "Heat" not in shown[PROMPT]
    assert "Crime or Thriller" in shown[REMOVED]
    assert all(name in shown[TIMES] for name in ("understanding", "ILM", "filters", "ranker"))
    assert "last answer took" in shown[TIMES]
    # A like pressed afterwards moves the viewer, and the answer stays what it was.
    page.toggle("like", 0, view)
    later = presenter.look(view)
    assert later[CANDIDATES] == shown[CANDIDATES] and later[MAP] != shown[MAP]


def test_the_way_grows_with_the_likes(presenter: Presenter, page: Page) -> None:
    def steps() -> int:
        found = re.findall(r'class="ilm-way" points="(.*?)"', presenter.look(view)[MAP])
        return len(found[0].split()) if found else 0

    view = View()
    for message, places in (
        ("a comedy", 0),
        ("I loved Alien", 1),
        ("more", 1),
        ("I loved Fargo", 2),
    ):
        finish(page.send(message, view))
        assert steps() == places
    page.undo(view)
    assert steps() == 1


def test_an_answer_about_a_film_leaves_what_is_behind_the_cards(
    presenter: Presenter, page: Page
) -> None:
    view = View()
    finish(page.send("I loved Alien", view))
    before = presenter.look(view)
    finish(page.send("what is Casablanca about?", view))
    after = presenter.look(view)
    assert after[CANDIDATES] == before[CANDIDATES] and after[REMOVED] == before[REMOVED]


def test_a_viewer_of_the_data_is_known_by_the_training_history_alone(
    presenter: Presenter, page: Page, engine: Engine
) -> None:
    assert presenter.viewers() == [
        (NOBODY, NOBODY),
        ("Viewer one, 18 films", "one"),
        ("Viewer two, 3 films", "two"),
    ]
    view = View()
    finish(page.send("a comedy", view))
    presenter.become("one", view)
    now = view.held.session.now
    assert now.likes == tuple(id - 1 for id in range(2, 19, 2)) and not view.held.turns
    assert now.seen == tuple(id - 1 for id in range(1, 18, 2))
    finish(page.send("something for me", view))
    assert not {*view.held.session.now.cards} & {*range(18)}
    assert presenter.become("two", view).held.session.now.likes == (20, 21, 22)  # rated all low
    held = presenter.become(NOBODY, view).held
    assert not held.turns and not held.session.now.likes


def test_an_unknown_viewer_is_one_sentence_and_changes_nothing(presenter: Presenter) -> None:
    view = presenter.become("one", View())
    with pytest.warns(
        UserWarning, match="no viewer .*&lt;b&gt;.* in the data; it has 2, such as one"
    ):
        presenter.become("<b>", view)
    assert view.held.session.now.likes


def test_models_that_cannot_be_loaded_are_a_calm_sentence(tmp_path: Path) -> None:
    def broken() -> Engine:
        raise IlmChatError("The weights are <missing>.")

    shown = Presenter(broken, fakes.dataset(), tmp_path / "weights").look(View())
    assert "The weights are &lt;missing&gt;." in shown[NOTE] and shown[1:] == [""] * 6


def test_other_models_are_columns_of_their_own(engine: Engine, tmp_path: Path) -> None:
    models = {name: lambda: engine.parts.model for name in ("ilm", "<rand>")}
    other = Presenter(lambda: engine, fakes.dataset(), tmp_path / "weights", models)
    shown = other.look(View())[CANDIDATES]
    heads = [f'<th scope="col">{name}</th>' for name in ("ILM", "ilm", "&lt;rand&gt;")]
    assert "".join(heads) in shown
    assert "No say has: ilm, &lt;rand&gt;." in shown  # whose places are not our model's


def test_only_a_page_with_a_presenter_shows_anything_of_it(
    engine: Engine, presenter: Presenter
) -> None:
    films, popular = engine.catalogue, engine.parts.popularity
    plain = ui.build(lambda: engine, films, popular, "").get_config_file()
    shown = ui.build(lambda: engine, films, popular, "", presenter=presenter)
    labels = [c["props"].get("label") for c in plain["components"]]
    assert "A viewer of the data" not in labels
    assert "ilm-behind" not in ui.launch_options()["css"]
    assert "ilm-behind" in ui.launch_options(present=True)["css"]
    config = shown.get_config_file()
    assert "A viewer of the data" in [c["props"].get("label") for c in config["components"]]
    updates = {len(f["outputs"]) for f in config["dependencies"]}
    assert len(presenter.look(View())) in updates
    assert list(shown.get_api_info()["named_endpoints"]) == [
        "/chat", "/recommend", "/similar", "/item", "/feedback",
    ]  # fmt: skip


def test_of_a_conversation_that_was_kept_only_what_comes_next_is_known(
    engine: Engine, presenter: Presenter, page: Page
) -> None:
    view = View()
    finish(page.send("I loved Alien", view))
    cards = view.held.session.now.cards
    view.held = from_record(to_record(view.held, engine.catalogue), engine.catalogue)
    shown = presenter.look(view)
    assert "recommended next" in shown[NOTE] and not chosen(shown[CANDIDATES])
    titles = [engine.catalogue[card].title for card in cards]
    assert not any(f">{title} (" in shown[CANDIDATES] for title in titles)


# -- losses ---------------------------------------------------------------------------------------


def run_folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "alignment").mkdir()
    (tmp_path / "alignment" / "losses.jsonl").write_text(text)
    return tmp_path / "model"


def test_losses_lie_beside_weights_in_their_run(engine: Engine, tmp_path: Path) -> None:
    lines = [{"step": 1, "ITC": 3.5}, {"step": 9, "ITC": 2.5, "UI": 5}, {"step": 20, "UI": 4.5}]
    weights = run_folder(tmp_path, "\n".join(map(json.dumps, lines)) + "\n")
    assert read_curves(weights) == {"ITC": [(1, 3.5), (9, 2.5)], "UI": [(9, 5.0), (20, 4.5)]}
    presenter = Presenter(lambda: engine, fakes.dataset(), weights)
    assert "ITC: 3.50 to 2.50" in presenter.losses
    assert read_curves(tmp_path / "elsewhere" / "model") == {}


@pytest.mark.parametrize("text", ["{", "[1]", '{"ITC": 1}', '{"step": 1, "ITC": "x"}'])
def test_a_damaged_log_is_one_sentence(text: str, tmp_path: Path) -> None:
    with pytest.raises(IlmChatError, match=r"losses\.jsonl is no log of losses .*remove it"):
        read_curves(run_folder(tmp_path, text))
