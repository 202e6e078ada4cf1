-- Redrives of dead letters.

-- name: read_redrive
-- uses-index: PRIMARY
SELECT id, group_id, state, target, filter, per_second, moved, requested_by, reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', finished_at),
       cursor_topic_id, cursor_partition, cursor_offset
FROM redrive_jobs WHERE id = ?;

-- name: lock_redrive
-- uses-index: PRIMARY
SELECT id, group_id, state, target, filter, per_second, moved, requested_by, reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', finished_at),
       cursor_topic_id, cursor_partition, cursor_offset
FROM redrive_jobs WHERE id = ? FOR UPDATE;

-- name: list_group_redrives
-- Parameters: group, 1 for running ones only, limit.
SELECT id, group_id, state, target, filter, per_second, moved, requested_by, reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', finished_at)
FROM redrive_jobs WHERE group_id = ? AND (? = 0 OR state = 'running') ORDER BY created_at DESC LIMIT ?;

-- name: list_running_redrives
SELECT id, group_id, state, target, filter, per_second, moved, requested_by, reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', finished_at)
FROM redrive_jobs WHERE state = 'running' ORDER BY created_at DESC LIMIT ?;

-- name: list_redrives
-- The whole table, which has little more than 1,000 rows.
SELECT id, group_id, state, target, filter, per_second, moved, requested_by, reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', finished_at)
FROM redrive_jobs ORDER BY created_at DESC LIMIT ?;

-- name: insert_redrive
-- Parameters: id, group, target, filter, letters a second, who, why.
INSERT INTO redrive_jobs (id, group_id, target, filter, per_second, requested_by, reason, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6));

-- name: step_redrive
-- Parameters: cursor, moved in this step, state, 1 when that is an end, id.
-- uses-index: PRIMARY
UPDATE redrive_jobs
SET cursor_topic_id = ?, cursor_partition = ?, cursor_offset = ?, moved = moved + ?, state = ?,
    finished_at = IF(? = 0, NULL, UTC_TIMESTAMP(6))
WHERE id = ?;

-- name: cancel_redrive
-- uses-index: PRIMARY
UPDATE redrive_jobs SET state = 'cancelled', finished_at = UTC_TIMESTAMP(6) WHERE id = ?;

-- name: find_redrives_too_many
-- Finished ones beyond the newest 1,000: there are hardly more, because each new job removes them.
SELECT id FROM redrive_jobs WHERE state <> 'running' ORDER BY created_at DESC, id LIMIT 100 OFFSET 1000;

-- name: delete_redrive
-- uses-index: PRIMARY
DELETE FROM redrive_jobs WHERE id = ?;

-- name: read_schema_index
-- uses-index: PRIMARY
SELECT schema_index FROM partition_state WHERE topic_id = ? AND partition_index = ?;
