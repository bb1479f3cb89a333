"""Practice servers: routes, faults, state that survives a restart, throttles."""

from __future__ import annotations

import json
import threading
import time
from http.client import HTTPConnection, RemoteDisconnected
from urllib.parse import urlsplit

import pytest

from topstitch.sdk.practice import Practice, PracticeServer, Reply, Store, Throttle, json_reply, text_reply


def ask(server, method, path, body=None, **headers):
    """One request over a socket of its own: (status, headers, body)."""
    address = urlsplit(server.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=5)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def counter():
    """POST /add counts; GET /echo/{word} says what came in."""
    practice = Practice("counter", {})

    @practice.seed
    def fill(store):
        store.put("counts", "added", {"n": 100})

    @practice.route("POST", "/add")
    def add(request):
        count = {"n": request.store.get("counts", "added")["n"] + 1}
        return json_reply(request.store.put("counts", "added", count))

    @practice.route("GET", "/echo/{word}")
    def echo(request):
        return json_reply({"word": request.args["word"], "url": request.url, "query": request.query})

    @practice.route("GET", "/file.json")
    def file(request):
        return text_reply("dot")

    return practice


@pytest.fixture
def server():
    with PracticeServer([counter()]) as running:
        yield running


def count_of(server):
    return server.stores["counter"].get("counts", "added")["n"]


def test_routes_give_named_parts_and_the_query_in_order(server):
    status, _, body = ask(server, "GET", "/counter/echo/caf%C3%A9?b=2&a=1&b=&b=3")

    answer = json.loads(body)
    assert status == 200 and answer["word"] == "café"
    assert answer["query"] == [["b", "2"], ["a", "1"], ["b", ""], ["b", "3"]]
    assert answer["url"].startswith(f"{server.url}/counter/echo/")


def test_a_dot_in_a_route_is_a_dot(server):
    assert ask(server, "GET", "/counter/file.json")[0] == 200
    assert ask(server, "GET", "/counter/fileXjson")[0] == 404


def test_brackets_and_stars_in_a_route_are_themselves():
    practice = Practice("odata", {})
    practice.route("GET", "/Items({id})")(lambda request: json_reply(request.args["id"]))
    with PracticeServer([practice]) as server:
        assert ask(server, "GET", "/odata/Items(7)")[2] == b'"7"'
        assert ask(server, "GET", "/odata/Items7")[0] == 404


def test_an_unknown_system_names_those_there_are(server):
    status, _, body = ask(server, "GET", "/other/echo/a")

    assert status == 404 and b"there are counter" in body


def test_a_chunked_body_arrives_whole():
    practice = Practice("big", {})
    practice.route("POST", "/size")(lambda request: json_reply(len(request.body)))
    with PracticeServer([practice]) as server:
        assert ask(server, "POST", "/big/size", iter([b"a" * 70_000, b"b"]))[2] == b"70001"


@pytest.mark.parametrize("kind", ["429", "500", "503"])
def test_a_fault_that_answers_executes_nothing(server, kind):
    server.systems["counter"].faults.add(kind, count=2, retry_after=3)

    replies = [ask(server, "POST", "/counter/add") for _ in range(3)]

    assert [status for status, _, _ in replies] == [int(kind), int(kind), 200]
    assert replies[0][1]["Retry-After"] == "3"
    assert count_of(server) == 101


def test_a_dropped_connection_executes_nothing_and_a_lost_answer_does(server):
    for kind, expected in (("drop", 100), ("lost", 101)):
        server.systems["counter"].faults.add(kind)
        with pytest.raises((RemoteDisconnected, ConnectionError)):
            ask(server, "POST", "/counter/add")
        assert count_of(server) == expected


def test_a_slow_answer_comes_late_and_is_executed(server):
    server.systems["counter"].faults.add("slow", seconds=0.2)
    began = time.monotonic()

    assert ask(server, "POST", "/counter/add")[0] == 200

    assert time.monotonic() - began >= 0.2
    assert count_of(server) == 101


def test_faults_choose_by_method_text_and_place(server):
    faults = server.systems["counter"].faults
    faults.add("500", method="POST", contains="add", skip=1)

    statuses = [
        ask(server, method, path)[0]
        for method, path in [("GET", "/counter/echo/add"), ("POST", "/counter/add"), ("POST", "/counter/add")]
    ]

    assert statuses == [200, 200, 500]
    assert faults.struck == {"500": 1}


def test_an_expired_token_is_refused_in_the_vendors_words(server):
    server.systems["counter"].on_expired(lambda request: Reply(418, b"stale"))
    server.systems["counter"].faults.add("expired")

    assert ask(server, "GET", "/counter/echo/a")[0] == 418


