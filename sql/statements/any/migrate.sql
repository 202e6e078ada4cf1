-- The migrator's own bookkeeping; run in the schema that is migrated. One text statement each, or prepared.

-- name: create_schema_migrations
-- Row 0 is no migration: the migrator that runs holds its lock.
CREATE TABLE IF NOT EXISTS schema_migrations (
  number INT UNSIGNED NOT NULL,
  name VARBINARY(128) NOT NULL,
  checksum VARBINARY(64) NOT NULL COMMENT 'SHA-256 of the file',
  applied_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (number)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: schema changes that were applied';

-- name: create_migration_lock
INSERT IGNORE INTO schema_migrations (number, name, checksum, applied_at) VALUES (0, 'lock', '', UTC_TIMESTAMP(6));

-- name: lock_migrations
SELECT number FROM schema_migrations WHERE number = 0 FOR UPDATE;

-- name: read_migrations
SELECT number, name, checksum FROM schema_migrations WHERE number > 0 ORDER BY number;

-- name: record_migration
INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6));
