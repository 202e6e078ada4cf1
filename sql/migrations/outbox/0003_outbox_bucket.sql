-- One row per bucket that a session owns; a bucket without a row is free. Grows: to 256. Written and deleted by: relays, in
-- transactions that lock their session's row.
CREATE TABLE IF NOT EXISTS lanemq_outbox_bucket (
  bucket SMALLINT NOT NULL COMMENT '0 to 255',
  session_id BIGINT NOT NULL,
  PRIMARY KEY (bucket),
  KEY by_session (session_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: which relay publishes which part of the outbox';
