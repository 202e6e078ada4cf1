-- Who changed what on this data node alone: one row per change that a person or tool asked for, with the columns of the
-- metadata database's audit_events. Grows: by hand; kept for 400 days. Written by: brokers, in the transaction of the change.
-- Never updated. Read by: people, newest first, by object, by actor, or by time. Deleted by: the broker on duty, by time.
CREATE TABLE IF NOT EXISTS audit_events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  actor VARBINARY(128) NOT NULL COMMENT 'service:billing, person:ann, anonymous',
  on_behalf_of VARBINARY(128) NOT NULL DEFAULT '' COMMENT 'whom a gateway acts for',
  source VARBINARY(128) NOT NULL DEFAULT '' COMMENT 'address:port',
  request_id VARBINARY(64) NOT NULL DEFAULT '',
  action VARBINARY(64) NOT NULL COMMENT 'the RPC, or what a server does by itself',
  object_kind VARBINARY(32) NOT NULL,
  object_name VARBINARY(600) NOT NULL,
  before_json MEDIUMTEXT NULL COMMENT 'NULL: there was none',
  after_json MEDIUMTEXT NULL COMMENT 'NULL: there is none',
  reason VARBINARY(500) NOT NULL DEFAULT '' COMMENT 'what the person said',
  result ENUM('ok', 'denied') NOT NULL,
  PRIMARY KEY (id),
  KEY by_object (object_kind, object_name, id),
  KEY by_actor (actor, id),
  KEY by_time (at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: who changed what';
