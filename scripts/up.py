#!/usr/bin/env python3
"""./dev up: starts a private cluster, sends real data through it, checks it, leaves it running."""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import demo
import failing_handler
import package_log
from db import ENGINES
from guarded_cluster import GuardedCluster
from local_cluster import LOOPBACK, NODE_NAME, ClusterError, LocalCluster, near

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOPIC = "packages"
GROUP = "package-log"
PARTITIONS = 4
ADMIN = "admin"
JOIN_TIMEOUT = 60.0
CONSUME_TIMEOUT = 300.0


class Terminal:
    def __init__(self):
        is_plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        self.has_color = sys.stdout.isatty() and not is_plain

    def paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_color else text

    def bold(self, text):
        return self.paint("1", text)

    def dim(self, text):
        return self.paint("2", text)

    def line(self, text=""):
        print(text, flush=True)

    @contextlib.contextmanager
    def step(self, name):
        """Prints `name  what  seconds` when the step is done; `name ...` while it runs."""
        result = {}
        if sys.stdout.isatty():
            print(f"  {name:<11} ...", end="\r", flush=True)
        began = time.monotonic()
        try:
            yield result
        except BaseException:
            if sys.stdout.isatty():
                print("\x1b[K", end="", flush=True)
            raise
        seconds = result.get("seconds", time.monotonic() - began)
        clear = "\x1b[K" if sys.stdout.isatty() else ""
        self.line(f"{clear}  {self.bold(f'{name:<11}')} {result['text']:<62} {self.dim(f'{seconds:6.1f} s')}")


def rate(count, seconds):
    return f"{count / max(seconds, 1e-6):,.0f}/s"


def plural(count, word):
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def read_input(given):
    """(lines, what they are)."""
    paths = [given] if given else package_log.package_logs()
    if given and not given.is_file():
        raise ClusterError(f"there is no file {given}")
    if not paths:
        raise ClusterError("this machine has no package log (/var/log/dpkg.log*); "
                           "give any text file: ./dev up --input FILE")
    lines = package_log.read_lines(paths)
    name = str(given or paths[-1])
    more = f" and {plural(len(paths) - 1, 'older file')}" if len(paths) > 1 else ""
    if not lines:
        raise ClusterError(f"{name}{more} has no lines; give another file: ./dev up --input FILE")
    return lines, name + more


def start_servers(cluster, terminal, engine):
    with terminal.step("database") as step:
        started = cluster.start_database(engine)
        version = cluster.query("SELECT VERSION()", "--batch", "--skip-column-names")
        kind = "MariaDB" if "MariaDB" in version else "MySQL"
        step["text"] = where(f"{kind} {version.split('-')[0].strip()}, {LOOPBACK}:{cluster.database_port}", started)
    for name in cluster.process_names():
        with terminal.step(name.replace("-", " ")) as step:
            started = cluster.start_server(name)
            step["text"] = where(f"{LOOPBACK}:{cluster.port(name)}", started)
    cluster.write_bootstrap()


@contextlib.contextmanager
def stopped_on_interrupt(cluster):
    """Whoever gives up finds running what ran before, and nothing else."""
    ran = {name for name in cluster.all_names() if cluster.is_up(name)}
    had_database = cluster.database.status() is not None
    try:
        yield
    except KeyboardInterrupt:
        # Somebody in a hurry presses it again; half of it would be left.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in reversed(cluster.all_names()):
            if name not in ran:
                cluster.stop(name)
        if not had_database:
            cluster.database.stop()
        raise


def where(address, started):
    return address if started else f"{address}, already running"


def prepare_topic(cluster, terminal):
    with terminal.step("topic") as step:
        nodes = json.loads(cluster.must("node", "list", "--output=json"))["items"]
        own = next((node for node in nodes if node["node"] == NODE_NAME), None)
        port = cluster.database_port
        if own is None:
            cluster.must("node", "add", NODE_NAME, f"--address={LOOPBACK}:{port}")
        elif own["address"] != f"{LOOPBACK}:{port}":
            cluster.must("node", "alter", NODE_NAME, f"--address={LOOPBACK}:{port}")
        topics = json.loads(cluster.must("topic", "list", "--output=json"))["items"]
        exists = any(t["topic"] == TOPIC and t["state"] == "active" for t in topics)
        if not exists:
            cluster.must("topic", "create", TOPIC, f"--partitions={PARTITIONS}")
        step["text"] = f"{TOPIC}, {PARTITIONS} partitions = {PARTITIONS} MySQL tables" + (
            ", already there" if exists else "")


def fail_with(done, what):
    raise ClusterError(f"{what}: exit code {done.returncode}\n"
                       f"    {done.stderr.decode(errors='replace').strip()}")


