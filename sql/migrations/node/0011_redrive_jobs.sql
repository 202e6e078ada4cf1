-- One row per redrive that somebody asked for. Grows: by hand; the newest 1,000 are kept. Written by: brokers (asked for, and
-- each step with the letters it moves). Read by: the broker that has the node's duties, by state; people, by group.
CREATE TABLE IF NOT EXISTS redrive_jobs (
  id BIGINT NOT NULL COMMENT 'the asker''s; one for all data nodes',
  group_id VARBINARY(249) NOT NULL,
  state ENUM('running', 'done', 'cancelled') NOT NULL DEFAULT 'running',
  target ENUM('group', 'topic') NOT NULL,
  filter LONGBLOB NOT NULL COMMENT 'JSON',
  per_second INT NOT NULL DEFAULT 0 COMMENT '0: without limit',
  cursor_topic_id BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'the cursor: everything up to here was looked at',
  cursor_partition INT UNSIGNED NOT NULL DEFAULT 0,
  cursor_offset BIGINT UNSIGNED NOT NULL DEFAULT 0,
  moved BIGINT NOT NULL DEFAULT 0,
  requested_by VARBINARY(255) NOT NULL DEFAULT '',
  reason VARBINARY(1024) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock; later letters are not covered',
  finished_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY by_state (state, created_at),
  KEY by_group (group_id, created_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: redrives of dead letters';
