"""Configuration as files: reading with the place of every mistake, what would change, changing it, and writing it again."""

from __future__ import annotations

import textwrap

import pytest
import yaml
from tests.fakes.far_end import MAPPING, SLUG, system

from topstitch.errors import ConfigError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.actions.companies import create_company
from topstitch.store.actions.connectors import stored_values
from topstitch.store.files import read, yaml_text
from topstitch.store.files.apply import apply_plan
from topstitch.store.files.export import exported
from topstitch.store.files.plan import make_plan
from topstitch.store.files.read import load
from topstitch.store.models import Connector, LookupTable, Service, UserSystem

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    CATALOGUE.add(system_from_data(system()))
    return create_company("Acme")


@pytest.fixture
def folder(tmp_path):
    """Writes a file: `folder("orders.yaml", text)`."""

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
        return path

    return write


def load_error(folder, text):
    with pytest.raises(ConfigError) as caught:
        read.load(folder("f.yaml", text))
    return str(caught.value)


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services:\n  a:\n   - b\n  c: [", "f.yaml:4: this is not YAML"),
        ("lookups:\n  a: {pairs: {x: y}}\n  a: {pairs: {x: z}}\n", "f.yaml:3: the key 'a' stands here twice"),
        ("lookups:\n  a:\n    pairs:\n      x: y\n      x: z\n", "f.yaml:5: the key 'x' stands here twice"),
        ("connectors:\n  shop:\n    sistem: x\n", "f.yaml:3: connectors.shop.sistem: there is no such key here"),
        ("connectors:\n  shop:\n    environment: test\n", "f.yaml:2: connectors.shop.system: Field required"),
        ("connectors:\n  shop:\n    system: x\n    environment: lve\n", "f.yaml:4: connectors.shop.environment"),
        ("servces: {}\n", "f.yaml:1: servces: there is no such key here"),
        ("lookups:\n  l:\n    pairs:\n      a: 1.5\n", "f.yaml:4: lookups.l.pairs.a"),
        ("services:\n  s:\n    source: {}\n    destination: {}\n    type: sweper\n", "f.yaml:5: services.s.type"),
        (b"\xff\xfe\x00", "f.yaml: the file is not UTF-8 text"),
        (b"company: a\x00b", "f.yaml: this is not YAML"),
        ("[1, 2]", "f.yaml:1"),
        ("false", "f.yaml:1"),
        ("a: 1\n---\nb: 2\n", "this is not YAML"),
        ("a: !!python/object:os.system x", "this is not YAML"),
        ("a: " + "[" * 500, "nested too deeply"),
        ("a: &a [*a]\n", "contains itself"),
        ("a: &a {b: *a}\n", "contains itself"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_line(folder, text, said):
    assert said in load_error(folder, text)


def test_references_that_blow_a_file_up_are_refused(folder):
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for last, name in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{last}'] * 10)}]\n"
    assert "more than 500,000 parts" in load_error(folder, bomb)


def test_references_are_fine_otherwise(folder):
    text = "lookups:\n  a: &a {pairs: {x: y}}\n  b: *a\n"
    assert read.load(folder("f.yaml", text)).content.lookups["b"].pairs == {"x": "y"}


def test_a_file_that_is_too_large_or_not_there_is_told(folder, tmp_path):
    assert "larger than 5 MB" in load_error(folder, b"#" * (yaml_text.MAX_BYTES + 1))
    with pytest.raises(ConfigError, match=r"gone\.yaml: the file cannot be read"):
        read.load(tmp_path / "gone.yaml")
    with pytest.raises(ConfigError, match="no YAML file"):
        read.config_files(tmp_path / "nowhere")


def test_an_empty_file_says_nothing(folder):
    assert read.load(folder("f.yaml", "# nothing yet\n")).content == read.ConfigFile()


def test_all_files_of_a_folder_are_read_in_order(folder, tmp_path):
    for name in ("b.yaml", "a.yml", "deeper/c.yaml", "notes.txt"):
        folder(name, "company: x\n")
    assert [path.name for path in read.config_files(tmp_path)] == ["a.yml", "b.yaml", "c.yaml"]


def test_the_same_thing_in_two_files_is_told_with_both_places(folder, tmp_path, group):
    folder("a.yaml", "lookups:\n  l: {pairs: {x: y}}\n")
    folder("b.yaml", "company: x\nlookups:\n  l: {pairs: {x: z}}\n")
    with pytest.raises(ConfigError, match=r"b.yaml:3: lookup 'l' is defined at a.yaml:2 already"):
        make_plan(tmp_path, group)


# -- mistakes in a service ------------------------------------------------------------------------------------------

GOOD = f"""\
connectors:
  far:
    system: {SLUG}
    environment: test
    base_url: http://127.0.0.1:9
    zone: UTC
services:
  Orders:
    source:
      connector: far
      entity: orders
      filters:
        - {{field: status, op: equals, value: open}}
        - {{field: total, op: greater, value: 5}}
    destination:
      connector: far
      entity: sales
    mapping:
      - to: reference
        from: id
      - {{to: number, from: name, do: [string.trim]}}
      - to: lines[*].sku
        from: lines[*].sku
    schedules:
      - "*/5 * * * *"
      - cron: 0 6 * * *
        zone: Europe/London
"""


def test_a_good_file_has_no_mistakes(folder, group):
    plan = make_plan(folder("f.yaml", GOOD), group)
    assert [(c.verb, c.kind, c.name, c.place) for c in plan.changes] == [
        ("create", "connector", "far", "f.yaml:2"),
        ("create", "service", "Orders", "f.yaml:8"),
    ]


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("string.trim", "string.trm", ["f.yaml:21", "mapping row 'number'", "string.trim"]),
        ("to: number,", "to: a..b,", ["f.yaml:21", "character"]),
        ("from: lines[*].sku", "from: lines[0].sku", ["f.yaml:22", "none of its rows has a source list"]),
        ("from: id", "form: id", ["f.yaml:20", "services.Orders.mapping.0.form", "no such key"]),
        ("op: greater, value: 5", "op: greater", ["f.yaml:14", "`greater` needs a value"]),
        ("op: greater", "op: bigger", ["f.yaml:14", "services.Orders.source.filters.1.op"]),
        ("entity: orders", "entity: ordrs", ["f.yaml:11", "no entity 'ordrs'"]),
        ("entity: sales", "entity: sales\n      options: {x: 1}", ["f.yaml:18", "x"]),
        ("entity: sales", "entity: sales\n      modus: x", ["f.yaml:18", "modus"]),
        (
            "      connector: far\n      entity: sales",
            "      connector: fra\n      entity: sales",
            ["f.yaml:16", "no connector 'fra'"],
        ),
        ('"*/5 * * * *"', '"*/5 * * *"', ["f.yaml:25", "five fields"]),
        ("Europe/London", "Europe/Londn", ["f.yaml:26", "Europe/London"]),
        ("0 6 * * *", "0 66 * * *", ["f.yaml:26", "cannot be read"]),
        (f"system: {SLUG}", "system: far-ende", ["f.yaml:2", "far-ende"]),
        (
            "    environment: test\n",
            "    environment: test\n    settings: {x: 1}\n",
            ["f.yaml:2", "unknown setting 'x'"],
        ),
        ("    mapping:\n", "    changes: [{to: x, from: a, do: [no.such]}]\n    mapping:\n", ["f.yaml:18", "no.such"]),
        ("    mapping:\n", "    changes: [{to: x, fro: a}]\n    mapping:\n", ["f.yaml:18", "changes.0.fro"]),
    ],
)
def test_a_mistake_in_a_service_is_told_at_its_own_line(folder, group, good, bad, said):
    assert good in GOOD
    with pytest.raises(ConfigError) as caught:
        make_plan(folder("f.yaml", GOOD.replace(good, bad, 1)), group)
    for part in said:
        assert part in str(caught.value)


