from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app import page as page_module
from app import ui
from app.engine import Engine
from app.page import Page, Step, View
from app.page_films import Films
from app.page_history import History
from app.portions import MOST
from app.session import State
from app.store import Store
from data.errors import IlmChatError

README = "I loved The Empire Strikes Back and Alien, something in space but not horror"


@pytest.fixture(autouse=True)
def no_pacing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "WORD_SECONDS", 0)
    monkeypatch.setattr(page_module, "FRAME_SECONDS", 0)


@pytest.fixture
def page(engine: Engine) -> Page:
    return Page(lambda: engine, engine.catalogue)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "history.sqlite")


@pytest.fixture
def kept(engine: Engine, store: Store) -> Page:
    return Page(lambda: engine, engine.catalogue, store=store)


@pytest.fixture
def history(engine: Engine, store: Store) -> History:
    return History(store, engine.catalogue)


@pytest.fixture
def films(engine: Engine, page: Page) -> Films:
    return Films(page, lambda: engine, engine.catalogue, engine.parts.popularity, page.pictures)


def last(steps: Iterator[Step]) -> list[Any]:
    *_, (messages, _box, _view) = steps
    return messages


def test_the_page_builds_and_keeps_its_own_handlers_private(engine: Engine) -> None:
    blocks = ui.build(lambda: engine, engine.catalogue, engine.parts.popularity, "36 films")
    public = blocks.get_api_info()["named_endpoints"]
    assert list(public) == ["/chat", "/recommend", "/similar", "/item", "/feedback"]
    assert [p["parameter_name"] for p in public["/chat"]["parameters"]] == ["message", "session"]


def test_text_grows_and_cards_stand_between_the_sentences(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine that stalls gets fewer updates (ten, once, of eleven): here no time passes.
    still = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda seconds: None)
    monkeypatch.setattr(page_module, "time", still)
    view = View()
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


def test_what_is_typed_is_shown_but_never_markup(page: Page) -> None:
    for message in ("<script>alert(1)</script>", "![x](http://example.org/x.png) `a` <b>b</b>"):
        messages = last(page.send(message, View()))
        text = "".join(part for m in messages for part in m["content"] if isinstance(part, str))
        assert "<" not in text and "![" not in text and "&#60;" in text


def test_undo_retry_and_clear(page: Page, history: History) -> None:
    view = View()
    last(page.send(README, view))
    first = view.held.session.now.cards
    assert len(last(page.retry(view))) == 2
    assert not {*first} & {*view.held.session.now.cards}
    messages, box, _ = page.undo(view)
    assert messages == [] and box == README
    assert last(page.retry(view)) == []
    last(page.send(README, view))
    assert history.delete(view).held == View().held


def test_buttons_and_profile_follow_the_session(page: Page) -> None:
    view = View()
    last(page.send(README, view))
    page.toggle("like", 0, view)
    page.toggle("seen", 1, view)
    session = view.held.session
    one, two, _ = session.now.cards
    assert one in session.now.likes and two in session.now.seen
    names = [u["variant"] for u in page.panel(view) if isinstance(u, dict) and "variant" in u]
    assert names == ["primary", "secondary", "secondary", "secondary", "secondary", "primary"] + [
        "secondary"
    ] * 3 * (MOST - 2)
    page.keep("like", [one], view)
    assert session.now.likes == (one,)
    page.keep_wishes([], view)
    assert session.now.filters.constraints() == [] and session.now.wish == ""
    page.toggle("like", 0, view)
    assert not session.now.likes
    page.toggle("like", 0, view)
    page.forget(view)
    assert not (session.now.likes or session.now.seen) and session.now.cards
    assert len(view.held.turns) == 1


def test_how_to_answer_is_set_beside_the_chat_or_in_words(page: Page, history: History) -> None:
    view = View()
    page.lead("surprising", view)
    page.shorten(True, view)
    assert page.panel(view)[-2:] == ["surprising", True]
    last(page.send("longer answers", view))
    last(page.send("play it safe", view))
    assert page.panel(view)[-2:] == ["balanced", False]
    page.shorten(True, view)
    page.forget(view)  # of films; how to answer is no knowledge of anybody
    assert page.panel(view)[-2:] == ["balanced", True]
    assert page.panel(history.new(view))[-2:] == ["balanced", True]


def test_what_to_say_next_is_offered_under_the_last_answer_alone(page: Page) -> None:
    view = View()
    steps = list(page.send(README, view))
    assert all("options" not in message for shown, _, _ in steps[:-1] for message in shown)
    offered = [option["value"] for option in steps[-1][0][-1]["options"]]
    assert offered[0] == "More"
    messages = last(page.send(offered[0], view))
    assert ["options" in message for message in messages] == [False, False, False, True]
    assert last(page.send("hello", view))[-1]["options"] == []


