#!/usr/bin/env python3
"""The private database server of ./dev db, on the engine named as argument: what may go wrong on a desk."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from db import Database

SKIPPED = 77  # What CMake is told means that.


def query(address, sql):
    done = subprocess.run(["mariadb", "--no-defaults", "--skip-ssl", "-uroot", f"-h{address['host']}",
                           f"-P{address['port']}", "--batch", "--skip-column-names", f"--execute={sql}"],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test(database):
    assert database.status() is None
    first = database.start()
    assert database.start() == first, "starting what runs changes nothing"
    assert query(first, "SELECT @@sync_binlog, @@innodb_flush_log_at_trx_commit, @@binlog_format") == "1\t1\tROW"
    query(first, "CREATE DATABASE d; CREATE TABLE d.t (a INT PRIMARY KEY); INSERT INTO d.t VALUES (7)")

    os.kill(first["pid"], signal.SIGKILL)
    os.waitpid(first["pid"], 0)
    assert database.status() is None, "a killed server does not run"
    second = database.start()
    assert query(second, "SELECT a FROM d.t") == "7", "what was committed is there after a crash"
    assert second["port"] == first["port"], "addresses stay what they were"

    os.kill(second["pid"], signal.SIGSTOP)
    assert database.stop(), "a paused server can be stopped"
    assert not database.stop(), "stopping what does not run is fine"
    # Another process has the number of the server now.
    database.state_file.write_text(database.state_file.read_text().replace("}", f', "pid": {os.getpid()}}}'))
    assert database.status() is None
    database.purge()
    assert not database.data.exists()


def main():
    engine = sys.argv[1]
    cache = pathlib.Path(os.environ.get("LANEMQ_CACHE_DIR", pathlib.Path(__file__).resolve().parent.parent / ".cache"))
    mysql = pathlib.Path(os.environ.get("LANEMQ_MYSQL_DIR", cache / "mysql-9")) / "bin" / "mysqld"
    if engine == "mysql" and not mysql.exists():
        print("SKIPPED LOUDLY: MySQL is not installed here")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="lanemq-db-test") as folder:
        database = Database(engine, folder)
        try:
            test(database)
        finally:
            database.stop()
    print(f"{engine}: fine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
