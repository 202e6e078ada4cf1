-- Partitions on their way from one data node to another one: a row per move. Grows: with use; finished ones are kept for 30
-- days. Written by: metaservers, for operators, and the one with the lease partition-moves. Deleted by that one, when they have
-- ended long ago. Read: unfinished ones by is_open, all newest first by id.
CREATE TABLE IF NOT EXISTS partition_moves (
  move_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  topic_name VARBINARY(249) NOT NULL COMMENT 'for people: the topic may be gone',
  from_node BIGINT UNSIGNED NOT NULL,
  from_schema TINYINT UNSIGNED NOT NULL,
  to_node BIGINT UNSIGNED NOT NULL,
  to_schema TINYINT UNSIGNED NOT NULL,
  state ENUM('copying', 'sealing', 'handing_over', 'opening', 'cleaning', 'done', 'cancelling', 'cancelled', 'failed') NOT NULL,
  is_open TINYINT UNSIGNED NULL COMMENT '1: unfinished; NULL: finished',
  bytes_per_second BIGINT NOT NULL COMMENT 'of the copy',
  copied_end BIGINT NOT NULL DEFAULT 0 COMMENT 'as of the last time it was written down',
  source_end BIGINT NOT NULL DEFAULT 0,
  bytes_copied BIGINT NOT NULL DEFAULT 0,
  sealed_at DATETIME(6) NULL COMMENT 'UTC; NULL: it can be used',
  paused_us BIGINT NOT NULL DEFAULT 0 COMMENT 'from the seal to the change of the place',
  error VARBINARY(1000) NOT NULL DEFAULT '',
  requested_by VARBINARY(128) NOT NULL,
  reason VARBINARY(500) NOT NULL,
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  finished_at DATETIME(6) NULL COMMENT 'UTC',
  PRIMARY KEY (move_id),
  UNIQUE KEY one_each (topic_id, partition_index, is_open),
  KEY by_open (is_open, move_id),
  KEY by_end (finished_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: partitions that move between data nodes'
