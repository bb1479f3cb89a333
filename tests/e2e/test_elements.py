"""What the frame, menus, dialogs and drawers do when they are used, with the mouse and with the keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.e2e.browsing import sheet


def test_the_rail_folds_and_stays_folded(enter):
    page = enter("/patterns")
    rail = page.get_by_role("navigation", name="Main")
    assert rail.bounding_box()["width"] > 150
    page.get_by_role("button", name="Collapse").click()
    page.reload()
    assert rail.bounding_box()["width"] < 80
    expect(rail.get_by_role("link", name="Services")).to_be_visible()


def test_colours_are_chosen_in_the_menu_of_the_person_and_stay(enter):
    page = enter("/")
    page.get_by_role("button", name="account").click()
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/services/")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_on_a_phone_the_rail_is_a_bar_at_the_bottom_with_the_rest_behind_more(enter):
    page = enter("/", width=360)
    box = page.get_by_role("navigation", name="Main").bounding_box()
    assert box["y"] + box["height"] == 900
    page.get_by_role("button", name="More").click()
    page.locator("#more-areas").get_by_role("link", name="Patterns").click()
    expect(page).to_have_url("/patterns")


def test_a_menu_opens_by_keyboard_goes_by_arrows_and_gives_the_focus_back(enter):
    page = enter("/patterns")
    button = sheet(page).get_by_role("button", name="Actions for Returns to warehouse")
    button.focus()
    page.keyboard.press("Enter")
    menu = page.locator("#menu-light")
    expect(menu.get_by_role("link", name="Run now")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("link", name="Clone")).to_be_focused()
    page.keyboard.press("End")
    expect(menu.get_by_role("button", name="Remove")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


def test_a_menu_stays_inside_the_window(enter):
    page = enter("/", width=360)
    page.get_by_role("button", name="account").click()
    box = page.locator("#person-menu").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_what_cannot_be_undone_waits_for_its_name(enter):
    page = enter("/patterns")
    opener = (
        sheet(page).locator("#remove-light").locator("xpath=preceding-sibling::p").get_by_role("button", name="Remove")
    )
    opener.click()
    dialog = page.get_by_role("dialog", name="Remove Returns to warehouse?")
    act = dialog.get_by_role("button", name="Remove")
    expect(act).to_be_disabled()
    dialog.get_by_label("to confirm").fill("Returns")
    expect(act).to_be_disabled()
    dialog.get_by_label("to confirm").fill("Returns to warehouse")
    expect(act).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    expect(act).to_be_disabled()


def test_a_drawer_has_the_address_of_its_page_and_back_closes_it(enter):
    page = enter("/patterns")
    sheet(page).get_by_role("link", name="#1002").click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", name="Order #1001")).to_be_visible()
    expect(page).to_have_url("/patterns/beside/1")
    page.keyboard.press("j")
    expect(drawer.get_by_role("heading", name="Order #1002")).to_be_visible()
    expect(page).to_have_url("/patterns/beside/2")
    page.go_back()
    expect(drawer).to_be_hidden()
    expect(page).to_have_url("/patterns")
    sheet(page).get_by_role("link", name="#1002").click()
    expect(drawer).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    sheet(page).get_by_role("link", name="#1002").click()
    expect(drawer).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Order #1001")).to_be_visible()


def test_tabs_within_a_page_go_by_arrows(enter):
    page = enter("/patterns")
    tabs = page.get_by_role("tablist", name="Sample panels, light")
    tabs.get_by_role("tab", name="Pulled").focus()
    page.keyboard.press("ArrowRight")
    expect(tabs.get_by_role("tab", name="Mapped")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Mapped").first).to_be_visible()
    expect(sheet(page).get_by_text("The record as it came.")).to_be_hidden()


def test_the_keyboard_goes_to_areas_finds_and_explains_itself(enter):
    page = enter("/patterns")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("gs?j")
    assert page.locator("#find").input_value() == "gs?j"
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url("/services/")


def test_records_are_found_from_anywhere(enter):
    page = enter("/services/")
    page.keyboard.press("/")
    page.keyboard.type("100")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_contain_text("100")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/records/\?q="))
    page.keyboard.press("/")
    page.keyboard.type("warehouse")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Services")).to_be_visible()
