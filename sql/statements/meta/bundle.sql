-- What a commit of a request writes, many rows in a round trip: rows are JSON arrays of arrays, in the order of the columns
-- that are named; names that may have any bytes are in hexadecimal. MySQL wants the paths in UTF-8 too. What may be NULL is last, and left out when it is. All of it is in
-- transactions that hold the rows of catalogue and access state.

-- name: read_made_topics
-- uses-index: by_request
-- The topics that a request has made. Parameter: request.
SELECT topics.name, topics.state + 0,
       EXISTS (SELECT 1 FROM topic_partitions WHERE topic_partitions.topic_id = topics.topic_id AND is_ready = FALSE)
FROM topic_requests JOIN topics ON topics.topic_id = topic_requests.topic_id
WHERE topic_requests.request_id = ?;

-- name: activate_made_topics
-- Parameters: now, request.
UPDATE topic_requests JOIN topics ON topics.topic_id = topic_requests.topic_id
SET topics.state = 'active', topics.updated_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6))
WHERE topic_requests.request_id = ? AND topics.state = 'creating';

-- name: find_all_topic_facts
-- uses-index: PRIMARY
-- Parameter: [name, ...].
SELECT topic_facts.name, tier, messages_per_day, message_bytes, ordering
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (name VARBINARY(249) PATH _utf8mb4'$')) AS wanted
STRAIGHT_JOIN topic_facts FORCE INDEX (PRIMARY) ON topic_facts.name = wanted.name;

-- name: save_all_topic_facts
-- Parameter: [[name, tier, messages a day, bytes of one, ordering], ...].
INSERT INTO topic_facts (name, tier, messages_per_day, message_bytes, ordering)
SELECT saved.name, saved.tier, saved.messages_per_day, saved.message_bytes, saved.ordering
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    name VARBINARY(249) PATH _utf8mb4'$[0]', tier VARBINARY(64) PATH _utf8mb4'$[1]',
    messages_per_day BIGINT PATH _utf8mb4'$[2]', message_bytes BIGINT PATH _utf8mb4'$[3]',
    ordering TINYINT PATH _utf8mb4'$[4]')) AS saved
ON DUPLICATE KEY UPDATE tier = VALUES(tier), messages_per_day = VALUES(messages_per_day),
                        message_bytes = VALUES(message_bytes), ordering = VALUES(ordering);

-- name: find_all_group_facts
-- uses-index: PRIMARY
-- Parameter: [name, ...].
SELECT group_facts.name, tier, description
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (name VARBINARY(249) PATH _utf8mb4'$')) AS wanted
STRAIGHT_JOIN group_facts FORCE INDEX (PRIMARY) ON group_facts.name = wanted.name;

-- name: save_all_group_facts
-- Parameter: [[name, tier, description], ...].
INSERT INTO group_facts (name, tier, description)
SELECT saved.name, saved.tier, saved.description
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    name VARBINARY(249) PATH _utf8mb4'$[0]', tier VARBINARY(64) PATH _utf8mb4'$[1]',
    description VARBINARY(1024) PATH _utf8mb4'$[2]')) AS saved
ON DUPLICATE KEY UPDATE tier = VALUES(tier), description = VALUES(description);

-- name: find_all_access_owners
-- uses-index: PRIMARY
-- Parameter: [[kind, name in hexadecimal], ...].
SELECT access_owners.kind, access_owners.name, team
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    kind VARBINARY(16) PATH _utf8mb4'$[0]', name VARBINARY(498) PATH _utf8mb4'$[1]')) AS wanted
STRAIGHT_JOIN access_owners FORCE INDEX (PRIMARY) ON access_owners.kind = wanted.kind AND access_owners.name = UNHEX(wanted.name);

-- name: save_all_access_owners
-- Parameter: [[kind, name in hexadecimal, team], ...].
INSERT INTO access_owners (kind, name, team)
SELECT saved.kind, UNHEX(saved.name), saved.team
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    kind VARBINARY(16) PATH _utf8mb4'$[0]', name VARBINARY(498) PATH _utf8mb4'$[1]',
    team VARBINARY(100) PATH _utf8mb4'$[2]')) AS saved
