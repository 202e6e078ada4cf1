-- Where one message is. Each statement looks at a bounded number of rows.

-- name: trace_groups
-- Groups with an offset of the partition, by name, with the retry and the dead letter that each has of the message. The primary keys
-- begin with the group: so one look into each for each group.
-- Parameters: topic, partition, limit, then twice: topic, partition, offset.
-- uses-index: by_partition
SELECT g.group_id, g.committed_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', g.committed_at), g.attempt_offset, g.attempts,
       r.attempts, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', r.due_at), r.leased_by <> '',
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', r.first_failed_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', r.last_failed_at),
       r.reason, r.last_error,
       d.attempts, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', d.dead_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', d.first_failed_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', d.last_failed_at),
       d.reason, d.last_error
FROM (SELECT group_id, committed_offset, committed_at, attempt_offset, attempts FROM group_offsets FORCE INDEX (by_partition)
      WHERE topic_id = ? AND partition_index = ? ORDER BY group_id LIMIT ?) g
LEFT JOIN retry_messages r FORCE INDEX (PRIMARY)
    ON r.group_id = g.group_id AND r.topic_id = ? AND r.partition_index = ? AND r.origin_offset = ?
LEFT JOIN dead_letters d FORCE INDEX (PRIMARY)
    ON d.group_id = g.group_id AND d.topic_id = ? AND d.partition_index = ? AND d.origin_offset = ?;

-- name: trace_unread_loss
-- The step of retention that a group's message may have gone with. Parameters: group, topic, partition, offset.
-- uses-index: PRIMARY
SELECT to_offset, reason, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at)
FROM retention_losses FORCE INDEX (PRIMARY)
WHERE group_id = ? AND topic_id = ? AND partition_index = ? AND from_offset <= ?
ORDER BY group_id DESC, topic_id DESC, partition_index DESC, from_offset DESC LIMIT 1;

-- name: trace_trim
-- The trim that a message may have gone with. Parameters: topic, partition, offset.
-- uses-index: PRIMARY
SELECT old_start, requested_by, reason, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at)
FROM partition_trims FORCE INDEX (PRIMARY)
WHERE topic_id = ? AND partition_index = ? AND new_start > ?
ORDER BY topic_id, partition_index, new_start LIMIT 1;

-- name: trace_data_loss
-- When it was noticed last that a message is missing; NULL: never. Looks at the losses of the partition, of which there are few.
-- Parameters: topic, partition, offset, offset.
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MAX(at))
FROM data_losses FORCE INDEX (PRIMARY)
WHERE topic_id = ? AND partition_index = ? AND from_offset <= ? AND to_offset > ?;
