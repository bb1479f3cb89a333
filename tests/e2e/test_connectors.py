"""A connector in a browser: added by keyboard, tested, refused with what was typed still there, removed; the catalogue."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import expect
from tests.e2e.browsing import check_access, scrolls_sideways, shots


def test_a_practice_connector_is_added_by_keyboard_and_removed(enter):
    name = f"Play shop {secrets.token_hex(3)}"
    page = enter("/", role="manager")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/connectors/")
    page.get_by_role("link", name="Add a connector").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("searchbox", name="Name or entity")).to_be_focused()
    page.keyboard.type("woo")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=woo"))
    page.get_by_role("link", name="Practice").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("environment=practice"))
    check_access(page)
    page.get_by_role("link", name="WooCommerce").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Name", exact=True)
    field.fill(name)
    page.get_by_role("button", name="Only test").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tried")).to_contain_text("Everything is in order.")
    expect(page.locator("#tried")).to_contain_text("Address reached")
    expect(field).to_have_value(name)
    check_access(page)
    page.get_by_role("button", name="Test and save").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(page.locator("#connector-status")).to_contain_text("Connector operational")
    page.get_by_role("button", name="Test now").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#connector-checked")).to_contain_text("just now")
    check_access(page)
    page.get_by_role("button", name="Remove").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/connectors/")
    expect(page.locator("#toasts")).to_contain_text(f"{name} is removed")


def test_what_fails_is_told_in_place_and_nothing_that_was_typed_is_lost(enter):
    page = enter("/connectors/add/woocommerce?environment=test")
    page.get_by_label("Name", exact=True).fill("Nobody there")
    page.get_by_role("button", name="Only test").click()
    expect(page.locator("#tried")).to_contain_text("Correct")
    for label, value in (
        ("Store URL", "https://shop.invalid"),
        ("Consumer key", "ck_1"),
        ("Consumer secret", "cs_1"),
    ):
        page.get_by_label(re.compile(label, re.IGNORECASE)).first.fill(value)
    page.get_by_role("button", name="Only test").click()
    expect(page.locator("#tried")).to_contain_text("What you can do")
    expect(page.locator("#tried").get_by_role("button", name="Save it all the same")).to_be_visible()
    expect(page.get_by_label(re.compile("Consumer secret", re.IGNORECASE)).first).to_have_value("cs_1")
    check_access(page)


@pytest.mark.parametrize("width", [360, 1600])
def test_its_pages_keep_nobody_out(enter, width):
    page = enter("/connectors/", width=width)
    page.get_by_role("link", name=re.compile("Practice")).first.click()
    page.get_by_role("link", name="Web shop").click()
    addresses = ["/connectors/?environment=practice", page.url, f"{page.url}/settings"]
    addresses += [
        "/catalogue/",
        "/catalogue/shopify",
        "/catalogue/sftp/settings",
        "/catalogue/shopify/entities/orders?use=required",
    ]
    for address in addresses:
        page.goto(address)
        check_access(page)
        assert not scrolls_sideways(page), address
        shots(page, re.sub(r"\W+", "-", address.split("/", 3)[-1]))


def test_it_is_read_without_javascript(enter):
    page = enter("/catalogue/shopify", java_script_enabled=False)
    expect(page.get_by_role("heading", name="What you need")).to_be_visible()
    page.get_by_role("link", name="Orders", exact=True).click()
    expect(page.get_by_text("Asked for what changed since the last run")).to_be_visible()
