"""What the shop's error answers mean: single answers, items of a batch, and pages of a firewall in between."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from topstitch.sdk import (
    AuthError,
    ConfigError,
    DuplicateRecord,
    FormatError,
    LimitExceeded,
    MissingReference,
    RemoteRejected,
    Response,
    TemporaryError,
    TopstitchError,
)

_TAGS = re.compile(r"<[^>]+>")
_LONGEST = 300

NO_ROUTE = "no_route"
_NO_ROUTE_HINT = (
    "Check the store URL and the API version of the connector, and that the shop's permalinks are not set to Plain "
    "(WordPress > Settings > Permalinks)."
)
_NO_KEY_HINT = (
    "Check the consumer key. If it is right, the shop's host removes the Authorization header: switch on 'Send keys in "
    "the query string'."
)
_CLOCK_HINT = "The clocks of the shop and of this server are more than 15 minutes apart: set the one that is wrong."
_WRITE_HINT = "Create a key with the permission Read/Write in WooCommerce > Settings > Advanced > REST API."

#: Codes whose HTTP status says something else than they mean.
_DUPLICATES = (
    "product_invalid_sku",
    "product_invalid_global_unique_id",
    "registration-error-email-exists",
    "woocommerce_rest_customer_exists",
)
_FIELDS = {
    "product_invalid_sku": "sku",
    "product_invalid_global_unique_id": "global_unique_id",
    "product_invalid_global_unique_id_format": "global_unique_id",
    "registration-error-email-exists": "email",
    "customer_invalid_email": "email",
    "registration-error-missing-password": "password",
    "woocommerce_rest_required_product_reference": "line_items",
    "woocommerce_rest_invalid_customer_id": "customer_id",
    "woocommerce_rest_cannot_create_order_refund": "amount",
}


def judge(response: Response) -> TopstitchError | None:
    """The error an answer outside 2xx holds, None where the default table knows better."""
    if 200 <= response.status < 300:
        return None
    body = _body(response)
    if body is None:
        return _not_ours(response)
    return error_of(body, response.status)


def error_of(error: Mapping[str, Any], status: int = 0) -> TopstitchError | None:
    """The meaning of `{"code", "message", "data"}`; `status` is that of the answer, 0 for an item of a batch."""
    code, said, data = str(error.get("code") or ""), plain(error.get("message")), error.get("data")
    data = data if isinstance(data, dict) else {}
    status = status or int(data.get("status") or 0)
    message, detail = f"The shop says: {said or code}", f"{status} {code}: {data}"
    if status == 401 or code == "woocommerce_rest_authentication_error":
        return _refused_key(code, said, detail)
    if code == "rest_no_route":
        text = "The shop does not offer this part of the API"
        return ConfigError(f"{text}: {said}", key=NO_ROUTE, hint=_NO_ROUTE_HINT, detail=detail)
    if code == "rest_invalid_param":
        return _bad_parameters(data, message, detail)
    if code in _DUPLICATES:
        owner = f" (record {data['resource_id']} has it)" if data.get("resource_id") else ""
        return DuplicateRecord(message + owner, field=_FIELDS.get(code, ""), detail=detail)
    if code.endswith("_invalid_id") or code in ("woocommerce_rest_invalid_order_id", "woocommerce_rest_term_invalid"):
        return MissingReference(message, field="id", detail=detail)
    if status == 413:
        return LimitExceeded(message, key="too_large", detail=detail)
    # A refund beyond the order's total, or for a gateway that cannot: HTTP 500, and yet no fault of the server.
    if code == "woocommerce_rest_cannot_create_order_refund" or status in (0, 400):
        return RemoteRejected(message, field=_FIELDS.get(code, ""), detail=detail)
    return None


def _refused_key(code: str, said: str, detail: str) -> AuthError:
    if code.startswith("woocommerce_rest_cannot_"):
        text = "The shop saw no usable key, or the key's user may not see this"
        return AuthError(f"{text}: {said}", hint=_NO_KEY_HINT, detail=detail)
    if "permissions" in said:
        return AuthError(f"The shop says: {said}", key="forbidden", hint=_WRITE_HINT, detail=detail)
    hint = _CLOCK_HINT if "timestamp" in said else ""
    return AuthError(f"The shop refuses the key: {said or code}", hint=hint, detail=detail)


def _bad_parameters(data: Mapping[str, Any], message: str, detail: str) -> RemoteRejected:
    """WordPress names every field at fault in `data.params`."""
    params = data.get("params")
    if not isinstance(params, dict) or not params:
        return RemoteRejected(message, detail=detail)
    said = "; ".join(f"{name}: {plain(words)}" for name, words in params.items())
    return RemoteRejected(f"The shop says: {said}", field=str(next(iter(params))), detail=detail)


def _not_ours(response: Response) -> TopstitchError | None:
    """No JSON: something between us and the shop answered."""
    if response.status == 501:
        hint = "Ask the shop's host to let this request pass ModSecurity, its web firewall."
        return RemoteRejected("A firewall in front of the shop blocked this request (HTTP 501).", hint=hint)
    if response.status == 403:
        hint = "It is tried again by itself. If it stays, ask the shop's host to allow this server's address."
        return TemporaryError("A firewall in front of the shop refused us (HTTP 403).", key="firewall", hint=hint)
    if response.status == 404:
        text = "There is no WordPress REST API at this address (HTTP 404)."
        return ConfigError(text, key=NO_ROUTE, hint=_NO_ROUTE_HINT)
    return None


def _body(response: Response) -> Mapping[str, Any] | None:
    try:
        body = response.json()
    except FormatError:
        return None
    return body if isinstance(body, dict) and "code" in body else None


def plain(text: object) -> str:
    """WordPress words without their HTML, on one line, trimmed."""
    words = " ".join(unescape(_TAGS.sub(" ", str(text or ""))).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