def test_faults_are_switched_over_http_and_wrong_ones_refused(server):
    assert ask(server, "POST", "/counter/_practice/faults", b'{"kind": "503", "count": 1}')[0] == 201
    assert ask(server, "GET", "/counter/echo/a")[0] == 503
    assert ask(server, "POST", "/counter/_practice/faults", b'{"kind": "teapot"}')[0] == 422
    assert ask(server, "POST", "/counter/_practice/faults", b'{"colour": "red"}')[0] == 422
    assert ask(server, "POST", "/counter/_practice/faults", b"[1]")[0] == 422
    ask(server, "POST", "/counter/_practice/faults", b'{"kind": "503", "count": 9}')
    assert ask(server, "DELETE", "/counter/_practice/faults")[0] == 200
    assert ask(server, "GET", "/counter/echo/a")[0] == 200


def test_requests_are_counted_and_a_reset_seeds_anew(server):
    ask(server, "POST", "/counter/add")
    counts = json.loads(ask(server, "GET", "/counter/_practice/requests")[2])["counts"]
    assert counts == {"POST /add": 1}

    ask(server, "POST", "/counter/_practice/reset")

    assert count_of(server) == 100
    assert json.loads(ask(server, "GET", "/counter/_practice/requests")[2])["counts"] == {}


@pytest.mark.parametrize("before", ["the first time", "the second time"])
def test_rewinding_is_a_reset(server, before):
    if before == "the second time":
        server.rewind("counter")
    ask(server, "POST", "/counter/add")
    ask(server, "POST", "/counter/_practice/faults", b'{"kind": "503", "count": 9}')

    server.rewind("counter")

    assert count_of(server) == 100
    assert not server.counts["counter"]
    assert ask(server, "POST", "/counter/add")[0] == 200


def test_state_survives_a_restart_and_is_not_seeded_again(tmp_path):
    with PracticeServer([counter()], folder=tmp_path / "state") as server:
        ask(server, "POST", "/counter/add")

    with PracticeServer([counter()], folder=tmp_path / "state") as again:
        assert count_of(again) == 101
        ask(again, "POST", "/counter/add")
        assert count_of(again) == 102


def test_many_at_once_are_all_answered(server):
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(server, "GET", "/counter/echo/a")[0])) for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [200] * 40


def test_a_transaction_keeps_all_or_nothing():
    store = Store()

    def write_and_fail():
        with store.transaction():
            store.put("a", 1, {"x": 1})
            with store.transaction():
                store.put("a", 2, {"x": 2})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()

    assert store.all("a") == [] and store.collections() == []
    store.close()


def test_documents_keep_their_order_and_numbers_are_never_given_twice():
    store = Store()
    for id in ("b", "a", "c"):
        store.put("things", id, {"id": id})
    store.put("things", "b", {"id": "b", "new": True})

    assert [doc["id"] for doc in store.all("things")] == ["b", "a", "c"]
    assert store.delete("things", "a") and not store.delete("things", "a")
    assert (store.count("things"), store.collections()) == (2, ["things"])
    assert store.first("things", lambda doc: doc.get("new", False)) == {"id": "b", "new": True}
    assert [store.next_id("n", 10) for _ in range(3)] == [10, 11, 12]
    store.close()


def test_a_snapshot_brings_everything_back():
    store = Store()
    store.put("things", "b", {"n": 1})
    store.put("things", "a", {"n": 2})
    kept = store.snapshot()
    store.delete("things", "b")
    store.put("others", "x", {})

    store.restore(kept)

    assert store.all("things") == [{"n": 1}, {"n": 2}] and store.collections() == ["things"]
    store.close()


def test_a_throttle_refuses_what_is_too_much_and_says_how_long():
    throttle, before = Throttle(2, 30.0), Throttle.refusals

    assert [throttle.refuse(), throttle.refuse()] == [None, None]
    wait = throttle.refuse()

    assert wait is not None and 29 < wait <= 30
    assert Throttle.refusals == before + 1


def test_a_throttles_time_can_run_faster():
    throttle = Throttle(1, 30.0)

    with Throttle.at_speed(100):
        assert throttle.refuse() is None
        assert throttle.refuse() is not None
        time.sleep(0.35)
        assert throttle.refuse() is None
    with Throttle.at_speed(float("inf")):
        assert [throttle.refuse() for _ in range(50)] == [None] * 50
    assert Throttle.speed == 1.0


def test_a_handler_that_fails_is_a_server_error_that_says_why():
    practice = Practice("broken", {})
    practice.route("GET", "/x")(lambda request: json_reply(1 / 0))
    with PracticeServer([practice]) as server:
        status, _, body = ask(server, "GET", "/broken/x")

    assert status == 500 and b"ZeroDivisionError" in body
