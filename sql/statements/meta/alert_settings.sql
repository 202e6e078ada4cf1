-- What people set about alerts. A parameter named `now` is NULL except in tests: the database's clock decides.

-- name: read_alert_rules
-- As text: the connector rounds floating point.
SELECT kind, is_on, CAST(threshold AS CHAR), for_ms, severity, owner FROM alert_rules ORDER BY kind;

-- name: lock_alert_rule
-- uses-index: PRIMARY
-- Columns as of read_alert_rules.
SELECT kind, is_on, CAST(threshold AS CHAR), for_ms, severity, owner FROM alert_rules WHERE kind = ? FOR UPDATE;

-- name: insert_alert_rule
-- Affected rows: 0 = it is there. save_alert_rule fills it.
-- Parameters: kind, now.
INSERT IGNORE INTO alert_rules (kind, updated_at) VALUES (?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: save_alert_rule
-- NULL keeps what is there.
-- Parameters: kind, on, threshold, for, severity, owner, by, now.
INSERT INTO alert_rules (kind, is_on, threshold, for_ms, severity, owner, updated_by, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
ON DUPLICATE KEY UPDATE
    is_on = COALESCE(VALUES(is_on), is_on), threshold = COALESCE(VALUES(threshold), threshold),
    for_ms = COALESCE(VALUES(for_ms), for_ms), severity = COALESCE(VALUES(severity), severity),
    owner = COALESCE(VALUES(owner), owner), updated_by = VALUES(updated_by), updated_at = VALUES(updated_at);

-- name: delete_alert_rule
-- uses-index: PRIMARY
DELETE FROM alert_rules WHERE kind = ?;

-- name: read_alert_channels
SELECT name, type, url, recipients, sender, owners, severity, secret_file, user, is_on FROM alert_channels ORDER BY name;

-- name: lock_alert_channel
-- uses-index: PRIMARY
-- Columns as of read_alert_channels.
SELECT name, type, url, recipients, sender, owners, severity, secret_file, user, is_on
FROM alert_channels WHERE name = ? FOR UPDATE;

-- name: update_alert_channel
-- uses-index: PRIMARY
-- Affected rows: 0 = it is new.
-- Parameters: type, URL, recipients, sender, owners, severity, secret file, user, on, by, now, name.
UPDATE alert_channels SET type = ?, url = ?, recipients = ?, sender = ?, owners = ?, severity = ?, secret_file = ?, user = ?,
       is_on = ?, updated_by = ?, updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE name = ?;

-- name: insert_alert_channel
-- Affected rows: 0 = it is there, or there are too many. update_alert_channel fills it.
-- Parameters: name, now, most channels.
INSERT IGNORE INTO alert_channels (name, type, url, updated_at)
SELECT ?, '', '', CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
FROM (SELECT COUNT(*) AS n FROM alert_channels) AS known WHERE known.n < ?;

-- name: delete_alert_channel
-- uses-index: PRIMARY
DELETE FROM alert_channels WHERE name = ?;

-- name: read_alert_channel_states
-- The newest error is that of the notice that waits or was given up last.
SELECT name,
       (SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MAX(sent_at)) FROM alert_notices
        WHERE channel = alert_channels.name AND alert_notices.state = 'sent'),
       (SELECT last_error FROM alert_notices
        WHERE channel = alert_channels.name AND alert_notices.state IN ('queued', 'sending', 'failed') AND attempts > 0
          AND last_error <> ''
        ORDER BY next_at DESC LIMIT 1),
       (SELECT COUNT(*) FROM alert_notices
        WHERE channel = alert_channels.name AND alert_notices.state IN ('queued', 'sending'))
FROM alert_channels ORDER BY name;

-- name: read_alert_silences
-- Parameters: now, limit.
SELECT id, kind, subject, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', until_at), reason, created_by,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at)
FROM alert_silences WHERE until_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) ORDER BY until_at, id LIMIT ?;

-- name: insert_alert_silence
-- Affected rows: 0 = there are too many in force.
-- Parameters: kind, subject, now, length in microseconds, reason, by, now, now, most silences.
INSERT INTO alert_silences (kind, subject, until_at, reason, created_by, created_at)
SELECT ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND, ?, ?,
       CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
FROM (SELECT COUNT(*) AS n FROM alert_silences
      WHERE until_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))) AS known WHERE known.n < ?;

-- name: read_new_alert_silence
SELECT id, kind, subject, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', until_at), reason, created_by,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at)
FROM alert_silences WHERE id = LAST_INSERT_ID();

-- name: lock_alert_silence
-- uses-index: PRIMARY
-- Columns as of read_alert_silences.
SELECT id, kind, subject, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', until_at), reason, created_by,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at)
FROM alert_silences WHERE id = ? FOR UPDATE;

-- name: end_alert_silence
-- Parameters: now, id, now.
UPDATE alert_silences SET until_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE id = ? AND until_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6));

-- name: read_lag_objectives
SELECT group_id, topic, objective_ms, allowed_messages, owner, tier, alerts_on, updated_by,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', updated_at)
FROM lag_objectives ORDER BY group_id, topic;

-- name: lock_lag_objective
-- uses-index: PRIMARY
-- Columns as of read_lag_objectives.
SELECT group_id, topic, objective_ms, allowed_messages, owner, tier, alerts_on, updated_by,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', updated_at)
FROM lag_objectives WHERE group_id = ? AND topic = ? FOR UPDATE;

-- name: update_lag_objective
-- uses-index: PRIMARY
-- NULL keeps what is there. Affected rows: 0 = it is new.
-- Parameters: objective, allowed, owner, tier, on, by, now, group, topic.
UPDATE lag_objectives SET objective_ms = COALESCE(?, objective_ms), allowed_messages = COALESCE(?, allowed_messages),
       owner = COALESCE(?, owner), tier = COALESCE(?, tier), alerts_on = COALESCE(?, alerts_on), updated_by = ?,
       updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE group_id = ? AND topic = ?;

-- name: insert_lag_objective
-- Affected rows: 0 = it is there, or there are too many. update_lag_objective fills it.
-- Parameters: group, topic, now, most rows.
INSERT IGNORE INTO lag_objectives (group_id, topic, updated_at)
SELECT ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
FROM (SELECT COUNT(*) AS n FROM lag_objectives) AS known WHERE known.n < ?;

-- name: delete_lag_objective
-- uses-index: PRIMARY
DELETE FROM lag_objectives WHERE group_id = ? AND topic = ?;
