"""The practice server: Peoplevox's SOAP service as the WSDL and the partners' documents describe it, with state."""

from __future__ import annotations

import csv
import io
import re
import secrets
import time
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from xml.sax.saxutils import quoteattr

from topstitch.sdk.practice import Fault, Practice, Reply, Request, Store, Throttle, html_reply, text_reply, xml_reply
from topstitch.systems.peoplevox import practice_goods, practice_seed
from topstitch.systems.peoplevox.practice_clause import ClauseError, compile_clause
from topstitch.systems.peoplevox.practice_soap import Call, Result, SoapFault, operation_of, read_call, refusal
from topstitch.systems.peoplevox.practice_templates import TEMPLATES, configured_columns, save
from topstitch.systems.peoplevox.practice_wsdl import wsdl

CLIENT_ID, USERNAME, PASSWORD = "practice2600", "ada", "warehouse-practice"
PRACTICE = Practice(
    "peoplevox",
    {
        "url": "https://wms.peoplevox.net",
        "client_id": CLIENT_ID,
        "username": USERNAME,
        "password": PASSWORD,
        "returns_report": "Returns by reason",
    },
    ignore_case=True,
)
#: 15 requests per 15 seconds and tenant.
THROTTLE = Throttle(15, 15.0)
#: Seconds without use after which a session ends.
SESSION_LIFE = 30 * 60
TOO_MANY = "Rate limit exceeded: too many requests, 15 are allowed per 15 seconds."
PATH = "/{client}/Resources/IntegrationServicev4.asmx"
_STORED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_Columns = Sequence[str]
REPORTS: Mapping[str, _Columns] = {**practice_seed.REPORTS, practice_goods.SUMMARY: practice_goods.SUMMARY_COLUMNS}


@PRACTICE.seed
def fill(store: Store) -> None:
    """Seed an empty warehouse."""
    practice_seed.fill(store)
    practice_goods.fill(store)


@PRACTICE.on_expired
def expired(request: Request) -> Reply:
    """A session that is over: HTTP 200 and a business error."""
    try:
        return refusal("Invalid Session").reply(operation_of(request))
    except SoapFault as fault:
        return fault.reply()


@PRACTICE.on_fault
def fault_reply(fault: Fault) -> Reply:
    """Throttled or out of order, before the service itself is reached."""
    if fault.kind == "500":
        return SoapFault("Server was unable to process request.", "Server").reply()
    return text_reply("Too many requests" if fault.kind == "429" else "Service unavailable", int(fault.kind))


@PRACTICE.on_missing
def missing(request: Request) -> Reply:
    """The error page of the web server."""
    return html_reply("<html><head><title>The resource cannot be found.</title></head></html>", 404)


@PRACTICE.route("GET", PATH)
def describe(request: Request) -> Reply:
    """The WSDL, or the page a browser sees."""
    address = request.url.partition("?")[0]
    if any(name.lower() == "wsdl" for name, _ in request.query) or request.url.lower().endswith("?wsdl"):
        return xml_reply(wsdl(address))
    return html_reply(f"<html><body><a href={quoteattr(address + '?wsdl')}>Service Description</a></body></html>")


@PRACTICE.route("POST", PATH)
def serve(request: Request) -> Reply:
    """One SOAP call."""
    try:
        if THROTTLE.refuse() is not None:
            raise SoapFault(TOO_MANY, "Server")
        call = read_call(request)
        return _answer(request, call).reply(call.operation)
    except SoapFault as fault:
        return fault.reply()


def _answer(request: Request, call: Call) -> Result:
    if call.operation == "Authenticate":
        return _authenticate(request.store, request.args["client"], call.arguments)
    if not _in_session(request.store, request.args["client"], call):
        return refusal("Invalid Session")
    try:
        return _HANDLERS[call.operation](request.store, call.arguments)
    except ClauseError as error:
        return refusal(str(error))


def _authenticate(store: Store, client: str, given: Mapping[str, str]) -> Result:
    try:
        password = b64decode(given.get("password", ""), validate=True).decode()
    except (Base64Error, UnicodeDecodeError, ValueError):
        return refusal("Invalid password encoding")
    expected = (CLIENT_ID, CLIENT_ID, USERNAME, PASSWORD)
    if (client, given.get("clientId"), given.get("username"), password) != expected:
        return refusal("Invalid client id, username or password")
    session = secrets.token_hex(16)
    store.put("_sessions", session, {"used": time.time()})
    return Result(total=1, detail=f"{CLIENT_ID},{session}")


def _in_session(store: Store, client: str, call: Call) -> bool:
    session = store.get("_sessions", call.session_id)
    if (
        not session
        or (client, call.client_id) != (CLIENT_ID, CLIENT_ID)
        or time.time() - session["used"] > SESSION_LIFE
    ):
        return False
    store.put("_sessions", call.session_id, {"used": time.time()})
    return True


