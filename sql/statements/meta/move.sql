-- Partitions that move between data nodes. What takes or frees a place, or changes one, holds the catalogue first
-- (lock_catalogue); then comes the lease's row (read_fence), then the move's: nothing can deadlock.

-- name: insert_moves
-- All of a request in one round trip: [[topic, partition, node, schema, new node, new schema], ...] as JSON.
-- Parameters: bytes per second, who, why, now, JSON.
INSERT INTO partition_moves (topic_id, partition_index, topic_name, from_node, from_schema, to_node, to_schema, state, is_open,
                             bytes_per_second, requested_by, reason, created_at)
SELECT topics.topic_id, wish.partition_index, topics.name, wish.from_node, wish.from_schema, wish.to_node, wish.to_schema,
       'copying', 1, ?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    topic_id BIGINT UNSIGNED PATH _utf8mb4'$[0]', partition_index INT UNSIGNED PATH _utf8mb4'$[1]',
    from_node BIGINT UNSIGNED PATH _utf8mb4'$[2]', from_schema INT UNSIGNED PATH _utf8mb4'$[3]',
    to_node BIGINT UNSIGNED PATH _utf8mb4'$[4]', to_schema INT UNSIGNED PATH _utf8mb4'$[5]')) AS wish
JOIN topics ON topics.topic_id = wish.topic_id;

-- name: read_open_moves
-- The columns of every statement that reads moves: see move_rows.cc. Parameter: now.
SELECT partition_moves.move_id, partition_moves.topic_id, partition_moves.partition_index, partition_moves.topic_name,
       partition_moves.from_node, partition_moves.from_schema, partition_moves.to_node, partition_moves.to_schema,
       partition_moves.state + 0, partition_moves.bytes_per_second, partition_moves.copied_end, partition_moves.source_end,
       partition_moves.bytes_copied,
       IF(partition_moves.is_open = 1 AND partition_moves.state <> 'cleaning' AND partition_moves.sealed_at IS NOT NULL,
          TIMESTAMPDIFF(MICROSECOND, partition_moves.sealed_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))),
          partition_moves.paused_us),
       partition_moves.error, partition_moves.requested_by, partition_moves.reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', partition_moves.created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', partition_moves.finished_at), COALESCE(topics.state IN ('active', 'deleted'), 0),
       COALESCE(partition_moves.is_open = 1 AND partition_moves.state <> 'cleaning' AND partition_moves.sealed_at IS NOT NULL, 0),
       COALESCE(source.state = 'disabled', 0), COALESCE(target.state = 'disabled', 0)
FROM partition_moves LEFT JOIN topics ON topics.topic_id = partition_moves.topic_id
LEFT JOIN data_nodes AS source ON source.node_id = partition_moves.from_node
LEFT JOIN data_nodes AS target ON target.node_id = partition_moves.to_node
WHERE partition_moves.is_open = 1 ORDER BY partition_moves.move_id;

-- name: list_moves
-- Newest first. Parameters: now, below this id, how many.
SELECT partition_moves.move_id, partition_moves.topic_id, partition_moves.partition_index, partition_moves.topic_name,
       partition_moves.from_node, partition_moves.from_schema, partition_moves.to_node, partition_moves.to_schema,
       partition_moves.state + 0, partition_moves.bytes_per_second, partition_moves.copied_end, partition_moves.source_end,
       partition_moves.bytes_copied,
       IF(partition_moves.is_open = 1 AND partition_moves.state <> 'cleaning' AND partition_moves.sealed_at IS NOT NULL,
          TIMESTAMPDIFF(MICROSECOND, partition_moves.sealed_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))),
          partition_moves.paused_us),
       partition_moves.error, partition_moves.requested_by, partition_moves.reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', partition_moves.created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', partition_moves.finished_at), COALESCE(topics.state IN ('active', 'deleted'), 0),
       COALESCE(partition_moves.is_open = 1 AND partition_moves.state <> 'cleaning' AND partition_moves.sealed_at IS NOT NULL, 0),
       COALESCE(source.state = 'disabled', 0), COALESCE(target.state = 'disabled', 0)
FROM partition_moves LEFT JOIN topics ON topics.topic_id = partition_moves.topic_id
LEFT JOIN data_nodes AS source ON source.node_id = partition_moves.from_node
LEFT JOIN data_nodes AS target ON target.node_id = partition_moves.to_node
WHERE partition_moves.move_id < ? ORDER BY partition_moves.move_id DESC LIMIT ?;

