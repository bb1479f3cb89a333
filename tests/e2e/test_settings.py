"""The settings as people use them: going from company to company, and what stands beside a field that is wrong."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.product import Product

#: Whoever adds a company stays in it, so every time it is another one.
LINKED = f"Second Shop {secrets.token_hex(3)}"


def switch(page: Page, company: str) -> None:
    """By the menu beside the company's name."""
    page.get_by_title("Switch to another company").click()
    page.locator(".change-company").get_by_role("button", name=company).click()
    expect(page.locator(".change-company summary")).to_have_text(company)


@pytest.fixture
def two(browser: Browser, product: Product):
    """Two tabs of an administrator whose company has another one linked to it, for as long as the test is. A refusal is logged."""
    context = browser.new_context(base_url=product.address, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "sessionid", "value": product.sessions["administrator"], "url": product.address}])
    page, other = context.new_page(), context.new_page()
    page.goto("/settings/company")
    own = page.locator(".company").inner_text().strip()
    page.get_by_label("Name of a new company").fill(LINKED)
    page.get_by_role("button", name="Add and link").click()
    yield page, other, own
    other.goto("/settings/company")
    switch(other, own)
    other.goto("/settings/company")
    other.locator("summary", has_text="Unlink").click()
    other.get_by_role("button", name=f"Unlink {LINKED}").click()
    context.close()


def test_a_form_from_before_switching_is_refused_with_a_way_back(two):
    page, other, own = two
    expect(page.get_by_text(f"{LINKED} is added and linked.")).to_have_count(1)
    page.goto("/lookups/new")
    page.get_by_label("Name", exact=True).fill("Countries")
    other.goto("/")
    switch(other, LINKED)
    page.locator("main form").get_by_role("button").first.click()
    expect(page.get_by_role("heading", name="Nothing was done")).to_be_visible()
    page.get_by_role("button", name=f"Switch to {own}").click()
    expect(page).to_have_url(re.compile("/lookups/new$"))
    expect(page.locator(".change-company summary")).to_have_text(own)


def test_what_is_wrong_with_a_field_reads_as_a_line(enter):
    page = enter("/settings/people")
    page.locator("main").get_by_label("E-mail address").fill("mia@example")
    page.get_by_role("button", name="invitation").click()
    said = page.locator(".field .wrong")
    expect(said).to_have_text("Enter a valid email address.")
    assert said.bounding_box()["height"] < 40
