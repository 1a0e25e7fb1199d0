from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from app.engine import Engine
from app.session import Session
from tests.app import fakes

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(fakes.parts())


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture(scope="module")
def browser(chromium: str) -> "Iterator[Browser]":
    from playwright.sync_api import expect, sync_playwright

    from tests.app.browsing import ARGUMENTS, PATIENCE_MS

    expect.set_options(timeout=PATIENCE_MS)  # 5 seconds are too few beside another job
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()
