-- The catalogue. Every transaction that changes it holds the cluster's row (lock_catalogue) from its first statement on and
-- ends with bump_version: changes are serialised and none can deadlock with another. A parameter named `now` is NULL except in tests.

-- name: ensure_cluster
INSERT IGNORE INTO cluster (singleton, cluster_id) VALUES (1, ?);

-- name: read_cluster
-- uses-index: PRIMARY
SELECT metadata_version, cluster_id FROM cluster WHERE singleton = 1;

-- name: lock_catalogue
-- uses-index: PRIMARY
SELECT metadata_version FROM cluster WHERE singleton = 1 FOR UPDATE;

-- name: hold_catalogue
-- uses-index: PRIMARY
-- Readers of more than one table that changes have overtaken too often.
SELECT metadata_version FROM cluster WHERE singleton = 1 LOCK IN SHARE MODE;

-- name: bump_version
-- uses-index: PRIMARY
UPDATE cluster SET metadata_version = metadata_version + 1 WHERE singleton = 1;

-- name: read_nodes
SELECT node_id, name, host, port, schema_prefix, state + 0, schemas_max, tables_per_schema_max, sealed_credentials
FROM data_nodes ORDER BY node_id;

-- name: read_topics
SELECT topic_id, name, state + 0, description, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', updated_at),
       COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', deleted_at), 0),
       COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', purge_at), 0), deleted_by
FROM topics ORDER BY name;

-- name: read_topic
-- uses-index: by_name
SELECT topic_id, name, state + 0, description, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', updated_at),
       COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', deleted_at), 0),
       COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', purge_at), 0), deleted_by
FROM topics WHERE name = ?;

-- name: read_topic_state
-- uses-index: PRIMARY
SELECT state + 0 FROM topics WHERE topic_id = ?;

-- name: read_unfinished_topics
-- Not those that wait for the request that is making them.
SELECT name FROM topics
WHERE state = 'deleting'
   OR (state = 'creating' AND NOT EXISTS (SELECT 1 FROM topic_requests WHERE topic_requests.topic_id = topics.topic_id))
   OR EXISTS (SELECT 1 FROM topic_partitions WHERE topic_partitions.topic_id = topics.topic_id AND is_ready = FALSE)
ORDER BY name;

-- name: read_all_config
SELECT topic_id, name, value FROM topic_config ORDER BY topic_id, name;

-- name: read_config_of_topic
-- uses-index: PRIMARY
SELECT topic_id, name, value FROM topic_config WHERE topic_id = ? ORDER BY name;

-- name: read_all_partitions
SELECT topic_id, partition_index, node_id, schema_index, is_ready FROM topic_partitions ORDER BY topic_id, partition_index;

-- name: read_partitions_of_topic
-- uses-index: PRIMARY
SELECT topic_id, partition_index, node_id, schema_index, is_ready
FROM topic_partitions WHERE topic_id = ? ORDER BY partition_index;

-- name: count_tables
-- uses-index: by_place
SELECT node_id, schema_index, COUNT(*) FROM topic_partitions GROUP BY node_id, schema_index;

-- name: insert_topic
-- Parameters: name, description, now, now.
INSERT INTO topics (name, state, description, created_at, updated_at)
VALUES (?, 'creating', ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
        CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: insert_partitions
-- All of a request in one round trip: [[partition, node, schema], ...] as JSON. MySQL wants the paths in UTF-8 too.
-- Parameters: topic, JSON.
INSERT INTO topic_partitions (topic_id, partition_index, node_id, schema_index)
SELECT ?, place.partition_index, place.node_id, place.schema_index
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    partition_index INT UNSIGNED PATH _utf8mb4'$[0]', node_id BIGINT UNSIGNED PATH _utf8mb4'$[1]', schema_index INT UNSIGNED PATH _utf8mb4'$[2]'))
  AS place;

-- name: mark_partitions_ready
-- uses-index: PRIMARY
UPDATE topic_partitions SET is_ready = TRUE WHERE topic_id = ? AND partition_index < ? AND is_ready = FALSE;

-- name: activate_topic
-- uses-index: PRIMARY
-- Affected rows: 0 unless the topic is in creation, all its partitions are ready, and no request is making it, whose commit
-- does this. Parameters: now, topic.
UPDATE topics SET state = 'active', updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE topic_id = ? AND state = 'creating'
  AND NOT EXISTS (SELECT 1 FROM topic_requests WHERE topic_requests.topic_id = topics.topic_id)
  AND NOT EXISTS (SELECT 1 FROM topic_partitions WHERE topic_partitions.topic_id = topics.topic_id AND is_ready = FALSE);

-- name: mark_topic_deleted
-- uses-index: PRIMARY
-- It can be brought back. Parameters: now, now, now, for how many microseconds it is kept, who, topic.
UPDATE topics
SET state = 'deleted', updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
    deleted_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
    purge_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND, deleted_by = ?
WHERE topic_id = ? AND state = 'active';

-- name: undelete_topic
-- uses-index: PRIMARY
-- Parameters: now, topic.
UPDATE topics
SET state = 'active', updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), deleted_at = NULL, purge_at = NULL,
    deleted_by = ''
WHERE topic_id = ? AND state = 'deleted';

-- name: read_topic_to_purge
-- Asked only while a topic is deleted. Parameter: now.
SELECT name FROM topics
WHERE state = 'deleted' AND purge_at <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
ORDER BY purge_at, topic_id LIMIT 1;

-- name: begin_delete_topic
-- uses-index: PRIMARY
-- Parameters: now, topic.
UPDATE topics SET state = 'deleting', updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) WHERE topic_id = ?;

-- name: read_topic_to_delete
SELECT name FROM topics WHERE topic_id = ? AND state = 'deleting';

-- name: delete_topic
-- uses-index: PRIMARY
DELETE FROM topics WHERE topic_id = ? AND state = 'deleting';

-- name: delete_topic_config
-- uses-index: PRIMARY
DELETE FROM topic_config WHERE topic_id = ?;

-- name: delete_topic_partitions
-- uses-index: PRIMARY
DELETE FROM topic_partitions WHERE topic_id = ?;

-- name: update_description
-- uses-index: PRIMARY
-- Parameters: description, now, topic.
UPDATE topics SET description = ?, updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) WHERE topic_id = ?;

-- name: set_config
INSERT INTO topic_config (topic_id, name, value) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value);

-- name: unset_config
-- uses-index: PRIMARY
DELETE FROM topic_config WHERE topic_id = ? AND name = ?;

-- name: insert_node
-- Parameters: name, host, port, schema prefix, schemas_max, tables_per_schema_max, sealed credentials, now.
INSERT INTO data_nodes (name, host, port, schema_prefix, state, schemas_max, tables_per_schema_max, sealed_credentials, created_at)
VALUES (?, ?, ?, ?, 'writable', ?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: update_node
-- uses-index: by_name
UPDATE data_nodes SET state = ?, host = ?, port = ?, sealed_credentials = ? WHERE name = ?;

-- name: reseal_node
-- uses-index: by_name
-- Affected rows: 0 when the credentials are others by now. Parameters: sealed anew, name, sealed before.
UPDATE data_nodes SET sealed_credentials = ? WHERE name = ? AND sealed_credentials = ?;
