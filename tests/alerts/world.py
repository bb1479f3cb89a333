"""A company with people, services that ran, and a clock of the test's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.alerts.mail_server import MailServer
from tests.web.world import World as Company

from topstitch.alerts.actions.groups import GroupDraft, save_group
from topstitch.alerts.actions.rules import RuleDraft, save_rule
from topstitch.alerts.models import Message, Pulse
from topstitch.alerts.noticing.connectors import judge_checks
from topstitch.alerts.noticing.runs import judge_runs
from topstitch.alerts.noticing.silence import look
from topstitch.alerts.telling.bundle import bundle
from topstitch.alerts.telling.send import send_waiting
from topstitch.store.models import Connector, Run


class World(Company):
    """What a worker does is `work`, at a time that only moves when the test says so."""

    def __init__(self, server: MailServer) -> None:
        super().__init__()
        self.server = server
        self.now = datetime(2026, 11, 25, 14, 7, tzinfo=UTC)
        Pulse.objects.create(seen_at=self.now, since=self.now - timedelta(days=1))

    def desk(self, *addresses: str, name: str = "Desk", **parts):
        return save_group(self.company, name, GroupDraft(addresses=addresses or ("desk@example.com",), **parts))

    def rule(self, owner=None, **draft):
        return save_rule(owner or self.company, RuleDraft(**draft))

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def ran(self, service, status="completed", *, reason="", failed=0, references=(), **counts) -> Run:
        """A run that ended now, as the store ends one: the row is there, then gets its end."""
        references = references or [f"#{n}" for n in range(1001, 1001 + failed)]
        run = self.run(service, "running", started_at=self.now, failed=failed, **{"pulled": failed, **counts})
        for number, reference in enumerate(references):
            self.failed(run, reference, key=str(number))
        if failed and status == "completed":
            status = "completed_with_failures"
        Run.objects.filter(pk=run.pk).update(status=status, ended_at=self.now, reason=reason)
        return run

    def failed(self, run, reference, key="1", **fields):
        """A record that failed, in the report and as the item that is left."""
        told = {
            "outcome": "rejected",
            "error_class": "value",
            "error_key": "rejected",
            "message": "The e-mail address is not valid",
            "field": "email",
            **fields,
        }
        attempt = self.attempt(run, key, status="failed", reference=reference, **told)
        if not attempt.service.items.filter(key=key).exists():
            self.item(attempt, "failed")
        return attempt

    def checked(self, connector: Connector, status: str, detail: str = "") -> None:
        """A check whose result was recorded."""
        Connector.objects.filter(pk=connector.pk).update(status=status, status_detail=detail, checked_at=self.now)
        made = connector.checks.create(ok=status == "operational", status=status, detail=detail)
        connector.checks.filter(pk=made.pk).update(at=self.now)

    def work(self) -> list[str]:
        """One round of a worker; the subjects of the mails that left."""
        before = len(self.server.mails)
        judge_runs(self.now)
        judge_checks(self.now)
        look(self.now)
        bundle(self.now)
        send_waiting(self.now)
        return self.server.subjects[before:]

    def live(self, **span: float) -> list[str]:
        """A worker that works on for a time: it looks every minute, of long times every 25."""
        end, subjects = self.now + timedelta(**span), []
        step = 1 if timedelta(**span) < timedelta(hours=4) else 25
        while self.now < end:
            self.pass_time(minutes=step)
            subjects += self.work()
        return subjects

    def leap(self, **span: float) -> list[str]:
        """The same without all that a worker would have looked at meanwhile, and found the same."""
        self.pass_time(**span)
        Pulse.objects.update(seen_at=self.now - timedelta(minutes=2))
        return self.work()

    @property
    def waiting(self) -> list[Message]:
        return list(Message.objects.filter(next_try__isnull=False))
