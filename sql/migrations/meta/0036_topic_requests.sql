-- Topics that a request is making: one row each, from the topic's first row until the request has ended, so that undoing
-- drops no other's. Grows: while requests are applied. Written and deleted by: the metaserver that applies.
CREATE TABLE IF NOT EXISTS topic_requests (
  topic_id BIGINT UNSIGNED NOT NULL,
  request_id BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (topic_id),
  KEY by_request (request_id)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: topics that requests are making'
