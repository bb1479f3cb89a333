"""The first day of a new installation, by its screens alone: the first person, two connectors, a service that runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.browsing import Complaints
from tests.e2e.product import empty

PASSWORD = "a harbour full of linen"


@pytest.fixture
def visitor(browser: Browser):
    """A person with the link that the product showed when it was started, and nothing else."""
    with empty() as link:
        context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(20_000)
        page = context.new_page()
        complaints = Complaints(page, link)
        page.goto(link)
        yield page
        context.close()
        assert complaints.found == []


def begin(page: Page) -> None:
    expect(page.get_by_role("heading", name="Welcome to Topstitch")).to_be_visible()
    for label, text in (
        ("Company", "Harbour & Pine"),
        ("Your name", "Ada"),
        ("E-mail", "ada@example.com"),
        ("Password", PASSWORD),
    ):
        page.get_by_label(re.compile(label, re.IGNORECASE)).first.fill(text)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()


def add_practice_connector(page: Page, system: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Connectors").click()
    page.get_by_role("link", name="Add a connector").first.click()
    page.get_by_role("link", name="Practice").click()
    page.get_by_role("link", name=system).click()
    page.get_by_role("button", name="Test and save").click()
    expect(page.locator("#connector-status")).to_contain_text("Connector operational")


def choose(page: Page, label: str, words: str) -> None:
    select = page.get_by_label(label, exact=True)
    select.select_option(value=select.locator("option", has_text=words).get_attribute("value"))


def add_service(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Services").click()
    page.get_by_role("link", name="Add service").first.click()
    choose(page, "From", "Shopify")
    choose(page, "To", "Peoplevox")
    page.get_by_role("radio", name=re.compile("Orders")).first.check()
    for heading in ("Settings", "Trigger", "Filters", "Mapping", "Switch on"):
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("heading", level=2, name=heading).first).to_be_visible()
    expect(page.get_by_text(re.compile("would be (created|sent|made)|SalesOrderNumber")).first).to_be_visible()
    page.get_by_label(re.compile("Take it along")).check()
    page.get_by_role("button", name="Switch on").click()


def test_from_the_first_link_to_a_running_service(visitor):
    begin(visitor)
    add_practice_connector(visitor, "Shopify")
    add_practice_connector(visitor, "Peoplevox")
    add_service(visitor)
    visitor.get_by_role("button", name="Run now").click()
    expect(visitor.get_by_text("Completed").first).to_be_visible(timeout=60_000)
    visitor.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    expect(visitor.locator("tbody tr").first).to_contain_text("OK")
