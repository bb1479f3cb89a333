"""A product, a browser, and people of every role signed in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.e2e.browsing import ARGUMENTS, Complaints, chromium
from tests.e2e.product import Product, elsewhere, running

HERE = Path(__file__).parent
Enter = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs them all: a product is started once."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with its module: as long as it runs, Django takes the whole process for an asynchronous one and refuses queries."""
    path = chromium()
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium, or CHROMIUM=path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    if address := os.environ.get("E2E_ADDRESS"):
        yield elsewhere(address, os.environ["E2E_HOME"])
        return
    with running() as product:
        yield product


@pytest.fixture
def enter(browser: Browser, product: Product) -> Iterator[Enter]:
    """Opens an address as a person: `enter("/services/", role="manager", width=360, theme="dark")`.

    When the test ends, no page may have logged an error or asked another origin for anything.
    """
    contexts, complaints = [], []

    def open_page(path: str, role: str = "administrator", width: int = 1600, theme: str = "light", **more) -> Page:
        context = browser.new_context(
            base_url=product.address,
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            reduced_motion="reduce",
            locale="en-GB",
            permissions=["clipboard-read", "clipboard-write"],
            **more,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        cookies = {"theme": theme, **({"sessionid": product.sessions[role]} if role else {})}
        context.add_cookies([{"name": name, "value": value, "url": product.address} for name, value in cookies.items()])
        page = context.new_page()
        complaints.append(Complaints(page, product.address))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [found for each in complaints for found in each.found] == []
