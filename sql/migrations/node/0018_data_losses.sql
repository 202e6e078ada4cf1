-- Logs that end before what a broker had acknowledged (a failover or a restore lost rows). Grows: with disasters. Written by:
-- brokers, when they notice. Read by: the metaserver on call. Deleted after 400 days.
CREATE TABLE IF NOT EXISTS data_losses (
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  from_offset BIGINT UNSIGNED NOT NULL COMMENT 'first that is missing',
  to_offset BIGINT UNSIGNED NOT NULL COMMENT 'the end as it was known',
  broker VARBINARY(255) NOT NULL DEFAULT '' COMMENT 'who noticed',
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (topic_id, partition_index, from_offset, to_offset),
  KEY by_time (at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: acknowledged messages that are missing';
