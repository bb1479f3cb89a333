"""Syncing records again: one, ticked ones, all of a cause, all that the report shows; and with a correction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction

from topstitch.engine.identity import identity
from topstitch.engine.places import placed
from topstitch.engine.spec import Service as Spec
from topstitch.errors import ConfigError, MappingError
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.model import Record
from topstitch.store.actions.audit import audit
from topstitch.store.actions.runs import new_run
from topstitch.store.jsonb import check_storable
from topstitch.store.models import Attempt, Item, Run, Service
from topstitch.store.models.run import Trigger
from topstitch.store.payloads import keep_payload
from topstitch.store.queries.chosen import Chosen, ChosenItem
from topstitch.store.queries.records import mapped_record, pulled_record
from topstitch.store.queries.resyncable import DONE, Plan, ends_of, plan_resync
from topstitch.store.queries.scope import Scope
from topstitch.store.turns import take_turn
from topstitch.values.paths import render

if TYPE_CHECKING:
    from topstitch.accounts.models import User

IDS_A_RUN = 2000
MAX_EDIT_BYTES = 1_000_000
#: How a run is told where to take its records from.
STORED = {"best": "else", "pull": "never", "stored": "only"}
#: References named in the audit log.
NAMED = 20
#: Changes of one correction that are kept in it.
MOST_CHANGES = 200


def resync(scope: Scope, chosen: Chosen, *, way: str = "best", again: bool = False, person: User | None = None) -> Plan:
    """Ask for runs that sync the chosen records again; what was taken and what not. Each is a new attempt of its item.

    `way`: "pull" from the source, the "stored" copy, or the "best" there is. `again`: also what went through, closed records,
    and what may have arrived where nobody can tell.
    """
    with transaction.atomic():
        plan = planned_in_turn(lambda: plan_resync(scope, chosen, way=way, again=again))
        runs: list[Run] = []
        for service_id, items in plan.by_service().items():
            service = Service.objects.select_related("revision", "group__company").get(pk=service_id)
            runs += request_resync(service, items, {"stored": STORED[way]}, person)
    return Plan(plan.takes, plan.refused, plan.more, runs)


def planned_in_turn(plan: Callable[[], Plan]) -> Plan:
    """A plan that holds until the transaction ends: of two people at once, or two clicks, the second finds what the first
    has asked for."""
    services = plan().by_service().keys()
    take_turn(*services)
    now = plan()
    return replace(now, takes=[item for item in now.takes if item.service_id in services])


def request_resync(
    service: Service, items: Sequence[ChosenItem], options: Mapping[str, Any], person: User | None, **told: Any
) -> list[Run]:
    """Runs for records of one service, and their audit event."""
    _try_anew(items)
    settles = ends_of(service).settles
    forced = [item for item in items if _needs_force(item, settles)]
    plain = [item for item in items if not _needs_force(item, settles)]
    runs = []
    for part, force in ((plain, {}), (forced, {"force": True})):
        for at in range(0, len(part), IDS_A_RUN):
            ids = [item.key for item in part[at : at + IDS_A_RUN]]
            runs.append(new_run(service, Trigger.RESYNC, {**options, **force, "ids": ids}, person))
    after = {
        "records": len(items),
        "named": [item.name for item in items[:NAMED]],
        "runs": [str(run.pk) for run in runs],
        **options,
        **told,
    }
    company = service.group.company
    audit("resync", "service", service.pk, service.name, company=company, person=person, after=after)
    return runs


def _needs_force(item: ChosenItem, settles: bool) -> bool:
    """Whether it would be left alone otherwise. Not of what can be settled: that must keep the key it was sent with."""
    return item.status in (*DONE, "closed") or (item.status == "uncertain" and not settles)


def _try_anew(items: Iterable[ChosenItem]) -> None:
    """A person's try begins with all its attempts."""
    open_ones = Item.objects.filter(pk__in=[item.id for item in items], status__in=("failed", "pending", "uncertain"))
    open_ones.update(attempts=0)


