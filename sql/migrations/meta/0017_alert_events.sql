-- What happened to alerts, in order. Grows: a few rows per incident. Written by: the metaserver on call, in the transaction
-- that changes the alert. Deleted after 90 days, by by_time.
CREATE TABLE IF NOT EXISTS alert_events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  incident VARBINARY(64) NOT NULL,
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  what VARBINARY(32) NOT NULL,
  detail VARBINARY(1024) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  KEY by_incident (incident, id),
  KEY by_time (at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: what happened to alerts';
