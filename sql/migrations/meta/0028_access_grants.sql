-- What is granted: one row per principal and name or prefix. Grows: with use across teams; 50,000 at most. One that ended is
-- kept for 30 days. Written by: metaservers, by order of administrators. Read whole when the version has changed.
CREATE TABLE IF NOT EXISTS access_grants (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  principal VARBINARY(128) NOT NULL COMMENT 'service:billing, team:payments',
  kind VARBINARY(16) NOT NULL COMMENT 'topic, group',
  name VARBINARY(249) NOT NULL,
  is_prefix TINYINT NOT NULL COMMENT '1: name is what names begin with',
  actions VARBINARY(64) NOT NULL COMMENT 'describe, produce, consume, peek, manage; with commas',
  expires_at DATETIME(6) NULL COMMENT 'UTC; NULL: does not end',
  PRIMARY KEY (id),
  UNIQUE KEY one_each (principal, kind, name, is_prefix),
  KEY by_end (expires_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: what is granted to whom';