def await_group(cluster, ours):
    """Waits until these consumers, and nobody else, share the topic: who has which partitions."""
    wanted = {member.process.pid for member in ours}
    until = time.monotonic() + JOIN_TIMEOUT
    state, strangers = "unknown", []
    while time.monotonic() < until:
        fail_if_ended(ours)
        done = cluster.cli("group", "describe", GROUP, "--output=json")
        if done.returncode == 0:
            group = json.loads(done.stdout)
            state = group["state"]
            # A member is known by host:port:start time:pid.
            pid_of = {member["consumer_id"]: int(member["host"].rsplit(":", 1)[1]) for member in group["members"]}
            strangers = [name for name, pid in pid_of.items() if pid not in wanted]
            owned = sorted(member["assignment"] or "" for member in group["members"])
            if state == "Stable" and set(pid_of.values()) == wanted and all(owned):
                return " | ".join(partitions.removeprefix(f"{TOPIC}:") for partitions in owned)
        time.sleep(0.1)
    why = f"; not ours: {', '.join(strangers)} (stop them and try again)" if strangers else ""
    raise ClusterError(f"group {GROUP} did not become stable with {plural(len(ours), 'consumer')} in "
                       f"{JOIN_TIMEOUT:.0f} s; it is {state}{why}; logs: {near(cluster.run_dir)}/consumer-*.log")


def fail_if_ended(members):
    for member in members:
        if member.process.poll() is not None:
            raise ClusterError(f"consumer {member.name} ended with exit code {member.process.returncode}\n"
                               f"    {member.notes.read_text(errors='replace').strip()}")


def await_commits(cluster, members):
    until = time.monotonic() + CONSUME_TIMEOUT
    while faults := check_commits(cluster):
        fail_if_ended(members)
        if time.monotonic() > until:
            raise ClusterError(f"not everything was consumed in {CONSUME_TIMEOUT:.0f} s: {faults[0]}")
        time.sleep(0.05)


def run_main_job(cluster, terminal, lines, source):
    run = f"{time.time_ns() // 1_000_000}"
    members = []

    def join():
        members.append(package_log.Member(cluster, TOPIC, GROUP, str(len(members) + 1)))

    def publish(part, what):
        with terminal.step("published") as step:
            done, seconds = package_log.produce(cluster, TOPIC, part, run)
            if done.returncode != 0:
                fail_with(done, "publishing failed")
            step["text"] = f"{what}, {rate(len(part), seconds)}"

    try:
        with terminal.step("group") as step:
            join()
            join()
            step["text"] = f"{GROUP}, two consumers: {await_group(cluster, members)}"
        half = (len(lines) + 1) // 2
        publish(lines[:half], f"{half:,} of {plural(len(lines), 'line')} of {source}")
        with terminal.step("rebalanced") as step:
            join()
            step["text"] = f"a third consumer joined: {await_group(cluster, members)}"
        if lines[half:]:
            publish(lines[half:], "the other lines")
        with terminal.step("consumed") as step:
            await_commits(cluster, members)
            codes = [member.stop() for member in members]
            count = sum(member.count() for member in members)
            shares = " + ".join(f"{member.count():,}" for member in members)
            step["text"] = f"{plural(count, 'message')} = {shares} as group {GROUP}"
            for member, code in zip(members, codes):
                if code not in (0, 130):
                    raise ClusterError(f"consumer {member.name}: exit code {code}\n"
                                       f"    {member.notes.read_text(errors='replace').strip()}")
    finally:
        for member in members:
            member.stop()
    verify(cluster, terminal, lines, run, package_log.merged(members))


def verify(cluster, terminal, lines, run, messages):
    with terminal.step("verified") as step:
        published = package_log.Published(lines)
        faults, _, others = package_log.check(published, run, messages)
        faults += check_commits(cluster)
        if faults:
            shown = "\n".join(f"    {fault}" for fault in faults[:10])
            raise ClusterError(f"what came out is not what went in: {plural(len(faults), 'fault')}\n{shown}")
        step["text"] = (f"count, content, order of each of {plural(len(published.by_key), 'key')}, "
                        "commits in MySQL")
    if others:
        terminal.line(terminal.dim(f"              (the group also read {plural(others, 'message')} "
                                   "that others had sent)"))


