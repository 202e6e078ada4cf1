-- One row per setting of a topic that differs from the default. Written by: metaservers. Read whole with topics.
CREATE TABLE IF NOT EXISTS topic_config (
  topic_id BIGINT UNSIGNED NOT NULL,
  name VARBINARY(64) NOT NULL COMMENT 'Kafka''s name, for example retention.ms',
  value VARBINARY(255) NOT NULL,
  PRIMARY KEY (topic_id, name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: topic settings';
