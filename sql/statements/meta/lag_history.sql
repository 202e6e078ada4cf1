-- Lag over time. A parameter named `now` is NULL except in tests: the database's clock decides. Other times are microseconds
-- since 1970. Rows are written by sql/store/lag_history_text.

-- name: read_lag_clock
-- Parameter: now.
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: roll_up_lag
-- One bucket of the next tier. What is the last of a bucket is found by MAX of time and value; both have a fixed width in front.
-- Parameters: next tier, its bucket, tier, bucket, end of the bucket.
INSERT INTO lag_history
    (tier, at, group_id, topic_id, lag_messages, lag_messages_max, lag_ms_max, produced, consumed, members, worst_status,
     partitions)
SELECT ?, CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6)), group_id, topic_id,
       CAST(SUBSTRING(MAX(CONCAT(DATE_FORMAT(at, '%Y%m%d%H%i%s'), lag_messages)), 15) AS SIGNED),
       MAX(lag_messages_max), MAX(lag_ms_max), SUM(produced), SUM(consumed),
       CAST(SUBSTRING(MAX(CONCAT(DATE_FORMAT(at, '%Y%m%d%H%i%s'), members)), 15) AS SIGNED),
       COALESCE(ELT(MAX(FIELD(worst_status, 'OK', 'NEW', 'PAUSED', 'WARN', 'REWIND', 'SLOW', 'STALL', 'STOP', 'LOST')),
                    'OK', 'NEW', 'PAUSED', 'WARN', 'REWIND', 'SLOW', 'STALL', 'STOP', 'LOST'), ''),
       NULL
FROM lag_history AS fine
WHERE tier = ? AND at >= CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
  AND at < CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
GROUP BY group_id, topic_id
ON DUPLICATE KEY UPDATE
    lag_messages = VALUES(lag_messages), lag_messages_max = VALUES(lag_messages_max), lag_ms_max = VALUES(lag_ms_max),
    produced = VALUES(produced), consumed = VALUES(consumed), members = VALUES(members),
    worst_status = VALUES(worst_status);

-- name: expire_lag
-- uses-index: PRIMARY
-- Parameters: tier, the first time that is kept, limit.
DELETE FROM lag_history
WHERE tier = ? AND at < CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
ORDER BY tier, at, group_id, topic_id LIMIT ?;

-- name: read_newest_lag
-- uses-index: PRIMARY
-- Parameters: the oldest time, limit.
SELECT lag_history.group_id, lag_history.topic_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', lag_history.at), lag_messages,
       lag_messages_max, lag_ms_max, produced, consumed, members, worst_status, partitions
FROM (SELECT group_id, topic_id, MAX(at) AS at FROM lag_history
      WHERE tier = 0 AND at >= CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
      GROUP BY group_id, topic_id) AS newest
STRAIGHT_JOIN lag_history ON lag_history.tier = 0 AND lag_history.at = newest.at
  AND lag_history.group_id = newest.group_id AND lag_history.topic_id = newest.topic_id
ORDER BY lag_history.group_id, lag_history.topic_id LIMIT ?;

-- name: read_lag
-- uses-index: by_group
-- Parameters: group, topic, tier, first and last time, limit.
SELECT group_id, topic_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), lag_messages, lag_messages_max, lag_ms_max, produced,
       consumed, members, worst_status, NULL
FROM lag_history FORCE INDEX (by_group)
WHERE group_id = ? AND topic_id = ? AND tier = ? AND at >= CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
  AND at <= CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
ORDER BY at LIMIT ?;

-- name: read_produced_in_hour
-- uses-index: PRIMARY
-- Parameters: hour, limit.
SELECT group_id, topic_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), lag_messages, lag_messages_max, lag_ms_max, produced,
       consumed, members, worst_status, NULL
FROM lag_history
WHERE tier = 2 AND at = CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6)) AND group_id = ''
ORDER BY topic_id LIMIT ?;

-- name: read_last_uses
-- uses-index: PRIMARY
-- Parameter: limit.
SELECT topic_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', watched_since),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', produced_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', consumed_at), produced,
       consumed
FROM topic_last_use FORCE INDEX (PRIMARY)
ORDER BY topic_id LIMIT ?;

-- name: read_uses_to_forget
-- Of topics that are gone. Never a part of what deletes: that would lock rows of topics. Parameter: limit.
SELECT topic_last_use.topic_id
FROM topic_last_use LEFT JOIN topics ON topics.topic_id = topic_last_use.topic_id
WHERE topics.topic_id IS NULL
ORDER BY topic_last_use.topic_id LIMIT ?;
