"""What the end of a run means for its service's figures: how its runs go, and what it did today."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

# Runs of chosen records, resyncs and stopped runs say nothing about the service: only that it worked until now. Dry runs
# did nothing.
ENDED = """
WITH e AS (
    SELECT r.service_id, r.ended_at, r.status, r.pulled,
           CASE WHEN r.trigger <> 'resync' AND r.options = '{}'::jsonb AND r.status <> 'stopped' THEN r.id END AS whole,
           r.status IN ('failed', 'completed_with_failures') AS bad,
           CASE WHEN r.trigger = 'schedule' AND v.next_due > r.scheduled_for
                THEN extract(epoch FROM v.next_due - r.scheduled_for)::int END AS gap
    FROM store_run r JOIN store_service v ON v.id = r.service_id
    WHERE r.id = %s AND r.ended_at IS NOT NULL AND NOT r.options ? 'dry'
), today AS (
    INSERT INTO store_dayvolume AS d (service_id, day, runs, bad_runs)
    SELECT service_id, (ended_at AT TIME ZONE 'UTC')::date, 1, bad::int FROM e
    ON CONFLICT (day, service_id) DO UPDATE SET runs = d.runs + 1, bad_runs = d.bad_runs + excluded.bad_runs
)
INSERT INTO store_servicestate AS s (service_id, last_ended_at, last_run, last_status, last_success_at, bad_runs, bad_since,
                                     empty_runs, full_runs, gap)
SELECT service_id, ended_at, whole, CASE WHEN whole IS NULL THEN '' ELSE status END,
       CASE WHEN whole IS NOT NULL AND status <> 'failed' THEN ended_at END,
       (whole IS NOT NULL AND bad)::int, CASE WHEN whole IS NOT NULL AND bad THEN ended_at END,
       (whole IS NOT NULL AND status = 'completed' AND pulled = 0)::int, (whole IS NOT NULL AND pulled > 0)::int, gap
FROM e
ON CONFLICT (service_id) DO UPDATE
SET last_ended_at = GREATEST(s.last_ended_at, excluded.last_ended_at),
    last_run = COALESCE(excluded.last_run, s.last_run),
    last_status = CASE WHEN excluded.last_run IS NULL THEN s.last_status ELSE excluded.last_status END,
    last_success_at = COALESCE(excluded.last_success_at, s.last_success_at),
    bad_runs = CASE WHEN excluded.last_run IS NULL THEN s.bad_runs WHEN excluded.bad_runs = 1 THEN s.bad_runs + 1 ELSE 0 END,
    bad_since = CASE WHEN excluded.last_run IS NULL THEN s.bad_since
                     WHEN excluded.bad_runs = 1 THEN COALESCE(s.bad_since, excluded.bad_since) END,
    empty_runs = CASE WHEN excluded.full_runs = 1 THEN 0 ELSE s.empty_runs + excluded.empty_runs END,
    longest_empty = CASE WHEN excluded.full_runs = 1 THEN GREATEST(s.longest_empty, s.empty_runs) ELSE s.longest_empty END,
    full_runs = s.full_runs + excluded.full_runs,
    gap = COALESCE(excluded.gap, s.gap)
"""


def run_ended(run_id: str | UUID) -> None:
    """A run has come to its end, just now and for the first time."""
    with connection.cursor() as cursor:
        cursor.execute(ENDED, (run_id,))