def test_a_replayed_turn_takes_the_place_of_the_last(page: Page) -> None:
    view = View()
    assert last(page.replay(1, view)) == []
    last(page.send(README, view))
    cards = view.held.session.now.cards
    first = last(page.replay(1, view))
    other = last(page.replay(2.0, view))
    assert len(first) == len(other) == 2 and view.held.session.now.cards == cards
    assert first[-1]["content"] != other[-1]["content"]
    assert len(view.held.session.past) == 1


def test_every_card_has_its_buttons(page: Page) -> None:
    """Regression: of five films that were asked for two had none."""
    view = View()
    last(page.send("5 films in space", view))
    shown = [u["visible"] for u in page.panel(view)[1 : 1 + 5 * MOST : 5]]
    assert shown == [True] * 5 + [False] * (MOST - 5)
    page.toggle("like", 4, view)
    assert view.held.session.now.likes == view.held.session.now.cards[4:5]


def test_what_is_beside_the_chat_has_an_update_for_every_part(
    engine: Engine, page: Page, history: History, films: Films
) -> None:
    blocks = ui.build(lambda: engine, engine.catalogue, engine.parts.popularity, "")
    found = [f["outputs"] for f in blocks.get_config_file()["dependencies"]]
    view = View()
    beside = [*page.panel(view), *history.shown(view), *films.welcome(view), page.speed(view)]
    assert {len(outputs) for outputs in found if len(outputs) > 10} == {len(beside)}


def test_models_that_cannot_be_loaded_are_a_calm_message(engine: Engine, store: Store) -> None:
    def broken() -> Engine:
        raise IlmChatError("The weights are missing: run `make train`.")

    page, view = Page(broken, engine.catalogue, store=store), View(user="u" * 32)
    messages = last(page.send("hello", view))
    assert "The weights are missing" in messages[-1]["content"][0]
    assert last(page.retry(view)) == messages
    assert page.undo(view)[:2] == ([], "hello")
    assert store.listed("u" * 32, engine.catalogue.name) == []


def test_a_second_message_while_one_is_answered_waits_in_the_box(page: Page) -> None:
    view = View()
    first = page.send(README, view)
    next(first)
    ((messages, box, _),) = page.send("more", view)
    assert box == "more" and len(messages) == 2
    assert len(last(first)) == 2 and len(last(page.send("more", view))) == 4


# -- conversations that are kept ------------------------------------------------------------------


def arrived(history: History, browser: object = None) -> View:
    return history.arrive(browser, View())


def memory(history: History, view: View) -> Any:
    return history.shown(view)[-1]


def test_a_reload_brings_back_chat_profile_cards_and_undo(kept: Page, history: History) -> None:
    view = arrived(history)
    shown = last(kept.send(README, view))
    last(kept.send("more", view))
    kept.toggle("like", 1, view)
    again = arrived(history, memory(history, view))
    assert again.user == view.user and again.held.session == view.held.session
    texts = [[part for part in m[1]["content"] if isinstance(part, str)] for m in (shown,)]
    assert texts[0] == [
        part for part in kept.messages(again)[1]["content"] if isinstance(part, str)
    ]
    assert kept.panel(again) == kept.panel(view)
    assert kept.undo(again)[1] == "more" and len(kept.messages(again)) == 2
    third = arrived(history, memory(history, again))
    assert len(third.held.turns) == 1, "the undone turn came back"


def test_a_stranger_sees_nothing_and_odd_memories_do_no_harm(kept: Page, history: History) -> None:
    view = arrived(history)
    last(kept.send(README, view))
    open_id = view.held.id
    for odd in ({"user": "short", "open": open_id}, [], "x", {"user": 3}, {"open": open_id}):
        stranger = arrived(history, odd)
        assert stranger.user != view.user and not stranger.held.turns
        with pytest.warns(UserWarning, match="no longer there"):
            history.open(open_id, stranger)
        assert not stranger.held.turns and history.shown(stranger)[0]["choices"] == []
    mine = arrived(history, {"user": view.user, "open": "gone"})
    assert mine.user == view.user and not mine.held.turns


def test_stopping_half_way_keeps_what_was_said(kept: Page, history: History) -> None:
    view = arrived(history)
    steps = kept.send(README, view)
    while not view.held.turns or not view.held.turns[-1].answered:
        next(steps)
    steps.close()
    again = arrived(history, memory(history, view))
    assert again.held.session.now == view.held.session.now and len(again.held.turns) == 1
    assert not again.busy and not view.busy
    waiting = kept.send("more", view)
    next(waiting)
    waiting.close()
    assert kept.messages(view)[-1]["content"] == ["Stopped&#46;"]
    assert len(arrived(history, memory(history, view)).held.turns) == 1
    retried = kept.retry(again)
    next(retried)
    retried.close()
    assert len(again.held.answered) == len(again.held.session.past) == 1


