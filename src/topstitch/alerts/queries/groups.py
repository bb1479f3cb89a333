"""Notification groups as a company sees them, and what uses them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from topstitch.alerts.models import AlertRule, NotificationGroup


def groups_of(company_id: int) -> QuerySet[NotificationGroup]:
    """A company's groups by name, with how many people and channels are in them and how many rules name them."""
    counts = {
        "people_count": Count("people", distinct=True),
        "channel_count": Count("channels", distinct=True),
        "service_count": Count("rules", filter=Q(rules__service__isnull=False), distinct=True),
        "default_count": Count("rules", filter=Q(rules__service__isnull=True), distinct=True),
    }
    return NotificationGroup.objects.filter(company_id=company_id).annotate(**counts).order_by("name")


def find_notification_group(company_id: int, group_id: int) -> NotificationGroup | None:
    """One group; None when it is not there, or another company's."""
    return NotificationGroup.objects.filter(company_id=company_id, pk=group_id).select_related("company").first()


@dataclass(frozen=True, slots=True)
class Uses:
    """Who tells a group: services by id and name, and whether the company's default does."""

    services: list[tuple[int, str]]
    default: bool

    def __bool__(self) -> bool:
        return bool(self.services) or self.default


def uses_of(group: NotificationGroup) -> Uses:
    """What names a group."""
    rules = AlertRule.objects.filter(groups=group)
    services = rules.filter(service__isnull=False).order_by("service__name")
    named = [(pk, name) for pk, name in services.values_list("service_id", "service__name") if pk]
    return Uses(named, rules.filter(service=None).exists())
