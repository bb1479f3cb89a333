"""From a count beside "Errors" to a corrected record that has arrived; the report by keyboard; nobody is kept out."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from tests.e2e.browsing import check_access, scrolls_sideways, shots

CAUSE = re.compile("neither ref nor email")
#: A run takes its place in a queue, on a machine that may be busy.
SOON = 60_000


def open_cause(page):
    page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("Errors")).click()
    page.get_by_role("link", name=CAUSE).click()


def test_a_records_name_can_be_read_beside_what_is_told_of_its_cause(enter):
    page = enter("/", width=1300)
    open_cause(page)
    link = page.get_by_role("link", name=re.compile("Customer.\\d+$")).first
    assert link.locator("xpath=ancestor::td").bounding_box()["width"] > 160


def test_a_failed_record_is_found_corrected_and_sent(enter):
    page = enter("/")
    open_cause(page)
    expect(page.get_by_role("heading", level=1, name="3 records of Customers to ERP")).to_be_visible()
    expect(page.get_by_text(CAUSE).first).to_be_visible()
    record = page.get_by_role("link", name=re.compile("Customer.\\d+$"))
    name = record.first.text_content()
    record.first.click()
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("heading", name=name)).to_be_visible()
    drawer.get_by_role("link", name="Edit and send").click()
    text = page.get_by_label("The record")
    customer = json.loads(text.input_value())
    customer["defaultEmailAddress"] = {"emailAddress": f"person{customer['legacyResourceId']}@example.com"}
    text.fill(json.dumps(customer, indent=2))
    page.get_by_role("button", name="Check the changes").click()
    expect(page.get_by_role("cell", name="defaultEmailAddress")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("The corrected record is sent as soon as a worker is free.")).to_be_visible()
    expect(page.get_by_text("It was tried again")).to_be_visible(timeout=SOON)
    expect(page.locator("#record .notice").get_by_text("OK")).to_be_visible()
    page.get_by_role("link", name="Its story across all services").click()
    expect(page.get_by_text(re.compile("created at Odoo"))).to_be_visible()


def test_the_report_is_worked_by_keyboard(enter):
    page = enter("/services/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1, name="Sync report")).to_be_visible()
    page.goto("/reports/?status=trouble&service=partner")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    bar = page.get_by_role("group", name="With ticked records")
    expect(bar.get_by_text("2 of 3 on this page")).to_be_visible()
    bar.get_by_role("button", name="Pull again").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Pull again")
    expect(dialog.get_by_text("None of them can be taken.")).to_be_visible()
    expect(dialog.get_by_text("It has no id, so it cannot be found again")).to_be_visible()
    check_access(page, "#act")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_text("What happened", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_view_is_saved_and_removed(enter):
    page = enter("/reports/?status=trouble&service=customers")
    page.get_by_role("button", name="More for this list").click()
    page.get_by_role("link", name="Save this view").click()
    page.locator("#drawer").get_by_label("Name").fill("Broken customers")
    page.locator("#drawer").get_by_role("button", name="Save view").click()
    views = page.get_by_role("navigation", name="Views of the report")
    expect(views.get_by_role("link", name="Broken customers")).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="More for this list").click()
    page.get_by_role("button", name="Remove the view Broken customers").click()
    expect(views.get_by_role("link", name="Broken customers")).to_have_count(0)


def test_the_report_comes_as_a_file_and_the_page_stays_usable(enter):
    page = enter("/reports/?status=trouble")
    button = page.get_by_role("button", name="Download as CSV")
    for _ in range(2):
        with page.expect_download() as download:
            button.click()
        assert re.fullmatch(r"sync-report-[-\d]+\.csv", download.value.suggested_filename)
    expect(page.get_by_text("rows", exact=False).first).to_be_visible()


def test_a_cause_is_given_to_somebody_commented_and_taken_back(enter):
    page = enter("/errors/?class=value")
    page.locator(".card a.whole").first.click()
    page.get_by_label("Assigned to").select_option("Manager")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("Assigned to Manager.")).to_be_visible()
    page.get_by_label("Notes").fill("Asked the shop for the addresses.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("listitem").get_by_text("Asked the shop for the addresses.").first).to_be_visible()
    page.get_by_role("button", name="Ignore").click()
    dialog = page.get_by_role("dialog", name="Ignore this cause?")
    check_access(page, "#ignore")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_label("Assigned to").select_option("Nobody")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("Assigned to nobody.")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1600, "dark")])
def test_nobody_is_kept_out(enter, width, theme):
    page = enter("/errors/", width=width, theme=theme)
    look_at(page, "errors")
    page.locator(".card a.whole").first.click()
    look_at(page, "cause")
    page.goto("/reports/?status=trouble&columns=all&class=value")
    look_at(page, "report")
    page.locator("a.whole").first.click()
    page.locator("#drawer[open] #record").wait_for()
    check_access(page, "#drawer")
    page.reload()
    look_at(page, "record")
    page.goto("/records/?q=1001")
    look_at(page, "story")


def look_at(page, name):
    check_access(page)
    assert not scrolls_sideways(page), name
    shots(page, name)
