-- One row per message that a consumer group has worked off in this database: what makes effects happen once. Grows: with messages.
-- Written by: applications, in the transaction of the effect. Read by: the duplicate key alone. Deleted by: the application, by_age,
-- later than any redelivery can come.
CREATE TABLE IF NOT EXISTS lanemq_inbox (
  consumer_group VARBINARY(249) NOT NULL,
  message_id VARBINARY(300) NOT NULL COMMENT 'topic/partition/offset, or what the sender calls it',
  processed_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)) COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (consumer_group, message_id),
  KEY by_age (consumer_group, processed_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: messages that were worked off, with their effects';
