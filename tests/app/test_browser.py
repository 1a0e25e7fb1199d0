"""The page in headless Chromium, over the fakes; set ILM_CHAT_SHOTS to a folder to keep pictures.

With ILM_CHAT_URL naming a chat that already runs (with the real weights), that one is used.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import ui
from app.engine import Engine

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

README = "I loved The Empire Strikes Back and Alien, something in space but not horror"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def url(engine: Engine) -> Iterator[str]:
    if running := os.environ.get("ILM_CHAT_URL"):
        yield running
        return
    blocks = ui.build(lambda: engine, engine.catalogue, "36 films, made up for tests")
    _, address, _ = blocks.launch(
        server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, **ui.launch_options()
    )
    yield address
    blocks.close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


def open_page(browser: Browser, url: str, width: int = 1280, height: int = 1340) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    expect(page.get_by_role("button", name=re.compile("Fargo, Pulp Fiction"))).to_be_visible()
    return page


def say(page: Page, message: str) -> None:
    page.get_by_label("Your message").fill(message)
    page.get_by_role("button", name="Send").click()


def wait_for_cards(page: Page, count: int) -> list[str]:
    """Titles on cards once the side panel shows the newest, which is when an answer is whole."""
    expect(page.locator(".ilm-card")).to_have_count(count, timeout=PATIENCE_MS)
    newest = page.locator(".ilm-card .ilm-title").last
    expect(page.locator("#ilm-actions .ilm-name").nth(2)).to_contain_text(
        (newest.text_content() or "").rsplit(" ", 1)[0]
    )
    titles = page.locator(".ilm-card .ilm-title").all_text_contents()
    return [title.rsplit(" ", 1)[0] for title in titles]


def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("ILM_CHAT_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


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


def test_phone_and_dark(browser: Browser, url: str) -> None:
    page = open_page(browser, f"{url}?__theme=dark", width=390, height=844)
    say(page, README)
    wait_for_cards(page, 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("Like", "Dislike", "Seen it"):
        box = page.get_by_role("button", name=name, exact=True).first.bounding_box()
        assert box is not None and box["height"] >= 44
    keep(page, "phone")
