"""Filters of a service as Odoo search domains. A condition means the same here as it does in the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from topstitch.sdk import Condition, ConfigError, Query
from topstitch.systems.odoo.shapes import utc_text

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo

TEXT = ("equals", "in")
CHOICE = ("equals", "not_equals", "in", "not_in")
NUMBER = ("equals", "in", "greater", "greater_or_equal", "less", "less_or_equal")
MOMENT = ("after", "before", "greater", "greater_or_equal", "less", "less_or_equal", "between")
REFERENCE = ("equals", "in")


def of_query(odoo: Odoo, model: str, query: Query) -> list[Any]:
    """The conditions of a query, all of which must hold. Raises ConfigError for a field this Odoo does not have."""
    domain: list[Any] = []
    for condition in query.conditions:
        domain += _of_condition(odoo, model, condition)
    if query.until:
        # The column has microseconds, what we were told of it has not.
        domain.append(["write_date", "<", utc_text(_floor(query.until) + timedelta(seconds=1))])
    return domain


def _of_condition(odoo: Odoo, model: str, condition: Condition) -> list[Any]:
    field, _, part = condition.field.partition(".")
    about = odoo.fields(model).get(field)
    if about is None or part not in ("", "id"):
        raise ConfigError(
            f"Odoo {odoo.series} has no field {condition.field} on {model}, so it cannot filter by it", key="filter"
        )
    kind = str(about["type"])
    if kind == "datetime":
        return _moments(field, condition)
    return [_plain(field, condition, _CASTS.get(kind, str))]


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("true", "yes", "1")


_CASTS: Mapping[str, Callable[[Any], Any]] = {
    "integer": int,
    "many2one": int,
    "float": float,
    "monetary": float,
    "boolean": _boolean,
}


_SIGNS: Mapping[str, str] = {
    "equals": "=",
    "not_equals": "!=",
    "greater": ">",
    "greater_or_equal": ">=",
    "less": "<",
    "less_or_equal": "<=",
    "in": "in",
    "not_in": "not in",
}


def _plain(field: str, condition: Condition, cast: Callable[[Any], Any]) -> list[Any]:
    try:
        if condition.op in ("in", "not_in"):
            return [field, _SIGNS[condition.op], [cast(each) for each in _many(condition.value)]]
        return [field, _SIGNS[condition.op], cast(condition.value)]
    except (TypeError, ValueError) as error:
        raise ConfigError(f"the filter on {field} cannot use {condition.value!r}", key="filter") from error


def _many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [part.strip() for part in str(value).split(",")]


def _moments(field: str, condition: Condition) -> list[Any]:
    """Bounds on whole seconds, since that is what records show: `less_or_equal 10:00:00` includes 10:00:00.7."""
    if condition.op == "between":
        low, high = (_moment(field, each) for each in condition.value)
        return [[field, ">=", utc_text(_ceiling(low))], [field, "<", utc_text(_floor(high) + timedelta(seconds=1))]]
    value = _moment(field, condition.value)
    if condition.op in ("greater", "after"):
        return [[field, ">=", utc_text(_floor(value) + timedelta(seconds=1))]]
    if condition.op == "greater_or_equal":
        return [[field, ">=", utc_text(_ceiling(value))]]
    if condition.op in ("less", "before"):
        return [[field, "<", utc_text(_ceiling(value))]]
    return [[field, "<", utc_text(_floor(value) + timedelta(seconds=1))]]


def _moment(field: str, value: Any) -> datetime:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ConfigError(f"the filter on {field} needs a date and time, not {value!r}", key="filter") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _floor(value: datetime) -> datetime:
    return value.replace(microsecond=0)


def _ceiling(value: datetime) -> datetime:
    return _floor(value) + timedelta(seconds=1 if value.microsecond else 0)
