-- What of a log may go, what went unread, and rows that go by age. Statements on message tables are built in
-- sql/store/retention_text.cc.

-- name: read_retention_state
-- Of a partition that does not move.
-- uses-index: PRIMARY
SELECT log_start_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))
FROM partition_state WHERE topic_id = ? AND partition_index = ? AND state <> 'moving';

-- name: lock_log_start
-- uses-index: PRIMARY
SELECT log_start_offset, state = 'moving' FROM partition_state WHERE topic_id = ? AND partition_index = ? FOR UPDATE;

-- name: move_log_start
-- uses-index: PRIMARY
UPDATE partition_state SET log_start_offset = GREATEST(log_start_offset, ?) WHERE topic_id = ? AND partition_index = ?;

-- name: read_lowest_commit
-- Of the groups that count under retention.unread=block. Parameters: topic, partition, microseconds that a group may be idle.
-- uses-index: by_partition
-- A member that has not committed yet (0) may read from the first message on: it has read nothing.
SELECT MIN(committed_offset) FROM group_offsets
WHERE topic_id = ? AND partition_index = ?
  AND (member_id <> '' OR (committed_offset > 0 AND committed_at > UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND));

-- name: share_groups_below
-- Groups that have not read up to an offset, 1 when they count under block; none of them commits before the transaction ends.
-- Parameters: idle microseconds, topic, partition, offset.
-- uses-index: by_partition
SELECT group_id, committed_offset, member_id <> '' OR committed_at > UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND
FROM group_offsets FORCE INDEX (by_partition)
WHERE topic_id = ? AND partition_index = ? AND (committed_offset > 0 OR member_id <> '') AND committed_offset < ?
LOCK IN SHARE MODE;

-- name: record_losses
-- The rows are locked by share_groups_below, and the row of the log start keeps others from adding to the totals. Log starts only
-- grow, so the key is new; if it is not, retention must not stop for it.
-- Parameters: old start, new start, new start, old start, reason, topic, partition, new start.
INSERT INTO retention_losses (group_id, topic_id, partition_index, from_offset, to_offset, lost_total, reason, at)
SELECT o.group_id, o.topic_id, o.partition_index, GREATEST(o.committed_offset, ?), ?,
       ? - GREATEST(o.committed_offset, ?) + COALESCE((
         SELECT l.lost_total FROM retention_losses l
         WHERE l.group_id = o.group_id AND l.topic_id = o.topic_id AND l.partition_index = o.partition_index
         ORDER BY l.from_offset DESC LIMIT 1), 0), ?, UTC_TIMESTAMP(6)
FROM group_offsets o
WHERE o.topic_id = ? AND o.partition_index = ? AND o.committed_offset > 0 AND o.committed_offset < ?
ON DUPLICATE KEY UPDATE to_offset = GREATEST(to_offset, VALUES(to_offset));

-- name: record_trim
-- Parameters: topic, partition, new start, old start, who, why.
INSERT INTO partition_trims (topic_id, partition_index, new_start, old_start, requested_by, reason, at)
VALUES (?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6));

-- name: read_losses
-- Parameters: since, limit.
-- uses-index: by_time
SELECT group_id, topic_id, partition_index, from_offset, to_offset, reason, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at)
FROM retention_losses FORCE INDEX (by_time)
WHERE at >= CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6)) ORDER BY at LIMIT ?;

-- name: expire_retention_losses
-- Parameters of all that follow: hours, limit. Rows of a partition that moves stay: what is copied and what is left must be the same.
DELETE FROM retention_losses WHERE at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR AND NOT EXISTS (
  SELECT 1 FROM partition_state s WHERE s.topic_id = retention_losses.topic_id AND s.partition_index = retention_losses.partition_index AND s.state = 'moving') AND NOT EXISTS (
  SELECT 1 FROM partition_arrivals a WHERE a.topic_id = retention_losses.topic_id AND a.partition_index = retention_losses.partition_index AND a.state = 'arriving')
ORDER BY at LIMIT ?;

-- name: expire_partition_trims
DELETE FROM partition_trims WHERE at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR AND NOT EXISTS (
  SELECT 1 FROM partition_state s WHERE s.topic_id = partition_trims.topic_id AND s.partition_index = partition_trims.partition_index AND s.state = 'moving') AND NOT EXISTS (
  SELECT 1 FROM partition_arrivals a WHERE a.topic_id = partition_trims.topic_id AND a.partition_index = partition_trims.partition_index AND a.state = 'arriving')
ORDER BY at LIMIT ?;

-- name: expire_data_losses
DELETE FROM data_losses WHERE at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR AND NOT EXISTS (
  SELECT 1 FROM partition_state s WHERE s.topic_id = data_losses.topic_id AND s.partition_index = data_losses.partition_index AND s.state = 'moving') AND NOT EXISTS (
  SELECT 1 FROM partition_arrivals a WHERE a.topic_id = data_losses.topic_id AND a.partition_index = data_losses.partition_index AND a.state = 'arriving')
ORDER BY at LIMIT ?;

-- name: expire_node_audit_events
DELETE FROM audit_events WHERE at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR ORDER BY at LIMIT ?;

-- name: expire_group_resets
-- A person has made each: few enough to look at all of them.
DELETE FROM group_resets WHERE at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR AND NOT EXISTS (
  SELECT 1 FROM partition_state s WHERE s.topic_id = group_resets.topic_id AND s.partition_index = group_resets.partition_index AND s.state = 'moving') AND NOT EXISTS (
  SELECT 1 FROM partition_arrivals a WHERE a.topic_id = group_resets.topic_id AND a.partition_index = group_resets.partition_index AND a.state = 'arriving')
LIMIT ?;

-- name: find_old_dead_letter_audit
-- The id after the last that is old, among the first ones: ids grow with time. Parameters: limit, hours.
SELECT MAX(id) FROM (SELECT id, at FROM dead_letter_audit ORDER BY id LIMIT ?) oldest
WHERE at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR;

-- name: delete_dead_letter_audit
-- Parameters: last id, limit.
-- uses-index: PRIMARY
DELETE FROM dead_letter_audit WHERE id <= ? ORDER BY id LIMIT ?;

-- name: find_old_explicit_offsets
-- Commits of readers outside a group, generation 0. Parameters: hours, limit.
SELECT group_id, topic_id, partition_index FROM group_offsets
WHERE member_id = '' AND generation = 0 AND committed_at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR LIMIT ?;

-- name: delete_old_explicit_offset
-- Unless it was committed again. By the primary key. Those of a partition that moves go with it. Parameters: group, topic, partition, hours.
DELETE FROM group_offsets
WHERE group_id = ? AND topic_id = ? AND partition_index = ? AND member_id = '' AND generation = 0
  AND committed_at < UTC_TIMESTAMP(6) - INTERVAL ? HOUR AND NOT EXISTS (
    SELECT 1 FROM partition_state s
    WHERE s.topic_id = group_offsets.topic_id AND s.partition_index = group_offsets.partition_index
      AND s.state = 'moving') AND NOT EXISTS (
    SELECT 1 FROM partition_arrivals a
    WHERE a.topic_id = group_offsets.topic_id AND a.partition_index = group_offsets.partition_index
      AND a.state = 'arriving');
