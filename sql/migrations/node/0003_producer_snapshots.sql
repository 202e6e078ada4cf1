-- One row per partition: the producers' newest sequences as of one offset, so that a broker meeting the partition
-- scans only the rows after it. Grows: with partitions. Written by: brokers, every few ten thousand rows.
-- Read by: brokers, by primary key. Deleted with the partition.
CREATE TABLE IF NOT EXISTS producer_snapshots (
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  through_offset BIGINT UNSIGNED NOT NULL COMMENT 'every row up to this one is in the snapshot',
  state MEDIUMBLOB NOT NULL COMMENT 'encoded producers: id, newest sequence, recent offsets',
  saved_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (topic_id, partition_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: bounds the scan for idempotent producers';
