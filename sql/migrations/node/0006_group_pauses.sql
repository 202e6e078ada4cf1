-- One row per group and partition that an operator has paused. Written by: pauseGroup. Read by: fetchOffsets, with the
-- offsets. Deleted by: resume. A row whose paused_until has passed counts as none.
CREATE TABLE IF NOT EXISTS group_pauses (
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  paused_until DATETIME(6) NULL COMMENT 'UTC, this server''s clock; NULL: until resumed',
  requested_by VARBINARY(255) NOT NULL DEFAULT '',
  reason VARBINARY(1024) NOT NULL DEFAULT '',
  paused_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (group_id, topic_id, partition_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: paused partitions of consumer groups';
