"""A private cluster of this machine, in one folder: a database, a metaserver, two brokers.

Used by up.py and down.py. What runs is recorded in state.json; a process is ours when its pid, its
start time and its program are the recorded ones, so a stale file never hits a stranger.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from db import ENGINES, Database, DbError

LOOPBACK = "127.0.0.1"
START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0
NODE_NAME = "local"
BROKER_IDS = (1, 2)


class ClusterError(Exception):
    """Something a person has to look at; the text says what and where."""


def start_ticks(pid):
    """The start time of a process, which with the pid names it for ever; None when it is gone."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (OSError, ValueError):
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])


def program_of(pid):
    try:
        # A rebuilt program shows as "... (deleted)".
        return os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
    except OSError:
        return None


def is_running(entry):
    pid = entry.get("pid")
    return bool(pid) and start_ticks(pid) == entry.get("ticks") and program_of(pid) == entry.get("exe")


def free_port(wanted=None, taken=()):
    """`wanted` when nobody listens there, else one the system chooses; never one of `taken`."""
    for port in [wanted, 0, 0, 0, 0, 0]:
        if port is None or port in taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            found = probe.getsockname()[1]
            if found not in taken:
                return found
    raise ClusterError("no free port on 127.0.0.1")


def tail(path, lines=12):
    try:
        text = path.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "\n".join("    " + line for line in text)


def wait_until(condition, timeout, pause=0.02):
    deadline = time.monotonic() + timeout
    while True:
        if condition():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)


class LocalCluster:
    def __init__(self, run_dir, bin_dir):
        self.run_dir = pathlib.Path(run_dir).resolve()
        self.bin_dir = pathlib.Path(bin_dir).resolve()
        self.state = {}

    # ------------------------------------------------------------ state

    @contextlib.contextmanager
    def locked(self):
        """One up or down at a time. Reads the state; save() keeps it."""
        self.run_dir.mkdir(parents=True, exist_ok=True)
        with open(self.run_dir / "lock", "w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ClusterError(f"another up or down is at work in {self.run_dir}") from None
            try:
                self.state = json.loads((self.run_dir / "state.json").read_text())
            except (OSError, ValueError):
                self.state = {}
            yield self

    def save(self):
        half = self.run_dir / "state.json.half"
        half.write_text(json.dumps(self.state, indent=2) + "\n")
        half.rename(self.run_dir / "state.json")

    def entry(self, name):
        return self.state.setdefault(name, {})

    def port(self, name, kind="port"):
        return self.entry(name).get(kind)

    def choose_port(self, name, kind="port"):
        """The port of last time when it is free, so that addresses stay what they were."""
        own = self.entry(name)
        taken = {e.get(k) for n, e in self.state.items() for k in ("port", "admin_port")
                 if (n, k) != (name, kind)} - {None}
        own[kind] = free_port(own.get(kind), taken)
        return own[kind]

    def is_up(self, name):
        return is_running(self.entry(name))

    def log(self, name):
        return self.run_dir / "log" / f"{name}.log"

    # ------------------------------------------------------------ processes

    def launch(self, name, argv):
        self.log(name).parent.mkdir(exist_ok=True)
        with open(self.log(name), "ab") as log, open(os.devnull, "rb") as nothing:
            # Its own session: Ctrl-C in the terminal of `up` must not stop the cluster.
            process = subprocess.Popen(argv, stdin=nothing, stdout=log, stderr=log,
                                       start_new_session=True, cwd=self.run_dir)
        exe = os.path.realpath(shutil.which(str(argv[0])) or argv[0])
        self.entry(name).update(pid=process.pid, ticks=start_ticks(process.pid), exe=exe)
        self.save()
        return process

    def wait_ready(self, name, process, check):
        """Until check() says yes; an error with the end of its log when it dies or takes too long."""
        died = []

        def look():
            if process.poll() is not None:
                died.append(process.returncode)
                return True
            return check()

        if not wait_until(look, START_TIMEOUT) or died:
            why = f"ended with {died[0]}" if died else f"not ready after {START_TIMEOUT:.0f} s"
            raise ClusterError(f"{name}: {why}; the end of {self.log(name)}:\n{tail(self.log(name))}")

    def stop(self, name):
        """Graceful, then forced. True when something was stopped."""
        entry = self.entry(name)
        if not is_running(entry):
            return False
        os.kill(entry["pid"], signal.SIGTERM)
        if not wait_until(lambda: not is_running(entry), STOP_TIMEOUT):
            os.kill(entry["pid"], signal.SIGKILL)
            wait_until(lambda: not is_running(entry), STOP_TIMEOUT)
        for key in ("pid", "ticks", "exe"):
            entry.pop(key, None)
        self.save()
        return True

    # ------------------------------------------------------------ database

    def database_client(self, *arguments):
        return ["mariadb", "--no-defaults", f"--host={LOOPBACK}",
                f"--port={self.port('database')}", "--user=root", "--skip-ssl", *arguments]

    def query(self, sql, *flags):
        done = subprocess.run(self.database_client(*flags, f"--execute={sql}"), capture_output=True,
                              text=True, errors="replace", check=False)
        if done.returncode != 0:
            raise ClusterError(f"the database refused: {sql}\n    {done.stderr.strip()}")
        return done.stdout

    def database(self):
        return Database(self.entry("database").get("engine", ENGINES[0]), self.run_dir / "db")

    def start_database(self, engine=None):
        """The server of `./dev db`, with durable settings; True when it had to be started."""
        used = self.entry("database").setdefault("engine", engine or ENGINES[0])
        if engine and engine != used:
            raise ClusterError(f"the data in {self.run_dir} is {used}'s: keep to that, or begin anew with "
                               "./dev down --purge")
        try:
            was_running = self.database().status() is not None
            self.entry("database")["port"] = self.database().start()["port"]
        except DbError as error:
            raise ClusterError(str(error)) from None
        self.save()
        return not was_running

    def stop_database(self):
        """Also one that `./dev db` started beside it. True when something was stopped."""
        databases = [Database(engine, self.run_dir / "db") for engine in ENGINES]
        return any([database.stop() for database in databases if database.dir.exists()])

    # ------------------------------------------------------------ servers

    def program(self, name):
        path = self.bin_dir / name
        if not path.exists():
            raise ClusterError(f"{path} does not exist: ./dev build")
        return path

    def cli(self, *arguments, **keywords):
        return subprocess.run(self.cli_command(*arguments), capture_output=True, check=False,
                              **keywords)

    def cli_command(self, *arguments):
        return [str(self.program("lanemq")), *arguments, f"--bootstrap-server={self.bootstrap()}"]

    def bootstrap(self):
        names = ["metaserver", *(f"broker-{number}" for number in BROKER_IDS)]
        return ",".join(f"{LOOPBACK}:{self.port(name)}" for name in names if self.port(name))

    def write_bootstrap(self):
        (self.run_dir / "bootstrap").write_text(self.bootstrap() + "\n")
