-- One row, made by the first change: how often identities and rights changed. Every transaction that changes any of the
-- tables below holds this row from its first statement on, so changes are serialised. Read by: metaservers, several times a
-- second.
CREATE TABLE IF NOT EXISTS access_state (
  singleton TINYINT UNSIGNED NOT NULL DEFAULT 1,
  version BIGINT NOT NULL,
  PRIMARY KEY (singleton)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: version of identities and rights';
