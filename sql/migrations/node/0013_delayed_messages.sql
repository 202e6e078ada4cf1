-- One row per message that is not due yet. Grows: with the horizon of delays. Written by: brokers (schedule, cancel). Read by: the
-- broker that has the node's duties, at the front of each partition; the primary key is the order of delivery. Deleted by: the same,
-- in the transaction that appends the message.
CREATE TABLE IF NOT EXISTS delayed_messages (
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  due_us BIGINT NOT NULL COMMENT 'microseconds since 1970 UTC; judged by this server''s clock',
  producer_id BIGINT NOT NULL COMMENT '0: no duplicate protection',
  sequence BIGINT NOT NULL COMMENT 'of the producer''s delayed messages in this partition',
  codec SMALLINT NOT NULL,
  `key` VARBINARY(1024) NULL,
  headers BLOB NULL COMMENT 'as in message tables',
  body LONGBLOB NULL,
  PRIMARY KEY (topic_id, partition_index, due_us, producer_id, sequence)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: messages with a due time';
