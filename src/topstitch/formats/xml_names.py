"""Names in XML: which ones are valid, and which container holds which items (`lines` holds `line`)."""

from __future__ import annotations

import re

# XML 1.0 (5th edition), productions 4 and 4a, without the colon and without characters outside the basic plane.
_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_NAME = re.compile(f"[{_START}][-{_START}0-9.\xb7\u0300-\u036f\u203f-\u2040]*")
_LONG_PLURALS = ("sses", "xes", "ches", "shes")


def is_name(name: str) -> bool:
    """True for a name without prefix that XML allows."""
    return _NAME.fullmatch(name) is not None


def split_prefix(name: str) -> tuple[str, str]:
    """`g:price` -> (`g`, `price`)."""
    prefix, colon, local = name.partition(":")
    return (prefix, local) if colon else ("", name)


def is_plural(container: str, item: str) -> bool:
    """True when `container` is the plural of `item` in its ordinary English spelling, in any case."""
    many, one = container.lower(), item.lower()
    return many in (f"{one}s", f"{one}es") or (one.endswith("y") and many == f"{one[:-1]}ies")


def singular(name: str) -> str:
    """Return the item name for a container, empty when the name does not look like a plural. `is_plural` agrees."""
    low = name.lower()
    if low.endswith("ies") and len(name) > 4:
        return name[:-3] + ("Y" if name[-3:].isupper() else "y")
    if low.endswith(_LONG_PLURALS):
        return name[:-2]
    local = split_prefix(low)[1]
    return name[:-1] if low.endswith("s") and not low.endswith("ss") and len(local) > 2 else ""


class Lists:
    """Which elements are lists. `elements` tells: `street` always repeats, `Rows/Item` makes Rows a list of Item."""

    def __init__(self, elements: tuple[str, ...]) -> None:
        self._always = frozenset(name for name in elements if "/" not in name)
        pairs = (name.partition("/") for name in elements if "/" in name)
        self._items = {container: item for container, _, item in pairs}

    def item_of(self, container: str) -> str:
        """Return the item name with which a list under `container` is written; empty: the container's name repeats."""
        if container in self._items:
            return self._items[container]
        return "" if container in self._always else singular(container)

    def holds(self, container: str, item: str) -> bool:
        """True when `container` is the list of its `item` elements."""
        if container in self._items:
            return self._items[container] == item
        return container not in self._always and is_plural(container, item)

    def repeats(self, parent: str, name: str) -> bool:
        """True when `name` inside `parent` is a list even if it comes only once."""
        return name in self._always or self.holds(parent, name)

    def is_declared(self, container: str) -> bool:
        """True for the first half of a `Rows/Item` setting: empty, it is an empty list."""
        return container in self._items
