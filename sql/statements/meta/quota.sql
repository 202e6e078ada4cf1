-- Quotas of teams. Changes are made in transactions that hold the row of access_state: see access.sql.

-- name: read_team_quotas
SELECT team, topics, partitions, stored_bytes, produce_bytes_per_s, fetch_bytes_per_s, messages_per_s, message_bytes_max
FROM team_quotas ORDER BY team;

-- name: find_team_quota
-- uses-index: PRIMARY
SELECT team, topics, partitions, stored_bytes, produce_bytes_per_s, fetch_bytes_per_s, messages_per_s, message_bytes_max
FROM team_quotas WHERE team = ?;

-- name: save_team_quota
INSERT INTO team_quotas (team, topics, partitions, stored_bytes, produce_bytes_per_s, fetch_bytes_per_s, messages_per_s,
                         message_bytes_max)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE
  topics = VALUES(topics), partitions = VALUES(partitions), stored_bytes = VALUES(stored_bytes),
  produce_bytes_per_s = VALUES(produce_bytes_per_s), fetch_bytes_per_s = VALUES(fetch_bytes_per_s),
  messages_per_s = VALUES(messages_per_s), message_bytes_max = VALUES(message_bytes_max);

-- name: delete_team_quota
-- uses-index: PRIMARY
DELETE FROM team_quotas WHERE team = ?;

-- name: read_quota_mode
-- uses-index: PRIMARY
-- No row: nobody has said anything.
SELECT mode FROM quota_state WHERE singleton = 1;

-- name: save_quota_mode
INSERT INTO quota_state (singleton, mode) VALUES (1, ?) ON DUPLICATE KEY UPDATE mode = VALUES(mode);
