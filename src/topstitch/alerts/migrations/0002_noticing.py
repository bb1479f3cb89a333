"""What ends or changes notes itself, in the transaction that does it: whatever code that is, none of it can be forgotten."""

from __future__ import annotations

from django.db import migrations

FORWARD = """
CREATE FUNCTION alerts_run_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO alerts_runend (run_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER alerts_run_ended AFTER UPDATE OF ended_at ON store_run
FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION alerts_run_ended();

CREATE FUNCTION alerts_connector_checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO alerts_connectorcheck (connector_id, at, status, detail, judged)
    VALUES (NEW.id, NEW.checked_at, NEW.status, NEW.status_detail, false);
    RETURN NULL;
END $$;
CREATE TRIGGER alerts_connector_checked AFTER UPDATE OF checked_at ON store_connector
FOR EACH ROW WHEN (NEW.checked_at IS NOT NULL AND NEW.checked_at IS DISTINCT FROM OLD.checked_at)
EXECUTE FUNCTION alerts_connector_checked();
"""

BACKWARD = """
DROP TRIGGER alerts_connector_checked ON store_connector;
DROP FUNCTION alerts_connector_checked();
DROP TRIGGER alerts_run_ended ON store_run;
DROP FUNCTION alerts_run_ended();
"""


class Migration(migrations.Migration):
    """Two triggers, the first halves of the outbox."""

    dependencies = [("alerts", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