-- name: read_move
-- Parameters: now, id.
SELECT partition_moves.move_id, partition_moves.topic_id, partition_moves.partition_index, partition_moves.topic_name,
       partition_moves.from_node, partition_moves.from_schema, partition_moves.to_node, partition_moves.to_schema,
       partition_moves.state + 0, partition_moves.bytes_per_second, partition_moves.copied_end, partition_moves.source_end,
       partition_moves.bytes_copied,
       IF(partition_moves.is_open = 1 AND partition_moves.state <> 'cleaning' AND partition_moves.sealed_at IS NOT NULL,
          TIMESTAMPDIFF(MICROSECOND, partition_moves.sealed_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))),
          partition_moves.paused_us),
       partition_moves.error, partition_moves.requested_by, partition_moves.reason,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', partition_moves.created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', partition_moves.finished_at), COALESCE(topics.state IN ('active', 'deleted'), 0),
       COALESCE(partition_moves.is_open = 1 AND partition_moves.state <> 'cleaning' AND partition_moves.sealed_at IS NOT NULL, 0),
       COALESCE(source.state = 'disabled', 0), COALESCE(target.state = 'disabled', 0)
FROM partition_moves LEFT JOIN topics ON topics.topic_id = partition_moves.topic_id
LEFT JOIN data_nodes AS source ON source.node_id = partition_moves.from_node
LEFT JOIN data_nodes AS target ON target.node_id = partition_moves.to_node
WHERE partition_moves.move_id = ?;

-- name: lock_move
-- uses-index: PRIMARY
-- Whoever holds it knows that nobody else goes on with the move before the transaction ends.
SELECT state + 0, topic_id, partition_index, from_node, from_schema, to_node, to_schema FROM partition_moves
WHERE move_id = ? FOR UPDATE;

-- name: advance_move
-- uses-index: PRIMARY
-- Parameters: state, copied end, end of the source, bytes, error; 1 when the pause ends, now; what becomes of its clock: 1 it
-- starts, 2 it stops, now; id. paused_us comes first: an assignment sees those before it.
UPDATE partition_moves
SET state = ?, copied_end = ?, source_end = ?, bytes_copied = ?, error = ?,
    paused_us = IF(? AND sealed_at IS NOT NULL,
                   TIMESTAMPDIFF(MICROSECOND, sealed_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))), paused_us),
    sealed_at = CASE ? WHEN 1 THEN CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) WHEN 2 THEN NULL ELSE sealed_at END
WHERE move_id = ?;

-- name: end_move
-- uses-index: PRIMARY
-- Another move of the partition may begin. Parameters: now, id.
UPDATE partition_moves SET is_open = NULL, finished_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) WHERE move_id = ?;

-- name: switch_place
-- uses-index: PRIMARY
-- Affected rows: 0 when the partition is elsewhere, or gone. The sum keeps a planner from looking by_place.
-- Parameters: new node, new schema, topic, partition, node, schema.
UPDATE topic_partitions SET node_id = ?, schema_index = ?
WHERE topic_id = ? AND partition_index = ? AND node_id + 0 = ? AND schema_index = ?;

-- name: switch_move
-- uses-index: PRIMARY
-- Parameters: now, id.
UPDATE partition_moves
SET state = 'cleaning', error = '',
    paused_us = IF(sealed_at IS NULL, 0,
                   TIMESTAMPDIFF(MICROSECOND, sealed_at, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))))
WHERE move_id = ?;

-- name: cancel_move
-- uses-index: PRIMARY
UPDATE partition_moves SET state = 'cancelling', error = '' WHERE move_id = ?;

-- name: read_moving_places
-- uses-index: by_open
-- What unfinished moves take beside the places of the catalogue: the new one and, once it is the catalogue's, the old one.
SELECT topic_id, partition_index, IF(state = 'cleaning', from_node, to_node), IF(state = 'cleaning', from_schema, to_schema)
FROM partition_moves FORCE INDEX (by_open) WHERE is_open = 1 ORDER BY move_id;

-- name: expire_moves
-- Ended ones, by_end once there are many. Parameters: now, age in microseconds, how many.
DELETE FROM partition_moves
WHERE finished_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND
ORDER BY finished_at LIMIT ?;
