"""Making a service and cloning one, as a new user would: from two connectors to a running service."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect
from tests.e2e.browsing import check_access, scrolls_sideways, shots


def chosen(page, source="Web shop (Shopify)", destination="ERP (Odoo)"):
    page.get_by_label("From").select_option(label=source)
    page.get_by_label("To", exact=True).select_option(label=destination)
    expect(page.get_by_role("group", name="Records")).to_be_visible()


def looked_at(page, name):
    check_access(page)
    shots(page, f"wizard-{name}")
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 800})
    assert not scrolls_sideways(page), name
    page.set_viewport_size(size)


def test_from_two_connectors_to_a_running_service_by_the_defaults(enter):
    page = enter("/services/add", role="manager")
    chosen(page)
    expect(page.get_by_label("Name")).to_have_value(re.compile("^Shopify orders to Odoo"))
    expect(page.locator(".coverage").first).to_contain_text("35 of 50 fields")
    name = f"Made in a browser {time.time_ns()}"
    page.get_by_label("Name").fill(name)
    looked_at(page, "add")
    page.get_by_role("button", name="Next").click()
    for step in ("Settings", "Trigger", "Filters", "Mapping"):
        expect(page.get_by_role("heading", name=step, exact=True, level=2).first).to_be_visible()
        if step in ("Settings", "Mapping"):
            looked_at(page, step.lower())
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("It would be sent like this.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Every required field is mapped")).to_be_visible()
    looked_at(page, "activate")
    page.get_by_label("Leave it alone").check()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=15_000)
    expect(page.locator("main").get_by_text("Active").first).to_be_visible()


def test_a_service_is_begun_left_and_carried_on_with_by_keyboard_alone(enter):
    page = enter("/services/add", role="manager")
    page.get_by_label("From").focus()
    page.keyboard.type("Outlet")
    page.keyboard.press("Tab")
    page.keyboard.type("ERP")
    expect(page.get_by_role("radio", name="Customers").first).to_be_visible()
    page.get_by_role("radio", name="Orders").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Name")).to_have_value(re.compile("invoices"))
    page.get_by_label("Name").focus()
    page.keyboard.press("Control+A")
    name = f"Typed by hand {time.time_ns()}"
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Save and leave").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("is kept as it is").first).to_be_visible()
    page.get_by_role("link", name=f"Carry on with {name}").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".stepper [aria-current=step]")).to_have_text(re.compile("Trigger|Mapping"))


def test_a_clone_says_beforehand_what_it_will_be(enter):
    page = enter("/services/", role="manager")
    page.get_by_role("link", name="Customers to ERP").first.click()
    page.goto(f"{page.url.split('#')[0]}/clone")
    expect(page.get_by_label("Name")).to_have_value(re.compile("^Copy of Customers to ERP"))
    expect(page.get_by_role("heading", name="What stays the same")).to_be_visible()
    expect(page.get_by_text("moves the same records to the same place").first).to_be_visible()
    looked_at(page, "clone")
    page.get_by_role("button", name="Clone").click()
    expect(page.get_by_role("heading", name="Copy of Customers to ERP").first).to_be_visible()
    expect(page.locator("main").get_by_text("Inactive").first).to_be_visible()
