-- Committed offsets of consumer groups on this data node.

-- name: commit_offset
-- Stores a commit unless the row has a newer generation or, when the last parameter is not NULL, another reset epoch.
-- Affected rows: 2 = the row was changed; 1 = it was inserted, or refused (the client asks for found rows): read it back.
-- A change is never mistaken for none: committed_at moves. generation is assigned last: the others compare with the
-- stored one.
-- Parameters: group, topic, partition, offset, generation, epoch of a new row, metadata, then the epoch to check, four times.
INSERT INTO group_offsets
    (group_id, topic_id, partition_index, committed_offset, generation, reset_epoch, metadata, committed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE
    committed_offset =
        IF(generation <= VALUES(generation) AND reset_epoch = COALESCE(?, reset_epoch),
           VALUES(committed_offset), committed_offset),
    metadata = IF(generation <= VALUES(generation) AND reset_epoch = COALESCE(?, reset_epoch), VALUES(metadata), metadata),
    committed_at = IF(generation <= VALUES(generation) AND reset_epoch = COALESCE(?, reset_epoch),
                      GREATEST(VALUES(committed_at), committed_at + INTERVAL 1 MICROSECOND), committed_at),
    generation = IF(reset_epoch = COALESCE(?, reset_epoch), GREATEST(generation, VALUES(generation)), generation);

-- name: read_offset
-- uses-index: PRIMARY
SELECT committed_offset, metadata, generation, reset_epoch, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', committed_at)
FROM group_offsets WHERE group_id = ? AND topic_id = ? AND partition_index = ?;

-- name: read_group_offsets
-- uses-index: PRIMARY
SELECT committed_offset, metadata, generation, reset_epoch, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', committed_at),
       topic_id, partition_index
FROM group_offsets WHERE group_id = ? ORDER BY topic_id, partition_index;
