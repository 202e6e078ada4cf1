-- One row per team and person; 500 at most of each team. Written and read with the team.
CREATE TABLE IF NOT EXISTS team_members (
  team VARBINARY(100) NOT NULL,
  person VARBINARY(100) NOT NULL,
  role VARBINARY(16) NOT NULL COMMENT 'member, lead',
  PRIMARY KEY (team, person)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: who is in which team';
