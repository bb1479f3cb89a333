"""Contacts, products and price lists of the practice Odoo."""

from __future__ import annotations

from typing import Any

from topstitch.systems.odoo.erp.env import Doc, Env
from topstitch.systems.odoo.erp.faults import AccessError, UserError, ValidationError
from topstitch.systems.odoo.erp.registry import CONSTRAINTS, CREATE, INVERSE, PREPARE, computed, method

STORED_ON_TEMPLATE = (
    "name",
    "type",
    "categ_id",
    "uom_id",
    "uom_po_id",
    "description_sale",
    "taxes_id",
    "sale_ok",
    "list_price",
)


@computed("res.partner", "display_name")
def partner_name(env: Env, doc: Doc) -> str:
    """A delivery address is shown behind the name of the contact it belongs to."""
    own = doc.get("name") or ""
    parent = env.get("res.partner", doc.get("parent_id"))
    if parent:
        return f"{parent.get('name')}, {own or str(doc.get('type')).capitalize() + ' Address'}"
    return own


@computed("res.country.state", "display_name")
def state_name(env: Env, doc: Doc) -> str:
    """`Nottinghamshire (GB)`."""
    country = env.get("res.country", doc["country_id"]) or {}
    return f"{doc['name']} ({country.get('code')})"


@computed("res.company", "parent_ids")
def companies_above(env: Env, doc: Doc) -> list[int]:
    """The root first, the company itself last."""
    parent = env.get("res.company", doc.get("parent_id"))
    return [*(companies_above(env, parent) if parent else []), int(doc["id"])]


@computed("res.partner", "property_product_pricelist")
def pricelist_of(env: Env, _: Doc) -> int | None:
    """The first price list."""
    lists = env.docs("product.pricelist")
    return lists[0]["id"] if lists else None


def check_partner(env: Env, doc: Doc) -> None:
    """A contact needs a name; other addresses do not."""
    if doc.get("type") == "contact" and not doc.get("name"):
        raise ValidationError("res_partner_check_name")


CONSTRAINTS["res.partner"] = check_partner


@computed("product.product", "display_name")
def variant_name(env: Env, doc: Doc) -> str:
    """`[SKU-1] Mug (Blue)`."""
    template = env.get("product.template", doc["product_tmpl_id"]) or {}
    options = [env.name_of("product.template.attribute.value", each) for each in _options(doc)]
    name = f"{template.get('name')} ({', '.join(options)})" if options else str(template.get("name"))
    return f"[{doc['default_code']}] {name}" if doc.get("default_code") else name


def _options(doc: Doc) -> list[int]:
    return doc.get("product_template_attribute_value_ids") or []


@computed("product.template", "display_name")
def template_name(env: Env, doc: Doc) -> str:
    """`[SKU-1] Mug` where there is one variant."""
    code = _of_only_variant("default_code")(env, doc)
    return f"[{code}] {doc['name']}" if code else str(doc["name"])


def variants_of(env: Env, template: int) -> list[Doc]:
    """A template's variants."""
    return [doc for doc in env.docs("product.product") if doc["product_tmpl_id"] == template]


def _of_template(field: str) -> Any:
    def value(env: Env, doc: Doc) -> Any:
        return (env.get("product.template", doc["product_tmpl_id"]) or {}).get(field)

    return value


def _to_template(field: str) -> Any:
    def write(env: Env, doc: Doc, value: Any) -> None:
        env.write("product.template", [doc["product_tmpl_id"]], {field: value})

    return write


for _field in STORED_ON_TEMPLATE:
    computed("product.product", _field)(_of_template(_field))
    INVERSE["product.product", _field] = _to_template(_field)
for _field in ("detailed_type", "is_storable"):
    computed("product.product", _field)(_of_template(_field))
    INVERSE["product.product", _field] = _to_template(_field)


@computed("product.product", "lst_price")
def sales_price(env: Env, doc: Doc) -> float:
    """The template's price and what the options add."""
    extra = sum(
        (env.get("product.template.attribute.value", each) or {}).get("price_extra") or 0 for each in _options(doc)
    )
    return float(_of_template("list_price")(env, doc) or 0) + float(extra)


def write_sales_price(env: Env, doc: Doc, value: Any) -> None:
    """A variant's price lands in the template, so its siblings change too."""
    extra = sales_price(env, doc) - float(_of_template("list_price")(env, doc) or 0)
    env.write("product.template", [doc["product_tmpl_id"]], {"list_price": float(value) - extra})


INVERSE["product.product", "lst_price"] = write_sales_price


def _of_only_variant(field: str) -> Any:
    def value(env: Env, doc: Doc) -> Any:
        variants = variants_of(env, doc["id"])
        return variants[0].get(field) if len(variants) == 1 else None

    return value


