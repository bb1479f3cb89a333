"""The filters' tab: fields, operators and values; what wrong ones are told; what is counted, and of what."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.far_end import MAPPING, SLUG, far_end, order
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.engine.spec import OPERATORS, FilterRow, Schedule
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.sdk.fields import Field
from topstitch.sdk.practice import PracticeServer
from topstitch.store.actions.connectors import save_connector
from topstitch.store.actions.services import save_service, spec_of
from topstitch.store.models import Run, RunPage
from topstitch.values.conditions import compile_test
from topstitch.web.service_forms.filters_values import control_of, read, shown
from topstitch.web.service_forms.filters_window import longest_wait

LAST_TEN = {"field": "updatedAt", "op": "in_the_last", "value": {"amount": 10, "unit": "minute"}}
PAID = {"field": "displayFinancialStatus", "op": "in", "value": ["PAID", "PENDING"]}


@pytest.fixture
def make(world):
    """A service whose source is Shopify's orders."""
    source = save_connector(world.group, "Shop", "shopify", {}, environment="practice")
    far = world.connector(world.group)

    def make(*filters, **more):
        spec = {
            "source": {
                "connector": source.name,
                "entity": "orders",
                "filters": list(filters),
                **more.pop("source", {}),
            },
            "destination": {"connector": far.name, "entity": "sales"},
            "mapping": [{"to": "reference", "from": "id"}],
            **more,
        }
        return save_service(world.group, "Orders", Spec.model_validate(spec))

    return make


def far_service(world, url):
    """A service whose source is the far end at this address."""
    save_connector(world.group, "Far", SLUG, {}, environment="test", base_url=f"{url}/{SLUG}")
    spec = {
        "source": {"connector": "Far", "entity": "orders"},
        "destination": {"connector": world.connector(world.group).name, "entity": "sales"},
        "mapping": MAPPING,
    }
    return save_service(world.group, "Far orders", Spec.model_validate(spec))


@pytest.fixture
def far(world):
    """The same, with nobody at home."""
    return far_service(world, "http://127.0.0.1:9")


def address(service):
    return reverse("service_filters", args=[service.pk])


def sent(*rows):
    """What the browser sends of rows, each (field, op, further controls)."""
    data = {"filter": [str(number) for number in range(len(rows))]}
    for number, (field, op, *more) in enumerate(rows):
        values = more[0] if more else {}
        named = {"field": field, "op": op, **(values if isinstance(values, dict) else {"value": values})}
        data |= {f"filter-{number}-{name}": value for name, value in named.items()}
    return data


def press(client, service, rows, do=""):
    return client.post(address(service), {**sent(*rows), **({"do": do} if do else {"save": ""})})


def filters(service):
    service.refresh_from_db()
    return [row.model_dump(exclude_none=True) for row in spec_of(service).source.filters]


def fields(response):
    return re.findall(r'name="filter-\d+-field" value="([^"]*)"', response.content.decode())


def test_rows_are_told_in_a_sentence_with_types_and_where_they_run(make, client):
    response = client.get(address(make(LAST_TEN, PAID, {"field": "note", "op": "contains", "value": "gift"})))
    text = text_of(response)
    assert "only those where Changed at is in the last 10 minutes and Payment status is one of PAID, PENDING" in text
    assert "Changed at · Date and time" in text
    places = re.findall(r'class="tag(?: there)?"[^>]*>([^<]*)<', response.content.decode())
    assert places == ["at Shopify", "at Shopify", "here"]
    checked(response)


def test_without_filters_it_says_so_and_shows_examples_that_add_rows(make, client):
    service = make()
    response = client.get(address(service))
    assert "All orders from Shop are let through" in text_of(response)
    assert "Orders changed in the last 10 minutes" in text_of(response)
    response = press(client, service, [], "example:between")
    assert fields(response) == ["createdAt", "createdAt"]
    assert "Created at is more than 1 hour ago" in text_of(response)
    assert filters(service) == []


@pytest.mark.parametrize(
    ("row", "saved"),
    [
        (("updatedAt", "in_the_last", {"amount": "2", "unit": "hour"}), {"amount": 2, "unit": "hour"}),
        (("displayFinancialStatus", "in", {"value": ["PAID", "VOIDED"]}), ["PAID", "VOIDED"]),
        (("name", "in", "#1\n #2 \n\n"), ["#1", "#2"]),
        (("number", "between", {"value": "10", "to": "20"}), [10, 20]),
        (("test", "equals", "false"), False),
        (("number", "greater", "7"), 7),
        (("totalPriceSet.shopMoney.amount", "less", "9.50"), "9.50"),
        (("createdAt", "after", "2027-01-31T09:30"), "2027-01-31T09:30"),
        (("tags", "contains", "vip"), "vip"),
        (("lines.0.x", "equals", "1"), "1"),
        (("note", "is_empty"), None),
    ],
)
def test_rows_are_saved_as_their_field_and_operator_ask(make, client, row, saved):
    service = make()
    assert press(client, service, [row]).status_code == 302
    (kept,) = filters(service)
    assert kept.get("value") == saved
    assert kept["op"] == row[1]


