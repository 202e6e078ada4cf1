-- Policy, requests for changes and what they are applied with. What changes topics or access, too, holds the catalogue first
-- (lock_catalogue), then the access state (lock_access), then the request's row: nothing can deadlock.

-- name: read_policy
-- uses-index: PRIMARY
SELECT version, policy FROM policies WHERE singleton = 1;

-- name: lock_policy
-- uses-index: PRIMARY
SELECT version, policy FROM policies WHERE singleton = 1 FOR UPDATE;

-- name: save_policy
-- Parameters: version, policy.
INSERT INTO policies (singleton, version, policy) VALUES (1, ?, ?)
ON DUPLICATE KEY UPDATE version = VALUES(version), policy = VALUES(policy);

-- name: insert_change_request
-- Without its bundle. Parameters: author, title, state, epoch, changes, detail, attempt, then in microseconds: made,
-- changed, end or NULL, next attempt or NULL.
INSERT INTO change_requests (author, title, state, version, epoch, changes, detail, attempt, created_at, changed_at,
                             expires_at, retry_at)
VALUES (?, ?, ?, 1, ?, ?, ?, ?, CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
        CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND);

-- name: find_change_request
-- uses-index: PRIMARY
SELECT id, author, title, state, version, epoch, changes, detail, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', changed_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at),
       COALESCE(change_requests.bundle, change_bundles.bundle)
FROM change_requests LEFT JOIN change_bundles ON change_bundles.request_id = change_requests.id WHERE id = ?;

-- name: lock_change_request
-- uses-index: PRIMARY
-- Whoever holds it knows that nobody else goes on with the request before the transaction ends. Without its bundle.
SELECT id, author, title, state, version, epoch, changes, detail, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', changed_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at),
       bundle IS NOT NULL
FROM change_requests WHERE id = ? FOR UPDATE;

-- name: find_change_bundle
-- uses-index: PRIMARY
-- Metaservers that do not know change_bundles have written it into the request's row.
SELECT COALESCE(change_requests.bundle, change_bundles.bundle)
FROM change_requests LEFT JOIN change_bundles ON change_bundles.request_id = change_requests.id
WHERE change_requests.id = ?;

-- name: save_change_bundle
-- Parameters: request, bundle.
INSERT INTO change_bundles (request_id, bundle) VALUES (?, ?) ON DUPLICATE KEY UPDATE bundle = VALUES(bundle);

-- name: move_change_bundle
-- Out of the row that a metaserver has written that does not know change_bundles, so that the next changes of the row do not
-- carry it. Parameter: request.
INSERT INTO change_bundles (request_id, bundle)
SELECT id, change_requests.bundle FROM change_requests WHERE id = ? AND change_requests.bundle IS NOT NULL
ON DUPLICATE KEY UPDATE bundle = VALUES(bundle);

-- name: lock_change_request_term
-- uses-index: PRIMARY
SELECT state, epoch FROM change_requests WHERE id = ? FOR UPDATE;

-- name: find_change_request_attempt
-- uses-index: one_each
-- Parameters: author, attempt.
SELECT id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at) FROM change_requests
WHERE author = ? AND attempt = ? FOR UPDATE;

-- name: forget_change_request_attempt
-- uses-index: PRIMARY
UPDATE change_requests SET attempt = NULL WHERE id = ?;

-- name: count_open_change_requests
-- Parameter: author.
SELECT COUNT(*), COALESCE(SUM(author = ?), 0) FROM change_requests
WHERE state IN ('draft', 'pending', 'approved', 'applying');

-- name: list_change_requests
-- Newest first. Parameters: below this id, states with commas or empty, states, author or empty, author, how many.
SELECT id, author, title, state, version, epoch, changes, detail, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', changed_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)
FROM change_requests
WHERE id < ? AND (? = '' OR FIND_IN_SET(state, ?) > 0) AND (? = '' OR author = ?)
ORDER BY id DESC LIMIT ?;