def test_a_mapping_that_is_neither_a_word_nor_rows_is_told(folder, group):
    head, _, tail = GOOD.partition("    mapping:\n")
    text = head + "    mapping: automatic\n    schedules" + tail.partition("    schedules")[2]
    with pytest.raises(ConfigError, match=r"f.yaml:18: mapping is `default` or a list of rows"):
        make_plan(folder("f.yaml", text), group)


# -- lookups --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\nx,y\n", "line 1 must be left_value,right_value"),
        ("left_value,right_value\nx,y\nx,y,z\n", "pairs.csv: line 3: 3 cells instead of 2"),
        (b"left_value,right_value\n\xff,y\n", "pairs.csv line 2 is not UTF-8 text"),
        ("", "line 1 must be"),
    ],
)
def test_a_lookup_that_cannot_be_read_is_told(folder, group, content, said):
    folder("pairs.csv", content)
    with pytest.raises(ConfigError) as caught:
        make_plan(folder("f.yaml", "lookups:\n  l: {csv: pairs.csv}\n"), group)
    assert said in str(caught.value)
    assert str(caught.value).startswith("f.yaml:2")


def test_a_lookup_comes_from_pairs_or_from_a_file(folder, group):
    folder("pairs.csv", '\ufeffleft_value,right_value\r\nDE,DEU\r\n\r\n"a,b",c\r\n')
    text = "lookups:\n  l: {csv: pairs.csv}\n  k: {pairs: {x: y}}\n"
    apply_plan(make_plan(folder("f.yaml", text), group), group)
    assert list(LookupTable.objects.get(name="l").pairs.values_list("left", "right")) == [("DE", "DEU"), ("a,b", "c")]
    assert make_plan(folder("f.yaml", text), group).effective == []
    for wrong in ("lookups:\n  l: {}\n", "lookups:\n  l: {csv: a.csv, pairs: {x: y}}\n"):
        with pytest.raises(ConfigError, match="either pairs, rows or csv"):
            make_plan(folder("f.yaml", wrong), group)
    with pytest.raises(ConfigError, match=r"gone\.csv cannot be read"):
        make_plan(folder("f.yaml", "lookups:\n  l: {csv: gone.csv}\n"), group)


