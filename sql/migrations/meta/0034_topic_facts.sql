-- What is known of topics beside the catalogue: one row per topic that somebody said something about. Grows: with topics.
-- Written by: the metaserver that applies requests. Deleted with the topic. Read whole for every decision.
CREATE TABLE IF NOT EXISTS topic_facts (
  name VARBINARY(249) NOT NULL,
  tier VARBINARY(64) NOT NULL,
  messages_per_day BIGINT NULL COMMENT 'NULL, as the two that follow: nobody said',
  message_bytes BIGINT NULL,
  ordering TINYINT NULL COMMENT '0: none, 1: per key, 2: all',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: tiers and traffic of topics'
