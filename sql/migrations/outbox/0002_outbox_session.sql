-- One row per relay that works on this outbox, and for a while per dead one whose plan is not finished: the fence of all they write.
-- Grows: with relays. Written by: its relay, each round and each heartbeat; whoever takes it over. Read by: relays, all of it (a few
-- rows). Deleted by: its relay when it ends, or who finished its plan.
CREATE TABLE IF NOT EXISTS lanemq_outbox_session (
  session_id BIGINT NOT NULL AUTO_INCREMENT,
  epoch BIGINT NOT NULL COMMENT 'raised when another process takes the session over',
  name VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'of the relay''s process, for people',
  wake_address VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'host:port for datagrams after commits; empty: none',
  lease_until DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  started_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  plan LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'what it may be sending, as JSON; NULL: nothing',
  PRIMARY KEY (session_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: relays of the outbox and what they are sending';
