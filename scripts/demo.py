"""The third job of `./dev up`: a team with orders that keep coming, a group that falls behind and catches up, a dead letter.

It goes on until `./dev down`: demo_traffic.py keeps the producer and the consumer running.
"""

import json
import os
import pathlib
import shlex
import sys
import tempfile

from guarded_cluster import GuardedCluster
from local_cluster import wait_until

TEAM = "demo"
LEAD = "dana"
SERVICE = "demo-shop"
TOPIC = "demo.orders"
GROUP = "demo.billing"
PARTITIONS = 2
RETENTION_MS = 24 * 3600 * 1000
HALF_WAVE_SECONDS = 40  # Shorter than a group's objective, a minute: nobody is alerted.
LETTER_PATIENCE = 30.0
TRAFFIC = pathlib.Path(__file__).resolve().parent / "demo_traffic.py"

# An order that cannot be billed. Edited (a positive amount) and redriven, it can.
BROKEN_ORDER = b'customer-0\t{"order": 1, "customer": 0, "amount": -25}\n'

# Called by `lanemq consume --exec` with an order on its stdin; slower than they come, then quicker, by turns.
HANDLER = f"""#!/bin/sh
read -r order
case $order in
  *'"amount": -'*) echo "the amount is negative" >&2; exit 65 ;;
esac
[ $(($(date +%s) / {HALF_WAVE_SECONDS} % 2)) -eq 0 ] || sleep 2
"""


def ensure_person(cluster, name, role, display_name):
    """Somebody who signs in with the password in his file. Who has signed in before is left as he is."""
    if cluster.entry("people").get(name):
        return
    cluster.must("person", "put", name, f"--role={role}", f"--display-name={display_name}")
    given = cluster.must("person", "password", name, "--generate")
    # The first thing that he does is to choose his own. The session is of no use here.
    with tempfile.TemporaryDirectory() as home:
        cluster.must("login", name, "--password-file=-", f"--new-password-file={cluster.password_file(name)}", "--token-file=",
                     input=given.encode(), env={**os.environ, "XDG_CONFIG_HOME": home})
    cluster.entry("people")[name] = role
    cluster.save()


def token_file(cluster):
    return cluster.run_dir / f"{SERVICE}.token"


def ensure_team(cluster):
    """The token comes last: where it is, the rest is."""
    if token_file(cluster).exists():
        return
    cluster.must("team", "put", TEAM, f"--lead={LEAD}", "--description=Made by ./dev up, to look at")
    cluster.must("owner", "set", f"--topic={TOPIC}", f"--team={TEAM}")
    cluster.must("owner", "set", f"--group={GROUP}", f"--team={TEAM}")
    cluster.must("service", "put", SERVICE, f"--team={TEAM}", "--description=Sends orders and bills them")
    cluster.must("token", "issue", SERVICE, f"--output-file={token_file(cluster)}")


def ensure_topic(cluster):
    topics = json.loads(cluster.must("topic", "list", "--output=json"))["items"]
    if not any(t["topic"] == TOPIC and t["state"] == "active" for t in topics):
        cluster.must("topic", "create", TOPIC, f"--partitions={PARTITIONS}", "-c", f"retention.ms={RETENTION_MS}")


def dead_letters(cluster):
    """None, too, while the group is not there yet."""
    done = cluster.cli("dlq", "list", f"--group={GROUP}", "--max=10", "--output=json")
    return json.loads(done.stdout)["items"] if done.returncode == 0 else []


def start_traffic(cluster):
    handler = cluster.run_dir / "demo-bill.sh"
    handler.write_text(HANDLER)
    handler.chmod(0o755)
    flags = [f"--token-file={token_file(cluster)}"] if isinstance(cluster, GuardedCluster) else []
    produce = cluster.cli_command("produce", TOPIC, "--key-separator=\\t", *flags)
    consume = cluster.cli_command("consume", TOPIC, f"--group={GROUP}", f"--exec={shlex.quote(str(handler))}", *flags)
    for name, words in [("demo-producer", ["feed", *produce]), ("demo-consumer", ["keep", *consume])]:
        if not cluster.is_up(name):
            cluster.launch(name, [sys.executable, str(TRAFFIC), *words])


def run(cluster):
    """What is there in the end: the dead letter to look at, or None when it is still on its way."""
    ensure_topic(cluster)
    if isinstance(cluster, GuardedCluster):
        ensure_team(cluster)
    letters = dead_letters(cluster)
    if not letters:
        cluster.must("produce", TOPIC, "--key-separator=\\t", input=BROKEN_ORDER)
    start_traffic(cluster)
    if not letters:
        wait_until(lambda: letters.extend(dead_letters(cluster)) or letters, LETTER_PATIENCE, pause=0.5)
    return letters[0] if letters else None
