"""GraphQL: data out, errors with their codes and paths, throttling by the system's own numbers."""

from __future__ import annotations

import pytest

from topstitch.errors import AnswerLost, AuthError, FormatError, RateLimited, RemoteRejected, TemporaryError
from topstitch.net.graphql import CODES, GraphqlClient, GraphqlError
from topstitch.net.http import CapturedRequest


def throttled(available):
    return {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": 100, "throttleStatus": {"currentlyAvailable": available}}},
    }


def wait(body):
    cost = body["extensions"]["cost"]
    return (cost["requestedQueryCost"] - cost["throttleStatus"]["currentlyAvailable"]) / 100


def test_a_query_gives_its_data(client, server):
    server.answers_json({"data": {"shop": {"name": "A"}}})

    data = GraphqlClient(client, "/graphql.json").query("{shop{name}}", {"first": 5}, operation="Shop")

    assert data == {"shop": {"name": "A"}}
    assert server.seen[0].json() == {"query": "{shop{name}}", "variables": {"first": 5}, "operationName": "Shop"}


def test_errors_carry_paths_and_codes(client, server):
    server.answers_json(
        {
            "errors": [{"message": "No such sku", "path": ["lines", 0, "sku"], "extensions": {"code": "BAD"}}],
            "data": None,
        }
    )

    with pytest.raises(GraphqlError, match="No such sku") as caught:
        GraphqlClient(client, "/g").query("mutation{x}", mutation=True)

    assert (caught.value.codes, caught.value.paths, caught.value.field) == (["BAD"], ["lines.0.sku"], "lines.0.sku")
    assert isinstance(caught.value, RemoteRejected)


def test_a_throttled_call_waits_as_long_as_the_numbers_say(client, server):
    seen = []
    server.answers_json(throttled(80), {"data": {"ok": 1}, "extensions": {"cost": {"left": 9}}})

    data = GraphqlClient(client, "/g", wait=wait, on_extensions=seen.append).query("mutation{x}", mutation=True)

    assert data == {"ok": 1}
    assert server.seen[1].at - server.seen[0].at >= 0.2
    assert seen[-1] == {"cost": {"left": 9}}


def test_a_call_can_hear_of_its_own_cost(client, server):
    heard, all_heard = [], []
    server.answers_json({"data": {}, "extensions": {"cost": 3}})

    GraphqlClient(client, "/g", on_extensions=all_heard.append).query("{x}", on_extensions=heard.append)

    assert (heard, all_heard) == ([{"cost": 3}], [])


def test_a_throttle_that_does_not_end_is_rate_limited(client, server):
    server.answers_json(throttled(99))

    with pytest.raises(RateLimited):
        GraphqlClient(client, "/g", wait=wait).query("{x}")


def test_text_errors_and_auth_are_understood(client, server, reply):
    graphql = GraphqlClient(client, "/g", codes={**CODES, "MINE": AuthError})
    server.answers(reply(401, b'{"errors": "[API] Invalid API key"}'))
    with pytest.raises(AuthError, match="Invalid API key"):
        graphql.query("{x}")

    server.answers_json({"errors": ["plain text"]})
    with pytest.raises(GraphqlError, match="plain text"):
        graphql.query("{x}")

    server.answers_json({"errors": [{"message": "m", "extensions": {"code": "MINE"}}]})
    with pytest.raises(AuthError):
        graphql.query("{x}")


def test_an_inner_error_is_temporary_for_a_query_and_lost_for_a_mutation(client, server):
    server.answers_json({"errors": [{"message": "oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]})
    graphql = GraphqlClient(client, "/g")

    with pytest.raises(TemporaryError):
        graphql.query("{x}")
    assert len(server.seen) == 3
    with pytest.raises(AnswerLost):
        graphql.query("mutation{x}", mutation=True)
    assert len(server.seen) == 4


def test_what_is_no_graphql_is_said_to_be_none(client, server, reply):
    server.answers(reply(200, b"[1]"))
    with pytest.raises(FormatError, match="no GraphQL answer"):
        GraphqlClient(client, "/g").query("{x}")

    server.answers(reply(200, b"<html>"))
    with pytest.raises(AnswerLost):
        GraphqlClient(client, "/g").query("mutation{x}", mutation=True)


def test_a_dry_client_runs_queries_and_shows_mutations(client, server):
    server.answers_json({"data": {}})
    graphql = GraphqlClient(client.dry(), "/g")

    graphql.query("{x}")
    with pytest.raises(CapturedRequest):
        graphql.query("mutation{x}", mutation=True)

    assert len(server.seen) == 1