def test_saving_what_was_there_makes_no_revision(make, client):
    service = make(
        LAST_TEN, PAID, {"field": "note", "op": "equals", "value": 5}, {"field": "number", "op": "in", "value": ["7"]}
    )
    rows = [
        ("updatedAt", "in_the_last", {"amount": "10", "unit": "minute"}),
        ("displayFinancialStatus", "in", {"value": ["PAID", "PENDING"]}),
        ("note", "equals", "5"),
        ("number", "in", "7"),
    ]
    assert press(client, service, rows).status_code == 302
    service.refresh_from_db()
    assert service.revision.number == 1


@pytest.mark.parametrize(
    ("row", "control", "said"),
    [
        (("", "equals", "1"), "field", "the field is missing"),
        (("a[", "equals", "1"), "field", "Filter 2, a["),
        (("number", "greater", "many"), "value", "&#x27;many&#x27; is no number"),
        (("createdAt", "after", "soon"), "value", "&#x27;soon&#x27; is no date"),
        (("name", "equals", ""), "value", "the value is missing"),
        (("name", "in", " \n"), "value", "no value is named"),
        (("number", "between", {"value": "20", "to": "10"}), "to", "nothing is between 20 and 10"),
        (("number", "between", {"value": "20", "to": ""}), "to", "the value is missing"),
        (
            ("updatedAt", "in_the_last", {"amount": "ten", "unit": "minute"}),
            "amount",
            "&#x27;ten&#x27; is no number of minutes",
        ),
        (("updatedAt", "in_the_last", {"amount": "10", "unit": "moon"}), "unit", "the unit is missing"),
        (("updatedAt", "in_the_last", {"amount": "9999", "unit": "year"}), "value", "before the year 1"),
        (("name", "equals", "x" * 1025), "value", "it has 1,025 characters"),
    ],
)
def test_what_is_wrong_names_row_and_field_and_nothing_is_saved(make, client, row, control, said):
    service = make()
    response = press(client, service, [("note", "is_not_empty"), row])
    assert response.status_code == 200
    assert said in text_of(response)
    assert "Filter 2" in text_of(response)
    assert 'id="filter-1-wrong"' in response.content.decode()
    assert fields(response) == ["note", row[0]]
    assert filters(service) == []
    checked(response)


def test_a_path_that_is_in_no_list_is_doubted_and_may_be_kept(make, client):
    service = make()
    response = press(client, service, [("updatedAtt", "equals", "1")], "look")
    assert "updatedAtt is not in the field list" in text_of(response)
    assert "Did you mean updatedAt" in text_of(response)
    assert press(client, service, [("updatedAtt", "equals", "1")]).status_code == 302


def test_another_field_brings_its_own_operators_and_what_was_typed_stays(make, client):
    service = make()
    response = press(client, service, [("name", "starts_with", "#10"), ("createdAt", "starts_with", "2027")], "look")
    page = response.content.decode()
    assert '<option value="in_the_last" selected>is in the last</option>' in page
    assert 'value="#10"' in page
    response = press(client, service, [("name", "in", "#10")], "look")
    assert ">#10</textarea>" in response.content.decode()


def test_rows_are_added_removed_and_put_in_order_without_losing_what_was_typed(make, client):
    service = make()
    rows = [("a", "equals", "1"), ("b", "equals", "two"), ("c", "in", "x\ny")]
    assert fields(press(client, service, rows, "add")) == ["a", "b", "c", ""]
    assert fields(press(client, service, rows, "remove:1")) == ["a", "c"]
    moved = press(client, service, rows, "up:2")
    assert fields(moved) == ["a", "c", "b"]
    assert "x\ny</textarea>" in moved.content.decode()
    assert fields(press(client, service, rows, "down:0")) == ["b", "a", "c"]
    assert fields(press(client, service, rows, "up:0")) == ["a", "b", "c"]
    data = {**sent(*rows), "filter": ["2", "0", "1"], "save": ""}
    client.post(address(service), data)
    assert [row["field"] for row in filters(service)] == ["c", "a", "b"]


@pytest.mark.parametrize("do", ["remove:99", "up:x", "fly", "example:none", ":::"])
def test_a_button_that_there_is_not_does_no_harm(far, client, do):
    response = press(client, far, [("a", "equals", "1")], do)
    assert response.status_code == 200
    assert fields(response) == ["a"]


def stored(world, service, pulled, ago):
    run = world.run(service, ago=ago)
    world.payload(run, *pulled)
    RunPage.objects.create(run=run, number=1, stored_at=run.created_at)
    return run


def test_kept_records_are_counted_among_the_last_that_runs_pulled(world, far, client):
    stored(world, far, [1, 2, 3, 4], timedelta(minutes=4))
    stored(world, far, [4, 5], timedelta(days=300))
    rows = [("name", "in", "#1001\n#1005"), ("id", "greater", "1"), ("gone", "is_not_empty")]
    text = text_of(press(client, far, rows, "count"))
    assert "keeps 2 of 5" in text
    assert "keeps 4 of 5" in text
    assert "All filters together keep 0 of 5 records." in text
    assert "the last that runs of this service have pulled and still store, the newest 4 minutes ago" in text


