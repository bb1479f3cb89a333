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

# A record of an earlier run: not yet sent, left in the middle, or refused for a reason that may have passed. Refused values
# are tried again when the source shows them again.
DUE = """
SELECT i.key, i.run_id, i.page, i.reference, i.id AS place
FROM item i
WHERE i.service_id = %(service)s
  AND i.id > %(after)s
  AND i.run_id IS DISTINCT FROM %(run)s
  AND (i.status IN ('sending', 'waiting', 'pending')
       OR (i.status = 'uncertain' AND %(settles)s AND i.attempts < %(attempts)s)
       OR (i.status = 'failed' AND i.attempts < %(attempts)s
           AND i.error_class IN ('connection', 'authentication', 'intermittent', 'rate limit', 'missing')))
ORDER BY i.id
LIMIT %(limit)s
"""

PAGE_RESULTS = """
SELECT status, count(*) AS count FROM item
WHERE run_id = %s AND page = %s AND status NOT IN ('sending', 'waiting') GROUP BY status
"""

OPEN_PAGE = """
INSERT INTO store_runpage (run_id, number, cursor, next, last, bad, ack, state, high, acknowledged, complete, counts, stored_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, false, false, '{}', %s)
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
# only while the content is the same; a success starts anew.
RECORD = """
WITH told AS (
    SELECT * FROM jsonb_to_recordset(%(results)s::jsonb) AS t (
        at timestamptz, page int, key text, reference text, status text, outcome text, remote_id text, error_class text,
        error_key text, message text, field text, hint text, detail text, evidence jsonb,
        content text, attempts int, latest boolean)
), reported AS (
    INSERT INTO attempt (at, service_id, run_id, page, key, reference, status, outcome, remote_id, error_class, error_key,
                         message, field, hint, detail, evidence)
    SELECT at, %(service)s::bigint, %(run)s::uuid, page, key, reference, status, outcome, remote_id,
           COALESCE(error_class, ''), COALESCE(error_key, ''), COALESCE(message, ''), COALESCE(field, ''),
           COALESCE(hint, ''), COALESCE(detail, ''), evidence
    FROM told
)
INSERT INTO item AS i (service_id, run_id, key, reference, status, attempts, content, remote_id, page, error_class, at, first_at)
SELECT %(service)s::bigint, %(run)s::uuid, key, reference, status, attempts, decode(content, 'hex'), remote_id, page,
       COALESCE(error_class, ''), at, at
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
    at = excluded.at
"""

COMMITTED = "SELECT 1 FROM attempt WHERE run_id = %s AND page = %s AND key = %s AND at = %s LIMIT 1"

END_PAGE = "UPDATE store_runpage SET complete = true, counts = %s WHERE run_id = %s AND number = %s AND NOT complete"

ADD_COUNTS = """
UPDATE store_run SET pulled = pulled + %s, filtered = filtered + %s, skipped = skipped + %s, unchanged = unchanged + %s,
    ok = ok + %s, sent = sent + %s, failed = failed + %s, pending = pending + %s, uncertain = uncertain + %s
WHERE id = %s
"""

MOVE_SERVICE = """
UPDATE store_service SET watermark = GREATEST(watermark, %s), reader_state = COALESCE(%s, reader_state) WHERE id = %s
"""

ACKNOWLEDGED = "UPDATE store_runpage SET acknowledged = true WHERE run_id = %s AND number = %s"

PAUSED = """
UPDATE store_run SET status = CASE WHEN %s THEN 'paused' ELSE 'running' END, reason = %s
WHERE id = %s AND status IN ('running', 'paused')
"""
