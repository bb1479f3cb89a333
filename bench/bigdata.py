"""A company with a great deal behind it: services, a month of runs and attempts, items, and errors as they come in life.

Made by SQL in one go, for tests of the screens' queries: nothing of it was ever sent. `python -m bench.big` uses it too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

SYSTEMS = ("shopify", "woocommerce", "peoplevox", "odoo", "sftp")
#: Entity at the source, at the destination, share of the attempts.
ENTITIES = (
    ("orders", "orders"),
    ("fulfilments", "fulfilments"),
    ("stock", "stock"),
    ("products", "products"),
    ("refunds", "refunds"),
)
SPEC = {
    "source": {"connector": "c", "entity": "orders"},
    "destination": {"connector": "c", "entity": "orders"},
    "mapping": [],
    "schedules": [{"cron": "0 * * * *"}],
}
#: Class, key, message with the record's number in it, field, how many of a hundred failures.
MESSAGES = (
    ("missing", "missing_reference", "The SKU 'AB-{n}' does not exist", "lines[{k}].sku", 40),
    ("value", "rejected", 'The e-mail address "p{n}@example.com" is not valid', "email", 15),
    ("value", "mapping", "country: there is no pair for 'XQ{k}'", "country", 12),
    ("duplicate", "duplicate", "Order {n} exists already", "", 8),
    ("connection", "unreachable", "no connection to warehouse.example:443", "", 10),
    ("rate limit", "rate_limited", "The system asked for a pause of {k} s.", "", 5),
    ("intermittent", "answer_lost", "The answer to request {n} never came", "", 5),
    ("too large", "limit", "The record has {n} bytes; 1000000 are the most", "", 2),
    ("script", "script", "line {k}: 'NoneType' has no attribute 'get'", "note", 3),
)


@dataclass(frozen=True, slots=True)
class Big:
    """What was made."""

    company: int
    services: list[int]
    attempts: int


def fill(
    services: int,
    attempts: int,
    *,
    days: int = 30,
    runs_a_day: int = 24,
    tell: Callable[[str], None] = lambda line: None,
) -> Big:
    """Make it in Django's database, which should be empty. `attempts` are spread over the days until now."""
    from django.db import connection

    from topstitch.store import desk
    from topstitch.store.database import connect
    from topstitch.store.partitions import make_partitions

    company, ids = _services(services)
    today = datetime.now(UTC).date()
    with connect("big data") as bare:
        for back in range(days + 1):
            make_partitions(bare, today - timedelta(days=back))
    with connection.cursor() as cursor:
        _messages(cursor)
        for back in range(days - 1, -1, -1):
            start = datetime.now(UTC) - timedelta(days=back + 1)
            values = {"start": start, "runs": runs_a_day, "first": ids[0], "services": services, "back": back}
            cursor.execute(RUNS, values)
            cursor.execute(ATTEMPTS, {**values, "rows": attempts // days})
            tell(f"{days - back} of {days} days")
        tell("items")
        for statement in (ITEMS, RUN_COUNTS, VOLUMES, STATES, AUDIT):
            cursor.execute(statement, {"company": company, "first": ids[0], "services": services})
        for table in ("item", "attempt", "store_run", "store_service"):
            cursor.execute(f"ANALYZE {table}")
        tell("causes")
    desk.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store_errorgroup SET state = 'ignored' WHERE state = 'open' AND id % 17 = 0")
        cursor.execute("ANALYZE")
    return Big(company, ids, attempts)


def _services(count: int) -> tuple[int, list[int]]:
    from topstitch.store.models import Company, CompanyGroup, Connector, Revision, Service

    company = Company.objects.create(name="Big", slug="big")
    groups = [CompanyGroup.objects.create(company=company, name=f"Brand {n}", slug=f"brand-{n}") for n in range(10)]
    ends = {
        (group.pk, system): Connector.objects.create(group=group, name=system, system=system, status="operational")
        for group in groups
        for system in SYSTEMS
    }
    made = []
    for n in range(count):
        group = groups[n // len(ENTITIES) % len(groups)]
        source, destination = SYSTEMS[n % 5], SYSTEMS[(n + 1 + n // 50) % 5]
        entity = ENTITIES[n % len(ENTITIES)]
        made.append(
            Service(
                group=group,
                name=f"{entity[0].capitalize()} {n}",
                source=ends[group.pk, source],
                destination=ends[group.pk, destination],
                source_entity=entity[0],
                destination_entity=entity[1],
                active=n % 20 != 0,
                next_due=datetime.now(UTC) + timedelta(minutes=n % 60),
            )
        )
    made = Service.objects.bulk_create(made)
    revisions = Revision.objects.bulk_create([Revision(service=s, number=1, spec=SPEC) for s in made])
    for service, revision in zip(made, revisions, strict=True):
        service.revision = revision
    Service.objects.bulk_update(made, ["revision"], batch_size=500)
    return company.pk, [service.pk for service in made]


def _messages(cursor: Any) -> None:
    """A table of a hundred failures, to choose from by a number below a hundred."""
    cursor.execute("CREATE TEMP TABLE big_message (n int, class text, key text, message text, field text)")
    rows = [message[:4] for message in MESSAGES for _ in range(message[4])]
    for n, row in enumerate(rows[:100]):
        cursor.execute("INSERT INTO big_message VALUES (%s, %s, %s, %s, %s)", (n, *row))


RUNS = """
INSERT INTO store_run (id, service_id, revision_id, trigger, status, scheduled_for, options, created_at, enqueued_at,
                       started_at, ended_at, reason, hint, stop_requested, pulled, filtered, skipped, unchanged, ok, sent,
                       failed, pending, uncertain)
SELECT md5(s.id || '/' || %(back)s || '/' || n)::uuid, s.id, s.revision_id, 'schedule', 'completed', t, '{}', t, t, t,
       t + interval '20 s', '', '', false, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM store_service s, generate_series(0, %(runs)s - 1) n,
     LATERAL (SELECT %(start)s::timestamptz + make_interval(secs => 86400.0 / %(runs)s * n) AS t) times
"""

# Few services have most of the records. Of a hundred attempts three fail; one in twenty is another try.
ATTEMPTS = """
INSERT INTO attempt (at, service_id, run_id, page, key, reference, status, outcome, remote_id, error_class, error_key,
                     message, field, hint, detail, evidence)
SELECT b.at, b.service, md5(b.service || '/' || %(back)s || '/' || b.run)::uuid, 1, b.n::text,
       CASE b.service %% 5 WHEN 2 THEN 'SKU-' ELSE '#' END || b.n,
       CASE WHEN m.n IS NOT NULL THEN
            CASE m.class WHEN 'connection' THEN 'pending' WHEN 'intermittent' THEN 'uncertain' ELSE 'failed' END
            WHEN b.service %% 25 = 4 THEN 'sent' ELSE 'ok' END,
       CASE WHEN m.n IS NULL THEN 'created' ELSE 'rejected' END,
       CASE WHEN m.n IS NULL THEN 'SO-' || b.n * 7 ELSE '' END,
       COALESCE(m.class, ''), COALESCE(m.key, ''),
       COALESCE(replace(replace(m.message, '{n}', b.n::text), '{k}', (b.n %% 9)::text), ''),
       COALESCE(replace(m.field, '{k}', (b.n %% 9)::text), ''),
       CASE WHEN m.n IS NULL THEN '' ELSE 'Correct it, then sync it again.' END, '',
       CASE WHEN m.n IS NOT NULL
            THEN jsonb_build_object('mapped', jsonb_build_object('reference', b.n, 'note', repeat('x', 400))) END
FROM (
    SELECT r.service, r.run, r.luck, r.at,
           CASE WHEN r.again < 0.05 THEN r.number - (r.again * 100000)::bigint ELSE r.number END AS n
    FROM (
        SELECT %(first)s + floor(%(services)s * power(random(), 2.5))::bigint AS service, x.run,
               random() AS luck, random() AS again,
               %(start)s::timestamptz + make_interval(secs => 86400.0 / %(rows)s * x.i) AS at,
               1000000 + (30 - %(back)s) * 1000000::bigint + x.i AS number
        FROM (SELECT i, i::bigint * %(runs)s / (%(rows)s + 1) AS run FROM generate_series(1, %(rows)s) i) x
    ) r
) b
LEFT JOIN big_message m ON b.luck < 0.03 AND m.n = floor(b.luck * 100 / 0.03)::int
ORDER BY b.at
"""

ITEMS = """
INSERT INTO item (service_id, key, reference, status, attempts, content, remote_id, run_id, page, error_class, first_at, at)
SELECT DISTINCT ON (service_id, key) service_id, key, reference, status, 1, '\\x00', remote_id, run_id, page, error_class, at, at
FROM attempt ORDER BY service_id, key, id DESC
"""

RUN_COUNTS = """
UPDATE store_run r
SET pulled = a.n, ok = a.ok, failed = a.failed, status = CASE WHEN a.failed > 0 THEN 'completed_with_failures' ELSE 'completed' END
FROM (SELECT run_id, count(*) AS n, count(*) FILTER (WHERE status IN ('ok', 'sent')) AS ok,
             count(*) FILTER (WHERE status NOT IN ('ok', 'sent')) AS failed FROM attempt GROUP BY 1) a
WHERE a.run_id = r.id
"""

VOLUMES = """
INSERT INTO store_dayvolume (service_id, day, pulled, ok, failed, runs, bad_runs)
SELECT service_id, (created_at AT TIME ZONE 'UTC')::date, sum(pulled), sum(ok), sum(failed), count(*),
       count(*) FILTER (WHERE failed > 0)
FROM store_run GROUP BY 1, 2
"""

STATES = """
INSERT INTO store_servicestate (service_id, last_ended_at, last_run, last_status, last_success_at, bad_runs, bad_since,
                                empty_runs, longest_empty, full_runs, gap)
SELECT r.service_id, r.ended_at, r.id, r.status, r.ended_at, CASE WHEN r.failed > 0 THEN 1 ELSE 0 END,
       CASE WHEN r.failed > 0 THEN r.ended_at END, CASE WHEN r.pulled = 0 THEN 1 ELSE 0 END, 3, 200, 3600
FROM (SELECT DISTINCT ON (service_id) * FROM store_run ORDER BY service_id, created_at DESC) r
"""

AUDIT = """
INSERT INTO store_auditevent (at, company_id, verb, kind, object_id, name, address)
SELECT now() - make_interval(mins => n), %(company)s, CASE WHEN n %% 5 = 0 THEN 'update' ELSE 'run' END, 'service', '1',
       'Orders', ''
FROM generate_series(1, 50000) n
"""