def _get_data(store: Store, given: Mapping[str, str]) -> Result:
    name = given.get("TemplateName", "")
    if name == "Despatches":
        practice_goods.work(store)
        rows, columns = _despatches(store)
        return _paged(rows, columns, given)
    if name not in TEMPLATES:
        return refusal(f"Template '{name}' was not found.")
    return _paged(store.all(name), TEMPLATES[name].columns, given)


def _despatches(store: Store) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """One row per despatch, and the columns. The first two are documented, a tenant may have more of them."""
    more = (store.get("_templates", "Despatches") or {"columns": ["trackingNumber"]})["columns"]
    columns = ("despatchNumber", "salesOrderNumber", *more)
    rows = {row["Despatch number"]: row for row in store.all("Despatch summary")}
    letters = {name.replace(" ", "").lower(): name for name in practice_seed.REPORTS["Despatch summary"]}
    return [{name: row[letters[name.lower()]] for name in columns} for row in rows.values()], columns


def _get_report(store: Store, given: Mapping[str, str]) -> Result:
    name = given.get("TemplateName", "")
    if name not in REPORTS:
        return refusal(f"Report '{name}' was not found.")
    practice_goods.work(store)
    every = REPORTS[name]
    asked = [part.strip().strip("[]") for part in given.get("Columns", "").split(",") if part.strip()]
    order = given.get("OrderBy", "").strip().strip("[]")
    unknown = {*asked, *([order] if order else [])} - set(every)
    if unknown:
        return refusal(f"Report '{name}' has no column {', '.join(sorted(unknown))}")
    keep = compile_clause(given.get("FilterClause", ""), every)
    all_rows = practice_goods.by_site(store) if name == practice_goods.SUMMARY else store.all(name)
    rows = [row for row in all_rows if keep(row)]
    if order:
        rows.sort(key=lambda row: _sortable(row[order]))
    return _paged(rows, every, given, show=asked or every)


def _sortable(cell: str) -> tuple[int, Decimal, str]:
    try:
        return 0, Decimal(cell), ""
    except InvalidOperation:
        return 1, Decimal(0), cell


def _paged(
    rows: Sequence[Mapping[str, str]], columns: _Columns, given: Mapping[str, str], show: _Columns | None = None
) -> Result:
    page, size = int(given["PageNo"]), int(given["ItemsPerPage"])
    if page < 1 or size < 0:
        return refusal("PageNo starts at 1")
    keep = compile_clause(given.get("SearchClause", ""), columns)
    found = [row for row in rows if keep(row)]
    shown = found[(page - 1) * size : page * size] if size else found
    return Result(total=len(found), detail=_csv(shown, show or columns))


def _csv(rows: Sequence[Mapping[str, str]], columns: _Columns) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_shown(row[name]) for name in columns] for row in rows)
    return text.getvalue()


def _shown(cell: str) -> str:
    if not _STORED.fullmatch(cell):
        return cell
    return f"'{datetime.fromisoformat(cell):%d/%m/%Y %H:%M}'"


def _report_columns(store: Store, given: Mapping[str, str]) -> Result:
    columns = REPORTS.get(given.get("templateName", ""))
    if columns is None:
        return refusal(f"Report '{given.get('templateName')}' was not found.")
    return Result(total=len(columns), detail=",".join(columns))


def _save_template(store: Store, given: Mapping[str, str]) -> Result:
    name = given.get("templateName", "")
    if name not in TEMPLATES:
        return refusal(f"Template '{name}' was not found.")
    columns = configured_columns(store, name)
    if columns is None:
        return refusal(f"Integration template '{name}' is not configured.")
    return Result(total=len(columns), detail=",".join(columns))


def _save(store: Store, given: Mapping[str, str]) -> Result:
    name = given.get("TemplateName", "")
    if name not in TEMPLATES:
        return refusal(f"Template '{name}' was not found.")
    return save(store, name, given.get("CsvData", ""), int(given["Action"]))


def _subscribe(store: Store, given: Mapping[str, str]) -> Result:
    if not (given.get("callbackUrl") or given.get("postUrl")):
        return refusal("The address to call is missing")
    number = store.next_id("subscription", 101)
    store.put("_subscriptions", number, dict(given))
    return Result(total=1, detail=str(number))


def _unsubscribe(store: Store, given: Mapping[str, str]) -> Result:
    if not store.delete("_subscriptions", int(given["subscriptionId"])):
        return refusal(f"Subscription {given['subscriptionId']} was not found")
    return Result(total=1)


_HANDLERS: Mapping[str, Callable[[Store, Mapping[str, str]], Result]] = {
    "GetData": _get_data,
    "GetReportData": _get_report,
    "GetReportColumns": _report_columns,
    "GetSaveTemplate": _save_template,
    "SaveData": _save,
    "SubscribeEvent": _subscribe,
    "SubscribePostEvent": _subscribe,
    "UnsubscribeEvent": _unsubscribe,
}
