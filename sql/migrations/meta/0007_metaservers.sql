-- One row per metaserver, so that clients and brokers find all of them. Grows: a handful. Written by: each metaserver,
-- every few seconds. Rows not refreshed for a day are deleted by the background job.
CREATE TABLE IF NOT EXISTS metaservers (
  host VARBINARY(255) NOT NULL,
  port INT UNSIGNED NOT NULL,
  last_seen DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (host, port)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: metaservers';
