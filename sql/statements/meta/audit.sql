-- The audit log. Rows are appended and expire; nothing updates one. A parameter named `now` is NULL except in tests.

-- name: insert_audit_event
-- In the transaction of the change that it tells of.
-- Parameters: now, actor, on behalf of, source, request, action, kind of object, its name, before, after, reason, result.
INSERT INTO audit_events (at, actor, on_behalf_of, source, request_id, action, object_kind, object_name, before_json, after_json,
                          reason, result)
VALUES (CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: search_audit_of_object
-- An empty parameter is no condition. Parameters: kind, name, actor, actor, action, action, result, result, from and until
-- in microseconds, id before which, limit.
SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), actor, on_behalf_of, source, request_id, action, object_kind, object_name,
       before_json, after_json, reason, result + 0
FROM audit_events
WHERE object_kind = ? AND object_name = ?
  AND (? = '' OR actor = ?) AND (? = '' OR action = ?) AND (? = 0 OR result + 0 = ?)
  AND at >= CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND at < CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND id < ?
ORDER BY id DESC LIMIT ?;

-- name: search_audit_of_actor
-- Parameters: actor, kind, kind, name, name, action, action, result, result, from and until in microseconds, id before
-- which, limit.
SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), actor, on_behalf_of, source, request_id, action, object_kind, object_name,
       before_json, after_json, reason, result + 0
FROM audit_events
WHERE actor = ?
  AND (? = '' OR object_kind = ?) AND (? = '' OR object_name = ?) AND (? = '' OR action = ?) AND (? = 0 OR result + 0 = ?)
  AND at >= CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND at < CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND id < ?
ORDER BY id DESC LIMIT ?;

-- name: search_audit
-- Parameters: kind, kind, name, name, action, action, result, result, from and until in microseconds, id before which,
-- limit.
SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), actor, on_behalf_of, source, request_id, action, object_kind, object_name,
       before_json, after_json, reason, result + 0
FROM audit_events
WHERE (? = '' OR object_kind = ?) AND (? = '' OR object_name = ?) AND (? = '' OR action = ?) AND (? = 0 OR result + 0 = ?)
  AND at >= CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND at < CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND id < ?
ORDER BY id DESC LIMIT ?;

-- name: expire_audit_events
-- Parameters: now, age in microseconds, limit.
DELETE FROM audit_events
WHERE at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND
ORDER BY at LIMIT ?;
