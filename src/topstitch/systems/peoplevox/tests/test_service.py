"""Sign-in, session, throttling, faults and subscriptions over real sockets."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from topstitch.net.message import CapturedRequest
from topstitch.net.tokens import MemoryTokenStore, Token
from topstitch.sdk import CATALOGUE, AuthError, ConfigError, Outcome, Outgoing, RateLimited, RemoteRejected
from topstitch.sdk.practice import Throttle
from topstitch.sdk.settings import checked_settings
from topstitch.systems.peoplevox import events, practice, service
from topstitch.systems.peoplevox.practice_soap import OPERATIONS
from topstitch.systems.peoplevox.system import SYSTEM, address


def save_one(conn, code="N-1"):
    write = conn.entry.entity("products").write
    batch = [Outgoing(key="k", record={"ItemCode": code, "Name": "Vase"})]
    return write.push(conn, batch, checked_settings(write.options, {}))[0]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://wms.peoplevox.net", "https://wms.peoplevox.net/acme1/Resources/IntegrationServicev4.asmx"),
        ("qa1.peoplevox.net", "https://qa1.peoplevox.net/acme1/Resources/IntegrationServicev4.asmx"),
        ("http://localhost:81/", "http://localhost:81/acme1/Resources/IntegrationServicev4.asmx"),
        (
            "https://ap.peoplevox.net/ACME1/home#/x",
            "https://ap.peoplevox.net/acme1/Resources/IntegrationServicev4.asmx",
        ),
    ],
)
def test_the_address_is_built_from_what_people_paste(url, expected):
    assert address({"url": url, "client_id": "acme1"}) == expected


@pytest.mark.parametrize("url", ["ftp://wms.peoplevox.net", "https://", "https://ada:pw@wms.peoplevox.net"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ConfigError, match="address"):
        SYSTEM.http.base_url({"url": url, "client_id": "acme1"})


def test_the_test_says_who_signed_in_and_what_can_be_saved(conn):
    checks = SYSTEM.test(conn)

    assert [(check.label, check.ok) for check in checks] == [("Signed in", True), ("Item types can be saved", True)]
    assert checks[0].detail == "as ada of practice2600"


def test_the_test_names_a_template_that_is_not_configured(conn, store):
    store.put("_templates", "Item types", {"configured": False, "columns": []})

    found = SYSTEM.test(conn)[1]

    assert not found.ok
    assert "item_types.csv" in found.detail


def test_a_wrong_password_is_told_in_peoplevox_words_and_never_shown(connect):
    conn = connect(password="not-the-password")

    with pytest.raises(AuthError, match="Invalid client id, username or password") as caught:
        SYSTEM.test(conn)

    assert "not-the-password" not in f"{caught.value}{caught.value.detail}"


def test_the_wrong_host_is_told_as_such(conn, server):
    conn.origin = f"{server.url}/nowhere"

    with pytest.raises(AuthError, match="no Peoplevox service at this address"):
        SYSTEM.test(conn)


def test_workers_share_one_session(connect, seen):
    tokens = MemoryTokenStore()

    for _ in range(3):
        save_one(connect(tokens=tokens))

    assert seen()["Authenticate"] == 1


def test_threads_share_one_session(conn, seen):
    with ThreadPoolExecutor(6) as pool:
        verdicts = list(pool.map(lambda number: save_one(conn, f"N-{number}"), range(12)))

    assert {verdict.outcome for verdict in verdicts} == {Outcome.CREATED}
    assert seen()["Authenticate"] == 1


def test_a_session_older_than_25_minutes_is_left(connect, seen):
    tokens = MemoryTokenStore()
    conn = connect(tokens=tokens)
    save_one(conn)
    token = tokens.get(service.session_key(conn))
    assert 24 * 60 < token.expires_at - time.time() <= 25 * 60
    tokens.put(service.session_key(conn), Token(token.value, expires_at=time.time() - 1))

    assert save_one(conn).outcome is Outcome.CREATED
    assert seen()["Authenticate"] == 2


def test_an_ended_session_is_renewed_and_the_call_repeated_once(conn, store, seen):
    save_one(conn)
    token = conn.tokens.get(service.session_key(conn))
    store.delete("_sessions", token.value)

    assert save_one(conn, "N-2").outcome is Outcome.CREATED
    assert seen()["Authenticate"] == 2


def test_a_session_that_never_holds_ends_in_an_error_after_one_repeat(conn, monkeypatch, seen):
    monkeypatch.setattr(practice, "SESSION_LIFE", -1)

    verdict = save_one_or_error(conn)

    assert isinstance(verdict, AuthError)
    assert seen()["Authenticate"] == 2


def save_one_or_error(conn):
    with pytest.raises(AuthError) as caught:
        save_one(conn)
    return caught.value


def test_the_expired_fault_of_the_practice_server_is_survived(conn):
    save_one(conn)
    practice.PRACTICE.faults.add("expired")

    assert save_one(conn, "N-2").outcome is Outcome.CREATED


@pytest.mark.parametrize(("allowed", "sent"), [(15, 13), (30, 28), (2, 1), (1, 1)])
def test_requests_are_spread_evenly_with_room_for_signing_in(allowed, sent):
    limits = SYSTEM.http.limits_for({"requests_per_15s": allowed})

    assert limits.requests == 1
    assert 15 / limits.per == pytest.approx(sent)


def test_a_throttle_told_as_a_fault_is_waited_for(connect, monkeypatch):
    monkeypatch.setattr(practice, "THROTTLE", Throttle(3, 0.5))
    monkeypatch.setattr(service, "THROTTLE_PAUSE", 0.6)
    conn = connect()

    verdicts = [save_one(conn, f"N-{number}") for number in range(4)]

    assert {verdict.outcome for verdict in verdicts} == {Outcome.CREATED}


def test_a_throttle_that_outlasts_our_patience_is_no_failure_of_the_record(conn, monkeypatch):
    save_one(conn)
    monkeypatch.setattr(practice, "THROTTLE", Throttle(1, 60))
    practice.THROTTLE.refuse()
    monkeypatch.setattr(service, "THROTTLE_PAUSE", 100.0)

    verdict = save_one(conn, "N-2")

    assert verdict.outcome is Outcome.LATER
    assert isinstance(verdict.error, RateLimited)


@pytest.mark.parametrize("kind", ["429", "503"])
def test_429_and_503_are_tried_again(conn, kind):
    save_one(conn)
    practice.PRACTICE.faults.add(kind, retry_after=0)

    assert save_one(conn, "N-2").outcome is Outcome.CREATED


def test_a_throttle_told_as_a_business_error_is_waited_for(connect, monkeypatch):
    rules = [replace(rule, wait=rule.wait and 0.01) for rule in SYSTEM.http.rules]
    conn = connect(entry=Quick(CATALOGUE.get("peoplevox"), rules))
    save_one(conn)
    monkeypatch.setattr(practice, "_answer", once_instead(practice.refusal(practice.TOO_MANY)))

    assert save_one(conn, "N-2").outcome is Outcome.CREATED


class Quick:
    """A catalogue entry with other error rules."""

    def __init__(self, entry, rules):
        self._entry = entry
        self.system = replace(entry.system, http=replace(entry.system.http, rules=rules))

    def __getattr__(self, name):
        return getattr(self._entry, name)


def once_instead(*results):
    """The practice server's answers, the first ones replaced."""
    real, waiting = practice._answer, list(results)

    def answer(request, call):
        given = waiting.pop(0) if waiting else real(request, call)
        if isinstance(given, Exception):
            raise given
        return given

    return answer


