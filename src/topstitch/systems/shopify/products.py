"""Writing products: made or updated by id, custom id, handle or SKU, in one `productSet` or step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.sdk import (
    Connection,
    Idempotency,
    MissingReference,
    Outcome,
    Outgoing,
    RemoteRejected,
    Setting,
    Verdict,
    Write,
    one_by_one,
)
from topstitch.systems.shopify.api import Json, mutate, raise_user_errors
from topstitch.systems.shopify.convert import TARGET, at, custom_id, first, given, rows
from topstitch.systems.shopify.images import Image, Images, new_file
from topstitch.systems.shopify.live import written_fields
from topstitch.systems.shopify.lookups import forget_skus, sku_of, variants_by_sku
from topstitch.systems.shopify.metafields import set_on
from topstitch.systems.shopify.names import gid
from topstitch.systems.shopify.product_input import (
    Variants,
    derived_handle,
    images_of,
    is_flat,
    plain,
    skus_of,
    variants_of,
)
from topstitch.systems.shopify.variant_bulk import create_variants, update_variants
from topstitch.systems.shopify.variant_input import variant_input
from topstitch.systems.shopify.variants import product_by

_SET = (
    "mutation Set($identifier: ProductSetIdentifiers, $input: ProductSetInput!) { "
    "productSet(identifier: $identifier, input: $input, synchronous: true) "
    "{ product { id } userErrors { field message code } } }"
)
_CREATE = (
    "mutation Create($product: ProductCreateInput!, $media: [CreateMediaInput!]) { "
    "productCreate(product: $product, media: $media) { product { id } userErrors { field message } } }"
)
_UPDATE = (
    "mutation Update($product: ProductUpdateInput!, $media: [CreateMediaInput!]) { "
    "productUpdate(product: $product, media: $media) { product { id } userErrors { field message } } }"
)

OPTIONS = (
    Setting(
        name="method",
        label="How products are written",
        kind="choice",
        choices=("set", "create_update"),
        default="set",
        help="In one call that sets everything, or step by step: the product, then its variants.",
        advanced=True,
    ),
    Setting(
        name="other_variants",
        label="Variants that the record does not list",
        kind="choice",
        choices=("keep", "delete"),
        default="keep",
        help="Shopify deletes them unless they are sent again, which Keep does.",
    ),
    Setting(
        name="images",
        label="Images",
        kind="choice",
        choices=("new_products", "always", "never"),
        default="new_products",
        help="Always: known products get the images they lack, told by the names of the files. Images that the record does "
        "not list are taken off a product that is written in one call, and stay on one that is written step by step.",
    ),
    Setting(
        name="custom_id",
        label="Metafield that identifies products",
        fixed=True,
        help="Namespace and key with a dot between, as in custom.erp_id, whose definition has unique values. "
        "Empty: products are found by handle, or by SKU where none is mapped.",
    ),
    Setting(
        name="default_location", label="Location of the first stock", help="Name or number; for new variants only."
    ),
)


def push(conn: Connection, batch: Sequence[Outgoing], options: Mapping[str, Any]) -> list[Verdict]:
    """`Write.push` of products."""
    unnamed = [each.record for each in batch if not at(each.record, "handle") and not first(each.record, *TARGET)]
    skus = variants_by_sku(conn, [sku for record in unnamed for sku in skus_of(record)])
    verdicts = one_by_one(batch, lambda outgoing: _Product(conn, outgoing, skus, options).write())
    forget_skus(conn)
    return verdicts


class _Product:
    """One product on its way."""

    def __init__(
        self,
        conn: Connection,
        outgoing: Outgoing,
        skus: Mapping[str, Json | RemoteRejected],
        options: Mapping[str, Any],
    ) -> None:
        self.conn, self.record, self.options = conn, outgoing.record, options
        self.identifier = self._identifier(outgoing.remote_id, skus)
        self.known = product_by(conn, self.identifier)
        if not self.known and "id" in self.identifier:
            if first(self.record, *TARGET):
                raise MissingReference(f"Shopify has no product {self.identifier['id']}", field="id")
            # What was written once has been deleted in the shop: it is written anew.
            self.identifier = self._identifier("", skus)
            self.known = product_by(conn, self.identifier)

    def _identifier(self, remote_id: str, skus: Mapping[str, Json | RemoteRejected]) -> Json:
        known = first(self.record, *TARGET) or remote_id
        if known:
            return {"id": gid("Product", known)}
        if self.options.get("custom_id"):
            return {"customId": custom_id(self.record, self.options["custom_id"])}
        if at(self.record, "handle"):
            return {"handle": str(self.record["handle"])}
        owners = {row["product"]["id"] for sku in skus_of(self.record) if isinstance(row := skus.get(sku), dict)}
        if len(owners) > 1:
            raise RemoteRejected(
                "the SKUs of the record belong to several products in Shopify", field="sku", key="ambiguous"
            )
        return {"id": owners.pop()} if owners else {"handle": derived_handle(self.record)}

    def write(self) -> Verdict:
        """Write product, variants, metafields."""
        if self.known and is_flat(self.record) and variants_of(self.record):
            self._only_variant()  # refuses before anything is written
        steps = self._in_steps if self.options.get("method") == "create_update" else self._in_one
        product = steps()
        set_on(self.conn, product, self.record)
        self._variant_metafields(product)
        return Verdict.updated(product) if self.known else Verdict.created(product)

    def _only_variant(self) -> Json:
        """The variant that a record of one variant means; raises when the product has several and none is it."""
        assert self.known
        existing = self.known["variants"]
        sku = sku_of(self.record)
        found = [each for each in existing if sku and each["sku"] == sku] or (existing if len(existing) == 1 else [])
        if len(found) != 1:
            message = f"product {self.known['title']} has {len(existing)} variants, and not one of them has SKU {sku!r}"
            raise RemoteRejected(
                message, field="sku", hint="Write its variants with the entity Variants, or list them all."
            )
        return dict(found[0])

    def _in_one(self) -> str:
        wanted = plain(self.record) | self._files()
        if self.known and is_flat(self.record):
            product = self._set(wanted)
            self._update_flat(product)
            return product
        if variants_of(self.record):
            existing = self.known["variants"] if self.known else []
            variants = Variants(self.conn, self.record, existing, self.options)
            wanted |= variants.for_set(self.options.get("other_variants", "keep") == "keep")
        return self._set(wanted)

    def _files(self) -> Json:
        """The images as `productSet` takes them; none while the shop is busy with some, which nothing can be told of."""
        images = self._images()
        if not images:
            return {}
        there = Images(self.conn, self.known["id"]) if self.known else None
        if there and there.busy:
            return {}
        return {"files": there.files(images) if there else [new_file(image) for image in images]}

    def _media(self) -> list[Json]:
        """The images that are to be added, as `productCreate` and `productUpdate` take them."""
        images = self._images()
        if images and self.known:
            there = Images(self.conn, self.known["id"])
            images = [] if there.busy else there.lacking(images)
        return [given(originalSource=url, alt=alt, mediaContentType="IMAGE") for url, alt in images]

    def _set(self, wanted: Json) -> str:
        identifier = {"id": self.known["id"]} if self.known else self.identifier
        if not self.known and not wanted.get("title"):
            raise RemoteRejected("the product has no title", field="title")
        if not self.known and "handle" in identifier:
            wanted.setdefault("handle", identifier["handle"])
        payload = mutate(self.conn, _SET, {"identifier": identifier, "input": wanted}, repeatable=True)
        return str(raise_user_errors(payload, drop=1)["product"]["id"])

    def _in_steps(self) -> str:
        wanted = plain(self.record)
        existing = self.known["variants"] if self.known else []
        variants = Variants(self.conn, self.record, existing, self.options)
        update, create = variants.for_bulk()
        if self.known:
            changes = {"product": {"id": self.known["id"], **wanted}, "media": self._media()}
            product = str(self._done(_UPDATE, changes))
            if is_flat(self.record):
                self._update_flat(product)
                return product
        else:
            product = self._create(wanted, variants, create)
        verdicts = update_variants(self.conn, product, update) if update else []
        verdicts += create_variants(self.conn, product, create, first=not self.known) if create else []
        _raise_rejection(verdicts)
        return product

    def _create(self, wanted: Json, variants: Variants, create: list[Json]) -> str:
        if "handle" in self.identifier:
            wanted.setdefault("handle", self.identifier["handle"])
        options = variants.product_options(create)
        if [option["name"] for option in options] not in ([], ["Title"]):
            wanted["productOptions"] = options
        return str(self._done(_CREATE, {"product": wanted, "media": self._media()}))

    def _done(self, text: str, values: Json) -> Any:
        return raise_user_errors(mutate(self.conn, text, values), drop=1)["product"]["id"]

    def _update_flat(self, product: str) -> None:
        if variants_of(self.record):
            target = self._only_variant()
            flat = variants_of(self.record)[0]
            _raise_rejection(update_variants(self.conn, product, [{"id": target["id"], **variant_input(flat)}]))

    def _images(self) -> list[Image]:
        """The images of the record, where the service wants them written."""
        wish = self.options.get("images", "new_products")
        wanted = wish == "always" or (wish == "new_products" and not self.known)
        return images_of(self.record) if wanted else []

    def _variant_metafields(self, product: str) -> None:
        """Set the metafields of variants that have some, by SKU, once the variants are there."""
        wanted = [each for each in rows(self.record, "variants") if each.get("metafields")]
        if not wanted:
            return
        fresh = product_by(self.conn, {"id": product}) or {"variants": []}
        ids = {each["sku"]: each["id"] for each in fresh["variants"]}
        for each in wanted:
            if sku_of(each) in ids:
                set_on(self.conn, ids[sku_of(each)], each)


def _raise_rejection(verdicts: Sequence[Verdict]) -> None:
    """The first failure among the variants is the product's: it is written again as a whole."""
    for verdict in verdicts:
        if verdict.outcome not in (Outcome.CREATED, Outcome.UPDATED) and verdict.error:
            raise verdict.error


products = Write(
    push=push,
    idempotency=Idempotency.NATURAL_KEY,
    batch=10,
    concurrency=4,
    options=OPTIONS,
    live_fields=written_fields("products"),
)
