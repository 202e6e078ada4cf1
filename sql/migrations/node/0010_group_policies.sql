-- One row per group, or group and topic, with a retry policy of its own. Grows: with groups. Written by: operators, through
-- brokers. Read by: brokers when a record has failed, by group. Deleted by: operators.
CREATE TABLE IF NOT EXISTS group_policies (
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL COMMENT '0: all topics without a row of their own',
  policy BLOB NOT NULL COMMENT 'JSON',
  requested_by VARBINARY(255) NOT NULL DEFAULT '',
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (group_id, topic_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: retry policies of consumer groups';
