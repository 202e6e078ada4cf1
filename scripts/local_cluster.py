"""A private cluster of this machine, in one folder: a database, a metaserver, two brokers, a canary, the HTTP gateway.

Used by up.py and down.py. What runs is recorded in state.json; a process is ours when its pid, its
start time and its program are the recorded ones, so a stale file never hits a stranger.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

import db

LOOPBACK = "127.0.0.1"
START_TIMEOUT = 60.0
STOP_TIMEOUT = 15.0
NODE_NAME = "local"
BROKER_IDS = (1, 2)
DEMO_NAMES = ("demo-producer", "demo-consumer")  # demo.py starts them.


class ClusterError(Exception):
    """Something a person has to look at; the text says what and where."""


def near(path):
    """As short as it can be typed from here."""
    path = os.path.abspath(path)
    short = os.path.relpath(path)
    return path if short.startswith("..") else short


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
    # Nobody is asked who he is, so neither is who comes by HTTP.
    portal_flags = ("--anonymous",)

    def __init__(self, run_dir, bin_dir):
        self.run_dir = pathlib.Path(run_dir).resolve()
        self.bin_dir = pathlib.Path(bin_dir).resolve()
        self.state = {}
        self.address = None

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
            self.address = self.database.status()
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
            try:
                process = subprocess.Popen(argv, stdin=nothing, stdout=log, stderr=log,
                                           start_new_session=True, cwd=self.run_dir)
            except OSError as error:
                raise ClusterError(f"{name}: {error}") from None
        self.entry(name).update(pid=process.pid, ticks=start_ticks(process.pid), exe=program_of(process.pid))
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
        self.entry(name)["exe"] = program_of(process.pid)
        self.save()

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

    @property
    def database(self):
        return db.Database(self.entry("database").get("engine", db.ENGINES[0]), self.run_dir / "db")

    def start_database(self, engine=None):
        """The server of `./dev db`, with durable settings; True when it had to be started."""
        used = self.entry("database").setdefault("engine", engine or db.ENGINES[0])
        if engine and engine != used:
            raise ClusterError(f"the data in {self.run_dir} is {used}'s: keep to that, or begin anew with "
                               "./dev down --purge")
        was_up = self.database.status() is not None
        try:
            # Its old port, so that the data node keeps its address.
            self.address = self.database.start()
        except db.DbError as error:
            raise ClusterError(f"database: {error}") from None
        if self.entry("database").get("port", self.address["port"]) != self.address["port"]:
            # Somebody else has the old port: what still runs would look for the database there.
            for name in reversed(self.all_names()):
                self.stop(name)
        self.entry("database")["port"] = self.address["port"]
        self.save()
        return not was_up

    @property
    def database_port(self):
        return self.address["port"]

    def query(self, sql, *flags):
        done = subprocess.run(
            ["mariadb", "--no-defaults", f"--host={LOOPBACK}", f"--port={self.database_port}", "--user=root",
             "--skip-ssl", *flags, f"--execute={sql}"],
            capture_output=True, text=True, errors="replace", check=False)
        if done.returncode != 0:
            raise ClusterError(f"the database refused: {sql}\n    {done.stderr.strip()}")
        return done.stdout

    # ------------------------------------------------------------ servers

    @staticmethod
    def server_names():
        return ["metaserver", *(f"broker-{number}" for number in BROKER_IDS)]

    @classmethod
    def process_names(cls):
        """All but the database, in the order in which they start."""
        return [*cls.server_names(), "canary", "portal"]

    @classmethod
    def all_names(cls):
        """And what talks to them of its own accord."""
        return [*cls.process_names(), *DEMO_NAMES]

    def start_server(self, name):
        """True when it had to be started."""
        if self.is_up(name):
            return False
        if name == "canary":
            return self.start_canary()
        if name == "portal":
            return self.start_portal()
        port, admin_port = self.choose_port(name), self.choose_port(name, "admin_port")
        ready = self.run_dir / f"{name}.ready"
        ready.unlink(missing_ok=True)
        argv = [f"--listen={LOOPBACK}:{port}", f"--admin-port={admin_port}", f"--ready-file={ready}"]
        if name == "metaserver":
            argv += [f"--admin-host={LOOPBACK}", f"--meta-host={LOOPBACK}", f"--meta-port={self.database_port}",
                     "--meta-user=root", "--group-initial-rebalance-delay-ms=500"]
        else:
            argv += [f"--broker-id={name.removeprefix('broker-')}", f"--data-dir={self.run_dir / name}",
                     f"--metaserver={LOOPBACK}:{self.port('metaserver')}", "--db-user=root"]
        process = self.launch(name, [self.program(f"lanemq-{name.split('-')[0]}"), *argv])
        self.wait_ready(name, process, ready.exists)
        return True

    def start_canary(self):
        """After the servers. It listens for /metrics and /status only."""
        ready = self.run_dir / "canary.ready"
        ready.unlink(missing_ok=True)
        process = self.launch("canary", [
            self.program("lanemq-canary"), f"--bootstrap={self.bootstrap()}", "--name=canary-1",
            f"--admin-listen={LOOPBACK}:{self.choose_port('canary')}", f"--ready-file={ready}"])
        self.wait_ready("canary", process, ready.exists)
        return True

    def start_portal(self):
        """After the servers; ready once one of them answers it."""
        port, admin_port = self.choose_port("portal"), self.choose_port("portal", "admin_port")
        ready = self.run_dir / "portal.ready"
        ready.unlink(missing_ok=True)
        process = self.launch("portal", [
            self.program("lanemq-portal"), f"--bootstrap={LOOPBACK}:{self.port('metaserver')}",
            f"--listen={LOOPBACK}:{port}", f"--admin-port={admin_port}", f"--ready-file={ready}", *self.portal_flags])

        def is_ready():
            url = f"http://{LOOPBACK}:{admin_port}/readyz"
            with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as reply:
                return ready.exists() and reply.status == 200
            return False

        self.wait_ready("portal", process, is_ready)
        return True

    def program(self, name):
        path = self.bin_dir / name
        if not path.exists():
            raise ClusterError(f"{path} does not exist: ./dev build")
        return path

    def cli_command(self, *arguments):
        return [str(self.program("lanemq")), f"--bootstrap-server={self.bootstrap()}", *arguments]

    def cli(self, *arguments, **keywords):
        return subprocess.run(self.cli_command(*arguments), capture_output=True, check=False, **keywords)

    def must(self, *arguments, **keywords):
        """What it prints; an error when it fails."""
        done = self.cli(*arguments, **keywords)
        if done.returncode != 0:
            raise ClusterError(f"lanemq {' '.join(arguments)}: exit code {done.returncode}\n"
                               f"    {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode(errors="replace")

    def bootstrap(self):
        return ",".join(f"{LOOPBACK}:{self.port(name)}" for name in self.server_names() if self.port(name))

    def write_bootstrap(self):
        (self.run_dir / "bootstrap").write_text(self.bootstrap() + "\n")
