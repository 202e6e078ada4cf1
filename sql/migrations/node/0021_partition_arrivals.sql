-- One row per partition that has ever begun to arrive at this data node: its newest move, and how much of the log has been copied into
-- its table there. Written by: the metaserver that carries out moves; each of its transactions here locks the row
-- and wants its own move. It is `dropped` when the move is given up, and when the partition has left again or goes with its topic.
-- Deleted: a day after that, by the next arrival.
CREATE TABLE IF NOT EXISTS partition_arrivals (
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  move_id BIGINT NOT NULL COMMENT 'of partition_moves; an older move does nothing here',
  state ENUM('clearing', 'arriving', 'opened', 'dropped') NOT NULL COMMENT 'clearing: older leftovers go, nothing is copied yet',
  schema_index TINYINT UNSIGNED NOT NULL COMMENT 'the table: <prefix>_<schema_index>.msg_<topic_id>_<partition_index>',
  first_offset BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'where the rows begin that were copied without a jump',
  copied_end BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'the offset the next copied row will have',
  row_count BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'copied from first_offset on',
  holes BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'offsets in between that the source did not have',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (topic_id, partition_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: partitions that move to this data node';
