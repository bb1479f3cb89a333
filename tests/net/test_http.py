"""The ordinary life of the client: what it sends, what it gives back, what it refuses."""

from __future__ import annotations

import gzip
import io
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from topstitch.errors import ConfigError, FormatError, LimitExceeded, RemoteRejected
from topstitch.net.auth import ApiKey, Bearer
from topstitch.net.http import CapturedRequest


def test_it_posts_json_and_reads_the_answer(client, server, reply):
    server.answers(reply(201, b'{"id": 7}', {"X-Request-Id": "abc"}))

    response = client.post("/orders", json={"total": Decimal("12.50"), "name": "Zoë"}, params={"notify": False})

    assert (response.status, response.json(), response.headers.get("x-REQUEST-id")) == (201, {"id": 7}, "abc")
    assert server.seen[0].path == "/orders?notify=false"
    assert server.seen[0].body == '{"total":12.50,"name":"Zoë"}'.encode()
    assert server.seen[0].headers["content-type"] == "application/json"
    assert server.seen[0].headers["user-agent"].startswith("Topstitch/")


def test_the_base_path_is_kept_whatever_the_slashes(make_client, server):
    client = make_client(base_url=server.url + "/api/v2/")

    for path in ("orders", "/orders", "?x=1", "", "//evil.example/x", "@evil.example/"):
        client.get(path)

    paths = [seen.path.removeprefix("/api/v2") for seen in server.seen]
    assert paths == ["/orders", "/orders", "?x=1", "", "/evil.example/x", "/@evil.example/"]


def test_parameters_repeat_for_lists_and_leave_out_none(client, server):
    client.get("/x?a=1", params={"b": [1, 2], "c": None, "d": "x y&z", "e": True})

    assert server.seen[0].path == "/x?a=1&b=1&b=2&d=x%20y%26z&e=true"


def test_a_form_is_sent_as_a_form(client, server):
    client.post("/token", form={"grant_type": "x y", "a": "é"})

    assert server.seen[0].body == b"grant_type=x+y&a=%C3%A9"
    assert server.seen[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_headers_of_the_call_win_over_those_of_the_client(make_client, server):
    client = make_client(headers={"X-Shop": "a", "Accept": "text/csv"})

    client.post("/x", json=1, headers={"x-shop": "b", "Content-Type": "application/vnd.api+json"})

    headers = server.seen[0].headers
    assert (headers["x-shop"], headers["accept"], headers["content-type"]) == (
        "b",
        "text/csv",
        "application/vnd.api+json",
    )


def test_an_answer_that_is_not_json_names_the_place_and_shows_its_beginning(client, server, reply):
    server.answers(reply(200, b"<html>Please sign in</html>"))

    with pytest.raises(FormatError, match=r"line 1, column 1: the answer is not JSON: <html>Please sign in") as caught:
        client.get("/x").json()

    assert "address of the connector" in caught.value.hint


def test_a_byte_order_mark_before_json_is_forgiven(client, server, reply):
    server.answers(reply(200, b'\xef\xbb\xbf{"a": 1}'))

    assert client.get("/x").json() == {"a": 1}


def test_text_is_decoded_by_its_charset(client, server, reply):
    server.answers(reply(200, "naïve".encode("latin-1"), {"Content-Type": "text/plain; charset=ISO-8859-1"}))

    assert client.get("/x").text == "naïve"


def test_headers_that_are_no_text_do_not_spoil_the_answer(client, server, reply):
    server.answers(reply(200, b"{}", {"X-Odd": "\xff", "X-Even": "1"}))

    headers = client.get("/x").headers

    assert (headers.get("x-odd"), headers.get("x-even")) == ("", "1")
    assert headers.as_dict()["x-even"] == "1"


def test_an_expected_status_is_an_answer_not_an_error(client, server, reply):
    server.answers(reply(404, b"{}"))

    assert client.get("/orders/1", expect={404}).status == 404


def test_a_value_without_json_form_is_refused_before_sending(client, server):
    with pytest.raises(FormatError, match="cannot be written as JSON"):
        client.post("/x", json={"a": object()})

    assert server.seen == []


def test_a_header_with_a_line_break_is_refused_without_showing_it(make_client, server):
    client = make_client(auth=Bearer("top\nsecret"))

    with pytest.raises(ConfigError) as caught:
        client.get("/x")

    assert "secret" not in caught.value.message + caught.value.detail
    assert server.seen == []


def test_absolute_addresses_of_other_hosts_are_refused(client):
    with pytest.raises(ConfigError, match=r"elsewhere.example is not a host of this connector"):
        client.get("https://elsewhere.example/file")


def test_permitted_hosts_are_asked_without_our_credentials(make_client, other_server):
    client = make_client(auth=Bearer("s3cret-token"), headers={"X-Shop-Key": "abc"}, allow_hosts=["127.0.0.1"])

    client.get(other_server.url + "/file.jsonl?sig=1")

    assert other_server.seen[0].path == "/file.jsonl?sig=1"
    assert not {"authorization", "x-shop-key"} & set(other_server.seen[0].headers)


def test_an_absolute_address_of_our_own_origin_keeps_the_credentials(make_client, server):
    client = make_client(auth=Bearer("s3cret-token"))

    client.get(server.url + "/next?page=2")

    assert server.seen[0].headers["authorization"] == "Bearer s3cret-token"


def test_a_dry_client_reads_but_only_shows_what_it_would_write(make_client, server):
    client = make_client(auth=Bearer("s3cret-token"), headers={"x-shop": "a"}).dry()

    client.get("/orders")
    client.post("/graphql", json={"query": "{shop}"}, safe=True)
    with pytest.raises(CapturedRequest) as caught:
        client.post("/orders", json={"id": 1, "note": "s3cret-token"}, params={"api_key": "k"})

    request = caught.value.request
    assert (request.method, request.url) == ("POST", server.url + "/orders?api_key=***")
    assert (request.headers["authorization"], request.headers["x-shop"]) == ("***", "a")
    assert request.body == '{"id":1,"note":"***"}'
    assert [seen.method for seen in server.seen] == ["GET", "POST"]


def test_an_answer_above_the_limit_is_not_read_to_its_end(make_client, server, reply):
    server.answers(reply(200, b"x" * 300_000))

    with pytest.raises(LimitExceeded, match="larger than"):
        make_client(max_body=200_000).get("/x")


def test_a_decompression_bomb_is_stopped(make_client, server, reply):
    bomb = gzip.compress(b"\0" * 20_000_000)
    server.answers(reply(200, bomb, {"Content-Encoding": "gzip"}))

    with pytest.raises(LimitExceeded):
        make_client(max_body=1_000_000).get("/x")


def test_compressed_answers_are_read(client, server, reply):
    server.answers(reply(200, gzip.compress(b'{"a":1}'), {"Content-Encoding": "gzip"}))

    assert client.get("/x").json() == {"a": 1}


def test_a_large_body_goes_to_a_file_and_begins_again_after_a_break(client, server, reply):
    half = reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + b"a" * 100_000, then="close")
    server.answers(half, reply(200, b"b" * 500_000))
    sink = io.BytesIO()

    response = client.get("/export", sink=sink)

    assert (response.body, sink.getvalue()) == (b"", b"b" * 500_000)


