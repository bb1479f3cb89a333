"""What becomes of a request when the system is slow, gone, overloaded or wrong: never lost, never doubled by us."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from topstitch.errors import (
    AnswerLost,
    AuthError,
    ConfigError,
    DuplicateRecord,
    LimitExceeded,
    MissingReference,
    RateLimited,
    RemoteRejected,
    TemporaryError,
    Unreachable,
)
from topstitch.net.auth import Bearer
from topstitch.net.call import Call
from topstitch.net.guard import Guard
from topstitch.net.http import ErrorRule, HttpClient, Retries, Timeouts
from topstitch.net.limits import Limits, LocalBudget
from topstitch.net.message import Headers, MappingSource, Prepared, Response
from topstitch.net.redirects import follow
from topstitch.net.retry import Deadline, OutOfTime, Stopped

SHORT = Timeouts(connect=0.2, read=0.3, total=1.0)


def drop(reply):
    return reply(raw=b"", then="close")


@pytest.mark.parametrize(
    ("status", "error", "key"),
    [
        (400, RemoteRejected, "rejected"),
        (401, AuthError, "authentication"),
        (403, AuthError, "forbidden"),
        (404, MissingReference, "not_found"),
        (409, DuplicateRecord, "duplicate"),
        (413, LimitExceeded, "too_large"),
        (418, RemoteRejected, "rejected"),
        (422, RemoteRejected, "rejected"),
    ],
)
def test_a_final_status_is_raised_at_once(client, server, reply, status, error, key):
    server.answers(reply(status, b'{"error": {"message": "SKU  is\\nunknown"}}'))

    with pytest.raises(error, match=r"SKU is unknown$") as caught:
        client.put("/x", json={})

    assert (type(caught.value), caught.value.key) == (error, key)
    assert f"PUT {server.url}/x -> {status}" in caught.value.detail
    assert len(server.seen) == 1


def test_a_refused_connection_was_never_sent_and_is_retried(server):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = HttpClient(
        f"http://127.0.0.1:{port}", guard=Guard(allow=["127.0.0.0/8"]), retries=Retries(attempts=3, base=0.01)
    )

    with client.record() as exchanges, pytest.raises(Unreachable, match="takes no connection"):
        client.post("/orders", json={})

    assert len(exchanges) == 3


def test_an_unknown_name_is_unreachable(make_client):
    def nobody(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    client = make_client(base_url="http://shop.example", guard=Guard(resolver=nobody))

    with pytest.raises(Unreachable, match="has no address") as caught:
        client.post("/orders", json={})

    assert caught.value.key == "dns"


def test_a_connection_that_cannot_be_made_in_time_was_never_sent(make_client):
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        crowd = [socket.socket() for _ in range(4)]
        for each in crowd:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        client = make_client(
            base_url=f"http://127.0.0.1:{full.getsockname()[1]}", timeouts=SHORT, retries=Retries.off()
        )

        with pytest.raises(Unreachable, match="did not take the connection in time"):
            client.post("/orders", json={})

        for each in crowd:
            each.close()


def test_a_failed_tls_handshake_was_never_sent(make_client, server, reply):
    server.answers(reply(raw=b"HTTP/1.1 400 Bad\r\n\r\n", then="close"))
    client = make_client(base_url=server.url.replace("http:", "https:"), retries=Retries.off())

    with pytest.raises(Unreachable, match="secure connection") as caught:
        client.post("/orders", json={})

    assert caught.value.key == "tls"


def _lossy(reply):
    return {
        "dropped": reply(raw=b"", then="close"),
        "reset": reply(raw=b"", then="reset"),
        "slow": reply(delay=0.5),
        "cut short": reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", then="close"),
        "cut chunk": reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab", then="close"),
        "no http": reply(raw=b"HELLO\r\n\r\n", then="close"),
        "bad gzip": reply(body=b"abc", headers={"Content-Encoding": "gzip"}),
        "server error": reply(500),
        "gateway": reply(504),
    }


LOSSY = ["dropped", "reset", "slow", "cut short", "cut chunk", "no http", "bad gzip", "server error", "gateway"]


@pytest.mark.parametrize("way", LOSSY)
def test_a_write_whose_answer_is_lost_is_not_sent_again(make_client, server, reply, way):
    server.answers(_lossy(reply)[way])

    with pytest.raises(AnswerLost, match="whether the record was written is not known"):
        make_client(timeouts=SHORT).post("/orders", json={"id": 1})

    assert len(server.seen) == 1


@pytest.mark.parametrize("way", LOSSY)
def test_a_read_whose_answer_is_lost_is_sent_again(make_client, server, reply, way):
    server.answers(_lossy(reply)[way], reply(200, b'{"second": true}'))

    assert make_client(timeouts=SHORT).get("/orders").json() == {"second": True}

    assert len(server.seen) == 2


@pytest.mark.parametrize("options", [{"safe": True}, {"idempotent": True}])
def test_a_post_that_may_be_repeated_is_repeated(client, server, reply, options):
    server.answers(drop(reply), reply(200))

    client.post("/search", json={}, **options)

    assert len(server.seen) == 2


def test_after_the_last_attempt_a_repeatable_call_is_temporary(client, server, reply):
    server.answers(reply(502, b"<html><title>Bad gateway</title></html>"))

    with pytest.raises(TemporaryError, match=r"HTTP 502.*Bad gateway") as caught:
        client.put("/stock/1", json={})

    assert type(caught.value) is TemporaryError
    assert len(server.seen) == 3


def test_a_write_answered_by_something_unreadable_is_lost(client, server, reply):
    server.answers(reply(200, b"<html>"))

    with pytest.raises(AnswerLost):
        client.post("/orders", json={}).json()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_never_undercut(client, server, reply, status):
    server.answers(reply(status, headers={"Retry-After": "0.25"}), reply(201))

    assert client.post("/orders", json={}).status == 201

    assert server.seen[1].at - server.seen[0].at >= 0.25


def test_retry_after_as_a_date_counts_from_the_servers_clock(client, server, reply):
    there = datetime.now(UTC) + timedelta(hours=5)
    headers = {
        "Date": format_datetime(there, usegmt=True),
        "Retry-After": format_datetime(there + timedelta(seconds=1), usegmt=True),
    }
    server.answers(reply(429, headers=headers), reply(200))

    client.post("/orders", json={})

    assert 1.0 <= server.seen[1].at - server.seen[0].at < 1.9


def test_a_long_retry_after_is_handed_to_the_caller(client, server, reply):
    server.answers(reply(429, b'{"message": "too many"}', {"Retry-After": "120"}))

    with pytest.raises(RateLimited, match="too many") as caught:
        client.post("/orders", json={})
    with pytest.raises(RateLimited) as second:
        client.get("/orders")

    assert caught.value.retry_after == 120
    assert 118 < second.value.retry_after <= 120
    assert len(server.seen) == 1


def test_429_without_retry_after_backs_off_and_gives_up_in_the_end(client, server, reply):
    server.answers(reply(429))

    with pytest.raises(RateLimited):
        client.post("/orders", json={})

    assert len(server.seen) == 3


def test_one_threads_429_holds_back_the_others(make_client, server, reply):
    client = make_client(budget=LocalBudget(Limits(requests=100)))
    server.answers(reply(429, headers={"Retry-After": "0.3"}), reply(200))
    first = threading.Thread(target=client.get, args=("/first",))
    first.start()
    while not server.seen:
        time.sleep(0.001)
    time.sleep(0.05)

    client.get("/second")
    first.join()

    assert all(seen.at - server.seen[0].at >= 0.29 for seen in server.seen[1:])
    assert len(server.seen) == 3


def test_the_stop_button_ends_a_long_wait(make_client, server, reply):
    stop = threading.Event()
    client = make_client(retries=Retries(longest_wait=60)).with_stop(stop)
    server.answers(reply(429, headers={"Retry-After": "30"}))
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()

    with pytest.raises(Stopped):
        client.post("/orders", json={})

    assert time.monotonic() - began < 2
    assert len(server.seen) == 1


def test_a_shorter_time_out_can_be_asked_for_one_call(client, server, reply):
    server.answers(reply(delay=0.4))

    with pytest.raises(AnswerLost, match="did not answer in time"):
        client.post("/x", json={}, timeout=0.1)


def test_reads_follow_redirects_and_leave_credentials_behind(make_client, server, other_server, reply):
    server.answers(
        reply(302, headers={"Location": "/moved"}), reply(301, headers={"Location": other_server.url + "/x"})
    )
    client = make_client(auth=Bearer("s3cret-token"), headers={"x-key": "k"})

    client.get("/orders")

    assert [seen.headers.get("authorization") for seen in server.seen] == ["Bearer s3cret-token"] * 2
    assert not {"authorization", "x-key"} & set(other_server.seen[0].headers)


def test_writes_follow_only_redirects_that_keep_the_method(client, server, reply):
    server.answers(reply(308, headers={"Location": "/v2/orders"}), reply(201), reply(302, headers={"Location": "/v2"}))

    assert client.post("/orders", json={"a": 1}).status == 201
    with pytest.raises(ConfigError, match="points somewhere else"):
        client.post("/orders", json={"a": 1})

    assert (server.seen[1].method, server.seen[1].path, server.seen[1].body) == ("POST", "/v2/orders", b'{"a":1}')


def test_a_record_is_not_carried_to_another_system(client, server, other_server, reply):
    server.answers(reply(307, headers={"Location": other_server.url + "/orders"}))

    with pytest.raises(ConfigError, match="nothing was sent there"):
        client.post("/orders", json={"a": 1})

    assert other_server.seen == []


def test_redirect_loops_end(client, server, reply):
    server.answers(reply(302, headers={"Location": "/again"}))

    with pytest.raises(ConfigError, match="more than 5 times"):
        client.get("/x")

    assert len(server.seen) == 6


def test_a_redirect_from_https_to_plain_http_is_refused():
    call = Call(Prepared("GET", "https://a.example/x", {}, None), "https://a.example", True, (), None, None, None, None)
    headers = Headers(MappingSource({"Location": "http://a.example/x"}))

    with pytest.raises(ConfigError, match="from https to plain http"):
        follow(call, Response(302, headers, b"", "", 0.0), may_carry_body_to="https://a.example")


def test_each_hop_passes_the_guard(make_client, server, reply):
    server.answers(reply(302, headers={"Location": "http://169.254.169.254/latest/meta-data"}))

    with pytest.raises(ConfigError, match="private or reserved"):
        make_client(guard=Guard(allow=["127.0.0.1"])).get("/x")


def test_rules_of_a_system_come_before_the_table(make_client, server, reply):
    rules = [
        ErrorRule(DuplicateRecord, status=400, json_path="errors[0].code", equals={"E11"}, message="{host} has it"),
        ErrorRule(RateLimited, status=400, body="expected available", wait=r"available in ([\d.]+) seconds"),
        ErrorRule(AuthError, status=200, json_path="code", equals={105001}, key="expired"),
        ErrorRule(ConfigError, status=(402, 423), header=("x-shop", "frozen"), message="The shop is frozen"),
    ]
    client = make_client(rules=rules, field_paths=["errors[0].field"])
    server.answers(reply(400, b'{"errors": [{"code": "E11", "message": "SKU taken", "field": "sku"}]}'))
    with pytest.raises(DuplicateRecord, match=r"^127.0.0.1 has it: SKU taken$") as duplicate:
        client.post("/x", json={})
    assert duplicate.value.field == "sku"

    server.seen.clear()
    server.answers(reply(400, b"Request was throttled. Expected available in 0.2 seconds."), reply(200, b"{}"))
    client.post("/x", json={})
    assert server.seen[1].at - server.seen[0].at >= 0.2

    server.answers(reply(200, b'{"code": 105001, "message": "expired"}'))
    with pytest.raises(AuthError, match="expired") as expired:
        client.get("/x")
    assert expired.value.key == "expired"

    server.answers(reply(423, b"", {"X-Shop": "Frozen"}))
    with pytest.raises(ConfigError, match=r"^The shop is frozen"):
        client.get("/x")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"errors": {"email": ["is taken", "is long"]}}', "email is taken; email is long"),
        (b'{"errors": [{"detail": "no stock"}]}', "no stock"),
        (b'{"error": {"code": -5002, "message": {"lang": "en", "value": "Bad date"}}}', "Bad date"),
        (b'["plain"]', ""),
        (b'"just text"', ""),
        (b"plain words", "plain words"),
        (b"<html><h1>Oops</h1></html>", "Oops"),
        (b'{"message": "token abcd1234secret is bad"}', "token *** is bad"),
    ],
)
def test_the_systems_own_words_are_found_and_masked(make_client, server, reply, body, message):
    server.answers(reply(422, body))

    with pytest.raises(RemoteRejected) as caught:
        make_client(auth=Bearer("abcd1234secret")).get("/x")

    assert caught.value.message == f"127.0.0.1 refused the record (HTTP 422){': ' + message if message else '.'}"


def test_a_deadline_ends_an_exchange_under_way_and_lets_none_begin_after_it(make_client, server, reply):
    server.answers(*[reply(delay=2.0)] * 3)
    client = make_client(stop=Deadline(0.3), retries=Retries.off())
    began = time.monotonic()
    with pytest.raises(TemporaryError, match="did not answer in time"):
        client.get("/slow")
    with pytest.raises(OutOfTime, match="longer than"):
        client.get("/slow")
    assert time.monotonic() - began < 1.5
    assert len(server.seen) == 1


def test_a_deadline_ends_the_wait_for_a_turn(make_client, server, reply):
    budget = LocalBudget(Limits(requests=1, per=60))
    client = make_client(stop=Deadline(0.3), budget=budget, retries=Retries.off())
    client.get("/first")
    began = time.monotonic()
    with pytest.raises(OutOfTime):
        client.get("/second")
    assert time.monotonic() - began < 2
