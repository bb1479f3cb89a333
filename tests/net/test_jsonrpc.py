"""JSON-RPC and XML-RPC: results, faults and hostile answers."""

from __future__ import annotations

import xmlrpc.client
from datetime import datetime
from decimal import Decimal

import pytest

from topstitch.errors import AnswerLost, DuplicateRecord, FormatError, TemporaryError
from topstitch.net.jsonrpc import JsonRpcClient, RpcFault, XmlRpcClient


def test_a_json_rpc_call_gives_its_result(client, server):
    server.answers_json({"jsonrpc": "2.0", "id": 1, "result": None}, {"jsonrpc": "2.0", "id": 2, "result": [1]})
    rpc = JsonRpcClient(client, "/jsonrpc")

    assert (rpc.call("version"), rpc.call("call", {"a": Decimal("1.5")})) == (None, [1])
    assert server.seen[1].json() == {"jsonrpc": "2.0", "id": 2, "method": "call", "params": {"a": 1.5}}


def test_a_json_rpc_fault_has_code_message_and_data(client, server):
    data = {"name": "odoo.exceptions.ValidationError", "message": "The SKU exists", "debug": "Traceback..."}
    server.answers_json({"error": {"code": 200, "message": "Odoo Server Error", "data": data}})

    with pytest.raises(RpcFault, match=r"^The SKU exists$") as caught:
        JsonRpcClient(client, "/jsonrpc").call("create")

    assert (caught.value.code, caught.value.data["name"]) == (200, "odoo.exceptions.ValidationError")


def test_a_fault_can_be_classified(client, server):
    server.answers_json({"error": {"code": 1, "message": "exists"}})

    with pytest.raises(DuplicateRecord):
        JsonRpcClient(client, "/r", classify=lambda fault: DuplicateRecord(fault.message)).call("create")


def test_an_xml_rpc_call_goes_out_and_comes_back(client, server, reply):
    answer = xmlrpc.client.dumps(([{"id": 7, "at": xmlrpc.client.DateTime("20260102T03:04:05")}],), methodresponse=True)
    server.answers(reply(200, answer.encode(), {"Content-Type": "text/xml"}))

    result = XmlRpcClient(client, "/xmlrpc/2/object").call(
        "execute_kw", ["db", 2, "pw", [("price", ">", Decimal("1.5"))], {"limit": None}]
    )

    assert result == [{"id": 7, "at": datetime.fromisoformat("2026-01-02T03:04:05")}]
    params, method = xmlrpc.client.loads(server.seen[0].body)
    assert (method, params[3:]) == ("execute_kw", ([["price", ">", 1.5]], {"limit": None}))


def test_an_xml_rpc_fault_shows_the_end_of_its_traceback(client, server, reply):
    text = "Traceback (most recent call last):\n  File x\nValueError: no such partner\n"
    server.answers(reply(200, xmlrpc.client.dumps(xmlrpc.client.Fault(1, text)).encode()))

    with pytest.raises(RpcFault, match=r"^ValueError: no such partner$") as caught:
        XmlRpcClient(client, "/x").call("create")

    assert (caught.value.code, caught.value.text) == (1, text)


@pytest.mark.parametrize(
    "answer",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><methodResponse><params><param>&a;</param></params></methodResponse>',
        "<!DOCTYPE x><methodResponse/>".encode("utf-16"),
        b"<html><body>Sign in</body></html>",
        b"not xml",
        b"<methodResponse><params><param><value><int>x</int></value></param></params></methodResponse>",
    ],
)
def test_hostile_or_broken_answers_are_refused(client, server, reply, answer):
    server.answers(reply(200, answer))

    with pytest.raises(FormatError, match="no XML-RPC answer"):
        XmlRpcClient(client, "/x").call("read", safe=True)
    with pytest.raises(AnswerLost):
        XmlRpcClient(client, "/x").call("create")


def test_values_xml_cannot_carry_are_refused_with_their_place(client, server):
    with pytest.raises(FormatError, match=r"create\.name"):
        XmlRpcClient(client, "/x").call("create", [{"name": "a\x00"}])
    with pytest.raises(FormatError, match="cannot be written as XML-RPC"):
        XmlRpcClient(client, "/x").call("create", [2**40])

    assert server.seen == []


def test_an_outage_is_an_outage(client, server, reply):
    server.answers(reply(503, b"<html>"))

    for rpc in (JsonRpcClient(client, "/j"), XmlRpcClient(client, "/x")):
        with pytest.raises(TemporaryError):
            rpc.call("x")
