-- How far behind groups were: one row per group, topic and time bucket that had something to tell; group '' is the topic alone.
-- Grows: bounded by tiers (30 s for 1 h, 5 min for 26 h, 1 h for 35 days). Written and deleted (from the front of each tier)
-- by the metaserver on call, fenced by its lease. Read by charts and by the next metaserver on call, by primary key.
CREATE TABLE IF NOT EXISTS lag_history (
  tier TINYINT UNSIGNED NOT NULL COMMENT '0: 30 s, 1: 5 min, 2: 1 h',
  at DATETIME(6) NOT NULL COMMENT 'beginning of the bucket; UTC, this server''s clock',
  group_id VARBINARY(249) NOT NULL,
  topic_id BIGINT UNSIGNED NOT NULL,
  lag_messages BIGINT NOT NULL COMMENT 'the last of the bucket',
  lag_messages_max BIGINT NOT NULL,
  lag_ms_max BIGINT NOT NULL,
  produced BIGINT NOT NULL COMMENT 'within the bucket',
  consumed BIGINT NOT NULL COMMENT 'within the bucket',
  members INT NOT NULL,
  worst_status VARBINARY(16) NOT NULL,
  partitions MEDIUMBLOB NULL COMMENT 'a line per partition, tier 0 alone: what the evaluator goes on from',
  PRIMARY KEY (tier, at, group_id, topic_id),
  KEY by_group (group_id, topic_id, tier, at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: lag over time';
