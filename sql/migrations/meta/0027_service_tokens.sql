-- One row per token, without its secret. Grows: with rotations; 20,000 at most. A revoked one is deleted at once; one that
-- ended is kept for 30 days, so that people see why a program was refused. Read whole when the version has changed.
CREATE TABLE IF NOT EXISTS service_tokens (
  id VARBINARY(16) NOT NULL COMMENT 'the part of the token that is no secret',
  hash BINARY(32) NOT NULL COMMENT 'SHA-256 of the secret, which has 256 random bits',
  service VARBINARY(100) NOT NULL,
  created_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  expires_at DATETIME(6) NULL COMMENT 'UTC; NULL: does not end',
  created_by VARBINARY(128) NOT NULL DEFAULT '',
  note VARBINARY(200) NOT NULL DEFAULT '',
  PRIMARY KEY (id),
  KEY by_service (service),
  KEY by_end (expires_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: hashes of tokens';
