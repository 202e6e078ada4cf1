-- One row per MySQL server that holds partitions. Grows: by hand, tens of rows. Written by: operators.
-- Read whole by metaservers. Never deleted while partitions refer to it.
CREATE TABLE IF NOT EXISTS data_nodes (
  node_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARBINARY(64) NOT NULL,
  host VARBINARY(255) NOT NULL,
  port INT UNSIGNED NOT NULL,
  schema_prefix VARBINARY(48) NOT NULL DEFAULT 'lanemq' COMMENT 'schemas <prefix>_node and <prefix>_00 ...',
  state ENUM('writable', 'closed', 'disabled') NOT NULL DEFAULT 'writable',
  schemas_max TINYINT UNSIGNED NOT NULL DEFAULT 10,
  tables_per_schema_max TINYINT UNSIGNED NOT NULL DEFAULT 99,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (node_id),
  UNIQUE KEY by_name (name),
  UNIQUE KEY by_address (host, port, schema_prefix)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: MySQL servers that hold partitions';
