"""Companies, services, runs and rows as the screens' queries read them, made without sending anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from topstitch.store.models import Attempt, Company, CompanyGroup, Connector, Item, Revision, Run, Service
from topstitch.store.queries.scope import Scope

BLANK = dict.fromkeys(("outcome", "remote_id", "error_class", "error_key", "message", "field", "hint", "detail"), "")


def now() -> datetime:
    return datetime.now(UTC)


class Made:
    """One company, unless another is named."""

    def __init__(self, company="Acme"):
        self.company, _ = Company.objects.get_or_create(name=company, slug=company.lower())
        self.group, _ = CompanyGroup.objects.get_or_create(company=self.company, name="Main", slug="main")
        self.scope = Scope((self.company.pk,))

    def connector(self, system):
        return Connector.objects.get_or_create(group=self.group, name=system, system=system)[0]

    def service(self, name="Orders", source="shopify", destination="odoo", entity="orders", to=None, **fields):
        made = Service.objects.create(
            group=fields.pop("group", self.group),
            name=name,
            source=self.connector(source),
            destination=self.connector(destination),
            source_entity=entity,
            destination_entity=to or entity,
            **{"active": True, **fields},
        )
        made.revision = Revision.objects.create(service=made, number=1, spec={})
        made.save()
        return made

    def run(self, service, status="completed", **fields):
        return Run.objects.create(
            **{"service": service, "revision": service.revision, "trigger": "schedule", "status": status}
            | {"scheduled_for": now(), **fields}
        )

    def attempt(self, service, key="1", status="ok", *, ago=timedelta(0), reference=None, run=None, **fields):
        return Attempt.objects.create(
            at=now() - ago,
            service=service,
            run=run or self.run(service),
            page=1,
            key=str(key),
            reference=f"#{key}" if reference is None else reference,
            status=status,
            **{**BLANK, **fields},
        )

    def item(self, service, key="1", status="ok", *, reference=None, remote_id="", ago=timedelta(0), tried=True):
        reference = f"#{key}" if reference is None else reference
        row = self.attempt(service, key, status, reference=reference, remote_id=remote_id, ago=ago) if tried else None
        at = row.at if row else now() - ago
        return Item.objects.create(
            service=service, key=str(key), reference=reference, status=status, attempts=0, content=b"", remote_id=remote_id,
            run=row.run if row else None, page=1, error_class="", first_at=at, at=at,
        )  # fmt: skip