def run_failing_handler(cluster, terminal, lines):
    """Ten messages to a handler that fails some of them: retries, a dead letter, a redrive."""
    checks = failing_handler.Checks(cluster, lines, f"{time.time_ns() // 1_000_000}")
    handler = near(checks.script)
    wanted = len(checks.fates) - 1
    try:
        with terminal.step("handler") as step:
            checks.prepare()
            checks.start()
            checks.send()
            step["text"] = f"{plural(len(checks.fates), 'message')} to consume --exec {handler}"
        with terminal.step("retried") as step:
            checks.await_all("the retries", lambda: len(checks.handled()) >= wanted)
            step["text"] = (f"{len(checks.unlucky)} failed {failing_handler.FAILURES} times each (exit 75), "
                            "done at the third attempt")
        with terminal.step("dead letter") as step:
            checks.await_all("the dead letter", checks.dead)
            letter = checks.check_first_part()
            step["text"] = f"{letter['id']} ({checks.broken}): {letter['reason']}, {letter['last_error']}"
        with terminal.step("redriven") as step:
            checks.redrive(letter)
            checks.await_all("the redriven message", lambda: len(checks.handled()) > wanted)
            code = checks.stop()
            if code not in (0, 130):
                raise ClusterError(f"the handler's exit code is {code}: {checks.last_notes()}")
            checks.check_second_part()
            step["text"] = "handled after the repair; each message is done exactly once"
    except failing_handler.HandlerFault as fault:
        raise ClusterError(f"the failing handler: {fault}") from fault
    finally:
        checks.stop()


def check_commits(cluster):
    """The group's offsets, read from MySQL itself, must be the ends of the partitions."""
    topic = json.loads(cluster.must("topic", "describe", TOPIC, "--output=json"))
    rows = cluster.query(
        "SELECT partition_index, committed_offset FROM lanemq_node.group_offsets "
        f"WHERE group_id = '{GROUP}' AND topic_id = {int(topic['topic_id'])}",
        "--batch", "--skip-column-names")
    committed = {int(p): int(o) for p, o in (row.split("\t") for row in rows.splitlines())}
    faults = []
    for partition in topic["partitions"]:
        number, end = partition["partition"], int(partition["log_end_offset"])
        if end > 1 and committed.get(number) != end:
            faults.append(f"partition {number} ends at {end}, MySQL has {committed.get(number)} committed")
    return faults


def show_row(cluster, terminal):
    topic = json.loads(cluster.must("topic", "describe", TOPIC, "--output=json"))
    partition = max(topic["partitions"], key=lambda p: int(p["log_end_offset"]))
    offset = int(partition["log_end_offset"]) - 1
    sql = ("SELECT FROM_UNIXTIME(timestamp_us/1e6) AS stored_at, `key`, body "
           f"FROM {partition['table']} WHERE `offset` = {offset}")
    terminal.line("\n" + terminal.bold("A message is a row. A DBA reads one with"))
    terminal.line(f"  mariadb --skip-ssl -h {LOOPBACK} -P {cluster.database_port} -u root -e \\\n"
                  f"    '{sql}\\G'\n")
    for line in cluster.query(sql, "--vertical").splitlines():
        if not line.startswith("***"):
            terminal.line(f"  {line}")


def run_demo(cluster, terminal):
    with terminal.step("demo") as step:
        letter = demo.run(cluster)
        dead = f"dead letter {letter['id']}" if letter else "a dead letter is on its way"
        step["text"] = f"{demo.TOPIC}, group {demo.GROUP}; {dead}"


def portal_url(cluster):
    return f"http://{LOOPBACK}:{cluster.port('portal')}"


def api_url(cluster):
    return f"{portal_url(cluster)}/api/v1"


def has_pages(cluster):
    with contextlib.suppress(OSError), urllib.request.urlopen(portal_url(cluster) + "/", timeout=5) as reply:
        return reply.status == 200
    return False


def make_people(cluster, terminal):
    with terminal.step("people") as step:
        demo.ensure_person(cluster, ADMIN, "admin", "Admin of ./dev up")
        demo.ensure_person(cluster, demo.LEAD, "viewer", "Dana of the demo team")
        step["text"] = f"{ADMIN}, an admin, and {demo.LEAD}, who leads team {demo.TEAM}"


def show_portal(cluster, terminal):
    url = api_url(cluster)
    with_pages = has_pages(cluster)
    terminal.line()
    if with_pages:
        terminal.line(terminal.bold("Portal") + f"  {portal_url(cluster)}/")
    terminal.line(terminal.bold("HTTP") + f"  {url}/..., described by {url}/openapi.yaml")
    if not with_pages:
        terminal.line("  It is an API; this build has no pages for people (LANEMQ_BUILD_PAGES).")
    terminal.line("  All of it listens on this machine alone.")
    if not isinstance(cluster, GuardedCluster):
        terminal.line("  Nobody is asked who he is: whoever is on this machine may do everything, so there is nothing to sign in to.\n"
                      "  ./dev up --auth token is a cluster that asks.")
        return
    click = "one click" if with_pages else f"curl -s -c jar -X POST {url}/session/demo"
    terminal.line(f"  Sign in: {click}, as {demo.LEAD} of team {demo.TEAM};\n"
                  f"  or as {ADMIN}, an admin, whose password is in {near(cluster.password_file(ADMIN))}")


