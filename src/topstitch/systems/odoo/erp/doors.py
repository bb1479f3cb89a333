"""The doors of the practice Odoo: JSON-RPC, XML-RPC and JSON-2, each wording errors in its own way."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable, Mapping
from typing import Any

from topstitch.sdk.practice import Reply, Request, html_reply, json_reply, xml_reply
from topstitch.systems.odoo.erp.calls import execute_json2, execute_kw
from topstitch.systems.odoo.erp.env import Env
from topstitch.systems.odoo.erp.faults import AccessDenied, AppError, Fault, Unauthorized
from topstitch.systems.odoo.erp.seed import LIMITED_KEY, LIMITED_LOGIN, LOGIN, ensure

DATABASE = "practice"
USERS = {LOGIN: 7, LIMITED_LOGIN: 8}


def version(series: int) -> dict[str, Any]:
    """What common.version tells."""
    return {
        "server_version": f"{series}.0",
        "server_version_info": [series, 0, 0, "final", 0, ""],
        "server_serie": f"{series}.0",
        "protocol_version": 1,
    }


def keys_of(env: Env) -> dict[str, int]:
    """Every valid key and whose it is."""
    own = {doc["key"]: 7 for doc in env.docs("res.users.apikeys") if not _expired(env, doc)}
    return {**own, LIMITED_KEY: 8}


def _expired(env: Env, doc: Mapping[str, Any]) -> bool:
    return bool(doc.get("expiration_date")) and str(doc["expiration_date"]) < env.now


def service(request: Request, series: int, name: str, method: str, args: list[Any]) -> Any:
    """One call of the common or the object service, in one transaction."""
    ensure(request.store, series)
    if name == "common":
        return _common(request, series, method, args)
    if name != "object" or method not in ("execute_kw", "execute"):
        raise AppError(f"Method not found: {name}.{method}", name="builtins.KeyError")
    database, uid, key, model, call, *rest = args
    _checked_database(database)
    env = Env(request.store, series, 2)
    if not isinstance(uid, int) or isinstance(uid, bool) or keys_of(env).get(key) != uid:
        raise AccessDenied
    positional, named = (
        (rest, {}) if method == "execute" else (rest[0] if rest else [], rest[1] if len(rest) > 1 else {})
    )
    named = dict(named or {})
    env = Env(request.store, series, uid, named.pop("context", None) or {})
    with request.store.transaction():
        return execute_kw(env, model, call, positional, named)


def _common(request: Request, series: int, method: str, args: list[Any]) -> Any:
    if method == "version":
        return version(series)
    if method not in ("authenticate", "login"):
        raise AppError(f"Method not found: common.{method}", name="builtins.KeyError")
    database, login, key, *_ = args
    _checked_database(database)
    uid = USERS.get(login)
    return uid if uid and keys_of(Env(request.store, series, 2)).get(key) == uid else False


def _checked_database(name: str) -> None:
    if name != DATABASE:
        raise AppError(f'FATAL:  database "{name}" does not exist\n', name="psycopg2.OperationalError")


def jsonrpc(series: int) -> Callable[[Request], Reply]:
    """POST /jsonrpc: errors come with status 200; a result of None is left out."""

    def answer(request: Request) -> Reply:
        body = request.json()
        envelope = {"jsonrpc": "2.0", "id": body.get("id")}
        try:
            params = body["params"]
            result = service(request, series, params["service"], params["method"], params["args"])
        except Fault as fault:
            return json_reply({**envelope, "error": json_error(fault)})
        return json_reply(envelope if result is None else {**envelope, "result": result})

    return answer


def json_error(fault: Fault) -> dict[str, Any]:
    """The error member of a JSON-RPC answer."""
    data = {
        "name": fault.name,
        "debug": fault.traceback,
        "message": str(fault),
        "arguments": [str(fault)],
        "context": {},
    }
    return {"code": 200, "message": "Odoo Server Error", "data": data}


def version_info(series: int) -> Callable[[Request], Reply]:
    """POST /web/webclient/version_info."""
    return lambda request: json_reply({"jsonrpc": "2.0", "id": request.json().get("id"), "result": version(series)})


def web_version(series: int) -> Callable[[Request], Reply]:
    """GET /web/version, from 19 on."""
    return lambda _: json_reply({"version_info": [series, 0, 0, "final", 0, ""], "version": f"{series}.0"})


def xmlrpc_door(series: int, name: str) -> Callable[[Request], Reply]:
    """POST /xmlrpc/2/common and /xmlrpc/2/object: the work is done before the answer fails to be written."""

    def answer(request: Request) -> Reply:
        args, method = xmlrpc.client.loads(request.body)
        try:
            result = service(request, series, name, str(method), list(args))
            _refuse_unwritable(result, series)
            text = xmlrpc.client.dumps((result,), methodresponse=True, allow_none=False)
        except Fault as fault:
            text = xml_fault(fault.code, fault.traceback if fault.code == 1 else str(fault))
        except TypeError as error:
            text = xml_fault(1, f"Traceback (most recent call last):\n  ...\nTypeError: {error}\n")
        return xml_reply(text)

    return answer


def _refuse_unwritable(result: Any, series: int) -> None:
    if series < 15 and isinstance(result, dict) and "context" in result:
        raise TypeError("cannot marshal <class 'odoo.tools.misc.frozendict'> objects")


def xml_fault(code: int, text: str) -> str:
    """A fault as XML-RPC writes it."""
    return xmlrpc.client.dumps(xmlrpc.client.Fault(code, text), methodresponse=True)


def json2(series: int) -> Callable[[Request], Reply]:
    """POST /json/2/{model}/{method}: HTTP statuses, named arguments, a bearer key."""

    def answer(request: Request) -> Reply:
        ensure(request.store, series)
        try:
            return json_reply(_json2(request, series))
        except Fault as fault:
            return json2_error(fault)

    return answer


def _json2(request: Request, series: int) -> Any:
    if request.headers.get("x-odoo-database", DATABASE) != DATABASE:
        raise Fault("No database is selected.", name="werkzeug.exceptions.NotFound")
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    uid = keys_of(Env(request.store, series, 2)).get(key) if scheme.lower() == "bearer" else None
    if not uid:
        raise Unauthorized("Invalid apikey")
    body = request.json() if request.body else {}
    env = Env(request.store, series, uid, body.get("context") or {})
    with request.store.transaction():
        return execute_json2(env, request.args["model"], request.args["method"], body)


def json2_error(fault: Fault) -> Reply:
    """An error object with the status of its class."""
    told = {
        "name": fault.name,
        "message": str(fault),
        "arguments": [str(fault)],
        "context": {},
        "debug": fault.traceback,
    }
    return json_reply(told, fault.status)


def not_found(_: Request) -> Reply:
    """Unknown paths get a page."""
    return html_reply("<!doctype html><title>404 Not Found</title><h1>Not Found</h1>", 404)
