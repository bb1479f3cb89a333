"""The web service: sign-in, session, the nine operations, and what its answers mean.

Sessions live about 30 minutes and logging in counts as a request, so one session serves all workers: it lies in the
connection's token store and is put into the envelope at the last moment.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from topstitch.sdk import (
    AuthError,
    ConfigError,
    Connection,
    FormatError,
    HttpClient,
    MissingReference,
    Prepared,
    RateLimited,
    RemoteRejected,
    SoapClient,
    SoapFault,
    TemporaryError,
    Token,
    TokenAuth,
    TopstitchError,
)

if TYPE_CHECKING:
    from lxml import etree

NAMESPACE = "http://www.peoplevox.net/"
#: A session is left before Peoplevox ends it.
SESSION_AGE = 25 * 60
#: Throttling names no time; the window is this long.
THROTTLE_PAUSE = 15.0
#: SOAP 1.1: the trouble is not in the message, which may succeed later.
SERVER_FAULT = "Server"
SESSION_OVER = r"invalid session|session (?:has |is )?(?:expired|timed out)"
TOO_FAST = r"rate limit|too many requests|requests? limit|throttl"
_PASSING = re.compile(r"deadlock|time-?out|timed out|temporarily|try again", re.IGNORECASE)
_UNKNOWN = re.compile(
    r"not found|does not exist|doesn't exist|cannot find|could not find|unknown|no such", re.IGNORECASE
)
_FORBIDDEN = re.compile(r"permission|access (?:is )?denied|not authori[sz]ed", re.IGNORECASE)
_SESSION_PLACE = b"@@session@@"
_LONGEST = 500

Plain = str | int | bool | None
Pairs = Sequence[tuple[str, Plain]]
Parts = Sequence[tuple[str, Plain | Pairs]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An IntegrationResponse. `statuses` are (reference, whether it succeeded)."""

    response_id: int
    total: int
    detail: str
    statuses: tuple[tuple[str, bool], ...] = ()

    @property
    def failed(self) -> bool:
        """A business error, which comes with HTTP 200."""
        return self.response_id < 0


def session_auth(conn: Connection) -> TokenAuth:
    """The sign-in of a connection: its session in the SOAP header of every call."""
    return TokenAuth(
        lambda client, _: log_in(conn, client),
        store=conn.tokens,
        key=session_key(conn),
        place=_put_session,
        leeway=0,
        secrets=(_encoded_password(conn),),
    )


def session_key(conn: Connection) -> str:
    """Name of this user's session in the token store."""
    return f"peoplevox session {conn['client_id']}/{conn['username']}"


def log_in(conn: Connection, client: HttpClient) -> Token:
    """Authenticate. Raises AuthError with Peoplevox's words when it refuses, or when nothing answers at the address."""
    given = [("clientId", conn["client_id"]), ("username", conn["username"]), ("password", _encoded_password(conn))]
    try:
        answer = _answer(_soap(client, safe=True).call("Authenticate", given, safe=True), "Authenticate")
    except MissingReference as error:
        raise AuthError(
            "there is no Peoplevox service at this address",
            hint="Check the URL and the client ID of the connector: together they make the address.",
            detail=error.detail,
        ) from error
    if re.search(TOO_FAST, answer.detail, re.IGNORECASE) and answer.failed:
        raise RateLimited(answer.detail, retry_after=THROTTLE_PAUSE)
    session = answer.detail.partition(",")[2].strip()
    if answer.failed or not session:
        words = said(answer.detail) if answer.failed else "the answer holds no session"
        raise AuthError(f"Peoplevox does not sign {conn['username']} in: {words}")
    return Token(session, expires_at=time.time() + SESSION_AGE)


def call(conn: Connection, operation: str, children: Parts, *, safe: bool, idempotent: bool = False) -> Answer:
    """Call an operation within a session. The answer may be a business error; faults and outages are raised."""
    header = [("UserSessionCredentials", _credentials(conn))]
    soap = _soap(conn.http, safe=safe)
    return _answer(soap.call(operation, children, header=header, safe=safe, idempotent=safe or idempotent), operation)


def get_data(conn: Connection, template: str, page: int, size: int, clause: str = "") -> Answer:
    """One page of an integration template; pages count from 1."""
    request: Pairs = [
        ("TemplateName", template),
        ("PageNo", page),
        ("ItemsPerPage", size),
        ("SearchClause", clause or None),
    ]
    return _readable(call(conn, "GetData", [("getRequest", request)], safe=True), template)