def test_one_server_fault_is_got_over(conn):
    save_one(conn)
    practice.PRACTICE.faults.add("500")

    assert save_one(conn, "N-2").outcome is Outcome.CREATED


def test_a_server_fault_that_stays_is_tried_later(conn):
    save_one(conn)
    practice.PRACTICE.faults.add("500", count=9)

    verdict = save_one(conn, "N-2")

    assert verdict.outcome is Outcome.LATER
    assert "unable to process request" in verdict.error.message


def test_a_row_that_breaks_the_server_does_not_take_its_neighbours_along(conn, store):
    save_one(conn)
    practice.PRACTICE.faults.add("500", count=99, contains="N-poison")
    write = conn.entry.entity("products").write
    codes = ["N-10", "N-11", "N-poison", "N-12"]
    batch = [Outgoing(key=code, record={"ItemCode": code, "Name": "Vase"}) for code in codes]

    verdicts = write.push(conn, batch, checked_settings(write.options, {}))

    assert [verdict.outcome for verdict in verdicts] == [
        Outcome.CREATED,
        Outcome.CREATED,
        Outcome.LATER,
        Outcome.CREATED,
    ]


def test_a_save_whose_answer_is_lost_is_sent_again_and_doubles_nothing(conn, store):
    save_one(conn)
    before = store.count("Item types")
    practice.PRACTICE.faults.add("lost", contains="N-2")

    assert save_one(conn, "N-2").outcome is Outcome.CREATED
    assert store.count("Item types") == before + 1


def test_a_dry_connection_reads_but_saves_nothing(connect, store):
    conn = connect(dry=True)

    with pytest.raises(CapturedRequest) as caught:
        save_one(conn, "N-9")

    assert "N-9" in caught.value.request.body
    assert store.get("Item types", "N-9") is None


def test_subscriptions_give_an_id_that_ends_them(conn, store):
    first = events.subscribe(
        conn, "AvailabilityChanges", "https://example.com/hook/s3cret?item={ItemCode}&n={Available}"
    )
    second = events.subscribe_post(
        conn, "Returns", "https://example.com/hook", "item={ItemCode}&order={SalesOrderNumber}"
    )
    assert store.get("_subscriptions", first)["callbackUrl"].endswith("item={ItemCode}&n={Available}")

    events.unsubscribe(conn, second)

    assert store.get("_subscriptions", second) is None
    with pytest.raises(ConfigError, match="was not ended"):
        events.unsubscribe(conn, second)


def test_an_unknown_event_is_refused_here(conn):
    with pytest.raises(ConfigError, match="AvailabilityChanges"):
        events.subscribe(conn, "Anything", "https://example.com/")


def test_report_columns_are_listed(conn):
    assert service.get_report_columns(conn, "Despatch summary").startswith("Salesorder number,Requested delivery date")


def test_the_wsdl_has_every_operation_with_its_action(conn):
    wsdl = conn.http.get("?wsdl").text

    for operation in OPERATIONS:
        assert f'soapAction="http://www.peoplevox.net/{operation}"' in wsdl


def test_a_business_refusal_is_no_success(conn):
    answer = service.call(
        conn, "SaveData", [("saveRequest", [("TemplateName", "None"), ("CsvData", "A"), ("Action", 0)])], safe=False
    )

    assert answer.failed
    assert isinstance(service.refused(answer.detail), RemoteRejected)


def test_passing_trouble_in_a_fault_is_tried_again(conn, monkeypatch):
    save_one(conn)
    monkeypatch.setattr(practice, "_answer", once_instead(practice.SoapFault("Transaction was deadlocked", "Server")))

    assert save_one(conn, "N-2").outcome is Outcome.CREATED
