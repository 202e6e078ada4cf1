#!/usr/bin/env python3
"""What tokens and TLS cost producers: `lanemq bench produce` to three clusters in turn, which differ in nothing else.

Each has a database, a metaserver and two brokers of its own; one asks nobody who he is, one asks for tokens, one speaks TLS, too.
Exit code 2 when tokens cost more than a tenth, or TLS more than a half.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "cli"))
import rig  # noqa: E402
from local_cluster import LocalCluster  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
KINDS = {"none": LocalCluster, "tokens": rig.GuardedCluster, "tokens and TLS": rig.GuardedTlsCluster}
BARS = {"tokens": 0.9, "tokens and TLS": 0.5}


def broker_cpu(cluster):
    """Seconds of both brokers so far."""
    seconds = 0
    for name in cluster.server_names():
        if name.startswith("broker"):
            fields = pathlib.Path(f"/proc/{cluster.entry(name)['pid']}/stat").read_text().rsplit(")", 1)[1].split()
            seconds += (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def produce(cluster, *flags):
    before = broker_cpu(cluster)
    done = rig.run(cluster, "bench", "produce", "bench", "--output=json", *flags)
    assert done.code == 0, done
    row = json.loads(done.out)["items"][0]
    assert row["failed"] == 0, row
    return row, (broker_cpu(cluster) - before) * 1e6 / row["messages"]


def settings(cluster):
    return cluster.query("SELECT @@version, @@innodb_flush_log_at_trx_commit, @@sync_binlog", "--skip-column-names").split()


def measure(clusters, size, options):
    rates, cpu, p99 = ({kind: [] for kind in clusters} for _ in range(3))
    for _ in range(options.rounds):
        for kind, cluster in clusters.items():
            row, micros = produce(cluster, f"--size={size}", f"--duration={options.seconds}s")
            rates[kind].append(row["messages_per_s"])
            cpu[kind].append(micros)
            calm, _ = produce(cluster, f"--size={size}", f"--duration={options.seconds}s", "--rate=1000")
            p99[kind].append(calm["p99_ms"])
    is_good = True
    for kind in clusters:
        ratio = statistics.median(rates[kind]) / statistics.median(rates["none"])
        is_good = is_good and ratio >= BARS.get(kind, 0)
        print(f"| {options.engine} | {size} B | {kind} | {statistics.median(rates[kind]):,.0f} | {ratio:.2f} | {BARS.get(kind, '')} "
              f"| {statistics.median(cpu[kind]):.1f} | {statistics.median(p99[kind]):.1f} |", flush=True)
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=rig.ENGINES, default="mariadb")
    parser.add_argument("--rounds", type=int, default=3, help="the medians are printed")
    parser.add_argument("--seconds", type=int, default=5, help="of each measurement")
    options = parser.parse_args()
    rig.ENGINE = options.engine
    with contextlib.ExitStack() as stack:
        clusters = {}
        for kind, cluster in KINDS.items():
            rig.LocalCluster = cluster
            clusters[kind] = stack.enter_context(rig.running_cluster())
            made = rig.run(clusters[kind], "topic", "create", "bench", "-p", "4")
            assert made.code == 0, made
            produce(clusters[kind], "--duration=1s")  # Not measured: everything is opened.
        print("version, innodb_flush_log_at_trx_commit, sync_binlog:", *settings(clusters["none"]))
        print(f"medians of {options.rounds} rounds of {options.seconds} s, in turn; 4 partitions, 2 brokers\n\n"
              "| engine | messages | asked for | messages/s | of none | bar | broker us a message | p99 ms at 1,000/s |\n"
              "| --- | --- | --- | --- | --- | --- | --- | --- |")
        results = [measure(clusters, size, options) for size in (100, 1024)]
    sys.exit(0 if all(results) else 2)


if __name__ == "__main__":
    main()
