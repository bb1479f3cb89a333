"""Which rule holds for which service, and what it wants told."""

from __future__ import annotations

from collections.abc import Iterable

from topstitch.alerts.models import AlertRule, Kind
from topstitch.store.models import Service


class Rules:
    """The rules of some companies. A service without one of its own follows its company's, that without one the usual."""

    def __init__(self, companies: Iterable[int]) -> None:
        self._of_service: dict[int, AlertRule] = {}
        self._of_company: dict[int, AlertRule] = {}
        for rule in AlertRule.objects.filter(company_id__in=set(companies)):
            if rule.service_id is None:
                self._of_company[rule.company_id] = rule
            else:
                self._of_service[rule.service_id] = rule

    def of(self, service_id: int, company_id: int) -> AlertRule:
        """The rule of a service."""
        return self._of_service.get(service_id) or self.default(company_id)

    def default(self, company_id: int) -> AlertRule:
        """The rule of the company's other services; unsaved where nobody made one."""
        if company_id not in self._of_company:
            self._of_company[company_id] = AlertRule(company_id=company_id)
        return self._of_company[company_id]


def wants(rule: AlertRule, kind: str) -> bool:
    """Whether a rule wants this told."""
    asked = {
        Kind.FAILURES: rule.failures is not None,
        Kind.RUN_FAILED: rule.run_failed,
        Kind.NO_SUCCESS: rule.no_success_hours is not None,
        Kind.NOT_RUN: rule.not_run,
        Kind.EMPTY_RUNS: rule.empty_runs is not None,
        Kind.CONNECTOR: rule.connector,
        Kind.CREDENTIALS: rule.credentials,
        Kind.AWAY: rule.not_run,
    }
    return rule.on and asked[Kind(kind)]


def own_rule(service: Service) -> AlertRule | None:
    """The rule that a service has of its own, if it has one."""
    return AlertRule.objects.filter(service=service).first()


def default_rule(company_id: int) -> AlertRule:
    """The rule of a company's services that have none of their own; unsaved where nobody made one."""
    found = AlertRule.objects.filter(company_id=company_id, service=None).first()
    return found or AlertRule(company_id=company_id)
