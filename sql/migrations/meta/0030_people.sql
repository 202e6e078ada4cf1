-- One row per person who may sign in. Grows: with the organisation; 20,000 at most. Written by: metaservers, by order of
-- administrators, and at every sign-in by password. Name, role and the two flags are read whole when the version of
-- access_state has changed.
CREATE TABLE IF NOT EXISTS people (
  name VARBINARY(100) NOT NULL,
  role VARBINARY(16) NOT NULL COMMENT 'viewer, operator, admin',
  is_disabled TINYINT NOT NULL DEFAULT 0 COMMENT '1: his sessions and tokens do not count meanwhile',
  must_change_password TINYINT NOT NULL DEFAULT 0 COMMENT '1: somebody else chose it',
  display_name VARBINARY(200) NOT NULL DEFAULT '',
  email VARBINARY(254) NOT NULL DEFAULT '',
  oidc_subject VARBINARY(255) NULL COMMENT 'NULL: signs in with a password',
  password_hash VARBINARY(200) NOT NULL DEFAULT '' COMMENT 'argon2id, encoded; empty: none',
  failures INT NOT NULL DEFAULT 0 COMMENT 'wrong passwords in a row',
  last_failed_at DATETIME(6) NULL COMMENT 'UTC, this server''s clock',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  last_sign_in_at DATETIME(6) NULL,
  PRIMARY KEY (name),
  UNIQUE KEY one_subject (oidc_subject)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: who may sign in';
