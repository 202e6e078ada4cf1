#!/usr/bin/env python3
"""What a metaserver on call costs: its processor time and its /metrics, with 10,000 group-partitions of a real cluster.

A database, a metaserver, a broker's worth of topics made by the command line; rows and commits are written by SQL, since
only their number matters. First everybody is caught up, then everybody is behind while rows go on being added.
"""

import argparse
import os
import pathlib
import statistics
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "cli"))
import rig  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def metrics(cluster):
    began = time.monotonic()
    url = f"http://{rig.LOOPBACK}:{cluster.port('metaserver', 'admin_port')}/metrics"
    with urllib.request.urlopen(url, timeout=10) as reply:
        text = reply.read()
    return (time.monotonic() - began) * 1000, text


def fill(cluster, topics, partitions, groups):
    names = [f"t{number:03}" for number in range(topics)]
    for first in range(0, topics, 10):
        done = cluster.cli("topic", "create", *names[first:first + 10], "-p", str(partitions), "--timeout", "300s")
        assert done.returncode == 0, done.stderr
    tables = [row.split("\t") for row in cluster.query(
        "SELECT topic_id, partition_index, schema_index FROM lanemq_node.partition_state", "--skip-column-names").splitlines()]
    for topic, partition, schema in tables:
        cluster.query(f"INSERT INTO lanemq_{int(schema):02}.msg_{topic}_{partition} (`offset`,timestamp_us,producer_id,sequence,codec,body) "
                      "WITH RECURSIVE s AS (SELECT 1 n UNION ALL SELECT n+1 FROM s WHERE n<100) "
                      "SELECT n, UNIX_TIMESTAMP()*1000000, 0, 0, 0, 'x' FROM s")
    for group in range(groups):
        cluster.query("INSERT INTO lanemq_node.group_offsets (group_id,topic_id,partition_index,committed_offset,committed_at) "
                      f"SELECT 'g{group:02}',topic_id,partition_index,101,UTC_TIMESTAMP(6) FROM lanemq_node.partition_state")


def measure(cluster, engine, load, seconds, count):
    entry = cluster.entry("metaserver")
    before, began = cpu_seconds(entry["pid"]), time.monotonic()
    renders = []
    while time.monotonic() - began < seconds:
        took, text = metrics(cluster)
        renders.append(took)
        time.sleep(1)
    share = (cpu_seconds(entry["pid"]) - before) / (time.monotonic() - began) * 100
    series = text.count(b"\n")
    lag = text.count(b"lanemq_group_lag_messages{")
    print(f"| {engine} | {load} | {lag} | {series} | {share:.1f} % | {statistics.median(renders):.0f} | {max(renders):.0f} |", flush=True)
    assert lag == count, (lag, count)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=rig.ENGINES, default="mariadb")
    parser.add_argument("--topics", type=int, default=90)
    parser.add_argument("--partitions", type=int, default=10)
    parser.add_argument("--groups", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=40, help="of each measurement")
    options = parser.parse_args()
    count = options.topics * options.partitions * options.groups
    rig.ENGINE = options.engine
    with rig.running_cluster() as cluster:
        fill(cluster, options.topics, options.partitions, options.groups)
        shown = rig.wait_until(lambda: metrics(cluster)[1].count(b"lanemq_group_lag_messages{") == count, 120, 1)
        assert shown, "the group-partitions are not in /metrics after two minutes"
        print(f"{count} group-partitions, sampled every 5 s; /metrics is read once a second\n")
        print("| engine | load | group-partitions | lines | metaserver of a core | /metrics ms p50 | max |\n"
              "| --- | --- | --- | --- | --- | --- | --- |")
        measure(cluster, options.engine, "caught up", options.seconds, count)
        cluster.query("UPDATE lanemq_node.group_offsets SET committed_offset=1+FLOOR(RAND()*90)")
        measure(cluster, options.engine, "all behind", options.seconds, count)


if __name__ == "__main__":
    main()
