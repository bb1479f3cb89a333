"""Three ways to call a method of a model: JSON-RPC, XML-RPC and, from Odoo 19 on, JSON-2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from topstitch.sdk import (
    AnswerLost,
    ConfigError,
    FormatError,
    RemoteRejected,
    Response,
    RpcFault,
    TemporaryError,
    TopstitchError,
    XmlRpcClient,
)
from topstitch.systems.odoo.faults import DONE_WITHOUT_ANSWER, UNWRITABLE_QUESTION, from_xml_fault, to_error
from topstitch.systems.odoo.names import named

if TYPE_CHECKING:
    from topstitch.sdk import Connection

JSON = "application/json; charset=utf-8"


class Transport(Protocol):
    """`safe`: reads only. `repeatable`: sending it twice does what sending it once does."""

    def call(
        self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, safe: bool, repeatable: bool
    ) -> Any: ...


#: (service, method, arguments, safe, repeatable) -> result: the two RPC protocols differ in nothing else.
Service = Callable[..., Any]


class JsonRpc:
    """POST /jsonrpc. Errors come with status 200; Odoo leaves `result` out when a method returns None."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def service(
        self, service: str, method: str, args: Sequence[Any], *, safe: bool, repeatable: bool, model: str = ""
    ) -> Any:
        """One call of the common or the object service."""
        params = {"service": service, "method": method, "args": args}
        body = {"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}
        found: list[Any] = []

        def judge(response: Response) -> TopstitchError | None:
            return self._judge(response, found, model, repeatable or safe)

        self._conn.http.post("/jsonrpc", json=body, safe=safe, idempotent=repeatable or safe, judge=judge)
        return found[-1]

    def _judge(self, response: Response, found: list[Any], model: str, repeatable: bool) -> TopstitchError | None:
        if response.status != 200:
            return None
        answer = _parsed(response)
        if not isinstance(answer, dict) or "jsonrpc" not in answer:
            return _no_answer(response, "/jsonrpc", repeatable)
        if error := answer.get("error"):
            data = error.get("data") or {}
            said = str(data.get("message") or error.get("message") or "")
            return to_error(_name(error, data), said, model=model, detail=str(data.get("debug") or error)[:4000])
        found.append(answer.get("result"))
        return None


def _name(error: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Code 100 is an expired session, whatever the class."""
    return "SessionExpired" if error.get("code") == 100 else str(data.get("name") or "")


class XmlRpc:
    """POST /xmlrpc/2/common and /xmlrpc/2/object."""

    def __init__(self, conn: Connection) -> None:
        doors = ("common", "object")
        self._doors = {name: XmlRpcClient(conn.http, f"/xmlrpc/2/{name}", classify=_passing) for name in doors}

    def service(
        self, service: str, method: str, args: Sequence[Any], *, safe: bool, repeatable: bool, model: str = ""
    ) -> Any:
        """One call of the common or the object service."""
        try:
            return self._doors[service].call(method, args, safe=safe, idempotent=repeatable or safe)
        except RpcFault as fault:
            if DONE_WITHOUT_ANSWER in fault.text:
                return None
            if UNWRITABLE_QUESTION in fault.text:
                raise RemoteRejected(
                    "Odoo asks a question that XML-RPC cannot carry; nothing was done",
                    key="question",
                    hint="Choose JSON-RPC as the API of the connector.",
                    detail=fault.text[-4000:],
                ) from fault
            name, said = from_xml_fault(fault.code, fault.text)
            raise to_error(name, said, model=model, detail=fault.text[-4000:]) from fault


def _passing(fault: RpcFault) -> TopstitchError | None:
    """Locks and full connection pools, so that the door waits and sends again: the transaction was rolled back."""
    error = to_error(*from_xml_fault(fault.code, fault.text), detail=fault.text[-4000:])
    return error if isinstance(error, TemporaryError) else None


class ObjectService:
    """`execute_kw` over either RPC protocol. `credentials` gives database, user id and key, and renews a stale id."""

    def __init__(self, service: Service, credentials: Callable[[], tuple[str, int, str]]) -> None:
        self._service, self._credentials = service, credentials

    def call(
        self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, safe: bool, repeatable: bool
    ) -> Any:
        """Raises what `faults.to_error` makes of Odoo's exception."""
        packed = [*self._credentials(), model, method, list(args), dict(kwargs)]
        return self._service("object", "execute_kw", packed, safe=safe, repeatable=repeatable, model=model)


class Json2:
    """POST /json/2/{model}/{method}: named arguments, HTTP statuses, a bearer key."""

    def __init__(self, conn: Connection, key: Callable[[], str]) -> None:
        self._conn, self._key = conn, key

    def call(
        self, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, safe: bool, repeatable: bool
    ) -> Any:
        """Raises what `faults.to_error` makes of Odoo's exception."""
        headers = {"authorization": f"bearer {self._key()}", "content-type": JSON}
        if database := self._conn["database"]:
            headers["x-odoo-database"] = database

        def judge(response: Response) -> TopstitchError | None:
            return _json2_error(response, model)

        response = self._conn.http.post(
            f"/json/2/{model}/{method}",
            json=named(method, args, kwargs),
            headers=headers,
            safe=safe,
            idempotent=repeatable or safe,
            judge=judge,
        )
        return response.json()


def _json2_error(response: Response, model: str) -> TopstitchError | None:
    answer = _parsed(response)
    if 200 <= response.status < 300:
        # Every value is an answer, null too; anything that is no JSON comes from somewhere else.
        return None if answer is not _UNREADABLE else _no_answer(response, "/json/2", repeatable=False)
    if isinstance(answer, dict) and "name" in answer:
        name, said = str(answer["name"]), str(answer.get("message") or "")
        if response.status == 401:
            name = "Unauthorized"
        return to_error(name, said, model=model, detail=str(answer.get("debug") or answer)[:4000])
    if response.status == 404:
        return _not_odoo("/json/2")
    return None


_UNREADABLE = object()


def _parsed(response: Response) -> Any:
    try:
        return response.json()
    except FormatError:
        return _UNREADABLE


def _no_answer(response: Response, path: str, repeatable: bool) -> TopstitchError:
    if repeatable:
        return _not_odoo(path)
    return AnswerLost(f"{path} gave an answer that is not Odoo's: {response.text[:120]!r}")


def _not_odoo(path: str) -> ConfigError:
    return ConfigError(
        f"there is no Odoo behind {path} at this address",
        key="not_odoo",
        hint="Check the server URL (without /web), the database name, and that the version of Odoo has this API.",
    )
