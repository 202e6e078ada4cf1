-- Alerts, their events and notices. A parameter named `now` is NULL except in tests: the database's clock decides. Other
-- times are microseconds since 1970, or NULL.

-- name: read_alert_clock
-- Parameter: now.
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: read_open_alerts
-- uses-index: by_state
SELECT incident, kind, subject, state + 0, severity, owner, summary, cause,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', since_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', fired_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', resolved_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', false_since),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', reminded_at), told, inhibited_by
FROM alerts WHERE state IN ('pending', 'firing') ORDER BY since_at, incident LIMIT ?;

-- name: read_resolved_alerts
-- Parameters: now, age in microseconds, limit.
SELECT incident, kind, subject, state + 0, severity, owner, summary, cause,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', since_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', fired_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', resolved_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', false_since),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', reminded_at), told, inhibited_by
FROM alerts
WHERE resolved_at >= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL ? MICROSECOND AND state = 'resolved'
ORDER BY resolved_at DESC LIMIT ?;

-- name: read_notices_of_open_alerts
-- uses-index: by_incident
SELECT alert_notices.notice, alert_notices.channel, alert_notices.incident, alert_notices.what + 0, alert_notices.state + 0, '',
       alert_notices.attempts, alert_notices.epoch, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', alert_notices.queued_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', alert_notices.next_at), alert_notices.last_error
FROM alerts STRAIGHT_JOIN alert_notices ON alert_notices.incident = alerts.incident
WHERE alerts.state = 'firing' LIMIT ?;

-- name: read_folded_notices
-- uses-index: by_state
SELECT notice, channel, incident, what + 0, state + 0, '', attempts, epoch,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', queued_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', next_at), last_error
FROM alert_notices WHERE state = 'folded' ORDER BY next_at LIMIT ?;

-- name: read_recent_notices
-- Parameters: now, limit.
SELECT notice, channel, incident, what + 0, state + 0, '', attempts, epoch,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', queued_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', next_at), last_error
FROM alert_notices WHERE queued_at >= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 2 MINUTE
ORDER BY queued_at DESC LIMIT ?;

-- name: update_alert
-- uses-index: PRIMARY
-- Affected rows: 0 = it is new, or was resolved already.
-- Parameters: state, severity, owner, summary, cause, since, fired, resolved, false since, reminded, told, inhibited by, 1 or
-- NULL (resolved), incident.
UPDATE alerts SET state = ?, severity = ?, owner = ?, summary = ?, cause = ?,
       since_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
       fired_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
       resolved_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
       false_since = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
       reminded_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND, told = ?, inhibited_by = ?, is_open = ?
WHERE incident = ? AND state <> 'resolved';

-- name: insert_alert
-- Parameters: those of update_alert, kind, subject.
INSERT INTO alerts (state, severity, owner, summary, cause, since_at, fired_at, resolved_at, false_since, reminded_at, told,
                    inhibited_by, is_open, incident, kind, subject)
VALUES (?, ?, ?, ?, ?, CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND, CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND, CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        ?, ?, ?, ?, ?, ?);

-- name: forget_alert
DELETE FROM alerts WHERE incident = ? AND state = 'pending';

-- name: insert_alert_event
-- Parameters: incident, now, what, detail.
INSERT INTO alert_events (incident, at, what, detail)
VALUES (?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), ?, ?);

-- name: drop_untried_notices
-- uses-index: by_incident
UPDATE alert_notices SET state = 'dropped', last_error = 'it was over before it was sent'
WHERE incident = ? AND channel = ? AND what IN ('fired', 'reminder') AND state IN ('queued', 'folded') AND attempts = 0;

-- name: count_notices_of_incident
-- Beginnings and reminders that were tried; notices that wait.
SELECT COUNT(CASE WHEN attempts > 0 AND what IN ('fired', 'reminder') THEN 1 END),
       COUNT(CASE WHEN state IN ('queued', 'sending') THEN 1 END)
FROM alert_notices WHERE incident = ? AND channel = ?;

