"""The mapper: rows beside a record, what its buttons do, and that nothing is kept until it is saved."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.fakes.far_end import MAPPING, order

from topstitch.accounts.models import Role
from topstitch.engine.mapping.document import plain_row
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError
from topstitch.store.actions.connectors import save_connector
from topstitch.store.actions.lookups import save_lookup
from topstitch.store.actions.mapping import generated_mapping, save_mapping
from topstitch.store.actions.services import save_service, spec_of
from topstitch.web.mapper.draft import Draft, changed, read_draft

RECORD = json.dumps(order(7))


@pytest.fixture
def service(world):
    connector = world.connector(world.group)
    spec = {
        "source": {"connector": connector.name, "entity": "orders"},
        "destination": {"connector": connector.name, "entity": "sales"},
        "mapping": MAPPING,
    }
    return save_service(world.group, "Orders to warehouse", Spec.model_validate(spec))


def rows_of(service):
    return [plain_row(row) for row in spec_of(service).mapping]


def press(client, service, action="", *, rows=None, opened="", record=RECORD, **fields):
    data = {"draft": json.dumps(rows or rows_of(service)), "open": opened, "record": record, "action": action, **fields}
    return client.post(reverse("mapper_draft", args=[service.pk]), data)


def draft_of(answer):
    return answer.context["view"].draft.rows


def test_rows_show_what_they_make_of_the_record_in_hand(client, service):
    answer = press(client, service)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "person7@example.com" in page
    assert "&quot;SKU-7-0&quot;" in page
    assert "and 1 more element" in page


def test_the_page_is_read_without_a_record(client, service):
    assert "reference" in client.get(reverse("mapper", args=[service.pk])).content.decode()


def test_a_function_that_fails_is_told_in_its_row_and_the_others_are_shown(client, service):
    record = json.dumps(order(7, total="many"))
    page = press(client, service, record=record).content.decode()
    assert "&#x27;many&#x27; is not a number" in page
    assert "person7@example.com" in page


def test_a_row_that_cannot_be_used_is_told_in_place(client, service):
    rows = [*rows_of(service), {"to": "x", "from": ["id"], "do": ["string.prefix"]}]
    page = press(client, service, rows=rows).content.decode()
    assert "the parameter &#x27;text&#x27; (Text) is missing" in page
    assert "person7@example.com" in page


def test_a_new_row_asks_for_its_field(client, service):
    page = press(client, service, "add").content.decode()
    assert "choose the field that this row fills" in page
    assert "String should" not in page


def test_the_value_after_every_function_of_the_open_row(client, service):
    page = press(client, service, "open:2").content.decode()
    assert 'name="do.0.function"' in page
    assert "Person7@Example.com" in page
    assert "person7@example.com" in page


def test_what_is_typed_into_the_open_row_is_taken_over_by_any_button(client, service):
    fields = {
        "to": "number",
        "from.0.path": "name",
        "do.0.function": "string.prefix",
        "do.0.args.text": "WEB-",
        "enabled": "1",
    }
    answer = press(client, service, "close", opened="1", **fields)
    assert draft_of(answer)[1] == {
        "to": "number",
        "from": [{"path": "name"}],
        "do": [{"function": "string.prefix", "args": {"text": "WEB-"}}],
    }
    assert "WEB-#1007" in answer.content.decode()


def test_nothing_is_kept_until_it_is_saved_and_saving_shows_the_difference_first(client, service):
    before = service.revisions.count()
    rows = rows_of(service)
    rows[1]["do"] = [{"function": "string.lower"}]
    press(client, service, rows=rows)
    assert service.revisions.count() == before

    save = reverse("mapper_save", args=[service.pk])
    page = client.post(save, {"draft": json.dumps(rows), "record": RECORD}).content.decode()
    assert "Lower" in page
    assert "Replace" in page
    assert service.revisions.count() == before

    answer = client.post(save, {"draft": json.dumps(rows), "agreed": "1", "note": "quieter"})
    assert answer.status_code == 302
    service.refresh_from_db()
    assert service.revision.note == "quieter"
    assert service.revision.author.email == "ada@example.com"
    assert [step.function for step in spec_of(service).mapping[1].do] == ["string.lower"]


def test_what_is_being_typed_is_saved_along(client, service):
    typed = {"to": "number", "from.0.path": "name", "do.0.function": "string.prefix", "do.0.args.text": "WEB-"}
    page = {"draft": json.dumps(rows_of(service)), "open": "1", "record": RECORD, "enabled": "1", **typed}
    answer = client.post(reverse("mapper_save", args=[service.pk]), page)
    assert "Prefix" in answer.content.decode()
    again = {"draft": answer.context["draft"], "record": RECORD}
    assert "WEB-#1007" in client.post(reverse("mapper_draft", args=[service.pk]), again).content.decode()


def test_a_mapping_that_cannot_be_saved_says_why_and_stays(client, service):
    rows = [*rows_of(service), {"to": "x", "from": ["id"], "do": ["string.nothing"]}]
    answer = client.post(reverse("mapper_save", args=[service.pk]), {"draft": json.dumps(rows), "agreed": "1"})
    assert "there is no function &#x27;string.nothing&#x27;" in answer.content.decode()
    assert draft_of(answer) == rows


@pytest.mark.parametrize(("record", "said"), [("{", "JSON"), ("[1]", "record"), ("7", "record"), ('{"a": 1e999}', "")])
def test_a_record_that_is_none_is_told(client, service, record, said):
    answer = press(client, service, record=record)
    assert answer.status_code == 200
    assert said.lower() in answer.content.decode().lower()


@pytest.mark.parametrize("text", ["{", "7", '["x"]', "[" * 100_000, json.dumps([{}] * 2001)])
def test_a_draft_that_is_none_is_refused_and_the_saved_rows_stay(client, service, text):
    for address in ("mapper_draft", "mapper_save"):
        answer = client.post(reverse(address, args=[service.pk]), {"draft": text, "action": "add"})
        assert answer.status_code == 200
        assert draft_of(answer) == rows_of(service)
    with pytest.raises(ConfigError):
        read_draft(text)


@pytest.mark.parametrize(
    "action", ["open:99", "up:x", "fly", "remove", "part-add", "part-remove:do.9", "part-up:do.x.y"]
)
def test_a_button_that_there_is_not_does_no_harm(client, service, action):
    answer = press(client, service, action, opened="1", to="number")
    assert answer.status_code == 200
    assert len(draft_of(answer)) == len(MAPPING)


ROWS = [{"to": "a", "from": [{"path": "x"}]}, {"to": "b", "required": True}, {"to": "c"}]


def done(action, fields=(), opened=None):
    return changed(Draft([dict(row) for row in ROWS], opened), dict(fields), action)


def test_rows_are_moved_copied_switched_off_and_removed():
    assert [row["to"] for row in done("down:0").rows] == ["b", "a", "c"]
    assert [row["to"] for row in done("up:0").rows] == ["a", "b", "c"]
    assert [row["to"] for row in done("copy:1").rows] == ["a", "b", "b", "c"]
    assert "required" not in done("copy:1").rows[2]
    assert done("toggle:0").rows[0]["enabled"] is False
    assert [row["to"] for row in done("remove:0").rows] == ["b", "c"]
    with pytest.raises(ConfigError, match="b is required and stays"):
        done("remove:1")


def test_rows_are_moved_past_those_of_their_category_and_the_open_one_stays_open():
    rows = [{"to": "a", "category": "One"}, {"to": "x"}, {"to": "b", "category": "One"}]
    moved = changed(Draft(rows, 2), {}, "down:0")
    assert [row["to"] for row in moved.rows] == ["x", "b", "a"]
    assert moved.rows[moved.open]["to"] == "b"


def test_suggestions_that_are_ticked_become_rows():
    made = done("accept", {"suggest_1_1": '["total", "totalPrice"]', "suggest_1_2": "broken"})
    assert made.rows[3:] == [{"to": "total", "from": [{"path": "totalPrice"}]}]


def test_functions_of_the_open_row_are_added_moved_and_removed():
    fields = {"to": "a", "enabled": "1", "do.0.function": "string.trim", "do.1.function": "string.upper"}
    names = lambda draft: [step["function"] for step in draft.rows[0].get("do", [])]  # noqa: E731
    assert names(done("part-add:do", fields, 0)) == ["string.trim", "string.upper", "string.trim"]
    assert names(done("part-up:do.1", fields, 0)) == ["string.upper", "string.trim"]
    assert names(done("part-remove:do.0", fields, 0)) == ["string.upper"]


def test_arguments_are_typed_by_their_parameters():
    fields = {
        "to": "a",
        "enabled": "1",
        "do.0.function": "number.round",
        "do.0.args.places": "3",
        "do.1.function": "string.concatenate",
        "do.1.args.joiner": " ",
        "do.2.function": "other.fallback",
        "do.2.args.value": "0",
        "do.3.function": "array.join",
        "do.3.args.delimiter": ",",
    }
    steps = done("", fields, 0).rows[0]["do"]
    assert [step.get("args") for step in steps] == [{"places": 3}, {"joiner": " "}, {"value": 0}, None]


def sent_unticked(page, switch):
    """What a browser sends of a switch of the page that is not ticked."""
    inputs = re.findall(rf'<input type="(\w+)"[^>]* name="{re.escape(switch)}" value="(\w*)"', page)
    assert inputs[-1] == ("checkbox", "1"), "of two values of one name the last counts"
    hidden = [value for kind, value in inputs if kind == "hidden"]
    return {switch: hidden[-1]} if hidden else {}


@pytest.mark.parametrize(
    ("function", "args"), [("string.concatenate", {"skip_empty": False}), ("other.boolean", {"value": False})]
)
def test_a_switch_of_a_function_can_be_off_where_it_is_usually_on_and_where_it_is_needed(
    client, service, function, args
):
    rows = [{"to": "x", "from": ["id"], "do": [{"function": function, "args": dict.fromkeys(args, True)}]}]
    page = press(client, service, "open:0", rows=rows).content.decode()
    fields = {"to": "x", "from.0.path": "id", "do.0.function": function, "enabled": "1"}
    for name in args:
        fields |= sent_unticked(page, f"do.0.args.{name}")
    answer = press(client, service, "close", rows=rows, opened="0", **fields)
    assert draft_of(answer)[0]["do"] == [{"function": function, "args": args}]
    assert "is missing" not in answer.content.decode()


def test_a_function_that_was_just_chosen_has_its_needed_switch_off():
    made = changed(Draft(ROWS, 0), {"to": "a", "do.0.function": "other.boolean", "enabled": "1"}, "close")
    assert made.rows[0]["do"] == [{"function": "other.boolean", "args": {"value": False}}]


def test_another_value_is_tried_in_the_open_row_and_the_record_says_so(client, service):
    place = next(n for n, row in enumerate(rows_of(service)) if row.get("from") == [{"path": "email"}])
    answer = press(
        client, service, **{"try.0.path": "email", "try.0.was": " Person7@Example.com ", "try.0.value": "A@B.example"}
    )
    assert answer.context["hand"].about == ", changed here"
    shown = {row.place: row for row in answer.context["view"].rows}
    assert shown[place].value == '"a@b.example"'
    same = press(client, service, **{"try.0.path": "email", "try.0.was": "a", "try.0.value": "a"})
    assert same.context["hand"].text == RECORD


def test_of_a_list_the_first_element_is_tried(client, service):
    answer = press(client, service, **{"try.0.path": "lines[*].sku", "try.0.was": "", "try.0.value": "OTHER"})
    lines = json.loads(answer.context["hand"].text)["lines"]
    assert [line["sku"] for line in lines] == ["OTHER", " sku-7-1 "]


def test_fields_are_offered_with_their_values_in_the_record(client, service):
    record = json.dumps(order(7, gift={"note": "Happy birthday"}))
    offers = press(client, service, record=record).context["offers"]
    said = {option.value: option.words for option in offers["source"]}
    assert "person7@example.com" in said["email"].lower()
    assert said["gift.note"] == '"Happy birthday"'
    assert "lookup" not in offers


def test_tables_and_scripts_are_offered_where_a_function_wants_one(client, service, world):
    save_lookup(world.company, "Carriers", [("DHL", "dhl")])
    rows = [*rows_of(service), {"to": "x", "from": ["id"], "do": [{"function": "other.map", "args": {"table": "?"}}]}]
    answer = press(client, service, "", rows=rows, opened="", to="")
    assert "lookup" not in answer.context["offers"]
    answer = press(client, service, f"open:{len(rows) - 1}", rows=rows)
    assert [option.value for option in answer.context["offers"]["lookup"]] == ["Carriers"]
    assert 'list="offer-lookup"' in answer.content.decode()


@pytest.fixture
def shop_service(world):
    """Of two systems that describe their fields, with the default mapping."""
    for name, system in (("Shop", "shopify"), ("Warehouse", "peoplevox")):
        save_connector(world.group, name, system, {}, environment="practice")
    spec = {
        "source": {"connector": "Shop", "entity": "orders"},
        "destination": {"connector": "Warehouse", "entity": "orders"},
    }
    made = save_service(world.group, "Shop to warehouse", Spec.model_validate(spec))
    return save_mapping(made, generated_mapping(made, keep_changes=False).rows, note="")


def test_the_request_is_built_only_when_asked_for(client, service):
    plain, asked = press(client, service), press(client, service, "request")
    assert plain.context["view"].record.requests == ()
    assert "Build the request" in plain.content.decode()
    assert [each["method"] for each in asked.context["view"].record.requests] == ["POST"]
    assert draft_of(asked) == rows_of(service)


def test_suggestions_for_free_fields_are_shown_when_asked_for(client, shop_service):
    rows = [row for row in rows_of(shop_service) if row["to"] != "Email"]
    assert "Suggested for fields" not in press(client, shop_service, rows=rows).content.decode()
    answer = press(client, shop_service, "suggest", rows=rows)
    found = {one.field.path: one.suggestions[0][0] for one in answer.context["suggestions"]}
    assert found["Email"] == "email"
    assert "SalesOrderNumber" not in found
    assert draft_of(answer) == rows


def test_missing_default_rows_are_added_and_what_a_person_changed_stays(client, shop_service):
    saved = rows_of(shop_service)
    rows = [{**row, "name": "Mine"} if row["to"] == "TotalSale" else row for row in saved if row["to"] != "Email"]
    # What an earlier revision had and the present one has not, a person took out.
    assert [row["to"] for row in draft_of(press(client, shop_service, "generate", rows=rows))] == [
        row["to"] for row in rows
    ]
    shop_service.revisions.exclude(pk=shop_service.revision_id).delete()
    shop_service.revision.spec["mapping"] = [row for row in saved if row["to"] != "Email"]
    shop_service.revision.save()
    made = draft_of(press(client, shop_service, "generate", rows=rows))
    assert [row["to"] for row in made] == [row["to"] for row in saved]
    assert "Mine" in [row.get("name") for row in made]


def test_a_mapping_goes_out_as_a_document_and_comes_in_again(client, service):
    rows = [*rows_of(service), {"to": "x", "from": ["id"]}]
    out = client.post(reverse("mapper_export", args=[service.pk]), {"draft": json.dumps(rows)})
    assert out["Content-Disposition"] == 'attachment; filename="Orders to warehouse mapping.json"'
    answer = press(client, service, "import", pasted=out.content.decode())
    assert draft_of(answer)[-1]["to"] == "x"
    assert "in place of" in answer.content.decode()
    with_file = press(client, service, "import", document=SimpleUploadedFile("mapping.json", out.content))
    assert draft_of(with_file) == draft_of(answer)


@pytest.mark.parametrize(
    ("text", "said"), [("", "there is nothing to import"), ("{nonsense", "line 1"), ('{"format": "x"}', "format")]
)
def test_what_is_no_document_is_told_and_the_draft_stays(client, service, text, said):
    answer = press(client, service, "import", pasted=text)
    assert said in answer.content.decode()
    assert draft_of(answer) == rows_of(service)


@pytest.mark.parametrize("asked", ["", "?record=%231007", "?sample"])
def test_who_may_only_read_sees_the_rows_without_any_record_and_is_told_why(world, service, monkeypatch, asked):
    def never(*given, **more):
        raise AssertionError("a record was taken through the service")

    monkeypatch.setattr("topstitch.web.mapper.reading.preview_of", never)
    monkeypatch.setattr("topstitch.web.mapper.records.stored_record", lambda *given: ("#1007", order(7)))
    reader = world.client(world.person("rita@example.com", world.company, Role.READ_ONLY))
    page = reader.get(reverse("mapper", args=[service.pk]) + asked).content.decode()
    assert "lines[*].sku" in page
    assert "administrators and managers try records" in page
    assert "person7@example.com" not in page.lower()
    for word in ("Add row", "Suggest rows", ">Edit<", "mapper-import", ">Save<"):
        assert word not in page


def test_a_character_that_cannot_be_stored_is_told_and_the_draft_stays(client, service):
    rows = [*rows_of(service), {"to": "channel", "value": "a\x00b"}]
    answer = client.post(reverse("mapper_save", args=[service.pk]), {"draft": json.dumps(rows), "agreed": "1"})
    assert "cannot be stored" in answer.content.decode()
    assert draft_of(answer) == rows
    assert press(client, service, wanted="a\x00b").status_code == 200


def test_saving_a_draft_that_is_none_is_refused_and_the_saved_rows_stay(client, service):
    answer = client.post(reverse("mapper_save", args=[service.pk]), {"draft": "[{", "agreed": "1"})
    assert "this is not JSON" in answer.content.decode()
    assert draft_of(answer) == rows_of(service)
