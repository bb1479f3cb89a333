"""The ledger's tables: permanent memory, and three partitioned by day (partitions are made by topstitch.store.partitions)."""

from __future__ import annotations

from django.db import migrations

FORWARD = """
CREATE TABLE item (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service_id bigint NOT NULL,
    key text NOT NULL,
    reference text NOT NULL DEFAULT '',
    status text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    content bytea NOT NULL DEFAULT '',
    remote_id text NOT NULL DEFAULT '',
    run_id uuid,
    page integer NOT NULL DEFAULT 0,
    error_class text NOT NULL DEFAULT '',
    first_at timestamptz NOT NULL DEFAULT now(),
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT one_item_per_key UNIQUE (service_id, key)
) WITH (fillfactor = 85);
CREATE INDEX item_reference ON item (reference text_pattern_ops);
CREATE INDEX item_open ON item (service_id, id) WHERE status NOT IN ('ok', 'sent');

CREATE TABLE attempt (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    service_id bigint NOT NULL,
    run_id uuid NOT NULL,
    page integer NOT NULL,
    key text NOT NULL,
    reference text NOT NULL,
    status text NOT NULL,
    outcome text NOT NULL,
    remote_id text NOT NULL,
    error_class text NOT NULL,
    error_key text NOT NULL,
    message text NOT NULL,
    field text NOT NULL,
    hint text NOT NULL,
    detail text NOT NULL,
    evidence jsonb
) PARTITION BY RANGE (at);
CREATE INDEX attempt_id ON attempt (id);
CREATE INDEX attempt_run ON attempt (run_id, page);
CREATE INDEX attempt_service ON attempt (service_id, id);
CREATE INDEX attempt_reference ON attempt (reference text_pattern_ops, id);
CREATE INDEX attempt_bad ON attempt (service_id, id) WHERE status NOT IN ('ok', 'sent');

CREATE TABLE log_line (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    run_id uuid NOT NULL,
    level text NOT NULL,
    step text NOT NULL,
    page integer,
    reference text NOT NULL,
    message text NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX log_line_run ON log_line (run_id, id);

CREATE TABLE stored_payload (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    run_id uuid NOT NULL,
    page integer NOT NULL,
    kind text NOT NULL,
    body bytea NOT NULL
) PARTITION BY RANGE (at);
-- Compressed before it comes here (zstd); the server's own compression would only cost time.
ALTER TABLE stored_payload ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX stored_payload_page ON stored_payload (run_id, page, kind);

CREATE TABLE attempt_default PARTITION OF attempt DEFAULT;
CREATE TABLE log_line_default PARTITION OF log_line DEFAULT;
CREATE TABLE stored_payload_default PARTITION OF stored_payload DEFAULT;
"""

BACKWARD = "DROP TABLE stored_payload, log_line, attempt, item"


class Migration(migrations.Migration):
    """Tables that Django's schema editor cannot describe."""

    dependencies = [("store", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