# -- with a correction --------------------------------------------------------------------------------------------------


def edit_and_resync(
    scope: Scope,
    attempt: Attempt,
    record: Any,
    *,
    mapped: bool = False,
    again: bool = False,
    person: User | None = None,
) -> Plan:
    """Send a record as a person corrected it: as it is pulled, or as it was mapped. What was changed is in the audit log.

    Raises ConfigError for a correction that is no such record, or makes another one of it.
    """
    service = attempt.service
    check_edit(attempt, record, mapped=mapped)
    before = (mapped_record(attempt) if mapped else pulled_record(attempt)) or {}
    with transaction.atomic():
        plan = planned_in_turn(lambda: plan_edit(scope, attempt, mapped=mapped, again=again))
        if not plan.takes:
            return plan
        options = {"stored": "else" if mapped else "only", "edited": True}
        told = {"side": "mapped" if mapped else "pulled"}
        runs = request_resync(service, plan.takes, options, person, **told)
        keep_payload(runs[0].pk, 0, "edited", [{"key": attempt.key, "record": record, "mapped": mapped}])
        old, new = _changed(before, record)
        name = attempt.reference or attempt.key
        company = service.group.company
        audit(
            "edit",
            "record",
            f"{service.pk}/{attempt.key}"[:80],
            name,
            company=company,
            person=person,
            before=old,
            after=new,
        )
    return Plan(plan.takes, plan.refused, plan.more, runs)


def plan_edit(scope: Scope, attempt: Attempt, *, mapped: bool = False, again: bool = False) -> Plan:
    """Whether a correction could be sent."""
    item = Item.objects.filter(service=attempt.service, key=attempt.key).values_list("pk", flat=True)
    # A correction stands for what was pulled; what was mapped needs the record that it was made of.
    return plan_resync(scope, Chosen(items=list(item)), way="best" if mapped else "given", again=again)


def check_edit(attempt: Attempt, record: Any, *, mapped: bool = False) -> None:
    """Raise ConfigError for a correction that is no such record, or makes another one of it."""
    if not isinstance(record, dict) or not record:
        raise ConfigError("a record is a JSON object with at least one field", place="record")
    with placed(lambda *way: "record"):
        check_storable(record, lambda *way: render(way))
    try:
        size = len(orjson.dumps(record))
    except TypeError as error:
        raise ConfigError(f"the record cannot be written as JSON: {error}", place="record") from error
    if size > MAX_EDIT_BYTES:
        raise ConfigError(f"the record has {size} bytes; {MAX_EDIT_BYTES} are the most", place="record")
    if not mapped:
        _check_key(attempt.service, attempt, record)


def _check_key(service: Service, attempt: Attempt, record: Record) -> None:
    """A correction must not make another record of it: its memory would be that of the first."""
    assert service.revision is not None
    spec = Spec.model_validate(service.revision.spec)
    entity = CATALOGUE.get(service.source.system).entity(spec.source.entity)
    try:
        key = identity(entity, spec.source, spec.source.options).key(record)
    except MappingError as error:
        raise ConfigError(f"the corrected record has no id any more: {error}", place="record") from error
    if key != attempt.key:
        raise ConfigError(
            f"the corrected record is another one: its id is {key!r}, not {attempt.key!r}", place="record"
        )


def _changed(before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, by path: whole records are nobody's business in a log that is kept for ever."""
    found = list(_differences(before, after, ""))[:MOST_CHANGES]
    return {path: old for path, old, _ in found}, {path: new for path, _, new in found}


def _differences(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from _differences(before.get(name), after.get(name), f"{path}.{name}" if path else str(name))
    elif isinstance(before, list) and isinstance(after, list):
        for at in range(max(len(before), len(after))):
            old, new = (each[at] if at < len(each) else None for each in (before, after))
            yield from _differences(old, new, f"{path}[{at}]")
    elif before != after or type(before) is not type(after):
        yield path, before, after
