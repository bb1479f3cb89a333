"""What starts a service: schedules, calls of other systems, or a person."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse

from topstitch.engine.spec import Schedule
from topstitch.engine.spec import Service as Spec
from topstitch.errors import TopstitchError
from topstitch.store.actions.webhooks import token_of
from topstitch.store.models import Service, Webhook
from topstitch.store.queries.webhooks import webhook_of
from topstitch.web.components.trouble import Trouble, trouble_of
from topstitch.web.service_forms.trigger_schedule import ScheduleForm

SCHEDULE, WEBHOOK, HAND = "schedule", "webhook", "hand"
KINDS = (
    (SCHEDULE, "On a schedule", "At set times, such as every 10 minutes or nightly."),
    (WEBHOOK, "By a webhook", "As soon as another system calls a secret address: something has changed there."),
    (HAND, "By hand", "Only when somebody presses Run now, or a program asks for it."),
)
#: A new schedule is this often.
USUAL = "*/10 * * * *"
MOST = 50


class TriggerForm:
    """The trigger of a service as a form (see `form.PartForm`)."""

    name: ClassVar[str] = "Trigger"
    template: ClassVar[str] = "service_forms/trigger.html"
    kinds = KINDS

    def __init__(self, service: Service, spec: Spec, data: QueryDict | None = None) -> None:
        self.service, self.spec = service, spec
        self.trouble: Trouble | None = None
        self._pressed = data.get("do") if data is not None else None
        self.act, _, place = (self._pressed or "").partition(":")
        if data is None:
            self.kind = WEBHOOK if spec.webhook else SCHEDULE if spec.schedules else HAND
            self.schedules = [ScheduleForm.of(schedule, number) for number, schedule in enumerate(spec.schedules)]
        else:
            self.kind = _kind(data)
            self.schedules = _sent(data, without=place if self.act == "remove" else "")
        if self.act == "add" and len(self.schedules) < MOST:
            self._add().focus()
        if self.kind == SCHEDULE and not self.schedules:
            self._add()

    def _add(self) -> ScheduleForm:
        zone = self.schedules[-1].chosen_zone if self.schedules else self.spec.source.zone
        self.schedules.append(ScheduleForm.of(Schedule(cron=USUAL, zone=zone), len(self.schedules)))
        return self.schedules[-1]

    @property
    def says(self) -> str:
        """What a button did, for those who listen."""
        return {"add": "Schedule added", "remove": "Schedule removed"}.get(self.act, "")

    @property
    def pressed(self) -> bool:
        """Whether a button of the form itself was pressed, rather than Save."""
        return self._pressed is not None

    @property
    def scheduled(self) -> bool:
        """Whether schedules are asked for; beside a webhook they catch what a lost call would have told."""
        return self.kind != HAND

    @property
    def called(self) -> bool:
        """Whether calls start it."""
        return self.kind == WEBHOOK

    @cached_property
    def webhook(self) -> Webhook | None:
        """The address that there is already."""
        return webhook_of(self.service) if self.service.revision and self.spec.webhook else None

    @property
    def address(self) -> str:
        """That address, secret part and all: only for those who may change the service."""
        return f"{settings.BASE_URL}{reverse('hook', args=[token_of(self.webhook)])}" if self.webhook else ""

    def is_valid(self) -> bool:
        """Whether it can be kept."""
        return not self.scheduled or all(form.is_valid() for form in self.schedules)

    def apply(self) -> Spec:
        """The configuration with this trigger."""
        schedules = [form.schedule for form in self.schedules] if self.scheduled else []
        return self.spec.model_copy(update={"schedules": schedules, "webhook": self.called})

    def refuse(self, error: TopstitchError) -> None:
        """Show what saving said against it."""
        self.trouble = trouble_of(error)


def _kind(data: QueryDict) -> str:
    kind = data.get("kind", "")
    return kind if any(kind == each for each, _, _ in KINDS) else HAND


def _sent(data: QueryDict, *, without: str) -> list[ScheduleForm]:
    """The schedules that a person sent, in their order. Their numbers are those that they were shown with."""
    numbers = [int(text) for text in data.getlist("schedule") if text.isascii() and text.isdigit() and text != without]
    return [ScheduleForm.sent(data, sent_as, number) for number, sent_as in enumerate(numbers[:MOST])]
