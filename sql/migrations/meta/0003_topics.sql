-- One row per topic. Grows: by teams' requests, thousands. topic_id is AUTO_INCREMENT only to be unique for ever; nobody
-- reads it as a cursor. Written by: metaservers. Read whole by metaservers when the version has changed.
CREATE TABLE IF NOT EXISTS topics (
  topic_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARBINARY(249) NOT NULL,
  state ENUM('creating', 'active', 'deleting') NOT NULL,
  description VARCHAR(1024) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  PRIMARY KEY (topic_id),
  UNIQUE KEY by_name (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: topics';
