-- One row per member of a group, as of the group's generation. Grows: with running consumers. Written by: the
-- coordinator, with the group's row in one transaction. Read with it. Lists are JSON arrays so that people can read them.
CREATE TABLE IF NOT EXISTS group_members (
  group_id VARBINARY(249) NOT NULL,
  member_id VARBINARY(255) NOT NULL,
  instance_id VARBINARY(255) NOT NULL DEFAULT '' COMMENT 'empty: dynamic member',
  client_id VARBINARY(255) NOT NULL DEFAULT '',
  host VARBINARY(255) NOT NULL DEFAULT '' COMMENT 'host:port:start time:pid',
  session_timeout_ms INT UNSIGNED NOT NULL,
  rebalance_timeout_ms INT UNSIGNED NOT NULL,
  protocols VARBINARY(1024) NOT NULL COMMENT 'assignors it can do, JSON, preferred first',
  topics MEDIUMBLOB NOT NULL COMMENT 'subscription, JSON',
  owned MEDIUMBLOB NOT NULL COMMENT 'what it held when it joined, JSON: {"topic": [partitions]}',
  owned_generation BIGINT NOT NULL DEFAULT 0,
  assignment MEDIUMBLOB NOT NULL COMMENT 'JSON: {"topic": [partitions]}',
  PRIMARY KEY (group_id, member_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: members of consumer groups and their partitions';
