"""A system of a test's own: made from the templates, finished as its author would, then broken where a test wants it."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

from topstitch.sdk import CATALOGUE
from topstitch.sdk.catalogue import Catalogue, Entry
from topstitch.sdk.conformance import Answer, examine
from topstitch.sdk.scaffold import scaffold

#: Each made system has a module name of its own: Python imports a name only once.
_NUMBERS = itertools.count(1)

ORDERS = [
    {
        "id": 901,
        "number": f"A-{900 + n}",
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-02T10:00:00Z",
        "currency": "GBP",
        "email": f"ada{n}@example.com",
        "note": "Ring twice",
        "total": "12.50",
        "lines": [{"sku": "SKU-1", "quantity": 2, "price": "6.25"}],
    }
    for n in (1, 2)
]


class Workshop:
    """A folder of systems."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def begun(self) -> Path:
        """A system as the templates leave it."""
        slug = f"acme{next(_NUMBERS)}"
        scaffold(slug, self.home)
        return self.home / slug

    def finished(self) -> Path:
        """A system whose author has done all that was to do."""
        folder = self.begun()
        change(folder / "manifest.toml", 'api_version = ""', 'api_version = "v1"')
        change(folder / "manifest.toml", '"TODO"', '"https://acme.example/docs"')
        change(folder / "system.py", 'help="", find=""', 'help="Begins with acme_", find="Settings > API > New token."')
        readme = folder / "README.md"
        readme.write_text(re.sub(r"TODO:?", "Written:", readme.read_text("utf-8")), "utf-8")
        (folder / "samples" / "orders.json").write_text(json.dumps(ORDERS), "utf-8")
        (folder / "tests" / "test_acme.py").write_text("def test_it_works():\n    assert True\n", "utf-8")
        return folder

    def entry(self, folder: Path) -> Entry:
        """Its entry in a catalogue of this home."""
        return Catalogue(home=self.home).get(folder.name)

    def ask(self, folder: Path, *only: str) -> dict[str, Answer]:
        """Its answers by question."""
        return {answer.question: answer for answer in examine(self.entry(folder), only=only)}


def change(path: Path, old: str, new: str) -> None:
    """Replace a piece of text that must be there."""
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new), "utf-8")


def built_in(slug: str) -> Entry:
    """A system of the installation."""
    return CATALOGUE.get(slug)