def test_rows_keep_their_order_match_types_and_fields_and_a_group_has_tables_of_its_own(folder, group):
    text = """\
lookups:
  twice: {rows: [[a, x], [a, y], {left: b, right: x, match: contains}]}
  a map: {pairs: {a: company}}
group_lookups:
  a map:
    rows:
    - {field_name: method, match_type: Starts with, match_value: DHL, output_value: D}
    - {left: x}
"""
    path = folder("f.yaml", text)
    plan = apply(path, group)
    assert [(c.kind, c.name) for c in plan.changes] == [
        ("lookup", "twice"),
        ("lookup", "a map"),
        ("group lookup", "a map"),
    ]
    assert make_plan(path, group).effective == []
    assert LookupTable.objects.get(name="twice").versions.get().origin == "file f.yaml:2"
    rows = (
        LookupTable.objects.get(group=group).pairs.order_by("position").values_list("left", "right", "match", "field")
    )
    assert list(rows) == [("DHL", "D", "starts_with", "method"), ("x", "", "", "")]
    first = exported(group)
    LookupTable.objects.all().delete()
    apply(folder("export.yaml", first), group)
    assert exported(group) == first


@pytest.mark.parametrize(
    ("before", "after", "differences"),
    [
        ("{a: x, b: y}", "{a: x, b: z}", ["b: 'y' -> 'z'"]),
        ("{a: x}", "{a: x, b: y}", ["b: nothing -> 'y'"]),
        ("{a: x, b: y}", "{a: x}", ["b: 'y' -> nothing"]),
        ("{a: x, b: y}", "{b: y, a: x}", ["the order of the pairs"]),
    ],
)
def test_what_a_lookup_changes_is_shown_and_made(folder, group, before, after, differences):
    apply(folder("f.yaml", f"lookups: {{t: {{pairs: {before}}}}}"), group)
    (change,) = apply(folder("f.yaml", f"lookups: {{t: {{pairs: {after}}}}}"), group).effective
    assert list(change.differences) == differences
    assert make_plan(folder("f.yaml", f"lookups: {{t: {{pairs: {after}}}}}"), group).effective == []