def show_next(cluster, terminal, bin_dir):
    cli = near(bin_dir / "lanemq")
    is_guarded = isinstance(cluster, GuardedCluster)
    terminal.line("\n" + terminal.bold("It is running. Try"))
    rows = [
        *([(f"export LANEMQ_TOKEN_FILE={near(cluster.setup_token)}", "first: who you are")] if is_guarded else []),
        (f"{cli} consume {TOPIC} -o -5 -e -f '%p/%o %k: %v\\n'", "the last five of each partition"),
        (f"echo hello | {cli} produce {TOPIC} -k me", "send one"),
        (f"{cli} topic describe {TOPIC}", "partitions, offsets, tables"),
        (f"{cli} group describe {GROUP}", "what the group has read, its rebalances"),
        (f"{cli} consume {TOPIC} -g {GROUP}", "join it (in two terminals: they share)"),
        (f"{cli} dlq audit -g {failing_handler.GROUP}", "what was done to dead letters"),
        (f"{cli} group watch {demo.GROUP}", "a group that falls behind and catches up"),
        (f"{cli} group policy {failing_handler.GROUP}", "when a message that fails is tried again"),
        *([] if is_guarded else [(f"curl -s {api_url(cluster)}/topics", "topics over HTTP")]),
        (f"{cli} doctor", "is all well?"),
        ("./dev down", "stop (the data stays)"),
    ]
    width = max(len(command) for command, _ in rows)
    for command, why in rows:
        terminal.line(f"  {command:<{width}}  {terminal.dim('# ' + why)}")


def choose_cluster(options):
    """As it was last time, when there was one."""
    try:
        known = json.loads((options.run_dir / "state.json").read_text()).get("auth", {}).get("mode", "none")
    except (OSError, ValueError):
        known = None
    mode = options.auth or known or "token"
    if known and known != mode:
        raise ClusterError(f"the cluster in {near(options.run_dir)} is one with --auth {known}: keep to that, or begin anew with "
                           "./dev down --purge")
    if mode == "none":
        return LocalCluster(options.run_dir, options.bin_dir)
    cluster = GuardedCluster(options.run_dir, options.bin_dir)
    cluster.demo_person = demo.LEAD
    return cluster


def parse(argv):
    parser = argparse.ArgumentParser(
        prog="./dev up", description="Starts a private cluster in .run/, sends this machine's package log "
        "through it, checks every message, and leaves it running.")
    parser.add_argument("--input", type=pathlib.Path, metavar="FILE",
                        help="send the lines of FILE (.gz too) instead of /var/log/dpkg.log*")
    parser.add_argument("--engine", choices=ENGINES, help="the database (default: mariadb, or that of last time)")
    parser.add_argument("--auth", choices=("none", "token"),
                        help="whether the servers ask who is there (default: token, or as last time)")
    parser.add_argument("--run-dir", type=pathlib.Path, default=ROOT / ".run", metavar="DIR",
                        help="where data, logs and state are (default: .run)")
    parser.add_argument("--bin-dir", type=pathlib.Path, default=ROOT / "build" / "release" / "bin",
                        metavar="DIR", help="where the programs are (default: build/release/bin)")
    parser.add_argument("--parse-only", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv):
    options = parse(argv)
    if options.parse_only:
        return 0
    terminal = Terminal()
    began = time.monotonic()
    try:
        lines, source = read_input(options.input)
        cluster = choose_cluster(options)
        with cluster.locked():
            cluster.entry("auth")["mode"] = "token" if isinstance(cluster, GuardedCluster) else "none"
            terminal.line(terminal.bold(f"LaneMQ in {near(cluster.run_dir)}/"))
            with stopped_on_interrupt(cluster):
                start_servers(cluster, terminal, options.engine)
                if isinstance(cluster, GuardedCluster):
                    make_people(cluster, terminal)
                prepare_topic(cluster, terminal)
                run_main_job(cluster, terminal, lines, source)
                run_failing_handler(cluster, terminal, lines)
                run_demo(cluster, terminal)
                show_row(cluster, terminal)
                show_portal(cluster, terminal)
                show_next(cluster, terminal, cluster.bin_dir)
        terminal.line(terminal.dim(f"\nAll of it took {time.monotonic() - began:.1f} s."))
        return 0
    except ClusterError as error:
        print(f"./dev up: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # Nobody reads on: `./dev up | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("\n./dev up: interrupted; what it had started is stopped, the data stays", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
