"""Which of the chosen records can be synced again, how, and why the others cannot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import connection

from topstitch.engine.identity import own_keys
from topstitch.engine.setup import write_settles
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.store.models import Run, Service
from topstitch.store.models.run import RunStatus, Trigger
from topstitch.store.queries.chosen import Chosen, ChosenItem, chosen_items
from topstitch.store.queries.scope import Scope

DONE = ("ok", "sent")
GOING = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PAUSED)
EXAMPLES = 5
#: pull: from the source; stored: the copy that was pulled; best: from the source, the copy where that cannot be; given: the
#: record is at hand.
WAYS = ("best", "pull", "stored", "given")
AGAIN_ALREADY = "it is being synced again already"


@dataclass(slots=True)
class Refusal:
    """Records that cannot be taken, for one reason."""

    reason: str
    count: int = 0
    #: How many of them are taken by who insists (`again`).
    despite: int = 0
    #: What some of them are called.
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action takes and what it does not."""

    takes: Sequence[ChosenItem]
    refused: Sequence[Refusal] = ()
    #: There are more than can be taken at once.
    more: bool = False
    #: What was asked for by the action.
    runs: Sequence[Run] = ()

    @property
    def records(self) -> int:
        """How many records it takes."""
        return len(self.takes)

    @property
    def despite(self) -> int:
        """How many more it takes for who insists."""
        return sum(refusal.despite for refusal in self.refused)

    def by_service(self) -> dict[int, list[ChosenItem]]:
        """The records that are taken, by service."""
        parts: dict[int, list[ChosenItem]] = defaultdict(list)
        for item in self.takes:
            parts[item.service_id].append(item)
        return parts


@dataclass(frozen=True, slots=True)
class Ends:
    """What the two systems of a service can do."""

    #: The source gives single records by their ids.
    by_id: bool = False
    #: What may have arrived can be found out, or be sent again without harm.
    settles: bool = False
    destination: str = ""
    #: Why the service cannot run at all.
    broken: str = ""


def ends_of(service: Service) -> Ends:
    """What a service's systems can do. Never raises: what is wrong with it is said."""
    try:
        if service.revision is None:
            return Ends(broken="its service has no configuration yet")
        spec = Spec.model_validate(service.revision.spec)
        source = CATALOGUE.get(service.source.system).entity(spec.source.entity)
        entry = CATALOGUE.get(service.destination.system)
        read, write = source.read, entry.entity(spec.destination.entity).write
    except (TopstitchError, ValueError) as error:
        return Ends(broken=f"its service cannot run: {error}")
    if read is None or write is None:
        return Ends(broken="its service cannot run: one of its systems cannot do that any more")
    by_id = read.by_ids is not None and own_keys(spec.source, source) and not spec.script
    return Ends(by_id, write_settles(write, spec), entry.name)


def plan_resync(scope: Scope, chosen: Chosen, *, way: str = "best", again: bool = False) -> Plan:
    """What syncing again would take. `again`: also what went through, and what may have arrived and cannot be asked for."""
    return plans_of(scope, chosen, (way,), again=again)[way]


def plans_of(scope: Scope, chosen: Chosen, ways: Sequence[str], *, again: bool = False) -> dict[str, Plan]:
    """The plan of each way."""
    items, more = chosen_items(scope, chosen)
    services = _services({item.service_id for item in items})
    ends = {pk: ends_of(service) for pk, service in services.items()}
    waiting = _waiting(services)
    looks = {way: _Look(ends, way, again, waiting, _kept(items, ends, way)) for way in ways}
    return {way: _plan(items, look, more) for way, look in looks.items()}


def _plan(items: Sequence[ChosenItem], look: _Look, more: bool) -> Plan:
    insisting = replace(look, again=True)
    return sorted_out(items, look.why_not, more, despite=lambda item: not insisting.why_not(item))


def sorted_out(
    items: Sequence[ChosenItem],
    why_not: Callable[[ChosenItem], str],
    more: bool,
    *,
    despite: Callable[[ChosenItem], bool] = lambda item: False,
) -> Plan:
    """A plan from what says of each record why it cannot be taken, "" when it can; `despite`: it can by who insists."""
    takes: list[ChosenItem] = []
    refused: dict[str, Refusal] = {}
    for item in items:
        reason = why_not(item)
        if not reason:
            takes.append(item)
            continue
        refusal = refused.setdefault(reason, Refusal(reason))
        refusal.count += 1
        refusal.despite += despite(item)
        if len(refusal.examples) < EXAMPLES:
            refusal.examples.append(item.name)
    return Plan(takes, sorted(refused.values(), key=lambda r: -r.count), more)


