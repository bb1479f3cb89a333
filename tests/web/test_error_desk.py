"""The error desk: cards by cause, one cause, and what people decide about it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.pages import checked, text_of

from topstitch.accounts.models import Role
from topstitch.store.models import AuditEvent, ErrorDay, ErrorGroup, ErrorNote, Item, Run

KIN, OTHER = 4711, 4712


@pytest.fixture
def desk(world):
    """Two causes: one of three records in two services, one of a single record whose system was away."""
    orders, returns = world.service(), world.service("Returns to warehouse", source="peoplevox")
    run = world.run(orders)
    world.failures = [world.failure(run, "1"), world.failure(run, "2"), world.failure(world.run(returns), "3")]
    world.cause(*world.failures)
    away = world.attempt(
        run,
        "9",
        status="pending",
        message="no connection to far.example:443",
        error_class="connection",
        error_key="away",
    )
    world.cause(away, kin=OTHER)
    world.orders, world.returns, world.away = orders, returns, away
    return world


def cards(response):
    found = re.findall(r'class="whole" data-row href="/errors/(\d+)\?', response.content.decode())
    return [int(kin) for kin in found]


def post(client, what, **sent):
    return client.post(f"/errors/{KIN}/{what}", {"state": "open", **sent}, follow=True)


# -- the cards ----------------------------------------------------------------------------------------------------------


def test_a_card_says_what_how_many_where_and_since_when(desk, client):
    group = ErrorGroup.objects.filter(kin=KIN).first()
    ErrorDay.objects.create(group=group, day=datetime.now(UTC).date(), count=7)
    page = client.get("/errors/?class=value")
    said = text_of(page)
    for words in (
        "Value email",
        "The e-mail address is not valid",
        "Orders to warehouse",
        "Returns to warehouse",
        "records now 3",
        "not assigned",
        "Since just now",
    ):
        assert words in said
    assert "0, 0, 7" in page.content.decode()
    checked(page)


def test_a_cause_is_told_by_its_newest_failure_and_found_by_what_that_says(desk, client):
    ErrorGroup.objects.filter(kin=KIN).update(sentence="line …: … is left out", message="line 9: P-506 is left out")
    page = client.get("/errors/?q=P-506")
    assert cards(page) == [KIN]
    assert "Line 9: P-506 is left out" in text_of(page)
    assert "newest of 3" in text_of(page)
    assert "Line 9: P-506 is left out" in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [OTHER, KIN]),
        ("sort=-records", [KIN, OTHER]),
        ("class=value", [KIN]),
        ("class=nonsense", [OTHER, KIN]),
        ("service=returns", [KIN]),
        ("service=no+such", []),
        ("q=address+mail", [KIN]),
        ("q=%25", []),
        ("who=mine", []),
        ("who=nobody", [OTHER, KIN]),
        ("state=ignored", []),
        ("state=resolved", []),
        ("state=itself", []),
        ("state=nonsense&after=nonsense", [OTHER, KIN]),
    ],
)
def test_the_desk_is_narrowed_down(desk, client, query, expected):
    page = client.get(f"/errors/?{query}")
    assert cards(page) == expected
    checked(page)


def test_what_is_mine_is_mine(desk, client, world):
    post(client, "assign", to=world.ada.pk)
    assert cards(client.get("/errors/?who=mine")) == [KIN]
    assert cards(client.get("/errors/?who=nobody")) == [OTHER]
    assert cards(client.get("/errors/?who=somebody")) == [KIN]
    bob = world.person("bob@example.com", world.company, Role.USER)
    assert cards(world.client(bob).get("/errors/?who=mine")) == []
    assert "ada@example.com" in text_of(client.get("/errors/?class=value"))


def test_what_resolved_by_itself_is_kept_apart(desk, client, world):
    ErrorGroup.objects.filter(kin=KIN).update(state="resolved", resolved_at=datetime.now(UTC))
    ErrorGroup.objects.filter(kin=OTHER).update(state="resolved", resolved_at=datetime.now(UTC), resolved_by=world.ada)
    assert cards(client.get("/errors/?state=itself")) == [KIN]
    assert cards(client.get("/errors/?state=resolved")) == [OTHER]
    assert "Nothing waits here." in text_of(client.get("/errors/"))


def test_an_empty_tab_teaches(world, client):
    for state, words in (("open", "Nothing waits here."), ("ignored", "go on being counted"), ("itself", "doing")):
        page = client.get(f"/errors/?state={state}")
        assert words in text_of(page)
        checked(page)


def test_it_pages_to_the_end(world, client, monkeypatch):
    monkeypatch.setattr("topstitch.store.queries.errors.error_cards.__kwdefaults__", {"after": "", "size": 2})
    run = world.run(world.service())
    for number in range(5):
        world.cause(
            world.failure(run, str(number)), kin=100 + number, last_at=datetime.now(UTC) + timedelta(minutes=number)
        )
    address, seen = "/errors/", []
    while address:
        page = client.get(address)
        seen += cards(page)
        found = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        address = f"/errors/{found[1].replace('&amp;', '&')}" if found else None
    assert seen == [104, 103, 102, 101, 100]


def test_open_causes_are_counted_beside_the_name_of_the_area(desk, client, world):
    assert re.search(r'Errors</span><span class="badge">2<', client.get("/services/").content.decode())
    sam = world.client(world.sam)
    assert "badge" not in sam.get("/services/").content.decode()


def test_the_cards_take_few_questions_however_many_there_are(desk, client, world):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            client.get("/errors/")
        return len(seen)

    few = queries()
    for number in range(20):
        world.cause(world.failure(world.run(world.service(f"Service {number}")), str(number)), kin=100 + number)
    assert queries() == few <= 12


# -- one cause ----------------------------------------------------------------------------------------------------------


def test_a_cause_shows_its_records_and_what_to_do(desk, client):
    page = client.get(f"/errors/{KIN}?state=open")
    said = text_of(page)
    for words in (
        "3 records of 2 services now",
        "Value: a value is not as it must be",
        "Correct the record at the source.",
        "Pull all again",
        "Resolve all",
        "Failed attempts 3",
        "up to 4 tries",
    ):
        assert words in said
    assert [key for key in ("#1", "#2", "#3") if f">{key}<" in page.content.decode()] == ["#1", "#2", "#3"]
    assert f"/reports/{desk.failures[0].pk}" in page.content.decode()
    checked(page)


def test_a_cause_says_whether_its_records_are_tried_again_by_themselves(desk, client):
    assert "tried again when they change at the source" in text_of(client.get(f"/errors/{KIN}"))
    assert "tried again by themselves" in text_of(client.get(f"/errors/{OTHER}"))


def test_records_are_paged(desk, client, monkeypatch):
    monkeypatch.setattr("topstitch.store.queries.errors.affected_records.__kwdefaults__", {"after": None, "size": 2})
    first = client.get(f"/errors/{KIN}")
    further = re.search(r'rel="next" href="([^"]+)"', first.content.decode())[1].replace("&amp;", "&")
    second = client.get(f"/errors/{KIN}{further}")
    shown = [re.findall(r'title="(#\d)"', page.content.decode()) for page in (first, second)]
    assert sorted(shown[0] + shown[1]) == ["#1", "#2", "#3"]
    assert (len(shown[0]), len(shown[1])) == (2, 1)


def test_all_of_it_is_pulled_again_at_once(desk, client):
    sent = {"do": "pull", "all": "1", "cause": KIN, "state": "open", "back": f"/errors/{KIN}"}
    page = client.post("/records/resync", sent)
    assert "Pull 3 records again?" in text_of(page)
    assert "Orders to warehouse 2" in text_of(page)
    client.post("/records/resync", {**sent, "agreed": "1"})
    assert sorted(id for run in Run.objects.filter(trigger="resync") for id in run.options["ids"]) == ["1", "2", "3"]


def test_what_waits_to_be_synced_again_is_said_and_not_offered_anew(desk, client):
    def ticks(page):
        return re.findall(r'name="tick" value="(\d+)"', page.content.decode())

    address = f"/errors/{KIN}?state=open"
    some = Item.objects.get(service=desk.orders, key="1")
    client.post("/records/resync", {"of": "items", "tick": str(some.pk), "do": "best", "agreed": "1"})
    page = client.get(address)
    checked(page)
    assert "1 record to be synced again already" in text_of(page)
    assert "Pull all again" in text_of(page)
    assert len(ticks(page)) == 2
    assert str(some.pk) not in ticks(page)
    client.post("/records/resync", {"all": "1", "cause": str(KIN), "state": "open", "do": "best", "agreed": "1"})
    page = client.get(address)
    assert "3 records to be synced again already" in text_of(page)
    assert "Pull all again" not in text_of(page)
    assert "Resolve all" not in text_of(page)
    assert not ticks(page)
    Run.objects.filter(trigger="resync").update(status="completed")
    page = client.get(address)
    assert "already" not in text_of(page)
    assert len(ticks(page)) == 3


def test_ticked_ones_are_resolved_and_a_cause_without_any_record_is_over(desk, client, world):
    ids = list(Item.objects.filter(key__in="12").values_list("pk", flat=True))
    client.post("/records/settle", {"do": "close", "of": "items", "tick": ids, "agreed": "1"})
    assert Item.objects.filter(status="closed").count() == 2
    assert ErrorGroup.objects.get(kin=KIN, service=world.orders).resolved_by == world.ada
    page = client.get(f"/errors/{KIN}?state=open")
    assert "1 record of 1 service now" in text_of(page)


def test_what_nobody_has_any_more_says_so(desk, client):
    ErrorGroup.objects.update(state="resolved", affected=0, recovered=3)
    Item.objects.update(status="ok")
    page = client.get(f"/errors/{KIN}?state=open")
    said = text_of(page)
    assert "It is resolved." in said
    assert "No record has it any more" in said
    assert "Pull all again" not in said
    assert "Open it again" in said
    checked(page)


def test_a_cause_takes_few_questions(desk, client):
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/errors/{KIN}?state=open")
    assert len(seen) <= 16


def test_what_is_nobodys_or_others_is_not_there(desk, world, client):
    assert client.get("/errors/4799").status_code == 404
    assert client.get(f"/errors/{10**18}").status_code == 404
    sam = world.client(world.sam)
    assert sam.get(f"/errors/{KIN}").status_code == 404
    for what in ("assign", "comment", "ignore", "reopen"):
        assert sam.post(f"/errors/{KIN}/{what}", {"note": "x"}).status_code == 404
    assert cards(sam.get("/errors/")) == []


# -- what people decide -------------------------------------------------------------------------------------------------


def test_a_cause_is_given_to_somebody_and_taken_back(desk, client, world):
    bob = world.person("bob@example.com", world.company, Role.USER)
    assert "Assigned to bob@example.com." in post(client, "assign", to=bob.pk).content.decode()
    assert set(ErrorGroup.objects.filter(kin=KIN).values_list("assignee", flat=True)) == {bob.pk}
    assert "Assigned to nobody." in post(client, "assign", to="").content.decode()
    assert AuditEvent.objects.filter(verb="assign").count() == 4


def test_strangers_cannot_have_a_cause(desk, client, world):
    assert client.post(f"/errors/{KIN}/assign", {"to": world.sam.pk}).status_code == 404
    assert ErrorGroup.objects.exclude(assignee=None).count() == 0


def test_a_note_is_kept_and_an_empty_one_is_refused(desk, client):
    page = post(client, "comment", note="Asked the shop")
    assert "Asked the shop" in text_of(page)
    assert "A note has at least one letter" in post(client, "comment", note="  ").content.decode()
    assert set(ErrorNote.objects.values_list("text", flat=True)) == {"Asked the shop"}
    assert "Asked the shop" in text_of(client.get("/errors/"))


def test_a_cause_is_ignored_until_a_day_with_its_reason(desk, client):
    day = datetime.now(UTC).date() + timedelta(days=2)
    done = post(client, "ignore", until=day.isoformat(), note="The shop mends it on Friday")
    assert done.redirect_chain == [("/errors/", 302)]
    assert cards(done) == [OTHER]
    group = ErrorGroup.objects.filter(kin=KIN).first()
    assert group.ignored_until.date() == day + timedelta(days=1)
    ignored = client.get("/errors/?state=ignored")
    assert cards(ignored) == [KIN]
    assert "comes back in " in text_of(ignored)
    page = client.get(f"/errors/{KIN}?state=ignored")
    assert f"It is ignored. Until the end of {day:%-d %B %Y}" in text_of(page)
    assert "The shop mends it on Friday" in text_of(page)
    checked(page)
    assert "It is open again." in post(client, "reopen", state="ignored").content.decode()
    assert cards(client.get("/errors/")) == [OTHER, KIN]


@pytest.mark.parametrize(
    ("until", "words"), [("2020-01-01", "That time is over already"), ("soon", "Enter a valid date")]
)
def test_a_day_that_will_not_do_is_said_in_the_dialog(desk, client, until, words):
    page = client.post(f"/errors/{KIN}/ignore", {"until": until, "note": "Because", "state": "open"})
    assert words in text_of(page)
    assert re.search(r'<dialog id="ignore"[^>]* data-open', page.content.decode())
    assert "Because" in text_of(page)
    assert ErrorGroup.objects.filter(state="ignored").count() == 0
    checked(page)


def test_who_may_only_comment_decides_nothing_else(desk, world):
    page = world.client(world.person("u@example.com", world.company, Role.USER)).get(f"/errors/{KIN}")
    said = text_of(page)
    assert "Assign" in said
    assert "Add note" in said
    assert "Pull all again" not in said
    assert "Ignore" not in said
    assert 'name="tick"' not in page.content.decode()


def test_who_may_only_read_reads(desk, world):
    page = world.client(world.person("r@example.com", world.company, Role.READ_ONLY)).get(f"/errors/{KIN}")
    assert "Add note" not in text_of(page)
    assert 'class="assign"' not in page.content.decode()
    assert "3 records of 2 services now" in text_of(page)
    checked(page)
