-- Leases: one owner at a time per name. The first parameter named `now` is NULL except in tests: the database's clock decides.

-- name: lock_lease
-- uses-index: PRIMARY
-- Parameters: now, name.
SELECT owner, epoch, expires_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) FROM leases WHERE name = ? FOR UPDATE;

-- name: insert_lease
-- Parameters: name, owner, now, ttl in microseconds.
INSERT INTO leases (name, owner, epoch, expires_at)
VALUES (?, ?, 1, CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND);

-- name: take_lease
-- uses-index: PRIMARY
-- The row is locked by lock_lease. Parameters: owner, epoch, now, ttl in microseconds, name.
UPDATE leases
SET owner = ?, epoch = ?, expires_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND
WHERE name = ?;

-- name: renew_lease
-- uses-index: PRIMARY
-- Affected rows: 1 = extended; 0 = the term has ended. Parameters: now, ttl in microseconds, name, owner, epoch, now.
UPDATE leases SET expires_at = CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) + INTERVAL ? MICROSECOND
WHERE name = ? AND owner = ? AND epoch = ? AND expires_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6));

-- name: release_lease
-- uses-index: PRIMARY
-- The row stays, so that its epoch is not used again.
UPDATE leases SET expires_at = '1970-01-02' WHERE name = ? AND owner = ? AND epoch = ?;

-- name: running_leases
-- Parameters: first name, name after the last, now.
-- (A range of the primary key; on a table of a few rows the optimizer may as well read all of it.)
SELECT name, owner, epoch FROM leases
WHERE name >= ? AND name < ? AND expires_at > CAST(COALESCE(?, UTC_TIMESTAMP(6)) AS DATETIME(6)) ORDER BY name;

-- name: read_fence
-- uses-index: PRIMARY
-- The lock keeps the term from ending before the transaction that is made under it.
SELECT epoch FROM leases WHERE name = ? LOCK IN SHARE MODE;
