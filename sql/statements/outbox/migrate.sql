-- The migrator's bookkeeping in a team's schema; `component` is 'outbox' or 'inbox'.

-- name: create_lanemq_migrations
-- Number 0 is no migration: the migrator that runs holds its lock.
CREATE TABLE IF NOT EXISTS lanemq_schema_migrations (
  component VARBINARY(32) NOT NULL,
  number INT UNSIGNED NOT NULL,
  name VARBINARY(128) NOT NULL,
  checksum VARBINARY(64) NOT NULL COMMENT 'SHA-256 of the file',
  applied_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (component, number)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: changes of its tables in this schema that were applied';

-- name: create_lanemq_migration_lock
INSERT IGNORE INTO lanemq_schema_migrations (component, number, name, checksum, applied_at)
VALUES (?, 0, 'lock', '', UTC_TIMESTAMP(6));

-- name: lock_lanemq_migrations
SELECT number FROM lanemq_schema_migrations WHERE component = ? AND number = 0 FOR UPDATE;

-- name: read_lanemq_migrations
SELECT number, name, checksum FROM lanemq_schema_migrations WHERE component = ? AND number > 0 ORDER BY number;

-- name: record_lanemq_migration
INSERT INTO lanemq_schema_migrations (component, number, name, checksum, applied_at) VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6));
