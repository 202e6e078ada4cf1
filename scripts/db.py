#!/usr/bin/env python3
"""./dev db - the private database server that ./dev up uses, in .run/db: MariaDB, or MySQL 9 with --engine mysql.

Durable (a commit is on disk before it is answered), on 127.0.0.1 and a port of its own, user root without a password.
Starting what runs and stopping what does not is fine; so is a server that was killed: it recovers at the next start.
"""
import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
ENGINES = ("mariadb", "mysql")
START_SECONDS = 90
STOP_SECONDS = 60
# Every acknowledged transaction survives the server's and the machine's crash.
DURABLE = {"innodb-flush-log-at-trx-commit": "1", "sync-binlog": "1", "binlog-format": "ROW"}


class DbError(Exception):
    """What went wrong, for people."""


class Database:
    """One engine's server below `base`. Commands of several processes take turns by a file lock."""

    def __init__(self, engine="mariadb", base=ROOT / ".run" / "db"):
        self.engine = engine
        self.dir = pathlib.Path(base).absolute() / engine
        self.data, self.log, self.state_file = self.dir / "data", self.dir / "server.log", self.dir / "state.json"

    @property
    def socket(self):
        path = self.dir / "s.sock"
        if len(str(path)) < 100:  # The system's limit is 107.
            return str(path)
        return f"/tmp/lanemq-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}.sock"

    def start(self, port=0):
        """Makes the server run; its address as a dict with host, port, socket, user, pid, engine."""
        with self._lock():
            state = self._state()
            if pid := self._pid():
                self._wait_until_up(pid)
                return self._address(state, pid)
            self._initialise()
            # A killed server leaves these; MySQL believes them for as long as anything has that process number.
            for left_over in (self.socket, self.socket + ".lock"):
                pathlib.Path(left_over).unlink(missing_ok=True)
            for attempt in range(5):  # The port may be lost between the look and the bind.
                state["port"] = port or (state.get("port") if attempt == 0 else 0) or free_port()
                self.state_file.write_text(json.dumps(state))
                pid = self._launch(state["port"])
                try:
                    self._wait_until_up(pid)
                    return self._address(state, pid)
                except DbError as error:
                    self._end(pid, signal.SIGKILL)
                    if port or "in use" not in str(error).lower():
                        raise
            raise DbError("found no free port")

    def stop(self):
        """Makes the server not run. False when it did not."""
        with self._lock():
            pid = self._pid()
            if pid is None:
                return False
            if not self._end(pid, signal.SIGTERM):
                print(f"db: process {pid} did not stop in {STOP_SECONDS} s: killed", file=sys.stderr)
                self._end(pid, signal.SIGKILL)
            return True

    def status(self):
        """The address of the running server, else None."""
        pid = self._pid()
        return self._address(self._state(), pid) if pid else None

    def purge(self):
        """Stops the server and removes its data."""
        self.stop()
        with self._lock():
            for path in self.dir.iterdir():
                if path.name == "lock":
                    continue
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()

    @contextlib.contextmanager
    def _lock(self):
        self.dir.mkdir(parents=True, exist_ok=True)
        with open(self.dir / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _state(self):
        try:
            return json.loads(self.state_file.read_text())
        except (OSError, ValueError):
            return {}

    def _address(self, state, pid):
        return {"engine": self.engine, "host": HOST, "port": state["port"], "socket": self.socket, "user": "root", "pid": pid}

    def _pid(self):
        """The process that serves our data, else None. Asked of the system: a file may be stale, a number reused."""
        wanted = f"--datadir={self.data}".encode()
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if wanted in (process / "cmdline").read_bytes().split(b"\0") and not has_ended(int(process.name)):
                    return int(process.name)
        return None

    def _program(self):
        if self.engine == "mariadb":
            program = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
            if not program:
                raise DbError("mariadbd is not installed: run ./dev setup")
            return program
        cache = os.environ.get("LANEMQ_CACHE_DIR", ROOT / ".cache")
        directory = pathlib.Path(os.environ.get("LANEMQ_MYSQL_DIR", pathlib.Path(cache) / "mysql-9"))
        if subprocess.run([ROOT / "scripts" / "mysql_private.sh", directory], check=False).returncode != 0:
            raise DbError("there is no MySQL 9 here (see above)")
        return str(directory / "bin" / "mysqld")

    def _initialise(self):
        if self.data.exists():
            return
        half = self.dir / "data.half"
        shutil.rmtree(half, ignore_errors=True)
        common = [f"--datadir={half}"] + (["--user=root"] if os.geteuid() == 0 else [])
        if self.engine == "mariadb":
            self._program()
            command = ["mariadb-install-db", "--no-defaults", "--skip-test-db",
                       "--auth-root-authentication-method=normal", *common]
        else:
            # Without name resolution root@localhost cannot come from 127.0.0.1.
            users = self.dir / "users.sql"
            users.write_text("CREATE USER 'root'@'127.0.0.1' IDENTIFIED BY '';\n"
                             "GRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n")
            command = [self._program(), "--no-defaults", "--initialize-insecure", f"--init-file={users}", *common]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=self._environment())
        if done.returncode != 0:
            raise DbError(f"making the data directory failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        half.rename(self.data)

    def _launch(self, port):
        options = dict(DURABLE)
        if self.engine == "mysql":
            del options["binlog-format"]  # ROW is the only one that is not deprecated, and the default.
            options["mysqlx"] = "OFF"
        options |= {"datadir": self.data, "port": port, "bind-address": HOST, "socket": self.socket,
                    "pid-file": self.dir / "pid", "log-bin": self.dir / "binlog", "server-id": 1,
                    "binlog-expire-logs-seconds": 86400, "skip-name-resolve": "ON", "performance-schema": "OFF",
                    "max-allowed-packet": "64M", "max-connections": 500, "innodb-buffer-pool-size": "256M"}
        if os.geteuid() == 0:
            options["user"] = "root"
        command = [self._program(), "--no-defaults"] + [f"--{name}={value}" for name, value in options.items()]
        with open(self.log, "wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                    start_new_session=True, env=self._environment()).pid

    def _environment(self):
        # A server that starts removes every "#sql..." file of its temporary directory: also other servers', if shared.
        private = self.dir / "tmp"
        private.mkdir(parents=True, exist_ok=True)
        return os.environ | {"TMPDIR": str(private)}

    def _wait_until_up(self, pid):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if greets(self.socket):
                return
            if has_ended(pid):
                break
            time.sleep(0.02)
        log = self.log.read_text(errors="replace")[-2000:]
        raise DbError(f"{self.engine} did not start in {START_SECONDS} s; the end of {self.log}:\n{log}")

    def _end(self, pid, signal_number):
        """Whether the process is gone in time."""
        deadline = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_number)
            os.kill(pid, signal.SIGCONT)  # A paused one cannot hear.
        while time.monotonic() < deadline:
            if has_ended(pid):
                return True
            time.sleep(0.02)
        return False


def has_ended(pid):
    """Reaps the process when it is a child of this one."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except OSError:
        return True


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def greets(path):
    """Whether a server greets on its socket, which it binds after its port: recovery is over, clients are welcome."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(0.5)
        try:
            client.connect(path)
            return client.recv(5)[4:5] == b"\x0a"
        except OSError:
            return False


def main():
    parser = argparse.ArgumentParser(prog="./dev db", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", choices=["start", "stop", "status", "sql", "purge"],
                        help="sql: the SQL prompt, or one statement with -e; purge: stop and remove the data")
    parser.add_argument("--engine", choices=ENGINES, default="mariadb", help="default: mariadb")
    parser.add_argument("--dir", default=str(ROOT / ".run" / "db"), help="default: .run/db")
    parser.add_argument("--port", type=int, default=0, help="default: one the system chooses, kept for later starts")
    parser.add_argument("--json", action="store_true", help="print the address as JSON")
    parser.add_argument("-e", metavar="SQL", help="with sql: run this and end")
    options = parser.parse_args()
    database = Database(options.engine, options.dir)
    if options.command == "stop":
        print("stopped" if database.stop() else "not running")
        return 0
    if options.command == "purge":
        database.purge()
        return 0
    address = database.start(options.port) if options.command == "start" else database.status()
    if address is None:
        print(f"db: {options.engine} is not running; start it with ./dev db start --engine {options.engine}", file=sys.stderr)
        return 1
    if options.command == "sql":
        statement = ["-e", options.e] if options.e else []
        os.execvp("mariadb", ["mariadb", "--no-defaults", "--skip-ssl", "-uroot", "-S", address["socket"], *statement])
    if options.json:
        print(json.dumps(address))
    else:
        print(f"{options.engine} on {HOST}:{address['port']}, socket {address['socket']}, user root, pid {address['pid']}")
        print("durable: " + " ".join(f"{name}={value}" for name, value in DURABLE.items()))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DbError as error:
        print(f"db: {error}", file=sys.stderr)
        sys.exit(1)
