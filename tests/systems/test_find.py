"""Finding records by a field at every system, over real sockets: the right ones, in few requests, whatever is asked for."""

from __future__ import annotations

import pytest

from topstitch.functions.registry import MISSING, NoAnswer
from topstitch.sdk import CATALOGUE, Connection
from topstitch.sdk.find import Finder, Way
from topstitch.systems.sftp import practice as sftp

#: (system, entity, match, give, how it is asked, most requests for 50 values)
CASES = [
    ("odoo", "products", "default_code", "id", Way.MANY, 2),
    ("odoo", "products", "id", "default_code", Way.IDS, 2),
    ("odoo", "customers", "email", "name", Way.MANY, 2),
    ("shopify", "customers", "defaultEmailAddress.emailAddress", "id", Way.MANY, 1),
    ("shopify", "variants", "sku", "product.id", Way.MANY, 1),
    ("shopify", "products", "variants[*].sku", "id", Way.ALL, 3),
    ("shopify", "products", "id", "handle", Way.IDS, 3),
    ("woocommerce", "customers", "email", "id", Way.ALL, 1),
    ("woocommerce", "products", "sku", "id", Way.MANY, 3),
    ("woocommerce", "products", "id", "sku", Way.IDS, 3),
    ("peoplevox", "products", "ItemCode", "Name", Way.MANY, 1),
    ("peoplevox", "customers", "Email", "Reference", Way.MANY, 1),
]
HOSTILE = [
    "'",
    '"',
    "\\",
    "%",
    "*",
    "a,b",
    "any",
    "9" * 30,
    "²",
    "' OR '1'='1",
    " OR ",
    ")(",
    "<a>",
    "x" * 1024,
    "-1",
    "1e5",
]


def held(records, match):
    """What records have at a field, in order, with the record."""
    outer, _, inner = match.partition("[*].")
    for record in records:
        for part in record[outer] if inner else [record]:
            value = part
            for step in (inner or match).split("."):
                value = value.get(step) if value else None
            if value:
                yield str(value), record


@pytest.mark.parametrize(("slug", "entity", "match", "give", "way", "most"), CASES)
def test_the_right_record_is_found_in_few_requests(practices, slug, entity, match, give, way, most):
    conn, first, exchanges = practices.connect(slug), {}, []
    conn.observer = exchanges.append
    for value, record in held(practices.read(slug, entity, conn=conn), match):
        first.setdefault(value, record)
    known = list(first)[:40]
    assert len(known) >= 6
    distinct = [*known, *(f"nobody-{n}" for n in range(50 - len(known)))]
    exchanges.clear()

    finder = Finder(conn, entity, match, give)
    answers = finder.answer(distinct * 4)
    asked = len(exchanges)
    again = finder.answer(distinct)

    for value, answer in zip(distinct, answers, strict=False):
        expected = next(given for given, _ in held([first[value]], give)) if value in first else MISSING
        assert str(answer) == str(expected)
    assert finder.way is way
    assert asked <= most
    assert (again, len(exchanges)) == (answers[:50], asked)


def test_fifty_skus_cost_a_shop_one_request_where_their_variations_are_not_wanted(practices):
    store = practices.store("woocommerce")
    like = store.first("products", lambda one: one["sku"] == "SKU-1")
    for n in range(120):
        store.put("products", 8000 + n, {**like, "id": 8000 + n, "sku": f"BULK-{n:03}"})
    conn, exchanges = practices.connect("woocommerce"), []
    conn.observer = exchanges.append

    finder = Finder(conn, "products", "sku", "id", {"variations": False})

    assert finder.answer([f"BULK-{n:03}" for n in range(50)]) == list(range(8000, 8050))
    assert len(exchanges) == 1
    assert finder.answer([f"bulk-{n:03}" for n in range(50, 53)]) == [MISSING] * 3
    assert len(exchanges) == 2


@pytest.mark.parametrize(("slug", "entity", "match", "give", "way", "most"), CASES)
def test_values_that_nobody_has_find_nothing_and_spoil_no_other(practices, slug, entity, match, give, way, most):
    value, record = next(held(practices.read(slug, entity), match))

    *odd, found = Finder(practices.connect(slug), entity, match, give).answer([*HOSTILE, value])

    assert str(found) == next(given for given, _ in held([record], give))
    assert all(answer is MISSING or isinstance(answer, NoAnswer) for answer in odd)


def test_a_column_of_a_file_is_looked_up_by_another_and_the_file_stays(tmp_path):
    with sftp.serve_files(tmp_path / "files") as server:
        conn = Connection(
            entry=CATALOGUE.get("sftp"), settings=sftp.SETTINGS, environment="practice", practice_sftp=server.address
        )
        names = {option.name for option in conn.entry.entity("products").read.options}
        options = {name: value for name, value in sftp.OPTIONS["products"].items() if name in names}
        options |= {"after_read": "delete"}
        finder = Finder(conn, "products", "sku", "name", options)

        assert finder.answer(["MUG-BLUE", "0042-TEE", "nobody"]) == ["Mug; blue", "T-shirt", MISSING]
        assert finder.way is Way.ALL
        conn.close()
    assert (tmp_path / "files" / "outbound" / "products" / "products.csv").exists()
