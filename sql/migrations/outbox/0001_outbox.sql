-- One row per message that a business transaction wants to publish. Grows: with inserts, by the business's own transactions, until
-- relays publish. Written by: applications (the library, or plain SQL that names topic, message_key and body); relays change `state`.
-- Read by: relays, one range of the primary key per bucket and state, from its beginning: no cursor. Deleted by: relays when
-- published, or when an outbox that archives cleans up.
-- by_id is not UNIQUE on purpose: looking for duplicates when a row changes its state would lock the row behind it, which may be one of an
-- open transaction, and the end of the index, where businesses insert.
CREATE TABLE IF NOT EXISTS lanemq_outbox (
  state TINYINT NOT NULL DEFAULT 0 COMMENT '0 ready, 1 held, 2 dead, 3 published',
  bucket SMALLINT NOT NULL DEFAULT (CRC32(COALESCE(message_key, body, _binary '')) & 255) COMMENT 'of the key: what relays share; leave it to its default',
  id BIGINT NOT NULL AUTO_INCREMENT,
  topic VARCHAR(249) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  message_key VARBINARY(1024) NULL COMMENT 'messages of one key keep their order; NULL: none',
  headers BLOB NULL COMMENT 'name=value&name=value, percent-encoded; NULL: none',
  body LONGBLOB NULL,
  codec SMALLINT NOT NULL DEFAULT 0 COMMENT 'how the body is compressed; 0: not',
  deliver_at DATETIME(6) NULL COMMENT 'UTC; not before then. NULL: at once',
  created_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)) COMMENT 'UTC, this server''s clock',
  attempts INT NOT NULL DEFAULT 0 COMMENT 'refused so often',
  last_error VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  published_at DATETIME(6) NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (state, bucket, id),
  KEY by_id (id),
  CONSTRAINT lanemq_outbox_place CHECK (state BETWEEN 0 AND 3 AND bucket BETWEEN 0 AND 255)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: messages to publish, inserted with the business''s own rows';
