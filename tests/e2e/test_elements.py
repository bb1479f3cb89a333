"""What the elements do when they are used, with the mouse and with the keyboard."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from topstitch.web.components.words import relative


def sheet(page):
    """The light side of the pattern page."""
    return page.locator('.sheet[data-theme="light"]')


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


def test_suggestions_are_taken_by_keyboard(enter):
    page = enter("/patterns")
    field = page.locator("#light_service_0")
    field.press_sequentially("o")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_count(6)
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    name = options.nth(1).inner_text()
    field.press("Enter")
    expect(field).to_have_value(name)
    expect(page.locator("#light_service_1")).to_have_value(name.lower())
    expect(page.get_by_role("listbox")).to_have_count(0)
    field.press_sequentially("x")
    expect(page.locator("#light_service_1")).to_have_value("")


def test_many_choices_are_narrowed_down(enter):
    page = enter("/patterns")
    box = sheet(page).locator("[data-choices]")
    expect(box.get_by_role("status")).to_have_text("1 chosen")
    box.get_by_label("Search the choices").fill("woo")
    expect(box.locator("label.choice:visible")).to_have_count(1)
    box.get_by_label("WooCommerce").check()
    expect(box.get_by_role("status")).to_have_text("2 chosen")
    box.get_by_label("Search the choices").fill("nothing")
    expect(box.get_by_text("No choice fits.")).to_be_visible()


def test_fields_are_asked_for_when_others_need_them(enter):
    page = enter("/patterns")
    form = page.get_by_role("form", name="Sample settings, light")
    expect(form.get_by_label("Access token")).to_be_visible()
    expect(form.get_by_label("User name")).to_be_hidden()
    expect(form.get_by_label("User name")).to_be_disabled()
    form.get_by_label("How to sign in").select_option("password")
    expect(form.get_by_label("Access token")).to_be_hidden()
    expect(form.get_by_label("User name")).to_be_enabled()


def test_a_secret_is_shown_only_while_it_is_typed(enter):
    page = enter("/patterns")
    form = page.get_by_role("form", name="Sample settings, light")
    secret = form.get_by_label("Access token")
    show = form.get_by_role("button", name="Show what is typed").first
    expect(show).to_be_hidden()
    secret.fill("shpat_1")
    show.click()
    expect(secret).to_have_attribute("type", "text")
    form.get_by_label("How to sign in").focus()
    expect(secret).to_have_attribute("type", "password")


def test_nobody_loses_what_they_typed(enter):
    page = enter("/patterns")
    form = page.get_by_role("form", name="Sample form, light")
    form.get_by_label("Name").fill("Another name")
    expect(form.get_by_text("Not saved yet")).to_be_visible()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.assign('/services/')")
    page.wait_for_function("true")
    expect(page).to_have_url("/patterns")
    assert asked == ["beforeunload"]
    form.get_by_label("Name").fill("Returns to warehouse")
    expect(form.get_by_text("Not saved yet")).to_be_hidden()
    page.goto("/services/")
    assert asked == ["beforeunload"]


def test_a_form_is_sent_once_and_shows_it(enter):
    page = enter("/patterns")
    sent = page.evaluate(
        """() => {
        const form = document.createElement("form");
        form.method = "post"; form.action = "/nowhere"; form.target = "elsewhere";
        form.innerHTML = '<button class="button" data-busy="Saving">Save</button>';
        document.querySelector("main").append(form);
        let sent = 0;
        addEventListener("submit", (event) => { if (!event.defaultPrevented) sent += 1; event.preventDefault(); });
        const button = form.querySelector("button");
        button.click(); button.click();
        return [sent, button.getAttribute("aria-busy")];
    }"""
    )
    assert sent == [1, "true"]


def test_code_is_indented_numbered_and_can_be_left(enter):
    page = enter("/patterns")
    area = page.locator("#light_script")
    area.focus()
    area.press("ControlOrMeta+a")
    area.press("Delete")
    area.press_sequentially("def handle(data):")
    area.press("Enter")
    area.press_sequentially("x = 1")
    area.press("Tab")
    assert area.input_value() == "def handle(data):\n    x = 1    "
    area.press("ControlOrMeta+a")
    area.press("Shift+Tab")
    assert area.input_value() == "def handle(data):\nx = 1    "
    expect(page.locator(".code-editor .gutter").first.locator("span")).to_have_count(2)
    area.press("ControlOrMeta+z")
    assert area.input_value() == "def handle(data):\n    x = 1    "
    area.press("Escape")
    area.press("Tab")
    expect(area).not_to_be_focused()


def test_lists_are_put_in_order_by_buttons_and_by_dragging(enter):
    page = enter("/patterns")
    form = page.get_by_role("form", name="Sample order, light")

    def order():
        return form.evaluate("form => new FormData(form).getAll('order').join('')")

    form.get_by_role("button", name="Move step a down").press("Enter")
    assert order() == "bac"
    expect(form.get_by_role("button", name="Move step a down")).to_be_focused()
    form.get_by_role("button", name="Move step a down").press("Enter")
    assert order() == "bca"
    expect(form.get_by_role("button", name="Move step a up")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Step a: 3 of 3")
    grip = form.locator("[data-sort='Step a'] [data-grip]")
    grip.scroll_into_view_if_needed()
    start, end = grip.bounding_box(), form.locator("[data-sort='Step b']").bounding_box()
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, end["y"] + 4, steps=8)
    page.mouse.up()
    assert order() == "abc"


def test_steps_are_undone_and_done_again(enter):
    page = enter("/patterns")
    address = page.evaluate("document.querySelector('script[type=module]').src").replace("main.js", "undo.js")
    told = page.evaluate(
        """async (address) => {
        const { UndoStack } = await import(address);
        const stack = new UndoStack(); let value = 0, changes = 0; const seen = [];
        stack.addEventListener("change", () => { changes += 1; });
        const to = (next, joins) => {
            const before = value;
            stack.do({ words: `to ${next}`, joins, redo: () => { value = next; }, undo: () => { value = before; } });
        };
        to(1); to(2, "typing"); to(3, "typing"); seen.push(value);
        stack.undo(); seen.push(value);
        stack.redo(); seen.push(value);
        stack.undo(); stack.undo(); seen.push(value, stack.undo(), stack.next.redo);
        to(9); seen.push(stack.redo(), value, changes);
        return seen;
    }""",
        address,
    )
    assert told == [3, 1, 3, 0, None, "to 1", None, 9, 8]


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
