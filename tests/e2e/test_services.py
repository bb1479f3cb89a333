"""Services: finding one, looking at its parts, running it, following the run; with the keyboard alone where that is harder."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from tests.e2e.browsing import THEMES, WIDTHS, check_access, scrolls_sideways, shots

SERVICE = "Products to warehouse"


@pytest.fixture
def number(enter):
    """The service's number, read off the list."""
    link = enter("/services/").get_by_role("link", name=SERVICE, exact=True)
    return link.get_attribute("href").rpartition("/")[2]


def test_the_list_narrows_as_one_types_and_can_be_shared(enter):
    page = enter("/services/")
    page.get_by_label("ID, type or name").press_sequentially("products")
    expect(page.locator("#listed")).to_contain_text("1 of ")
    expect(page.locator("tr .whole")).to_have_text([SERVICE])
    expect(page).to_have_url(re.compile(r"\?q=products"))
    page.reload()
    expect(page.locator("tr .whole")).to_have_text([SERVICE])


def test_a_service_is_switched_off_and_on_in_its_row_by_keyboard(enter):
    page = enter("/services/?q=products")
    switch = page.get_by_role("switch")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name=f"{SERVICE}: Inactive")).to_have_attribute("aria-checked", "false")
    expect(page.locator(".toast")).to_contain_text("is switched off")
    page.get_by_role("button", name=f"Actions for {SERVICE}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="View logs")).to_be_visible()
    expect(page.get_by_role("button", name="Run now")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_role("switch").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("switch", name=f"{SERVICE}: Active")).to_be_visible()


def test_a_run_of_one_record_is_asked_for_and_followed_by_keyboard_to_its_payload(enter, number):
    page = enter(f"/services/{number}/canvas")
    expect(page.locator("#canvas li")).to_have_count(6)
    page.get_by_role("link", name="Run service", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_label("At most").focus()
    page.keyboard.type("2")
    for label in ("Send again what was done before", "Store push payloads"):
        page.get_by_label(label).focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Run", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run ")
    expect(page.locator(".asked")).to_contain_text("at most 2 records")
    expect(page.locator(".facts")).to_contain_text("Completed", timeout=12_000)
    expect(page.locator(".log-view")).to_contain_text("Done:")
    with page.expect_download() as kept:
        page.get_by_role("link", name="Pushed page 1").click()
    rows = json.loads(kept.value.path().read_text())
    assert rows
    assert {"key", "reference", "record"} <= rows[0].keys()
    check_access(page)
    shots(page, "run")


def test_a_dry_run_tells_what_would_be_sent(enter, number):
    page = enter(f"/services/{number}/run")
    page.get_by_label("At most").fill("3")
    page.get_by_label("Send again what was done before").check()
    page.locator(".act-bar").get_by_role("button", name="Dry run").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dry run")
    expect(page.locator(".dry > details")).to_have_count(3, timeout=12_000)
    page.locator(".dry summary").first.click()
    expect(page.locator(".dry .json").first).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Completed")
    check_access(page)
    shots(page, "dry-run")


@pytest.mark.parametrize("theme", THEMES)
def test_its_pages_are_accessible(enter, number, theme):
    page = enter("/services/", theme=theme)
    for path in ("", f"{number}", f"{number}/canvas", f"{number}/run"):
        page.goto(f"/services/{path}")
        check_access(page)
    page.goto("/services/")
    shots(page, "services")


def test_its_pages_fit_every_width(enter, number):
    page = enter("/services/")
    for path in ("", f"{number}", f"{number}/canvas", f"{number}/run"):
        page.goto(f"/services/{path}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert not scrolls_sideways(page), f"{path} at {width}"
