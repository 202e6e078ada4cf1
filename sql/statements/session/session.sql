-- What every session sends when it is opened. Text protocol, no parameters.

-- name: session_variables
-- Strict: no value is silently cut or changed. The waits are short so that a statement which outlives its caller ends
-- soon; wait_timeout is kSessionIdleMax.
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
    character_set_results = binary, time_zone = '+00:00', autocommit = 1,
    wait_timeout = 60, lock_wait_timeout = 5, innodb_lock_wait_timeout = 5;

-- name: session_isolation
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;

-- name: server_variables
-- Both engines answer this one; a variable that one of them lacks is just not there.
SHOW GLOBAL VARIABLES WHERE Variable_name IN
    ('hostname', 'port', 'server_id', 'server_uuid', 'server_uid', 'datadir', 'version', 'max_allowed_packet',
     'read_only', 'super_read_only', 'innodb_read_only', 'innodb_flush_log_at_trx_commit', 'sync_binlog', 'log_bin');

-- name: short_lock_wait
-- For a DDL statement that others queue up behind: the least that MySQL has. And who hangs with the table locked lets go soon.
SET SESSION lock_wait_timeout = 1, wait_timeout = 2;

-- name: usual_lock_wait
-- As in session_variables.
SET SESSION lock_wait_timeout = 5, wait_timeout = 60;

-- name: connection_id
SELECT CONNECTION_ID();

-- name: ping
DO 0;

-- name: next_is_repeatable_read
-- Of the transaction that begins next, and of no other.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;

-- name: begin
START TRANSACTION;

-- name: begin_snapshot
-- After next_is_repeatable_read; without it the session's READ COMMITTED would ignore the snapshot.
START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY;

-- name: commit
COMMIT;

-- name: rollback
ROLLBACK;
