#!/usr/bin/env python3
"""demo_traffic.py feed|keep COMMAND... - keeps COMMAND running until SIGTERM; `feed` writes it orders, two a second.

Started by demo.py. What it keeps may end when the cluster does: it is then started again.
"""

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from package_log import end_with_parent

ORDER_SECONDS = 0.5
RESTART_SECONDS = 2.0
STOP_TIMEOUT = 10.0
CUSTOMERS = 20


def feed(pipe):
    """`customer-7<tab>{"order": ...}` lines, until nobody reads them."""
    number = int(time.time())
    while True:
        customer = number % CUSTOMERS
        order = {"order": number, "customer": customer, "amount": 10 + number * 7 % 90}
        pipe.write(f"customer-{customer}\t{json.dumps(order)}\n".encode())
        number += 1
        time.sleep(ORDER_SECONDS)


def stop(child):
    """As Ctrl-C does it: sends, or commits, what is done."""
    child.stdin.close()
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
    try:
        child.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def main(argv):
    kind, *command = argv
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0, preexec_fn=end_with_parent)
        try:
            if kind == "feed":
                with contextlib.suppress(BrokenPipeError):
                    feed(child.stdin)
            child.wait()
        finally:
            stop(child)
        time.sleep(RESTART_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1:])
