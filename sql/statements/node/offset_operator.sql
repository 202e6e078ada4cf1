-- What operators do to the offsets of a group on this data node: resets and pauses.

-- name: newest_reset
-- Epochs go on after a group was deleted and made again: its resets are kept. (The optimizer reads the end of
-- the primary key and explains it as no table at all.)
SELECT COALESCE(MAX(reset_epoch), 0) FROM group_resets WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: reset_offset
-- The owner stays; its next commit, of the older epoch, is refused.
-- Parameters: group, topic, partition, offset, epoch.
INSERT INTO group_offsets
    (group_id, topic_id, partition_index, committed_offset, reset_epoch, committed_at)
VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE
    committed_offset = VALUES(committed_offset), reset_epoch = VALUES(reset_epoch), metadata = '',
    claims = 0, attempt_offset = 0, attempts = 0,
    committed_at = GREATEST(VALUES(committed_at), committed_at + INTERVAL 1 MICROSECOND);

-- name: record_reset
-- Parameters: group, topic, partition, epoch, old offset or NULL, new offset, who, why.
INSERT INTO group_resets
    (group_id, topic_id, partition_index, reset_epoch, old_offset, new_offset, requested_by, reason, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6));

-- name: read_resets
-- By the prefix of the primary key; a person has made each of them, so there are few to sort.
SELECT topic_id, partition_index, reset_epoch, old_offset, new_offset, requested_by, reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at)
FROM group_resets WHERE group_id = ? ORDER BY at DESC, reset_epoch DESC, topic_id, partition_index LIMIT ?;

-- name: pause_offset
-- Parameters: group, topic, partition, until in microseconds since 1970 or NULL, who, why.
INSERT INTO group_pauses (group_id, topic_id, partition_index, paused_until, requested_by, reason, paused_at)
VALUES (?, ?, ?, TIMESTAMPADD(MICROSECOND, ?, '1970-01-01'), ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE
    paused_until = VALUES(paused_until), requested_by = VALUES(requested_by), reason = VALUES(reason),
    paused_at = VALUES(paused_at);

-- name: resume_offset
DELETE FROM group_pauses WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: resume_group
DELETE FROM group_pauses WHERE group_id = ?;

-- name: resume_expired
-- Pauses of partitions without an offset.
DELETE FROM group_pauses
WHERE group_id = ? AND NOT EXISTS (
  SELECT 1 FROM group_offsets o
  WHERE o.group_id = group_pauses.group_id AND o.topic_id = group_pauses.topic_id
    AND o.partition_index = group_pauses.partition_index);

-- name: read_pauses
-- Those in force.
-- uses-index: PRIMARY
SELECT topic_id, partition_index, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', paused_until), requested_by, reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', paused_at)
FROM group_pauses WHERE group_id = ? AND (paused_until IS NULL OR paused_until > UTC_TIMESTAMP(6));
