-- Who may report an outbox: whoever did it first, until it is silent for a day or forgotten. Written with the report.
ALTER TABLE outboxes
  ADD COLUMN reporter VARBINARY(128) NOT NULL DEFAULT '' COMMENT 'principal: service:billing; empty: anybody' AFTER relay;
