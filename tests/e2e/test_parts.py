"""Filters and trigger of a service in a browser: by keyboard, with counts, coming times and a webhook that is called."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.e2e.browsing import check_access, scrolls_sideways, shots

SERVICE = "Customers to ERP"


@pytest.fixture
def tab(enter):
    """Opens a tab of the service."""

    def open_tab(name, **more):
        page = enter("/services/", **more)
        page.goto(page.get_by_role("link", name=SERVICE, exact=True).first.get_attribute("href"))
        page.get_by_role("navigation", name="Service").get_by_role("link", name=name, exact=True).click()
        return page

    return open_tab


def settled(page):
    """Nothing is on its way any more."""
    expect(page.locator(".htmx-request")).to_have_count(0)


def test_a_filter_is_made_counted_saved_and_removed_by_keyboard(tab):
    page = tab("Filters", role="manager")
    page.get_by_role("button", name="Add filter").focus()
    page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="Field of filter 1")
    expect(field).to_be_focused()
    page.keyboard.type("changed")
    expect(page.get_by_role("option").first).to_contain_text("updatedAt")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    operator = page.get_by_label("Operator of filter 1")
    expect(operator).to_have_value("in_the_last")
    settled(page)
    page.get_by_label("How many, filter 1").fill("2")
    page.get_by_label("Unit, filter 1").select_option("year")
    expect(page.locator(".sentence")).to_contain_text("is in the last 2 years")
    settled(page)
    page.get_by_role("button", name="Count what they keep").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".keeps")).to_contain_text(re.compile(r"keeps \d+ of \d+"))
    check_access(page)
    assert not scrolls_sideways(page)
    shots(page, "filters")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Filters saved")
    page.get_by_role("button", name="Remove filter 1").click()
    expect(page.get_by_role("button", name="Add filter")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".sentence")).to_contain_text("are let through")


def test_a_preset_fills_the_fields_and_a_surprise_is_explained(tab):
    page = tab("Trigger")
    schedule = page.get_by_role("region", name="Schedule 1")
    words = schedule.get_by_role("heading", level=2)
    page.get_by_label("How often").first.select_option(label="Nightly at 02:00")
    expect(words).to_contain_text("02:00")
    expect(page.get_by_label("At hours").first).to_have_value("2")
    settled(page)
    page.get_by_label("Edit the expression itself").first.check()
    expression = page.get_by_label("Expression", exact=True).first
    expect(expression).to_be_editable()
    expression.fill("*/45 * * * *")
    expression.press("Tab")
    expect(page.locator(".coming").first).to_contain_text("it runs at minutes 0 and 45")
    expect(page.locator(".coming").first.get_by_role("listitem")).to_have_count(5)
    settled(page)
    expression.fill("0 */5 * * * *")
    expression.press("Tab")
    expect(page.locator(".wrong")).to_contain_text("It has 6 fields")
    check_access(page)
    shots(page, "trigger")
    page.on("dialog", lambda dialog: dialog.accept())


def test_a_webhook_gets_an_address_that_starts_a_run(tab):
    page = tab("Trigger", width=360)
    page.get_by_label("By a webhook").check()
    expect(page.get_by_text("Save, and the address to register")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Save").click()
    address = page.locator("#webhook-address").inner_text()
    assert not scrolls_sideways(page)
    check_access(page)
    shots(page, "webhook")
    way = address[address.index("/hooks/") :]
    answer = page.request.post(way)
    assert answer.status == 200, answer.text()
    page.goto(f"/runs/{answer.json()['run']}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()
    page.get_by_label("On a schedule").check()
    settled(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Trigger saved")
    assert page.request.post(way).status == 409
