"""Calling a method of the practice Odoo: the ORM's own methods, business methods, and how their arguments are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from topstitch.systems.odoo.erp import books, masterdata, sales, shipping, stock  # noqa: F401  # they register their methods
from topstitch.systems.odoo.erp.env import Doc, Env
from topstitch.systems.odoo.erp.faults import AccessError, AppError, NotFound, Unprocessable
from topstitch.systems.odoo.erp.registry import METHODS
from topstitch.systems.odoo.erp.schema import models
from topstitch.systems.odoo.erp.stock import has_method

#: Methods of a model as a whole, without record ids, and their arguments in order.
MODEL_METHODS: Mapping[str, tuple[str, ...]] = {
    "search": ("domain", "offset", "limit", "order"),
    "search_read": ("domain", "fields", "offset", "limit", "order"),
    "search_count": ("domain", "limit"),
    "create": ("vals_list",),
    "fields_get": ("allfields", "attributes"),
    "name_search": ("name", "domain", "operator", "limit"),
    "context_get": (),
    "generate": ("key", "scope", "name", "expiration_date"),
    "revoke": ("key",),
}
#: Methods of records: the ids come first.
RECORD_METHODS: Mapping[str, tuple[str, ...]] = {
    "read": ("fields", "load"),
    "write": ("vals",),
    "unlink": (),
    "message_post": ("body",),
}
_NEEDED = {
    "create": ("vals_list",),
    "write": ("vals",),
    "generate": ("key", "scope", "name", "expiration_date"),
    "revoke": ("key",),
}
_FREE = ("message_post",)


def execute_kw(env: Env, model: str, method: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """As the object service does: positional arguments, the ids first for methods of records."""
    if method.startswith("_"):
        raise AccessError(f"Private methods (such as {method}) cannot be called remotely.")
    env.columns(model)
    if not _exists(env, model, method):
        raise AppError(f"'{model}' object has no attribute '{method}'", name="builtins.AttributeError")
    args = list(args)
    ids: list[int] = []
    if method not in MODEL_METHODS and args:
        first = args.pop(0)
        ids = first if isinstance(first, list) else [first]
    names = MODEL_METHODS.get(method) or RECORD_METHODS.get(method, ())
    if len(args) > len(names):
        raise AppError(
            f"{method}() takes {len(names) + 1} positional arguments but more were given", name="builtins.TypeError"
        )
    named = dict(zip(names, args, strict=False)) | dict(kwargs)
    if wrong := _misfit(method, named, names):
        raise AppError(wrong, name="builtins.TypeError")
    single = method == "create" and isinstance(named.get("vals_list"), dict)
    result = _run(env, model, method, ids, named)
    return result[0] if single else result


def execute_json2(env: Env, model: str, method: str, body: Mapping[str, Any]) -> Any:
    """As /json/2 does: every argument by its name; create always answers a list."""
    if model not in models(env.series):
        raise NotFound(f"the model {model!r} does not exist")
    if method.startswith("_") or not _exists(env, model, method):
        raise NotFound(f"The method '{model}.{method}' does not exist")
    named = {name: value for name, value in body.items() if name not in ("ids", "context")}
    ids = list(body.get("ids") or [])
    if method in MODEL_METHODS and ids:
        raise Unprocessable(f"cannot call {model}.{method} with ids")
    names = MODEL_METHODS.get(method) or RECORD_METHODS.get(method, ())
    if wrong := _misfit(method, named, names):
        raise Unprocessable(wrong)
    return _run(env, model, method, ids, named)


def _exists(env: Env, model: str, method: str) -> bool:
    orm = method in MODEL_METHODS or method in RECORD_METHODS
    special = method in ("context_get", "generate", "revoke", "message_post")
    return (orm and not special) or has_method(env, model, method)


def _misfit(method: str, named: Mapping[str, Any], names: Sequence[str]) -> str:
    for name in named:
        if name not in names and method not in _FREE:
            return f"got an unexpected keyword argument '{name}'"
    return next((f"missing a required argument: '{name}'" for name in _NEEDED.get(method, ()) if name not in named), "")


def _run(env: Env, model: str, method: str, ids: list[int], named: Doc) -> Any:
    if own := METHODS.get((model, method)):
        return own(env, ids, **named)
    return _ORM[method](env, model, ids, named)


def _search(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    return [doc["id"] for doc in _found(env, model, named)]


def _found(env: Env, model: str, named: Doc) -> list[Doc]:
    return env.search(
        model,
        named.get("domain") or [],
        offset=named.get("offset") or 0,
        limit=named.get("limit") or None,
        order=named.get("order") or "",
    )


def _search_read(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    return env.read(model, _found(env, model, named), named.get("fields"))


def _read(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    return env.read(model, [doc for id in ids if (doc := env.get(model, id))], named.get("fields"))


def _create(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    given = named["vals_list"]
    return [env.create(model, values) for values in (given if isinstance(given, list) else [given])]


def _write(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    env.write(model, ids, named["vals"])
    return True


def _unlink(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    env.unlink(model, ids)
    return True


def _fields_get(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    wanted, attributes = named.get("allfields"), named.get("attributes")
    told = {name: column.described() for name, column in env.columns(model).items() if not wanted or name in wanted}
    return {n: {a: v for a, v in d.items() if not attributes or a in attributes} for n, d in told.items()}


def _name_search(env: Env, model: str, ids: list[int], named: Doc) -> Any:
    domain = [*(named.get("domain") or []), ["name", named.get("operator") or "ilike", named.get("name") or ""]]
    return [
        [doc["id"], env.name_of(model, doc["id"])] for doc in env.search(model, domain, limit=named.get("limit") or 100)
    ]


_ORM = {
    "search": _search,
    "search_read": _search_read,
    "search_count": lambda env, model, ids, named: len(_found(env, model, named)),
    "read": _read,
    "create": _create,
    "write": _write,
    "unlink": _unlink,
    "fields_get": _fields_get,
    "name_search": _name_search,
}
