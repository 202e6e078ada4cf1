-- One row per group and partition: the next offset the group will read.
-- Grows: groups x partitions they read (10 k rows is a lot). Written by: brokers on commit, metaserver on assignment and
-- reset. Read by: brokers on fetchOffsets, by group (prefix of the primary key). Deleted by: the janitor; with its
-- partition, for which by_partition is there (it costs inserts of new rows only, commits do not touch it).
CREATE TABLE IF NOT EXISTS group_offsets (
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  committed_offset BIGINT UNSIGNED NOT NULL COMMENT 'next offset to read',
  generation BIGINT NOT NULL DEFAULT 0 COMMENT 'a commit with an older generation changes nothing',
  reset_epoch BIGINT NOT NULL DEFAULT 0 COMMENT 'raised by each operator reset',
  metadata VARBINARY(4096) NOT NULL DEFAULT '' COMMENT 'the consumer''s own note',
  committed_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (group_id, topic_id, partition_index),
  KEY by_partition (topic_id, partition_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: committed offsets of consumer groups';
