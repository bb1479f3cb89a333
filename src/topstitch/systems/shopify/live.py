"""The fields that a shop really has: those of the catalogue, and its metafields by their definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, element_path
from topstitch.systems.shopify.push import definitions

Live = Callable[[Connection, Mapping[str, Any]], Sequence[str]]
#: Entity -> the lists of metafields in its records, and whose they are.
READ = {
    "orders": {"metafields": "Order"},
    "products": {"metafields": "Product"},
    "variants": {"metafields": "ProductVariant"},
    "customers": {"metafields": "Customer"},
}
WRITTEN = {**READ, "products": {"metafields": "Product", "variants[*].metafields": "ProductVariant"}}


def read_fields(entity: str) -> Live:
    """`Read.live_fields` of an entity; without its metafields where the service does not read them."""

    def live(conn: Connection, options: Mapping[str, Any]) -> list[str]:
        listed = [field.path for field in conn.entry.fields(entity) if field.readable]
        if options.get("metafields", True):
            return [*listed, *_metafields(conn, READ[entity])]
        return [path for path in listed if not path.startswith("metafields[")]

    return live


def written_fields(entity: str) -> Live:
    """`Write.live_fields` of an entity."""

    def live(conn: Connection, options: Mapping[str, Any]) -> list[str]:
        listed = [field.path for field in conn.entry.fields(entity) if field.writable]
        return [*listed, *_metafields(conn, WRITTEN[entity])]

    return live


def _metafields(conn: Connection, lists: Mapping[str, str]) -> list[str]:
    return [
        element_path(path, namespace, key) for path, kind in lists.items() for namespace, key in definitions(conn, kind)
    ]
