"""The practice server is as strict as the WSDL: names, order, namespace, SOAPAction, session."""

from __future__ import annotations

import urllib.error
import urllib.request
from base64 import b64encode

import pytest

from topstitch.sdk import Condition, Outgoing, Query
from topstitch.sdk.practice import GOODS, Throttle
from topstitch.sdk.settings import checked_settings
from topstitch.systems.peoplevox import practice, practice_goods

ADDRESS = "/peoplevox/practice2600/Resources/IntegrationServicev4.asmx"
LOGIN = (
    f"<p:clientId>practice2600</p:clientId><p:username>ada</p:username>"
    f"<p:password>{b64encode(practice.PASSWORD.encode()).decode()}</p:password>"
)
REQUEST = "<p:TemplateName>Item types</p:TemplateName><p:PageNo>1</p:PageNo><p:ItemsPerPage>2</p:ItemsPerPage>"


def post(server, operation, inner, *, header="", action=None, kind="text/xml; charset=utf-8", address=ADDRESS):
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="http://www.peoplevox.net/">'
        f"<s:Header>{header}</s:Header><s:Body><p:{operation}>{inner}</p:{operation}></s:Body></s:Envelope>"
    )
    action = f'"http://www.peoplevox.net/{operation}"' if action is None else action
    headers = {"Content-Type": kind, "SOAPAction": action}
    request = urllib.request.Request(server.url + address, body.encode(), headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def credentials(server):
    _, answer = post(server, "Authenticate", LOGIN)
    session = answer.partition("practice2600,")[2].partition("<")[0]
    parts = f"<p:UserId>0</p:UserId><p:ClientId>practice2600</p:ClientId><p:SessionId>{session}</p:SessionId>"
    return f"<p:UserSessionCredentials>{parts}</p:UserSessionCredentials>"


def get(server, inner, **options):
    header = options.pop("header", None)
    return post(server, "GetData", inner, header=credentials(server) if header is None else header, **options)


def test_a_call_to_the_letter_is_answered(server):
    status, answer = get(server, f"<p:getRequest>{REQUEST}</p:getRequest>")

    assert status == 200
    assert f"<ResponseId>0</ResponseId><TotalCount>{40 + len(GOODS)}</TotalCount>" in answer


def test_the_path_ignores_case(server):
    assert post(server, "Authenticate", LOGIN, address=ADDRESS.lower())[0] == 200


@pytest.mark.parametrize(
    "inner",
    [
        "<p:getRequest><p:PageNo>1</p:PageNo><p:TemplateName>T</p:TemplateName><p:ItemsPerPage>2</p:ItemsPerPage></p:getRequest>",
        "<p:getRequest><p:TemplateName>T</p:TemplateName><p:ItemsPerPage>2</p:ItemsPerPage></p:getRequest>",
        f"<p:getRequest>{REQUEST}<p:Columns>[Name]</p:Columns></p:getRequest>",
        f"<getRequest>{REQUEST}</getRequest>",
        f"<p:request>{REQUEST}</p:request>",
        "<p:getRequest><p:PageNo>one</p:PageNo><p:ItemsPerPage>2</p:ItemsPerPage></p:getRequest>",
    ],
)
def test_children_out_of_order_missing_or_unknown_are_a_fault(server, inner):
    status, answer = get(server, inner)

    assert status == 500
    assert "<faultcode>soap:Client</faultcode>" in answer


def test_a_wrong_action_a_missing_header_and_another_type_are_faults(server):
    inner = f"<p:getRequest>{REQUEST}</p:getRequest>"

    assert get(server, inner, action='"http://www.peoplevox.net/GetDatas"')[0] == 500
    assert get(server, inner, header="")[0] == 500
    assert get(server, inner, kind="application/soap+xml")[0] == 415


def test_a_made_up_session_is_told_as_a_business_error(server):
    parts = "<p:UserId>0</p:UserId><p:ClientId>practice2600</p:ClientId><p:SessionId>0a1b</p:SessionId>"
    header = f"<p:UserSessionCredentials>{parts}</p:UserSessionCredentials>"

    status, answer = get(server, f"<p:getRequest>{REQUEST}</p:getRequest>", header=header)

    assert status == 200
    assert "<ResponseId>-1</ResponseId>" in answer
    assert "Invalid Session" in answer


def test_a_password_that_is_not_base64_of_the_real_one_is_refused(server):
    answer = post(
        server, "Authenticate", LOGIN.replace(b64encode(practice.PASSWORD.encode()).decode(), practice.PASSWORD)
    )[1]

    assert "<ResponseId>-1</ResponseId>" in answer


def test_the_sixteenth_request_within_15_seconds_is_refused(server, monkeypatch):
    monkeypatch.setattr(practice, "THROTTLE", Throttle(15, 15.0))

    answers = [post(server, "Authenticate", LOGIN) for _ in range(16)]

    assert [status for status, _ in answers] == [200] * 15 + [500]
    assert "Rate limit exceeded" in answers[-1][1]


def test_items_per_page_zero_gives_everything(server):
    answer = get(server, f"<p:getRequest>{REQUEST.replace('>2<', '>0<')}</p:getRequest>")[1]

    assert answer.count("SKU-0") == 40


def test_an_imported_order_is_despatched_after_a_while_and_a_held_one_is_not(connect, monkeypatch):
    conn = connect()
    orders = conn.entry.entity("orders").write
    lines = [{"ItemCode": "TS-BOWL", "QuantityOrdered": 2}, {"ItemCode": "TS-CARD", "QuantityOrdered": 1}]
    sent = [{"SalesOrderNumber": "W-1", "lines": lines}, {"SalesOrderNumber": "W-2", "OnHold": True, "lines": lines}]
    orders.push(
        conn, [Outgoing(key=str(n), record=r) for n, r in enumerate(sent)], checked_settings(orders.options, {})
    )

    def despatched():
        found = conn.entry.entity("fulfilments").read
        asked = [Condition("Salesorder number", "in", ["W-1", "W-2"])]
        query = Query(page_size=100, conditions=asked, options=checked_settings(found.options, {}))
        return [record for page in found.pages(conn, query, None) for record in page.records]

    assert despatched() == []
    monkeypatch.setattr(practice_goods, "PICKED_AFTER", 0.0)
    (parcel,) = despatched()
    assert parcel["Salesorder number"] == "W-1"
    assert [(line["Item code"], line["No of items"]) for line in parcel["lines"]] == [
        ("TS-BOWL", "2"),
        ("TS-CARD", "1"),
    ]
    assert despatched() == [parcel]
