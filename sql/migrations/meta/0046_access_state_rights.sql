-- Which of the changes were of tokens of people alone, as each signing in is: servers that have all else need not read it
-- again. A server of an older version raises `version` alone, which then differs from people_version: what it changed counts
-- as a change of everything.
ALTER TABLE access_state
  ADD COLUMN rights_version BIGINT NOT NULL DEFAULT 0 COMMENT 'when people_version = version: the last that changed more',
  ADD COLUMN people_version BIGINT NOT NULL DEFAULT 0 COMMENT 'the last that changed tokens of people alone';
