-- What requests ask for: one row per request, written once and again only when its author edits it, so that the many changes
-- of the request's own row while it is applied do not carry it. Grows and goes with change_requests. Written by: metaservers,
-- for authors. Read by id, with the request.
CREATE TABLE IF NOT EXISTS change_bundles (
  request_id BIGINT UNSIGNED NOT NULL COMMENT 'change_requests.id',
  bundle MEDIUMBLOB NOT NULL COMMENT 'JSON, core/policy/bundle_json.h',
  PRIMARY KEY (request_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: what requests ask for'
