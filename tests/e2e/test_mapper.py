"""The mapper, by mouse and by keyboard alone: the value after every function, undo, saving what was agreed to."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import expect
from tests.e2e.browsing import check_access, scrolls_sideways, shots


def mapper(enter, **more):
    """The mapping of the service that sends orders to the warehouse."""
    page = enter("/services/?q=orders+to+warehouse", **more)
    page.get_by_role("link", name="Orders to warehouse").first.click()
    page.get_by_role("navigation", name="Service").get_by_role("link", name="Mapping").click()
    expect(page.get_by_role("table", name="Mapping rows")).to_be_visible()
    return page


def row(page, target):
    return page.locator("tr.map").filter(has_text=target).first


def test_a_function_is_added_its_value_is_seen_and_taken_back(enter):
    page = mapper(enter)
    channel = row(page, "ChannelName")
    channel.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Function", exact=True).click()
    page.get_by_label("Function", exact=True).select_option("string.prefix")
    page.get_by_label("Text needed").fill("WEB-")
    page.get_by_label("Text needed").press("Tab")
    expect(channel).to_contain_text('"WEB-web"')
    expect(channel.locator(".pill")).to_have_text(['Prefix "WEB-"'])
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(channel).not_to_contain_text("WEB-web")


def test_another_value_is_tried_without_touching_the_mapping(enter):
    page = mapper(enter)
    channel = row(page, "ChannelName")
    channel.get_by_role("button", name="Edit").click()
    page.get_by_label("Try another value").fill("pos")
    page.get_by_label("Try another value").press("Tab")
    expect(channel).to_contain_text('"pos"')
    expect(page.get_by_text("changed here")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_hidden()


def test_rows_are_found_and_a_wrong_import_says_so_where_one_looks(enter):
    page = mapper(enter)
    page.get_by_role("searchbox", name="Find a row").fill("invoicecity")
    expect(page.locator("tr.map:visible")).to_have_count(0)
    page.get_by_role("searchbox", name="Find a row").fill("InvoiceAddressCity")
    expect(page.locator("tr.map:visible")).to_have_count(1)
    page.get_by_role("button", name="More for the mapping").click()
    page.get_by_role("button", name="Import a document").click()
    page.get_by_label("or paste it").fill("{nonsense")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("group", name="What happened")).to_be_in_viewport()
    expect(page.locator("tr.map")).not_to_have_count(0)


def test_a_mapping_is_changed_and_saved_by_keyboard_alone(enter):
    page = mapper(enter)
    row(page, "ChannelName").get_by_role("button", name="Edit").focus()
    page.keyboard.press("Enter")
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_visible()
    name.focus()
    page.keyboard.press("Control+A")
    called = f"Where it was sold {secrets.token_hex(3)}"
    page.keyboard.type(called)
    page.keyboard.press("Tab")
    expect(row(page, "ChannelName")).to_contain_text(called)
    page.keyboard.press("Control+s")
    expect(page.get_by_role("heading", name=re.compile("Save the mapping"))).to_be_visible()
    page.get_by_label("Note").focus()
    page.keyboard.type("Named by hand")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The mapping is saved")).to_be_visible()


def test_what_is_typed_is_in_hand_however_quickly_one_goes_on_and_saves(enter):
    page = mapper(enter)
    channel = row(page, "ChannelName")
    channel.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Function", exact=True).click()
    page.get_by_label("Function", exact=True).select_option("string.prefix")
    page.get_by_label("Text needed").fill("WEB-")
    page.keyboard.press("Tab")
    # The answer to the prefix comes while a name is being typed.
    with page.expect_response("**/mapping/draft"):
        page.get_by_label("Name", exact=True).fill("Sold in")
    page.wait_for_timeout(300)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Sold in")
    page.get_by_label("Name", exact=True).press_sequentially(" the shop")
    page.get_by_role("button", name="Save", exact=True).click()
    saving = page.get_by_role("region", name=re.compile("Save the mapping"))
    expect(saving).to_contain_text("Prefix")
    expect(saving).to_contain_text("Sold in the shop")
    saving.get_by_role("button", name="Go back to editing").click()
    expect(row(page, "ChannelName").locator(".pill")).to_have_text(['Prefix "WEB-"'])
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Build the request").click()
    expect(page.get_by_role("group", name="the request")).to_contain_text("WEB-")


def test_whoever_leaves_what_is_not_saved_is_asked(enter):
    page = mapper(enter)
    row(page, "ChannelName").get_by_role("button", name="Edit").click()
    page.get_by_label("Name", exact=True).fill("Sold in")
    page.get_by_label("Name", exact=True).press("Tab")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Connectors").click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert asked == ["beforeunload"]


def test_it_is_open_to_everybody_and_fits(enter):
    page = mapper(enter)
    row(page, "SalesOrderNumber").get_by_role("button", name="Edit").click()
    expect(page.locator("tr.editor")).to_be_visible()
    check_access(page)
    shots(page, "mapper")
    narrow = mapper(enter, width=360)
    assert not scrolls_sideways(narrow)
    check_access(narrow)
