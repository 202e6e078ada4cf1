-- One row per named resource of this data node that has one owner at a time, such as its background duties. epoch is the fencing
-- token: it grows each time the owner changes. Expiry is judged by this server's clock alone. Grows: with kinds of duty.
CREATE TABLE IF NOT EXISTS leases (
  name VARBINARY(128) NOT NULL,
  owner VARBINARY(128) NOT NULL,
  epoch BIGINT NOT NULL,
  expires_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: leases of this data node, with fencing epochs';
