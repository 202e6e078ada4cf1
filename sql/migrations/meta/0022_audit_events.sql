-- Who changed what, and who was refused: one row per change and per refused attempt. Grows: with what people and tools do;
-- kept for 400 days. Written by: metaservers, in the transaction of the change. Never updated. Read by: searches, newest
-- first, by object, by actor, or by time. Deleted by: the metaserver on call, by time. id is no cursor for new rows: one
-- with a smaller id may become visible later.
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
