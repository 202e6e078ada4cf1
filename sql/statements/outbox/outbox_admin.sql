-- What people do with an outbox, in a team's schema.

-- name: list_outbox_holds
-- Parameters: now, limit.
SELECT bucket, topic, domain, attempts,
       TIMESTAMPDIFF(MICROSECOND, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), next_attempt_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', since), last_error
FROM lanemq_outbox_hold ORDER BY since, bucket, topic, domain LIMIT ?;

-- name: retry_outbox_holds
-- Parameters: now, now.
UPDATE lanemq_outbox_hold SET next_attempt_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE next_attempt_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6));

-- name: read_outbox_plans
SELECT plan FROM lanemq_outbox_session WHERE plan IS NOT NULL;
