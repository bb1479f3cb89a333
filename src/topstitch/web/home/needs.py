"""What needs a person, in the order in which it is best looked at, each with the one button that helps."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from topstitch.alerts.queries.expiry import ending_credentials
from topstitch.store.models import Run
from topstitch.store.queries import home
from topstitch.store.queries.scope import Scope
from topstitch.web.components.status import Look, look_of
from topstitch.web.components.words import capital, counted, system_name

#: Rows of a section before the others are folded away.
SHOWN = 5
CAUSES = 6


@dataclass(frozen=True, slots=True)
class Need:
    """One thing. `id` is the same as long as it is the same thing."""

    id: str
    look: Look
    title: str
    href: str
    detail: str = ""
    #: What `at` is: "since", "checked", "last", "until".
    when: str = ""
    at: datetime | None = None
    act: str = ""
    act_href: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Needs of one kind."""

    name: str
    needs: Sequence[Need]
    #: Of all there are, where more are known than are listed.
    unlisted: int = 0
    all_href: str = ""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.needs) + self.unlisted

    @property
    def first(self) -> Sequence[Need]:
        """Those on show."""
        return self.needs[:SHOWN]

    @property
    def rest(self) -> Sequence[Need]:
        """Those behind a fold."""
        return self.needs[SHOWN:]


def needs_of(scope: Scope, *, workers: int) -> list[Section]:
    """The sections that have something. What follows from something else that is told is not told again."""
    away = home.connectors_down(scope)
    held_up = {service for each in away for service in each.services}
    failing = [each for each in home.failing_services(scope) if each.status == "failed"]
    paused = [run for run in home.paused_runs(scope) if run.service_id not in held_up]
    known = held_up | {each.service_id for each in failing} | {run.service_id for run in paused}
    services = [*map(_failing, failing), *map(_paused, paused), *_missing(scope, known, working=bool(workers))]
    sections = [
        Section("Topstitch itself", [] if workers else [_NO_WORKER]),
        Section("Connectors", [_away(each) for each in away]),
        Section("Services", services),
        *_records(scope),
        Section("Ends soon", list(_ending(scope))),
    ]
    return [section for section in sections if section.needs]


_NO_WORKER = Need(
    "need-worker",
    Look("Stopped", "failed", "cross"),
    "No worker is running",
    "",
    "Nothing is synced until one is started on the server: topstitch up, or topstitch worker.",
)


def _away(each: home.Away) -> Need:
    needed = f"{counted(len(each.services), 'service')} {'needs' if len(each.services) == 1 else 'need'} it"
    page = reverse("connector", args=[each.connector_id])
    return Need(
        f"need-connector-{each.connector_id}",
        look_of(each.status, "connector"),
        each.name,
        page,
        ". ".join(part.rstrip(".") for part in (system_name(each.system), each.detail, needed) if part),
        "checked",
        each.checked_at,
        "Test it",
        page,
    )


def _failing(each: home.Failing) -> Need:
    run = reverse("run", args=[each.run_id])
    often = f"{each.runs:,} runs in a row. " if each.runs > 1 else ""
    return Need(
        f"need-service-{each.service_id}",
        look_of("failed", "run"),
        each.name,
        reverse("service", args=[each.service_id]),
        f"{often}{capital(each.reason)}",
        "since",
        each.since,
        "See why",
        run,
    )


def _paused(run: Run) -> Need:
    address = reverse("run", args=[run.pk])
    return Need(
        f"need-run-{run.pk}",
        look_of("paused", "run"),
        run.service.name,
        reverse("service", args=[run.service_id]),
        run.reason or "Its run waits for a system, and goes on by itself.",
        "since",
        run.created_at,
        "See the run",
        address,
    )


_LOOKS = {
    "overdue": Look("Did not run", "failed", "clock"),
    "silent": Look("No success", "failed", "clock"),
    "empty": Look("Nothing found", "pending", "clock"),
}


def _missing(scope: Scope, known: Collection[int], *, working: bool) -> Iterator[Need]:
    """What did not happen, unless it is clear why: without a worker everything is overdue."""
    for each in home.missing_runs(scope):
        explained = each.service_id in known if each.kind != "overdue" else not working
        if explained:
            continue
        page = reverse("service", args=[each.service_id])
        yield Need(
            f"need-missing-{each.service_id}",
            _LOOKS[each.kind],
            each.name,
            page,
            _why_missing(each),
            "since",
            each.since,
            "Look at it",
            page,
        )


def _why_missing(each: home.Missing) -> str:
    if each.kind == "overdue":
        return "A run was due and has not started."
    if each.kind == "silent":
        return "No run has come to its end since, though several were due."
    return f"The last {each.runs:,} runs found no record; {each.usual:,} was the longest such row before."


def _records(scope: Scope) -> Iterator[Section]:
    """Causes of failed records, and records of which nobody knows whether they arrived."""
    lost = home.uncertain_records(scope)
    causes = home.open_causes(scope, CAUSES)
    told = [each for each in causes.top if not (lost and each.error_key in home.LOST)]
    unlisted = causes.causes - len(causes.top) if told else 0
    yield Section("Failed records, by cause", [_cause(each) for each in told], unlisted, reverse("errors"))
    yield Section("Records that may have arrived", [_uncertain(each) for each in lost])


def _cause(each: home.TopCause) -> Need:
    parts = [
        counted(each.records, "record"),
        each.error_class,
        f"in {counted(each.services, 'service')}",
        "assigned" if each.assigned else "not assigned",
    ]
    href = reverse("cause", args=[each.kin])
    return Need(
        f"need-cause-{each.kin}",
        look_of("failed"),
        capital(each.said),
        href,
        " · ".join(parts),
        "last",
        each.last_at,
        "Look into it",
        href,
    )


def _uncertain(each: home.Uncertain) -> Need:
    href = f"{reverse('reports')}?status=uncertain&service={each.service_id}"
    one = each.records == 1
    return Need(
        f"need-uncertain-{each.service_id}",
        look_of("uncertain"),
        each.name,
        href,
        f"{counted(each.records, 'record')}, of which the {'answer' if one else 'answers'} never came",
        "last",
        each.last_at,
        "Find out",
        href,
    )


def _ending(scope: Scope) -> Iterator[Need]:
    """Tokens, credentials of which somebody entered the day, and versions of APIs."""
    found = [(e.kind, e.connector_id, e.connector, e.what, e.at) for e in home.expiring(scope)]
    found += [("day", pk, name, "", at) for pk, name, at in ending_credentials(scope.companies)]
    for kind, pk, name, what, at in sorted(found, key=lambda each: (each[4], each[1])):
        page = reverse("connector", args=[pk])
        yield Need(
            f"need-{kind}-{pk}-{what}",
            Look("Ends", "pending", "clock"),
            name,
            page,
            _what_ends(kind, what),
            "until",
            at,
            "Renew it" if kind != "version" else "",
            page,
        )


def _what_ends(kind: str, what: str) -> str:
    if kind == "version":
        return f"The version of the API that is used with {system_name(what)} is switched off then. Update Topstitch before."
    return f"Its token {what!r} is valid until then." if kind == "token" else "Its credentials are valid until then."
