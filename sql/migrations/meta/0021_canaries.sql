-- The newest report of each canary about each data node. Grows: canaries times nodes; 1,000 at most; silent ones go after a day.
-- Written by: metaservers, every few seconds per canary. Read whole by the metaserver on call.
CREATE TABLE IF NOT EXISTS canaries (
  instance VARBINARY(128) NOT NULL,
  node VARBINARY(64) NOT NULL,
  ok BIGINT NOT NULL COMMENT 'since the instance began, as the next ones',
  late BIGINT NOT NULL,
  lost BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  produce_errors BIGINT NOT NULL,
  p50_us BIGINT NOT NULL COMMENT 'of the last minute',
  p99_us BIGINT NOT NULL,
  last_ok_age_ms BIGINT NOT NULL,
  last_error VARBINARY(1024) NOT NULL DEFAULT '',
  reported_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (instance, node)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: canaries and their newest reports';
