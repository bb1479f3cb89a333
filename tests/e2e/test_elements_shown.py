"""Rows, words that come and go, JSON, times and logs in use."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect
from tests.e2e.browsing import sheet

from topstitch.web.components.words import relative


def test_rows_are_gone_through_ticked_and_opened_by_keyboard(enter):
    page = enter("/services/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).not_to_have_url("/services/")

    page.goto("/patterns")
    page.keyboard.press("j")
    page.keyboard.press("x")
    bar = page.get_by_role("group", name="Ticked rows light")
    expect(bar).to_contain_text("1 of 5 on this page")
    for key in ("j", "j", "X"):
        page.keyboard.press(key)
    expect(bar).to_contain_text("3 of 5 on this page")
    bar.get_by_role("button", name="Untick all").click()
    expect(bar).to_be_hidden()


def test_one_box_ticks_every_row_and_shift_ticks_a_range(enter):
    page = enter("/patterns")
    table = sheet(page).get_by_role("region", name="Sample list, light")
    whole = table.get_by_label("Tick every row of this page")
    whole.check()
    bar = page.get_by_role("group", name="Ticked rows light")
    expect(bar).to_contain_text("5 of 5")
    table.get_by_label("Tick #1002").uncheck()
    assert whole.evaluate("box => box.indeterminate")
    bar.get_by_role("button", name="Untick all").click()
    table.get_by_label("Tick #1001").check()
    table.get_by_label("Tick #1003").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 of 5")


def test_a_part_says_that_it_is_done_and_the_word_goes_by_itself(enter):
    page = enter("/patterns")
    page.clock.install()
    sheet(page).get_by_role("button", name="Say that it is done").click()
    toast = page.locator("#toasts .toast")
    expect(toast).to_contain_text("Done, as a sample.")
    page.clock.run_for(6500)
    expect(toast).to_have_count(0)


def test_what_failed_stays_until_it_is_closed(enter):
    page = enter("/patterns")
    page.clock.install()
    page.evaluate("document.dispatchEvent(new CustomEvent('toast', { detail: { words: 'It broke', kind: 'failed' } }))")
    page.clock.run_for(60_000)
    page.locator("#toasts").get_by_role("button", name="Close").click()
    expect(page.locator("#toasts .toast")).to_have_count(0)


def test_json_is_copied_whole_found_in_and_folded(enter):
    page = enter("/patterns")
    view = sheet(page).locator(".json-view").first
    view.get_by_role("button", name="Copy").click()
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied["shipping"]["instructions"] == "Leave it with the porter. " * 30
    assert copied["lines"][1] == {"sku": "TS-MUG", "quantity": 1, "price": "4.60"}
    view.get_by_role("button", name="Fold or unfold").click()
    expect(view.get_by_text("TS-MUG")).to_be_hidden()
    view.get_by_label("Search in").fill("ts-mug")
    expect(view.get_by_text("TS-MUG")).to_be_visible()
    expect(view.get_by_role("status")).to_have_text("1 of 1")
    view.get_by_label("Search in").fill("sku")
    view.get_by_label("Search in").press("Enter")
    expect(view.get_by_role("status")).to_have_text("2 of 2")


def test_times_are_said_by_the_browser_as_by_the_server(enter):
    page = enter("/patterns")
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    spans = [
        s * way
        for s in (0, 44, 45, 89, 90, 100, 150, 3_419, 3_420, 3_590, 5_400, 9_000, 82_079, 82_080, 90_000, 1_209_599)
        for way in (1, -1)
    ]
    expected = [relative(now - timedelta(seconds=span), now) for span in spans]
    address = page.evaluate("document.querySelector('script[type=module]').src").replace("main.js", "times.js")
    said = page.evaluate(
        """async ([address, now, spans]) => {
        const { relative } = await import(address);
        return spans.map((span) => relative(new Date(now - span * 1000), new Date(now)));
    }""",
        [address, int(now.timestamp() * 1000), spans],
    )
    assert said == expected


def test_times_stay_true(enter):
    page = enter("/patterns")
    page.clock.install()
    page.reload()
    time = sheet(page).locator("time[data-relative]", has_text="4 minutes ago")
    expect(time).to_have_count(1)
    page.clock.run_for(61_000)
    expect(sheet(page).locator("time[data-relative]", has_text="5 minutes ago")).to_have_count(1)


def test_a_log_fetches_what_comes_and_follows_until_it_is_scrolled(enter):
    page = enter("/patterns")
    log = page.get_by_role("region", name="Sample log, light")
    log.scroll_into_view_if_needed()
    expect(log.locator("tbody tr")).to_have_count(9, timeout=10_000)
    follow = sheet(page).locator("[data-follow-button]")
    expect(follow).to_be_hidden()
    log.evaluate("log => { log.style.maxHeight = '120px'; log.scrollTop = 0; log.dispatchEvent(new Event('scroll')); }")
    follow.click()
    expect(follow).to_be_hidden()
