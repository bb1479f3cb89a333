"""The ledger's statements. A group of rows goes in as one JSON value: writing it costs a tenth of what arrays do."""

PAGES = """
SELECT number, cursor, next, last, bad, ack, acknowledged, state, high, complete, counts
FROM store_runpage WHERE run_id = %(run)s ORDER BY number
"""

PAYLOAD = "SELECT body FROM stored_payload WHERE run_id = %s AND page = %s AND kind = 'pulled' ORDER BY id LIMIT 1"

KNOW = """
SELECT key, status, attempts, content, remote_id, run_id, page
FROM item WHERE service_id = %s AND key = ANY(%s)
"""

#: Classes of errors whose reason may have passed by the next run: it tries those records again by itself.
PASSING = ("connection", "authentication", "intermittent", "rate limit", "missing")

# A record of an earlier run: not yet sent, left in the middle, or refused for a reason that may have passed. Refused values
# are tried again when the source shows them again.
_TO_RETRY = f"""
(i.status IN ('sending', 'waiting', 'pending')
 OR (i.status = 'uncertain' AND %(settles)s AND i.attempts < %(attempts)s)
 OR (i.status = 'failed' AND i.attempts < %(attempts)s
     AND i.error_class IN {PASSING}))
"""

DUE = f"""
SELECT i.key, i.run_id, i.page, i.reference, i.id AS place
FROM item i
WHERE i.service_id = %(service)s
  AND i.id > %(after)s
  AND i.run_id IS DISTINCT FROM %(run)s
  AND {_TO_RETRY}
ORDER BY i.id
LIMIT %(limit)s
"""

# Whether a run would have any.
WAITS = f"SELECT EXISTS (SELECT FROM item i WHERE i.service_id = %(service)s AND {_TO_RETRY})"

# Items that a person chose, whatever their state, and where their records are stored.
CHOSEN = """
SELECT i.key, i.run_id, i.page, i.reference, i.id AS place
FROM item i
WHERE i.service_id = %(service)s AND i.key = ANY(%(keys)s) AND i.id > %(after)s AND i.run_id IS DISTINCT FROM %(run)s
ORDER BY i.id
LIMIT %(limit)s
"""

# From the report, which is found by run and page; what became of the items since does not count.
PAGE_RESULTS = """
SELECT status, count(*) AS count FROM (
    SELECT DISTINCT ON (key) status FROM attempt WHERE run_id = %s AND page = %s ORDER BY key, id DESC
) AS last GROUP BY status
"""

OPEN_PAGE = """
INSERT INTO store_runpage (run_id, number, cursor, next, last, bad, ack, state, high, acknowledged, complete, counts, stored_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, false, false, %s, %s)
"""

STORE_PAYLOAD = "INSERT INTO stored_payload (at, run_id, page, kind, body) VALUES (%s, %s, %s, 'pulled', %s)"

INTEND = """
INSERT INTO item AS i (service_id, run_id, page, at, first_at, status, key, reference, content)
SELECT s.service_id, s.run_id, s.page, s.at, s.at, 'sending', u.key, u.reference, decode(u.content, 'hex')
FROM (SELECT %s::bigint AS service_id, %s::uuid AS run_id, %s::int AS page, %s::timestamptz AS at) s,
     jsonb_to_recordset(%s::jsonb) AS u (key text, reference text, content text)
ON CONFLICT (service_id, key) DO UPDATE
SET status = 'sending', run_id = excluded.run_id, page = excluded.page, at = excluded.at, reference = excluded.reference,
    attempts = CASE WHEN excluded.content = i.content THEN i.attempts ELSE 0 END,
    content = excluded.content
"""

WITHDRAW = """
UPDATE item SET status = 'waiting'
WHERE service_id = %s AND key = ANY(%s) AND status = 'sending'
"""