def test_list_new_open_rename_delete(kept: Page, history: History) -> None:
    view = arrived(history)
    last(kept.send(README, view))
    first = view.held.id
    history.new(view)
    assert not view.held.turns and view.held.session.now.likes, "the taste goes along"
    assert view.held.session.now.filters.constraints() == []
    last(kept.send("A comedy", view))
    choices = history.shown(view)[0]["choices"]
    assert choices[0][0] == "A comedy" and len(choices) == 2
    history.rename("Evening", view)
    assert history.shown(view)[0]["choices"][0][0] == "Evening"
    assert history.shown(view)[1] == "Evening"
    history.open(first, view)
    assert view.held.id == first and len(view.held.turns) == 1
    history.delete(view)
    assert not view.held.turns and len(history.shown(view)[0]["choices"]) == 1
    user = view.user
    view = history.delete_all(view)
    assert view.user != user and history.shown(view)[0]["choices"] == []


def test_a_conversation_deleted_in_another_tab_is_not_kept_on(kept: Page, history: History) -> None:
    view = arrived(history)
    last(kept.send(README, view))
    other = arrived(history, memory(history, view))
    history.delete(other)
    with pytest.warns(UserWarning, match="was deleted"):
        last(kept.send("more", view))
    assert len(view.held.turns) == 2 and history.shown(view)[0]["choices"] == []


def test_without_history_nothing_is_written_or_remembered(page: Page, engine: Engine) -> None:
    history = History(None, engine.catalogue)
    view = history.arrive({"user": "u" * 32}, View())
    last(page.send(README, view))
    assert view.user == "" and "__type__" in memory(history, view)
    assert history.export("md", view)["text"].startswith("# I loved The Empire Strikes Back")
    assert not history.delete_all(view).held.turns


def test_export_has_a_plain_file_name(kept: Page, history: History) -> None:
    view = arrived(history)
    last(kept.send("../../<b>Fargo", view))
    for form in ("md", "json"):
        file = history.export(form, view)
        assert file["name"] == f"b-fargo.{form}" and "Fargo" in file["text"]


# -- films by themselves --------------------------------------------------------------------------


def test_the_first_grid_is_for_those_of_whom_nothing_is_known(films: Films, page: Page) -> None:
    view = View()
    frame, html = films.welcome(view)
    assert frame["visible"] and html.count("data-pick") == 18
    assert films.welcome(films.skip(View()))[0]["visible"] is False
    view.held.session.now = State(seen=(3,))
    assert films.welcome(view)[0]["visible"] is False


def test_other_films_come_and_those_picked_stay(films: Films, engine: Engine) -> None:
    view = View()
    films.welcome(view)
    before = [engine.catalogue.ids[item] for item in view.grid]
    html, _ = films.others([before[2], before[5], "no id", 7], view)
    after = [engine.catalogue.ids[item] for item in view.grid]
    assert after[:2] == [before[2], before[5]]
    assert not {*after[2:]} & {*before} and html.count('aria-pressed="true"') == 2


def test_picked_films_are_liked_and_answered(films: Films) -> None:
    view = View()
    films.welcome(view)
    ids = [films.catalogue.ids[item] for item in view.grid]
    *_, (messages, _, _) = films.begin([ids[0], ids[3], ids[0], None, "2" * 9], view)
    assert view.held.session.now.likes == (view.grid[0], view.grid[3])
    assert len(view.held.session.now.cards) == 3 and len(messages) == 2
    assert films.welcome(view)[0]["visible"] is False
    *_, (messages, _, _) = films.begin("nonsense", View())
    assert len(messages) == 2


def test_a_film_has_a_page_with_facts_similar_films_and_buttons(films: Films) -> None:
    view = View()
    frame, facts, _, *feelings, _ = films.show("17", view)
    assert frame["visible"] and all(u["variant"] == "secondary" for u in feelings)
    for part in ("Casablanca", "1942", "Michael Curtiz", "lost love", "bar owner"):
        assert part in facts
    assert films.similar(view).count("ilm-tile") == 12 and "?film=17" not in films.similar(view)
    films.toggle("like", view)
    assert view.held.session.now.likes == (16,)
    assert films.feelings(view)[0]["variant"] == "primary"
    assert films.show("", view)[0]["visible"] is False and films.similar(view) == ""
    films.toggle("like", view)
    assert view.held.session.now.likes == (16,)


def test_a_link_to_no_film_opens_nothing(films: Films) -> None:
    with pytest.warns(UserWarning, match="Item &lt;b&gt;9 is not in the catalogue"):
        assert films.show("<b>9", View())[0]["visible"] is False


def test_posters_are_served_and_nothing_beside_them(tmp_path: Path) -> None:
    (tmp_path / "posters").mkdir()
    (tmp_path / "posters" / "50.jpg").write_bytes(b"picture")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    options = ui.launch_options(tmp_path / "posters")
    http = TestClient(Starlette(routes=options["app_kwargs"]["routes"]))
    assert http.get("/posters/50.jpg").content == b"picture"
    for address in ("/posters/51.jpg", "/posters/../secret.jpg", "/posters/..%2Fsecret.jpg"):
        assert http.get(address).status_code == 404
    assert ui.launch_options()["app_kwargs"]["routes"] == []
    assert ui.launch_options()["run_history"] is False
