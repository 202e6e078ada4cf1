-- Requests for changes: one row each. Grows: with use; 5,000 open ones at most, ended ones are kept for 400 days. Written
-- by: metaservers, for authors, approvers and the one that applies. Deleted by: the metaserver that applies. Read by id, by
-- state (what waits and what is applied), newest first, and, when they have ended long ago, by state and time.
CREATE TABLE IF NOT EXISTS change_requests (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  author VARBINARY(128) NOT NULL COMMENT 'person:ann, service:billing, anonymous',
  title VARBINARY(200) NOT NULL,
  state VARBINARY(16) NOT NULL COMMENT 'draft, pending, approved, applying, applied, failed, ...',
  version BIGINT NOT NULL COMMENT 'rises with each change of the row',
  epoch BIGINT NOT NULL COMMENT 'of who applies it; steps of an older one have no effect',
  bundle MEDIUMBLOB NOT NULL COMMENT 'JSON, core/policy/bundle_json.h',
  changes INT NOT NULL COMMENT 'in the bundle',
  detail MEDIUMBLOB NOT NULL COMMENT 'JSON: approvers, approvals, reasons, progress',
  attempt VARBINARY(128) NULL COMMENT 'idempotency key, or one made up; NULL: it does not count any more',
  created_at DATETIME(6) NOT NULL COMMENT 'UTC',
  changed_at DATETIME(6) NOT NULL COMMENT 'UTC; the last change of state',
  expires_at DATETIME(6) NULL COMMENT 'UTC; of pending ones',
  retry_at DATETIME(6) NULL COMMENT 'UTC; of those that are applied: nothing is done before',
  PRIMARY KEY (id),
  UNIQUE KEY one_each (author, attempt),
  KEY by_state (state, id),
  KEY by_change (state, changed_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: requests for changes'
