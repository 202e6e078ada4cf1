#!/usr/bin/env python3
"""The portal with 10,000 topics, 100,000 partitions and 5,000 groups: each list that its pages read, the search in a partition of
10,000,000 rows, and how long until a page shows its first row.

One machine is the metadata database, all data nodes, the servers and the browser, so figures are too high rather than too low.
Exit code 2 when the p99 of a list is 300 ms or more, a search goes beyond its stated bound, or a first row takes a second.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("perf/portal", "tests/portal_api", "tests/cli", "scripts")]
import calls  # noqa: E402
import portal_rig  # noqa: E402
import rig  # noqa: E402
import seed  # noqa: E402
from local_cluster import LOOPBACK  # noqa: E402

WEB = ROOT / "portal" / "web"
LIST_MS = 300
PAINT_MS = 1_000
# docs/GUARANTEES.md: rows and bytes for one answer, and its time, beyond which the one SELECT that has begun is waited for.
SEARCH = {"rows": 100_000, "bytes": 64 << 20, "default_rows": 10_000, "default_ms": 2_000, "select_ms": 500}
WARM_UP = 5
ROW = "main table tbody tr"
PAGES = {"/": f"main ul[aria-label] li, {ROW}", "/topics": ROW, "/groups": ROW}  # And what a row is there.
PERSON = "scale"
# One server stands for a hundred: it has their tables, connections and memory.
ROOMY = {"table_open_cache": 200_000, "table_definition_cache": 200_000, "max_connections": 5_000}


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def row(*cells):
    """Of a table. Flushed: the run is long."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*cells):
    print(flush=True)
    row(*cells)
    row(*("---" for _ in cells))


def measure_lists(http, options):
    head("list", "p50 ms", "p99 ms", "longest ms", "bytes", "")
    is_good = True
    for name, path in calls.lists(http, options):
        for _ in range(WARM_UP):
            http.ask(path)
        asked = [http.ask(path) for _ in range(options.requests_each)]
        times = [took for took, _, _ in asked]
        is_met = percentile(times, 0.99) < LIST_MS
        is_good = is_good and is_met
        row(name, f"{statistics.median(times):.1f}", f"{percentile(times, 0.99):.1f}", f"{max(times):.1f}", f"{asked[-1][1]:,}",
            "" if is_met else "MISSED")
    return is_good


def measure_searches(http, options):
    head("search", "median ms", "longest ms", "rows looked at", "ended", "")
    is_good = True
    for name, body in calls.searches(options.rows):
        path = f"/topics/{seed.BIG}/messages:search"
        asked = [http.ask(path, body) for _ in range(options.searches_each)]
        times = [took for took, _, _ in asked]
        answers = [json.loads(text) for _, _, text in asked]
        limit = body.get("time_limit_ms", SEARCH["default_ms"]) + SEARCH["select_ms"]
        scanned = max(int(answer["scanned_rows"]) for answer in answers)
        is_met = max(times) < limit and scanned <= body.get("max_scanned", SEARCH["default_rows"]) <= SEARCH["rows"] and all(
            int(answer["scanned_bytes"]) < 1.1 * SEARCH["bytes"] and answer["ranges"] for answer in answers)
        is_good = is_good and is_met
        row(name, f"{statistics.median(times):.0f}", f"{max(times):.0f}", f"{scanned:,}",
            "/".join(sorted({answer["ended"] for answer in answers})), "" if is_met else "MISSED")
    return is_good


def make_person(cluster):
    """An admin, who leads a team."""
    admin = portal_rig.Client(cluster.port("portal"), cluster.setup_token.read_text().strip())
    for path, body in [(f"/people/{PERSON}", {"role": "admin"}), (f"/people/{PERSON}/password", {"new_password": portal_rig.PASSWORD})]:
        reply = admin.ask("PUT", path, body)
        assert reply.status == 200, reply
    person = portal_rig.Client(cluster.port("portal"))
    assert rig.wait_until(lambda: person.sign_in(PERSON, portal_rig.PASSWORD).status == 200, rig.WAIT), "sign in"
    body = {"current_password": portal_rig.PASSWORD, "new_password": portal_rig.PASSWORD + "!"}
    assert rig.wait_until(lambda: person.ask("PUT", f"/people/{PERSON}/password", body).status == 200, rig.WAIT), "password"


