"""Remote procedure calls over the HTTP client: JSON-RPC 2.0, and XML-RPC with the standard library's marshalling."""

from __future__ import annotations

import re
import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any
from xml.parsers.expat import ExpatError

from topstitch.errors import AnswerLost, FormatError, RemoteRejected, TopstitchError
from topstitch.net.http import HttpClient
from topstitch.net.message import Response, snippet
from topstitch.net.xmlsafe import ILLEGAL

#: Any declaration but CDATA and comments: document types and entities have no business in XML-RPC.
_DECLARATION = re.compile(rb"<!(?!\[CDATA\[|--)")


class RpcFault(RemoteRejected):
    """The procedure failed. `code`, `text` and `data` are the server's; `message` is the readable end of its text."""

    default_key = "rpc_fault"

    def __init__(self, code: int | str, text: str, data: object = None) -> None:
        super().__init__(_last_line(text) or f"The call failed (code {code}).", detail=f"{text}\n{data or ''}"[:4000])
        self.code = code
        self.text = text
        self.data = data


Classify = Callable[[RpcFault], TopstitchError | None]


class JsonRpcClient:
    """One JSON-RPC 2.0 endpoint. `classify` may turn a fault into another error of ours."""

    def __init__(self, http: HttpClient, path: str, *, classify: Classify | None = None) -> None:
        self._http = http
        self._path = path
        self._classify = classify
        self._ids = count(1)

    def call(
        self,
        method: str,
        params: Mapping[str, object] | Sequence[object] = (),
        *,
        safe: bool = False,
        idempotent: bool | None = None,
    ) -> Any:
        """Call a procedure and give its result. Raises RpcFault, or what `classify` makes of it."""
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}
        results: list[Any] = []

        def judge(response: Response) -> TopstitchError | None:
            return self._judge(response, results)

        self._http.post(self._path, json=body, safe=safe, idempotent=idempotent, judge=judge)
        return results[-1]

    def _judge(self, response: Response, results: list[Any]) -> TopstitchError | None:
        try:
            body = response.json()
        except (FormatError, AnswerLost) as unreadable:
            return unreadable if 200 <= response.status < 300 else None
        if isinstance(body, dict) and isinstance(body.get("error"), dict):
            error = body["error"]
            data = error.get("data")
            said = data.get("message") if isinstance(data, dict) else None
            return _classified(
                RpcFault(error.get("code", 0), str(said or error.get("message", "")), data), self._classify
            )
        if not 200 <= response.status < 300:
            return None
        if not isinstance(body, dict) or "result" not in body:
            return _no_answer(response, "JSON-RPC")
        results.append(body["result"])
        return None


class XmlRpcClient:
    """One XML-RPC endpoint. Decimals go out as doubles, dates and bytes come back as such."""

    def __init__(self, http: HttpClient, path: str, *, classify: Classify | None = None) -> None:
        self._http = http
        self._path = path
        self._classify = classify

    def call(
        self, method: str, params: Sequence[object] = (), *, safe: bool = False, idempotent: bool | None = None
    ) -> Any:
        """Call a procedure and give its result. Raises RpcFault, or what `classify` makes of it."""
        results: list[Any] = []

        def judge(response: Response) -> TopstitchError | None:
            return self._judge(response, results)

        headers = {"content-type": "text/xml", "accept": "text/xml"}
        body = _dump(method, params)
        self._http.post(self._path, body=body, headers=headers, safe=safe, idempotent=idempotent, judge=judge)
        return results[-1]

    def _judge(self, response: Response, results: list[Any]) -> TopstitchError | None:
        if not 200 <= response.status < 300:
            return None
        body = response.body
        if b"\0" in body or _DECLARATION.search(body):
            return _no_answer(response, "XML-RPC")
        try:
            values, _ = xmlrpc.client.loads(body, use_builtin_types=True)
        except xmlrpc.client.Fault as fault:
            return _classified(RpcFault(fault.faultCode, str(fault.faultString)), self._classify)
        except (ExpatError, xmlrpc.client.ResponseError, ValueError, TypeError, LookupError):
            return _no_answer(response, "XML-RPC")
        results.append(values[0] if values else None)
        return None


def _dump(method: str, params: Sequence[object]) -> bytes:
    plain = tuple(_plain(each, method) for each in params)
    try:
        return xmlrpc.client.dumps(plain, method, allow_none=True).encode()
    except (TypeError, OverflowError) as error:
        raise FormatError(f"the call of {method} cannot be written as XML-RPC: {error}", key="not_xml_text") from error


def _plain(value: object, place: str) -> Any:
    if isinstance(value, str) and ILLEGAL.search(value):
        raise FormatError("a text has control characters, which XML cannot carry.", place=place, key="not_xml_text")
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(member, f"{place}.{key}") for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member, f"{place}[{index}]") for index, member in enumerate(value)]
    return value


def _classified(fault: RpcFault, classify: Classify | None) -> TopstitchError:
    return (classify(fault) if classify else None) or fault


def _no_answer(response: Response, protocol: str) -> TopstitchError:
    message = f"the answer is no {protocol} answer: {snippet(response.text)}"
    return FormatError(message, key="garbled") if response.repeatable else AnswerLost(message)


def _last_line(text: str) -> str:
    """Give the end of a traceback, or the whole of any other text, on one line."""
    if "Traceback (most recent call last)" in text:
        text = next((line for line in reversed(text.splitlines()) if line.strip()), "")
    return snippet(text, 300) if text.strip() else ""
