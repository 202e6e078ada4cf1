-- What the metaserver asks of a data node as a whole.

-- name: count_partition_states
SELECT COUNT(*) FROM partition_state;
