-- What the cluster allows: one row; none: nobody has set a policy. Grows: never. Written by: metaservers, by order of
-- administrators. Read by metaservers for every decision.
CREATE TABLE IF NOT EXISTS policies (
  singleton TINYINT UNSIGNED NOT NULL,
  version BIGINT NOT NULL COMMENT 'from 1; rises with each change',
  policy MEDIUMBLOB NOT NULL COMMENT 'JSON, core/policy/policy_json.h',
  PRIMARY KEY (singleton)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: policy of the cluster'