-- name: list_change_requests_in_state
-- uses-index: by_state
-- As above, of one state. Parameters: state, below this id, author or empty, author, how many.
SELECT id, author, title, state, version, epoch, changes, detail, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', created_at),
       TIMESTAMPDIFF(MICROSECOND, '1970-01-01', changed_at), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', expires_at)
FROM change_requests FORCE INDEX (by_state)
WHERE state = ? AND id < ? AND (? = '' OR author = ?)
ORDER BY id DESC LIMIT ?;

-- name: read_due_change_requests
-- uses-index: by_state
-- Parameters: above this id, how many; above this id, now in microseconds, how many; again these three; how many of all.
(SELECT id FROM change_requests FORCE INDEX (by_state) WHERE state = 'approved' AND id > ? ORDER BY id LIMIT ?)
UNION ALL
(SELECT id FROM change_requests FORCE INDEX (by_state)
 WHERE state = 'applying' AND id > ?
   AND (retry_at IS NULL OR retry_at <= CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND)
 ORDER BY id LIMIT ?)
UNION ALL
(SELECT id FROM change_requests FORCE INDEX (by_state)
 WHERE state = 'pending' AND id > ?
   AND expires_at <= CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
 ORDER BY id LIMIT ?)
ORDER BY id LIMIT ?;

-- name: update_change_request
-- uses-index: PRIMARY
-- Its bundle is in change_bundles from then on. Parameters: title, state, epoch, changes, detail, changed, end and next attempt in microseconds, id, the version
-- it has.
UPDATE change_requests
SET title = ?, state = ?, version = version + 1, epoch = ?, bundle = NULL, changes = ?, detail = ?,
    changed_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
    expires_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND,
    retry_at = CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
WHERE id = ? AND version = ?;

-- name: read_old_change_requests
-- Ended ones of one state, by_change once there are many; in an empty table any index is as good, and none can be named
-- here. Parameters: state; changed before, in microseconds; how many.
SELECT id FROM change_requests
WHERE state = ? AND changed_at < CAST('1970-01-01' AS DATETIME(6)) + INTERVAL ? MICROSECOND
ORDER BY changed_at LIMIT ? FOR UPDATE;

-- name: delete_change_request
-- uses-index: PRIMARY
DELETE FROM change_requests WHERE id = ?;

-- name: delete_change_bundle
-- uses-index: PRIMARY
DELETE FROM change_bundles WHERE request_id = ?;

-- name: lock_oldest_change_request
-- uses-index: PRIMARY
-- Also one that is being added: it is waited for.
SELECT id FROM change_requests ORDER BY id LIMIT 1 FOR UPDATE;

-- name: delete_orphaned_bundles
-- uses-index: PRIMARY
-- Metaservers that do not know change_bundles delete a request alone. Parameters: the oldest request, how many.
DELETE FROM change_bundles WHERE request_id < ? ORDER BY request_id LIMIT ?;

-- name: read_topic_facts
SELECT name, tier, messages_per_day, message_bytes, ordering FROM topic_facts ORDER BY name;

-- name: delete_topic_facts
-- uses-index: PRIMARY
DELETE FROM topic_facts WHERE name = ?;

-- name: read_group_facts
SELECT name, tier, description FROM group_facts ORDER BY name;

-- name: find_group_facts
-- uses-index: PRIMARY
SELECT name, tier, description FROM group_facts WHERE name = ?;

-- name: delete_group_facts
-- uses-index: PRIMARY
DELETE FROM group_facts WHERE name = ?;

-- name: mark_topic_of_request
-- Parameters: topic, request.
INSERT INTO topic_requests (topic_id, request_id) VALUES (?, ?);

-- name: find_request_of_topic
-- uses-index: PRIMARY
SELECT request_id FROM topic_requests WHERE topic_id = ?;

-- name: unmark_topics_of_request
-- uses-index: by_request
DELETE FROM topic_requests WHERE request_id = ?;