def get_report_data(
    conn: Connection, report: str, page: int, size: int, clause: str = "", *, order_by: str = "", columns: str = ""
) -> Answer:
    """One page of a report. `columns` and `order_by` are bracketed names, empty for all and for any order."""
    request: Pairs = [
        ("TemplateName", report),
        ("PageNo", page),
        ("ItemsPerPage", size),
        ("SearchClause", clause or None),
        ("FilterClause", None),
        ("OrderBy", order_by or None),
        ("Columns", columns or None),
    ]
    return _readable(call(conn, "GetReportData", [("getReportRequest", request)], safe=True), report)


def get_report_columns(conn: Connection, report: str) -> str:
    """The columns of a report, comma-separated."""
    return _readable(call(conn, "GetReportColumns", [("templateName", report)], safe=True), report).detail


def get_save_template(conn: Connection, template: str) -> Answer:
    """The columns that SaveData takes for a template, as a business error where it is not configured."""
    return call(conn, "GetSaveTemplate", [("templateName", template)], safe=True)


def save_data(conn: Connection, template: str, csv_data: str, action: int) -> Answer:
    """Save rows. Action 0 saves, 1 saves and does not allocate, 2 deletes.

    Every save is an upsert by its natural key, so one whose answer was lost is simply sent again.
    """
    request: Pairs = [("TemplateName", template), ("CsvData", csv_data), ("Action", action)]
    return call(conn, "SaveData", [("saveRequest", request)], safe=False, idempotent=True)


def said(detail: str) -> str:
    """Peoplevox's own words on one line, cut to a readable length."""
    words = " ".join(detail.split())
    return words[:_LONGEST] or "no reason was given"


def refused(detail: str, *, field: str = "") -> TopstitchError:
    """The error that a business message amounts to."""
    message = f"Peoplevox: {said(detail)}"
    if _FORBIDDEN.search(detail):
        return AuthError(message, key="forbidden", hint="Give the user of the connector this right in Peoplevox.")
    kind = MissingReference if _UNKNOWN.search(detail) else RemoteRejected
    return kind(message, field=field)


def _readable(answer: Answer, name: str) -> Answer:
    if not answer.failed:
        return answer
    error = refused(answer.detail)
    if isinstance(error, AuthError):
        raise error
    raise ConfigError(
        f"Peoplevox cannot read {name!r}: {said(answer.detail)}",
        key="report",
        hint="Check the name of the template or report, its columns, and the search clause, as this tenant has them.",
    )


def _soap(client: HttpClient, *, safe: bool) -> SoapClient:
    return SoapClient(client, "", NAMESPACE, classify=_classify_read if safe else _classify)


def _classify_read(fault: SoapFault) -> TopstitchError | None:
    """What a SOAP fault means where nothing is written: what the server blames on itself is tried again."""
    own = fault.code == SERVER_FAULT
    return _classify(fault) or (TemporaryError(f"Peoplevox: {said(str(fault))}") if own else None)


def _classify(fault: SoapFault) -> TopstitchError | None:
    """What a SOAP fault means, beyond "refused"."""
    words = str(fault)
    if re.search(TOO_FAST, words, re.IGNORECASE):
        return RateLimited(f"Peoplevox: {said(words)}", retry_after=THROTTLE_PAUSE)
    if re.search(SESSION_OVER, words, re.IGNORECASE):
        return AuthError(f"Peoplevox: {said(words)}")
    return TemporaryError(f"Peoplevox: {said(words)}") if _PASSING.search(words) else None


def _answer(element: etree._Element, operation: str) -> Answer:
    result = element.find(f"{{*}}{operation}Result")
    if result is None:
        raise FormatError(f"the answer to {operation} holds no {operation}Result", key="not_soap")
    statuses = tuple(
        (status.findtext("{*}Reference") or "", (status.findtext("{*}Status") or "").strip() == "Success")
        for status in result.iterfind("{*}Statuses/{*}IntegrationStatusResponse")
        if len(status)
    )
    detail = result.findtext("{*}Detail") or ""
    return Answer(_number(result, "ResponseId"), _number(result, "TotalCount"), detail, statuses)


def _number(result: etree._Element, name: str) -> int:
    text = (result.findtext(f"{{*}}{name}") or "").strip()
    try:
        return int(text)
    except ValueError:
        raise FormatError(f"{name} is {text!r}, which is no whole number", key="not_soap") from None


def _credentials(conn: Connection) -> Pairs:
    return [("UserId", 0), ("ClientId", conn["client_id"]), ("SessionId", _SESSION_PLACE.decode())]


def _put_session(token: Token, request: Prepared) -> None:
    # The header comes before the body, so the first place is ours even if a record should hold the same text.
    request.body = (request.body or b"").replace(_SESSION_PLACE, escape(token.value).encode(), 1)


def _encoded_password(conn: Connection) -> str:
    return b64encode(str(conn["password"]).encode()).decode()
