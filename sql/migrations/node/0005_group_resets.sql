-- One row per operator reset of one committed offset: who, when, why, from where to where. Written in the transaction that
-- sets the offset. Read by: listOffsetResets. Grows: by hand. Never deleted with the group: it is the record.
CREATE TABLE IF NOT EXISTS group_resets (
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  reset_epoch BIGINT NOT NULL,
  old_offset BIGINT NULL COMMENT 'NULL: nothing had been committed',
  new_offset BIGINT UNSIGNED NOT NULL,
  requested_by VARBINARY(255) NOT NULL DEFAULT '',
  reason VARBINARY(1024) NOT NULL DEFAULT '',
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (group_id, topic_id, partition_index, reset_epoch)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: resets of committed offsets';
