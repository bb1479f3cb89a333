"""Addresses put together safely: values in paths are encoded, parameters are appended."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, urlencode

Param = str | int | float | bool | None | Sequence[str | int | float]
Params = Mapping[str, Param] | Iterable[tuple[str, Param]]


def fill(template: str, **values: object) -> str:
    """Fill `orders/{id}/lines` with encoded values, so that a `/` or `?` in a record's id cannot change the address."""
    encoded = {name: _segment(value) for name, value in values.items()}
    return string.Formatter().vformat(template, (), encoded)


def with_params(url: str, params: Params) -> str:
    """Append query parameters: None is left out, a list repeats the name, booleans are `true` and `false`."""
    query = encode(params)
    if not query:
        return url
    address, mark, fragment = url.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{query}{mark}{fragment}"


def encode(params: Params, *, form: bool = False) -> str:
    """Encode pairs for a query string (blank is %20) or for a form body (blank is +)."""
    pairs = params.items() if isinstance(params, Mapping) else params
    flat = [(name, _text(value)) for name, many in pairs for value in _each(many) if value is not None]
    return urlencode(flat) if form else urlencode(flat, quote_via=quote)


def _each(value: Param) -> Sequence[str | int | float | None]:
    return value if isinstance(value, list | tuple) else [value]  # type: ignore[list-item]  # a str is a Sequence too


def _text(value: str | int | float | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _segment(value: object) -> str:
    text = quote(str(value), safe="")
    return text.replace(".", "%2E") if text in (".", "..") else text
