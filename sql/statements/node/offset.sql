-- Committed offsets of consumer groups on this data node.

-- name: commit_offset
-- Stores a commit unless the row has a newer generation, another member than the one that commits (explicit assignments are
-- generation 0 of member ''), when the last parameter is not NULL, another reset epoch, or, of the same generation and when the
-- commit's sequence is not 0, a higher one. So who takes a partition over claims it first, whatever its generation.
-- Shares the lock of the partition's row, so that the partition is not taken away meanwhile.
-- Affected rows: 2 = the row was changed; 1 = it was inserted, or refused (the client asks for found rows): read it back; 0 = the
-- partition moves, or is not here.
-- A change is never mistaken for none: committed_at moves. Assignments are made in order and later ones see what was
-- assigned: so what is counted since the offset last moved comes before committed_offset, and commit_sequence and generation,
-- which the others compare with the stored ones, are last.
-- Parameters: group, offset, generation, member, sequence, epoch of a new row, metadata, topic, partition, then the epoch to
-- check, eight times.
-- uses-index: PRIMARY
INSERT INTO group_offsets
    (group_id, topic_id, partition_index, committed_offset, generation, member_id, commit_sequence, reset_epoch, metadata,
     committed_at)
SELECT ?, s.topic_id, s.partition_index, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6)
FROM partition_state s WHERE s.topic_id = ? AND s.partition_index = ? AND s.state <> 'moving' LOCK IN SHARE MODE
ON DUPLICATE KEY UPDATE
    claims =
        IF(generation <= VALUES(generation) AND member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch)
           AND (generation < VALUES(generation) OR VALUES(commit_sequence) = 0 OR commit_sequence <= VALUES(commit_sequence))
           AND committed_offset <> VALUES(committed_offset), 0, claims),
    attempt_offset =
        IF(generation <= VALUES(generation) AND member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch)
           AND (generation < VALUES(generation) OR VALUES(commit_sequence) = 0 OR commit_sequence <= VALUES(commit_sequence))
           AND committed_offset <> VALUES(committed_offset), 0, attempt_offset),
    attempts =
        IF(generation <= VALUES(generation) AND member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch)
           AND (generation < VALUES(generation) OR VALUES(commit_sequence) = 0 OR commit_sequence <= VALUES(commit_sequence))
           AND committed_offset <> VALUES(committed_offset), 0, attempts),
    committed_offset =
        IF(generation <= VALUES(generation) AND member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch)
           AND (generation < VALUES(generation) OR VALUES(commit_sequence) = 0 OR commit_sequence <= VALUES(commit_sequence)),
           VALUES(committed_offset), committed_offset),
    metadata =
        IF(generation <= VALUES(generation) AND member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch)
           AND (generation < VALUES(generation) OR VALUES(commit_sequence) = 0 OR commit_sequence <= VALUES(commit_sequence)),
           VALUES(metadata), metadata),
    committed_at =
        IF(generation <= VALUES(generation) AND member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch)
           AND (generation < VALUES(generation) OR VALUES(commit_sequence) = 0 OR commit_sequence <= VALUES(commit_sequence)),
           GREATEST(VALUES(committed_at), committed_at + INTERVAL 1 MICROSECOND), committed_at),
    commit_sequence =
        IF(generation <= VALUES(generation) AND member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch)
           AND (generation < VALUES(generation) OR VALUES(commit_sequence) = 0 OR commit_sequence <= VALUES(commit_sequence)),
           IF(generation < VALUES(generation), VALUES(commit_sequence), GREATEST(commit_sequence, VALUES(commit_sequence))),
           commit_sequence),
    generation =
        IF(member_id = VALUES(member_id) AND reset_epoch = COALESCE(?, reset_epoch),
           GREATEST(generation, VALUES(generation)), generation);

-- name: claim_offset
-- Makes a member the owner of the row, unless it has a newer generation. In the same generation the newest claim counts: a
-- static member that comes back has a new id. committed_offset 0: nothing committed yet. A repeated claim is not counted, and
-- leaves commit_sequence; both compare with the stored owner, so they are assigned first. Affected rows: 0 = the partition
-- moves, or is not here.
-- Parameters: group, generation, member, topic, partition.
-- uses-index: PRIMARY
INSERT INTO group_offsets
    (group_id, topic_id, partition_index, committed_offset, generation, member_id, claims, committed_at)
SELECT ?, s.topic_id, s.partition_index, 0, ?, ?, 1, UTC_TIMESTAMP(6)
FROM partition_state s WHERE s.topic_id = ? AND s.partition_index = ? AND s.state <> 'moving' LOCK IN SHARE MODE
ON DUPLICATE KEY UPDATE
    claims =
        IF(generation < VALUES(generation) OR generation = VALUES(generation) AND member_id <> VALUES(member_id),
           claims + 1, claims),
    commit_sequence =
        IF(generation < VALUES(generation) OR generation = VALUES(generation) AND member_id <> VALUES(member_id),
           0, commit_sequence),
    member_id = IF(generation <= VALUES(generation), VALUES(member_id), member_id),
    generation = GREATEST(generation, VALUES(generation));

-- name: read_offset
-- uses-index: PRIMARY
SELECT committed_offset, metadata, generation, reset_epoch, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', committed_at),
       member_id, claims, attempt_offset, attempts, commit_sequence
FROM group_offsets WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: lock_offset
-- The same as it is now, whatever this transaction has read before, and it stays so.
-- uses-index: PRIMARY
SELECT committed_offset, metadata, generation, reset_epoch, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', committed_at),
       member_id, claims, attempt_offset, attempts, commit_sequence
FROM group_offsets WHERE group_id = ? AND topic_id = ? AND partition_index = ? FOR UPDATE;

-- name: read_group_offsets
-- uses-index: PRIMARY
SELECT committed_offset, metadata, generation, reset_epoch, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', committed_at),
       member_id, claims, attempt_offset, attempts, commit_sequence, topic_id, partition_index
FROM group_offsets WHERE group_id = ? ORDER BY topic_id, partition_index;

-- name: delete_offset
DELETE FROM group_offsets WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: delete_group_offsets
-- Also of partitions that move: what was copied before comes to the other data node. So does the next one.
DELETE FROM group_offsets WHERE group_id = ?;

-- name: expire_group_offsets
-- Parameters: group, newest generation to delete, microseconds that nothing was committed for.
DELETE FROM group_offsets
WHERE group_id = ? AND generation <= ? AND committed_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND;
