-- Partition state and producer snapshots: one row per partition on this data node.

-- name: create_partition_state
-- Harmless when the row exists: it is left as it is.
INSERT INTO partition_state (topic_id, partition_index, topic_name, schema_index, created_at)
VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE topic_name = VALUES(topic_name);

-- name: read_log_start
-- uses-index: PRIMARY
SELECT log_start_offset FROM partition_state WHERE topic_id = ? AND partition_index = ?;

-- name: delete_partition_state
-- uses-index: PRIMARY
DELETE FROM partition_state WHERE topic_id = ? AND partition_index = ?;

-- name: delete_partition_offsets
-- uses-index: by_partition
DELETE FROM group_offsets WHERE topic_id = ? AND partition_index = ?;

-- name: delete_partition_retries
-- In parts: there may be many, and each is a whole message. So are the next ones.
-- Parameters: topic, partition, how many.
-- uses-index: by_partition
DELETE FROM retry_messages WHERE topic_id = ? AND partition_index = ? LIMIT ?;

-- name: delete_partition_dead_letters
-- uses-index: by_partition
DELETE FROM dead_letters WHERE topic_id = ? AND partition_index = ? LIMIT ?;

-- name: delete_partition_delayed
-- uses-index: PRIMARY
DELETE FROM delayed_messages WHERE topic_id = ? AND partition_index = ? LIMIT ?;

-- name: delete_partition_delayed_producers
-- uses-index: PRIMARY
DELETE FROM delayed_producers WHERE topic_id = ? AND partition_index = ? LIMIT ?;

-- name: delete_producer_snapshot
-- uses-index: PRIMARY
DELETE FROM producer_snapshots WHERE topic_id = ? AND partition_index = ?;

-- name: load_producer_snapshot
-- uses-index: PRIMARY
SELECT through_offset, state FROM producer_snapshots WHERE topic_id = ? AND partition_index = ?;

-- name: save_producer_snapshot
-- A stored snapshot that goes further stays. through_offset is assigned last: the others compare with the stored one.
INSERT INTO producer_snapshots (topic_id, partition_index, through_offset, state, saved_at)
VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE
    state = IF(VALUES(through_offset) >= through_offset, VALUES(state), state),
    saved_at = IF(VALUES(through_offset) >= through_offset, VALUES(saved_at), saved_at),
    through_offset = GREATEST(through_offset, VALUES(through_offset));
