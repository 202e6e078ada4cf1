-- One row: who this cluster is and how often its catalogue changed.
-- Written by: every transaction that changes the catalogue (version + 1). Read by: metaservers, several times a second.
CREATE TABLE IF NOT EXISTS cluster (
  singleton TINYINT UNSIGNED NOT NULL DEFAULT 1,
  cluster_id VARBINARY(64) NOT NULL COMMENT 'random, made once',
  metadata_version BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (singleton)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: cluster identity and metadata version';
