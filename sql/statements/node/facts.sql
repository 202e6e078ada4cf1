-- What alerts are about on a data node, besides lag.

-- name: facts_groups_with_dead_letters
-- One look per group. Parameter: how many.
-- uses-index: by_time
SELECT DISTINCT group_id FROM dead_letters FORCE INDEX (by_time) ORDER BY group_id LIMIT ?;

-- name: facts_dead_letters
-- Of a group's newest letters, so that a group with many of them costs no more. Parameters: how recent, in microseconds; group; how many.
-- uses-index: by_time
SELECT topic_id, COUNT(*), CAST(SUM(dead_at >= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND) AS SIGNED)
FROM (SELECT topic_id, dead_at FROM dead_letters FORCE INDEX (by_time) WHERE group_id = ? ORDER BY dead_at DESC LIMIT ?) newest
GROUP BY topic_id ORDER BY topic_id;

-- name: facts_data_losses
-- A few rows per disaster. Parameters: how recent, in microseconds; how many partitions.
-- uses-index: PRIMARY
SELECT topic_id, partition_index, CAST(SUM(CAST(to_offset AS SIGNED) - CAST(from_offset AS SIGNED)) AS SIGNED),
       CAST(SUM(IF(at >= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND, CAST(to_offset AS SIGNED) - CAST(from_offset AS SIGNED), 0)) AS SIGNED)
FROM data_losses GROUP BY topic_id, partition_index ORDER BY topic_id, partition_index LIMIT ?;
