-- Outboxes as their relays report them. A parameter named `now` is NULL except in tests: the database's clock decides.

-- name: refresh_outbox_report
-- uses-index: PRIMARY
-- The steady state. Affected rows: 0 = the outbox is new, or another reports it and was heard of within a day.
-- Parameters: relay, reporter, reporter, ready, held, dead, holds, oldest age in milliseconds, relays, unowned buckets,
-- published, failed, last error, version, now, name, reporter, reporter, now. An empty reporter is whoever it was before.
UPDATE outboxes
SET relay = ?, reporter = IF(? = '', reporter, ?), ready = ?, held = ?, dead = ?, holds = ?, oldest_age_ms = ?, relays = ?, unowned_buckets = ?,
       published = ?, failed = ?, last_error = ?, version = ?, reported_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE name = ?
  AND (? = '' OR reporter IN ('', ?)
       OR reported_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 1 DAY);

-- name: find_outbox_reporter
-- uses-index: PRIMARY
SELECT reporter FROM outboxes WHERE name = ?;

-- name: insert_outbox_report
-- Affected rows: 0 = it is there, or there are too many.
-- Parameters: name, now, now, most outboxes.
INSERT IGNORE INTO outboxes (name, relay, ready, held, dead, oldest_age_ms, relays, unowned_buckets, first_seen, reported_at)
SELECT ?, '', 0, 0, 0, 0, 0, 0, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
       CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
FROM (SELECT COUNT(*) AS n FROM outboxes) AS known WHERE known.n < ?;

-- name: read_outbox_reports
-- Parameter: now.
SELECT name, relay, ready, held, dead, holds, oldest_age_ms, relays, unowned_buckets, published, failed, last_error, version,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', first_seen), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', reported_at),
       TIMESTAMPDIFF(MICROSECOND, reported_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
FROM outboxes ORDER BY name;

-- name: lock_outbox_report
-- uses-index: PRIMARY
-- Columns as of read_outbox_reports. Parameters: now, name.
SELECT name, relay, ready, held, dead, holds, oldest_age_ms, relays, unowned_buckets, published, failed, last_error, version,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', first_seen), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', reported_at),
       TIMESTAMPDIFF(MICROSECOND, reported_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
FROM outboxes WHERE name = ? FOR UPDATE;

-- name: delete_outbox_report
-- uses-index: PRIMARY
DELETE FROM outboxes WHERE name = ?;
