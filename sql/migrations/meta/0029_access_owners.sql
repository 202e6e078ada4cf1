-- Whose topics and groups are: one row per owned one, whether it exists or not. Grows: with topics and groups; 50,000 at
-- most. Written by: metaservers, by order of administrators. Read whole when the version has changed.
CREATE TABLE IF NOT EXISTS access_owners (
  kind VARBINARY(16) NOT NULL COMMENT 'topic, group',
  name VARBINARY(249) NOT NULL,
  team VARBINARY(100) NOT NULL,
  PRIMARY KEY (kind, name),
  KEY by_team (team)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: owners of topics and groups';