-- name: insert_alert_notice
-- One that is there stays as it is.
-- Parameters: notice, channel, incident, what, state, body, epoch, queued at, next at.
INSERT INTO alert_notices (notice, channel, incident, what, state, body, epoch, queued_at, next_at)
VALUES (?, ?, ?, ?, ?, ?, ?, CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND)
ON DUPLICATE KEY UPDATE notice = VALUES(notice);

-- name: drop_folded_notices
-- Parameters: the notice that counts them, channel.
UPDATE alert_notices SET state = 'dropped', last_error = ? WHERE channel = ? AND state = 'folded';

-- name: drop_waiting_notices
UPDATE alert_notices SET state = 'dropped', last_error = 'the channel was removed or switched off'
WHERE channel = ? AND state IN ('queued', 'folded');

-- name: read_due_notices
-- An older one of the same incident goes first, whatever becomes of it.
-- Parameters: channel, now, epoch, now, channel, limit.
SELECT notice, channel, incident, what + 0, state + 0, body, attempts, epoch,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', queued_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', next_at), last_error
FROM alert_notices
WHERE channel = ?
  AND (state = 'queued' AND next_at <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
       OR state = 'sending' AND (epoch <> ? OR next_at <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))))
  AND EXISTS (SELECT 1 FROM alert_channels WHERE alert_channels.name = ? AND alert_channels.is_on = 1)
  AND (what = 'more' OR NOT EXISTS (
       SELECT 1 FROM alert_notices AS earlier
       WHERE earlier.incident = alert_notices.incident AND earlier.channel = alert_notices.channel
         AND earlier.state IN ('queued', 'sending')
         AND (earlier.queued_at < alert_notices.queued_at
              OR earlier.queued_at = alert_notices.queued_at AND earlier.what + 0 < alert_notices.what + 0)))
ORDER BY queued_at, notice LIMIT ?;

-- name: begin_sending_notice
-- uses-index: PRIMARY
-- Affected rows: 0 = somebody was quicker, or it is not to be sent. The second condition: the reply was lost, and it is asked
-- again.
-- Parameters: epoch, attempts with this one, now, notice, channel, attempts before, epoch, attempts with this one.
UPDATE alert_notices SET state = 'sending', epoch = ?, attempts = ?,
       next_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL 2 MINUTE
WHERE notice = ? AND channel = ?
  AND (state IN ('queued', 'sending') AND attempts = ? OR state = 'sending' AND epoch = ? AND attempts = ?);

-- name: end_sending_notice
-- Affected rows: 0 = it is ended already, or another term's.
-- Parameters: state, now, wait in microseconds, 1 (sent) or NULL, now, error, notice, channel, epoch.
UPDATE alert_notices SET state = ?, next_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND,
       sent_at = CASE WHEN ? = 1 THEN CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) ELSE sent_at END, last_error = ?
WHERE notice = ? AND channel = ? AND state = 'sending' AND epoch = ?;

-- name: expire_alerts
-- Parameters: now, most rows.
DELETE FROM alerts WHERE resolved_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 90 DAY
ORDER BY resolved_at LIMIT ?;

-- name: expire_alert_events
DELETE FROM alert_events WHERE at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 90 DAY
ORDER BY at LIMIT ?;

-- name: expire_alert_notices
-- Who was told of an open alert must be known until its recovery is told.
DELETE FROM alert_notices
WHERE queued_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 30 DAY
  AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.incident = alert_notices.incident AND alerts.is_open = 1)
ORDER BY queued_at LIMIT ?;

-- name: drop_stale_notices
UPDATE alert_notices SET state = 'dropped', last_error = 'it waited for too long'
WHERE state = 'queued' AND queued_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 25 HOUR LIMIT ?;

-- name: expire_alert_silences
DELETE FROM alert_silences WHERE until_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 90 DAY
ORDER BY until_at LIMIT ?;

-- name: read_alert_events
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), incident, what, detail FROM alert_events ORDER BY id DESC LIMIT ?;

-- name: read_incident_events
-- uses-index: by_incident
SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', at), incident, what, detail FROM alert_events
WHERE incident = ? ORDER BY id DESC LIMIT ?;
