-- What the metaserver asks of a data node as a whole.

-- name: count_partition_states
SELECT COUNT(*) FROM partition_state;

-- name: probe_account
-- Who the server takes this session for, which may be less than the user that signed in; whether it has roles; the clock.
SELECT CURRENT_USER(), COALESCE(CURRENT_ROLE(), 'NONE'), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6));

-- name: probe_rights
-- What that account may do: everywhere ('*'), and in schemas by pattern. Grantees are written 'user'@'host'; neither has a quote in it
-- unless somebody wanted it so, and then it finds none. Parameters: the grantee, twice.
SELECT '*', privilege_type FROM information_schema.user_privileges WHERE grantee = CONVERT(? USING utf8mb4)
UNION ALL
SELECT table_schema, privilege_type FROM information_schema.schema_privileges WHERE grantee = CONVERT(? USING utf8mb4);

-- name: list_node_tables
-- Names alone, for which no table is opened. Parameters: pattern of the schemas, how many.
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_schema LIKE CONVERT(? USING utf8mb4) ORDER BY table_schema, table_name LIMIT ?;

-- name: look_at_table
-- update_time is forgotten by a restart. Parameters: schema, table.
SELECT COALESCE(table_rows, 0), TIMESTAMPDIFF(MICROSECOND, COALESCE(update_time, create_time), UTC_TIMESTAMP(6))
FROM information_schema.tables
WHERE table_schema = CONVERT(? USING utf8mb4) AND table_name = CONVERT(? USING utf8mb4);

-- name: list_partition_states
-- uses-index: PRIMARY
SELECT topic_id, partition_index, schema_index, topic_name, state = 'moving' FROM partition_state ORDER BY topic_id, partition_index LIMIT ?;

-- name: list_group_offsets
-- uses-index: PRIMARY
SELECT group_id, topic_id, COUNT(*), MAX(generation), TIMESTAMPDIFF(MICROSECOND, MAX(committed_at), UTC_TIMESTAMP(6))
FROM group_offsets GROUP BY group_id, topic_id ORDER BY group_id, topic_id LIMIT ?;
