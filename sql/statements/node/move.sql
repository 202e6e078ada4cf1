-- A partition's way from one data node to another: what the node that it leaves, and the one that it goes to, write down about it. Statements
-- on its tables are built in sql/store/move_text.cc.

-- name: take_move_lock
-- 1: taken, 0: another session has it. It ends with the session: whoever was cut off cannot go on with a step that he had begun.
SELECT GET_LOCK(?, 2);

-- name: let_go_of_move_lock
SELECT RELEASE_LOCK(?);

-- name: read_moving_partition
-- uses-index: PRIMARY
SELECT topic_name, log_start_offset, state, COALESCE(state_before, state), move_id
FROM partition_state WHERE topic_id = ? AND partition_index = ?;

-- name: lock_moving_partition
-- Waits for everybody who writes anything of the partition: they share the row.
-- uses-index: PRIMARY
SELECT topic_name, log_start_offset, state, COALESCE(state_before, state), move_id
FROM partition_state WHERE topic_id = ? AND partition_index = ? FOR UPDATE;

-- name: seal_partition
-- state is assigned last: state_before takes the stored one. Of one that an older move has sealed, it stays.
-- Parameters: move, topic, partition.
-- uses-index: PRIMARY
UPDATE partition_state SET state_before = IF(state = 'moving', state_before, state), move_id = ?, state = 'moving'
WHERE topic_id = ? AND partition_index = ?;

-- name: unseal_partition
-- `move` is the newest one that may not seal it any more. Parameters: move, topic, partition.
-- uses-index: PRIMARY
UPDATE partition_state SET state = COALESCE(state_before, state), state_before = NULL, move_id = ?
WHERE topic_id = ? AND partition_index = ?;

-- name: delete_moved_partition
-- Parameters: topic, partition, move.
-- uses-index: PRIMARY
DELETE FROM partition_state WHERE topic_id = ? AND partition_index = ? AND state = 'moving' AND move_id = ?;

-- name: open_partition_state
-- With the move that brought it: no older one takes it away again. Parameters: topic, partition, name, schema, log start, state, move.
INSERT INTO partition_state (topic_id, partition_index, topic_name, schema_index, log_start_offset, state, move_id, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6));

-- name: read_arrival
-- uses-index: PRIMARY
SELECT move_id, state, schema_index, first_offset, copied_end, row_count, holes
FROM partition_arrivals WHERE topic_id = ? AND partition_index = ?;

-- name: share_arrival
-- Nobody closes the arrival before the transaction ends.
-- uses-index: PRIMARY
SELECT move_id, state, schema_index, first_offset, copied_end, row_count, holes
FROM partition_arrivals WHERE topic_id = ? AND partition_index = ? LOCK IN SHARE MODE;

-- name: put_arrival
-- Whatever is known of an older arrival is forgotten. Parameters: topic, partition, move, state, schema.
INSERT INTO partition_arrivals (topic_id, partition_index, move_id, state, schema_index, created_at)
VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE move_id = VALUES(move_id), state = VALUES(state), schema_index = VALUES(schema_index), first_offset = 0,
  copied_end = 0, row_count = 0, holes = 0, created_at = VALUES(created_at);

-- name: change_arrival
-- Parameters: new state, topic, partition, move, state.
-- uses-index: PRIMARY
UPDATE partition_arrivals SET state = ? WHERE topic_id = ? AND partition_index = ? AND move_id = ? AND state = ?;

-- name: note_copied
-- Takes part in the transaction that has the rows: no row is found when the move is over here, or another session has copied meanwhile.
-- Parameters: first offset, copied end, rows, holes, topic, partition, move, copied end as it was.
-- uses-index: PRIMARY
UPDATE partition_arrivals SET first_offset = ?, copied_end = ?, row_count = ?, holes = ?
WHERE topic_id = ? AND partition_index = ? AND move_id = ? AND state = 'arriving' AND copied_end = ?;

-- name: drop_arrival
-- Of a partition that is dropped with its topic: no move makes anything of it here any more.
-- uses-index: PRIMARY
UPDATE partition_arrivals SET state = 'dropped', created_at = UTC_TIMESTAMP(6) WHERE topic_id = ? AND partition_index = ?;

-- name: end_stay
-- Of a partition that has come and gone: the moves that brought it and took it away are over here. Parameters: move, topic, partition.
-- uses-index: PRIMARY
UPDATE partition_arrivals SET state = 'dropped', move_id = ?, created_at = UTC_TIMESTAMP(6) WHERE topic_id = ? AND partition_index = ?;

-- name: expire_arrivals
-- Those that are over; no session is so late. Parameter: how many.
DELETE FROM partition_arrivals WHERE state = 'dropped' AND created_at < UTC_TIMESTAMP(6) - INTERVAL 1 DAY LIMIT ?;

-- name: read_moving_policies
-- Those of the topic, and those of all topics of groups that have read the partition.
-- Parameters: group, group, topic (the last one that was copied), topic, topic, partition, how many.
SELECT p.group_id, p.topic_id, p.policy, p.requested_by, p.at FROM group_policies p
WHERE (p.group_id > ? OR (p.group_id = ? AND p.topic_id > ?))
  AND (p.topic_id = ? OR (p.topic_id = 0 AND EXISTS (
    SELECT 1 FROM group_offsets o WHERE o.group_id = p.group_id AND o.topic_id = ? AND o.partition_index = ?)))
ORDER BY p.group_id, p.topic_id LIMIT ?;

-- name: copy_policy
-- The newer one stays. `at` is assigned last: the others compare with the stored one.
-- Parameters: group, topic, policy, who, when.
INSERT INTO group_policies (group_id, topic_id, policy, requested_by, at) VALUES (?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE policy = IF(VALUES(at) > at, VALUES(policy), policy),
  requested_by = IF(VALUES(at) > at, VALUES(requested_by), requested_by), at = GREATEST(at, VALUES(at));
