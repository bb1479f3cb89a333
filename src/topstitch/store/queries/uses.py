"""Which services name which lookup tables and scripts: read once from each revision, which never changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from topstitch.store.models import Service

#: Revisions whose answers a process remembers.
REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Named:
    """What one revision names: lookup tables, and scripts with where they stand and how they are used."""

    tables: frozenset[str] = frozenset()
    #: `payload script` or `mapping`; name, version and variables.
    scripts: Sequence[tuple[str, Mapping[str, Any]]] = ()


@dataclass(frozen=True, slots=True)
class Using:
    """A service and what its current revision names."""

    service_id: int
    service: str
    group_id: int
    named: Named


# A database that was put back to an earlier state may use an id again, never with the same time.
_Key = tuple[int, datetime]
_remembered: OrderedDict[_Key, Named] = OrderedDict()

# Most name neither, which their text tells ten times sooner than a walk through all their parts.
_NAMED = """
SELECT r.id, (r.spec -> 'script')::text, CASE WHEN r.spec::text ~ '"other\\.(map|script)"' THEN jsonb_path_query_array(
    r.spec, 'strict $.mapping.** ? (@.function == "other.map" || @.function == "other.script")', silent => true
)::text END
FROM store_revision r WHERE r.id = ANY(%s)
"""


def using(company_id: int) -> list[Using]:
    """Every service of a company that has a configuration, by name."""
    services = Service.objects.filter(group__company=company_id, revision__isnull=False).order_by("name", "pk")
    rows = list(services.values_list("pk", "name", "group_id", "revision_id", "revision__created_at"))
    found = _named({(revision or 0, at) for *_, revision, at in rows})
    return [Using(pk, name, group, found[revision or 0, at]) for pk, name, group, revision, at in rows]


def _named(keys: set[_Key]) -> Mapping[_Key, Named]:
    found = {key: _remembered[key] for key in keys if key in _remembered}
    found |= _read(keys - found.keys())
    for key, named in found.items():
        _remembered[key] = named
        _remembered.move_to_end(key)
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)
    return found


def _read(keys: set[_Key]) -> dict[_Key, Named]:
    if not keys:
        return {}
    at = dict(keys)
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, (list(at),))
        return {
            (pk, at[pk]): _named_by(_loaded(payload), _loaded(steps) or []) for pk, payload, steps in cursor.fetchall()
        }


def _loaded(text: str | None) -> Any:
    return orjson.loads(text) if text else None


def _named_by(payload: Any, steps: Sequence[Any]) -> Named:
    tables: set[str] = set()
    scripts: list[tuple[str, Mapping[str, Any]]] = []
    if isinstance(payload, dict):
        scripts.append(("payload script", payload))
    for step in steps:
        args = step.get("args")
        if not isinstance(args, dict):
            continue
        if step["function"] == "other.script":
            scripts.append(("mapping", {**args, "name": args.get("script")}))
        elif isinstance(table := args.get("table"), str):
            tables.add(table)
    return Named(frozenset(tables), scripts)
