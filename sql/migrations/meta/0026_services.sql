-- One row per program that connects. Grows: with applications; 10,000 at most. Written by: metaservers, by order of
-- administrators. Read whole when the version has changed.
CREATE TABLE IF NOT EXISTS services (
  name VARBINARY(100) NOT NULL,
  team VARBINARY(100) NOT NULL DEFAULT '' COMMENT 'empty: nobody''s',
  kind VARBINARY(16) NOT NULL COMMENT 'application, server, gateway, operator, admin',
  description VARBINARY(1000) NOT NULL DEFAULT '',
  is_disabled TINYINT NOT NULL DEFAULT 0 COMMENT '1: its tokens do not count meanwhile',
  PRIMARY KEY (name),
  KEY by_team (team)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: programs that connect';
