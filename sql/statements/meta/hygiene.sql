-- What people were told to tidy up.

-- name: read_hygiene_reminders
-- At most so many.
SELECT kind, subject, told, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_at) FROM hygiene_reminders LIMIT ?;

-- name: put_hygiene_reminder
-- Parameters: kind, subject, how many times, when in microseconds.
INSERT INTO hygiene_reminders (kind, subject, told, last_at)
VALUES (?, ?, ?, CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND)
ON DUPLICATE KEY UPDATE told = VALUES(told), last_at = VALUES(last_at);

-- name: delete_hygiene_reminder
-- uses-index: PRIMARY
DELETE FROM hygiene_reminders WHERE kind = ? AND subject = ?;
