-- The outbox, in a team's schema. The parameter `now` is NULL except in tests: the database's clock decides. Times of leases
-- and waits are microseconds. What works on many rows is built by sql/store/outbox_text.cc.

-- name: open_outbox_session
-- Parameters: name, wake address, now, ttl, now.
INSERT INTO lanemq_outbox_session (epoch, name, wake_address, lease_until, started_at)
VALUES (1, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: opened_outbox_session
SELECT LAST_INSERT_ID();

-- name: renew_outbox_session
-- uses-index: PRIMARY
-- Affected rows: 1 = extended; 0 = taken over or gone. Parameters: now, ttl, session, epoch.
UPDATE lanemq_outbox_session
SET lease_until = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND
WHERE session_id = ? AND epoch = ?;

-- name: read_outbox_view
-- A row per session and bucket of it. Parameter: now.
SELECT s.session_id, s.epoch, s.name, s.wake_address,
       s.lease_until > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), b.bucket
FROM lanemq_outbox_session s LEFT JOIN lanemq_outbox_bucket b ON b.session_id = s.session_id
ORDER BY s.session_id, b.bucket;

-- name: lock_outbox_session
-- uses-index: PRIMARY
-- The fence of a transaction.
SELECT epoch FROM lanemq_outbox_session WHERE session_id = ? FOR UPDATE;

-- name: store_outbox_plan
-- uses-index: PRIMARY
-- The fence as well, when it comes first. Affected rows: 0 = fenced. Parameters: plan, session, epoch.
UPDATE lanemq_outbox_session SET plan = ? WHERE session_id = ? AND epoch = ?;

-- name: lock_dead_outbox_session
-- No row: it lives, is gone, or somebody is writing to it right now. Parameters: session, now.
SELECT epoch, plan FROM lanemq_outbox_session
WHERE session_id = ? AND lease_until <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) FOR UPDATE SKIP LOCKED;

-- name: adopt_outbox_session
-- uses-index: PRIMARY
-- The row is locked by lock_dead_outbox_session. Parameters: epoch, now, ttl, session.
UPDATE lanemq_outbox_session
SET epoch = ?, lease_until = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND
WHERE session_id = ?;

-- name: adopted_outbox_plans
-- Of sessions that somebody took over: a few. Parameter: the session that asks.
SELECT plan FROM lanemq_outbox_session WHERE session_id <> ? AND epoch > 1 AND plan IS NOT NULL ORDER BY session_id;

-- name: own_outbox_buckets
SELECT bucket FROM lanemq_outbox_bucket WHERE session_id = ? ORDER BY bucket;

-- name: free_outbox_buckets
-- uses-index: by_session
-- The hint keeps it from waiting for rows of other sessions.
DELETE b FROM lanemq_outbox_bucket b FORCE INDEX (by_session) WHERE b.session_id = ?;

-- name: close_outbox_session
-- uses-index: PRIMARY
DELETE FROM lanemq_outbox_session WHERE session_id = ?;

-- name: published_outbox_fronts
-- Buckets whose oldest published row is due to go, oldest first. Parameters: now, keep in seconds.
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 255)
SELECT f.bucket FROM
  (SELECT n.i AS bucket,
          (SELECT o.published_at FROM lanemq_outbox o FORCE INDEX (PRIMARY)
           WHERE o.state = 3 AND o.bucket = n.i ORDER BY o.id LIMIT 1) AS published_at
   FROM n) f
WHERE f.published_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? SECOND
ORDER BY f.published_at;

-- name: outbox_stats
-- Counts stop at 100,000 (OutboxStats::kCountMax), of published rows at 1,000 (kPublishedCountMax).
-- The oldest is the oldest of the buckets' first rows. Parameter: now.
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 255)
SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM lanemq_outbox WHERE state = 0 LIMIT 100000) ready),
       (SELECT COUNT(*) FROM (SELECT 1 FROM lanemq_outbox WHERE state = 1 LIMIT 100000) held),
       (SELECT COUNT(*) FROM (SELECT 1 FROM lanemq_outbox WHERE state = 2 LIMIT 100000) dead),
       (SELECT COUNT(*) FROM (SELECT 1 FROM lanemq_outbox WHERE state = 3 LIMIT 1000) published),
       (SELECT COUNT(*) FROM (SELECT 1 FROM lanemq_outbox_hold LIMIT 100000) holds),
       256 - (SELECT COUNT(*) FROM lanemq_outbox_bucket),
       (SELECT GREATEST(0, COALESCE(MAX(TIMESTAMPDIFF(MICROSECOND, f.created_at,
               CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))), 0)) FROM
         (SELECT (SELECT o.created_at FROM lanemq_outbox o FORCE INDEX (PRIMARY)
                  WHERE o.state = 0 AND o.bucket = n.i ORDER BY o.id LIMIT 1) AS created_at FROM n
          UNION ALL
          SELECT (SELECT o.created_at FROM lanemq_outbox o FORCE INDEX (PRIMARY)
                  WHERE o.state = 1 AND o.bucket = n.i ORDER BY o.id LIMIT 1) FROM n) f);
