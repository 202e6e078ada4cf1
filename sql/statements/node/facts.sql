-- What alerts are about on a data node, besides lag.

-- name: facts_groups_with_dead_letters
-- One look per group, be all of its letters copies. Parameter: how many.
-- uses-index: by_time
SELECT DISTINCT group_id FROM dead_letters FORCE INDEX (by_time) ORDER BY group_id LIMIT ?;

-- name: facts_dead_letters
-- Of a group's newest letters, so that a group with many of them costs no more. Those of a partition that arrives are copies, which
-- the node that it comes from counts. Parameters: how recent, in microseconds; group; how many.
-- uses-index: by_time
SELECT topic_id, COUNT(*), CAST(SUM(dead_at >= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND) AS SIGNED),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MAX(dead_at))
FROM (SELECT topic_id, partition_index, dead_at FROM dead_letters FORCE INDEX (by_time)
      WHERE group_id = ? ORDER BY dead_at DESC LIMIT ?) newest
WHERE NOT EXISTS (
  SELECT 1 FROM partition_arrivals a
  WHERE a.topic_id = newest.topic_id AND a.partition_index = newest.partition_index AND a.state <> 'opened')
GROUP BY topic_id ORDER BY topic_id;

-- name: facts_data_losses
-- A few rows per disaster. Parameters: how recent, in microseconds; how many partitions.
-- uses-index: PRIMARY
SELECT topic_id, partition_index, CAST(SUM(CAST(to_offset AS SIGNED) - CAST(from_offset AS SIGNED)) AS SIGNED),
       CAST(SUM(IF(at >= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND, CAST(to_offset AS SIGNED) - CAST(from_offset AS SIGNED), 0)) AS SIGNED)
FROM data_losses GROUP BY topic_id, partition_index ORDER BY topic_id, partition_index LIMIT ?;
