-- One row per thing that somebody did to dead letters. Grows: by hand, and a row a day and group by expiry; kept. Written by: brokers, in the
-- transaction of the deed. Read by: people, by group, newest first.
CREATE TABLE IF NOT EXISTS dead_letter_audit (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  group_id VARBINARY(249) NOT NULL,
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  action VARBINARY(32) NOT NULL COMMENT 'redrive, edit, drop, cancel, expire',
  letters BIGINT NOT NULL,
  detail VARBINARY(4096) NOT NULL DEFAULT '',
  requested_by VARBINARY(255) NOT NULL DEFAULT '',
  reason VARBINARY(1024) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  KEY by_group (group_id, id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: who did what to dead letters';
