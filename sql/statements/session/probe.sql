-- What an operator wants to know of a server. Text protocol, no parameters: both engines answer, and what one of them lacks is just not
-- there.

-- name: probe_status
SHOW GLOBAL STATUS WHERE Variable_name IN
    ('Threads_connected', 'Rpl_semi_sync_master_status', 'Rpl_semi_sync_source_status', 'Rpl_semi_sync_master_clients',
     'Rpl_semi_sync_source_clients');

-- name: probe_variables
SHOW GLOBAL VARIABLES WHERE Variable_name IN
    ('max_connections', 'max_user_connections', 'rpl_semi_sync_master_enabled', 'rpl_semi_sync_source_enabled');
