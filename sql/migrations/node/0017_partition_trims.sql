-- Log starts that an operator moved: one row per trim and partition. Grows: with people. Written by: brokers, in the transaction
-- that moves the log start. Deleted after 400 days, by by_time.
CREATE TABLE IF NOT EXISTS partition_trims (
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  new_start BIGINT UNSIGNED NOT NULL,
  old_start BIGINT UNSIGNED NOT NULL,
  requested_by VARBINARY(255) NOT NULL DEFAULT '',
  reason VARBINARY(1024) NOT NULL DEFAULT '',
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (topic_id, partition_index, new_start),
  KEY by_time (at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: trims of logs';