# A group in one statement: its rows of the report, and what each item has come to. A failure counts on top of earlier ones
# only while the content is the same; a success starts anew, and leaves the item the cause that it had before.
_RECORD = """
WITH told AS (
    SELECT * FROM jsonb_to_recordset(%(results)s::jsonb) AS t (
        at timestamptz, page int, key text, reference text, status text, outcome text, remote_id text, error_class text,
        error_key text, message text, field text, hint text, detail text, evidence jsonb,
        content text, attempts int, latest boolean{told})
), reported AS (
    INSERT INTO attempt (at, service_id, run_id, page, key, reference, status, outcome, remote_id, error_class, error_key,
                         message, field, hint, detail, evidence{column})
    SELECT at, %(service)s::bigint, %(run)s::uuid, page, key, reference, status, outcome, remote_id,
           COALESCE(error_class, ''), COALESCE(error_key, ''), COALESCE(message, ''), COALESCE(field, ''),
           COALESCE(hint, ''), COALESCE(detail, ''), evidence{column}
    FROM told
){beside}
INSERT INTO item AS i (service_id, run_id, key, reference, status, attempts, content, remote_id, page, error_class, at,
                       first_at{column})
SELECT %(service)s::bigint, %(run)s::uuid, key, reference, status, attempts, decode(content, 'hex'), remote_id, page,
       COALESCE(error_class, ''), at, at{column}
FROM told WHERE latest
ON CONFLICT (service_id, key) DO UPDATE
SET run_id = excluded.run_id,
    reference = excluded.reference,
    status = excluded.status,
    attempts = CASE WHEN excluded.status IN ('ok', 'sent') THEN 0
                    WHEN excluded.content = i.content OR excluded.content = '' THEN i.attempts + excluded.attempts
                    ELSE excluded.attempts END,
    content = CASE WHEN excluded.content = '' THEN i.content ELSE excluded.content END,
    remote_id = CASE WHEN excluded.remote_id = '' THEN i.remote_id ELSE excluded.remote_id END,
    page = excluded.page,
    error_class = excluded.error_class,
    at = excluded.at{update}
"""

# The error desk, in the same statement: a group for each cause, open again if it was closed, and its failures of the day.
_DESK = """, causes AS (
    SELECT cause, min(kin) AS kin, min(error_class) AS error_class, min(error_key) AS error_key, min(sentence) AS sentence,
           min(place) AS place, (array_agg(message ORDER BY at DESC))[1] AS message,
           (array_agg(hint ORDER BY at DESC))[1] AS hint, count(*) AS seen, min(at) AS first_at, max(at) AS last_at
    FROM told WHERE cause IS NOT NULL GROUP BY cause ORDER BY cause
), desk AS (
    INSERT INTO store_errorgroup AS g (id, kin, service_id, error_class, error_key, sentence, place, message, hint, seen,
                                       first_at, last_at)
    SELECT cause, kin, %(service)s::bigint, COALESCE(error_class, ''), COALESCE(error_key, ''), sentence, place,
           COALESCE(message, ''), COALESCE(hint, ''), seen, first_at, last_at
    FROM causes
    ON CONFLICT (id) DO UPDATE
    SET message = excluded.message, hint = excluded.hint, seen = g.seen + excluded.seen,
        last_at = GREATEST(g.last_at, excluded.last_at),
        returned = g.returned + CASE WHEN g.state = 'resolved' THEN 1 ELSE 0 END,
        state = CASE WHEN g.state = 'resolved' OR (g.state = 'ignored' AND g.ignored_until <= excluded.last_at) THEN 'open'
                     ELSE g.state END
), days AS (
    INSERT INTO store_errorday AS d (group_id, day, count)
    SELECT cause, (last_at AT TIME ZONE 'UTC')::date, seen FROM causes
    ON CONFLICT (group_id, day) DO UPDATE SET count = d.count + excluded.count
)"""

#: When all went through.
RECORD = _RECORD.format(told="", column="", beside="", update="")
RECORD_TROUBLE = _RECORD.format(
    told=", cause bigint, kin bigint, sentence text, place text",
    column=", cause",
    beside=_DESK,
    update=", cause = COALESCE(excluded.cause, i.cause)",
)

COMMITTED = "SELECT 1 FROM attempt WHERE run_id = %s AND page = %s AND key = %s AND at = %s LIMIT 1"

END_PAGE = "UPDATE store_runpage SET complete = true, counts = %s WHERE run_id = %s AND number = %s AND NOT complete"

_COUNTS = ("pulled", "filtered", "skipped", "unchanged", "ok", "sent", "failed", "pending", "uncertain")
# The run's figures, and the service's of the day.
ADD_COUNTS = f"""
WITH counted AS (
    UPDATE store_run SET {", ".join(f"{n} = {n} + %({n})s::bigint" for n in _COUNTS)}
    WHERE id = %(run)s RETURNING service_id
)
INSERT INTO store_dayvolume AS v (service_id, day, {", ".join(_COUNTS)})
SELECT service_id, (now() AT TIME ZONE 'UTC')::date, {", ".join(f"%({n})s::bigint" for n in _COUNTS)} FROM counted
ON CONFLICT (day, service_id) DO UPDATE SET {", ".join(f"{n} = v.{n} + excluded.{n}" for n in _COUNTS)}
"""

MOVE_SERVICE = """
UPDATE store_service SET watermark = GREATEST(watermark, %s), reader_state = COALESCE(%s, reader_state) WHERE id = %s
"""

ACKNOWLEDGED = "UPDATE store_runpage SET acknowledged = true WHERE run_id = %s AND number = %s"

PAUSED = """
UPDATE store_run SET status = CASE WHEN %s THEN 'paused' ELSE 'running' END, reason = %s
WHERE id = %s AND status IN ('running', 'paused')
"""
