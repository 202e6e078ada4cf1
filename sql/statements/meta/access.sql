-- Identities and rights. Every transaction that changes them begins with lock_access and ends with raise_access_version:
-- changes are serialised and none can deadlock with another. A parameter named `now` is NULL except in tests.

-- name: lock_access
-- Makes the row, if it is not there, and holds it.
INSERT INTO access_state (singleton, version) VALUES (1, 0) ON DUPLICATE KEY UPDATE version = version;

-- name: raise_access_version
-- uses-index: PRIMARY
-- By the clock, so that no number is used twice: after a failover that lost changes, or a restored copy, the next change is
-- still newer than every book that servers have, and they take it.
UPDATE access_state
SET version = GREATEST(version + 1, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)))
WHERE singleton = 1;

-- name: raise_people_version
-- As raise_access_version, of a change of tokens of people alone. Assignments go from left to right.
UPDATE access_state
SET rights_version = IF(people_version = version, rights_version, version),
    version = GREATEST(version + 1, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))),
    people_version = version
WHERE singleton = 1;

-- name: read_access_versions
-- uses-index: PRIMARY
-- The version, and the last that changed more than tokens of people.
SELECT version, IF(people_version = version, rights_version, version) FROM access_state WHERE singleton = 1;

-- name: read_access_version
-- uses-index: PRIMARY
-- No row: nothing was ever changed.
SELECT version FROM access_state WHERE singleton = 1;

-- name: purge_ended_tokens
-- Nobody is shown them any more. Parameter: now.
DELETE FROM service_tokens WHERE expires_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 30 DAY
ORDER BY expires_at LIMIT 100;

-- name: purge_ended_grants
-- Nobody is shown them any more. Parameter: now.
DELETE FROM access_grants WHERE expires_at < CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 30 DAY
ORDER BY expires_at LIMIT 100;

-- name: drop_ended_tokens
-- To make room for others. Parameter: now.
DELETE FROM service_tokens WHERE expires_at <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
ORDER BY expires_at LIMIT 100;

-- name: drop_ended_grants
-- To make room for others. Parameter: now.
DELETE FROM access_grants WHERE expires_at <= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
ORDER BY expires_at LIMIT 100;

-- name: read_teams
SELECT name, description, oncall_route FROM teams ORDER BY name;

-- name: find_team
-- uses-index: PRIMARY
SELECT name, description, oncall_route FROM teams WHERE name = ?;

-- name: count_teams
SELECT COUNT(*) FROM teams;

-- name: save_team
INSERT INTO teams (name, description, oncall_route) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE description = VALUES(description), oncall_route = VALUES(oncall_route);

-- name: delete_team
-- uses-index: PRIMARY
DELETE FROM teams WHERE name = ?;

-- name: read_all_team_members
SELECT team, person, role FROM team_members ORDER BY team, person;

-- name: read_team_members
-- uses-index: PRIMARY
SELECT team, person, role FROM team_members WHERE team = ? ORDER BY person;

-- name: count_team_members
SELECT COUNT(*) FROM team_members;

-- name: save_team_member
INSERT INTO team_members (team, person, role) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE role = VALUES(role);

-- name: delete_team_member
-- uses-index: PRIMARY
DELETE FROM team_members WHERE team = ? AND person = ?;

-- name: delete_team_members
-- uses-index: PRIMARY
DELETE FROM team_members WHERE team = ?;

-- name: count_uses_of_team
-- What is in the way when a team is deleted. Parameters: team, team, principal ("team:payments").
SELECT (SELECT COUNT(*) FROM services WHERE team = ?), (SELECT COUNT(*) FROM access_owners WHERE team = ?),
       (SELECT COUNT(*) FROM access_grants WHERE principal = ?);

-- name: read_services
SELECT name, team, kind, description, is_disabled FROM services ORDER BY name;

-- name: find_service
-- uses-index: PRIMARY
SELECT name, team, kind, description, is_disabled FROM services WHERE name = ?;

-- name: count_services
SELECT COUNT(*) FROM services;

-- name: save_service
-- The kind of a service is fixed.
INSERT INTO services (name, team, kind, description, is_disabled) VALUES (?, ?, ?, ?, ?)
ON DUPLICATE KEY UPDATE team = VALUES(team), description = VALUES(description), is_disabled = VALUES(is_disabled);

-- name: delete_service
-- uses-index: PRIMARY
DELETE FROM services WHERE name = ?;

-- name: read_service_tokens
-- Parameter: now.
SELECT id, hash, service, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), created_by, note
FROM service_tokens
WHERE expires_at IS NULL OR expires_at >= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 30 DAY
ORDER BY id;

-- name: find_service_token
-- uses-index: PRIMARY
SELECT id, hash, service, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), created_by, note
FROM service_tokens WHERE id = ?;

-- name: read_tokens_of_service
-- uses-index: by_service
SELECT id, hash, service, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at), created_by, note
FROM service_tokens WHERE service = ? ORDER BY id;

-- name: count_service_tokens
-- All that are kept, and those of a service that have not ended. Parameters: service, now.
SELECT (SELECT COUNT(*) FROM service_tokens),
       (SELECT COUNT(*) FROM service_tokens
        WHERE service = ? AND (expires_at IS NULL OR expires_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))));

-- name: insert_service_token
-- Parameters: id, hash, service, now, end in microseconds or NULL, by whom, note.
INSERT INTO service_tokens (id, hash, service, created_at, expires_at, created_by, note)
VALUES (?, ?, ?, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)),
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND, ?, ?);

-- name: delete_service_token
-- uses-index: PRIMARY
DELETE FROM service_tokens WHERE id = ?;

-- name: read_access_grants
-- Parameter: now.
SELECT id, principal, kind, name, is_prefix, actions, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)
FROM access_grants
WHERE expires_at IS NULL OR expires_at >= CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) - INTERVAL 30 DAY
ORDER BY id;

-- name: find_access_grant
-- uses-index: PRIMARY
SELECT id, principal, kind, name, is_prefix, actions, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)
FROM access_grants WHERE id = ?;

-- name: read_access_grants_to
-- uses-index: one_each
-- Parameters: principal, limit.
SELECT id, principal, kind, name, is_prefix, actions, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)
FROM access_grants WHERE principal = ? ORDER BY id LIMIT ?;

-- name: read_access_grants_on
-- uses-index: by_object
-- Those that name it exactly. Parameters: kind, name.
SELECT id, principal, kind, name, is_prefix, actions, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)
FROM access_grants WHERE kind = ? AND name = ? AND is_prefix = 0 ORDER BY id;

-- name: count_access_grants
SELECT COUNT(*) FROM access_grants;

-- name: update_access_grant
-- uses-index: PRIMARY
-- Parameters: actions, end in microseconds or NULL, id.
UPDATE access_grants SET actions = ?, expires_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND WHERE id = ?;

-- name: delete_access_grant
-- uses-index: PRIMARY
DELETE FROM access_grants WHERE id = ?;

-- name: read_access_owners
SELECT kind, name, team FROM access_owners ORDER BY kind, name;

-- name: count_access_owners
SELECT COUNT(*) FROM access_owners;

-- name: delete_access_owner
-- uses-index: PRIMARY
DELETE FROM access_owners WHERE kind = ? AND name = ?;
