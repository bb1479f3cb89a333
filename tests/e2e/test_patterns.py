"""The pattern page: what every screen is made of can be used by everybody, in every width and theme."""

from __future__ import annotations

import pytest
from tests.e2e.browsing import THEMES, WIDTHS, check_access, scrolls_sideways, shots


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_on_it_keeps_anybody_out(enter, width, theme):
    page = enter("/patterns", width=width, theme=theme)
    for fold in page.locator("main details").all():
        fold.evaluate("fold => { fold.open = true; }")
    check_access(page)
    assert not scrolls_sideways(page)


def test_the_first_screens_keep_nobody_out(enter):
    for path in ("/", "/services/", "/reports/", "/find", "/find?q=100", "/find?q=nothing+is+called+so"):
        page = enter(path)
        check_access(page)
        page.set_viewport_size({"width": 360, "height": 800})
        assert not scrolls_sideways(page), path
        check_access(page)


def test_open_menus_dialogs_and_drawers_keep_nobody_out(enter):
    page = enter("/patterns")
    page.get_by_role("button", name="Administrator").click()
    check_access(page, "#person-menu")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check_access(page, "#keyboard")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="#1002").first.click()
    page.locator("#drawer[open]").wait_for()
    check_access(page, "#drawer")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_keyboard_reaches_everything_and_is_seen_where_it_is(enter, width):
    page = enter("/patterns", width=width)
    page.evaluate(
        """() => { window.reached = new Set(); window.unseen = [];
        document.addEventListener("focusin", ({ target }) => {
            reached.add(target);
            const look = getComputedStyle(target), box = target.getBoundingClientRect();
            const outline = (element) => getComputedStyle(element).outlineStyle !== "none";
            const around = target.closest("label, .code-editor, .drop, .segments label") || target;
            if (!outline(target) && !outline(around) && getComputedStyle(target, "::after").outlineStyle === "none")
                unseen.push(target.outerHTML.slice(0, 120));
        }); }"""
    )
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0
            && one.type !== "radio" && one.type !== "hidden").length"""
    )
    for _ in range(wanted + 60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('.code-editor') !== null"):
            page.keyboard.press("Escape")
            page.keyboard.press("Tab")
    missed = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0
            && one.type !== "radio" && one.type !== "hidden" && !reached.has(one)).map((one) => one.outerHTML.slice(0, 140))"""
    )
    assert missed == []
    assert page.evaluate("unseen") == []


def test_it_is_read_without_javascript(enter):
    page = enter("/patterns", java_script_enabled=False)
    for words in (
        "The record as it came.",
        "The record as it was to be sent.",
        "TS-TEE-WHT-S",
        "Where do I find this?",
    ):
        assert page.get_by_text(words).first.is_visible(), words
    assert page.locator(".tick-bar").first.is_visible()
    assert not page.locator(".copy").first.is_visible()


def test_pictures_of_it(enter):
    shots(enter("/patterns"), "patterns")
