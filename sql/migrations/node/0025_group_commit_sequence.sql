-- A commit or settlement of the owner that was given up and arrives late is refused: the owner counts them, and this is the last one.
ALTER TABLE group_offsets
  ADD COLUMN commit_sequence BIGINT NOT NULL DEFAULT 0 COMMENT 'of the last commit of member_id at generation that told one; 0: none did' AFTER member_id;
