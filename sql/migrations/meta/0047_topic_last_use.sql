-- When topics were last written to and read, as far as the metaserver on call watched: one row per topic. What it compares
-- with is kept, too: what happened while nobody watched is seen afterwards. Grows: with topics; rows of deleted ones go.
-- Written by: the metaserver on call, fenced by its lease, at most once an hour and topic. Read by: it, and hygiene.
CREATE TABLE IF NOT EXISTS topic_last_use (
  topic_id BIGINT UNSIGNED NOT NULL,
  watched_since DATETIME(6) NOT NULL COMMENT 'UTC, the metaserver''s clock, as all times here',
  produced_at DATETIME(6) NULL COMMENT 'at the latest; NULL: nothing was ever written',
  consumed_at DATETIME(6) NULL COMMENT 'at the latest; NULL: not since watched_since',
  produced BIGINT NOT NULL COMMENT 'ends of its partitions, summed up',
  consumed BIGINT NOT NULL COMMENT 'positions of all groups, summed up',
  PRIMARY KEY (topic_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: when topics were last used';
