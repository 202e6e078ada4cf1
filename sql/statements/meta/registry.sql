-- Brokers and metaservers that live. A parameter named `now` is NULL except in tests: the database's clock decides.

-- name: read_brokers
-- Parameter: now.
SELECT broker_id, incarnation, host, port, admin_port, state + 0, version,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', started_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_heartbeat),
       TIMESTAMPDIFF(MICROSECOND, last_heartbeat, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
FROM brokers ORDER BY broker_id;

-- name: refresh_broker
-- uses-index: PRIMARY
-- The steady state: nothing but the time changes, so the version stays. Affected rows: 0 = something else did, or unknown.
UPDATE brokers SET last_heartbeat = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE broker_id = ? AND incarnation = ? AND host = ? AND port = ? AND admin_port = ? AND state = ? AND version = ?;

-- name: lock_broker
-- uses-index: PRIMARY
-- Parameters: now, id.
SELECT incarnation, host, port, state + 0,
       TIMESTAMPDIFF(MICROSECOND, last_heartbeat, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
FROM brokers WHERE broker_id = ? FOR UPDATE;

-- name: save_broker
-- started_at moves with the incarnation, which is therefore assigned after it.
-- Parameters: id, incarnation, host, port, admin port, state, version, now, now.
INSERT INTO brokers (broker_id, incarnation, host, port, admin_port, state, version, started_at, last_heartbeat)
VALUES (?, ?, ?, ?, ?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
        CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
ON DUPLICATE KEY UPDATE
    started_at = IF(incarnation = VALUES(incarnation), started_at, VALUES(started_at)),
    incarnation = VALUES(incarnation), host = VALUES(host), port = VALUES(port), admin_port = VALUES(admin_port),
    state = VALUES(state), version = VALUES(version), last_heartbeat = VALUES(last_heartbeat);

-- name: delete_broker
-- uses-index: PRIMARY
DELETE FROM brokers WHERE broker_id = ? AND incarnation = ?;

-- name: evict_broker
-- uses-index: PRIMARY
-- Affected rows: 0 = it has spoken since, came back as another incarnation, or is dead already.
-- Parameters: id, incarnation, now, session timeout in microseconds.
UPDATE brokers SET state = 'dead'
WHERE broker_id = ? AND incarnation = ? AND state <> 'dead'
  AND last_heartbeat < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND;

-- name: forget_brokers
-- Parameters: now, age in microseconds.
DELETE FROM brokers
WHERE state = 'dead' AND last_heartbeat < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND;

-- name: read_metaservers
SELECT host, port FROM metaservers ORDER BY host, port;

-- name: refresh_metaserver
-- uses-index: PRIMARY
UPDATE metaservers SET last_seen = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) WHERE host = ? AND port = ?;

-- name: insert_metaserver
INSERT IGNORE INTO metaservers (host, port, last_seen) VALUES (?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: forget_metaservers
-- Parameters: now, age in microseconds.
DELETE FROM metaservers WHERE last_seen < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND;
