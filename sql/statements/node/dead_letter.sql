-- Records that consumer groups have given up, and what was done about them. Statements on chosen letters, whose number varies,
-- are built in sql/store/dead_letter_text.cc.
-- Letters of a partition that arrives, or whose arrival was given up, are copies: the node that it comes from has them, and counts them.

-- name: scan_dead_letters_of_partition
-- What filters look at, behind a place: first of its partition, then of its topic, then of other topics. Three statements, because
-- MySQL reads everything and sorts it when one has the three ranges. Copies are told, not left out: a limit is one of rows looked at.
-- Parameters: group, topic, partition, offset, limit.
SELECT topic_id, partition_index, origin_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', dead_at), reason, `key`,
       EXISTS (SELECT 1 FROM partition_arrivals a
               WHERE a.topic_id = dead_letters.topic_id AND a.partition_index = dead_letters.partition_index AND a.state <> 'opened')
FROM dead_letters FORCE INDEX (PRIMARY)
WHERE group_id = ? AND topic_id = ? AND partition_index = ? AND origin_offset > ?
ORDER BY topic_id, partition_index, origin_offset LIMIT ?;

-- name: scan_dead_letters_of_topic
-- Parameters: group, topic, partition, limit.
SELECT topic_id, partition_index, origin_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', dead_at), reason, `key`,
       EXISTS (SELECT 1 FROM partition_arrivals a
               WHERE a.topic_id = dead_letters.topic_id AND a.partition_index = dead_letters.partition_index AND a.state <> 'opened')
FROM dead_letters FORCE INDEX (PRIMARY)
WHERE group_id = ? AND topic_id = ? AND partition_index > ?
ORDER BY topic_id, partition_index, origin_offset LIMIT ?;

-- name: scan_dead_letters_of_group
-- Parameters: group, topic, limit.
SELECT topic_id, partition_index, origin_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', dead_at), reason, `key`,
       EXISTS (SELECT 1 FROM partition_arrivals a
               WHERE a.topic_id = dead_letters.topic_id AND a.partition_index = dead_letters.partition_index AND a.state <> 'opened')
FROM dead_letters FORCE INDEX (PRIMARY)
WHERE group_id = ? AND topic_id > ?
ORDER BY topic_id, partition_index, origin_offset LIMIT ?;

-- name: scan_dead_letters_by_time
-- The same of those that died in a range of time, the oldest when there are more, but not sorted. Parameters: group, from, until, limit.
SELECT topic_id, partition_index, origin_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', dead_at), reason, `key`,
       EXISTS (SELECT 1 FROM partition_arrivals a
               WHERE a.topic_id = dead_letters.topic_id AND a.partition_index = dead_letters.partition_index AND a.state <> 'opened')
FROM dead_letters FORCE INDEX (by_time)
WHERE group_id = ? AND dead_at >= CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
  AND dead_at < CAST('1970-01-01' + INTERVAL ? MICROSECOND AS DATETIME(6))
LIMIT ?;

-- name: read_dead_letter
-- uses-index: PRIMARY
SELECT topic_id, partition_index, origin_offset, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', dead_at), attempts,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', first_failed_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_failed_at),
       reason, first_error, last_error, timestamp_us, producer_id, sequence, codec, `key`, headers, body
FROM dead_letters WHERE group_id = ? AND topic_id = ? AND partition_index = ? AND origin_offset = ?;

-- name: count_dead_letters
-- Of the group's first 500,000, copies among them, which are not counted.
-- uses-index: PRIMARY
SELECT c.topic_id, c.partition_index, c.reason, c.letters, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', c.oldest)
FROM (SELECT l.topic_id, l.partition_index, l.reason, COUNT(*) AS letters, MIN(l.dead_at) AS oldest
      FROM (SELECT topic_id, partition_index, reason, dead_at FROM dead_letters FORCE INDEX (PRIMARY)
            WHERE group_id = ? LIMIT 500000) l
      GROUP BY l.topic_id, l.partition_index, l.reason) c
WHERE NOT EXISTS (
  SELECT 1 FROM partition_arrivals a
  WHERE a.topic_id = c.topic_id AND a.partition_index = c.partition_index AND a.state <> 'opened')
ORDER BY c.topic_id, c.partition_index, c.reason LIMIT 1000;

-- name: dead_letter_now
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6));

-- name: groups_with_old_dead_letters
-- Looks at the oldest letter of each group, be it a copy. Parameters: age in microseconds.
-- uses-index: by_time
SELECT group_id FROM dead_letters FORCE INDEX (by_time)
GROUP BY group_id HAVING MIN(dead_at) < UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND LIMIT 100;

-- name: record_deed
-- Parameters: group, action, letters, detail, who, why.
INSERT INTO dead_letter_audit (group_id, at, action, letters, detail, requested_by, reason)
VALUES (?, UTC_TIMESTAMP(6), ?, ?, ?, ?, ?);

-- name: newest_deed
-- And whether it is an expiry of today.
-- uses-index: by_group
SELECT id, action = 'expire' AND at >= UTC_DATE() FROM dead_letter_audit WHERE group_id = ? ORDER BY id DESC LIMIT 1;

-- name: add_to_deed
UPDATE dead_letter_audit SET letters = letters + ?, at = UTC_TIMESTAMP(6) WHERE id = ?;

-- name: read_deeds
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), action, letters, detail, requested_by, reason
FROM dead_letter_audit WHERE group_id = ? ORDER BY id DESC LIMIT ?;