ON DUPLICATE KEY UPDATE team = VALUES(team);

-- name: find_all_access_grants
-- uses-index: one_each
-- Parameter: [[principal, kind, name in hexadecimal, 1 (prefix) or 0], ...].
SELECT id, access_grants.principal, access_grants.kind, access_grants.name, access_grants.is_prefix, actions,
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    principal VARBINARY(128) PATH _utf8mb4'$[0]', kind VARBINARY(16) PATH _utf8mb4'$[1]',
    name VARBINARY(498) PATH _utf8mb4'$[2]', is_prefix TINYINT PATH _utf8mb4'$[3]')) AS wanted
STRAIGHT_JOIN access_grants FORCE INDEX (one_each)
  ON access_grants.principal = wanted.principal AND access_grants.kind = wanted.kind AND access_grants.name = UNHEX(wanted.name)
     AND access_grants.is_prefix = wanted.is_prefix;

-- name: insert_all_access_grants
-- Parameter: [[principal, kind, name in hexadecimal, 1 (prefix) or 0, actions, end in microseconds], ...].
INSERT INTO access_grants (principal, kind, name, is_prefix, actions, expires_at)
SELECT made.principal, made.kind, UNHEX(made.name), made.is_prefix, made.actions,
       CAST('1970-01-01' AS DATETIME(6)) + INTERVAL made.expires_at MICROSECOND
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    principal VARBINARY(128) PATH _utf8mb4'$[0]', kind VARBINARY(16) PATH _utf8mb4'$[1]',
    name VARBINARY(498) PATH _utf8mb4'$[2]', is_prefix TINYINT PATH _utf8mb4'$[3]',
    actions VARBINARY(64) PATH _utf8mb4'$[4]', expires_at BIGINT PATH _utf8mb4'$[5]')) AS made;

-- name: insert_audit_events
-- Several that somebody did at once. Texts are as insert_audit_event wants them, an empty document is none. The first one's
-- id is LAST_INSERT_ID().
-- Parameters: now, actor, on behalf of, source, request, action, reason, [[kind of object, its name, before, after], ...].
INSERT INTO audit_events (at, actor, on_behalf_of, source, request_id, action, object_kind, object_name, before_json, after_json,
                          reason, result)
SELECT CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)), ?, ?, ?, ?, ?, told.object_kind, told.object_name,
       NULLIF(told.before_json, ''), NULLIF(told.after_json, ''), ?, 'ok'
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    object_kind VARBINARY(32) PATH _utf8mb4'$[0]', object_name VARBINARY(600) PATH _utf8mb4'$[1]',
    before_json MEDIUMTEXT CHARACTER SET utf8mb4 PATH _utf8mb4'$[2]',
    after_json MEDIUMTEXT CHARACTER SET utf8mb4 PATH _utf8mb4'$[3]')) AS told;

-- name: insert_audit_objects
-- Right after insert_audit_events, of what it has appended. Nobody else appends events of these objects meanwhile: who writes
-- them holds the access state. Parameter: [[kind of the event's object, its name, kind, name], ...].
INSERT IGNORE INTO audit_objects (object_kind, object_name, event_id)
SELECT also.object_kind, also.object_name, audit_events.id
FROM JSON_TABLE(CONVERT(? USING utf8mb4), _utf8mb4'$[*]' COLUMNS (
    of_kind VARBINARY(32) PATH _utf8mb4'$[0]', of_name VARBINARY(600) PATH _utf8mb4'$[1]',
    object_kind VARBINARY(32) PATH _utf8mb4'$[2]', object_name VARBINARY(600) PATH _utf8mb4'$[3]')) AS also
STRAIGHT_JOIN audit_events FORCE INDEX (by_object)
  ON audit_events.object_kind = also.of_kind AND audit_events.object_name = also.of_name
     AND audit_events.id >= LAST_INSERT_ID();
