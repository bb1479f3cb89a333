"""What all mutations of the practice server share: registration, user errors, idempotency keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from topstitch.systems.shopify.practice_shop.builders import Doc
from topstitch.systems.shopify.practice_shop.execute import Args, Context, Denied
from topstitch.systems.shopify.practice_shop.reads import RESOLVERS

Mutation = Callable[[Context, Args], Doc]
#: From this version on the key is not only taken but asked for.
KEY_REQUIRED_FROM = "2026-04"
#: From this version on a key whose attempt failed is used up.
FAILED_FROM = "2026-10"


class Refused(Exception):
    """The mutation ends with this user error."""

    def __init__(self, message: str, *path: object, code: str = "INVALID") -> None:
        super().__init__(message)
        self.error = {"field": [str(step) for step in path] or None, "message": message, "code": code}


def mutation(name: str, *scopes: str, keyed: bool = False) -> Callable[[Mutation], Mutation]:
    """Register a mutation. `keyed`: it takes @idempotent(key:)."""

    def register(function: Mutation) -> Mutation:
        def run(context: Context, _: Doc, args: Args) -> Any:
            context.need(*scopes)
            with context.store.transaction():
                return _keyed(context, name, args, function) if keyed else _answer(context, args, function)

        RESOLVERS["Mutation", name] = run
        return function

    return register


def _answer(context: Context, args: Args, function: Mutation) -> Doc:
    try:
        return {"userErrors": [], "orderCancelUserErrors": [], **function(context, args)}
    except Refused as refused:
        return {"userErrors": [refused.error], "orderCancelUserErrors": [refused.error]}


def _keyed(context: Context, name: str, args: Args, function: Mutation) -> Doc:
    key = context.key
    if not key:
        if context.schema.version >= KEY_REQUIRED_FROM:
            raise Denied("The @idempotent directive is required for this mutation but was not provided.", "BAD_REQUEST")
        return _answer(context, args, function)
    asked = json.dumps(args, sort_keys=True)
    known = context.store.get("_keys", f"{name}|{key}")
    if known and known["asked"] != asked:
        return _complaint("IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
    if known and known["answer"]["userErrors"]:
        return _complaint("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")
    if known:
        return dict(known["answer"])
    answer = _answer(context, args, function)
    if not answer["userErrors"] or context.schema.version >= FAILED_FROM:
        context.store.put("_keys", f"{name}|{key}", {"asked": asked, "answer": answer})
    return answer


_MESSAGES = {
    "IDEMPOTENCY_KEY_PARAMETER_MISMATCH": "The same idempotency key cannot be used with different operation parameters.",
    "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED": (
        "A previous request with this idempotency key failed. Retry with a new idempotency key."
    ),
}


def _complaint(code: str) -> Doc:
    return {"userErrors": [{"field": None, "message": _MESSAGES[code], "code": code}]}