def test_many_differences_of_a_lookup_are_told_in_short(folder, group):
    apply(folder("f.yaml", "lookups: {t: {pairs: {a: x}}}"), group)
    rows = ", ".join(f"[r{n}, x]" for n in range(30))
    (change,) = make_plan(folder("f.yaml", f"lookups: {{t: {{rows: [{rows}]}}}}"), group).effective
    assert len(change.differences) == 21
    assert change.differences[-1] == "and 11 more"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lookups:\n  t:\n    rows:\n    - {left: a, match: maybe}\n", "the match type 'maybe' is none of exact"),
        ('lookups:\n  t: {pairs: {a: "b\\0"}}\n', "f.yaml:2: pair 1: the right value holds a NUL"),
        ('lookups:\n  t: {pairs: {"\\ud800": b}}\n', "f.yaml"),
        ("lookups:\n  t: {csv: [a.csv, gone.csv]}\n", "gone.csv cannot be read"),
    ],
)
def test_a_lookup_that_is_wrong_is_told_with_its_place(folder, group, text, said):
    folder("a.csv", "left_value,right_value\na,b\n")
    with pytest.raises(ConfigError) as caught:
        make_plan(folder("f.yaml", text), group)
    assert said in str(caught.value)


def test_a_large_lookup_is_exported_in_files_beside_that_can_be_applied_again(folder, group, monkeypatch, tmp_path):
    monkeypatch.setattr("topstitch.store.files.lookups.INLINE", 3)
    monkeypatch.setattr("topstitch.store.files.lookups.MAX_BYTES", 1000 + 60)
    apply(
        folder("f.yaml", "lookups: {t: {pairs: {a: '1', '=b': '2', c: '3', d: '4', e: '5'}}, s: {pairs: {a: x}}}"),
        group,
    )
    with pytest.raises(ConfigError, match="'t' has 5 pairs, too many to stand within the text"):
        exported(group)
    text = exported(group, tmp_path)
    assert yaml.safe_load(text)["lookups"]["t"] == {"csv": ["lookup-2-1.csv", "lookup-2-2.csv"]}
    path = folder("export.yaml", text)
    assert make_plan(path, group).effective == []
    LookupTable.objects.all().delete()
    apply(path, group)
    assert exported(group, tmp_path) == text


# -- plan, apply, export --------------------------------------------------------------------------------------------


def apply(path, group):
    plan = make_plan(path, group)
    apply_plan(plan, group)
    return plan


def test_what_was_applied_is_nothing_to_apply_again(folder, group):
    path = folder("f.yaml", GOOD)
    apply(path, group)
    assert make_plan(path, group).effective == []
    assert Service.objects.get().revision.note == "From f.yaml:8"


@pytest.mark.parametrize(
    ("good", "bad", "difference"),
    [
        ("value: open", "value: closed", "source.filters[0].value: 'open' -> 'closed'"),
        ("    source:\n", "    active: false\n    source:\n", "active: True -> False"),
        ("    source:\n", "    type: sweeper\n    source:\n", "type: 'standard' -> 'sweeper'"),
        ("    source:\n", "    webhook: true\n    source:\n", "webhook: nothing -> True"),
        (
            "    zone: UTC\n",
            "    zone: UTC\n    date_format: d/m/Y\n",
            "date_format: '' -> 'd/m/Y'",
        ),
        (
            "    zone: UTC\n",
            "    zone: Europe/London\n",
            "zone: 'UTC' -> 'Europe/London'",
        ),
    ],
)
def test_every_change_is_seen_and_made(folder, group, good, bad, difference):
    apply(folder("f.yaml", GOOD), group)
    path = folder("f.yaml", GOOD.replace(good, bad, 1))
    (change,) = make_plan(path, group).effective
    assert change.verb == "update"
    assert difference in change.differences
    apply(path, group)
    assert make_plan(path, group).effective == []


def test_nothing_is_changed_when_a_part_cannot_be(folder, group):
    plan = make_plan(folder("f.yaml", GOOD), group)
    broken = plan.changes[-1].wanted[1].model_copy(update={"mapping": [], "schedules": []})
    source = broken.source.model_copy(update={"connector": "gone"})
    from dataclasses import replace

    plan.changes[-1] = replace(
        plan.changes[-1], wanted=(plan.changes[-1].wanted[0], broken.model_copy(update={"source": source}))
    )
    with pytest.raises(ConfigError, match="gone"):
        apply_plan(plan, group)
    assert not Connector.objects.exists()


