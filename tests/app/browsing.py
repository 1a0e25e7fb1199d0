"""What the tests in a browser share: a page over the fakes, and what somebody does on it."""

import os
import re
from pathlib import Path

import gradio as gr
import pytest

from app import ui
from app.engine import Engine
from app.page_present import Presenter
from app.store import Store

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, expect

README = "I loved The Empire Strikes Back and Alien, something in space but not horror"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 60_000


def launch(
    engine: Engine, database: Path, port: int | None = None, presenter: Presenter | None = None
) -> tuple[gr.Blocks, str]:
    blocks = ui.build(
        lambda: engine,
        engine.catalogue,
        engine.parts.popularity,
        "36 films, made up for tests",
        store=Store(database),
        presenter=presenter,
    )
    _, address, _ = blocks.launch(
        server_name="127.0.0.1",
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        **ui.launch_options(present=presenter is not None),
    )
    return blocks, address


def open_page(browser: Browser, url: str, width: int = 1280, height: int = 1340) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.get_by_role("button", name="Skip").click()
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
