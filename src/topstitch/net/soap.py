"""SOAP 1.1 and 1.2, document/literal: envelopes from nested names and values, answers as elements, faults as errors."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, cast

from lxml import etree

from topstitch.errors import AnswerLost, FormatError, RemoteRejected, TopstitchError
from topstitch.net.http import HttpClient
from topstitch.net.message import Response
from topstitch.net.xmlsafe import local, parse

Scalar = str | int | float | bool | Decimal | date | datetime | bytes | None
#: A child is a scalar, further children, or a list that repeats the element. None leaves the element out.
Value = Scalar | etree._Element | Mapping[str, "Value"] | Sequence["Value"] | Sequence[tuple[str, "Value"]]
Children = Mapping[str, Value] | Iterable[tuple[str, Value]]

ENVELOPES = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
_FAULT_STATUSES = (400, 500)


class SoapFault(RemoteRejected):
    """The service answered with a fault. `code` has no namespace prefix; `element` is the whole Fault element."""

    default_key = "soap_fault"

    def __init__(self, code: str, text: str, element: etree._Element) -> None:
        super().__init__(text or f"The service refused the request ({code}).", detail=_shown(element))
        self.code = code
        self.element = element

    def find(self, name: str) -> str:
        """Give the text of the first element of this local name inside the fault, empty when there is none."""
        return next((each.text or "" for each in self.element.iter("{*}" + name)), "")


class SoapClient:
    """One SOAP endpoint below (or at the address of) an HTTP client.

    `namespace` is that of operations and their children. `action` makes the SOAPAction from `{namespace}` and
    `{operation}`. `classify` may turn a fault into another error (RateLimited, AuthError, DuplicateRecord...).
    """

    def __init__(
        self,
        http: HttpClient,
        endpoint: str,
        namespace: str,
        version: Literal["1.1", "1.2"] = "1.1",
        *,
        action: str = "{namespace}/{operation}",
        namespaces: Mapping[str, str] | None = None,
        qualified: bool = True,
        classify: Callable[[SoapFault], TopstitchError | None] | None = None,
    ) -> None:
        self._http = http
        self._endpoint = endpoint
        self._namespace = namespace
        self._version = version
        self._envelope = ENVELOPES[version]
        self._action = action
        self._prefixes = {"soap": self._envelope, "ns": namespace, **(namespaces or {})}
        self._qualified = qualified
        self._classify = classify

    def call(
        self,
        operation: str,
        children: Children = (),
        *,
        header: Children = (),
        safe: bool = False,
        idempotent: bool | None = None,
    ) -> etree._Element:
        """Call an operation and give the first element of the answer's body (`OrdersResponse`).

        Names are local names, or `{namespace}local`; `@name` sets an attribute. Raises SoapFault, or what `classify`
        makes of it, and what the HTTP client raises.
        """
        replies: list[etree._Element] = []

        def judge(response: Response) -> TopstitchError | None:
            return self._judge(response, replies)

        self._http.post(
            self._endpoint,
            body=self.envelope(operation, children, header),
            headers=self._headers(operation),
            safe=safe,
            idempotent=idempotent,
            judge=judge,
        )
        return replies[-1] if replies else etree.Element(f"{{{self._namespace}}}{operation}Response")

    def envelope(self, operation: str, children: Children = (), header: Children = ()) -> bytes:
        """Build the message that `call` sends."""
        root = etree.Element(f"{{{self._envelope}}}Envelope", nsmap=self._prefixes)
        headers = _pairs(header)
        if headers:
            _fill(etree.SubElement(root, f"{{{self._envelope}}}Header"), headers, self._namespace)
        body = etree.SubElement(root, f"{{{self._envelope}}}Body")
        request = etree.SubElement(body, _tag(operation, self._namespace))
        _fill(request, _pairs(children), self._namespace if self._qualified else "")
        return etree.tostring(root, xml_declaration=True, encoding="utf-8")

    def _headers(self, operation: str) -> dict[str, str]:
        action = self._action.format(namespace=self._namespace.rstrip("/"), operation=operation)
        if self._version == "1.2":
            kind = f'application/soap+xml; charset=utf-8; action="{action}"'
            return {"content-type": kind, "accept": "application/soap+xml"}
        return {"content-type": "text/xml; charset=utf-8", "accept": "text/xml", "soapaction": f'"{action}"'}

    def _judge(self, response: Response, replies: list[etree._Element]) -> TopstitchError | None:
        """Find the body's element, or the fault: HTTP 500 with a fault is an answer, not an outage."""
        success = 200 <= response.status < 300
        if not success and response.status not in _FAULT_STATUSES:
            return None
        if success and not response.body.strip():
            return None  # a one-way operation has nothing to say
        try:
            element = self._first(response.body)
        except FormatError as error:
            if not success:
                return None
            return error if response.repeatable else AnswerLost(error.message, detail=error.detail)
        if local(element) == "Fault":
            fault = _fault(element)
            return (self._classify(fault) if self._classify else None) or fault
        replies.append(element)
        return None

    def _first(self, data: bytes) -> etree._Element:
        root = parse(data)
        body = root.find("{*}Body") if local(root) == "Envelope" else None
        if body is None or len(body) == 0:
            raise FormatError("the answer is no SOAP envelope with a body.", key="not_soap")
        return body[0]


