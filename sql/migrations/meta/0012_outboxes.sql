-- One row per outbox that a relay has reported: its newest report. Grows: with teams' databases; 10,000 at most. Written by:
-- metaservers, every few seconds per relay. Read whole by metaservers. Deleted by: operators (`lanemq outbox forget`).
CREATE TABLE IF NOT EXISTS outboxes (
  name VARBINARY(128) NOT NULL,
  relay VARBINARY(128) NOT NULL COMMENT 'who reported',
  ready BIGINT NOT NULL,
  held BIGINT NOT NULL,
  dead BIGINT NOT NULL,
  holds BIGINT NULL,
  oldest_age_ms BIGINT NOT NULL COMMENT 'of ready and held rows',
  relays INT NOT NULL,
  unowned_buckets INT NOT NULL,
  published BIGINT NULL COMMENT 'by this relay since it began',
  failed BIGINT NULL COMMENT 'the same',
  last_error VARBINARY(1024) NOT NULL DEFAULT '',
  version VARBINARY(64) NOT NULL DEFAULT '',
  first_seen DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  reported_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: outboxes and their newest reports';
