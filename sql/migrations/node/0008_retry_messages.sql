-- One row per record that a group has passed in the log and will try again. Grows: with failures, shrinks when they are done;
-- a group that fails everything grows it as fast as its topics. Written by: brokers, in the transaction that moves the group's
-- offset past the record. Read by: brokers for the owner of the partition, by `due`. Deleted: when done or dead; with its
-- partition, by_partition.
CREATE TABLE IF NOT EXISTS retry_messages (
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  origin_offset BIGINT UNSIGNED NOT NULL COMMENT 'in the log',
  due_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock; while leased: the end of the lease',
  attempts INT NOT NULL COMMENT 'calls of the handler, the one under way included: the token of its outcome',
  leased_by VARBINARY(255) NOT NULL DEFAULT '' COMMENT 'member that handles it; empty: nobody',
  first_failed_at DATETIME(6) NOT NULL,
  last_failed_at DATETIME(6) NOT NULL,
  reason VARBINARY(64) NOT NULL DEFAULT '' COMMENT 'of the last failure',
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
  KEY due (group_id, topic_id, partition_index, due_at),
  KEY by_partition (topic_id, partition_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: records that consumer groups will try again';
