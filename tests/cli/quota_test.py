#!/usr/bin/env python3
"""Quotas of teams by the command line, on a real cluster that asks for tokens: set, seen, enforced, counted, turned off."""

import json
import unittest
import urllib.request

import rig
from local_cluster import wait_until


def setUpModule():
    rig.LocalCluster = rig.GuardedCluster
    QuotaTest.context = rig.running_cluster()
    QuotaTest.cluster = QuotaTest.context.__enter__()


def tearDownModule():
    QuotaTest.context.__exit__(None, None, None)


class QuotaTest(unittest.TestCase):
    cluster = None
    context = None

    def ended(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def items(self, *arguments):
        return json.loads(self.ended(*arguments, "--output=json").out)["items"]

    def limits(self, team):
        return {row["quota"]: (row["used"], row["limit"]) for row in self.items("quota", "show", team)}

    def make_team(self, name):
        """With a topic and a service; its token's flag."""
        token = self.cluster.run_dir / f"{name}.token"
        self.ended("team", "put", name)
        self.ended("service", "put", name, "--team", name)
        self.ended("token", "issue", name, "--output-file", str(token))
        self.ended("topic", "create", name, "-p", "3")
        self.ended("owner", "set", "--topic", name, "--team", name)
        flag = f"--token-file={token}"
        # Brokers know of it within a second or two; each call goes to a partition by chance, and so to a broker.
        words = ["bench", "produce", name, "--messages=1", flag]
        self.assertTrue(wait_until(lambda: all(rig.run(self.cluster, *words).code == 0 for _ in range(8)), rig.WAIT / 2, pause=0.3))
        return flag

    def throttled(self, team):
        """What brokers have counted for the team, by mode."""
        counts = {}
        for name in self.cluster.server_names():
            if not name.startswith("broker"):
                continue
            address = f"http://{rig.LOOPBACK}:{self.cluster.port(name, 'admin_port')}/metrics"
            with urllib.request.urlopen(address, timeout=10) as page:
                lines = page.read().decode().splitlines()
            for line in lines:
                if line.startswith("lanemq_broker_quota_throttled_total{") and f'team="{team}"' in line:
                    mode = line.split('mode="')[1].split('"')[0]
                    counts[mode] = counts.get(mode, 0) + float(line.rsplit(" ", 1)[1])
        return counts

    def bench(self, team, token, *flags):
        out = self.ended("bench", "produce", team, "--size=1000", "--output=json", token, *flags).out
        row = json.loads(out)["items"][0]
        self.assertEqual(row["failed"], 0, row)
        return row

    def test_from_no_quota_to_the_kill_switch(self):
        token = self.make_team("loud")
        before = self.limits("loud")
        self.assertEqual(before["topics"], (1, None))
        self.assertEqual(before["partitions"], (3, None))
        fast = self.bench("loud", token, "--messages=5000")

        planned = self.ended("quota", "set", "loud", "--produce-bytes-per-s", "200kB", "--dry-run", "--output=csv")
        self.assertIn("produce_bytes_per_s,,200000", planned.out)
        self.assertEqual(self.limits("loud"), before, "a rehearsal changes nothing")
        self.ended("quota", "set", "loud", "--produce-bytes-per-s", "200kB", "--topics", "4", "--reason", "trying")
        self.ended("quota", "set", "loud", "--partitions", "10")
        self.assertEqual(self.limits("loud")["produce_bytes_per_s"], (None, 200_000))
        self.assertEqual(self.limits("loud")["topics"], (1, 4))
        self.assertEqual(self.limits("loud")["partitions"], (3, 10))
        rows = self.items("audit", "search", "--kind", "quota", "--name", "loud")
        self.assertEqual([row.get("reason") for row in rows], [None, "trying"])

        # The library waits as it is told, and loses nothing: about a megabyte at 200 kB a second, a burst aside.
        self.assertTrue(wait_until(lambda: self.is_throttled("loud", token), rig.WAIT / 2, pause=0.5))
        slow = self.bench("loud", token, "--messages=1000")
        self.assertLess(slow["messages_per_s"], fast["messages_per_s"] / 2)
        self.assertLess(slow["messages_per_s"] * 1000, 200_000 * 2, slow)

        other = self.make_team("calm")
        self.bench("calm", other, "--messages=2000")
        self.assertEqual(self.throttled("calm"), {})

        self.ended("quota", "mode", "log")
        self.assertTrue(wait_until(lambda: self.is_counted_only("loud", token), rig.WAIT / 2, pause=0.5))
        refused = self.ended("quota", "mode", "off", code=2)
        self.assertIn("--yes", refused.err)
        self.ended("quota", "mode", "off", "--yes")
        self.assertIn("quotas are off", self.ended("quota", "show").err)
        self.ended("quota", "mode", "enforce")
        self.ended("quota", "set", "loud", "--produce-bytes-per-s", "none", "--topics", "none", "--partitions", "none")
        self.assertEqual(self.limits("loud")["produce_bytes_per_s"], (None, None))

    def is_throttled(self, team, token):
        self.bench(team, token, "--messages=1000")
        return self.throttled(team).get("enforce", 0) > 0

    def is_counted_only(self, team, token):
        self.bench(team, token, "--messages=1000")
        return self.throttled(team).get("log", 0) > 0

    def test_who_is_no_operator_sees_quotas_and_sets_none(self):
        token = self.make_team("small")
        self.ended("quota", "show", token)
        refused = self.ended("quota", "set", "small", "--topics", "5", token, code=4)
        self.assertIn("CLUSTER_AUTHORIZATION_FAILED", refused.err)
        self.ended("quota", "mode", "off", "--yes", token, code=4)
        self.ended("quota", "set", "nowhere", "--topics", "5", code=3)
        self.ended("quota", "set", "small", code=2)
        self.assertIn("no amount", self.ended("quota", "set", "small", "--topics", "many", code=2).err)


if __name__ == "__main__":
    rig.run_tests()
