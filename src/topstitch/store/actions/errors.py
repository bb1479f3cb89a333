"""What people decide at the error desk: who has a cause, that it is to be ignored, that records are dealt with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from topstitch.errors import ConfigError
from topstitch.store import desk
from topstitch.store.actions.audit import audit
from topstitch.store.actions.resync import planned_in_turn, request_resync
from topstitch.store.models import ErrorGroup, ErrorNote, Item, Run, Service
from topstitch.store.models.errors import GroupState
from topstitch.store.queries.chosen import Chosen, ChosenItem, chosen_items
from topstitch.store.queries.errors import groups_of
from topstitch.store.queries.resyncable import DONE, Plan, sorted_out, unless_asked_for
from topstitch.store.queries.scope import Scope

if TYPE_CHECKING:
    from topstitch.accounts.models import User

MAX_NOTE = 4000


# -- causes -------------------------------------------------------------------------------------------------------------


def assign(scope: Scope, groups: Collection[int], to: User | None, *, person: User | None = None) -> int:
    """Give causes to somebody of their company, or to nobody; how many. Raises ConfigError for a stranger."""

    def give(group: ErrorGroup) -> dict[str, Any]:
        members: Any = group.service.group.company.memberships
        if to is not None and not members.filter(user=to).exists():
            raise ConfigError(f"{to} does not belong to {group.service.group.company}", place="assignee")
        return {"assignee": to}

    return _decide(scope, groups, "assign", give, person)


def ignore(
    scope: Scope,
    groups: Collection[int],
    *,
    until: datetime | None = None,
    note: str = "",
    person: User | None = None,
) -> int:
    """Hide causes until a time, or for as long as the message is the same; how many. They go on being counted."""
    if until is not None and until <= timezone.now():
        raise ConfigError("that time is over already", place="until")
    decided = {"state": GroupState.IGNORED, "ignored_until": until}
    return _decide(scope, groups, "ignore", lambda group: decided, person, note)


def reopen(scope: Scope, groups: Collection[int], *, note: str = "", person: User | None = None) -> int:
    """Show causes again that were ignored or resolved; how many."""
    decided = {"state": GroupState.OPEN, "ignored_until": None, "resolved_at": None, "resolved_by": None}
    return _decide(scope, groups, "reopen", lambda group: decided, person, note)


@transaction.atomic
def comment(scope: Scope, groups: Collection[int], text: str, *, person: User | None = None) -> int:
    """Write something to causes; how many. Raises ConfigError for nothing, or too much."""
    if not text.strip() or len(text) > MAX_NOTE:
        raise ConfigError(f"a note has at least one letter and at most {MAX_NOTE}", place="note")
    found = groups_of(scope, groups)
    for group in found:
        _note(group, text, person)
        _audit("comment", group, person, after={"note": text.strip()})
    return len(found)


@transaction.atomic
def _decide(
    scope: Scope,
    groups: Collection[int],
    verb: str,
    decision: Callable[[ErrorGroup], dict[str, Any]],
    person: User | None,
    note: str = "",
) -> int:
    """Change groups one by one, in the order in which the ledger locks them."""
    found = groups_of(scope, groups)
    for group in found:
        before = _shown(group)
        decided = decision(group)
        ErrorGroup.objects.filter(pk=group.pk).update(**decided)
        for name, value in decided.items():
            setattr(group, name, value)
        if note.strip():
            _note(group, note, person)
        _audit(
            verb, group, person, before=before, after=_shown(group) | ({"note": note.strip()} if note.strip() else {})
        )
    return len(found)


def _note(group: ErrorGroup, text: str, person: User | None) -> None:
    ErrorNote.objects.create(group=group, person=person, text=text.strip()[:MAX_NOTE])


def _shown(group: ErrorGroup) -> dict[str, Any]:
    until = group.ignored_until
    return {
        "state": str(group.state),
        "assignee": str(group.assignee) if group.assignee else None,
        "ignored_until": until.isoformat() if until else None,
    }


def _audit(verb: str, group: ErrorGroup, person: User | None, **parts: Any) -> None:
    company = group.service.group.company
    audit(verb, "error", group.pk, group.sentence, company=company, person=person, **parts)


# -- records ------------------------------------------------------------------------------------------------------------


def plan_close(scope: Scope, chosen: Chosen) -> Plan:
    """What closing would take."""
    items, more = chosen_items(scope, chosen)
    return sorted_out(items, unless_asked_for(items, _why_not_closed), more)


def close_records(scope: Scope, chosen: Chosen, *, note: str = "", person: User | None = None) -> Plan:
    """These failed records are dealt with by hand: nothing is sent of them while they stay as they are.

    A cause without any other record is resolved, by this person.
    """
    with transaction.atomic():
        plan = planned_in_turn(lambda: plan_close(scope, chosen))
        failed = Item.objects.filter(pk__in=[item.id for item in plan.takes], status="failed")
        failed.update(status="closed")
        _record_audit("close", plan.by_service(), person, {"note": note.strip()} if note.strip() else {})
        if note.strip():
            for group in groups_of(scope, {item.cause for item in plan.takes if item.cause}):
                _note(group, note, person)
    _recount(plan.takes, person)
    return plan


def _why_not_closed(item: ChosenItem) -> str:
    if item.status in DONE:
        return "it has gone through already"
    if item.status == "closed":
        return "somebody has dealt with it already"
    if item.status == "uncertain":
        return "it may have arrived: look at the destination, then say what you found"
    return (
        "" if item.status == "failed" else "it is tried again by itself: stop its service, or wait until it has failed"
    )


def plan_settle(scope: Scope, chosen: Chosen) -> Plan:
    """What settling would take."""
    items, more = chosen_items(scope, chosen)
    return sorted_out(items, unless_asked_for(items, _why_not_settled), more)


def _why_not_settled(item: ChosenItem) -> str:
    return "" if item.status == "uncertain" else "it is not uncertain"


def settle_records(
    scope: Scope, chosen: Chosen, *, arrived: bool, way: str = "else", person: User | None = None
) -> Plan:
    """A person looked whether these uncertain records arrived. What did not is sent again, as something that never was."""
    runs: list[Run] = []
    with transaction.atomic():
        plan = planned_in_turn(lambda: plan_settle(scope, chosen))
        uncertain = Item.objects.filter(pk__in=[item.id for item in plan.takes], status="uncertain")
        uncertain.update(status="ok" if arrived else "failed", attempts=0)
        _record_audit("settle", plan.by_service(), person, {"arrived": arrived})
        if not arrived:
            for service, items in _with_services(plan.by_service()):
                failed = [_as_failed(item) for item in items]
                # A removed one sends nothing any more: what a person found is only written down.
                runs += [] if service.removed_at else request_resync(service, failed, {"stored": way}, person)
    _recount(plan.takes, person)
    return Plan(plan.takes, plan.refused, plan.more, runs)


def _as_failed(item: ChosenItem) -> ChosenItem:
    return ChosenItem(
        item.id, item.service_id, item.key, item.reference, "failed", item.run_id, item.page, item.cause, item.error_key
    )


def _with_services(parts: dict[int, list[ChosenItem]]) -> list[tuple[Service, list[ChosenItem]]]:
    """With removed ones: what is decided about their records is as much a decision."""
    found = Service.everything.select_related("revision", "source", "destination", "group__company")
    services = found.in_bulk(list(parts))
    return [(services[pk], items) for pk, items in parts.items()]


def _record_audit(verb: str, parts: dict[int, list[ChosenItem]], person: User | None, after: dict[str, Any]) -> None:
    for service, items in _with_services(parts):
        told = {"records": len(items), "named": [item.name for item in items[:20]], **after}
        company = service.group.company
        audit(verb, "service", service.pk, service.name, company=company, person=person, after=told)


def _recount(items: Sequence[ChosenItem], person: User | None) -> None:
    causes = {item.cause for item in items if item.cause is not None}
    if causes:
        desk.recount(causes, person_id=person.pk if person else None)
