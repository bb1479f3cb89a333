"""A service is changed by somebody who looks after it: its source, a note, going back to an earlier revision."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.e2e.browsing import check_access, scrolls_sideways, shots

SERVICE = "Customers to ERP"


@pytest.fixture
def settings(enter):
    """Opens the settings tab of a service as a person of a role."""

    def open_settings(**how):
        page = enter("/services/", **how)
        page.get_by_role("link", name=SERVICE).first.click()
        page.get_by_role("navigation", name="Service").get_by_role("link", name="Settings").click()
        return page

    return open_settings


def tab(page, name):
    page.get_by_role("navigation", name="Service").get_by_role("link", name=name).click()


def test_a_setting_is_changed_compared_and_taken_back(settings):
    page = settings(role="manager")
    tab(page, "Source")
    page.get_by_text("Seldom changed").click()
    size = page.get_by_label("Page size")
    size.fill("0")
    page.get_by_role("button", name="Save").click()
    expect(size).to_be_focused()  # the browser refuses it in place
    size.fill("77")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Source saved.")).to_be_visible()
    expect(page.get_by_label("Page size")).to_have_value("77")
    check_access(page)
    tab(page, "Settings")
    page.get_by_role("link", name="All revisions").click()
    expect(page.get_by_text("Source: page size from the usual to 77").first).to_be_visible()
    check_access(page)
    page.get_by_role("link", name=re.compile("Restore revision")).first.click()
    expect(page.get_by_text("Source: page size from 77 to the usual")).to_be_visible()
    page.get_by_label("Note").fill("It was better before")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("“It was better before”").first).to_be_visible()
    tab(page, "Source")
    expect(page.get_by_label("Page size")).to_have_value("")


def test_a_note_is_written_changed_and_removed_with_the_keyboard_alone(settings):
    page = settings(role="user")
    page.get_by_label("What colleagues should know").focus()
    page.keyboard.type("Pauses on Sundays")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    note = page.locator(".notes li").first
    expect(note).to_contain_text("Pauses on Sundays")
    note.get_by_role("link", name="Change").focus()
    page.keyboard.press("Enter")
    text = page.get_by_label("What colleagues should know")
    text.focus()
    page.keyboard.press("End")
    page.keyboard.type(" and on holidays")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notes li").first).to_contain_text("Pauses on Sundays and on holidays")
    page.locator(".notes li").first.get_by_role("link", name="Change").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove the note").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The note is removed.")).to_be_visible()
    expect(page.get_by_text("Pauses on Sundays")).to_have_count(0)


def test_removing_waits_for_the_name(settings):
    page = settings(role="manager")
    page.get_by_role("link", name="Remove this service").click()
    remove = page.get_by_role("button", name="Remove")
    expect(remove).to_be_disabled()
    field = page.get_by_label("to confirm")
    field.fill(SERVICE.lower())
    expect(remove).to_be_disabled()
    field.fill(SERVICE)
    expect(remove).to_be_enabled()
    check_access(page)
    page.get_by_role("link", name="Keep it").click()
    expect(page.get_by_role("heading", name=SERVICE)).to_be_visible()


def test_screens_fit_a_phone_and_can_be_read_by_all(settings):
    page = settings(width=360, theme="dark")
    address = page.url
    for screen in ("source", "destination", "settings", "revisions", "script", "remove"):
        page.goto(address.replace("/settings", f"/{screen}"))
        expect(page.get_by_role("heading", name=SERVICE, exact=True)).to_be_visible()
        assert not scrolls_sideways(page), screen
        check_access(page)
        shots(page, f"service-{screen}")
