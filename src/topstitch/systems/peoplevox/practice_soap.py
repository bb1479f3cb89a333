"""The envelope side of the practice server: what a call must look like to the letter, and how answers and faults look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from lxml import etree

from topstitch.sdk.practice import Reply, Request, xml_reply

NAMESPACE = "http://www.peoplevox.net/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

#: An element's name and what is in it: string, int, an event type, or the children of a request type.
Part = tuple[str, str]
#: Request types: children in order; those marked `!` must be there.
TYPES: Mapping[str, Sequence[Part]] = {
    "GetRequest": (
        ("TemplateName", "string"),
        ("PageNo", "int!"),
        ("ItemsPerPage", "int!"),
        ("SearchClause", "string"),
    ),
    "GetReportRequest": (
        ("TemplateName", "string"),
        ("PageNo", "int!"),
        ("ItemsPerPage", "int!"),
        ("SearchClause", "string"),
        ("FilterClause", "string"),
        ("OrderBy", "string"),
        ("Columns", "string"),
    ),
    "SaveRequest": (("TemplateName", "string"), ("CsvData", "string"), ("Action", "int!")),
    "UserSessionCredentials": (("UserId", "int!"), ("ClientId", "string"), ("SessionId", "string")),
}
OPERATIONS: Mapping[str, Sequence[Part]] = {
    "Authenticate": (("clientId", "string"), ("username", "string"), ("password", "string")),
    "GetData": (("getRequest", "GetRequest"),),
    "GetReportData": (("getReportRequest", "GetReportRequest"),),
    "GetReportColumns": (("templateName", "string"),),
    "GetSaveTemplate": (("templateName", "string"),),
    "SaveData": (("saveRequest", "SaveRequest"),),
    "SubscribeEvent": (("eventType", "event!"), ("filter", "string"), ("callbackUrl", "string")),
    "SubscribePostEvent": (
        ("eventType", "event!"),
        ("filter", "string"),
        ("postUrl", "string"),
        ("postParams", "string"),
    ),
    "UnsubscribeEvent": (("subscriptionId", "int!"),),
}
EVENTS = (
    "AvailabilityChanges",
    "SalesOrderStatusChanges",
    "GoodsReceived",
    "TrackingNumberReceived",
    "IncrementalChanges",
    "Returns",
)


class SoapFault(Exception):
    """A call that is answered by a SOAP fault. `code` is Client or Server."""

    def __init__(self, message: str, code: str = "Client", status: int = 500) -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status

    def reply(self) -> Reply:
        """The fault as ASP.NET words it."""
        body = (
            f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body><soap:Fault><faultcode>soap:{self.code}</faultcode>'
            f"<faultstring>{escape(self.message)}</faultstring><detail/></soap:Fault></soap:Body></soap:Envelope>"
        )
        return xml_reply(f'<?xml version="1.0" encoding="utf-8"?>{body}', self.status)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that keeps the form: its operation, its arguments by name, the credentials of its header."""

    operation: str
    arguments: Mapping[str, str]
    client_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Result:
    """An IntegrationResponse. `statuses`: reference and Error or Success."""

    response_id: int = 0
    total: int = 0
    detail: str = ""
    statuses: Sequence[tuple[str, str]] = ()

    def reply(self, operation: str) -> Reply:
        """The result in its envelope."""
        rows = "".join(
            f"<IntegrationStatusResponse><Reference>{escape(reference)}</Reference><Status>{status}</Status>"
            "</IntegrationStatusResponse>"
            for reference, status in self.statuses
        )
        body = (
            f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result><ResponseId>{self.response_id}</ResponseId>'
            f"<TotalCount>{self.total}</TotalCount><Detail>{escape(self.detail)}</Detail>"
            f"<Statuses>{rows}</Statuses></{operation}Result></{operation}Response>"
        )
        envelope = f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{body}</soap:Body></soap:Envelope>'
        return xml_reply(f'<?xml version="1.0" encoding="utf-8"?>{envelope}')


def refusal(message: str) -> Result:
    """A business error: HTTP 200 with ResponseId -1."""
    return Result(response_id=-1, detail=message)


def operation_of(request: Request) -> str:
    """The operation that SOAPAction names; raises SoapFault as ASP.NET does."""
    action = request.headers.get("soapaction", "").strip()
    name = action.strip('"').removeprefix(NAMESPACE)
    if name not in OPERATIONS or action.strip('"') != NAMESPACE + name:
        raise SoapFault(f"Server did not recognize the value of HTTP Header SOAPAction: {action}.")
    return name


def read_call(request: Request) -> Call:
    """The call of a request; raises SoapFault for whatever departs from the WSDL."""
    operation = operation_of(request)
    if not request.headers.get("content-type", "").lower().startswith("text/xml"):
        raise SoapFault("the Content-Type of SOAP 1.1 is text/xml", status=415)
    try:
        envelope = etree.fromstring(request.body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise SoapFault(f"Server was unable to read request. ---> {error}") from error
    if envelope.tag != f"{{{SOAP}}}Envelope":
        raise SoapFault(f"Possible SOAP version mismatch: the envelope is {envelope.tag}", "VersionMismatch")
    body = envelope.find(f"{{{SOAP}}}Body")
    if body is None or len(body) != 1 or body[0].tag != _name(operation):
        raise SoapFault(f"the body must hold one element {_name(operation)}")
    arguments = _children(body[0], OPERATIONS[operation])
    client_id, session_id = ("", "") if operation == "Authenticate" else _credentials(envelope)
    return Call(operation, arguments, client_id, session_id)


def _credentials(envelope: etree._Element) -> tuple[str, str]:
    header = envelope.find(f"{{{SOAP}}}Header/{_name('UserSessionCredentials')}")
    if header is None:
        raise SoapFault("the SOAP header UserSessionCredentials is missing")
    values = _children(header, TYPES["UserSessionCredentials"])
    return values.get("ClientId", ""), values.get("SessionId", "")


def _children(element: etree._Element, parts: Sequence[Part]) -> dict[str, str]:
    """The texts below an element, request types unfolded. Order, names and namespace must be those of the WSDL."""
    values: dict[str, str] = {}
    waiting = list(parts)
    for child in element.iterchildren(tag=etree.Element):
        while waiting and _name(waiting[0][0]) != child.tag:
            _may_lack(*waiting.pop(0), element)
        if not waiting:
            raise SoapFault(f"{child.tag} is unknown or out of order in {element.tag}")
        name, kind = waiting.pop(0)
        if kind in TYPES:
            values |= _children(child, TYPES[kind])
        else:
            values[name] = _text(child, name, kind)
    for name, kind in waiting:
        _may_lack(name, kind, element)
    return values


def _may_lack(name: str, kind: str, element: etree._Element) -> None:
    if kind.endswith("!"):
        raise SoapFault(f"{name} is missing or out of order in {element.tag}")


def _text(element: etree._Element, name: str, kind: str) -> str:
    if len(element):
        raise SoapFault(f"{name} must hold text only")
    text = element.text or ""
    if kind == "event!" and text not in EVENTS:
        raise SoapFault(f"Instance validation error: '{text}' is not a valid value for SubscriptionEventTypes.")
    if kind == "int!" and not (element.get(NIL) == "true" and name == "UserId"):
        try:
            int(text)
        except ValueError:
            raise SoapFault(f"{name}: Input string was not in a correct format.") from None
    return text


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
