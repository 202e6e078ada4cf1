-- One row per reason why rows of the outbox must wait. Grows: with keys that cannot be published (bounded by the relays). Written and
-- deleted by: the bucket's relay; `next_attempt_at` also by operators. Read by: relays, by bucket; people.
CREATE TABLE IF NOT EXISTS lanemq_outbox_hold (
  bucket SMALLINT NOT NULL,
  topic VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  domain VARBINARY(1100) NOT NULL COMMENT 'what waits: k:<key>, i:<id of a message without a key>, p:<partition>, t: the topic',
  attempts INT NOT NULL,
  next_attempt_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  since DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  last_error VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (bucket, topic, domain)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: what of the outbox waits, and why';
