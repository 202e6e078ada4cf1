-- One row per session and per token of a person, without its secret. Grows: with sign-ins; 20,000 at most. A revoked one and a
-- session that ended are deleted, another that ended is kept for 30 days. Read whole when the version of access_state has
-- changed.
CREATE TABLE IF NOT EXISTS person_tokens (
  id VARBINARY(16) NOT NULL COMMENT 'the part of the token that is no secret',
  hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the secret, which has 256 random bits',
  person VARBINARY(100) NOT NULL,
  is_session TINYINT NOT NULL COMMENT '1: made by signing in',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  expires_at DATETIME(6) NOT NULL COMMENT 'UTC',
  created_by VARBINARY(128) NOT NULL DEFAULT '',
  note VARBINARY(200) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  KEY by_person (person, is_session, created_at),
  KEY by_end (expires_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: hashes of sessions and of people''s tokens';
