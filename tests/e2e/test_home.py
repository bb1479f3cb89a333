"""Home, the alerts of a service, and notification groups: the way from what is wrong to who is told of it."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect
from tests.e2e.browsing import WIDTHS, check_access, scrolls_sideways

SCREENS = (
    "/",
    "/settings/notifications",
    "/settings/notifications/add",
    "/settings/notifications/default",
    "/settings/told",
)


def test_what_needs_somebody_is_reached_by_keyboard_alone(enter):
    page = enter("/")
    expect(page.get_by_role("heading", name=re.compile("Needs you"))).to_be_visible()
    page.keyboard.press("j")
    need = page.locator(":focus")
    expect(need).to_have_attribute("data-row", "")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class(re.compile("button"))
    page.keyboard.press("Enter")
    expect(page).not_to_have_url("/")


def test_an_open_page_is_left_alone_until_there_is_news(enter):
    page = enter("/")
    home = page.locator("#home")
    home.evaluate("home => { home.kept = true; }")
    with page.expect_response(lambda response: "seen=" in response.url) as answer:
        page.evaluate("htmx.ajax('GET', document.getElementById('home').getAttribute('hx-get'), '#home')")
    assert answer.value.status == 204
    assert home.evaluate("home => home.kept") is True


def test_a_service_gets_alerts_of_its_own_by_keyboard_alone(enter):
    page = enter("/services/?q=Outlet+orders")
    page.get_by_role("link", name="Outlet orders to partner", exact=True).click()
    page.get_by_role("link", name="Alerts", exact=True).click()
    expect(page.get_by_label("On, as the company's default says")).to_be_checked()
    expect(page.get_by_label("So many records fail in one run")).to_be_hidden()
    page.get_by_label("On, as the company's default says").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("On, as said here")).to_be_checked()
    field = page.get_by_label("So many records fail in one run")
    expect(field).to_be_visible()
    expect(page.get_by_label("Time zone")).to_be_hidden()
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    check_access(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The alerts of this service are saved.")).to_be_visible()
    expect(page.get_by_label("So many records fail in one run")).to_have_value("3")
    page.get_by_label("On, as the company's default says").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The default tells")).to_be_visible()


def test_a_group_is_made_tried_and_removed(enter):
    name = f"Desk {uuid.uuid4().hex[:6]}"
    page = enter("/settings/notifications")
    page.get_by_role("link", name="Add a group").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Other e-mail addresses").fill("desk@example.com")
    expect(page.get_by_label("Its address")).to_be_hidden()
    page.get_by_label("Add a channel").select_option("chat")
    page.get_by_label("Its name").fill("Room")
    page.get_by_label("Its address").fill("http://127.0.0.1:9/hook")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("TOPSTITCH_ALERT_HOSTS")).to_be_visible()
    check_access(page)
    page.get_by_label("Add a channel").select_option("")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#tried")).to_contain_text("The test is for 1 recipient")
    check_access(page)
    page.get_by_role("button", name="Remove the group").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text(f"{name} is removed").first).to_be_visible()


@pytest.mark.parametrize(("theme", "screens"), [("light", SCREENS), ("dark", SCREENS[:2])])
def test_these_screens_keep_nobody_out(enter, theme, screens):
    page = enter(screens[0], theme=theme)
    for path in screens:
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert not scrolls_sideways(page), (path, width)
        check_access(page)


def test_they_are_read_without_javascript(enter):
    page = enter("/", java_script_enabled=False)
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.goto("/settings/notifications/add")
    expect(page.get_by_label("Its address")).to_be_visible()
