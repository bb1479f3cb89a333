"""The configuration as JSON: shown, checked with its lines, looked at as a difference, saved."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.far_end import MAPPING
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Membership
from topstitch.engine.spec import Service as Spec
from topstitch.store.actions.services import save_service
from topstitch.store.models import Service
from topstitch.web.service_settings.json_places import line_of


@pytest.fixture
def service(world):
    Membership.objects.filter(user=world.ada).update(advanced_editor=True)
    connector = world.connector(world.group)
    spec = {
        "source": {"connector": connector.name, "entity": "orders"},
        "destination": {"connector": connector.name, "entity": "sales"},
        "mapping": MAPPING,
    }
    return save_service(world.group, "Orders to warehouse", Spec.model_validate(spec))


def address(service, part=""):
    return reverse("service_json", args=[service.pk]) + (f"?part={part}" if part else "")


def spec_of(service):
    return Service.objects.get(pk=service.pk).revision.spec


def send(client, service, value, part="", **fields):
    text = value if isinstance(value, str) else json.dumps(value, indent=2)
    return client.post(address(service, part), {"text": text, **fields})


def problems(page):
    return [(each.line, each.path, each.message) for each in page.context["problems"]]


def changed(service, **source):
    spec = spec_of(service)
    return {**spec, "source": {**spec["source"], **source}}


def test_the_whole_is_shown_and_each_part_alone(client, service, django_assert_max_num_queries):
    with django_assert_max_num_queries(11):
        page = client.get(address(service))
    checked(page)
    assert json.loads(page.context["form"].initial["text"]) == spec_of(service)
    for part in ("source", "destination", "mapping"):
        page = client.get(address(service, part))
        assert json.loads(page.context["form"].initial["text"]) == spec_of(service)[part]
    assert json.loads(client.get(address(service, "schedules")).context["form"].initial["text"]) == []
    assert json.loads(client.get(address(service, "nonsense")).context["form"].initial["text"]) == spec_of(service)


def test_nothing_is_saved_before_the_difference_was_seen(client, world, service):
    page = send(client, service, changed(service, page_size=10))
    checked(page)
    assert "Source: page size from the usual to 10" in text_of(page)
    assert "page_size" not in spec_of(service)["source"]
    text = page.context["text"]
    assert send(client, service, text, agreed="1", base="1", note="Smaller").status_code == 302
    revision = Service.objects.get(pk=service.pk).revision
    assert (revision.number, revision.note, revision.author) == (2, "Smaller", world.ada)
    assert revision.spec["source"]["page_size"] == 10


def test_a_part_is_saved_with_the_others_as_they_are(client, service):
    rows = [*spec_of(service)["mapping"], {"to": "channel", "value": "web"}]
    page = send(client, service, rows, "mapping")
    assert "1 mapping row added: channel" in text_of(page)
    send(client, service, rows, "mapping", agreed="1", base="1")
    assert spec_of(service)["mapping"][-1] == {"to": "channel", "value": "web"}
    assert spec_of(service)["source"]["entity"] == "orders"


def test_what_somebody_saved_meanwhile_is_not_overwritten_unseen(client, service):
    mine = changed(service, page_size=10)
    save_service(service.group, service.name, Spec.model_validate(changed(service, max_attempts=9)))
    page = send(client, service, mine, agreed="1", base="1")
    checked(page)
    assert "Nothing was saved: a file or the command line saved revision 2" in text_of(page)
    assert "maximum attempts from 9 to 4" in text_of(page)
    assert Service.objects.get(pk=service.pk).revision.number == 2
    send(client, service, mine, agreed="1", base="2")
    assert Service.objects.get(pk=service.pk).revision.number == 3


def test_one_goes_back_to_editing_with_what_was_typed(client, service):
    page = send(client, service, '{"a": 1}', edit="1")
    assert page.context["form"].initial["text"] == '{"a": 1}'


WRONG = [
    ("{", 1, "", "This is not JSON"),
    ('{\n  "source": {},,\n}', 2, "", "This is not JSON"),
    ("[]", 1, "", "A configuration is an object."),
    ('{"source": NaN}', 0, "", "NaN is no number of JSON."),
    ("[" * 100_000, 0, "", "It is nested too deep."),
]


@pytest.mark.parametrize(("text", "line", "path", "message"), WRONG, ids=range(len(WRONG)))
def test_a_text_that_is_no_configuration_says_where(client, service, text, line, path, message):
    page = send(client, service, text)
    checked(page)
    [(at, where, said)] = problems(page)
    assert (at, where) == (line, path)
    assert said.startswith(message)
    assert page.context["form"].initial["text"] == text


def line_with(value, words):
    return next(n for n, line in enumerate(json.dumps(value, indent=2).split("\n"), 1) if words in line)


def test_everything_that_is_wrong_is_told_with_its_line_and_path(client, service):
    value = changed(service, page_size=0, colour="red")
    value["mapping"][1]["to"] = ""
    del value["mapping"][2]["to"]
    page = send(client, service, value)
    found = {path: (line, message) for line, path, message in problems(page)}
    assert found["source.page_size"] == (line_with(value, '"page_size"'), "It should be greater than or equal to 1.")
    assert found["source.colour"] == (line_with(value, '"colour"'), "There is no setting of this name here.")
    assert found["mapping[1].to"][0] == line_with(value, '"to": ""')
    assert found["mapping[2].to"][1] == "This is missing."
    assert 'data-error-line="' in page.content.decode()
    checked(page)


def test_what_the_systems_refuse_has_its_line_too(client, service):
    value = spec_of(service)
    value["mapping"].append({"to": "x", "from": [{"path": "id"}], "do": [{"function": "string.nothing"}]})
    [(line, path, message)] = problems(send(client, service, value))
    assert path == "mapping[7]"
    assert line == json.dumps(value, indent=2).count("\n", 0, json.dumps(value, indent=2).index('"string.nothing"')) - 8
    assert "string.nothing" in message


def test_within_a_part_lines_are_those_of_the_part(client, service):
    rows = [{"to": "reference", "from": ["id"]}, {"from": ["id"]}]
    [(line, path, message)] = problems(send(client, service, rows, "mapping"))
    assert (path, message) == ("mapping[1].to", "This is missing.")
    assert json.dumps(rows, indent=2).split("\n")[line - 1].strip() == "{"
    assert line > 2


def test_a_connector_that_is_not_there_is_said_where(client, service):
    value = changed(service, connector="nowhere")
    [(line, path, message)] = problems(send(client, service, value))
    assert (line, path) == (line_with(value, '"nowhere"'), "source.connector")
    assert message.startswith("There is no connector 'nowhere'")


def test_what_saving_refuses_is_said(client, service):
    rows = [{**row, "required": True} for row in spec_of(service)["mapping"]]
    send(client, service, rows, "mapping", agreed="1", base="1")
    page = send(client, service, rows[1:], "mapping", agreed="1", base="2")
    assert "is required and would have no row any more" in text_of(page)


def test_only_advanced_editors_edit_json_and_others_are_not_led_there(world, service):
    Membership.objects.filter(user=world.ada).update(advanced_editor=False)
    client = world.client(world.ada)
    assert client.get(address(service)).status_code == 403
    assert "JSON" not in text_of(client.get(reverse("service_settings", args=[service.pk])))
    Membership.objects.filter(user=world.ada).update(advanced_editor=True)
    client = world.client(world.ada)
    assert "Edit as JSON" in text_of(client.get(reverse("service_settings", args=[service.pk])))
    assert "Edit the source as JSON" in text_of(client.get(reverse("service_source", args=[service.pk])))


def test_a_service_of_another_company_does_not_exist(world, service):
    Membership.objects.filter(user=world.sam).update(advanced_editor=True)
    assert world.client(world.sam).get(address(service)).status_code == 404


@pytest.mark.parametrize("part", ["", "source", "mapping", "script"])
def test_the_schema_is_a_file(client, service, part):
    answer = client.get(reverse("service_schema") + f"?part={part}")
    assert answer["Content-Disposition"] == f'attachment; filename="{part or "service"}.schema.json"'
    assert "page_size" in answer.content.decode() or part in ("mapping", "script")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('"\\{}[],:aé \n', max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('"\\{}[],:ab', max_size=4), inner, max_size=4),
    max_leaves=20,
)


def ways(value, way=()):
    yield way, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from ways(inner, (*way, key))


@given(values)
def test_lines_are_those_where_parts_stand(value):
    """One value a line: the lines of values follow each other as the values do."""
    text = json.dumps(value, indent=1)
    found = [line_of(text, way) for way, _ in ways(value)]
    assert found == sorted(set(found))
    lines = text.split("\n")
    for line, (_, inner) in zip(found, ways(value), strict=True):
        if not isinstance(inner, dict | list):
            assert lines[line - 1].rstrip(",").endswith(json.dumps(inner))


def test_what_is_not_there_is_where_it_would_stand():
    text = '{\n "a": [\n  {"b": 1},\n  {}\n ]\n}'
    assert line_of(text, ("a", 1, "b")) == 4
    assert line_of(text, ("a", 7)) == 2
    assert line_of(text, ("z",)) == 1


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"])
def test_a_character_that_cannot_be_stored_is_told_with_its_line(client, service, bad):
    spec = spec_of(service)
    text = json.dumps({**spec, "mapping": [*spec["mapping"], {"to": "channel", "value": bad}]}, indent=2)
    page = send(client, service, text, agreed="1")
    ((line, path, message),) = problems(page)
    assert path == f"mapping[{len(spec['mapping'])}].value"
    assert '"value"' in text.splitlines()[line - 1]
    assert "cannot be stored" in message
    assert json.loads(text) == json.loads(page.context["form"].initial["text"])
