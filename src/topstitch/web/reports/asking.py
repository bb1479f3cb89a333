"""What the report's address asks for, in the report's own terms and in words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import QueryDict

from topstitch.store.queries.report import STATUSES, TROUBLE, ReportChoice
from topstitch.store.queries.services import Entry, says
from topstitch.web.components.words import system_name
from topstitch.web.queries_in import day, one_of, text

#: Days shown unless the address says otherwise, or names a record or a run.
DAYS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was filled in."""

    #: A reference, a sync id or a system.
    text: str = ""
    status: str = ""
    service: str = ""
    system: str = ""
    first: date | None = None
    last: date | None = None
    newest_first: bool = True
    #: The search is for a reference even if it is also the name of a system.
    literal: bool = False


def read_asked(query: QueryDict) -> Asked:
    """The form of an address."""
    return Asked(
        text=text(query, "q"),
        status=one_of(query, "status", (*STATUSES, TROUBLE)),
        service=text(query, "service"),
        system=text(query, "system"),
        first=day(query, "from"),
        last=day(query, "to"),
        newest_first=query.get("order") != "oldest",
        literal=query.get("as") == "reference",
    )


@dataclass(frozen=True, slots=True)
class Understood:
    """What was asked, as the report takes it, and what the search was taken for."""

    choice: ReportChoice
    #: sync id, system, reference, or ""
    kind: str = ""
    system: str = ""


def understand(asked: Asked, index: Sequence[Entry], names: Mapping[str, str]) -> Understood:
    """A search is for a sync id if it is one, else for a system if one is called so, else for a reference."""
    run = _uuid(asked.text)
    called = "" if run or asked.literal else _system(asked.text, names)
    kind = "sync id" if run else "system" if called else "reference" if asked.text else ""
    choice = ReportChoice(
        reference=asked.text if kind == "reference" else "",
        run=run,
        status=asked.status,
        services=_services(asked, index, [slug for slug in (called, asked.system) if slug]),
        first=asked.first or (None if kind in ("sync id", "reference") else default_first(asked)),
        last=asked.last,
    )
    return Understood(choice, kind, called)


def default_first(asked: Asked) -> date:
    """The first of the last days, counted back from the last day asked for."""
    return (asked.last or datetime.now(UTC).date()) - timedelta(days=DAYS - 1)


def _services(asked: Asked, index: Sequence[Entry], systems: Sequence[str]) -> set[int] | None:
    if not asked.service and not systems:
        return None
    wanted = [e for e in index if all(system in e.systems for system in systems)]
    exact = {e.id for e in wanted if asked.service.lstrip("#") == str(e.id)}
    return exact or {e.id for e in wanted if says(e, asked.service)}


def _uuid(words: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(words) if len(words) >= 32 else None
    except ValueError:
        return None


def _system(words: str, names: Mapping[str, str]) -> str:
    wanted = words.casefold()
    return next((slug for slug, name in names.items() if wanted in (slug.casefold(), name.casefold())), "")


def system_names(index: Sequence[Entry]) -> dict[str, str]:
    """Slug to name of every system that a service uses, by name."""
    slugs = {slug for entry in index for slug in entry.systems}
    return dict(sorted(((slug, system_name(slug)) for slug in slugs), key=lambda pair: pair[1].casefold()))