def test_ages_are_counted_from_the_run_that_pulled_the_record(world, far, client):
    run = stored(world, far, [1], timedelta(0))
    Run.objects.filter(pk=run.pk).update(scheduled_for=datetime(2026, 1, 2, 10, 30, tzinfo=UTC))
    assert order(1)["updated_at"] == "2026-01-02T10:00:00Z"
    within = ("updated_at", "in_the_last", {"amount": "1", "unit": "hour"})
    assert "keeps 1 of 1" in text_of(press(client, far, [within], "count"))
    within = ("updated_at", "in_the_last", {"amount": "10", "unit": "minute"})
    assert "keeps 0 of 1" in text_of(press(client, far, [within], "count"))


@pytest.mark.django_db(transaction=True)
def test_where_no_run_has_pulled_anything_the_source_is_asked_once(world, client):
    practice = far_end()
    with PracticeServer([practice]) as server:
        for number in range(130):
            server.stores[SLUG].put("orders", number, order(number))
        service = far_service(world, server.url)
        text = text_of(press(client, service, [("id", "less", "10")], "count"))
    assert "keeps 10 of 100" in text
    assert "the first that Far end gave just now without any filter" in text
    assert Run.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_source_that_refuses_says_so_and_what_was_typed_stays(world, client):
    with PracticeServer([far_end()]) as server:
        service = far_service(world, f"{server.url}/nowhere")
        response = press(client, service, [("id", "less", "10")], "count")
    assert "What happened" in text_of(response)
    assert fields(response) == ["id"]
    checked(response)


def test_a_time_shorter_than_the_schedule_is_told_with_what_becomes_of_it(make, client):
    service = make(LAST_TEN, schedules=[{"cron": "*/30 * * * *"}])
    assert "each run reaches back to the last complete one" in text_of(client.get(address(service)))
    service = make(LAST_TEN, schedules=[{"cron": "*/30 * * * *"}], source={"catch_up": False})
    assert "What changes in between is missed" in text_of(client.get(address(service)))
    service = make(LAST_TEN, schedules=[{"cron": "*/5 * * * *"}])
    assert "lies between two runs" not in text_of(client.get(address(service)))


def test_the_longest_wait_spans_nights_and_several_schedules():
    wait = lambda *crons: longest_wait([Schedule(cron=cron) for cron in crons])  # noqa: E731  # short, for four lines
    assert wait("*/5 * * * *") == timedelta(minutes=5)
    assert wait("*/10 6-21 * * *") == timedelta(hours=8, minutes=10)
    assert wait("0 * * * *", "30 * * * *") == timedelta(minutes=30)
    assert wait() is None


def test_the_fields_of_the_source_are_suggested(client):
    ask = lambda **query: client.get(reverse("filter_fields"), query)  # noqa: E731  # short, for five lines
    page = ask(system="shopify", entity="orders", q="changed").content.decode()
    assert 'data-label="updatedAt"' in page
    assert "at the source" in page
    assert "targetId" not in ask(system="shopify", entity="orders", q="targetId").content.decode()
    assert "No field is called that" in ask(system="shopify", entity="orders", q="xyzzy").content.decode()
    assert "no list of fields" in ask(system="nowhere", entity="orders", q="").content.decode()
    assert "more: write a part" in ask(system="shopify", entity="orders", q="").content.decode()


def test_those_who_may_not_change_filters_read_them(make, world):
    service = make(PAID)
    uma = world.client(world.person("uma@example.com", world.company, Role.USER))
    response = uma.get(address(service))
    assert "Payment status is one of PAID, PENDING" in text_of(response)
    assert "Count what they keep" not in text_of(response)
    assert uma.post(address(service), {"do": "count"}).status_code == 403


def test_it_takes_few_questions(make, client, django_assert_max_num_queries):
    service = make(LAST_TEN, PAID)
    client.get(address(service))
    with django_assert_max_num_queries(9):
        client.get(address(service))


TYPES = ("text", "integer", "money", "boolean", "datetime", "date", "enum", "array", "any")
TEXTS = st.lists(st.one_of(st.text(max_size=30), st.integers().map(str), st.just("2027-01-31T10:00")), max_size=3)


@given(
    st.sampled_from(OPERATORS),
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(["value", "to", "amount", "unit"]), TEXTS),
)
def test_whatever_is_typed_is_a_value_that_can_be_tested_or_is_refused(op, kind, values):
    field = Field("x", type=kind, choices=("A", "B") if kind == "enum" else ())
    try:
        value = read(control_of(op, field), values, field, UTC)
    except ConfigError:
        return
    assert shown(value) is not None
    FilterRow(field="x", op=op, value=value)
    if op not in ("in_the_last", "more_than_ago"):
        compile_test(op, value)
