-- What is known of groups: one row per group that somebody asked for, whether it has members or not. Grows: with groups.
-- Written and deleted by: the metaserver that applies requests. Read whole for every decision.
CREATE TABLE IF NOT EXISTS group_facts (
  name VARBINARY(249) NOT NULL,
  tier VARBINARY(64) NOT NULL,
  description VARBINARY(1024) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: tiers and descriptions of groups'
