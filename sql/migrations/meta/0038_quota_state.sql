-- One row, made when an operator first says it: what brokers do about rates above a quota. Written by: metaservers, in
-- transactions that hold the row of access_state. Read with the quotas.
CREATE TABLE IF NOT EXISTS quota_state (
  singleton TINYINT UNSIGNED NOT NULL DEFAULT 1,
  mode VARBINARY(16) NOT NULL COMMENT 'off, log, enforce; no row: enforce',
  PRIMARY KEY (singleton)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: what quotas do';
