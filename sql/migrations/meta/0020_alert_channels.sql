-- Where notices go: one row per channel; 100 at most. Written by: operators. Read whole by the metaserver on call. Secrets are
-- not here: secret_file names a file on the metaservers.
CREATE TABLE IF NOT EXISTS alert_channels (
  name VARBINARY(64) NOT NULL,
  type VARBINARY(32) NOT NULL COMMENT 'webhook, slack, feishu, dingtalk, email, alertmanager',
  url VARBINARY(1024) NOT NULL,
  recipients VARBINARY(4096) NOT NULL DEFAULT '' COMMENT 'JSON: list of addresses',
  sender VARBINARY(255) NOT NULL DEFAULT '',
  owners VARBINARY(4096) NOT NULL DEFAULT '' COMMENT 'JSON: whose alerts; empty: all',
  severity VARBINARY(16) NOT NULL DEFAULT 'ticket' COMMENT 'page: pages alone; ticket: all',
  secret_file VARBINARY(1024) NOT NULL DEFAULT '',
  user VARBINARY(255) NOT NULL DEFAULT '',
  is_on TINYINT NOT NULL DEFAULT 1,
  updated_by VARBINARY(255) NOT NULL DEFAULT '',
  updated_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (name)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: channels of alerts';
