-- What the lag of groups is made of, but for the message tables. Read in one transaction with a consistent snapshot.

-- name: sample_lag_groups
-- Parameter: how many.
-- uses-index: PRIMARY
SELECT group_id, topic_id, partition_index, committed_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', committed_at),
       member_id, generation, reset_epoch, claims, attempt_offset, attempts
FROM group_offsets ORDER BY group_id, topic_id, partition_index LIMIT ?;

-- name: count_lag_groups
-- Only when there are more than were asked for.
SELECT COUNT(*) FROM group_offsets;

-- name: sample_lag_pauses
-- Those in force. Parameter: how many.
-- uses-index: PRIMARY
SELECT group_id, topic_id, partition_index, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', paused_until), reason
FROM group_pauses WHERE paused_until IS NULL OR paused_until > UTC_TIMESTAMP(6)
ORDER BY group_id, topic_id, partition_index LIMIT ?;

-- name: sample_log_starts
-- Of partitions that do not move: the others are not here, as far as lag is concerned.
-- uses-index: PRIMARY
SELECT topic_id, partition_index, log_start_offset FROM partition_state WHERE state <> 'moving' ORDER BY topic_id, partition_index;

-- name: sample_retention_losses
-- The newest row of each group and partition has the total and the last time: one look each, however many steps there were.
-- Parameter: how many groups and partitions.
-- uses-index: PRIMARY
SELECT l.group_id, l.topic_id, l.partition_index, l.lost_total, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', l.at)
FROM (SELECT group_id, topic_id, partition_index, MAX(from_offset) AS newest FROM retention_losses
      GROUP BY group_id, topic_id, partition_index ORDER BY group_id, topic_id, partition_index LIMIT ?) n
STRAIGHT_JOIN retention_losses l ON l.group_id = n.group_id AND l.topic_id = n.topic_id
    AND l.partition_index = n.partition_index AND l.from_offset = n.newest;
