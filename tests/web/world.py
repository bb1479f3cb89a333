"""Builds a company, its people, and services that have run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import F
from tests.fakes.far_end import MAPPING, SLUG, order, system
from tests.web.browser import Browser

from topstitch.accounts.models import Membership, Role, User
from topstitch.sdk.catalogue import CATALOGUE
from topstitch.sdk.file import system_from_data
from topstitch.store.models import (
    Attempt,
    Company,
    CompanyGroup,
    Connector,
    ErrorGroup,
    Item,
    LogLine,
    Revision,
    Run,
    Service,
    StoredPayload,
)
from topstitch.store.payloads import packed

PASSWORD = "a quiet harbour"


class World:
    """Builds what a test shows."""

    def __init__(self) -> None:
        CATALOGUE.add(system_from_data(system()))
        self.company = Company.objects.create(name="Harbour & Pine", slug="harbour")
        self.group = self.add_group("UK")
        other = Company.objects.create(name="Other", slug="other")
        self.other_group = CompanyGroup.objects.create(company=other, name="Main", slug="main")
        self.ada = self.person("ada@example.com", self.company, Role.ADMINISTRATOR)
        self.sam = self.person("sam@example.com", other, Role.ADMINISTRATOR)

    def person(self, email, company, role):
        user = User.objects.create_user(email, PASSWORD)
        Membership.objects.create(user=user, company=company, role=role)
        return user

    def add_group(self, name):
        return CompanyGroup.objects.create(company=self.company, name=name, slug=name.lower())

    def client(self, person):
        client = Browser()
        client.force_login(person)
        return client

    def connector(self, group, system=SLUG):
        return Connector.objects.get_or_create(group=group, name=f"{system} {group.name}", system=system)[0]

    def service(self, name="Orders to warehouse", *, group=None, source=SLUG, entity="orders", spec=None, **fields):
        group = group or self.group
        made = Service.objects.create(
            group=group,
            name=name,
            source=self.connector(group, source),
            destination=self.connector(group),
            source_entity=entity,
            destination_entity="sales",
            **{"active": True, **fields},
        )
        spec = spec or {
            "source": {"connector": "far", "entity": "orders"},
            "destination": {"connector": "far", "entity": "sales"},
            "mapping": MAPPING,
            "schedules": [{"cron": "*/10 * * * *"}],
        }
        made.revision = Revision.objects.create(service=made, number=1, spec=spec, author=self.ada)
        made.save()
        return made

    def run(self, service, status="completed", *, ago=timedelta(0), **fields):
        run = Run.objects.create(
            service=service,
            revision=service.revision,
            trigger="schedule",
            status=status,
            scheduled_for=datetime.now(UTC) - ago,
            **fields,
        )
        moment = datetime.now(UTC) - ago
        Run.objects.filter(pk=run.pk).update(created_at=moment)
        run.created_at = moment
        return run

    def attempt(self, run, key="1", *, status="ok", reference=None, at=None, page=1, **fields):
        blank = dict.fromkeys(
            ("outcome", "remote_id", "error_class", "error_key", "message", "field", "hint", "detail"), ""
        )
        return Attempt.objects.create(
            at=at or datetime.now(UTC),
            service=run.service,
            run=run,
            page=page,
            key=key,
            reference=f"#{key}" if reference is None else reference,
            status=status,
            **{**blank, **fields},
        )

    def item(self, attempt, status):
        now = datetime.now(UTC)
        return Item.objects.create(
            service=attempt.service,
            key=attempt.key,
            reference=attempt.reference,
            status=status,
            attempts=1,
            content=b"",
            remote_id="",
            run=attempt.run,
            page=1,
            error_class="",
            first_at=now,
            at=now,
        )

    def failure(self, run, key="5", **fields):
        return self.attempt(
            run,
            key,
            **fields,
            status="failed",
            outcome="rejected",
            error_class="value",
            error_key="rejected",
            message="The e-mail address is not valid",
            field="email",
            hint="Correct the record at the source.",
            detail='422 {"message": "email is not valid"}',
            evidence={"mapped": {"reference": key, "email": "bad"}},
        )

    def cause(self, *failures, kin=4711, **fields):
        """What failures have in common, in each of their services; their records have it now."""
        groups = {}
        for failed in failures:
            service, now = failed.service, datetime.now(UTC)
            usual = {"kin": kin, "service": service, "first_at": now, "last_at": now, "counted_at": now}
            told = {name: getattr(failed, name) for name in ("error_class", "error_key", "message", "hint")}
            told |= {"sentence": failed.message, "place": failed.field, "seen": 0}
            name = kin * 1000 + service.pk
            group, _ = ErrorGroup.objects.get_or_create(id=name, defaults={**usual, **told, **fields})
            groups[service.pk] = group
            Attempt.objects.filter(pk=failed.pk).update(cause=group.pk)
            item = Item.objects.filter(service=service, key=failed.key).first() or self.item(failed, failed.status)
            Item.objects.filter(pk=item.pk).update(cause=group.pk, at=failed.at)
            ErrorGroup.objects.filter(pk=group.pk).update(seen=F("seen") + 1, affected=F("affected") + 1)
        return list(groups.values())

    def payload(self, run, *numbers):
        body = packed([order(number) for number in numbers])
        return StoredPayload.objects.create(at=datetime.now(UTC), run=run, page=1, kind="pulled", body=body)

    def line(self, run, message="18 pushed.", *, level="info", step="push", page=1, reference=""):
        return LogLine.objects.create(
            at=datetime.now(UTC), run=run, level=level, step=step, page=page, reference=reference, message=message
        )
