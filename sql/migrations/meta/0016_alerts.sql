-- One row per alert that is pending or firing, or was resolved lately. Grows: with troubles; resolved ones go after 90 days.
-- Written by: the metaserver on call, fenced by its lease, before anything is sent. Read whole (open) by its successor, and
-- by state for lists. one_open: a commit that was believed lost and comes late must not begin a second incident.
CREATE TABLE IF NOT EXISTS alerts (
  incident VARBINARY(64) NOT NULL COMMENT 'one id from beginning to recovery',
  kind VARBINARY(64) NOT NULL,
  subject VARBINARY(600) NOT NULL,
  state ENUM('pending', 'firing', 'resolved') NOT NULL,
  severity VARBINARY(16) NOT NULL,
  owner VARBINARY(128) NOT NULL DEFAULT '',
  summary VARBINARY(1024) NOT NULL DEFAULT '',
  cause VARBINARY(32) NOT NULL DEFAULT '',
  since_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock, as the next ones',
  fired_at DATETIME(6) NULL,
  resolved_at DATETIME(6) NULL,
  false_since DATETIME(6) NULL COMMENT 'firing, but not true since then',
  reminded_at DATETIME(6) NULL COMMENT 'its beginning or a reminder was last told',
  told TINYINT NOT NULL DEFAULT 0 COMMENT 'its beginning was told to those who were to hear',
  inhibited_by VARBINARY(64) NOT NULL DEFAULT '' COMMENT 'kind of the alert that explains it',
  is_open TINYINT NULL COMMENT '1: pending or firing; NULL: resolved',
  PRIMARY KEY (incident),
  UNIQUE KEY one_open (kind, subject, is_open),
  KEY by_state (state, since_at),
  KEY by_resolved (resolved_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: alerts';
