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
"""

BACKWARD = """
DROP TRIGGER alerts_run_ended ON store_run;
DROP FUNCTION alerts_run_ended();
"""


class Migration(migrations.Migration):
    """A trigger, the first half of the outbox."""

    dependencies = [("alerts", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
