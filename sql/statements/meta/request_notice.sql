-- Events of requests on their way to alert notices (alert.sql), from where they are sent. A parameter named `now` is NULL
-- except in tests.

-- name: insert_request_notice
-- In the transaction of the event. Parameters: request, event, 1 (urgent) or 0, now.
INSERT INTO change_request_notices (request, event, is_urgent, at)
VALUES (?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: read_notices_of_request
-- uses-index: by_request
-- Without locks: whoever asks holds the request. Parameters: request, event.
SELECT id FROM change_request_notices FORCE INDEX (by_request) WHERE request = ? AND event = ? AND is_urgent = 0;

-- name: count_request_notices
-- At most so many. Without locks: the limit is a rough one.
SELECT COUNT(*) FROM (SELECT 1 FROM change_request_notices LIMIT ?) AS waiting;

-- name: read_request_notices
-- The urgent ones first. Parameters: how many, how many.
(SELECT id, request, event, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), is_urgent
 FROM change_request_notices FORCE INDEX (by_urgency) WHERE is_urgent = 1 ORDER BY id LIMIT ?)
UNION ALL
(SELECT id, request, event, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), is_urgent
 FROM change_request_notices FORCE INDEX (by_urgency) WHERE is_urgent = 0 ORDER BY id LIMIT ?)
ORDER BY is_urgent DESC, id;

-- name: count_notices_of_requests
-- Within a minute. Parameter: now.
SELECT COUNT(DISTINCT notice) FROM alert_notices
WHERE queued_at >= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 1 MINUTE AND incident LIKE 'request-%';

-- name: delete_request_notice
-- uses-index: PRIMARY
-- Affected rows: 0 = somebody was quicker.
DELETE FROM change_request_notices WHERE id = ?;

-- name: expire_request_notices
-- Parameters: now, most rows.
DELETE FROM change_request_notices WHERE at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 24 HOUR
ORDER BY at LIMIT ?;
