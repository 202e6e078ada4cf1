-- One row per named resource that has one owner at a time. Grows: with kinds of background job. epoch is the fencing
-- token: it grows each time the owner changes. Expiry is judged by this server's clock alone.
CREATE TABLE IF NOT EXISTS leases (
  name VARBINARY(128) NOT NULL,
  owner VARBINARY(128) NOT NULL,
  epoch BIGINT NOT NULL,
  expires_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: leases with fencing epochs';
