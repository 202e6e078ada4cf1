-- Finds the record that kills its consumers: claims since the offset last moved, and the record that is handled with a mark.
ALTER TABLE group_offsets
  ADD COLUMN claims INT NOT NULL DEFAULT 0 COMMENT 'since committed_offset last moved' AFTER member_id,
  ADD COLUMN attempt_offset BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'the record whose attempts are counted; 0: none' AFTER claims,
  ADD COLUMN attempts INT NOT NULL DEFAULT 0 COMMENT 'of attempt_offset' AFTER attempt_offset;
