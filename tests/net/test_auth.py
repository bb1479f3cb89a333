"""Every kind of credentials, as it arrives at a server."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from topstitch.errors import AuthError, ConfigError, TemporaryError
from topstitch.net.auth import ApiKey, Basic, Bearer, Custom, HmacSign, Several
from topstitch.net.message import Prepared
from topstitch.net.oauth2 import (
    Pkce,
    TokenEndpoint,
    authorisation_url,
    client_credentials,
    exchange_code,
    password_grant,
    refresh_token_grant,
    token_from,
)
from topstitch.net.tokens import MemoryTokenStore, Token, TokenAuth


def test_basic_and_bearer_and_keys_arrive(make_client, server):
    for auth in (
        Basic("Zoë", "p:w"),
        Bearer("tok"),
        Bearer("tok", scheme=""),
        ApiKey("k", header="X-Api-Key"),
        ApiKey("a b", query="key"),
    ):
        make_client(auth=auth).get("/x?a=1")

    first, second, third, fourth, fifth = server.seen
    assert b64decode(first.headers["authorization"].removeprefix("Basic ")).decode() == "Zoë:p:w"
    assert (second.headers["authorization"], third.headers["authorization"]) == ("Bearer tok", "tok")
    assert fourth.headers["x-api-key"] == "k"
    assert fifth.path == "/x?a=1&key=a%20b"


def test_an_api_key_needs_exactly_one_place():
    with pytest.raises(ConfigError):
        ApiKey("k")
    with pytest.raises(ConfigError):
        ApiKey("k", header="a", query="b")


def test_several_kinds_work_together(make_client, server):
    def stamp(request):
        request.headers["x-length"] = str(len(request.body))

    make_client(auth=Several(ApiKey("k", header="x-key"), Custom(stamp))).post("/x", json=[1])

    assert (server.seen[0].headers["x-key"], server.seen[0].headers["x-length"]) == ("k", "3")


def test_hmac_signs_the_chosen_parts_of_what_is_sent(make_client, server):
    auth = HmacSign(
        "s3cret",
        parts=("method", "path", "query", "timestamp", "header:X-Shop", "=v1", "body"),
        joiner="|",
        encoding="base64",
        header="X-Sign",
        prefix="v1=",
        timestamp_header="X-Time",
        clock=lambda: 1700000000.9,
    )

    make_client(auth=auth, headers={"X-Shop": "abc"}).post("/o", json={"a": 1}, params={"b": 2})

    headers = server.seen[0].headers
    digest = hmac.new(b"s3cret", b'POST|/o|b=2|1700000000|abc|v1|{"a":1}', hashlib.sha256).digest()
    assert headers["x-sign"] == "v1=" + b64encode(digest).decode()
    assert headers["x-time"] == "1700000000"


def test_hmac_can_go_into_the_query(make_client, server):
    make_client(auth=HmacSign("s3cret", query="sign", parts=["body"])).post("/o", body=b"hello")

    expected = hmac.new(b"s3cret", b"hello", hashlib.sha256).hexdigest()
    assert server.seen[0].path == f"/o?sign={expected}"


def test_hmac_refuses_unknown_parts():
    with pytest.raises(ConfigError, match="'colour' is no part"):
        HmacSign("s", parts=["colour"]).apply(Prepared("GET", "http://a/", {}, None))


class TokenServer:
    """A token endpoint and an API that wants its newest token."""

    def __init__(self, server, reply, **answer):
        self.reply, self.asked, self.answer = reply, [], {"expires_in": 3600, **answer}
        self.good = None
        self.delay = 0.0
        server.answers(self)

    def __call__(self, seen):
        if seen.path == "/token":
            self.asked.append(seen)
            self.good = f"token-{len(self.asked)}"
            import json

            body = json.dumps({"access_token": self.good, **self.answer}).encode()
            return self.reply(200, body, delay=self.delay)
        ok = seen.headers.get("authorization") == f"Bearer {self.good}"
        return self.reply(200 if ok else 401, b"{}")


@pytest.fixture
def tokens(server, reply):
    return TokenServer(server, reply)


def endpoint(server, **options):
    return TokenEndpoint(server.url + "/token", "client-1", "cl1ent-secret", **options)


def test_client_credentials_are_fetched_once_and_used(make_client, server, tokens):
    client = make_client(auth=client_credentials(endpoint(server, scope="a b")))

    client.get("/x")
    client.post("/y", json={})

    assert len(tokens.asked) == 1
    assert parse_qs(tokens.asked[0].body.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["a b"],
        "client_id": ["client-1"],
        "client_secret": ["cl1ent-secret"],
    }


def test_the_token_request_can_be_json_with_basic(make_client, server, tokens):
    auth = client_credentials(endpoint(server, send_as="json", client_auth="basic", extra={"audience": "x"}))

    make_client(auth=auth).get("/x")

    assert tokens.asked[0].json() == {"grant_type": "client_credentials", "audience": "x"}
    assert b64decode(tokens.asked[0].headers["authorization"][6:]) == b"client-1:cl1ent-secret"


def test_a_refused_token_is_renewed_once_and_the_write_repeated(make_client, server, tokens):
    client = make_client(auth=client_credentials(endpoint(server)))
    client.get("/x")
    tokens.good = "something else"

    assert client.post("/orders", json={}).status == 200

    assert len(tokens.asked) == 2


def test_a_second_refusal_is_an_authentication_error(make_client, server, tokens, reply):
    client = make_client(auth=client_credentials(endpoint(server)))
    server.answers(lambda seen: tokens(seen) if seen.path == "/token" else reply(401, b'{"message": "no such tenant"}'))

    with pytest.raises(AuthError, match="no such tenant"):
        client.get("/x")

    assert [seen.path for seen in server.seen] == ["/token", "/x", "/token", "/x"]


def test_many_threads_renew_an_expired_token_once(make_client, server, tokens):
    client = make_client(auth=client_credentials(endpoint(server)))
    client.get("/x")
    tokens.good, tokens.delay = "something else", 0.1

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.post("/x", json={}).status, range(16)))

    assert answers == [200] * 16
    assert len(tokens.asked) == 2


def test_a_token_is_renewed_before_it_expires(make_client, server, reply):
    tokens = TokenServer(server, reply, expires_in="100")
    now = [time.time()]
    store = MemoryTokenStore()
    auth = client_credentials(endpoint(server), store=store)
    auth._clock = lambda: now[0]
    client = make_client(auth=auth)
    client.get("/x")

    now[0] += 85
    client.get("/x")
    assert len(tokens.asked) == 1
    now[0] += 10
    client.get("/x")
    assert len(tokens.asked) == 2


def test_a_rotating_refresh_token_is_kept_before_it_is_used(make_client, server, reply):
    tokens = TokenServer(server, reply, refresh_token="second", account="77")
    store = MemoryTokenStore()
    client = make_client(auth=refresh_token_grant(endpoint(server), store=store, key="shop", first="first"))

    client.get("/x")

    assert parse_qs(tokens.asked[0].body.decode())["refresh_token"] == ["first"]
    kept = store.get("shop")
    assert (kept.value, kept.refresh_token, kept.extra) == ("token-1", "second", {"account": "77"})


def test_a_refresh_token_that_is_not_renewed_stays(make_client, server, tokens):
    store = MemoryTokenStore()
    store.put("shop", Token("old", expires_at=1.0, refresh_token="forever"))
    client = make_client(auth=refresh_token_grant(endpoint(server), store=store, key="shop"))

    client.get("/x")

    assert store.get("shop").refresh_token == "forever"


def test_a_connector_that_never_signed_in_says_so(make_client, server, tokens):
    client = make_client(auth=refresh_token_grant(endpoint(server), store=MemoryTokenStore()))

    with pytest.raises(AuthError, match="not signed in"):
        client.get("/x")

    assert server.seen == []


def test_wrong_credentials_are_not_tried_again_by_every_thread(make_client, server, reply):
    server.answers(reply(400, b'{"error": "invalid_client", "error_description": "unknown client"}'))
    client = make_client(auth=client_credentials(endpoint(server)))

    def ask(_):
        with pytest.raises(AuthError, match=r"No token was given: .*unknown client"):
            client.post("/x", json={})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    assert len(server.seen) == 1


def test_a_lost_token_answer_does_not_make_the_record_uncertain(make_client, server, reply):
    server.answers(reply(raw=b"", then="close"))
    auth = refresh_token_grant(endpoint(server), store=MemoryTokenStore(), first="only-once")

    with pytest.raises(TemporaryError):
        make_client(auth=auth).post("/orders", json={})

    assert [seen.path for seen in server.seen] == ["/token"]


def test_a_password_grant_needs_no_client(make_client, server, tokens):
    auth = password_grant(TokenEndpoint(server.url + "/token", ""), "user", "pass-word")

    make_client(auth=auth).get("/x")

    assert parse_qs(tokens.asked[0].body.decode())["username"] == ["user"]


def test_a_session_login_is_a_token_too(make_client, server, reply):
    def login(client, old):
        answer = client.post("/login", json={"user": "u"}, safe=True)
        return Token(answer.json()["SessionId"])

    def cookie(token, request):
        request.headers["cookie"] = f"B1SESSION={token.value}"

    server.answers(reply(200, b'{"SessionId": "sess-1"}'), reply(200))
    make_client(auth=TokenAuth(login, place=cookie)).get("/Orders")

    assert server.seen[1].headers["cookie"] == "B1SESSION=sess-1"


def test_fetched_tokens_are_masked_everywhere(make_client, server, tokens):
    client = make_client(auth=client_credentials(endpoint(server)))
    client.get("/x")

    with client.record() as exchanges:
        client.get("/x", params={"echo": "token-1"})

    assert exchanges[0].url.endswith("echo=***")


def test_a_waiting_token_request_does_not_block_a_single_place(make_client, server, tokens):
    from topstitch.net.limits import Limits, LocalBudget

    client = make_client(auth=client_credentials(endpoint(server)), budget=LocalBudget(Limits(concurrency=1)))
    done = []
    thread = threading.Thread(target=lambda: done.append(client.get("/x").status), daemon=True)
    thread.start()
    thread.join(5)

    assert done == [200]


def test_a_code_is_exchanged_with_its_proof(client, server, tokens):
    pkce = Pkce.new()
    url = urlsplit(
        authorisation_url(
            "https://login.example/authorise?x=1", client_id="c", redirect_uri="https://me/cb", state="st", pkce=pkce
        )
    )

    token = exchange_code(client.without_auth(), endpoint(server), code="c0de", redirect_uri="https://me/cb", pkce=pkce)

    query = parse_qs(url.query)
    assert (query["state"], query["code_challenge"], query["x"]) == (["st"], [pkce.challenge], ["1"])
    sent = parse_qs(tokens.asked[0].body.decode())
    assert (sent["grant_type"], sent["code_verifier"]) == (["authorization_code"], [pkce.verifier])
    assert token.value == "token-1"


def test_the_challenge_is_that_of_rfc_7636():
    pkce = Pkce.new(lambda: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert pkce.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_wrapped_token_answers_are_read():
    token = token_from({"data": {"access_token": "t", "expires_in": "60"}}, root="data", now=1000.0)
    bare = token_from({"access_token": "t"})

    assert (token.expires_at, bare.expires_at) == (1060.0, None)
    with pytest.raises(AuthError, match="expired"):
        token_from({"error": "invalid_grant", "error_description": "expired"})
