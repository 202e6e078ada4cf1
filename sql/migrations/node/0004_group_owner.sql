-- Who owns the row at its generation: a commit of another member at the same generation is refused as well.
ALTER TABLE group_offsets
  ADD COLUMN member_id VARBINARY(255) NOT NULL DEFAULT '' COMMENT 'owner at this generation; empty: explicit assignment' AFTER generation;
