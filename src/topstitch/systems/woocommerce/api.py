"""Calls to the shop's REST API: addresses below the chosen version, JSON in and out, which routes this shop has."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from topstitch.sdk import AnswerLost, Connection, FormatError, MissingReference, Record, Response, fill
from topstitch.systems.woocommerce.answers import judge

Params = Mapping[str, Any]


def address(conn: Connection, route: str, **values: object) -> str:
    """`orders/{id}` below the API version, with the values encoded."""
    return f"{conn['version']}/{fill(route, **values)}".rstrip("/")


def get(conn: Connection, route: str, params: Params | None = None, **values: object) -> Response:
    """Ask for a list or a record."""
    return conn.http.get(address(conn, route, **values), params=params, judge=judge)


def get_one(conn: Connection, route: str, params: Params | None = None, **values: object) -> Record | None:
    """One record, None when the shop has no such one."""
    try:
        return _record(get(conn, route, params, **values).json())
    except MissingReference:
        return None


def get_many(conn: Connection, route: str, params: Params | None = None, **values: object) -> list[Record]:
    """One page of a list."""
    return rows(get(conn, route, params, **values))


def write(conn: Connection, method: str, route: str, body: object, *, idempotent: bool, **values: object) -> Record:
    """Send a change. An answer that cannot be read is a lost one: the change was made all the same."""
    path = address(conn, route, **values)
    response = conn.http.request(method, path, json=body, idempotent=idempotent, judge=judge)
    try:
        return _record(response.json())
    except FormatError as error:
        raise AnswerLost(f"the shop took the change, but {error.message}", detail=error.detail) from error


def rows(response: Response) -> list[Record]:
    """The records of a list answer; raises FormatError when it is no list."""
    answer = response.json()
    if not isinstance(answer, list):
        raise FormatError("the shop answered with something else than a list", detail=response.text[:500])
    return answer


def _record(answer: object) -> Record:
    if not isinstance(answer, dict):
        raise FormatError("the shop answered with something else than a record")
    return answer


def routes(conn: Connection) -> Collection[str]:
    """The routes that this shop's version offers, asked once a run."""

    def ask() -> frozenset[str]:
        return frozenset(_record(get(conn, "").json()).get("routes") or ())

    found: frozenset[str] = conn.remember("routes", ask)
    return found


def has_route(conn: Connection, route: str) -> bool:
    """Whether this shop has a route such as `refunds`, which older ones lack."""
    return f"/{conn['version']}/{route}" in routes(conn)


def by_include(
    conn: Connection, route: str, ids: Sequence[str], params: Params | None = None, **values: object
) -> list[Record]:
    """Records by id, a hundred a call; what is no id or not there is left out."""
    wanted = [one for one in dict.fromkeys(map(str, ids)) if one.isdecimal() and int(one)]
    found: list[Record] = []
    for start in range(0, len(wanted), 100):
        asked = {"include": ",".join(wanted[start : start + 100]), "per_page": 100, "orderby": "id", "order": "asc"}
        found += get_many(conn, route, {**(params or {}), **asked}, **values)
    return found
