-- Partition state and producer snapshots: one row per partition on this data node.

-- name: create_partition_state
-- Harmless when the row exists: it is left as it is. Nothing happens while the partition arrives: whoever makes it then is late.
-- Parameters: topic, partition, name, schema, topic, partition.
INSERT INTO partition_state (topic_id, partition_index, topic_name, schema_index, created_at)
SELECT ?, ?, ?, ?, UTC_TIMESTAMP(6) FROM DUAL WHERE NOT EXISTS (
  SELECT 1 FROM partition_arrivals WHERE topic_id = ? AND partition_index = ? AND state IN ('clearing', 'arriving'))
ON DUPLICATE KEY UPDATE topic_name = VALUES(topic_name);

-- name: share_partition
-- Whether the partition moves; it is as it is until the transaction has ended.
-- uses-index: PRIMARY
SELECT state = 'moving' FROM partition_state WHERE topic_id = ? AND partition_index = ? LOCK IN SHARE MODE;

-- name: list_partitions_here
-- At most 990 rows.
-- uses-index: PRIMARY
SELECT topic_id, partition_index FROM partition_state WHERE state <> 'moving' ORDER BY topic_id, partition_index;

-- name: read_log_start
-- Of a partition that does not move.
-- uses-index: PRIMARY
SELECT log_start_offset FROM partition_state WHERE topic_id = ? AND partition_index = ? AND state <> 'moving';

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
-- Affected rows: 0 = the partition moves, or is not here. Parameters: offset, state, topic, partition.
-- uses-index: PRIMARY
INSERT INTO producer_snapshots (topic_id, partition_index, through_offset, state, saved_at)
SELECT s.topic_id, s.partition_index, ?, ?, UTC_TIMESTAMP(6)
FROM partition_state s WHERE s.topic_id = ? AND s.partition_index = ? AND s.state <> 'moving' LOCK IN SHARE MODE
ON DUPLICATE KEY UPDATE
    state = IF(VALUES(through_offset) >= through_offset, VALUES(state), producer_snapshots.state),
    saved_at = IF(VALUES(through_offset) >= through_offset, VALUES(saved_at), saved_at),
    through_offset = GREATEST(through_offset, VALUES(through_offset));
