"""The two bulk mutations on the variants of one product, with a verdict for each variant."""

from __future__ import annotations

from collections.abc import Sequence

from topstitch.sdk import Connection, MissingReference, RemoteRejected, TopstitchError, Verdict
from topstitch.systems.shopify.api import Json, first_error, mutate, user_errors
from topstitch.systems.shopify.push import Together

AT_ONCE = 250
_UPDATE = (
    "mutation Update($productId: ID!, $variants: [ProductVariantsBulkInput!]!) { "
    "productVariantsBulkUpdate(productId: $productId, variants: $variants, allowPartialUpdates: true) "
    "{ productVariants { id } userErrors { field message code } } }"
)
_CREATE = (
    "mutation Create($productId: ID!, $variants: [ProductVariantsBulkInput!]!, "
    "$strategy: ProductVariantsBulkCreateStrategy) { productVariantsBulkCreate(productId: $productId, "
    "variants: $variants, strategy: $strategy) { productVariants { id } userErrors { field message code } } }"
)


def update_variants(conn: Connection, product: str, variants: Sequence[Json]) -> list[Verdict]:
    """Update variants of one product, each by its `id`; those that are right are kept whatever the others are."""
    verdicts: list[Verdict] = []
    for start in range(0, len(variants), AT_ONCE):
        verdicts += _update(conn, product, list(variants[start : start + AT_ONCE]))
    return verdicts


def _update(conn: Connection, product: str, variants: list[Json]) -> list[Verdict]:
    if not product:
        missing = [MissingReference(f"Shopify has no variant {each['id']}", field="variant.id") for each in variants]
        return [Verdict.of(error) for error in missing]
    try:
        payload = mutate(conn, _UPDATE, {"productId": product, "variants": variants}, repeatable=True)
    except RemoteRejected as error:
        if len(variants) == 1:
            return [Verdict.of(error)]
        # The call as a whole was refused for what one of them holds: find out whose it is by halves.
        middle = len(variants) // 2
        return _update(conn, product, variants[:middle]) + _update(conn, product, variants[middle:])
    except TopstitchError as error:
        return [Verdict.of(error)] * len(variants)
    errors = user_errors(payload)
    bad = {place: each.error(drop=2) for each in errors if (place := each.place("variants")) is not None}
    if errors and not bad:
        return [Verdict.of(first_error(errors))] * len(variants)
    return [
        Verdict.of(bad[place]) if place in bad else Verdict.updated(each["id"]) for place, each in enumerate(variants)
    ]


def create_variants(conn: Connection, product: str, variants: Sequence[Json], *, first: bool = False) -> list[Verdict]:
    """Add variants to a product. `first`: the variant that every new product is born with makes room for them."""

    def send(part: list[Json]) -> Json:
        strategy = "REMOVE_STANDALONE_VARIANT" if first and part[0] is variants[0] else "DEFAULT"
        return mutate(conn, _CREATE, {"productId": product, "variants": part, "strategy": strategy})

    verdicts: list[Verdict] = []
    for start in range(0, len(variants), AT_ONCE):
        together = Together(
            send, ("variants",), lambda _, payload, i: Verdict.created(payload["productVariants"][i]["id"])
        )
        verdicts += together.run(variants[start : start + AT_ONCE])
    return verdicts
