-- What retention removed unread: one row per group, partition and step. Grows: only where groups stay behind retention. Written
-- by: the janitor and trims, in the transaction that moves the log start. Read by: the metaserver on call, by primary key and
-- by_time. Deleted after 400 days.
CREATE TABLE IF NOT EXISTS retention_losses (
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  from_offset BIGINT UNSIGNED NOT NULL COMMENT 'first that went unread',
  to_offset BIGINT UNSIGNED NOT NULL COMMENT 'first that stayed',
  lost_total BIGINT UNSIGNED NOT NULL COMMENT 'of this group and partition, up to and with this row',
  reason VARBINARY(32) NOT NULL COMMENT 'time, size, trim',
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (group_id, topic_id, partition_index, from_offset),
  KEY by_time (at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: messages that retention removed before a group read them';
