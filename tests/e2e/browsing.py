"""Looking at pages: what a browser complains about, what axe finds, pictures in every width and theme."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

WIDTHS = (360, 1024, 1600)
THEMES = ("light", "dark")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
#: WCAG 2.2 AA, and what axe advises beside it.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Pictures are kept there; without it they go nowhere.
SHOTS = os.environ.get("E2E_SHOTS", "")


def chromium() -> str | None:
    """The browser of this machine."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


class Complaints:
    """What a page's browser complains about, and requests that leave the product."""

    def __init__(self, page: Page, origin: str) -> None:
        self.found: list[str] = []
        self._origin = urlsplit(origin).netloc
        page.on("console", lambda said: said.type in ("error", "warning") and self.found.append(said.text))
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("request", lambda request: self._look(request.url))

    def _look(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self._origin:
            self.found.append(f"asks {address}")


def check_access(page: Page, within: str = "") -> None:
    """Raise AssertionError with what axe finds: rule, how grave, where."""
    script = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    page.evaluate(script)
    options: dict[str, Any] = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = page.evaluate("([within, options]) => axe.run(within || document, options)", [within, options])
    problems = [
        f"{each['id']} ({each['impact']}): {each['help']}\n  "
        + "\n  ".join(node["html"][:160] + " | " + (node["failureSummary"] or "")[:200] for node in each["nodes"][:4])
        for each in found["violations"]
    ]
    assert not problems, f"{page.url}\n" + "\n".join(problems)


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def shots(page: Page, name: str) -> None:
    """Pictures of a page in every width and theme, where E2E_SHOTS says; the page is as before afterwards."""
    if not SHOTS:
        return
    Path(SHOTS).mkdir(parents=True, exist_ok=True)
    size, theme = page.viewport_size, page.evaluate("document.documentElement.dataset.theme")
    for each in THEMES:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", each)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{SHOTS}/{name}-{width}-{each}.png", full_page=True)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    if size:
        page.set_viewport_size(size)


def sheet(page: Page) -> Locator:
    """The light side of the pattern page."""
    return page.locator('.sheet[data-theme="light"]')
