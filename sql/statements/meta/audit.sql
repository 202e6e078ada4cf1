-- The audit log. Rows are appended and expire; nothing updates one. A parameter named `now` is NULL except in tests.

-- name: insert_audit_event
-- In the transaction of the change that it tells of.
-- Parameters: now, actor, on behalf of, source, request, action, kind of object, its name, before, after, reason, result.
INSERT INTO audit_events (at, actor, on_behalf_of, source, request_id, action, object_kind, object_name, before_json, after_json,
                          reason, result)
VALUES (CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_audit_object
-- Of the event that this connection appended last. Parameters: kind, name.
INSERT IGNORE INTO audit_objects (object_kind, object_name, event_id) VALUES (?, ?, LAST_INSERT_ID());

-- name: read_audit_mark
-- Of the event that this connection appended last.
SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at) FROM audit_events WHERE id = LAST_INSERT_ID();

-- name: find_audit_mark
-- Whether a transaction whose reply was lost has happened: waits until it has ended. Parameters: id, time in microseconds.
SELECT 1 FROM audit_events
WHERE id = ? AND at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
FOR UPDATE;

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

-- name: search_audit_about_object
-- Events of other objects that are about this one, too. Parameters as of search_audit_of_object.
SELECT audit_events.id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), actor, on_behalf_of, source, request_id, action,
       audit_events.object_kind, audit_events.object_name, before_json, after_json, reason, result + 0
FROM audit_objects JOIN audit_events ON audit_events.id = audit_objects.event_id
WHERE audit_objects.object_kind = ? AND audit_objects.object_name = ?
  AND (? = '' OR actor = ?) AND (? = '' OR action = ?) AND (? = 0 OR result + 0 = ?)
  AND at >= CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND at < CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND audit_objects.event_id < ?
ORDER BY audit_objects.event_id DESC LIMIT ?;

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

-- name: read_audit_floor
-- From which event on a search has to look; no row: there is none so new. Events that are written at the same time get their
-- ids and times in different orders: a minute is far more than they are apart.
-- Parameters: from in microseconds, or NULL: 7 days before the next two; now; until in microseconds.
SELECT id FROM audit_events
WHERE at >= COALESCE(CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
                     LEAST(CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
                           CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND) - INTERVAL 7 DAY) - INTERVAL 1 MINUTE
ORDER BY at, id LIMIT 1;

-- name: search_audit
-- Parameters: kind, kind, name, name, action, action, result, result, from and until in microseconds, id before which,
-- id from which (read_audit_floor), limit.
SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), actor, on_behalf_of, source, request_id, action, object_kind, object_name,
       before_json, after_json, reason, result + 0
FROM audit_events
WHERE (? = '' OR object_kind = ?) AND (? = '' OR object_name = ?) AND (? = '' OR action = ?) AND (? = 0 OR result + 0 = ?)
  AND at >= CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND at < CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
  AND id < ? AND id >= ?
ORDER BY id DESC LIMIT ?;

-- name: expire_audit_events
-- Parameters: now, age in microseconds, limit.
DELETE FROM audit_events
WHERE at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND
ORDER BY at LIMIT ?;

-- name: expire_audit_objects
-- Of events that are gone. Parameter: limit.
DELETE FROM audit_objects WHERE event_id < (SELECT COALESCE(MIN(id), 0) FROM audit_events)
ORDER BY event_id LIMIT ?;
