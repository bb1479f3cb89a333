"""Lookup tables and scripts, as somebody uses them who has never seen them."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import expect
from tests.e2e.browsing import check_access, scrolls_sideways, shots


def test_a_table_is_made_filled_tried_and_imported_into_by_keyboard_alone(enter, tmp_path):
    page = enter("/lookups/")
    name = f"carriers {uuid4().hex[:6]}"
    page.get_by_role("link", name="Add a table").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/lookups/new"))
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Type pairs").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Left value of row 1").focus()
    for text in ("Express", "DHL"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.get_by_label("Left value of row 2").focus()
    page.keyboard.type("Express delivery")
    page.keyboard.press("Tab")
    page.keyboard.type("UPS")
    page.get_by_role("button", name="Move row 2 up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("1 of 3")
    check_access(page)
    shots(page, "lookup-edit")
    page.get_by_role("button", name="Save").last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved as version 2")).to_be_visible()
    expect(page.locator(".pairs tbody tr").first).to_contain_text("Express delivery")
    page.locator("#try-value").focus()
    page.keyboard.type("Express")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("DHL")
    check_access(page)
    shots(page, "lookup")
    file = tmp_path / "carriers.csv"
    file.write_text("left_value,right_value\nNext day,DPD\nExpress,UPS\n", "utf-8")
    page.get_by_role("link", name="Import CSV").focus()
    page.keyboard.press("Enter")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Show what it would change").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 pair would stand behind another")).to_be_visible()
    check_access(page)
    shots(page, "lookup-preview")
    page.get_by_role("button", name="Import it").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pairs tbody tr")).to_have_count(4)


def test_what_was_typed_into_a_table_is_not_lost_by_leaving(enter):
    page = enter("/lookups/new")
    page.get_by_label("Name", exact=True).fill("half")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Home", exact=True).click()
    expect(page).to_have_url(re.compile("/$"))
    assert asked == ["beforeunload"]


def test_a_script_is_begun_tried_mended_and_kept(enter):
    page = enter("/scripts/new?from=records")
    page.get_by_label("Name", exact=True).fill(f"kept {uuid4().hex[:6]}")
    page.get_by_role("button", name="Run it").click()
    expect(page.locator("#tried")).to_contain_text("1 of 2 records kept")
    shots(page, "script-tried")
    check_access(page)
    code = page.locator("#id_code")
    good = code.input_value()
    code.fill(good.replace("return data", "return data['nothing']"))
    page.get_by_role("button", name="Run it").click()
    expect(page.locator("#tried")).to_contain_text("KeyError")
    expect(page.locator(".gutter .wrong").first).to_have_text("8")
    page.get_by_role("link", name="Go to line 8").click()
    expect(code).to_be_focused()
    chosen = code.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert chosen == "    return data['nothing']"
    shots(page, "script-wrong")
    code.fill(good)
    page.get_by_role("button", name="Add the script").click()
    expect(page.get_by_role("link", name="Versions")).to_contain_text("1")
    page.get_by_label("What it does").fill("Drops what was cancelled")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("there is no new version")).to_be_visible()
    check_access(page)


def test_the_editor_is_left_by_keyboard(enter):
    page = enter("/scripts/new")
    code = page.locator("#id_code")
    code.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    assert code.input_value().endswith("    ")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(code).not_to_be_focused()


def test_nothing_is_wider_than_a_telephone(enter):
    page = enter("/lookups/", width=360)
    for address in ("/lookups/", "/lookups/new", "/lookups/maps", "/scripts/", "/scripts/new"):
        page.goto(address)
        assert not scrolls_sideways(page), address
        check_access(page)
