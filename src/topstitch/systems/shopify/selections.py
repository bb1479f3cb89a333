"""What is asked of each kind of record, as GraphQL text. Lists inside records are read to their end by `paging`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topstitch.systems.shopify.paging import inner

MONEY = "{ shopMoney { amount currencyCode } }"
TAXES = "taxLines { title rate priceSet { shopMoney { amount } } }"
ADDRESS = (
    "{ name firstName lastName company address1 address2 city province provinceCode zip country countryCodeV2 phone }"
)
METAFIELD = "id namespace key type value"
ORDER_HEAD = "id legacyResourceId name email sourceIdentifier currencyCode updatedAt customer { id }"

_LINE = (
    "id sku name title variantTitle vendor quantity currentQuantity unfulfilledQuantity refundableQuantity "
    f"requiresShipping taxable originalUnitPriceSet {MONEY} discountedUnitPriceAfterAllDiscountsSet {MONEY} "
    f"discountAllocations {{ allocatedAmountSet {MONEY} }} {TAXES} customAttributes {{ key value }} "
    "variant { id barcode } product { id }"
)
_ORDER = (
    "id legacyResourceId name number createdAt updatedAt processedAt cancelledAt cancelReason closedAt test note tags "
    "email phone poNumber sourceName sourceIdentifier currencyCode presentmentCurrencyCode taxesIncluded "
    "displayFinancialStatus displayFulfillmentStatus discountCodes paymentGatewayNames customAttributes { key value } "
    "totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } } "
    + "".join(
        f"{name} {MONEY} "
        for name in (
            "subtotalPriceSet",
            "totalTaxSet",
            "totalDiscountsSet",
            "totalShippingPriceSet",
            "totalRefundedSet",
            "currentTotalPriceSet",
        )
    )
    + "customer { id firstName lastName defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } } "
    f"shippingAddress {ADDRESS} billingAddress {ADDRESS} {TAXES} "
    "transactions { id kind status gateway processedAt amountSet { shopMoney { amount currencyCode } } "
    "parentTransaction { id } } "
)
_SHIPPING_LINE = f"id title code source originalPriceSet {MONEY} discountedPriceSet {MONEY} {TAXES}"


def metafields(kind: str, options: Mapping[str, Any]) -> str:
    """The metafields of a record, unless the service does without them."""
    return inner(kind, "metafields", METAFIELD, 20) if options.get("metafields", True) else ""


def order(options: Mapping[str, Any]) -> str:
    """An order with its lines and shipping lines."""
    lists = (inner("Order", "lineItems", _LINE, 20), inner("Order", "shippingLines", _SHIPPING_LINE, 3))
    return " ".join((_ORDER, *lists, metafields("Order", options)))


def refund(options: Mapping[str, Any]) -> str:
    """A refund with its lines and transactions."""
    lines = (
        f"id quantity restockType restocked priceSet {MONEY} subtotalSet {MONEY} totalTaxSet {MONEY} location {{ id name }} "
        "lineItem { id sku name }"
    )
    shipping = f"id subtotalAmountSet {MONEY} taxAmountSet {MONEY}"
    return " ".join(
        (
            f"id legacyResourceId createdAt updatedAt note totalRefundedSet {MONEY}",
            inner("Refund", "refundLineItems", lines, 20),
            inner("Refund", "refundShippingLines", shipping, 3),
            inner("Refund", "transactions", f"id kind status gateway amountSet {MONEY}", 5),
        )
    )


def a_return(options: Mapping[str, Any]) -> str:
    """A return with its lines."""
    lines = (
        "id quantity processedQuantity refundedQuantity returnReason returnReasonNote customerNote "
        "... on ReturnLineItem { fulfillmentLineItem { id lineItem { id sku name } } }"
    )
    return f"id name status totalQuantity createdAt closedAt {inner('Return', 'returnLineItems', lines, 20)}"


def fulfilment(options: Mapping[str, Any]) -> str:
    """A fulfilment with its tracking and lines."""
    lines = "id quantity lineItem { id sku name quantity }"
    return (
        "id legacyResourceId name status displayStatus createdAt updatedAt deliveredAt totalQuantity "
        "trackingInfo { company number url } location { id name } "
        + inner("Fulfillment", "fulfillmentLineItems", lines, 20)
    )


def fulfilment_order(options: Mapping[str, Any]) -> str:
    """A fulfilment order: what one location is to send of one order."""
    lines = (
        "id totalQuantity remainingQuantity sku productTitle variantTitle requiresShipping "
        "lineItem { id } variant { id barcode }"
    )
    return (
        "id status requestStatus createdAt updatedAt fulfillAt fulfillBy orderId orderName "
        "assignedLocation { name location { id } } deliveryMethod { methodType serviceCode } "
        "destination { firstName lastName company address1 address2 city province zip countryCode email phone } "
        "supportedActions { action } " + inner("FulfillmentOrder", "lineItems", lines, 20)
    )


_VARIANT = (
    "id legacyResourceId title displayName sku barcode price compareAtPrice position taxable inventoryPolicy "
    "inventoryQuantity createdAt updatedAt selectedOptions { name value } "
    "inventoryItem { id tracked requiresShipping countryCodeOfOrigin harmonizedSystemCode "
    "unitCost { amount currencyCode } measurement { weight { value unit } } }"
)


def variant(options: Mapping[str, Any]) -> str:
    """A variant with the head of its product."""
    head = "product { id title handle status vendor productType }"
    return f"{_VARIANT} {head} {metafields('ProductVariant', options)}"


def product(options: Mapping[str, Any]) -> str:
    """A product with its options, variants and images."""
    media = "id alt mediaContentType ... on MediaImage { image { url } }"
    return " ".join(
        (
            "id legacyResourceId title handle descriptionHtml vendor productType status tags createdAt updatedAt publishedAt "
            "totalInventory onlineStoreUrl category { id name fullName } options { id name position values }",
            inner("Product", "variants", _VARIANT, 20),
            inner("Product", "media", media, 5),
            metafields("Product", options),
        )
    )


def customer(options: Mapping[str, Any]) -> str:
    """A customer with all addresses."""
    return " ".join(
        (
            "id legacyResourceId firstName lastName displayName note tags state locale taxExempt verifiedEmail numberOfOrders "
            "amountSpent { amount currencyCode } createdAt updatedAt "
            "defaultEmailAddress { emailAddress marketingState } defaultPhoneNumber { phoneNumber } "
            f"defaultAddress {ADDRESS}",
            inner("Customer", "addressesV2", f"id {ADDRESS[2:-2]}", 5),
            metafields("Customer", options),
        )
    )


def location(options: Mapping[str, Any]) -> str:
    """A location."""
    return (
        "id legacyResourceId name isActive fulfillsOnlineOrders shipsInventory createdAt updatedAt "
        "address { address1 address2 city province provinceCode zip country countryCode phone }"
    )


LEVEL = 'id updatedAt quantities(names: ["available", "on_hand", "committed", "incoming"]) { name quantity }'
STOCK_ITEM = "id sku tracked variant { id barcode displayName product { id title } }"


def stock(options: Mapping[str, Any]) -> str:
    """A variant with its stock at each location, for reading all stock in the order of variants."""
    levels = inner("InventoryItem", "inventoryLevels", f"{LEVEL} location {{ id name }}", 10)
    return f"id sku barcode displayName product {{ id title }} inventoryItem {{ id sku tracked {levels} }}"
