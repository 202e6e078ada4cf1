-- Steps of moves that alter or drop tables. Text protocol, no parameters.

-- name: move_lock_wait
-- Others queue up behind an ALTER that waits: not for long. And who hangs in the middle of a step lets go of everything soon.
SET SESSION lock_wait_timeout = 2, innodb_lock_wait_timeout = 2, wait_timeout = 5;

-- name: move_usual_wait
-- As in session_variables.
SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 5, wait_timeout = 60;
