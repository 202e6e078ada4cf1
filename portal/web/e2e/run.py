#!/usr/bin/env python3
"""The pages in Debian's Chromium against a cluster of their own: database, metaserver, brokers, canary, gateway.

  run.py [--bin-dir DIR] [--engine mariadb|mysql] [--keep] [PLAYWRIGHT'S ARGUMENTS...]

--keep starts no browser: it prints the address and who may sign in, and waits for Ctrl-C. Exit codes: 77 skipped (no browser,
or the packages of package-lock.json are not installed), else Playwright's.
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading

WEB = pathlib.Path(__file__).resolve().parent.parent
ROOT = WEB.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "portal_api"))
sys.path.insert(0, str(WEB / "e2e"))
import portal_rig
import rig
import seed
from local_cluster import LOOPBACK

PLAYWRIGHT = WEB / "node_modules" / "@playwright" / "test" / "cli.js"


def skip(why):
    print(f"SKIPPED LOUDLY: {why}", flush=True)
    sys.exit(rig.SKIPPED)


def browser():
    found = os.environ.get("LANEMQ_CHROMIUM") or shutil.which("chromium")
    return found or skip("no chromium here: ./dev setup test")


def run_playwright(cluster, arguments):
    environment = {
        **os.environ,
        "LANEMQ_PORTAL": f"http://{LOOPBACK}:{cluster.port('portal')}",
        "LANEMQ_CHROMIUM": browser(),
        "LANEMQ_ADMIN_TOKEN": cluster.setup_token.read_text().strip(),
        "LANEMQ_CLI": str(cluster.program("lanemq")),
        "LANEMQ_BOOTSTRAP": cluster.bootstrap(),
        "LANEMQ_RUN_DIR": str(cluster.run_dir),
    }
    return subprocess.run(["node", str(PLAYWRIGHT), "test", *arguments], cwd=WEB, env=environment, check=False).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin-dir", type=pathlib.Path, default=rig.BIN_DIR)
    parser.add_argument("--engine", choices=rig.ENGINES, default=rig.ENGINE)
    parser.add_argument("--keep", action="store_true")
    options, rest = parser.parse_known_args()
    rig.BIN_DIR, rig.ENGINE = options.bin_dir.resolve(), options.engine
    if not options.keep:
        browser()
        if not PLAYWRIGHT.exists():
            skip(f"{PLAYWRIGHT} is not there: ./dev build")
    if options.engine == "mysql" and not rig.mysql_program().exists():
        skip(f"MySQL 9 is not installed here ({rig.mysql_program()})")
    # Also when it is told to end, or was started in the background, it takes its cluster along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with portal_rig.running_portal(seed.PagesCluster) as cluster:
        with cluster.locked():
            cluster.start_server("canary")
        try:
            seed.fill(cluster)
            if not options.keep:
                sys.exit(run_playwright(cluster, rest))
            print(f"http://{LOOPBACK}:{cluster.port('portal')}  as {', '.join(seed.PEOPLE)}; password: {seed.PASSWORD}", flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            pass
        finally:
            with cluster.locked():  # What outage.spec.ts has started anew is known again, also to who is told to end.
                cluster.stop("canary")


if __name__ == "__main__":
    main()
