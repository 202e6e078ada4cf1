-- One row per broker id ever seen. Grows: tens. Written by: metaservers on each heartbeat. Read whole by metaservers.
CREATE TABLE IF NOT EXISTS brokers (
  broker_id INT UNSIGNED NOT NULL,
  incarnation BIGINT NOT NULL COMMENT 'random per process start',
  host VARBINARY(255) NOT NULL,
  port INT UNSIGNED NOT NULL,
  admin_port INT UNSIGNED NOT NULL DEFAULT 0,
  state ENUM('active', 'draining', 'dead') NOT NULL,
  version VARBINARY(64) NOT NULL DEFAULT '',
  started_at DATETIME(6) NOT NULL,
  last_heartbeat DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (broker_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: broker registry';