def secret_system(slug="vault"):
    return {
        "slug": slug,
        "name": "Vault",
        "base": "http://vault.example",
        "test": "/me",
        "settings": {"shop": {"default": "main"}, "token": {"secret": True, "required": True}, "pin": {"secret": True}},
        "auth": {"bearer": "token"},
        "entities": {"items": {"read": {"path": "/items"}, "write": {"path": "/items", "idempotency": "natural_key"}}},
    }


SECRETS = """\
connectors:
  my vault:
    system: vault
    environment: test
    settings:
      token: {env: VAULT_TOKEN}
"""


def test_secrets_come_from_the_environment_or_a_file_and_are_never_shown(folder, group, monkeypatch):
    CATALOGUE.add(system_from_data(secret_system()))
    monkeypatch.setenv("VAULT_TOKEN", "hush")
    apply(folder("f.yaml", SECRETS), group)
    assert stored_values(Connector.objects.get()) == {"shop": "main", "token": "hush"}
    folder("token.txt", "louder\n")
    (change,) = make_plan(folder("f.yaml", SECRETS.replace("env: VAULT_TOKEN", "file: token.txt")), group).effective
    assert list(change.differences) == ["settings.token: *** -> ***"]
    assert "louder" not in repr(change.differences)
    assert "hush" not in exported(group)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("{env: NO_SUCH_VARIABLE}", "the environment has no NO_SUCH_VARIABLE"),
        ("{file: gone.txt}", "gone.txt cannot be read"),
        ("{envv: X}", "a value is text, a number"),
        ("{env: A, file: b}", "a value is text, a number"),
    ],
)
def test_a_secret_that_is_not_there_is_told_with_its_place(folder, group, reference, said):
    CATALOGUE.add(system_from_data(secret_system()))
    with pytest.raises(ConfigError) as caught:
        make_plan(folder("f.yaml", SECRETS.replace("{env: VAULT_TOKEN}", reference)), group)
    assert said in str(caught.value)
    assert "f.yaml:2" in str(caught.value)


def test_secrets_under_a_lost_key_can_be_applied_anew(folder, group, monkeypatch):
    CATALOGUE.add(system_from_data(secret_system()))
    monkeypatch.setenv("VAULT_TOKEN", "hush")
    path = folder("f.yaml", SECRETS)
    apply(path, group)
    Connector.objects.update(sealed=b"sealed with another key")
    assert [c.verb for c in make_plan(path, group).changes] == ["update"]
    assert "MY_VAULT_TOKEN" in exported(group)
    apply(path, group)
    assert stored_values(Connector.objects.get())["token"] == "hush"


def test_what_is_exported_can_be_applied_to_an_empty_installation_and_is_exported_equal(folder, group, monkeypatch):
    monkeypatch.setenv("VAULT_TOKEN", "hush")
    text = yaml.safe_dump(
        {
            "systems": [secret_system()],
            "lookups": {"colours": {"pairs": {"b": "2", "a": "1"}}},
            "connectors": {
                **yaml.safe_load(GOOD)["connectors"],
                **yaml.safe_load(SECRETS)["connectors"],
                "try": {"system": SLUG, "environment": "practice", "date_format": "d/m/Y", "zone": "Europe/London"},
            },
            "services": {
                "All rows": {
                    "source": {"connector": "far", "entity": "orders", "page_size": 7},
                    "destination": {"connector": "far", "entity": "sales", "mode": "create_only"},
                    "mapping": MAPPING,
                    "schedules": ["0 * * * *", {"cron": "0 6 * * *", "zone": "Europe/London"}],
                },
                "No rows": {
                    "active": False,
                    "type": "sweeper",
                    "source": {"connector": "far", "entity": "orders"},
                    "destination": {"connector": "my vault", "entity": "items"},
                    "mapping": [],
                },
            },
        },
        sort_keys=False,
    )
    apply(folder("f.yaml", text), group)
    first = exported(group)
    assert "hush" not in first

    for model in (Service, Connector, LookupTable, UserSystem):
        Service.objects.update(revision=None)
        model.objects.all().delete()
    monkeypatch.setenv("MY_VAULT_TOKEN", "hush")
    empty = create_company("Beta")
    apply(folder("export.yaml", first), empty)
    assert exported(empty) == first
    assert Service.objects.get(name="No rows").revision.spec.get("mapping", []) == []
    assert stored_values(Connector.objects.get(name="my vault"))["token"] == "hush"
    assert make_plan(folder("export.yaml", first), empty).effective == []


