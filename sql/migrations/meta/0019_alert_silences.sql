-- Who asked for no notices, about what, until when and why. Grows: with people; old ones go after 90 days. Written by:
-- operators. Read whole (those in force) by the metaserver on call.
CREATE TABLE IF NOT EXISTS alert_silences (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  kind VARBINARY(64) NOT NULL COMMENT 'with * as wildcard, as subject',
  subject VARBINARY(600) NOT NULL,
  until_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  reason VARBINARY(1024) NOT NULL,
  created_by VARBINARY(255) NOT NULL,
  created_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (id),
  KEY by_until (until_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: silences of alerts';