def unless_asked_for(items: Sequence[ChosenItem], why_not: Callable[[ChosenItem], str]) -> Callable[[ChosenItem], str]:
    """The same for records that wait in no resync: what becomes of those is not to be decided beside it."""
    asked_for = keys_asked_for({item.service_id for item in items})
    return lambda item: AGAIN_ALREADY if (item.service_id, item.key) in asked_for else why_not(item)


@dataclass(frozen=True, slots=True)
class _Look:
    ends: dict[int, Ends]
    way: str
    again: bool
    #: Service and key of records in resyncs that have not ended, and services with a run that goes.
    waiting: tuple[set[tuple[int, str]], set[int]]
    #: Run and page whose records are still stored.
    kept: set[tuple[UUID | None, int]]

    def why_not(self, item: ChosenItem) -> str:
        """Why this record cannot be synced again; "" when it can."""
        ends = self.ends.get(item.service_id)
        asked_for, going = self.waiting
        if ends is None:
            return "its service was removed"
        if ends.broken:
            return ends.broken
        if (item.service_id, item.key) in asked_for:
            return AGAIN_ALREADY
        if item.status == "sending" and item.service_id in going:
            return "it is being sent right now"
        if item.status in DONE and not self.again:
            return "it has gone through already"
        if item.status == "closed" and not self.again:
            return "somebody has dealt with it by hand"
        if item.status == "uncertain" and not ends.settles and not self.again:
            return f"it may have arrived already, and {ends.destination} cannot be asked: look there, then say what you found"
        if item.key.startswith("without id ") or item.error_key == "broken_record":
            return "it has no id, so it cannot be found again: correct it at the source and run the service"
        return self._out_of_reach(item, ends)

    def _out_of_reach(self, item: ChosenItem, ends: Ends) -> str:
        if self.way == "given":
            return ""
        if self.way == "pull":
            return "" if ends.by_id else "its source cannot be asked for single records: send the stored copy"
        if ends.by_id and self.way == "best":
            return ""
        return (
            "" if (item.run_id, item.page) in self.kept else "its stored copy has expired: run the service for its time"
        )


def _services(ids: Collection[int]) -> dict[int, Service]:
    return Service.objects.select_related("source", "destination", "revision", "group__company").in_bulk(list(ids))


def keys_asked_for(services: Collection[int]) -> set[tuple[int, str]]:
    """Service and key of the records that wait in a resync of these services, or are in one that goes."""
    return _waiting(services)[0]


def _waiting(services: Collection[int]) -> tuple[set[tuple[int, str]], set[int]]:
    going = Run.objects.filter(service_id__in=services, status__in=GOING).values_list(
        "service_id", "trigger", "options"
    )
    asked_for, busy = set(), set()
    for service, trigger, options in going:
        busy.add(service)
        if trigger == Trigger.RESYNC:
            asked_for |= {(service, key) for key in options.get("ids", ())}
    return asked_for, busy


_KEPT = """
SELECT DISTINCT p.run_id, p.page FROM unnest(%s::uuid[], %s::int[]) AS k (run_id, page)
JOIN stored_payload p ON p.run_id = k.run_id AND p.page = k.page AND p.kind = 'pulled'
"""


def _kept(items: Sequence[ChosenItem], ends: dict[int, Ends], way: str) -> set[tuple[UUID | None, int]]:
    """The pages that are still stored, of those that are needed."""
    if way in ("pull", "given"):
        return set()
    needed = {
        (item.run_id, item.page)
        for item in items
        if item.run_id and item.service_id in ends and (way == "stored" or not ends[item.service_id].by_id)
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, ([run for run, _ in needed], [page for _, page in needed]))
        return set(cursor.fetchall())


def waiting_resync(service_id: int, key: str) -> Run | None:
    """The resync that this record waits in, if there is one."""
    going = Run.objects.filter(service_id=service_id, status__in=GOING, trigger=Trigger.RESYNC)
    return going.filter(options__ids__contains=[key]).order_by("created_at").first()