def _to_only_variant(field: str) -> Any:
    def write(env: Env, doc: Doc, value: Any) -> None:
        variants = variants_of(env, doc["id"])
        if len(variants) == 1:
            env.write("product.product", [variants[0]["id"]], {field: value})

    return write


for _field in ("default_code", "barcode", "standard_price"):
    computed("product.template", _field)(_of_only_variant(_field))
    INVERSE["product.template", _field] = _to_only_variant(_field)


@computed("product.template", "product_variant_id")
def first_variant(env: Env, doc: Doc) -> int | None:
    """The first variant."""
    return next((variant["id"] for variant in variants_of(env, doc["id"])), None)


@computed("product.template", "product_variant_count")
def variant_count(env: Env, doc: Doc) -> int:
    """How many variants there are."""
    return len(variants_of(env, doc["id"]))


def prepare_template(env: Env, given: Doc) -> Doc:
    """Defaults: the first category, unit and sales tax; `type` follows `detailed_type` where that exists."""
    if "detailed_type" in given:
        given.setdefault("type", given["detailed_type"])
    unit = env.docs("uom.uom")[0]["id"]
    taxes = [doc["id"] for doc in env.docs("account.tax") if doc["type_tax_use"] == "sale"][:1]
    defaults: Doc = {"categ_id": env.docs("product.category")[0]["id"], "uom_id": unit, "taxes_id": [[6, 0, taxes]]}
    if "uom_po_id" in env.columns("product.template"):
        defaults["uom_po_id"] = unit
    return defaults | given


PREPARE["product.template"] = prepare_template


def create_template(env: Env, given: Doc) -> int:
    """A template comes with one variant, which takes SKU, barcode and cost."""
    own: Doc = {name: given.pop(name) for name in ("default_code", "barcode", "standard_price") if name in given}
    id = env.insert("product.template", given)
    if env.context.get("create_product_product") is not False:
        weight = given.get("weight") or 0.0
        env.insert("product.product", {"product_tmpl_id": id, "weight": weight, **own})
    return id


CREATE["product.template"] = create_template


def create_variant(env: Env, given: Doc) -> int:
    """A variant without a template makes one."""
    if "product_tmpl_id" not in given:
        shared = {k: given.pop(k) for k in list(given) if k in env.columns("product.template") and k not in OWN}
        if "lst_price" in given:
            shared["list_price"] = given.pop("lst_price")
        given["product_tmpl_id"] = env.having(create_product_product=False).create("product.template", shared)
    return env.insert("product.product", given)


OWN = ("default_code", "barcode", "standard_price", "active", "weight")
CREATE["product.product"] = create_variant


def check_variant(env: Env, doc: Doc) -> None:
    """A barcode is unique; a SKU is not."""
    code = doc.get("barcode")
    if code and any(each.get("barcode") == code and each["id"] != doc["id"] for each in env.docs("product.product")):
        raise ValidationError("product_product_barcode_uniq")


CONSTRAINTS["product.product"] = check_variant


@computed("product.pricelist.item", "currency_id")
def item_currency(env: Env, doc: Doc) -> Any:
    """That of its list."""
    return (env.get("product.pricelist", doc["pricelist_id"]) or {}).get("currency_id")


@computed("product.pricelist.item", "active")
def item_active(env: Env, doc: Doc) -> bool:
    """That of its list."""
    return bool((env.get("product.pricelist", doc["pricelist_id"]) or {}).get("active"))


@method("res.users")
def context_get(env: Env, ids: list[int]) -> Doc:
    """The user's own settings."""
    return {"lang": "en_US", "tz": "Europe/London", "uid": env.uid}


@method("res.users.apikeys")
def generate(env: Env, ids: list[int], key: str, scope: Any, name: str, expiration_date: str) -> str:
    """A new key for the owner of an existing one."""
    keys = env.docs("res.users.apikeys")
    if not any(doc["key"] == key for doc in keys):
        raise AccessError("The provided API key is invalid or does not belong to the current user.")
    if len(keys) >= 10:
        raise UserError("Limit of 10 API keys is reached")
    made = f"renewed-key-{env.store.next_id('apikey')}"
    env.insert("res.users.apikeys", {"name": name, "key": made, "expiration_date": f"{expiration_date[:10]} 00:00:00"})
    return made


@method("res.users.apikeys")
def revoke(env: Env, ids: list[int], key: str) -> None:
    """Take a key back."""
    found = [doc["id"] for doc in env.docs("res.users.apikeys") if doc["key"] == key]
    if not found:
        raise AccessError("The provided API key is invalid.")
    env.unlink("res.users.apikeys", found)