def test_many_threads_share_one_client(client, server, reply):
    server.answers(lambda seen: reply(200, seen.body))

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda n: client.post("/x", json=n).json(), range(400)))

    assert answers == list(range(400))


def test_environment_proxies_are_ignored(make_client, server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert make_client().get("/x").status == 200


def test_the_exchanges_of_a_thread_can_be_recorded_and_are_masked(make_client, server, reply):
    client = make_client(auth=ApiKey("k3y-value", query="api_key"))
    server.answers(reply(503, b"{}"), reply(422, b'{"message": "bad sku", "access_token": "zzz"}'))

    with client.record() as exchanges, pytest.raises(RemoteRejected):
        client.put("/stock", json={"password": "hunter2", "sku": "A1"})

    assert [(each.status, each.attempt) for each in exchanges] == [(503, 1), (422, 2)]
    last = exchanges[-1]
    assert last.url == server.url + "/stock?api_key=***"
    assert last.request_text() == '{"password":"***","sku":"A1"}'
    assert last.response_text() == '{"message": "bad sku", "access_token": "***"}'
    assert (last.sent_bytes, last.method) == (33, "PUT")


def test_recorded_texts_are_cut(client, server, reply):
    server.answers(reply(200, b"x" * 20_000))

    with client.record() as exchanges:
        client.get("/x")

    assert len(exchanges[0].response_text()) == 8192


def test_recordings_do_not_mix_threads(client, server):
    with client.record() as exchanges, ThreadPoolExecutor(1) as pool:
        pool.submit(client.get, "/other").result()
        client.get("/mine")

    assert [each.url for each in exchanges] == [server.url + "/mine"]


def test_the_observer_hears_of_each_exchange_once(make_client, server, reply):
    heard = []
    client = make_client(observer=heard.append)
    server.answers(reply(500), reply(200))

    client.get("/x")

    assert [(each.status, each.attempt) for each in heard] == [(500, 1), (200, 2)]


@pytest.mark.parametrize(
    "base", ["ftp://a.example", "http://", "nonsense", "http://u:p@a.example", "http://a.example?x=1"]
)
def test_it_refuses_unusable_base_addresses(make_client, base):
    with pytest.raises(ConfigError):
        make_client(base_url=base)
