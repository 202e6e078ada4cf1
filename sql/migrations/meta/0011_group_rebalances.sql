-- One row per finished rebalance: the newest 100 of each group. Written by: the coordinator, with the assignment it made
-- durable. Read by: describeGroup. Deleted by: the coordinator when it writes a newer one.
CREATE TABLE IF NOT EXISTS group_rebalances (
  group_id VARBINARY(249) NOT NULL,
  generation BIGINT NOT NULL,
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  reason VARBINARY(255) NOT NULL DEFAULT '',
  members INT UNSIGNED NOT NULL,
  moved INT UNSIGNED NOT NULL COMMENT 'partitions that changed their owner',
  PRIMARY KEY (group_id, generation)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: history of rebalances';
