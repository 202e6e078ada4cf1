-- A partition that leaves this data node: `moving` from its seal on, and everybody who writes anything of it is refused. move_id is
-- the newest move that brought the partition here, sealed it or was given up here: no older one may seal it, nor the same one again.
ALTER TABLE partition_state
  MODIFY COLUMN state ENUM('writable', 'read_only', 'retired', 'moving') NOT NULL DEFAULT 'writable',
  ADD COLUMN state_before ENUM('writable', 'read_only', 'retired') NULL COMMENT 'while moving: what it was, and will be elsewhere' AFTER state,
  ADD COLUMN move_id BIGINT NOT NULL DEFAULT 0 COMMENT 'of partition_moves; 0: it has never left' AFTER state_before;
