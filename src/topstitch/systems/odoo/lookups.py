"""Names and codes of a record made into Odoo's ids. What is not found is a MissingReference that names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from topstitch.sdk import MissingReference, RemoteRejected, Setting
from topstitch.systems.odoo.joins import countries
from topstitch.systems.odoo.shapes import given, id_of, text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

MATCH = Setting(
    name="match",
    label="Products are found by",
    kind="choice",
    choices=["default_code", "barcode"],
    words={"default_code": "Internal reference (SKU)"},
    default="default_code",
    fixed=True,
)
TWINS = Setting(
    name="twins",
    label="Several products with one SKU",
    kind="choice",
    choices=["reject", "first"],
    default="reject",
    help="Odoo lets several products carry the same internal reference. Reject the record, or take the product made first.",
    advanced=True,
)
PRODUCT = (
    "default_code",
    "barcode",
    "name",
    "product_tmpl_id",
    "lst_price",
    "list_price",
    "standard_price",
    "uom_id",
    "uom_po_id",
    "active",
)


def found_by(values: Iterable[Any]) -> list[str]:
    """The distinct texts to look for."""
    texts = (str(value).strip() for value in values if value is not None)
    return list(dict.fromkeys(text for text in texts if text))


class Products:
    """The products that a batch of records names, asked for in one call."""

    def __init__(
        self,
        odoo: Odoo,
        codes: Iterable[Any],
        options: Mapping[str, Any],
        *,
        archived: bool = False,
        more: Sequence[str] = (),
    ) -> None:
        self.field = str(options.get("match") or "default_code")
        self._first = options.get("twins") == "first"
        self._found: dict[str, list[Row]] = {}
        wanted = found_by(codes)
        if wanted:
            for row in odoo.search_read(
                "product.product", [[self.field, "in", wanted]], [*PRODUCT, *more], archived=archived
            ):
                self._found.setdefault(str(row[self.field]), []).append(row)

    def get(self, code: Any, place: str) -> Row | None:
        """The product, None when there is none. Raises RemoteRejected when several share the code."""
        rows = self._found.get(str(code).strip(), [])
        if len(rows) > 1 and not self._first:
            ids = [str(row["id"]) for row in rows]
            raise RemoteRejected(
                f"{place}: {len(rows)} products of Odoo have the {self.field} {code!r} (ids {', '.join(ids)})",
                field=place,
                key="ambiguous",
                hint="Give each product in Odoo a reference of its own, or let the service take the first.",
            )
        return rows[0] if rows else None

    def need(self, code: Any, place: str) -> Row:
        """The product. Raises MissingReference when there is none."""
        if code in (None, ""):
            raise MissingReference(f"{place} is empty, so no product can be found for it", field=place)
        row = self.get(code, place)
        if row is None:
            raise MissingReference(
                f"Odoo has no product with the {self.field} {code!r} ({place}), or it is archived", field=place
            )
        return row

    @property
    def rows(self) -> list[Row]:
        """Every product that was found."""
        return [row for rows in self._found.values() for row in rows]

    def add(self, code: str, row: Row) -> None:
        """Remember a product that was just made."""
        self._found.setdefault(code, []).append(row)


def country_id(odoo: Odoo, value: Any, field: str) -> int:
    """By ISO code (`GB`), as {"code"}, or by English name. Raises MissingReference."""
    if isinstance(value, Mapping):
        value = value.get("code") or value.get("name")
    code = text(value, field).upper()
    for id, known in countries(odoo).items():
        if known == code:
            return id
    rows = odoo.search_read("res.country", [["name", "=ilike", escaped(str(value))]], ["name"], limit=1)
    if not rows:
        raise MissingReference(f"Odoo has no country {value!r} ({field})", field=field)
    return int(rows[0]["id"])


def state_id(odoo: Odoo, value: Any, country: int) -> int:
    """A region by code or name within its country; 0 when Odoo does not list it."""
    if isinstance(value, Mapping):
        value = value.get("code") or value.get("name")
    wanted = escaped(str(value).strip())
    domain = [["country_id", "=", country], "|", ["code", "=ilike", wanted], ["name", "=ilike", wanted]]

    def ask() -> int:
        rows = odoo.search_read("res.country.state", domain, ["name"], limit=1)
        return int(rows[0]["id"]) if rows else 0

    return int(odoo.conn.remember(f"odoo state {country} {str(value).strip().lower()}", ask))


def escaped(value: str) -> str:
    """A text for `=ilike`, in which % and _ would be wildcards."""
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def of_companies(odoo: Odoo, rows: Sequence[Row], *, own: bool = False) -> list[Row]:
    """Rows (with company_id) of the user's company first, then those of none, then, unless `own`, those of other companies.

    Odoo shows a user the records of all his companies, but refuses to mix them in one order.
    """
    if not any(row.get("company_id") for row in rows):
        return list(rows)
    known: list[int] = [*odoo.companies, 0]
    far = len(known)
    places = [known.index(company) if (company := id_of(row["company_id"])) in known else far for row in rows]
    ranked = sorted(zip(places, rows, strict=True), key=itemgetter(0))
    return [row for place, row in ranked if place < far or not own]


def named_id(
    odoo: Odoo, model: str, value: Any, field: str, *, by: Sequence[str] = ("name",), own: bool = False
) -> int:
    """The id of what has this name (or code...), `own`: in the user's company. Numbers are taken as ids.

    Raises MissingReference.
    """
    wanted = str(value.get("name") if isinstance(value, Mapping) else value).strip()

    def ask() -> int:
        leaves: list[Any] = [[name, "=", wanted] for name in by]
        if wanted.isdecimal():
            leaves.append(["id", "=", int(wanted)])
        found = odoo.search_read(model, [*["|"] * (len(leaves) - 1), *leaves], ["id", "company_id"])
        rows = of_companies(odoo, found, own=own)
        if not rows:
            where = " in the company of the connector's user" if found else ""
            raise MissingReference(f"Odoo has no {model} {wanted!r}{where} ({field})", field=field)
        return int(rows[0]["id"])

    return int(odoo.conn.remember(f"odoo {model} {wanted} {own}", ask))


def location_named(odoo: Odoo, value: Any, field: str = "location", *, whole: bool = False) -> int:
    """A stock location by its full name (WH/Stock), name or barcode; or a warehouse by its name or code.

    Of a warehouse it is where the stock lies, or `whole` the place above all of its locations.
    """
    wanted, place = str(value).strip(), "view_location_id" if whole else "lot_stock_id"

    def ask() -> int:
        named = ["|", ["name", "=", wanted], ["code", "=", wanted]]
        if houses := odoo.search_read("stock.warehouse", named, [place, "company_id"]):
            return id_of(of_companies(odoo, houses)[0][place])
        return named_id(odoo, "stock.location", value, field, by=("complete_name", "barcode", "name"))

    return int(odoo.conn.remember(f"odoo {place} {wanted}", ask))


def first_location(odoo: Odoo) -> int:
    """Where the first warehouse, of the user's company if it has one, keeps its stock. Raises MissingReference."""

    def ask() -> int:
        rows = odoo.search_read("stock.warehouse", [], ["lot_stock_id", "company_id"])
        if not rows:
            raise MissingReference("Odoo has no warehouse", field="location")
        return id_of(of_companies(odoo, rows)[0]["lot_stock_id"])

    return int(odoo.conn.remember("odoo first location", ask))


def currency_of_list(odoo: Odoo, code: Any) -> int:
    """A price list in this currency; 0 when none is and the company itself counts in it. Raises MissingReference."""
    wanted = str(code.get("name") if isinstance(code, Mapping) else code).strip().upper()

    def ask() -> int:
        found = odoo.search_read("product.pricelist", [["currency_id.name", "=", wanted]], ["company_id"])
        if rows := of_companies(odoo, found, own=True):
            return int(rows[0]["id"])
        home = [["id", "=", odoo.companies[0]], ["currency_id.name", "=", wanted]]
        if odoo.search_read("res.company", home, ["name"]) and not odoo.fields("sale.order")["pricelist_id"].get(
            "required"
        ):
            return 0
        raise MissingReference(
            f"Odoo has no price list in {wanted}, and an order takes its currency from a price list",
            field="currency_id",
            hint=f"Make a price list in {wanted} in Odoo; the record is then tried again.",
        )

    return int(odoo.conn.remember(f"odoo pricelist in {wanted}", ask))


def field_of(record: Mapping[str, Any], *path: str) -> Any:
    """A value down a path of objects, None where something is missing."""
    value: Any = record
    for name in path:
        value = given(value, name) if isinstance(value, Mapping) else None
    return value
