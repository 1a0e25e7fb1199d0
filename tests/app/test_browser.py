"""The page in headless Chromium, over the fakes; set ILM_CHAT_SHOTS to a folder to keep pictures.

With ILM_CHAT_URL naming a chat that already runs (with the real weights), that one is used.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine import Engine
from tests.app.browsing import PATIENCE_MS, README, keep, launch, open_page, say, wait_for_cards

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Route, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if running := os.environ.get("ILM_CHAT_URL"):
        yield running
        return
    blocks, address = launch(engine, tmp_path_factory.mktemp("kept") / "history.sqlite")
    yield address
    blocks.close()


def test_a_conversation(browser: Browser, url: str) -> None:
    page = open_page(browser, url)
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.evaluate(
        "() => { window.lengths = new Set(); new MutationObserver(() => window.lengths.add("
        "document.querySelector('#ilm-chat').innerText.length)).observe("
        "document.querySelector('#ilm-chat'), {subtree: true, childList: true, "
        "characterData: true}); }"
    )
    say(page, README)
    first = wait_for_cards(page, 3)
    assert page.evaluate("window.lengths.size") > 5, "the text did not come in pieces"
    assert "Horror" not in page.locator(".ilm-genre").all_text_contents()
    assert not {*first} & {"The Empire Strikes Back", "Alien"}
    keep(page, "chat")

    actions = page.locator("#ilm-actions")
    actions.get_by_role("button", name="Like", exact=True).first.click()
    profile = page.locator("#ilm-side")
    expect(profile.get_by_text("You like")).to_be_visible()
    film = actions.get_by_role("group", name=re.compile(f"^{re.escape(first[0])}"))
    expect(film.get_by_role("button", name="Like", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(profile.locator(".token", has_text=first[0])).to_have_count(1)

    say(page, "more")
    both = wait_for_cards(page, 6)
    assert len({*both}) == 6 and both[:3] == first
    assert "Horror" not in page.locator(".ilm-genre").all_text_contents()
    keep(page, "more")

    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".ilm-card")).to_have_count(3)
    expect(page.get_by_label("Your message")).to_have_value("more")
    page.get_by_role("button", name="Clear", exact=True).first.click()
    expect(page.locator(".ilm-card")).to_have_count(0)
    assert hosts == {url.split("/")[2]}, "something was asked of another host"


def test_what_to_say_next_is_a_click_and_settings_outlive_a_reload(
    browser: Browser, url: str
) -> None:
    page = open_page(browser, url)
    say(page, README)
    first = wait_for_cards(page, 3)
    page.locator("#ilm-chat").get_by_role("button", name="More", exact=True).click()
    both = wait_for_cards(page, 6)
    assert both[:3] == first and len({*both}) == 6
    expect(page.locator("#ilm-chat .option")).not_to_have_count(0)
    assert page.locator("#ilm-chat .options").count() == 1, "older answers offer nothing any more"
    keep(page, "options")
    page.locator("#ilm-chat").get_by_role("button", name="Compare the first two").click()
    expect(page.locator("#ilm-chat .bot").last).to_contain_text("is nearer to your taste")
    expect(page.locator(".ilm-card")).to_have_count(6)
    say(page, "something older")
    wait_for_cards(page, 9)
    expect(page.locator("#ilm-side .token", has_text="older than")).to_have_count(1)

    page.get_by_label("Surprising").click()
    page.get_by_label("Short answers").click()
    say(page, "more")
    expect(page.locator("#ilm-chat .bot").last).to_contain_text(
        re.compile("Here you are|For you|Then")
    )
    page.reload()
    expect(page.get_by_label("Surprising")).to_be_checked()
    expect(page.get_by_label("Short answers")).to_be_checked()


def test_an_entry_of_the_profile_can_be_taken_out(browser: Browser, url: str) -> None:
    page = open_page(browser, url)
    say(page, README)
    wait_for_cards(page, 3)
    token = page.locator("#ilm-side .token", has_text="no Horror")
    expect(token).to_have_count(1)
    token.locator(".token-remove").click()
    expect(page.locator("#ilm-side .token", has_text="no Horror")).to_have_count(0)


def test_nothing_typed_is_executed(browser: Browser, url: str) -> None:
    page = open_page(browser, url)
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    wanted: list[str] = []
    page.on("request", lambda request: wanted.append(request.url))
    say(page, '<script>alert(1)</script><img src="http://x.test/a.png" onerror="alert(2)">')
    expect(page.locator("#ilm-chat")).to_contain_text("<script>alert(1)</script>")
    page.wait_for_timeout(1_000)
    assert page.locator("#ilm-chat .message img[src*='x.test']").count() == 0
    assert not [address for address in wanted if "x.test" in address]


def test_two_tabs_stay_apart(browser: Browser, url: str) -> None:
    one, other = open_page(browser, url), open_page(browser, url)
    say(one, README)
    say(other, "I loved Casablanca, a romance")
    wait_for_cards(one, 3)
    wait_for_cards(other, 3)
    expect(other.locator("#ilm-side .token", has_text="Casablanca")).to_have_count(1)
    expect(one.locator("#ilm-side .token", has_text="Casablanca")).to_have_count(0)
    expect(other.locator("#ilm-side .token", has_text="Alien")).to_have_count(0)


def test_picked_films_begin_a_conversation_by_keyboard_alone(browser: Browser, url: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    tiles = page.locator("#ilm-welcome .ilm-tile")
    expect(tiles).to_have_count(18)
    show = page.get_by_role("button", name="Show me films")
    expect(show).to_be_disabled()
    tiles.first.focus()
    for key in ("Enter", "Tab", "Space", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("status").filter(has_text="3 of 3 picked")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
        "the focus cannot be seen"
    )
    keep(page, "welcome")
    show.focus()
    page.keyboard.press("Enter")
    wait_for_cards(page, 3)
    expect(page.locator("#ilm-side .token")).to_have_count(3)
    expect(page.locator("#ilm-welcome")).to_have_count(0)


def test_reload_and_restart_bring_the_conversation_back(
    browser: Browser, engine: Engine, tmp_path: Path
) -> None:
    database = tmp_path / "history.sqlite"
    blocks, address = launch(engine, database)
    page = open_page(browser, address)
    say(page, README)
    titles = wait_for_cards(page, 3)
    page.locator("#ilm-actions").get_by_role("button", name="Seen it").first.click()
    expect(page.get_by_text("Seen already")).to_be_visible()
    page.reload()
    assert wait_for_cards(page, 3) == titles
    expect(page.get_by_text("Seen already")).to_be_visible()

    blocks.close()
    say(page, "more")
    expect(page.get_by_text("Connection to the server was lost").first).to_be_visible()
    blocks, again = launch(engine, database, port=int(address.rstrip("/").rsplit(":", 1)[1]))
    assert again == address
    # Gradio has noticed that the connection broke: it takes no message until it has loaded the page
    # anew by itself. The message was lost then; now it stands in the text box again.
    box = page.get_by_label("Your message")
    expect(page.get_by_text("Connection to the server was lost")).to_have_count(0)
    expect(box).to_have_value("more")
    box.press("Enter")
    assert not {*wait_for_cards(page, 6)[3:]} & {*titles}
    page.goto(address)
    assert wait_for_cards(page, 6)[:3] == titles
    expect(page.locator("#ilm-side .token", has_text="no Horror")).to_have_count(1)
    for left in (3, 0):
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".ilm-card")).to_have_count(left)
    blocks.close()


def test_what_is_typed_while_an_answer_comes_stays(browser: Browser, url: str) -> None:
    """Found once: every piece of the answer emptied the text box."""
    page = open_page(browser, url)
    say(page, README)
    expect(page.locator("#ilm-chat")).to_contain_text("The Empire Strikes Back and Alien")
    box = page.get_by_label("Your message")
    expect(box).to_have_value("")
    box.press_sequentially("and then?")
    wait_for_cards(page, 3)
    expect(box).to_have_value("and then?")


def test_what_is_being_written_outlives_a_reload(browser: Browser, url: str) -> None:
    page = open_page(browser, url)
    box = page.get_by_label("Your message")
    for lost in ("Something like", "Something like <b>Fargo</b>"):
        box.press_sequentially(lost.removeprefix(box.input_value()))
        page.reload()
        expect(box).to_have_value(lost)
    say(page, README)
    wait_for_cards(page, 3)
    page.reload()
    wait_for_cards(page, 3)
    expect(box).to_have_value("")
    # A message that its server took to the grave: the box is empty, nothing of it was kept.
    page.evaluate("sessionStorage.setItem('ilm-draft', 'more')")
    page.reload()
    expect(box).to_have_value("more")


def test_what_is_typed_while_the_page_opens_stays(browser: Browser, url: str) -> None:
    """On a slow machine the box was emptied under the first message, and "…" was sent."""
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE_MS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The draft of a page that opens is kept waiting."""
        data = json.loads(route.request.post_data or "{}").get("data", [])
        if data == ["", None]:
            held.append(route)
        else:
            route.continue_()

    page.route("**/queue/join*", hold)
    page.goto(url)
    box = page.get_by_label("Your message")
    expect(box).to_be_visible()
    for _ in range(PATIENCE_MS // 100):
        if held:
            break
        page.wait_for_timeout(100)
    box.fill("heat")
    for route in held:
        route.continue_()
    page.wait_for_timeout(2_000)  # for the answer, which is to change nothing
    assert held
    expect(box).to_have_value("heat")


def test_the_list_of_conversations(browser: Browser, url: str) -> None:
    page = open_page(browser, url)
    say(page, README)
    wait_for_cards(page, 3)
    history = page.locator("#ilm-history")
    history.get_by_role("button", name="New conversation").click()
    expect(page.locator(".ilm-card")).to_have_count(0)
    expect(page.locator("#ilm-side .token", has_text="Alien")).to_have_count(1)
    say(page, "A comedy")
    wait_for_cards(page, 3)
    expect(history.get_by_role("radio")).to_have_count(2)
    history.get_by_label("Name of this conversation").fill("<i>Laughs</i>")
    history.get_by_role("button", name="Rename").click()
    expect(history.get_by_role("radio", name="<i>Laughs</i>")).to_be_checked()
    with page.expect_download() as download:
        history.get_by_role("button", name="Save as text").click()
    assert download.value.suggested_filename == "i-laughs--i.md"
    assert "> A comedy" in Path(download.value.path()).read_text(encoding="utf-8")
    keep(page, "history")

    history.get_by_role("radio", name=re.compile("I loved The Empire")).check(force=True)
    expect(page.locator("#ilm-chat")).to_contain_text("in space but not horror")
    wait_for_cards(page, 3)
    history.get_by_role("button", name="Delete", exact=True).click()
    expect(history.get_by_role("radio")).to_have_count(1)
    expect(page.locator("#ilm-welcome .ilm-tile").first).to_be_visible()
    history.get_by_role("button", name="Delete all my data").click()
    history.get_by_role("button", name="Delete them").click()
    expect(history.get_by_role("radio")).to_have_count(0)
    page.reload()
    expect(page.locator("#ilm-welcome .ilm-tile").first).to_be_visible()
    expect(history.get_by_role("radio")).to_have_count(0)


def test_a_stopped_answer_leaves_the_chat_usable(browser: Browser, url: str) -> None:
    page = open_page(browser, url)
    say(page, README)
    expect(page.locator("#ilm-chat .bot")).to_contain_text("Empire")
    page.get_by_role("button", name="Stop").click()
    names = page.locator("#ilm-actions .ilm-name")
    expect(names.nth(2)).not_to_be_empty()
    before = names.all_text_contents()
    say(page, "more")
    expect(names.first).not_to_have_text(before[0])
    assert not {*names.all_text_contents()} & {*before}
    page.reload()
    expect(page.locator("#ilm-chat .user")).to_have_count(2)


def test_a_film_has_a_page_and_back_leads_back(browser: Browser, url: str) -> None:
    page = open_page(browser, url)
    say(page, README)
    titles = wait_for_cards(page, 3)
    page.locator(".ilm-card .ilm-title a").first.click()
    heading = page.locator("#ilm-film h2")
    expect(heading).to_contain_text(titles[0])
    expect(heading).to_be_focused()
    assert "film=" in page.url
    expect(page.locator("#ilm-film .ilm-tile")).to_have_count(12)
    page.locator("#ilm-film").get_by_role("button", name="Seen it").click()
    keep(page, "film")
    page.locator("#ilm-film .ilm-tile").nth(3).click()
    expect(heading).not_to_contain_text(titles[0])
    page.go_back()
    expect(heading).to_contain_text(titles[0])
    page.get_by_role("button", name="Back to the conversation").click()
    expect(page.locator("#ilm-film")).to_have_count(0)
    assert "film=" not in page.url
    wait_for_cards(page, 3)
    expect(page.locator("#ilm-side .token", has_text=titles[0])).to_have_count(1)
    # A name in the text leads there, too, and so does an address that somebody was sent.
    page.locator("#ilm-chat .bot a", has_text=titles[1]).first.click()
    expect(heading).to_contain_text(titles[1])
    other = browser.new_context().new_page()
    other.goto(page.url)
    expect(other.locator("#ilm-film h2")).to_contain_text(titles[1])


def test_a_link_with_markup_is_text(browser: Browser, url: str) -> None:
    page = browser.new_context().new_page()
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.goto(f"{url}?film=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()


def test_phone_and_dark(browser: Browser, url: str) -> None:
    page = open_page(browser, f"{url}?__theme=dark", width=390, height=844)
    say(page, README)
    wait_for_cards(page, 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("Like", "Dislike", "Seen it"):
        box = page.get_by_role("button", name=name, exact=True).first.bounding_box()
        assert box is not None and box["height"] >= 44
    keep(page, "phone")