def test_the_default_mapping_is_written_out_with_the_changes_in_their_places(folder, group):
    definition = system("tagged")
    definition["entities"]["orders"]["fields"] = {"id": {"tag": "number"}, "mail": {"tag": "customer.email"}}
    definition["entities"]["sales"]["fields"] = {"reference": {"tag": "number"}, "email": {"tag": "customer.email"}}
    definition["entities"]["sales"]["kind"] = "orders"
    text = yaml.safe_dump(
        {
            "systems": [definition],
            "connectors": {"far": {"system": "tagged", "environment": "test", "base_url": "http://127.0.0.1:9"}},
            "services": {
                "Orders": {
                    "source": {"connector": "far", "entity": "orders"},
                    "destination": {"connector": "far", "entity": "sales"},
                    "changes": [
                        {"to": "reference", "from": "a", "when": [{"field": "a", "op": "is_not_empty"}]},
                        {"to": "extra", "value": 1},
                        {"to": "reference", "from": "b", "when": [{"field": "a", "op": "is_empty"}]},
                    ],
                }
            },
        },
        sort_keys=False,
    )
    apply(folder("f.yaml", text), group)
    rows = Service.objects.get().revision.spec["mapping"]
    assert [(row["to"], row.get("from", [{}])[0].get("path")) for row in rows] == [
        ("reference", "a"),
        ("reference", "b"),
        ("email", "mail"),
        ("extra", None),
    ]


SHOPS = """\
connectors:
  shop: {system: shopify, environment: practice}
  other: {system: woocommerce, environment: practice}
services:
  Products:
    source:
      connector: shop
      entity: products
      filters:
        - {field: products.0.status, op: equals, value: ACTIVE}
        - {field: stattus, op: equals, value: ACTIVE}
    destination: {connector: other, entity: products}
    changes:
      - {to: products.0.name, from: products.0.metafields.custom.care}
      - to: meta_data.care
        from: metafields.custom.care
      - {to: nmae, from: titel}
"""


def test_paths_in_any_notation_are_stored_in_one_and_take_the_place_of_default_rows(folder, group):
    apply(folder("f.yaml", SHOPS), group)
    spec = Service.objects.get().revision.spec
    care = "metafields[namespace=custom,key=care].value"
    assert [[source["path"] for source in row["from"]] for row in spec["mapping"] if row["to"] == "name"] == [[care]]
    assert [row["from"][0]["path"] for row in spec["mapping"] if row["to"] == "meta_data[key=care].value"] == [care]
    assert spec["source"]["filters"][0]["field"] == "status"
    assert make_plan(folder("f.yaml", SHOPS), group).effective == []


def test_paths_that_are_probably_wrong_are_told_with_file_and_line(folder, group):
    *_, change = make_plan(folder("f.yaml", SHOPS), group).changes
    assert change.warnings == [
        "f.yaml:17: nmae: titel: is not in the field list and occurs in no sample; did you mean title?",
        "f.yaml:17: nmae: nmae: is not in the field list of this entity; did you mean name?",
        "f.yaml:11: filter on stattus: stattus: is not in the field list and occurs in no sample; did you mean status?",
    ]


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("products.0.metafields.custom.care", "products.0.metafields.custom", "f.yaml:14: products.0.name"),
        ("products.0.status", "products.3.status", "f.yaml:10: "),
        ("meta_data.care", "meta_data..care", "f.yaml:15: meta_data..care"),
    ],
)
def test_a_path_that_cannot_be_read_is_told_at_its_line(folder, group, good, bad, said):
    with pytest.raises(ConfigError) as caught:
        make_plan(folder("f.yaml", SHOPS.replace(good, bad)), group)
    assert said in str(caught.value)


def test_whole_numbers_of_a_lookup_need_no_quotes(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("lookups:\n  packs:\n    pairs: {PCE: 1, 12: DZN, 007: Bond}\n", "utf-8")
    assert load(path).content.lookups["packs"].pairs == {"PCE": "1", "12": "DZN", "007": "Bond"}
