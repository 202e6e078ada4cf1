-- What people were told to tidy up, and how often: a row per matter that is not right. Grows: with topics, groups and grants that
-- nobody looks after; a matter that is right again goes. Written by: the metaserver on call, fenced, in the transaction that
-- stores the alert notices that tell it. Read by: it, as a whole, every hour.
CREATE TABLE IF NOT EXISTS hygiene_reminders (
  kind VARBINARY(32) NOT NULL COMMENT 'grant_ends, owner_gone, nobody_writes, nobody_reads',
  subject VARBINARY(700) NOT NULL COMMENT 'topic orders',
  told INT NOT NULL COMMENT 'how many times in a row',
  last_at DATETIME(6) NOT NULL COMMENT 'UTC, this server''s clock',
  PRIMARY KEY (kind, subject)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT='LaneMQ: what people were told to tidy up'
