-- Messages with a due time, and the newest sequences of who scheduled them.

-- name: lock_delayed_producer
-- uses-index: PRIMARY
SELECT last_sequence FROM delayed_producers WHERE topic_id = ? AND partition_index = ? AND producer_id = ? FOR UPDATE;

-- name: insert_delayed_producer
-- Fails when another transaction was the first.
-- Parameters: topic, partition, producer, last sequence.
INSERT INTO delayed_producers (topic_id, partition_index, producer_id, last_sequence, used_at)
VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6));

-- name: raise_delayed_producer
-- uses-index: PRIMARY
UPDATE delayed_producers SET last_sequence = ?, used_at = UTC_TIMESTAMP(6)
WHERE topic_id = ? AND partition_index = ? AND producer_id = ?;

-- name: cancel_delayed
-- Waits for a mover that has the row.
-- uses-index: PRIMARY
DELETE FROM delayed_messages
WHERE topic_id = ? AND partition_index = ? AND due_us = ? AND producer_id = ? AND sequence = ?;

-- name: read_node_clock
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6));

-- name: list_delayed
-- Rows of a partition after one of them. Parameters: topic, partition, due, due, producer, producer, sequence, limit.
-- uses-index: PRIMARY
SELECT due_us, producer_id, sequence, codec, `key`, headers, body FROM delayed_messages
WHERE topic_id = ? AND partition_index = ? AND due_us >= ?
  AND (due_us > ? OR producer_id > ? OR (producer_id = ? AND sequence > ?))
ORDER BY topic_id, partition_index, due_us, producer_id, sequence LIMIT ?;

-- name: read_delayed_fronts
-- One look per partition: a loose scan of the primary key. Of a partition that arrives there are copies, which nobody moves.
-- uses-index: PRIMARY
SELECT f.topic_id, f.partition_index, f.first_due
FROM (SELECT topic_id, partition_index, MIN(due_us) AS first_due FROM delayed_messages GROUP BY topic_id, partition_index) f
WHERE NOT EXISTS (
  SELECT 1 FROM partition_arrivals a
  WHERE a.topic_id = f.topic_id AND a.partition_index = f.partition_index AND a.state <> 'opened');

-- name: read_due
-- What is due from a time on, and how big it is. Not locked: a locking range would touch the next partition's first row.
-- Parameters: topic, partition, from, limit.
-- uses-index: PRIMARY
SELECT due_us, producer_id, sequence,
       COALESCE(LENGTH(`key`), 0) + COALESCE(LENGTH(headers), 0) + COALESCE(LENGTH(body), 0)
FROM delayed_messages
WHERE topic_id = ? AND partition_index = ? AND due_us >= ?
  AND due_us <= TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))
ORDER BY topic_id, partition_index, due_us, producer_id, sequence LIMIT ?;

-- name: read_next_due
-- Parameters: topic, partition, from.
-- uses-index: PRIMARY
SELECT due_us FROM delayed_messages WHERE topic_id = ? AND partition_index = ? AND due_us >= ?
ORDER BY topic_id, partition_index, due_us LIMIT 1;

-- name: expire_delayed_producers
-- Parameters: microseconds since they were last used, limit.
-- Those of a partition that moves stay: what was copied and what was left must be the same.
DELETE FROM delayed_producers
WHERE used_at < UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND AND NOT EXISTS (
  SELECT 1 FROM partition_state s
  WHERE s.topic_id = delayed_producers.topic_id AND s.partition_index = delayed_producers.partition_index
    AND s.state = 'moving') AND NOT EXISTS (
  SELECT 1 FROM partition_arrivals a
  WHERE a.topic_id = delayed_producers.topic_id AND a.partition_index = delayed_producers.partition_index
    AND a.state = 'arriving')
LIMIT ?;
