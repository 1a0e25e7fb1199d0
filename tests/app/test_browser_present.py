"""Presenter mode in headless Chromium, over the fakes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine import Engine
from app.page_present import Presenter
from tests.app import fakes
from tests.app.browsing import PATIENCE_MS, keep, launch, say, wait_for_cards

pytest.importorskip("playwright")
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def presented(engine: Engine, tmp_path: Path) -> Iterator[str]:
    presenter = Presenter(lambda: engine, fakes.dataset(), tmp_path / "weights")
    blocks, address = launch(engine, tmp_path / "history.sqlite", presenter=presenter)
    yield address
    blocks.close()


def test_a_wide_screen_leaves_the_presenter_s_chat_its_room(
    browser: Browser, presented: str
) -> None:
    """Regression: from 1,600 pixels on the list of conversations stood in the same row."""
    page = browser.new_context(viewport={"width": 1700, "height": 1000}).new_page()
    page.goto(presented)
    page.get_by_role("button", name="Skip").click()
    talk, listed = (page.locator(name).bounding_box() for name in ("#ilm-talk", "#ilm-history"))
    assert talk is not None and listed is not None
    assert talk["width"] > 400 and listed["y"] > talk["y"]


@pytest.mark.parametrize(("width", "theme"), [(1400, "light"), (390, "dark")])
def test_presenter_mode(browser: Browser, presented: str, width: int, theme: str) -> None:
    page = browser.new_context(viewport={"width": width, "height": 1000}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{presented}?__theme={theme}")
    behind = page.locator("#ilm-behind")
    expect(behind).to_contain_text("recommended next", timeout=PATIENCE_MS)
    viewer = behind.get_by_label("A viewer of the data")
    viewer.click()
    page.get_by_role("option", name="Viewer one, 18 films").click()
    behind.get_by_role("button", name="Begin anew").click()
    expect(page.locator("#ilm-side .token", has_text="Fargo")).to_have_count(1)

    say(page, "I loved Hoop Dreams, something with music")
    titles = wait_for_cards(page, 3)
    marked = behind.locator(".ilm-chosen th")
    expect(marked).to_have_count(3)
    assert {re.sub(r" \(\d+\)$", "", row) for row in marked.all_text_contents()} == {*titles}
    # Passing through the list of viewers begins nothing.
    viewer.click()
    page.locator("h1").click()
    for tab, what in (
        ("Prompt", ".ilm-prompt .ilm-token >> text=Hoop Dreams"),
        ("Times", ".ilm-times tr"),
        ("Map", ".ilm-map .ilm-viewer"),
        ("Candidates", ".ilm-table"),
    ):
        behind.get_by_role("tab", name=tab).click()
        expect(behind.locator(what).first).to_be_visible()
        keep(page, f"present-{theme}-{tab.lower()}")
    expect(page.locator(".ilm-card")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in (behind.get_by_role("tab").first, behind.get_by_role("button").last):
        box = control.bounding_box()
        assert box is not None and box["height"] >= 44
    words = page.locator("#ilm-chat .bot").last
    before = words.inner_text()
    behind.get_by_label("Seed").fill("1")
    behind.get_by_role("button", name="Replay the last turn").click()
    expect(words).not_to_have_text(before)
    same = [re.compile(re.escape(title)) for title in titles]
    expect(page.locator(".ilm-card .ilm-title")).to_have_text(same)
    page.get_by_role("button", name="Undo").click()
    expect(behind).to_contain_text("recommended next")
    expect(marked).to_have_count(0)
