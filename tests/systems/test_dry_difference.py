"""A dry run beside what the destination has, at practice systems over real sockets."""

from __future__ import annotations

from datetime import UTC, datetime

from topstitch.engine.environment import FrozenEnvironment
from topstitch.engine.mapping import compile_mapping
from topstitch.engine.ports import Known, Status
from topstitch.engine.preview import dry_run
from topstitch.engine.preview.difference import Summary
from topstitch.engine.setup import RunInfo, Side
from topstitch.engine.spec import Service
from topstitch.engine.window import RunOptions


def summed(practices, source, destination, mapping, *, known=(), limit=200, connect=(), **options):
    """A dry run with differences: (records by key, summary)."""
    (from_, pulled), (to, pushed) = source.split("/"), destination.split("/")
    there, here = practices.connect(to, **dict(connect)), practices.connect(from_)
    there.dry = True
    spec = Service.model_validate(
        {
            "source": {"connector": "a", "entity": pulled, "page_size": 5},
            "destination": {"connector": "b", "entity": pushed, "options": options},
            "mapping": mapping,
        }
    )
    mapper = compile_mapping(spec.mapping, FrozenEnvironment(), there.entry.fields(pushed))
    info = RunInfo(
        run_id="r", service_id="1", now=datetime.now(UTC), create_only=False, options=RunOptions(limit=limit)
    )
    pages = dry_run(
        spec,
        Side(here, here.entry.entity(pulled)),
        Side(there, there.entry.entity(pushed)),
        mapper,
        info=info,
        know=lambda keys: dict(known),
        clock=lambda: datetime.now(UTC),
        compare=True,
    )
    summary, found = Summary(), {}
    for page in pages:
        for preview in page.previews:
            found[preview.reference] = preview
            if preview.difference:
                summary.add(preview.difference)
    return found, summary


PRICES = [{"to": "sku", "from": "sku"}, {"to": "regular_price", "from": "regular_price"}]


def test_what_is_there_just_so_is_told_from_what_would_change(practices):
    same, summary = summed(practices, "woocommerce/prices", "woocommerce/prices", PRICES)
    assert summary.same > 5
    assert summary.changed == summary.created == summary.unknown == 0
    dearer = [PRICES[0], {**PRICES[1], "do": [{"number.add": {"number": 1}}]}]
    found, summary = summed(practices, "woocommerce/prices", "woocommerce/prices", dearer)
    assert (summary.changed, summary.same) == (len(same), 0)
    assert summary.fields == {"regular_price": len(same)}
    change = next(preview.difference.changes[0] for preview in found.values())
    assert float(change.after) == float(change.before) + 1


def test_a_price_with_more_zeros_is_the_same_price(practices):
    rows = [PRICES[0], {**PRICES[1], "do": [{"number.format": {"places": 4}}]}]
    _, summary = summed(practices, "woocommerce/prices", "woocommerce/prices", rows)
    assert summary.same > 5
    assert summary.changed == 0


def test_nothing_is_written_by_a_dry_run(practices):
    before = practices.read("woocommerce", "prices")
    rows = [PRICES[0], {**PRICES[1], "do": [{"number.add": {"number": 1}}]}]
    summed(practices, "woocommerce/prices", "woocommerce/prices", rows)
    assert practices.read("woocommerce", "prices") == before


def test_new_records_are_those_that_the_destination_does_not_have(practices):
    rows = [{"to": "ItemCode", "from": "sku"}, {"to": "Name", "from": "name"}]
    have = {record["ItemCode"] for record in practices.read("peoplevox", "products")}
    found, summary = summed(practices, "woocommerce/products", "peoplevox/products", rows)
    new = {sku for sku, preview in found.items() if preview.difference and preview.difference.verdict == "created"}
    assert new
    assert not new & have
    assert summary.created == len(new)
    assert "none has" in found[next(iter(new))].difference.why


def test_a_record_is_found_by_the_id_that_it_was_written_as(practices):
    first = practices.read("woocommerce", "customers")[0]
    keys = {str(record["id"]): record for record in practices.read("woocommerce", "customers")}
    known = {key: Known(key, Status.OK, remote_id=str(first["id"]), content=b"x") for key in keys}
    rows = [{"to": "email", "from": "email"}]
    found, _ = summed(practices, "woocommerce/customers", "woocommerce/customers", rows, known=known.items(), limit=2)
    one, other = found.values()
    assert one.difference.verdict == "same"
    assert [change.before for change in other.difference.changes] == [first["email"]]


def test_an_order_that_was_never_sent_is_looked_for_as_a_run_does(practices):
    rows = [
        {"to": "partner_id.name", "from": "billing.last_name"},
        {"to": "client_order_ref", "from": "number"},
        {"to": "order_line[*].product_id.default_code", "from": "line_items[*].sku"},
        {"to": "order_line[*].product_uom_qty", "from": "line_items[*].quantity"},
    ]
    _, summary = summed(practices, "woocommerce/orders", "odoo/orders", rows, limit=5)
    assert summary.created == 5


def test_where_nothing_tells_whether_it_is_there_that_is_said(practices):
    rows = [{"to": "name", "from": "billing.last_name"}, {"to": "email", "from": "email"}]
    _, summary = summed(practices, "woocommerce/customers", "odoo/customers", rows, limit=3)
    assert summary.unknown == 3
    assert list(summary.why) == ["Odoo Contacts cannot be asked whether it has this record"]


def test_a_destination_that_lets_nobody_in_ends_nothing_and_is_told_for_each_record(practices):
    found, _ = summed(
        practices, "woocommerce/prices", "odoo/prices", ODOO_PRICES, limit=3, connect={"api_key": "wrong"}
    )
    assert len(found) == 3
    for preview in found.values():
        assert preview.difference.verdict == "unknown"
        assert "cannot be read now" in preview.difference.why
        assert preview.problem is not None


ODOO_PRICES = [{"to": "default_code", "from": "sku"}, {"to": "price", "from": "regular_price"}]
