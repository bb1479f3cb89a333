"""READMEs of systems, whole or by their parts: their headings are the same for all."""

from __future__ import annotations

import re

from topstitch.sdk.catalogue import Entry


def readme(entry: Entry) -> str:
    """The whole text, "" for a system without one."""
    path = entry.folder / "README.md" if entry.folder else None
    return path.read_text("utf-8") if path and path.exists() else ""


def part(entry: Entry, heading: str) -> str:
    """What stands below a heading; "" when there is none of this name."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", readme(entry), re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""
