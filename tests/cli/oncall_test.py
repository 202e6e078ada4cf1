#!/usr/bin/env python3
"""What a person on call types, against a real cluster on which minutes last a second."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest
import urllib.request

import rig
from local_cluster import LocalCluster, wait_until

SCALE = 0.02
NOBODY = "127.0.0.1:1"


class QuickCluster(LocalCluster):
    """Samples five times a second, and everything on call goes fifty times as quick."""

    def launch(self, name, argv):
        if name == "metaserver":
            argv = [*argv, "--lag-interval=200", f"--on-call-time-scale={SCALE}"]
        return super().launch(name, argv)


def setUpModule():
    rig.LocalCluster = QuickCluster
    OnCallTest.context = rig.running_cluster()
    OnCallTest.cluster = OnCallTest.context.__enter__()


def tearDownModule():
    OnCallTest.context.__exit__(None, None, None)


class OnCallTest(unittest.TestCase):
    cluster = None
    context = None
    names = 0

    def setUp(self):
        OnCallTest.names += 1
        self.topic, self.group = f"orders{self.names}", f"billing{self.names}"

    def ended(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def items(self, *arguments):
        return json.loads(self.ended(*arguments, "--output=json").out)["items"]

    def check(self, *arguments, code):
        """One line, that begins with the word of its exit code."""
        done = self.ended("check", *arguments, code=code)
        self.assertEqual(done.out.count("\n"), 1, done)
        self.assertTrue(done.out.startswith(["OK - ", "WARNING - ", "CRITICAL - ", "UNKNOWN - "][code]), done)
        return done.out

    def produce(self, count):
        self.ended("produce", self.topic, stdin=b"".join(b"%d\n" % i for i in range(count)))

    def read(self, count):
        """As the group, and commits."""
        self.ended("consume", self.topic, "-g", self.group, "-n", str(count))

    def sampled(self):
        found = [row for row in self.items("top", "--once", "-g", self.group) if row["topic"] == self.topic]
        return found[0] if found else {"status": None}

    def await_status(self, *wanted):
        last = {}

        def is_there():
            last.update(self.sampled())
            return last["status"] in wanted

        self.assertTrue(wait_until(is_there, rig.WAIT, pause=0.2), f"{wanted} did not come: {last}")
        return last

    def stopped(self):
        """A group that has committed and reads no more, until it is judged so."""
        self.ended("topic", "create", self.topic, "-p", "2")
        self.produce(20)
        self.read(20)
        self.await_status("OK", "NEW")
        self.produce(30)
        return self.await_status("STOP")


class CheckTest(OnCallTest):
    def test_wrong_flags_and_nobody_there_are_unknown(self):
        for words in [[], ["lag", "-w", "x"], ["lag", "--no-such-flag"], ["dlq"], ["lagg"], ["node", "-w", "5m"],
                      ["lag", "-w", "10", "-c", "5"], ["lag", "--timeout", "x"]]:
            with self.subTest(words):
                self.check(*words, code=3)
        for words in [["lag"], ["outbox"], ["dlq", "-g", "g"], ["node"], ["canary"], ["cluster"]]:
            with self.subTest(words):
                done = subprocess.run([str(self.cluster.program("lanemq")), f"-b={NOBODY}", "check", *words, "--timeout=1s"],
                                      capture_output=True, check=False, timeout=rig.WAIT, text=True)
                self.assertEqual((done.returncode, done.stdout[:10]), (3, "UNKNOWN - "), done)

    def test_a_cluster_that_is_well(self):
        # Until the data node was sampled, nobody judges: that is CRITICAL for the cluster, rightly.
        self.assertTrue(wait_until(lambda: rig.run(self.cluster, "top", "--once").code == 0, rig.WAIT))
        self.assertIn("'tables'", self.check("node", code=0).replace("'local tables'", "'tables'"))
        self.check("outbox", code=0)
        self.assertIn("'dead'=0;0", self.check("dlq", "-g", "nobody", code=0))
        self.check("outbox", "-o", "no-such", code=3)
        self.check("node", "-n", "no-such", code=3)
        self.assertIn("nobody has committed", self.check("lag", "-g", "no-such", code=3))


class IncidentTest(OnCallTest):
    def test_from_beginning_to_end(self):
        self.ended("alert", "objective", "set", "-g", self.group, "--lag", "2s", "--owner", "payments")
        row = self.stopped()
        self.assertEqual((row["lag"], row["owner"], row["cause"]), (30, "payments", "NO_MEMBERS"))

        out = self.check("lag", "-g", self.group, code=2)
        self.assertIn("STOP", out)
        self.assertIn("'lag'=30", out)
        self.assertIn("payments", out)
        self.check("lag", "-g", self.group, "-w", "1000", code=0)
        self.check("lag", "-g", self.group, "-w", "29", "-c", "1000", code=1)
        self.check("lag", "-g", self.group, "-c", "1s", code=2)

        screen = self.ended("doctor", "--group", self.group, code=2).out
        self.assertIn(f"VERDICT   STOP on {self.topic}", screen)
        self.assertIn("CAUSE     NO_MEMBERS", screen)
        self.assertIn("$ lanemq group describe", screen)
        self.assertLessEqual(max(map(len, screen.splitlines())), 80)
        told = json.loads(self.ended("doctor", "-g", self.group, "--output=json", code=2).out)
        self.assertEqual((told["result"], told["topics"][0]["status"]), ("failed", "STOP"))

        lag = self.items("group", "lag", self.group)[0]
        self.assertEqual((lag["lag"], lag["status"], lag["cause"]), (30, "STOP", "NO_MEMBERS"))
        done = self.ended("group", "lag")
        self.assertIn("STOP", done.out)
        self.assertIn("by the metaserver on call", done.err)
        screen = self.ended("top", "--once").out
        self.assertRegex(screen, rf"STOP +{self.group} +{self.topic} +30 ")
        self.assertIn("NO_MEMBERS (payments)", screen)
        self.assertNotIn("\x1b", screen)
        self.assertEqual(self.items("top", "--once", "--owner", "nobody-here"), [])

        self.alerts_of_it()
        self.read(30)
        self.await_status("OK")
        self.check("lag", "-g", self.group, code=0)
        self.assertIn("Nothing is wrong", self.ended("doctor", "-g", self.group).out)
        self.assertTrue(wait_until(lambda: self.alert("resolved") is not None, rig.WAIT, pause=0.2))
        self.history_of_it()

    def alert(self, state):
        for row in self.items("alert", "list", "--resolved", "1", "--owner", "payments"):
            if row["kind"] == "group_stopped" and self.group in row["subject"] and row["state"] == state:
                return row
        return None

    def alerts_of_it(self):
        self.assertTrue(wait_until(lambda: self.alert("firing") is not None, rig.WAIT, pause=0.2))
        incident = self.alert("firing")["incident"]
        self.assertIn("group_stopped", self.ended("alert", "list").out)
        shown = self.ended("alert", "show", incident[:-1]).out
        self.assertIn(self.group, shown)
        self.assertIn("fired", shown)
        self.assertIn("fired", [event["what"] for event in self.items("alert", "events", incident)])
        self.ended("alert", "show", "no-such-incident", code=3)
        self.check("cluster", code=2)
        self.ended("alert", "silence", "-s", f"group {self.group}*", "--for", "1h", "--reason", "test")
        self.assertTrue(self.alert("firing")["is_silenced"])
        silence = self.items("alert", "silences")[0]
        self.assertEqual(silence["reason"], "test")
        self.ended("alert", "unsilence", silence["id"])
        self.assertEqual(self.items("alert", "silences"), [])
        self.ended("alert", "unsilence", silence["id"], code=3)

    def history_of_it(self):
        """The worst of it is there at once, however far back one looks."""
        for last in ["10m", "1h", "24h", "30d"]:
            rows = []

            def is_kept():
                rows[:] = self.items("group", "history", self.group, "-t", self.topic, "--last", last)
                return any(row["status"] == "STOP" for row in rows)

            self.assertTrue(wait_until(is_kept, rig.WAIT, pause=0.2), f"{last}: {rows}")
            self.assertEqual(max(row["lag_max"] for row in rows), 30)
            self.assertIn("STOP", self.ended("group", "history", self.group, "-t", self.topic, "--last", last).out)
        self.ended("group", "history", self.group, "-t", self.topic, "--last", "soon", code=2)

    def test_the_group_that_was_meant(self):
        self.ended("topic", "create", self.topic)
        self.produce(3)
        self.read(3)
        self.await_status("OK", "NEW")
        done = self.ended("doctor", "--group", self.group + "x", code=3)
        self.assertIn(f"did you mean '{self.group}'", done.err)

    def test_top_redraws_a_terminal_and_leaves_it_as_it_was(self):
        master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "NO_COLOR": ""}
        process = subprocess.Popen(self.cluster.cli_command("top", "-i", "200ms"), stdin=slave, stdout=slave,
                                   stderr=slave, env=environment)
        os.close(slave)
        self.addCleanup(os.close, master)
        self.addCleanup(process.kill)
        text, deadline = b"", time.monotonic() + rig.WAIT
        while text.count(b"STATUS ") < 3 and time.monotonic() < deadline:
            if select.select([master], [], [], 1)[0]:
                text += os.read(master, 65536)
        self.assertTrue(text.startswith(b"\x1b[?1049h\x1b[?25l\x1b[H"), text[:200])
        self.assertGreaterEqual(text.count(b"STATUS "), 3)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(rig.WAIT), 0)
        while select.select([master], [], [], 0.2)[0]:
            try:
                text += os.read(master, 65536)
            except OSError:
                break
        self.assertTrue(text.endswith(b"\x1b[?25h\x1b[?1049l"), text[-200:])


class SettingsTest(OnCallTest):
    def test_objectives(self):
        self.ended("alert", "objective", "set", "-g", self.group, "-t", "t", "--lag", "5m", "--tier", "ticket")
        self.ended("alert", "objective", "set", "-g", self.group, "-t", "t", "--owner", "me")
        row = [r for r in self.items("alert", "objective", "list") if r["group"] == self.group][0]
        self.assertEqual((row["lag_ms"], row["tier"], row["owner"], row["topic"]), (300000, "ticket", "me", "t"))
        self.ended("alert", "objective", "remove", "-g", self.group, "-t", "t")
        self.assertNotIn(self.group, self.ended("alert", "objective", "list").out)

    def test_rules(self):
        kinds = {row["kind"]: row for row in self.items("alert", "rules")}
        self.assertIn("group_stopped", kinds)
        self.ended("alert", "rule", "set", "topic_without_subscriber", "--off", "--severity=ticket")
        off = {row["kind"]: row for row in self.items("alert", "rules")}["topic_without_subscriber"]
        self.assertFalse(off["on"])
        self.ended("alert", "rule", "reset", "topic_without_subscriber")
        self.assertEqual({row["kind"]: row for row in self.items("alert", "rules")}, kinds)
        self.assertNotEqual(rig.run(self.cluster, "alert", "rule", "set", "no_such_kind", "--off").code, 0)

    def test_channels(self):
        url = f"http://127.0.0.1:1/{self.group}"
        self.ended("alert", "channel", "add", self.group, "--type=webhook", f"--url={url}", "--owner=nobody-here")
        row = [r for r in self.items("alert", "channels") if r["channel"] == self.group][0]
        self.assertEqual((row["type"], row["url"], row["owners"], row["on"]), ("webhook", url, "nobody-here", True))
        tested = self.ended("alert", "channel", "test", self.group, "--output=json", code=1)
        self.assertFalse(json.loads(tested.out)["items"][0]["delivered"])
        self.ended("alert", "channel", "remove", self.group)
        self.assertNotIn(self.group, self.ended("alert", "channels").out)
        self.ended("alert", "channel", "test", self.group, code=3)

    def test_what_cannot_be_meant_is_said_in_one_line(self):
        for words in [["objective", "set", "-g", "g"], ["objective", "set", "-t", "t", "--lag=1m"],
                      ["objective", "set", "-g", "g", "--lag=soon"], ["rule", "set", "group_slow"],
                      ["rule", "set", "group_slow", "--severity=high"], ["silence", "--for=1h", "--reason=x"],
                      ["silence", "-s", "x", "--for=1s", "--reason=x"], ["silence", "-s", "x", "--for=1h"],
                      ["channel", "add", "x", "--type=pager", "--url=https://x"],
                      ["channel", "add", "x", "--type=email", "--url=smtp://mx:25"], ["channel", "add", "x"]]:
            with self.subTest(words):
                done = self.ended("alert", *words, code=2)
                self.assertEqual(done.out, "")
                self.assertLessEqual(len(done.err.splitlines()), 2, done)
        for words in [["objective", "set", "-g", "g", "--lag=1m"], ["rule", "set", "group_slow", "--off"],
                      ["silence", "-s", "x", "--for=1h", "--reason=x"], ["channel", "remove", "x"], ["unsilence", "1"]]:
            with self.subTest(words):
                self.assertIn("Would ", self.ended("alert", *words, "--dry-run").err)


class WithoutAnybodyOnCallTest(OnCallTest):
    """Last: it stops the metaserver for a while."""

    def catalog_version(self, name):
        with urllib.request.urlopen(f"http://{rig.LOOPBACK}:{self.cluster.port(name, 'admin_port')}/status", timeout=10) as page:
            status = json.loads(page.read())
        return status["catalog"]["version"] if name == "metaserver" else status["catalog_version"]

    def test_lag_is_computed_and_said_to_be(self):
        self.ended("topic", "create", self.topic, "-p", "1")
        self.produce(10)
        self.read(5)
        # A broker that has not heard of the topic cannot name what was committed to it.
        self.assertTrue(wait_until(lambda: len({self.catalog_version(name) for name in LocalCluster.server_names()}) == 1, rig.WAIT))
        self.cluster.stop("metaserver")
        try:
            done = self.ended("group", "lag", self.group, "--output=json")
            self.assertEqual(json.loads(done.out)["items"][0]["lag"], 5, done)
            self.assertIn("without verdicts", done.err)
            self.assertIn("computed from offsets", self.check("lag", "-g", self.group, "-w", "4", code=1))
            self.check("lag", "-g", self.group, "-c", "4", code=2)
            self.check("lag", "-g", self.group, "-w", "5", code=0)
            self.check("lag", code=3)
            self.ended("top", "--once", code=6)
            self.assertIn("not judged", self.ended("doctor", "-g", self.group, code=1).out)
        finally:
            with self.cluster.locked():
                self.cluster.start_server("metaserver")
        self.assertTrue(wait_until(lambda: rig.run(self.cluster, "top", "--once").code == 0, rig.WAIT))


if __name__ == "__main__":
    rig.run_tests()
