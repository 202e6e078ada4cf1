-- Under which objects an event of the audit log is found beside its own: of a grant its topic and whom it is to. A row or
-- two per event about rights. Grows and goes with audit_events. Written by: metaservers, in the transaction of the event.
-- Read by: searches by object, newest first. Deleted by: the metaserver on call, when the event is gone.
CREATE TABLE IF NOT EXISTS audit_objects (
  object_kind VARBINARY(32) NOT NULL,
  object_name VARBINARY(600) NOT NULL,
  event_id BIGINT UNSIGNED NOT NULL COMMENT 'audit_events.id',
  PRIMARY KEY (object_kind, object_name, event_id),
  KEY by_event (event_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: further objects of audit events';