def measure_paint(cluster, options):
    """None: there is nothing to measure with."""
    chromium = os.environ.get("LANEMQ_CHROMIUM") or shutil.which("chromium")
    has_pages = portal_rig.send_raw(cluster.port("portal"), b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    missing = [what for what, there in [("chromium", chromium), ("portal/web/node_modules", (WEB / "node_modules").exists()),
                                        ("pages in the gateway", b" 200 " in has_pages.split(b"\r\n")[0])] if not there]
    if missing:
        print(f"SKIPPED LOUDLY: the first row's time, for want of {', '.join(missing)}", flush=True)
        return None
    make_person(cluster)
    environment = {**os.environ, "LANEMQ_WEB": str(WEB), "LANEMQ_PORTAL": f"http://{LOOPBACK}:{cluster.port('portal')}",
                   "LANEMQ_CHROMIUM": chromium, "LANEMQ_NAME": PERSON, "LANEMQ_PASSWORD": portal_rig.PASSWORD + "!",
                   "LANEMQ_PAGES": json.dumps(PAGES), "LANEMQ_TIMES": str(options.paints)}
    done = subprocess.run(["node", pathlib.Path(__file__).with_name("paint.mjs")], env=environment, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    head("page", "anything at all, median ms", "first row, median ms", "longest ms", "")
    worst = 0
    for page, paints in json.loads(done.stdout).items():
        times, firsts = [paint["row"] for paint in paints], [paint["first"] for paint in paints]
        worst = max(worst, *times)
        row(page, f"{statistics.median(firsts):.0f}", f"{statistics.median(times):.0f}", f"{max(times):.0f}",
            "" if max(times) < PAINT_MS else "MISSED")
    return worst < PAINT_MS


def await_lag(http, options):
    """Until the metaserver on call has read every node."""
    wanted, began = min(options.groups, calls.MOST), time.monotonic()
    found = []

    def is_whole():
        text = http.ask(f"/lag?max={calls.MOST}&limit=1", is_ready=False)[2]
        page = json.loads(text) if text else {"total_count": 0}
        found[:] = [page["total_count"], page.get("stale_nodes", [])]
        return page["total_count"] >= wanted and not page.get("stale_nodes")

    whole = rig.wait_until(is_whole, options.patience, 2)
    print(f"lag of {found[0]:,} groups, {len(found[1])} data nodes not read in time, after {time.monotonic() - began:.0f} s", flush=True)
    return whole


def describe(cluster, options):
    settings = cluster.query("SELECT @@version, @@innodb_flush_log_at_trx_commit, @@sync_binlog, @@innodb_buffer_pool_size",
                             "--skip-column-names").split()
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    print(f"commit {commit.strip()}, binaries of {options.bin_dir}\n"
          f"version, innodb_flush_log_at_trx_commit, sync_binlog, buffer pool: {' '.join(settings)}\n"
          f"{options.topics:,} topics of {options.partitions} partitions, {options.groups:,} groups, {options.teams} teams; "
          f"{options.requests_each} requests of each list after {WARM_UP}; bars: p99 {LIST_MS} ms, first row {PAINT_MS} ms", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=rig.ENGINES, default="mariadb")
    parser.add_argument("--bin-dir", type=pathlib.Path, default=rig.BIN_DIR)
    parser.add_argument("--topics", type=int, default=10_000)
    parser.add_argument("--partitions", type=int, default=10, help="of each topic")
    parser.add_argument("--groups", type=int, default=5_000)
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--requests", type=int, default=2_000, help="for changes, in the list of them")
    parser.add_argument("--audit", type=int, default=50_000, help="lines of the audit log")
    parser.add_argument("--rows", type=int, default=10_000_000, help="in the partition that is searched")
    parser.add_argument("--requests-each", type=int, default=200, help="measured of each list")
    parser.add_argument("--searches-each", type=int, default=10)
    parser.add_argument("--paints", type=int, default=10, help="measured of each page")
    parser.add_argument("--patience", type=float, default=600, help="seconds until the lag of all is known")
    parser.add_argument("--buffer-pool-mib", type=int, default=4_096, help="of the database server")
    options = parser.parse_args()
    assert options.teams > 10 and options.topics > options.teams and options.groups > options.teams, "too little to look for"
    return options


def main():
    options = parse()
    rig.ENGINE, rig.BIN_DIR = options.engine, options.bin_dir.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # It takes its cluster along.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with portal_rig.running_portal() as cluster:
        seed.rows.set_globals(cluster, {**ROOMY, "innodb_buffer_pool_size": options.buffer_pool_mib << 20})
        seed.Seed(cluster, options).fill()
        describe(cluster, options)
        http = calls.Http(cluster.port("portal"), cluster.setup_token.read_text().strip())
        results = [await_lag(http, options), measure_lists(http, options), measure_searches(http, options),
                   measure_paint(cluster, options)]
    sys.exit(0 if all(result is not False for result in results) else 2)


if __name__ == "__main__":
    main()
