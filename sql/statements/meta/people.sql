-- People, their passwords, sessions and tokens. Changes are made as those of access.sql are, under lock_access. A parameter
-- named `now` is NULL except in tests.

-- name: read_people
-- For the book.
SELECT name, role, is_disabled, must_change_password FROM people ORDER BY name;

-- name: list_people
SELECT name, role, is_disabled, must_change_password, display_name, email, COALESCE(oidc_subject, ''),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_sign_in_at),
       failures, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_failed_at)
FROM people ORDER BY name;

-- name: find_person
-- uses-index: PRIMARY
SELECT name, role, is_disabled, must_change_password, display_name, email, COALESCE(oidc_subject, ''),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_sign_in_at),
       failures, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_failed_at)
FROM people WHERE name = ?;

-- name: find_person_by_subject
-- uses-index: one_subject
SELECT name, role, is_disabled, must_change_password, display_name, email, COALESCE(oidc_subject, ''),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_sign_in_at),
       failures, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', last_failed_at)
FROM people WHERE oidc_subject = ?;

-- name: find_password
-- uses-index: PRIMARY
-- With the database's time, by which attempts are counted. Parameters: now, name.
SELECT password_hash, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))
FROM people WHERE name = ?;

-- name: count_people
SELECT COUNT(*) FROM people;

-- name: count_other_admins
-- Who else could administer: people who can sign in, and services with a token. Parameters: name, now.
SELECT (SELECT COUNT(*) FROM people
        WHERE role = 'admin' AND is_disabled = 0 AND name <> ? AND (password_hash <> '' OR oidc_subject IS NOT NULL))
     + (SELECT COUNT(*) FROM services
        WHERE kind = 'admin' AND is_disabled = 0
          AND EXISTS (SELECT 1 FROM service_tokens
                      WHERE service_tokens.service = services.name
                        AND (expires_at IS NULL OR expires_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)))));

-- name: insert_person
-- Parameters: name, role, 1 (disabled) or 0, display name, e-mail, subject or NULL, now.
INSERT INTO people (name, role, is_disabled, display_name, email, oidc_subject, created_at)
VALUES (?, ?, ?, ?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)));

-- name: update_person
-- uses-index: PRIMARY
-- Parameters: role, 1 (disabled) or 0, display name, e-mail, subject or NULL, name.
UPDATE people SET role = ?, is_disabled = ?, display_name = ?, email = ?, oidc_subject = ? WHERE name = ?;

-- name: delete_person
-- uses-index: PRIMARY
DELETE FROM people WHERE name = ?;

-- name: read_teams_of_person
SELECT team FROM team_members WHERE person = ? ORDER BY team;

-- name: set_password
-- uses-index: PRIMARY
-- With it ends what wrong ones did. Parameters: hash, 1 (must be changed) or 0, name.
UPDATE people SET password_hash = ?, must_change_password = ?, failures = 0, last_failed_at = NULL WHERE name = ?;

-- name: count_attempt
-- uses-index: PRIMARY
-- An attempt counts as wrong until it has turned out right; of several at once one counts, and the others try again.
-- Parameters: now, name, failures before.
UPDATE people SET failures = failures + 1, last_failed_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE name = ? AND failures = ?;

-- name: note_sign_in
-- uses-index: PRIMARY
-- Parameters: now, name.
UPDATE people SET failures = 0, last_failed_at = NULL, last_sign_in_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE name = ?;

-- name: purge_ended_person_tokens
-- Nobody is shown them any more. Parameters: now, now.
DELETE FROM person_tokens
WHERE expires_at <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
  AND (is_session = 1 OR expires_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 30 DAY)
ORDER BY expires_at LIMIT 1000;

-- name: read_person_tokens
-- Parameters: now, now.
SELECT id, hash, person, is_session, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), created_by, note
FROM person_tokens
WHERE expires_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
   OR (is_session = 0 AND expires_at >= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 30 DAY)
ORDER BY id;

-- name: find_person_token
-- uses-index: PRIMARY
SELECT id, hash, person, is_session, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), created_by, note
FROM person_tokens WHERE id = ?;

-- name: read_tokens_of_person
-- uses-index: by_person
-- The oldest first of each kind.
SELECT id, hash, person, is_session, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), created_by, note
FROM person_tokens WHERE person = ? ORDER BY is_session, created_at, id;

-- name: count_person_tokens
SELECT COUNT(*) FROM person_tokens;

-- name: drop_ended_person_tokens
-- To make room for others. Parameter: now.
DELETE FROM person_tokens WHERE expires_at <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
ORDER BY expires_at LIMIT 100;

-- name: find_session_that_ends_first
-- Of all people.
SELECT id, hash, person, is_session, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), created_by, note
FROM person_tokens WHERE is_session = 1 ORDER BY expires_at, id LIMIT 1;

-- name: insert_person_token
-- Parameters: id, hash, person, 1 (session) or 0, now, end in microseconds, by whom, note.
INSERT INTO person_tokens (id, hash, person, is_session, created_at, expires_at, created_by, note)
VALUES (?, ?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND, ?, ?);

-- name: delete_person_token
-- uses-index: PRIMARY
DELETE FROM person_tokens WHERE id = ?;
