-- One row per team. Grows: with the organisation; 5,000 at most. Written by: metaservers, by order of administrators. Read
-- whole by metaservers when the version has changed.
CREATE TABLE IF NOT EXISTS teams (
  name VARBINARY(100) NOT NULL,
  description VARBINARY(1000) NOT NULL DEFAULT '',
  oncall_route VARBINARY(64) NOT NULL DEFAULT '' COMMENT 'an alert channel; empty: none',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: teams';
