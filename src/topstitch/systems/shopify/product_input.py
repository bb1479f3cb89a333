"""A product as a record, made into the inputs of `productSet`, `productCreate` and `productUpdate`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import Connection, RemoteRejected
from topstitch.systems.shopify.api import Json
from topstitch.systems.shopify.convert import at, choice, emptied, first, flag, given, rows, text, words
from topstitch.systems.shopify.lookups import sku_of
from topstitch.systems.shopify.variant_input import (
    DEFAULT_OPTIONS,
    match,
    option_values,
    options_of,
    quantity_of,
    selected,
    variant_input,
)

_STATUSES = ("ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED")
#: Fields of a product without variants that really belong to its one variant.
_FLAT = (
    "sku",
    "barcode",
    "price",
    "compareAtPrice",
    "cost",
    "weight",
    "weightUnit",
    "quantity",
    "taxable",
    "inventoryItem",
)


def plain(record: Json) -> Json:
    """The fields of the product itself."""
    active = at(record, "active")
    status = choice(record["status"], _STATUSES, "status") if at(record, "status") is not None else None
    if status is None and active is not None:
        status = "ACTIVE" if flag(active, "active") else "DRAFT"
    seo = given(
        title=text(at(record, "seo.title"), "seo.title"), description=text(at(record, "seo.description"), "seo")
    )
    return given(
        title=text(record.get("title"), "title"),
        handle=text(at(record, "handle"), "handle"),
        descriptionHtml=text(first(record, "descriptionHtml", "description"), "descriptionHtml"),
        vendor=text(record.get("vendor"), "vendor"),
        productType=text(record.get("productType"), "productType"),
        status=status,
        tags=words(record["tags"], "tags") if record.get("tags") is not None else None,
        category=at(record, "category.id"),
        templateSuffix=text(at(record, "templateSuffix"), "templateSuffix"),
        seo=seo or None,
    )


def variants_of(record: Json) -> list[Json]:
    """The variants of a record: its list, or the product itself where it speaks of only one; none where of none."""
    many = rows(record, "variants")
    if many:
        return many
    flat = {name: record[name] for name in _FLAT if record.get(name) not in (None, "")}
    if flat and emptied(record, "compareAtPrice"):
        flat["compareAtPrice"] = None
    return [flat] if flat else []


def is_flat(record: Json) -> bool:
    """Whether a record speaks of one variant without listing it."""
    return not rows(record, "variants")


def skus_of(record: Json) -> list[str]:
    """All SKUs of a record."""
    return [sku for each in variants_of(record) if (sku := sku_of(each))]


def derived_handle(record: Json) -> str:
    """The handle of a record that names none: of title and first SKU, so that the same record finds its product again."""
    parts = [str(at(record, "title") or ""), *skus_of(record)[:1]]
    ascii_ = unicodedata.normalize("NFKD", " ".join(parts)).encode("ascii", "ignore").decode().lower()
    handle = re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:255]
    if not handle:
        raise RemoteRejected("the product has neither a title nor a SKU nor a handle", field="title")
    return handle


class Variants:
    """The variants of a product to be written, beside those that are there."""

    def __init__(self, conn: Connection, record: Json, existing: Sequence[Json], options: Mapping[str, Any]) -> None:
        self.conn, self.existing, self.options = conn, existing, options
        self.records = variants_of(record)
        self.names = [
            str(each["name"]) for each in rows(record, "options") or rows(record, "productOptions") if each.get("name")
        ]
        #: (record, its options, the variant that it is or None)
        self.rows: list[tuple[Json, list[tuple[str, str]], Json | None]] = []
        for each in self.records:
            chosen = options_of(each)
            there = match(each, chosen, existing)
            if not chosen:
                chosen = selected(there) if there else self._made_up(each)
            self.rows.append((each, chosen, there))

    def _made_up(self, record: Json) -> list[tuple[str, str]]:
        """Options for a new variant that has none: one of several is told from the others by its title or SKU."""
        if len(self.records) == 1 and not self.existing:
            return list(DEFAULT_OPTIONS)
        names = [name for name, _ in selected(self.existing[0])] if self.existing else self.names
        value = at(record, "title") or sku_of(record)
        if value is None or (self.existing and len(names) != 1):
            raise RemoteRejected(
                "a new variant needs a value for each option of the product", field="variants.optionValues"
            )
        return [(names[0] if len(names) == 1 else "Variant", str(value))]

    def for_set(self, keep: bool) -> Json:
        """`productOptions` and `variants` for `productSet`, which deletes what is not listed; `keep` lists the others."""
        made = [self._set_row(row, place) for place, row in enumerate(self.rows)]
        if keep:
            mine = {there["id"] for _, _, there in self.rows if there}
            made += [
                {"id": each["id"], "optionValues": option_values(selected(each))}
                for each in self.existing
                if each["id"] not in mine
            ]
        return {"productOptions": self.product_options(made), "variants": made}

    def product_options(self, variants: Sequence[Json]) -> list[Json]:
        """All options with all values that these variants use, in the order in which they come."""
        values: dict[str, list[str]] = {name: [] for name in self.names}
        for variant in variants:
            for each in variant["optionValues"]:
                values.setdefault(each["optionName"], [])
                if each["name"] not in values[each["optionName"]]:
                    values[each["optionName"]].append(each["name"])
        return [{"name": name, "values": [{"name": v} for v in many]} for name, many in values.items() if many]

    def _set_row(self, row: tuple[Json, list[tuple[str, str]], Json | None], place: int) -> Json:
        record, chosen, there = row
        made = variant_input(record, f"variants[{place}]")
        made["optionValues"] = option_values(chosen)
        # Here the SKU stands beside the stock item; in the bulk mutations it stands in it.
        sku = (made.get("inventoryItem") or {}).pop("sku", None)
        made |= {"sku": sku} if sku else {}
        if there:
            return {"id": there["id"], **made}
        stock = quantity_of(self.conn, record, self.options, f"variants[{place}]")
        if stock:
            made["inventoryQuantities"] = [{"locationId": stock[0], "name": "available", "quantity": stock[1]}]
        return made

    def for_bulk(self) -> tuple[list[Json], list[Json]]:
        """(inputs of variants to update, inputs of variants to create) for the bulk mutations."""
        update, create = [], []
        for place, (record, chosen, there) in enumerate(self.rows):
            made = variant_input(record, f"variants[{place}]")
            if there:
                update.append({"id": there["id"], **made})
                continue
            made["optionValues"] = option_values(chosen)
            stock = quantity_of(self.conn, record, self.options, f"variants[{place}]")
            if stock:
                made["inventoryQuantities"] = [{"locationId": stock[0], "availableQuantity": stock[1]}]
            create.append(made)
        return update, create


def images_of(record: Json) -> list[tuple[str, str | None]]:
    """Images as (address, alternative text), as they are written or read."""
    found = []
    for each in rows(record, "images") or rows(record, "media"):
        url = first(each, "url", "src", "originalSource", "image.url")
        if url is not None:
            found.append((str(url), text(first(each, "alt", "altText"), "images.alt")))
    return found
