-- One row per consumer group that has had members. Grows: with groups, thousands. Written by: the metaserver that holds
-- the lease of the group's slot, in a transaction that checks `epoch`. Read by: the coordinator when it takes a slot
-- (by_slot), any metaserver for lists. Deleted by: deleteGroup, and the janitor 7 days after the group became empty.
CREATE TABLE IF NOT EXISTS consumer_groups (
  group_id VARBINARY(249) NOT NULL,
  slot SMALLINT UNSIGNED NOT NULL COMMENT 'hash of group_id; lease group-slot-NN names its coordinator',
  state ENUM('Empty', 'CompletingRebalance', 'Stable') NOT NULL,
  generation BIGINT NOT NULL,
  protocol VARBINARY(64) NOT NULL DEFAULT '' COMMENT 'the assignor chosen',
  leader VARBINARY(255) NOT NULL DEFAULT '' COMMENT 'member_id',
  epoch BIGINT NOT NULL COMMENT 'of the lease under which this row was written',
  empty_since DATETIME(6) NULL COMMENT 'UTC, this server''s clock; NULL while it has members',
  updated_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (group_id),
  KEY by_slot (slot)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: consumer groups';
