-- One row per producer and partition it has sent delayed messages to: its newest sequence, so that none is stored twice. Grows: with
-- producers. Written by: brokers, in the transaction that stores the messages. Deleted by: the node's duties, a week
-- after it was last used.
CREATE TABLE IF NOT EXISTS delayed_producers (
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  producer_id BIGINT NOT NULL,
  last_sequence BIGINT NOT NULL,
  used_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (topic_id, partition_index, producer_id),
  KEY by_age (used_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: newest sequences of producers of delayed messages';
