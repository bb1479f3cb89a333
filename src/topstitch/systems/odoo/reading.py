"""Readers of every entity: which model, which rows by default, which fields, and what is joined to a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from topstitch.sdk import ConfigError, Connection, Page, Query, Read, Record, Setting
from topstitch.systems.odoo import domains
from topstitch.systems.odoo.client import connect
from topstitch.systems.odoo.joins import tidied
from topstitch.systems.odoo.paging import LARGEST_PAGE, pages

if TYPE_CHECKING:
    from topstitch.systems.odoo.client import Odoo

#: A transaction is stamped when it begins and seen when it ends; five minutes cover the slow ones.
OVERLAP = 300
ARCHIVED = Setting(
    name="archived",
    label="Archived records too",
    kind="boolean",
    default=False,
    help="Odoo leaves archived records out of every search. Switch on to see records being archived (active becomes false).",
)
EXTRA = Setting(
    name="extra_fields",
    label="Further fields",
    help="Technical names of more fields to read, separated by commas: x_studio_colour, team_id.",
    find="In Odoo switch on the developer mode; hovering over a field shows its technical name.",
    advanced=True,
)
Join = Callable[["Odoo", list[Record], Mapping[str, Any]], Sequence[Record]]


def _as_they_are(_odoo: Odoo, records: list[Record], _options: Mapping[str, Any]) -> Sequence[Record]:
    return records


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One model as it is read."""

    model: str
    fields: Sequence[str]
    #: (option `which` -> domain), the first being the default; empty: everything.
    which: Mapping[str, Sequence[Any]]
    join: Join = _as_they_are
    filters: Mapping[str, Sequence[str]]
    which_label: str = "Which records"
    archivable: bool = False
    #: Further options.
    more: Sequence[Setting] = ()

    def read(self) -> Read:
        """The Read of an entity."""
        return Read(
            pages=self._pages,
            by_ids=self._by_ids,
            since=True,
            until=True,
            ordered=True,
            overlap=OVERLAP,
            page_size=100,
            max_page_size=LARGEST_PAGE,
            filters=self.filters,
            options=self._options(),
        )

    def _options(self) -> list[Setting]:
        names = list(self.which)
        choice = Setting(name="which", label=self.which_label, kind="choice", choices=names, default=names[0])
        return [*([choice] if len(names) > 1 else []), *([ARCHIVED] if self.archivable else []), *self.more, EXTRA]

    def _pages(self, conn: Connection, query: Query, cursor: Any | None) -> Iterator[Page]:
        odoo = connect(conn)
        names = list(self.which)
        domain = [*self.which[query.options.get("which") or names[0]], *domains.of_query(odoo, self.model, query)]
        context = {"active_test": False} if self.archivable and query.options.get("archived") else None

        def finish(rows: list[dict[str, Any]]) -> Sequence[Record]:
            return self.join(odoo, tidied(odoo, self.model, rows), query.options)

        return pages(
            odoo, self.model, domain, self._fields(odoo, query.options), query, cursor, finish, context=context
        )

    def _by_ids(self, conn: Connection, ids: Sequence[str], options: Mapping[str, Any]) -> Sequence[Record]:
        odoo = connect(conn)
        rows = odoo.by_ids(self.model, [int(id) for id in ids if id.isdecimal()], self._fields(odoo, options))
        return self.join(odoo, tidied(odoo, self.model, rows), options)

    def _fields(self, odoo: Odoo, options: Mapping[str, Any]) -> list[str]:
        more = [name.strip() for name in str(options.get("extra_fields") or "").split(",") if name.strip()]
        if unknown := [name for name in more if not odoo.has(self.model, name)]:
            raise ConfigError(
                f"this Odoo has no field {', '.join(unknown)} on {self.model}", place="Further fields", key="version"
            )
        return [*self.fields, "create_date", "write_date", *more]
