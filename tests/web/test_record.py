"""One row of the report: what can be done with its record, and correcting it by hand."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.fakes.far_end import order
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.models import Attempt, AuditEvent, Item, Run, StoredPayload

DRAWER = {"HX-Target": "drawer", "HX-Request": "true"}


@pytest.fixture
def failed(world):
    run = world.run(world.service())
    world.payload(run, 4, 5, 6)
    failed = world.failure(run, "5")
    world.cause(failed)
    return failed


def page_of(client, attempt, **more):
    return client.get(f"/reports/{attempt.pk}", **more)


def buttons(response):
    return re.findall(r"<(?:button|a)[^>]*(?: name=\"do\"|/edit)[^>]*>([^<]+)<", response.content.decode())


def test_in_a_drawer_it_is_only_its_part(client, failed):
    part = page_of(client, failed, headers=DRAWER)
    body = part.content.decode()
    assert "<html" not in body
    assert '<div id="record">' in body
    assert f'href="/reports/{failed.pk}" aria-label="Open as a page"' in body
    checked(part)
    checked(page_of(client, failed))


def test_what_was_never_read_as_a_record_is_not_said_to_lack_a_mapping(client, failed):
    failed.outcome, failed.error_key = "unmapped", "broken_record"
    failed.evidence = {"row": "orders.csv line 9", "value": ""}
    failed.save()
    assert "could not be mapped" not in text_of(page_of(client, failed))


def test_what_can_be_done_has_a_button(client, failed):
    assert buttons(page_of(client, failed)) == ["Pull again", "Send stored copy", "Edit and send", "Resolve"]


def test_what_cannot_be_done_has_none_but_a_reason(client, world, failed):
    StoredPayload.objects.all().delete()
    page = page_of(client, failed)
    assert buttons(page) == ["Pull again", "Edit and send", "Resolve"]
    assert "Send stored copy is not possible: its stored copy has expired" in text_of(page)
    assert f"/reports/{failed.pk}/edit?side=mapped" in page.content.decode()


def test_what_went_through_is_only_sent_again_by_who_insists(client, world):
    fine = world.attempt(world.run(world.service()), outcome="created", remote_id="S1")
    world.item(fine, "ok")
    page = page_of(client, fine)
    assert "Pull again is not possible: it has gone through already." in text_of(page)
    assert buttons(page) == ["Sync it again anyway"]
    assert "Far end took it as S1" in text_of(page)


def test_an_uncertain_record_is_settled_by_who_looked(client, world):
    row = world.attempt(
        world.run(world.service()), status="uncertain", message="The answer was lost", outcome="unknown"
    )
    world.item(row, "uncertain")
    assert buttons(page_of(client, row))[-2:] == ["It arrived", "It did not arrive"]


def test_readers_have_no_buttons(world, failed):
    reader = world.client(world.person("r@example.com", world.company, Role.READ_ONLY))
    page = page_of(reader, failed)
    assert buttons(page) == []
    assert "is not possible" not in text_of(page)
    assert "The e-mail address is not valid" in text_of(page)


def test_a_record_that_nothing_is_remembered_of_has_no_buttons(client, world):
    row = world.failure(world.run(world.service()))
    assert buttons(page_of(client, row)) == []
    done = client.post(f"/reports/{row.pk}/resync", {"do": "pull"}, follow=True)
    assert "nothing is remembered of this record" in done.content.decode()


def test_pulling_again_asks_for_a_run_and_the_page_follows_it(client, world, failed):
    answer = client.post(f"/reports/{failed.pk}/resync", {"do": "pull"}, headers=DRAWER)
    assert "synced again as soon as a worker is free" in answer["HX-Trigger"]
    assert "It is being synced again." in text_of(answer)
    assert "Pull again is not possible" not in text_of(answer)
    run = Run.objects.get(trigger="resync")
    assert (run.options["stored"], run.options["ids"], run.person) == ("else", ["5"], world.ada)
    Run.objects.filter(pk=run.pk).update(status="completed")
    world.attempt(run, "5", outcome="created")
    Item.objects.update(status="ok")
    assert "It was tried again just now : OK" in text_of(page_of(client, failed))


def test_an_attempt_that_was_called_otherwise_is_found_by_what_is_remembered(client, world):
    nameless = world.failure(world.run(world.service()), "5", reference="", at=datetime.now(UTC) - timedelta(hours=1))
    world.item(nameless, "failed")
    assert "It was tried again" not in text_of(page_of(client, nameless))
    last = world.attempt(world.run(nameless.service), "5", reference="ada@example.com", outcome="created")
    Item.objects.update(status="ok", run=last.run, at=last.at, reference="ada@example.com")
    page = page_of(client, nameless)
    assert "It was tried again just now : OK" in text_of(page)
    assert f'href="/reports/{last.pk}"' in page.content.decode()


def test_without_javascript_it_goes_back_to_the_page(client, failed):
    done = client.post(f"/reports/{failed.pk}/resync", {"do": "stored"}, follow=True)
    assert done.redirect_chain == [(f"/reports/{failed.pk}", 302)]
    assert Run.objects.get(trigger="resync").options["stored"] == "only"
    again = client.post(f"/reports/{failed.pk}/resync", {"do": "stored"}, follow=True)
    assert "Nothing was done: it is being synced again already." in again.content.decode()
    assert Run.objects.filter(trigger="resync").count() == 1


def test_values_that_the_mapping_made_are_lit_and_the_wrong_one_more_so(client, world, failed):
    Attempt.objects.update(evidence={"mapped": {"reference": "5", "email": "bad", "name": "#1005"}})
    body = page_of(client, failed).content.decode()
    lit = re.findall(r'<div class="line (made|wrong)"[^>]*><span class="name">&quot;(\w+)&quot;', body)
    assert lit == [("wrong", "email")]
    Attempt.objects.update(
        evidence={"mapped": {"reference": "B5", "lines": [{"sku": "sku-5-0"}]}}, field="lines[0].qty"
    )
    lit = re.findall(
        r'<div class="line (made|wrong)"[^>]*><span class="name">&quot;(\w+)&quot;',
        page_of(client, failed).content.decode(),
    )
    assert lit == [("made", "sku"), ("made", "reference")]


def test_what_differs_from_the_attempt_before_is_shown(client, world, failed):
    earlier = world.failure(failed.run, "5", at=datetime.now(UTC) - timedelta(hours=1))
    last = world.failure(failed.run, "5")
    Attempt.objects.filter(pk=last.pk).update(evidence={"mapped": {"reference": "5", "email": "worse"}})
    said = text_of(page_of(client, last))
    assert "What differs from the attempt before" in said
    assert re.search(r"email Changed &quot;bad&quot; &quot;worse&quot;", said)
    assert "What differs" not in text_of(page_of(client, failed)) or earlier.pk < failed.pk


def test_what_would_be_sent_now_is_shown_or_why_not(client, failed):
    page = client.get(f"/reports/{failed.pk}/now")
    said = text_of(page)
    assert "POST http://far.example/sales" in said
    assert re.search(r"email Changed &quot;bad&quot; &quot;person5@example.com&quot;", said)
    assert not Run.objects.filter(trigger="resync").exists()
    checked(page)
    StoredPayload.objects.all().delete()
    said = text_of(client.get(f"/reports/{failed.pk}/now"))
    assert "It cannot be shown. The pulled page is no longer kept".lower() in said.lower()


def test_its_cause_is_named_with_how_many_have_it(client, world, failed):
    world.cause(world.failure(failed.run, "6"))
    assert "2 records have this problem in this service." in text_of(page_of(client, failed))


def test_it_takes_few_questions(client, world, failed):
    with CaptureQueriesContext(connection) as seen:
        page_of(client, failed)
    assert len(seen) <= 24


# -- corrected by hand ----------------------------------------------------------------------------------------------------


def edit(client, attempt, record, side="pulled", **more):
    text = record if isinstance(record, str) else orjson.dumps(record).decode()
    return client.post(f"/reports/{attempt.pk}/edit?side={side}", {"record": text, **more})


def test_the_editor_begins_with_the_record_as_pulled_or_as_mapped(client, failed):
    page = client.get(f"/reports/{failed.pk}/edit")
    assert "Person5@Example.com" in text_of(page)
    checked(page)
    assert "Person5@Example.com" not in text_of(client.get(f"/reports/{failed.pk}/edit?side=mapped"))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ('{"id": 5,\n "email": }', "Line 2, column"),
        ("[1]", "A record is a JSON object with at least one field"),
        ("{}", "A record is a JSON object with at least one field"),
        (order(6), "The corrected record is another one"),
        ({"email": "x"}, "The corrected record has no id any more"),
        ("", "This field is required"),
    ],
    ids=str,
)
def test_what_is_no_such_record_is_said_beside_the_field(client, failed, record, words):
    page = edit(client, failed, record)
    said = text_of(page).replace("&#x27;", "'")
    assert words in said
    assert "Nothing was saved. Correct The record" in said
    assert not Run.objects.filter(trigger="resync").exists()
    checked(page)


def test_the_wrong_line_is_marked(client, failed):
    assert 'data-error-line="2"' in edit(client, failed, '{"id": 5,\n "email": }').content.decode()


def test_the_changes_are_shown_and_then_sent(client, world, failed):
    better = order(5, email="good@example.com")
    page = edit(client, failed, better)
    assert re.search(r"email Changed &quot; Person5@Example.com &quot; &quot;good@example.com&quot;", text_of(page))
    assert not Run.objects.filter(trigger="resync").exists()
    checked(page)
    back = edit(client, failed, better, edit="1")
    assert "good@example.com" in text_of(back)
    assert "Check the changes" in text_of(back)
    done = edit(client, failed, better, agreed="1")
    assert done["Location"] == f"/reports/{failed.pk}"
    assert Run.objects.get(trigger="resync").options["edited"]
    event = AuditEvent.objects.get(verb="edit")
    assert (event.before, event.after) == ({"email": " Person5@Example.com "}, {"email": "good@example.com"})


def test_where_nothing_was_changed_nothing_is_sent(client, failed):
    page = edit(client, failed, order(5))
    assert "You changed nothing." in text_of(page)
    assert "Send it<" not in page.content.decode()


def test_what_went_through_meanwhile_is_only_sent_by_who_insists(client, world, failed):
    Item.objects.update(status="ok")
    page = edit(client, failed, order(5, email="good@example.com"), agreed="1")
    assert "It cannot be sent. It has gone through already." in text_of(page)
    assert re.search(r'name="again" value="1" required', page.content.decode())
    edit(client, failed, order(5, email="good@example.com"), agreed="1", again="1")
    assert Run.objects.get(trigger="resync").options["force"]


def test_what_is_being_sent_cannot_be_sent_again_by_anybody(client, failed):
    client.post(f"/reports/{failed.pk}/resync", {"do": "pull"})
    page = edit(client, failed, order(5, email="good@example.com"))
    assert "It is being synced again already." in text_of(page)
    assert "Send it<" not in page.content.decode()


def test_a_side_that_is_not_kept_is_not_there(client, failed):
    StoredPayload.objects.all().delete()
    assert client.get(f"/reports/{failed.pk}/edit").status_code == 404
    assert client.get(f"/reports/{failed.pk}/edit?side=mapped").status_code == 200


def test_a_character_that_cannot_be_stored_is_told_with_its_place(client, failed):
    record = {**order(5), "note": "a\x00b"}
    assert "Note: there is a character in it that cannot be stored" in text_of(edit(client, failed, record, agreed="1"))
    assert Run.objects.count() == 1
