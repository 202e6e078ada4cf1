-- What groups promise, and who is told when they do not: one row per group and topic that differs from the defaults. Grows:
-- with groups, thousands; 10,000 at most. Written and deleted by: operators. Read whole by the metaserver on call.
CREATE TABLE IF NOT EXISTS lag_objectives (
  group_id VARBINARY(249) NOT NULL COMMENT '*: all',
  topic VARBINARY(249) NOT NULL COMMENT 'name; *: all',
  objective_ms BIGINT NULL COMMENT 'age of the oldest unread message that is still fine; NULL: as the next wider row',
  allowed_messages BIGINT NULL,
  owner VARBINARY(128) NULL,
  tier VARBINARY(16) NULL COMMENT 'page, ticket',
  alerts_on TINYINT NULL,
  updated_by VARBINARY(255) NOT NULL DEFAULT '',
  updated_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (group_id, topic)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: lag objectives and owners';
