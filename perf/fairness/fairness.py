#!/usr/bin/env python3
"""One team floods at ten times its quota: what another team's producers notice of it.

A cluster with tokens: a database, a metaserver and two brokers. Team `calm` produces at a steady rate, in rounds that alternate:
alone, beside team `loud` at nine tenths of its quota, and beside `loud` offering ten times its quota. The medians of all rounds' p99
are compared. What a team may use costs the others something on two cores; what it is refused should not. For the record, the same
flood without quotas (`--unlimited`). `loud` runs at the lowest priority, since it would be on other machines.
Exit code 2 when the flood changes the median p99 by a fifth or more, against the quota used or against nothing, or is let through
above its quota.
"""

import argparse
import contextlib
import json
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "cli"))
import rig  # noqa: E402

BAR = 1.2
FLOOD_SIZE = 1000
CALM_SIZE = 200
TIMES = 10  # The flood, of the quota.
PARTITIONS = {"calm": 4, "loud": 8}


def done(cluster, *words):
    ended = rig.run(cluster, *words)
    assert ended.code == 0, ended
    return ended.out


class Teams:
    """The two, each with a topic, a service and its token."""

    def __init__(self, cluster, quota):
        self.cluster = cluster
        self.tokens = {}
        for team, partitions in PARTITIONS.items():
            token = cluster.run_dir / f"{team}.token"
            done(cluster, "team", "put", team)
            done(cluster, "service", "put", team, "--team", team)
            done(cluster, "token", "issue", team, "--output-file", str(token))
            done(cluster, "topic", "create", team, "-p", str(partitions))
            done(cluster, "owner", "set", "--topic", team, "--team", team)
            self.tokens[team] = f"--token-file={token}"
        done(cluster, "quota", "set", "loud", "--produce-bytes-per-s", str(quota))
        time.sleep(3)  # Brokers know it all.

    def produce(self, rate, seconds):
        out = done(self.cluster, "bench", "produce", "calm", "--output=json", f"--rate={rate}", f"--size={CALM_SIZE}",
                   f"--duration={seconds}s", self.tokens["calm"])
        row = json.loads(out)["items"][0]
        assert row["failed"] == 0, row
        return row

    @contextlib.contextmanager
    def flood(self, rate):
        """The loud team's producer, until the end of the block."""
        words = self.cluster.cli_command("bench", "produce", "loud", f"--rate={rate}", f"--size={FLOOD_SIZE}",
                                         "--duration=1h", self.tokens["loud"])
        process = subprocess.Popen(["nice", "-n", "19", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(1.5)  # The burst is over.
            yield
        finally:
            assert process.poll() is None, "the flood ended by itself"
            process.kill()
            process.wait()

    def stored(self):
        """Messages of the flood so far."""
        rows = json.loads(done(self.cluster, "topic", "describe", "loud", "--output=json"))["partitions"]
        return sum(int(row["log_end_offset"]) for row in rows)


def measure(teams, options):
    rounds = {"alone": [], "within": [], "flooded": []}
    through = []
    flood_rate = TIMES * options.quota // FLOOD_SIZE
    for _ in range(options.rounds):
        rounds["alone"].append(teams.produce(options.rate, options.seconds))
        with teams.flood(9 * options.quota // FLOOD_SIZE // 10):
            rounds["within"].append(teams.produce(options.rate, options.seconds))
        with teams.flood(flood_rate):
            before, began = teams.stored(), time.monotonic()
            rounds["flooded"].append(teams.produce(options.rate, options.seconds))
            through.append((teams.stored() - before) * FLOOD_SIZE / (time.monotonic() - began))
    return rounds, statistics.median(through)


def report(name, rounds, through, options):
    p99 = {kind: statistics.median(row["p99_ms"] for row in rows) for kind, rows in rounds.items()}
    p50 = {kind: statistics.median(row["p50_ms"] for row in rows) for kind, rows in rounds.items()}
    ratios = [p99["flooded"] / p99[kind] for kind in ("within", "alone")]
    cells = [f"{of[kind]:.1f}" for of in (p50, p99) for kind in rounds] + [f"{ratio:.2f}" for ratio in ratios]
    print(f"| {options.engine} | {name} | {' | '.join(cells)} | {through / 1e6:.2f} |", flush=True)
    for kind, rows in rounds.items():
        print(f"  p99 of each round, {kind}: " + ", ".join(f"{row['p99_ms']:.1f}" for row in rows), flush=True)
    return ratios


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=rig.ENGINES, default="mariadb")
    parser.add_argument("--rounds", type=int, default=7, help="the medians are printed")
    parser.add_argument("--seconds", type=int, default=8, help="of each measurement")
    parser.add_argument("--rate", type=int, default=500, help="messages a second of the calm team")
    parser.add_argument("--quota", type=int, default=1_000_000, help="bytes a second of the loud team")
    parser.add_argument("--bin-dir", type=pathlib.Path, default=rig.BIN_DIR)
    parser.add_argument("--unlimited", action="store_true", help="also without quotas, for the record")
    options = parser.parse_args()
    rig.ENGINE, rig.BIN_DIR = options.engine, options.bin_dir.resolve()
    with rig.running_cluster(kind=rig.GuardedCluster) as cluster:
        teams = Teams(cluster, options.quota)
        teams.produce(options.rate, 2)  # Not measured: everything is opened.
        settings = cluster.query("SELECT @@version, @@innodb_flush_log_at_trx_commit, @@sync_binlog", "--skip-column-names")
        print("version, innodb_flush_log_at_trx_commit, sync_binlog:", *settings.split())
        print(f"medians of {options.rounds} rounds of {options.seconds} s, in turn; {options.rate} messages/s of {CALM_SIZE} B "
              f"beside {TIMES * options.quota / 1e6:g} MB/s offered, quota {options.quota / 1e6:g} MB/s; 2 brokers\n\n"
              "| engine | quotas | p50 ms alone | within quota | flooded | p99 ms alone | within quota | flooded | ratio to within "
              "| to alone | MB/s let through |\n"
              "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        rounds, through = measure(teams, options)
        ratios = report("enforced", rounds, through, options)
        if options.unlimited:
            done(cluster, "quota", "mode", "off", "--yes")
            time.sleep(2)
            report("off", *measure(teams, options), options)
    print(f"bar: below {BAR} and at most {1.15 * options.quota / 1e6:.2f} MB/s")
    sys.exit(0 if max(ratios) < BAR and through <= 1.15 * options.quota else 2)


if __name__ == "__main__":
    main()
