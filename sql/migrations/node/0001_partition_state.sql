-- One row per partition on this data node: what its message table's ends and state are.
-- Grows: with partitions (at most 990). Written by: metaserver (create), janitor (log_start), operators (state).
-- Read by: brokers when they meet the partition, by primary key. Deleted with the partition.
CREATE TABLE IF NOT EXISTS partition_state (
  topic_id BIGINT UNSIGNED NOT NULL COMMENT 'never reused',
  partition_index INT UNSIGNED NOT NULL,
  topic_name VARBINARY(249) NOT NULL COMMENT 'for people; topics are known by id',
  schema_index TINYINT UNSIGNED NOT NULL COMMENT 'message table: <prefix>_<schema_index>.msg_<topic_id>_<partition_index>',
  log_start_offset BIGINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'first offset that may be read',
  state ENUM('writable', 'read_only', 'retired') NOT NULL DEFAULT 'writable',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (topic_id, partition_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: one row per partition on this data node';
