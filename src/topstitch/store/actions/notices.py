"""Calls of webhooks: each says that something has changed at the source, and is answered once a run is stored that will see it.

What becomes of a call when the process dies:

- before the transaction ends: nothing is stored and nothing was answered, so the sender calls again.
- after it and before the answer: the run is stored and goes out; the sender calls again and joins that run or makes another.
- once answered: the run is a row like any other; a worker takes it up, and another one if that dies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from django.db import transaction
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from topstitch.errors import ConfigError, RateLimited
from topstitch.store.actions.invitations import digest
from topstitch.store.actions.runs import new_run
from topstitch.store.models import Run, Service, Webhook
from topstitch.store.models.run import RunStatus, Trigger

#: So many calls of one service are taken in so much time.
CALLS = 120
SPAN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """A call that was taken: its run, and whether that waited already."""

    run: Run
    joined: bool


@transaction.atomic
def take_notice(token: str) -> Notice | None:
    """A run that begins after this call and so sees what it tells of; None for a token that is none.

    Raises ConfigError for a service that does not listen, RateLimited for too many calls. Of those nothing is kept.
    """
    # Locked: of two calls at once, the second finds the run of the first.
    webhook = (
        Webhook.objects.select_for_update(of=("self",))
        .select_related("service")
        .annotate(listens=KeyTransform("webhook", "service__revision__spec"))
        .filter(digest=digest(token))
        .first()
    )
    if webhook is None or not compare_digest(webhook.digest, digest(token)):
        return None
    if not webhook.service.active or webhook.listens is not True:
        raise ConfigError("this service is switched off, or no longer started by calls: nothing was started", key="off")
    _count(webhook)
    webhook.save(update_fields=["minute_at", "calls", "called_at"])
    waiting = _waiting(webhook.service)
    # As for scheduled runs there is no audit event: no person did it, and the run says by what it was started.
    return Notice(waiting or new_run(webhook.service, Trigger.WEBHOOK, {}, None), joined=waiting is not None)


def _count(webhook: Webhook) -> None:
    now = timezone.now()
    if webhook.minute_at is None or now - webhook.minute_at >= SPAN:
        webhook.minute_at, webhook.calls = now, 0
    if webhook.calls >= CALLS:
        left = SPAN - (now - webhook.minute_at)
        raise RateLimited(
            f"more than {CALLS} calls in a minute", retry_after=max(left.total_seconds(), 1.0), key="webhook_calls"
        )
    webhook.calls, webhook.called_at = webhook.calls + 1, now


def _waiting(service: Service) -> Run | None:
    """A whole run that has not begun: it will ask the source later than now. One that is to be stopped will not."""
    runs = Run.objects.filter(service=service, status=RunStatus.QUEUED, started_at=None, stop_requested=False)
    return runs.filter(options={}).order_by("created_at").first()
