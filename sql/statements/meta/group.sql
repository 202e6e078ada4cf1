-- Consumer groups. A parameter named `now` is NULL except in tests: the database's clock decides.
-- Members are written by the text that sql/store/group_rows.cc builds: their number varies.

-- name: lock_group
-- uses-index: PRIMARY
SELECT epoch, generation, protocol FROM consumer_groups WHERE group_id = ? FOR UPDATE;

-- name: save_group
-- empty_since stays while there are no members.
-- Parameters: group id, slot, state, generation, protocol, leader, epoch, is empty, now, now.
INSERT INTO consumer_groups (group_id, slot, state, generation, protocol, leader, epoch, empty_since, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, IF(?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), NULL),
        CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
ON DUPLICATE KEY UPDATE
    slot = VALUES(slot), state = VALUES(state), generation = VALUES(generation), protocol = VALUES(protocol),
    leader = VALUES(leader), epoch = VALUES(epoch),
    empty_since = IF(VALUES(empty_since) IS NULL, NULL, COALESCE(empty_since, VALUES(empty_since))),
    updated_at = VALUES(updated_at);

-- name: read_member_ids
-- uses-index: PRIMARY
SELECT member_id FROM group_members WHERE group_id = ?;

-- name: delete_all_members
-- uses-index: PRIMARY
-- The index is forced: a scan would wait for the rows that writers of other groups have locked.
DELETE m FROM group_members AS m FORCE INDEX (PRIMARY) WHERE m.group_id = ?;

-- name: find_group_rebalance
-- uses-index: PRIMARY
SELECT 1 FROM group_rebalances WHERE group_id = ? AND generation = ?;

-- name: insert_group_rebalance
-- Parameters: group id, generation, now, reason, members, moved.
INSERT INTO group_rebalances (group_id, generation, at, reason, members, moved)
VALUES (?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), ?, ?, ?);

-- name: find_group_rebalance_too_many
-- uses-index: PRIMARY
-- The newest of those that are not kept.
SELECT generation FROM group_rebalances WHERE group_id = ? ORDER BY generation DESC LIMIT 1 OFFSET 100;

-- name: trim_group_rebalances
-- uses-index: PRIMARY
-- Parameters: group id, newest generation that goes.
DELETE r FROM group_rebalances AS r FORCE INDEX (PRIMARY) WHERE r.group_id = ? AND r.generation <= ?;

-- name: delete_group_rebalances
-- uses-index: PRIMARY
DELETE r FROM group_rebalances AS r FORCE INDEX (PRIMARY) WHERE r.group_id = ?;

-- name: delete_group
-- uses-index: PRIMARY
DELETE g FROM consumer_groups AS g FORCE INDEX (PRIMARY) WHERE g.group_id = ?;

-- name: read_group
-- uses-index: PRIMARY
-- Group and members in one statement, which sees one state of them. A group without members is a row of NULLs.
SELECT g.group_id, g.state + 0, g.generation, g.protocol, g.leader,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', g.empty_since), r.reason, r.moved,
       m.member_id, m.instance_id, m.client_id, m.host, m.session_timeout_ms, m.rebalance_timeout_ms,
       m.protocols, m.topics, m.owned, m.owned_generation, m.assignment
FROM consumer_groups AS g
LEFT JOIN group_rebalances AS r ON r.group_id = g.group_id AND r.generation = g.generation
LEFT JOIN group_members AS m ON m.group_id = g.group_id
WHERE g.group_id = ? ORDER BY m.member_id;

-- name: read_slot
-- uses-index: by_slot
-- Columns as of read_group.
SELECT g.group_id, g.state + 0, g.generation, g.protocol, g.leader,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', g.empty_since), r.reason, r.moved,
       m.member_id, m.instance_id, m.client_id, m.host, m.session_timeout_ms, m.rebalance_timeout_ms,
       m.protocols, m.topics, m.owned, m.owned_generation, m.assignment
FROM consumer_groups AS g
LEFT JOIN group_rebalances AS r ON r.group_id = g.group_id AND r.generation = g.generation
LEFT JOIN group_members AS m ON m.group_id = g.group_id
WHERE g.slot = ? ORDER BY g.group_id, m.member_id;

-- name: list_groups
SELECT g.group_id, g.state + 0, g.generation, g.protocol,
       (SELECT COUNT(*) FROM group_members AS m WHERE m.group_id = g.group_id),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', g.empty_since)
FROM consumer_groups AS g ORDER BY g.group_id;

-- name: read_group_rebalances
-- uses-index: PRIMARY
SELECT generation, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), reason, members, moved
FROM group_rebalances WHERE group_id = ? ORDER BY generation DESC LIMIT 100;

-- name: empty_groups
-- Parameters: now, age in microseconds.
SELECT group_id FROM consumer_groups
WHERE empty_since < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND
ORDER BY empty_since, group_id LIMIT 1000;
