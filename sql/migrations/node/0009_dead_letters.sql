-- One row per record that a group has given up. Grows: with fatal failures; kept for 30 days by default. Written by: brokers, in
-- the transaction that passes the record or ends its last attempt. Read by: people, by group (primary key) and by time
-- (by_time). Deleted by: redrive, drop, expiry; with its partition, by_partition.
CREATE TABLE IF NOT EXISTS dead_letters (
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  origin_offset BIGINT UNSIGNED NOT NULL COMMENT 'in the log',
  dead_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  attempts INT NOT NULL COMMENT 'calls of the handler',
  first_failed_at DATETIME(6) NOT NULL,
  last_failed_at DATETIME(6) NOT NULL,
  reason VARBINARY(64) NOT NULL DEFAULT '',
  first_error VARBINARY(2048) NOT NULL DEFAULT '',
  last_error VARBINARY(2048) NOT NULL DEFAULT '',
  timestamp_us BIGINT NOT NULL COMMENT 'of the record in the log',
  producer_id BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  codec SMALLINT NOT NULL,
  `key` VARBINARY(1024) NULL,
  headers BLOB NULL COMMENT 'as in message tables',
  body LONGBLOB NULL,
  PRIMARY KEY (group_id, topic_id, partition_index, origin_offset),
  KEY by_time (group_id, dead_at),
  KEY by_partition (topic_id, partition_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: records that consumer groups have given up';
