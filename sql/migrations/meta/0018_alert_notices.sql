-- What is to be sent, and was: one row per notice and channel. Nothing is sent that is not such a row. Grows: with alerts;
-- sent ones go after 30 days, undelivered ones are given up after 24 h. Written by: the metaserver on call, fenced.
CREATE TABLE IF NOT EXISTS alert_notices (
  notice VARBINARY(64) NOT NULL COMMENT 'the receiver''s idempotency key',
  channel VARBINARY(64) NOT NULL,
  incident VARBINARY(64) NOT NULL,
  what ENUM('fired', 'reminder', 'resolved', 'more') NOT NULL COMMENT 'more: how many besides; of no incident',
  state ENUM('queued', 'sending', 'sent', 'failed', 'dropped', 'folded') NOT NULL COMMENT 'folded: the next `more` counts it',
  body BLOB NOT NULL COMMENT 'JSON: the alert as it was',
  attempts INT NOT NULL DEFAULT 0,
  epoch BIGINT NOT NULL COMMENT 'of the term that queued it or began to send it last',
  queued_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  next_at DATETIME(6) NOT NULL COMMENT 'not before',
  sent_at DATETIME(6) NULL,
  last_error VARBINARY(1024) NOT NULL DEFAULT '',
  PRIMARY KEY (notice, channel),
  KEY by_state (state, next_at),
  KEY by_incident (incident, channel),
  KEY by_channel (channel, state, sent_at),
  KEY by_queued (queued_at)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: notices of alerts';
