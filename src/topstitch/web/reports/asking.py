"""What the report's address asks for, in the report's own terms and in words."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.http import QueryDict

from topstitch.store.queries.errors import CLASSES
from topstitch.store.queries.report import STATUSES, TROUBLE, ReportChoice
from topstitch.store.queries.services import Entry, says
from topstitch.web.components.words import system_name
from topstitch.web.queries_in import day, large, one_of, text, whole

#: Days shown unless the address says otherwise, or names a record or a run.
DAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The form as it was filled in."""

    #: A reference, a sync id or a system.
    text: str = ""
    status: str = ""
    service: str = ""
    source: str = ""
    destination: str = ""
    entity: str = ""
    group: int | None = None
    error_class: str = ""
    #: Kin of a cause at the error desk.
    cause: int | None = None
    #: Words of the message.
    saying: str = ""
    first: date | None = None
    last: date | None = None
    newest_first: bool = True
    #: The search is for a reference even if it is also the name of a system.
    literal: bool = False

    @property
    def rarely(self) -> bool:
        """Whether one of the choices that are seldom made was made."""
        ends = (self.source, self.destination, self.entity, self.error_class, self.saying)
        return any(ends) or self.group is not None

    @property
    def narrows(self) -> bool:
        """Whether anything was asked for."""
        first = (self.text, self.status, self.service, self.first, self.last)
        return any(first) or self.rarely or self.cause is not None


def read_asked(query: QueryDict) -> Asked:
    """The form of an address."""
    return Asked(
        text=text(query, "q"),
        status=one_of(query, "status", (*STATUSES, TROUBLE)),
        service=text(query, "service"),
        source=text(query, "source"),
        destination=text(query, "destination"),
        entity=text(query, "entity"),
        group=whole(query, "group"),
        error_class=one_of(query, "class", CLASSES),
        cause=large(query, "cause"),
        saying=text(query, "saying"),
        first=day(query, "from"),
        last=day(query, "to"),
        newest_first=query.get("sort") != "time",
        literal=query.get("as") == "reference",
    )


@dataclass(frozen=True, slots=True)
class Understood:
    """What was asked, as the report takes it, and what the search was taken for."""

    choice: ReportChoice
    #: sync id, system, reference, or ""
    kind: str = ""
    system: str = ""


def understand(
    asked: Asked, index: Sequence[Entry], names: Mapping[str, str], causes: Collection[int] = ()
) -> Understood:
    """A search is for a sync id if it is one, else for a system if one is called so, else for a reference.

    `causes`: ids of the groups of the cause that was asked for.
    """
    run = _uuid(asked.text)
    called = "" if run or asked.literal else _system(asked.text, names)
    kind = "sync id" if run else "system" if called else "reference" if asked.text else ""
    choice = ReportChoice(
        reference=asked.text if kind == "reference" else "",
        run=run,
        status=asked.status,
        services=_services(asked.service, index) if asked.service else None,
        first=asked.first or (None if kind in ("sync id", "reference") else default_first(asked)),
        last=asked.last,
        system=called,
        source=asked.source,
        destination=asked.destination,
        entity=asked.entity,
        group=asked.group,
        error_class=asked.error_class,
        text=asked.saying,
        # No group has the number 0: a cause that is nobody's keeps nothing.
        causes=(tuple(causes) or (0,)) if asked.cause is not None else (),
    )
    return Understood(choice, kind, called)


def default_first(asked: Asked) -> date:
    """The first of the last days, counted back from the last day asked for."""
    return (asked.last or datetime.now(UTC).date()) - timedelta(days=DAYS - 1)


def _services(words: str, index: Sequence[Entry]) -> set[int]:
    exact = {entry.id for entry in index if words.lstrip("#") == str(entry.id)}
    return exact or {entry.id for entry in index if says(entry, words)}


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
