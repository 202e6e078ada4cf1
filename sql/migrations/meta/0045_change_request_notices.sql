-- What became of requests and nobody was told yet: one row per event. Grows: with use; 10,000 at most, but for broken glass;
-- a row waits a day at most. Written by: metaservers, in the transaction of the event. Deleted by: whichever metaserver makes
-- alert notices of it, in the transaction that stores those. Read every second: broken glass first, then the oldest.
CREATE TABLE IF NOT EXISTS change_request_notices (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  request BIGINT UNSIGNED NOT NULL,
  event VARBINARY(16) NOT NULL COMMENT 'submitted, break_glass, approved, ...',
  is_urgent TINYINT NOT NULL COMMENT '1: the glass was broken',
  at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (id),
  KEY by_urgency (is_urgent, id),
  KEY by_request (request, event),
  KEY by_time (at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: events of requests that nobody was told of'
