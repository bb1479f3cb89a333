"""The practice Odoo: at the root an Odoo 17, below /v14, /v17 and /v19 each version with a database of its own.

Sign in to database `practice` as integration@example.com, or as
warehouse@example.com (stock only) with the key `practice-warehouse-key`.
"""

from __future__ import annotations

import orjson

from topstitch.sdk.practice import Fault, Practice, Reply, Request, Store, html_reply, json_reply, xml_reply
from topstitch.systems.odoo.erp import doors
from topstitch.systems.odoo.erp.examples import BAD, GOOD
from topstitch.systems.odoo.erp.faults import AccessDenied, Unauthorized
from topstitch.systems.odoo.erp.seed import KEY, LOGIN, ensure

DEFAULT = 17
#: Records to try out writing with.
GOOD_RECORDS, BAD_RECORDS = GOOD, BAD
#: Odoo sweeps its wizards away by itself.
TRANSIENT = ("17.sale.advance.payment.inv",)
SERIES = {"": DEFAULT, "/v14": 14, "/v17": 17, "/v19": 19}

PRACTICE = Practice(
    "odoo",
    settings={
        "url": "https://odoo.example.com",
        "database": doors.DATABASE,
        "username": LOGIN,
        "api_key": KEY,
    },
)

for _prefix, _series in SERIES.items():
    PRACTICE.route("POST", f"{_prefix}/jsonrpc")(doors.jsonrpc(_series))
    PRACTICE.route("POST", f"{_prefix}/xmlrpc/2/common")(doors.xmlrpc_door(_series, "common"))
    PRACTICE.route("POST", f"{_prefix}/xmlrpc/2/object")(doors.xmlrpc_door(_series, "object"))
    PRACTICE.route("POST", f"{_prefix}/web/webclient/version_info")(doors.version_info(_series))
    if _series >= 19:
        PRACTICE.route("POST", f"{_prefix}/json/2/{{model}}/{{method}}")(doors.json2(_series))
        PRACTICE.route("GET", f"{_prefix}/web/version")(doors.web_version(_series))
PRACTICE.on_missing(doors.not_found)


@PRACTICE.seed
def seed(store: Store) -> None:
    """The default version at once; the others when they are first asked."""
    ensure(store, DEFAULT)


@PRACTICE.on_expired
def expired(request: Request) -> Reply:
    """An expired key is a wrong key, in the words of each door."""
    if "/json/2/" in request.path:
        return doors.json2_error(Unauthorized("Invalid apikey"))
    if "/xmlrpc/" in request.path:
        return xml_reply(doors.xml_fault(3, "Access Denied"))
    sent = orjson.loads(request.body or b"{}").get("id")
    return json_reply({"jsonrpc": "2.0", "id": sent, "error": doors.json_error(AccessDenied())})


@PRACTICE.on_fault
def fault(fault: Fault) -> Reply:
    """The proxy in front of Odoo Online answers with a page."""
    words = {"429": "Too Many Requests", "500": "Internal Server Error", "503": "Service Unavailable"}[fault.kind]
    return html_reply(f"<html><head><title>{fault.kind} {words}</title></head></html>", int(fault.kind))
