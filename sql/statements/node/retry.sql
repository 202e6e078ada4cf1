-- Records that consumer groups will try again, what their owners lock, and policies. Statements on many of them are built by
-- sql/store/failed_rows.

-- name: make_offset
-- A row to lock, for an owner that commits without a claim. A duplicate key: there is one.
-- Parameters: group, topic, partition, generation, member, epoch.
INSERT INTO group_offsets
    (group_id, topic_id, partition_index, committed_offset, generation, member_id, reset_epoch, committed_at)
VALUES (?, ?, ?, 0, ?, ?, ?, UTC_TIMESTAMP(6));

-- name: note_sequence
-- Of a settlement without a commit; the row is locked, and was judged.
-- Parameters: sequence, group, topic, partition.
UPDATE group_offsets SET commit_sequence = ? WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: mark_attempt
-- attempts compares with the record that is stored, so it is assigned first.
-- Parameters: record, record, group, topic, partition.
UPDATE group_offsets
SET attempts = IF(attempt_offset = ?, attempts, 0) + 1, attempt_offset = ?
WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: release_retries
-- What other members hold is due now, or, if they keep it for later, then: their leases began when it was due. Leases that
-- end later than one of ours would are left to end.
-- Parameters: our lease in microseconds, group, topic, partition, the longest that ours would last, our member.
-- uses-index: due
UPDATE retry_messages FORCE INDEX (due)
SET due_at = GREATEST(UTC_TIMESTAMP(6), due_at - INTERVAL ? MICROSECOND), leased_by = ''
WHERE group_id = ? AND topic_id = ? AND partition_index = ?
  AND due_at > UTC_TIMESTAMP(6) AND due_at <= UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND
  AND leased_by <> '' AND leased_by <> ?;

-- name: next_retry
-- Microseconds until the first one is due, or NULL. (The optimizer reads the front of `due` and explains it as no table.)
SELECT TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), MIN(due_at))
FROM retry_messages WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: due_retries
-- The sizes are those of SizeOf(), nearly: they bound what is read.
-- uses-index: due
SELECT origin_offset, attempts,
       48 + COALESCE(OCTET_LENGTH(`key`), 0) + COALESCE(OCTET_LENGTH(headers), 0) + COALESCE(OCTET_LENGTH(body), 0)
FROM retry_messages FORCE INDEX (due)
WHERE group_id = ? AND topic_id = ? AND partition_index = ? AND due_at <= UTC_TIMESTAMP(6)
ORDER BY due_at, origin_offset LIMIT ?;

-- name: read_retry_backlog
-- One step in the index for each partition: the optimizer sees that only when it groups by the index's beginning. Of a partition
-- that arrives there are copies, which nobody works on.
-- uses-index: due
SELECT f.topic_id, f.partition_index, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), f.first_due)
FROM (SELECT topic_id, partition_index, MIN(due_at) AS first_due
      FROM retry_messages FORCE INDEX (due) WHERE group_id = ? GROUP BY group_id, topic_id, partition_index) f
WHERE NOT EXISTS (
  SELECT 1 FROM partition_arrivals a
  WHERE a.topic_id = f.topic_id AND a.partition_index = f.partition_index AND a.state <> 'opened');

-- name: read_policies
-- uses-index: PRIMARY
SELECT topic_id, policy, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), requested_by
FROM group_policies WHERE group_id = ? ORDER BY topic_id;

-- name: set_policy
-- Parameters: group, topic or 0, policy, who.
INSERT INTO group_policies (group_id, topic_id, policy, requested_by, at)
VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE policy = VALUES(policy), requested_by = VALUES(requested_by), at = VALUES(at);

-- name: delete_policy
DELETE FROM group_policies WHERE group_id = ? AND topic_id = ?;
