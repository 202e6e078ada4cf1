-- One row per partition: where its message table is. Grows: with topics. Written by: metaservers in the transaction that
-- creates or widens the topic. by_place serves the placement planner's count per node and schema.
CREATE TABLE IF NOT EXISTS topic_partitions (
  topic_id BIGINT UNSIGNED NOT NULL,
  partition_index INT UNSIGNED NOT NULL,
  node_id BIGINT UNSIGNED NOT NULL,
  schema_index TINYINT UNSIGNED NOT NULL,
  is_ready BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'its message table exists',
  PRIMARY KEY (topic_id, partition_index),
  KEY by_place (node_id, schema_index)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: partitions and their places';
