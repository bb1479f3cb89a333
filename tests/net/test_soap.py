"""SOAP: envelopes as ordered, answers as elements, faults as faults even under HTTP 500."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from lxml import etree

from topstitch.errors import (
    AnswerLost,
    AuthError,
    FormatError,
    LimitExceeded,
    RateLimited,
    TemporaryError,
)
from topstitch.net.http import CapturedRequest, ErrorRule
from topstitch.net.soap import SoapClient, SoapFault
from topstitch.net.xmlsafe import parse

AT = datetime(2026, 1, 2, tzinfo=UTC)
NS = "http://vendor.example/api/"
ANSWER = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b'<AddResponse xmlns="http://vendor.example/api/"><id>7</id></AddResponse></s:Body></s:Envelope>'
)
FAULT = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    b"<faultstring>Order\n exists</faultstring><detail><e xmlns='urn:e'><code>E5</code></e></detail></s:Fault></s:Body>"
    b"</s:Envelope>"
)
FAULT_12 = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>'
    b"<s:Subcode><s:Value>m:Busy</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang='en'>Wait</s:Text></s:Reason>"
    b"</s:Fault></s:Body></s:Envelope>"
)


@pytest.fixture
def soap(client):
    return SoapClient(client, "/Service.asmx", NS)


def test_an_operation_goes_out_in_order_and_its_answer_comes_back(soap, server, reply):
    server.answers(reply(200, ANSWER))

    answer = soap.call(
        "Add",
        [
            ("order", [("number", "A&1"), ("total", Decimal("1E+2")), ("paid", True), ("note", None), ("at", AT)]),
            ("line", [{"@id": 1, "sku": "x"}, {"@id": 2, "sku": "y"}]),
            ("{urn:other}raw", b"\x00\x01"),
        ],
        header={"Auth": {"user": "u"}},
    )

    assert answer.findtext("{*}id") == "7"
    headers = server.seen[0].headers
    assert headers["soapaction"] == '"http://vendor.example/api/Add"'
    assert headers["content-type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(server.seen[0].body)
    add = root.find(f".//{{{NS}}}Add")
    assert [etree.QName(child).localname for child in add] == ["order", "line", "line", "raw"]
    assert [child.text for child in add[0]] == ["A&1", "100", "true", "2026-01-02T00:00:00+00:00"]
    assert [line.get("id") for line in add.iter(f"{{{NS}}}line")] == ["1", "2"]
    assert add.findtext("{urn:other}raw") == "AAE="
    assert root.findtext(f".//{{{NS}}}Auth/{{{NS}}}user") == "u"


def test_soap_12_puts_the_action_into_the_content_type(client, server, reply):
    old, new = b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"
    server.answers(reply(200, ANSWER.replace(old, new)))

    SoapClient(client, "/s", NS, "1.2", action="{operation}").call("Add")

    assert server.seen[0].headers["content-type"] == 'application/soap+xml; charset=utf-8; action="Add"'


def test_a_fault_under_http_500_is_a_fault_not_an_outage(soap, server, reply):
    server.answers(reply(500, FAULT))

    with pytest.raises(SoapFault, match=r"^Order exists$") as caught:
        soap.call("Add", safe=True)

    assert (caught.value.code, caught.value.find("code")) == ("Server", "E5")
    assert len(server.seen) == 1


def test_a_fault_can_be_classified(client, server, reply):
    def classify(fault):
        return RateLimited(fault.message, retry_after=0.2) if fault.code == "Busy" else None

    server.answers(reply(400, FAULT_12), reply(200, ANSWER))

    SoapClient(client, "/s", NS, classify=classify).call("Add")

    assert server.seen[1].at - server.seen[0].at >= 0.2


def test_rules_of_the_client_see_faults_first(make_client, server, reply):
    client = make_client(rules=[ErrorRule(AuthError, status=500, body="Order\\s+exists")])
    server.answers(reply(500, FAULT))

    with pytest.raises(AuthError):
        SoapClient(client, "/s", NS).call("Add")


def test_http_500_without_a_fault_is_an_outage(soap, server, reply):
    server.answers(reply(500, b"<html>oops</html>"))

    with pytest.raises(AnswerLost):
        soap.call("Add")
    with pytest.raises(TemporaryError):
        soap.call("Get", safe=True)


def test_an_unreadable_answer_to_a_write_is_lost(soap, server, reply):
    server.answers(reply(200, b"<html>"))

    with pytest.raises(AnswerLost):
        soap.call("Add")
    with pytest.raises(FormatError):
        soap.call("Get", safe=True)


def test_an_empty_success_is_an_empty_answer(soap, server, reply):
    server.answers(reply(202, b""))

    assert len(soap.call("Notify")) == 0


def test_control_characters_are_refused_with_the_elements_name(soap, server):
    with pytest.raises(FormatError, match="the value of note has control characters"):
        soap.call("Add", {"note": "a\x01b"})

    assert server.seen == []


def test_a_dry_client_shows_the_envelope(client):
    with pytest.raises(CapturedRequest) as caught:
        SoapClient(client.dry(), "/s", NS).call("Add", {"id": 1})

    assert "<ns:Add><ns:id>1</ns:id></ns:Add>" in caught.value.request.body


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"),
    ],
)
def test_documents_with_a_type_are_refused(document):
    with pytest.raises(FormatError, match="document type"):
        parse(document)


def test_deep_and_large_documents_are_refused():
    with pytest.raises(FormatError, match="line 1"):
        parse(b"<a>" * 5000 + b"</a>" * 5000)
    with pytest.raises(LimitExceeded):
        parse(b"<a>" + b"x" * 100 + b"</a>", max_bytes=50)
