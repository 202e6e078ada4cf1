-- What teams may have: one row per team with a limit. Grows: with teams; 5,000 at most. Written by: metaservers, by order of
-- operators and of granted requests, in transactions that hold the row of access_state. Deleted with the team. Read whole
-- when the version has changed.
CREATE TABLE IF NOT EXISTS team_quotas (
  team VARBINARY(100) NOT NULL,
  topics BIGINT NULL COMMENT 'NULL, here and below: as much as there is',
  partitions BIGINT NULL,
  stored_bytes BIGINT NULL,
  produce_bytes_per_s BIGINT NULL,
  fetch_bytes_per_s BIGINT NULL,
  messages_per_s BIGINT NULL COMMENT 'produced',
  message_bytes_max BIGINT NULL,
  PRIMARY KEY (team)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: quotas of teams';
