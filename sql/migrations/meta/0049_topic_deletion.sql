-- Deleted topics that can be brought back: in state 'deleted' their tables, rights and name stay. Written by: metaservers.
-- A row goes on to 'deleting', from which there is no way back, when purge_at has passed or somebody asks for it. A server of
-- an older version neither serves nor purges a topic in this state.
ALTER TABLE topics
  MODIFY state ENUM('creating', 'active', 'deleting', 'deleted') NOT NULL,
  ADD COLUMN deleted_at DATETIME(6) NULL COMMENT 'NULL, as the next: it is not deleted',
  ADD COLUMN purge_at DATETIME(6) NULL COMMENT 'it can be brought back until then, at least',
  ADD COLUMN deleted_by VARBINARY(128) NOT NULL DEFAULT '' COMMENT 'as the actor of audit_events';
