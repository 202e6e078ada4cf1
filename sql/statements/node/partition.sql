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
