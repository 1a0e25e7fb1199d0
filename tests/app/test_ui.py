from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from app import api, ui
from app.engine import Engine
from data.errors import IlmChatError

README = "I loved The Empire Strikes Back and Alien, something in space but not horror"


@pytest.fixture(autouse=True)
def no_pacing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ui, "WORD_SECONDS", 0)
    monkeypatch.setattr(ui, "FRAME_SECONDS", 0)


@pytest.fixture
def page(engine: Engine) -> ui.Page:
    return ui.Page(lambda: engine, engine.catalogue)


def last(steps: Iterator[tuple[list[Any], str, ui.View]]) -> list[Any]:
    *_, (messages, _box, _view) = steps
    return messages


def test_the_page_builds_and_names_its_endpoint(engine: Engine) -> None:
    blocks = ui.build(lambda: engine, engine.catalogue, "36 films")
    names = [f["api_name"] for f in blocks.get_config_file()["dependencies"] if f["api_name"]]
    assert "chat" in names
    public = blocks.get_api_info()["named_endpoints"]
    assert list(public) == ["/chat"]
    assert [p["parameter_name"] for p in public["/chat"]["parameters"]] == ["message", "session"]


def test_text_grows_and_cards_stand_between_the_sentences(page: ui.Page) -> None:
    view = ui.View()
    steps = list(page.send(README, view))
    assert steps[0][0][-1]["metadata"]["status"] == "pending"
    texts = [
        sum(len(part) for part in m[-1]["content"] if isinstance(part, str)) for m, _, _ in steps
    ]
    assert texts == sorted(texts) and len({*texts}) > 10
    content = steps[-1][0][-1]["content"]
    kinds = ["text" if isinstance(part, str) else "card" for part in content]
    assert kinds == ["text", "card"] * 3 + ["text"]
    assert all(isinstance(part, gr.HTML) for part in content if not isinstance(part, str))


def test_what_is_typed_is_shown_but_never_markup(page: ui.Page) -> None:
    for message in ("<script>alert(1)</script>", "![x](http://example.org/x.png) `a` <b>b</b>"):
        messages = last(page.send(message, ui.View()))
        text = "".join(part for m in messages for part in m["content"] if isinstance(part, str))
        assert "<" not in text and "![" not in text and "&#60;" in text


def test_undo_retry_and_clear(page: ui.Page) -> None:
    view = ui.View()
    last(page.send(README, view))
    first = view.session.now.cards
    assert len(last(page.retry(view))) == 2
    assert not {*first} & {*view.session.now.cards}
    messages, box, _ = page.undo(view)
    assert messages == [] and box == README
    assert last(page.retry(view)) == []
    last(page.send(README, view))
    assert page.clear(view)[0] == [] and view == ui.View()


def test_buttons_and_profile_follow_the_session(page: ui.Page) -> None:
    view = ui.View()
    last(page.send(README, view))
    page.toggle("like", 0, view)
    page.toggle("seen", 1, view)
    one, two, _ = view.session.now.cards
    assert one in view.session.now.likes and two in view.session.now.seen
    names = [u["variant"] for u in page.panel(view) if isinstance(u, dict) and "variant" in u]
    assert (
        names
        == ["primary", "secondary", "secondary", "secondary", "secondary", "primary"]
        + ["secondary"] * 3
    )
    page.keep("like", [one], view)
    assert view.session.now.likes == (one,)
    page.keep_wishes([], view)
    assert view.session.now.filters.constraints() == [] and view.session.now.wish == ""
    page.toggle("like", 0, view)
    assert not view.session.now.likes


def test_the_panel_has_an_update_for_every_part(engine: Engine) -> None:
    page = ui.Page(lambda: engine, engine.catalogue)
    blocks = ui.build(lambda: engine, engine.catalogue, "")
    outputs = {
        len(f["outputs"]) for f in blocks.get_config_file()["dependencies"] if len(f["outputs"]) > 5
    }
    assert outputs == {len(page.panel(ui.View()))}


def test_models_that_cannot_be_loaded_are_a_calm_message(engine: Engine) -> None:
    def broken() -> Engine:
        raise IlmChatError("The weights are missing: run `make train`.")

    messages = last(ui.Page(broken, engine.catalogue).send("hello", ui.View()))
    assert "The weights are missing" in messages[-1]["content"][0]


def test_the_api_carries_the_session(engine: Engine) -> None:
    first = api.answer(engine, README)
    assert {"id", "title", "year", "genres", "why"} == set(first["items"][0])
    second = api.answer(engine, "more", first["session"])
    ids = [{item["id"] for item in answer["items"]} for answer in (first, second)]
    assert ids[0] and ids[1] and not ids[0] & ids[1]
    assert "session" in api.answer(engine, "hello", {"likes": "x"})["text"]