def _fault(element: etree._Element) -> SoapFault:
    code = element.findtext("{*}faultcode") or element.findtext("faultcode")
    text = element.findtext("{*}faultstring") or element.findtext("faultstring")
    if code is None:  # SOAP 1.2
        code = element.findtext("{*}Code/{*}Subcode/{*}Value") or element.findtext("{*}Code/{*}Value")
        text = element.findtext("{*}Reason/{*}Text")
    return SoapFault((code or "").strip().rpartition(":")[2], " ".join((text or "").split()), element)


def _fill(parent: etree._Element, pairs: Iterable[tuple[str, Value]], namespace: str) -> None:
    for name, value in pairs:
        if name.startswith("@"):
            _set(parent, name[1:], value)
            continue
        for each in _repeats(value):
            if each is not None:
                _add(parent, name, each, namespace)


def _add(parent: etree._Element, name: str, value: Value, namespace: str) -> None:
    if isinstance(value, etree._Element):
        etree.SubElement(parent, _tag(name, namespace)).append(value)
        return
    element = etree.SubElement(parent, _tag(name, namespace))
    if isinstance(value, Mapping) or _is_pairs(value):
        _fill(element, _pairs(cast(Children, value)), namespace)
        return
    try:
        element.text = _text(cast(Scalar, value))
    except ValueError as error:
        raise _unwritable(name) from error


def _set(element: etree._Element, name: str, value: Value) -> None:
    if value is None:
        return
    try:
        element.set(name, _text(cast(Scalar, value)))
    except ValueError as error:
        raise _unwritable(f"@{name}") from error


def _unwritable(name: str) -> FormatError:
    return FormatError(
        f"the value of {name} has control characters, which XML cannot carry.",
        key="not_xml_text",
        hint="Clean the value in the mapping, for instance by removing characters that cannot be printed.",
    )


def _repeats(value: Value) -> Sequence[Value]:
    if isinstance(value, list | tuple) and not _is_pairs(value):
        return value
    return [value]


def _is_pairs(value: object) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(each, tuple) and len(each) == 2 and isinstance(each[0], str) for each in value
    )


def _pairs(children: Children) -> list[tuple[str, Value]]:
    return list(children.items() if isinstance(children, Mapping) else children)


def _tag(name: str, namespace: str) -> str:
    return f"{{{namespace}}}{name}" if namespace and not name.startswith("{") else name


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else str(value)


def _shown(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode")[:2000]
