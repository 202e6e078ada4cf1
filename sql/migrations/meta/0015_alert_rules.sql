-- Settings of built-in alert rules that an operator changed: one row per kind. Grows: never beyond the kinds. Written by
-- operators. Read whole by the metaserver on call.
CREATE TABLE IF NOT EXISTS alert_rules (
  kind VARBINARY(64) NOT NULL,
  is_on TINYINT NULL COMMENT 'NULL, here and below: as built in',
  threshold DOUBLE NULL COMMENT 'in the unit of the kind',
  for_ms BIGINT NULL,
  severity VARBINARY(16) NULL,
  owner VARBINARY(128) NULL,
  updated_by VARBINARY(255) NOT NULL DEFAULT '',
  updated_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (kind)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: changed alert rules';
