"""An order as a record, made into the vendor's `OrderCreateOrderInput`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from topstitch.sdk import Connection, RemoteRejected
from topstitch.systems.shopify.addresses import address
from topstitch.systems.shopify.api import Json, shop
from topstitch.systems.shopify.convert import (
    at,
    choice,
    first,
    flag,
    given,
    money,
    rows,
    text,
    when,
    whole,
    words,
)
from topstitch.systems.shopify.lookups import sku_of, the_variant
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.push import metafields_for

PAID = ("AUTHORIZED", "EXPIRED", "PAID", "PARTIALLY_PAID", "PARTIALLY_REFUNDED", "PENDING", "REFUNDED", "VOIDED")
_KINDS = ("AUTHORIZATION", "CAPTURE", "CHANGE", "EMV_AUTHORIZATION", "REFUND", "SALE", "SUGGESTED_REFUND", "VOID")
_STATES = ("AWAITING_RESPONSE", "ERROR", "FAILURE", "PENDING", "SUCCESS", "UNKNOWN")
#: Where a line's price may be: as it is written, and as it is read.
EMAIL = ("email", "customer.email", "customer.defaultEmailAddress.emailAddress")
PHONE = ("customer.phone", "customer.defaultPhoneNumber.phoneNumber")
LINE_PRICE = ("price", "originalUnitPriceSet.shopMoney.amount")


def skus_of(record: Json) -> list[str]:
    """The SKUs whose variants an order needs."""
    return [sku for line in rows(record, "lineItems") if not line.get("variantId") and (sku := sku_of(line))]


def source_of(record: Json, key: str) -> str:
    """What the order is called where it comes from; stable for ever, and how it is found again."""
    return str(first(record, "sourceIdentifier") or key)


class OrderInput:
    """Builds the input of one order. `variants` are those looked up for its SKUs."""

    def __init__(
        self, conn: Connection, record: Json, variants: Mapping[str, Json | RemoteRejected], options: Mapping[str, Any]
    ) -> None:
        self.conn, self.record, self.variants, self.options = conn, record, variants, options
        self.currency = str(first(record, "currencyCode", "currency") or shop(conn).currency).upper()
        self.included = flag(record.get("taxesIncluded") or False, "taxesIncluded")

    def build(self, source: str) -> Json:
        """The whole input; `source` becomes its source identifier."""
        record = self.record
        lines = [self._line(line, f"lineItems[{place}]") for place, line in enumerate(rows(record, "lineItems"))]
        if not lines:
            raise RemoteRejected("the order has no lines", field="lineItems")
        taxed = any(line.get("taxLines") for line in lines)
        return given(
            sourceIdentifier=source,
            currency=self.currency,
            taxesIncluded=self.included,
            lineItems=lines,
            shippingLines=self._shipping(),
            taxLines=None if taxed else self._order_taxes(),
            discountCode=self._discount(),
            transactions=self._transactions(),
            financialStatus=self._paid(),
            customer=self._customer(),
            email=text(first(record, *EMAIL), "email"),
            shippingAddress=self._ship_to(),
            billingAddress=self._address("billingAddress"),
            **self._plain(),
        )

    def _plain(self) -> Json:
        record = self.record
        named = self.options.get("order_name") == "source" and at(record, "name")
        stamp = at(record, "processedAt")
        return given(
            name=text(at(record, "name"), "name") if named else None,
            note=text(at(record, "note"), "note"),
            phone=text(at(record, "phone"), "phone"),
            poNumber=text(at(record, "poNumber"), "poNumber"),
            sourceName=self.options.get("source_name") or None,
            tags=words(record["tags"], "tags") if record.get("tags") else None,
            test=flag(record["test"], "test") if record.get("test") is not None else None,
            processedAt=when(stamp, "processedAt") if stamp else None,
            customAttributes=attributes(record),
            metafields=metafields_for(self.conn, "Order", record) or None,
        )

    def _bag(self, amount: Any, field: str) -> Json:
        return {"shopMoney": {"amount": money(amount, field), "currencyCode": self.currency}}

    def _line(self, line: Json, field: str) -> Json:
        variant = self._variant(line, field)
        price = first(line, *LINE_PRICE)
        title = text(first(line, "title", "name"), f"{field}.title")
        if variant is None and not title:
            raise RemoteRejected(f"{field} has neither a SKU nor a title", field=f"{field}.sku")
        if line.get("quantity") is None:
            raise RemoteRejected(f"{field} has no quantity", field=f"{field}.quantity")
        return given(
            variantId=variant,
            sku=sku_of(line),
            # A title of its own would hide the variant's.
            title=None if variant else title,
            quantity=whole(line["quantity"], f"{field}.quantity"),
            priceSet=None if price is None else self._bag(price, f"{field}.price"),
            # The vendor's default is "no", and then nobody is asked to send the goods.
            requiresShipping=flag(
                line["requiresShipping"] if line.get("requiresShipping") is not None else True, field
            ),
            taxable=flag(line["taxable"], f"{field}.taxable") if line.get("taxable") is not None else None,
            taxLines=self._line_taxes(line, field),
            properties=[{"name": each["key"], "value": each["value"]} for each in attributes(line) or []] or None,
        )

    def _variant(self, line: Json, field: str) -> str | None:
        if line.get("variantId"):
            return gid("ProductVariant", line["variantId"])
        sku = sku_of(line)
        if sku is None:
            return None
        found = self.variants[sku]
        if isinstance(found, RemoteRejected) and self.options.get("unknown_sku") == "custom_line":
            return None
        return str(the_variant(self.variants, sku)["id"])

    def _line_taxes(self, line: Json, field: str) -> list[Json] | None:
        taxes = rows(line, "taxLines")
        if taxes:
            return [self._tax(each, f"{field}.taxLines") for each in taxes]
        amount, rate = at(line, "tax"), at(line, "taxRate")
        if amount is None:
            return None
        if rate is None:
            price, quantity = first(line, *LINE_PRICE), line.get("quantity") or 1
            rate = self._rate(Decimal(money(amount, field)), Decimal(money(price or 0, field)) * whole(quantity, field))
        return [self._tax({"rate": rate, "price": amount}, field)]

    def _rate(self, tax: Decimal, total: Decimal) -> Decimal:
        """The rate that makes this tax of this total, to a hundredth of a percent."""
        net = total - tax if self.included else total
        return (tax / net).quantize(Decimal("0.0001")) if net > 0 else Decimal(0)

    def _tax(self, tax: Json, field: str) -> Json:
        amount = first(tax, "price", "priceSet.shopMoney.amount")
        return given(
            title=text(tax.get("title"), field) or "Tax",
            rate=money(tax.get("rate") or 0, f"{field}.rate"),
            priceSet=None if amount is None else self._bag(amount, f"{field}.price"),
        )

    def _order_taxes(self) -> list[Json] | None:
        taxes, amount = rows(self.record, "taxLines"), at(self.record, "totalTax")
        if taxes or amount is None:
            return [self._tax(each, "taxLines") for each in taxes] or None
        total = at(self.record, "totalPrice")
        rate = self._rate(Decimal(money(amount, "totalTax")), Decimal(money(total or 0, "totalPrice")))
        return [self._tax({"rate": rate, "price": amount}, "totalTax")]

    def _shipping(self) -> list[Json] | None:
        made = []
        for place, line in enumerate(rows(self.record, "shippingLines")):
            field = f"shippingLines[{place}]"
            price = first(line, "price", "discountedPriceSet.shopMoney.amount", "originalPriceSet.shopMoney.amount")
            title, code = text(line.get("title"), field), text(line.get("code"), field)
            made.append(
                given(
                    title=title or code or "Shipping",
                    code=code,
                    priceSet=self._bag(price or 0, f"{field}.price"),
                    taxLines=[self._tax(tax, field) for tax in rows(line, "taxLines")] or None,
                )
            )
        return made or None

    def _discount(self) -> Json | None:
        """The one discount code an order can have: for a fixed amount, which takes in what the lines were reduced by."""
        code = first(self.record, "discountCode") or next(iter(self.record.get("discountCodes") or []), None)
        amount = first(self.record, "discountAmount", "totalDiscountsSet.shopMoney.amount")
        if amount is None:
            parts = [at(line, "discount") for line in rows(self.record, "lineItems")]
            amount = sum((Decimal(money(part, "discount")) for part in parts if part is not None), Decimal(0))
        size = abs(Decimal(money(amount, "discountAmount")))
        if not size and not code:
            return None
        return {
            "itemFixedDiscountCode": {"code": str(code or "DISCOUNT"), "amountSet": self._bag(size, "discountAmount")}
        }

    def _transactions(self) -> list[Json] | None:
        made = []
        for place, each in enumerate(rows(self.record, "transactions")):
            field = f"transactions[{place}]"
            amount = first(each, "amount", "amountSet.shopMoney.amount")
            if amount is None:
                raise RemoteRejected(f"{field} has no amount", field=f"{field}.amount")
            made.append(
                given(
                    amountSet=self._bag(amount, f"{field}.amount"),
                    kind=choice(each.get("kind") or "SALE", _KINDS, f"{field}.kind"),
                    status=choice(each.get("status") or "SUCCESS", _STATES, f"{field}.status"),
                    gateway=text(each.get("gateway"), f"{field}.gateway"),
                    processedAt=when(each["processedAt"], field) if each.get("processedAt") else None,
                )
            )
        return made or None

    def _paid(self) -> str | None:
        status = first(self.record, "financialStatus", "displayFinancialStatus") or self.options.get("financial_status")
        return choice(status, PAID, "financialStatus") if status else None

    def _address(self, name: str) -> Json | None:
        return address(self.conn, self.record.get(name), name, self.options)

    def _ship_to(self) -> Json | None:
        made = self._address("shippingAddress")
        phone = first(self.record, *PHONE)
        return {"phone": text(phone, "customer.phone"), **made} if made and phone is not None else made

    def _customer(self) -> Json | None:
        """The customer by id, or made or found by e-mail or else telephone; a name alone would make a new one each time.

        Beside an e-mail the telephone stays out of it: the vendor refuses the order when another customer has the same.
        """
        record = self.record
        if record.get("customerId"):
            return {"toAssociate": {"id": gid("Customer", record["customerId"])}}
        email = first(record, *EMAIL)
        phone = first(record, *PHONE) if email is None else None
        if email is None and phone is None:
            return None
        who = record.get("customer")
        named = who if isinstance(who, dict) else record.get("shippingAddress") or {}
        return {
            "toUpsert": given(
                email=text(email, "customer.email"),
                phone=text(phone, "customer.phone"),
                firstName=text(at(named, "firstName"), "customer.firstName"),
                lastName=text(at(named, "lastName"), "customer.lastName"),
            )
        }


def attributes(record: Json) -> list[Json] | None:
    """Custom attributes as key and value; empty ones are left out."""
    found = []
    for each in rows(record, "customAttributes"):
        key, value = first(each, "key", "name"), at(each, "value")
        if key is not None and value is not None:
            found.append({"key": str(key), "value": str(text(value, f"customAttributes.{key}"))})
    return found or None
