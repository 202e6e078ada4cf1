-- Canaries and their newest reports. A parameter named `now` is NULL except in tests: the database's clock decides.

-- name: refresh_canary_report
-- uses-index: PRIMARY
-- The steady state. Affected rows: 0 = the canary is new.
-- Parameters: ok, late, lost, duplicates, produce errors, p50 and p99 in microseconds, age of the last one that was ok in
-- milliseconds, last error, now, instance, node.
UPDATE canaries SET ok = ?, late = ?, lost = ?, duplicates = ?, produce_errors = ?, p50_us = ?, p99_us = ?, last_ok_age_ms = ?,
       last_error = ?, reported_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE instance = ? AND node = ?;

-- name: insert_canary_report
-- Affected rows: 0 = it is there, or there are too many.
-- Parameters: instance, node, now, most rows.
INSERT IGNORE INTO canaries (instance, node, ok, late, lost, duplicates, produce_errors, p50_us, p99_us, last_ok_age_ms, reported_at)
SELECT ?, ?, 0, 0, 0, 0, 0, 0, 0, 0, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
FROM (SELECT COUNT(*) AS n FROM canaries) AS known WHERE known.n < ?;

-- name: read_canary_reports
-- Parameter: now.
SELECT instance, node, ok, late, lost, duplicates, produce_errors, p50_us, p99_us, last_ok_age_ms, last_error,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', reported_at),
       TIMESTAMPDIFF(MICROSECOND, reported_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
FROM canaries ORDER BY instance, node;

-- name: forget_silent_canary
-- uses-index: PRIMARY
-- By the key of one that was read as silent; the time, since it may have reported meanwhile.
-- Parameters: instance, node, now, seconds.
DELETE FROM canaries
WHERE instance = ? AND node = ? AND reported_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? SECOND;
