"""Fields, forms, code and lists that are put in order, in use: nothing that was typed is lost."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.e2e.browsing import sheet


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
