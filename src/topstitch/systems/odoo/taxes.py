"""Taxes of an order's lines: which a line gets, and what its price becomes where those taxes expect another one.

A record says whether its prices include tax; a tax in Odoo says the same of itself (`price_include`). Where the two differ
the price is converted, so that the customer is charged what the record says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topstitch.sdk import MissingReference, Record, RemoteRejected, Setting
from topstitch.systems.odoo.lookups import named_id, of_companies
from topstitch.systems.odoo.shapes import flag, given, id_of, number

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo, Row

OF_PRODUCT, BY_NAME, BY_RATE, NONE = "of the product", "by name", "by rate", "none"
OPTIONS = (
    Setting(
        name="taxes",
        label="Taxes of a line",
        kind="choice",
        choices=[OF_PRODUCT, BY_NAME, BY_RATE, NONE],
        default=OF_PRODUCT,
        help=(
            "Of the product: Odoo's own. By name: tax_id holds names or ids of taxes in Odoo. By rate: the sales tax with the "
            "rate of tax_rate. Where the order says whether its prices include tax and the taxes expect the other kind, prices "
            "are converted and rounded to Odoo's decimals: to be exact, give products taxes included in the price as in the shop."
        ),
    ),
    Setting(
        name="prices_include_tax",
        label="Prices include tax",
        kind="boolean",
        default=False,
        help="Only with taxes by rate, for orders that do not say so themselves: choose taxes that are included in the price.",
        when={"taxes": [BY_RATE]},
    ),
)
FIELDS = ("name", "amount", "amount_type", "price_include", "include_base_amount", "children_tax_ids", "company_id")


def include_tax(record: Record) -> bool | None:
    """Whether the prices of an order include tax; None when it does not say."""
    said = given(record, "prices_include_tax")
    return None if said is None else flag(said, "prices_include_tax")


class Taxes:
    """The taxes of one Odoo; rows read once are kept as long as the connection."""

    def __init__(self, odoo: Odoo, options: Mapping[str, Any]) -> None:
        self._odoo, self._options = odoo, options
        self._known: dict[int, Row] = odoo.conn.remember("odoo taxes", dict)

    def chosen(self, line: Mapping[str, Any], place: str, included: bool | None) -> list[int] | None:
        """The taxes a line is to have; None leaves them to Odoo, which takes the product's."""
        how = self._options.get("taxes") or OF_PRODUCT
        if how == NONE:
            return []
        if how == BY_NAME and line.get("tax_id") is not None:
            named = line["tax_id"] if isinstance(line["tax_id"], list) else [line["tax_id"]]
            return [
                each
                if isinstance(each, int)
                else named_id(self._odoo, "account.tax", each, f"{place}.tax_id", own=True)
                for each in named
            ]
        if how == BY_RATE and given(line, "tax_rate") is not None:
            return [self._by_rate(number(line["tax_rate"], f"{place}.tax_rate"), included, place)]
        return None

    def _by_rate(self, rate: float, included: bool | None, place: str) -> int:
        """The first sales tax of this rate (0.2 is 20 %): of the kind the order or else the option says.

        An order's own word allows the other kind where there is only that: its prices can be converted.
        """
        percent = round(rate * 100, 4)
        wanted = bool(self._options.get("prices_include_tax")) if included is None else included
        domain = [["type_tax_use", "=", "sale"], ["amount_type", "=", "percent"], ["amount", "=", percent]]

        def ask() -> list[tuple[int, bool]]:
            rows = of_companies(self._odoo, self._odoo.search_read("account.tax", domain, FIELDS), own=True)
            self._known.update({row["id"]: row for row in rows})
            return [(int(row["id"]), bool(row["price_include"])) for row in rows]

        found: list[tuple[int, bool]] = self._odoo.conn.remember(f"odoo taxes of {percent}", ask)
        fitting = [id for id, inside in found if inside is wanted]
        if not fitting and included is not None:
            fitting = [id for id, _ in found]
        if not fitting:
            how = "" if included is not None else " included in the price" if wanted else " on top of the price"
            raise MissingReference(f"Odoo has no sales tax of {percent:g} %{how}", field=f"{place}.tax_rate")
        return fitting[0]

    def factor(self, ids: Sequence[int], included: bool | None, place: str) -> float:
        """What a record's price is multiplied by, so that these taxes make of it what the record charges.

        Raises RemoteRejected where a tax that stands in the way is no plain percentage.
        """
        if included is None:
            return 1.0
        taxes = [tax for tax in self._of_one_company(self._rows(ids)) if tax["amount"]]
        if all(bool(tax["price_include"]) is included for tax in taxes):
            return 1.0
        for tax in taxes:
            if tax["amount_type"] != "percent" or (len(taxes) > 1 and tax.get("include_base_amount")):
                raise _not_plain(tax, included, place)
        inside = 1 + sum(tax["amount"] for tax in taxes if tax["price_include"]) / 100
        on_top = sum(tax["amount"] for tax in taxes if not tax["price_include"]) / 100
        return float(inside / (inside + on_top) if included else inside)

    def may_change(self, ids: Sequence[int]) -> bool:
        """Whether Odoo may give a line other taxes than its product's: by a fiscal position, or by its company."""
        return self._has_positions() or len({id_of(tax.get("company_id")) for tax in self._rows(ids)}) > 1

    def _has_positions(self) -> bool:
        def ask() -> bool:
            try:
                return bool(self._odoo.search_read("account.fiscal.position", [], ["id"], limit=1))
            except RemoteRejected:
                # A user who may not look: there may be some.
                return True

        return bool(self._odoo.conn.remember("odoo fiscal positions", ask))

    def learn(self, ids: Iterable[int]) -> None:
        """Read the taxes with these ids that are not known yet, in one call."""
        if missing := set(ids) - set(self._known):
            rows = self._odoo.by_ids("account.tax", missing, FIELDS)
            # What this user may not see does not count for his orders either.
            self._known.update({id: {} for id in missing} | {row["id"]: row for row in rows})

    def _rows(self, ids: Sequence[int]) -> list[Row]:
        """The taxes themselves; a group is what it is made of."""
        self.learn(ids)
        found: list[Row] = []
        for tax in (self._known[id] for id in ids):
            children = tax.get("children_tax_ids") if tax.get("amount_type") == "group" else None
            found += self._rows(children) if children else [tax] if tax else []
        return found

    def _of_one_company(self, taxes: Sequence[Row]) -> list[Row]:
        """A product of several companies has the taxes of each; an order takes those of its own, the user's."""
        usable = of_companies(self._odoo, taxes, own=True)
        return [tax for tax in usable if id_of(tax.get("company_id")) == id_of(usable[0].get("company_id"))]


def _not_plain(tax: Row, included: bool, place: str) -> RemoteRejected:
    says = "include tax" if included else "are without tax"
    return RemoteRejected(
        f"{place}: the order's prices {says}, but its taxes in Odoo expect other prices, and with the tax {tax['name']!r}, "
        "which is no plain percentage, those cannot be worked out",
        field=f"{place}.price_unit",
        key="tax",
        hint=f"Give the product taxes in Odoo that are {'included in' if included else 'on top of'} the price, "
        "or percentages only; or choose other taxes in the service's option.",
    )
