#!/usr/bin/env python3
"""The commands on failed and delayed messages against a real cluster."""

import json
import os
import re
import signal
import subprocess
import unittest

import rig

FAST = ["--max-attempts=2", "--delays=100ms"]


def setUpModule():
    FailuresTest.context = rig.running_cluster()
    FailuresTest.cluster = FailuresTest.context.__enter__()


def tearDownModule():
    FailuresTest.context.__exit__(None, None, None)


class FailuresTest(unittest.TestCase):
    cluster = None
    context = None
    names = 0

    def ended(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def items(self, *arguments):
        return json.loads(self.ended(*arguments, "--output=json").out)["items"]

    def new_names(self, partitions=1):
        """A topic and a group that nobody has used."""
        FailuresTest.names += 1
        topic, group = f"t{self.names}-{os.getpid()}", f"g{self.names}-{os.getpid()}"
        self.ended("topic", "create", topic, "-p", str(partitions))
        return topic, group

    def send(self, topic, *bodies, key="k"):
        self.ended("produce", topic, "-k", key, stdin="".join(f"{body}\n" for body in bodies).encode())

    def handler(self, topic, group, command, *flags):
        """A running `consume --exec`; ends with the test."""
        log = open(self.cluster.run_dir / f"{group}.log", "ab")  # pylint: disable=consider-using-with
        self.addCleanup(log.close)
        process = subprocess.Popen(self.cluster.cli_command("consume", topic, "-g", group, "--exec", command, *flags),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def log_of(self, group):
        return (self.cluster.run_dir / f"{group}.log").read_text()

    def await_(self, condition, group):
        self.assertTrue(rig.wait_until(condition, rig.WAIT, 0.1), self.log_of(group))

    def dead(self, group, *flags):
        return self.items("dlq", "list", "-g", group, *flags)

    def failed(self, *bodies):
        """A topic, and a group whose handler ended with the exit codes that the bodies are."""
        topic, group = self.new_names()
        self.ended("group", "policy", group, *FAST)
        self.send(topic, *bodies)
        process = self.handler(topic, group, "exit $(cat)")
        self.await_(lambda: len(self.dead(group)) == len([body for body in bodies if body != "0"]), group)
        return topic, group, process


class ExecTest(FailuresTest):
    def test_exit_codes_say_what_becomes_of_a_message(self):
        topic, group, process = self.failed("0", "65", "75", "3")
        letters = {letter["reason"]: letter for letter in self.dead(group, "--bodies")}
        self.assertEqual({reason: (letter["value"], letter["attempts"]) for reason, letter in letters.items()},
                         {"exit_65": ("65", 1), "exit_75": ("75", 2), "exit_3": ("3", 2)})
        self.assertEqual(letters["exit_3"]["last_error"], "exit code 3")
        self.assertIn(f"{topic}/0/2 attempt 1: dead letter (exit_65)", self.log_of(group))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(rig.WAIT), 130)
        offsets = self.items("group", "offsets", group)
        self.assertEqual([(row["committed_offset"], row["lag"]) for row in offsets], [("5", 0)])

    def test_the_command_knows_the_message(self):
        topic, group = self.new_names()
        seen = self.cluster.run_dir / "seen.txt"
        self.send(topic, "hello world", key="c 1")
        self.handler(topic, group, f'(cat; echo "|$LANEMQ_TOPIC|$LANEMQ_PARTITION|$LANEMQ_OFFSET|$LANEMQ_ATTEMPT|$LANEMQ_KEY|'
                     f'$LANEMQ_MESSAGE") > {seen}.part; mv {seen}.part {seen}')
        self.await_(seen.exists, group)
        words = seen.read_text().strip().split("|", 6)
        self.assertEqual(words[:6], ["hello world", topic, "0", "1", "1", "c 1"])
        message = json.loads(words[6])
        self.assertEqual((message["topic"], message["key"]), (topic, "c 1"))
        self.assertNotIn("value", message)

    def test_a_command_that_cannot_run_stops_it_and_nothing_is_lost(self):
        topic, group = self.new_names()
        self.send(topic, "1")
        process = self.handler(topic, group, "/no/such/program")
        self.assertEqual(process.wait(rig.WAIT), 1)
        self.assertIn("exit_127", self.log_of(group))
        self.assertEqual(self.dead(group), [])
        seen = self.cluster.run_dir / "again.txt"
        self.handler(topic, group, f"cat > {seen}.part && mv {seen}.part {seen}")
        self.await_(seen.exists, group)
        self.assertEqual(seen.read_text(), "1")

    def test_what_takes_too_long_is_killed_and_tried_again(self):
        topic, group = self.new_names()
        self.ended("group", "policy", group, *FAST)
        self.send(topic, "x")
        self.handler(topic, group, "sleep 600", "--exec-timeout=200ms")
        self.await_(lambda: [letter["reason"] for letter in self.dead(group)] == ["timeout"], group)

    def test_flags_that_make_no_sense_exit_2(self):
        for words, said in [(["--exec", "true"], "-g"), (["--exec", "true", "-g", "g", "-p", "0"], "-p"),
                            (["--exec", "true", "-g", "g", "-o", "end"], "-o"), (["--exec", "true", "-g", "g", "-e"], "-e"),
                            (["--exec", "true", "-g", "g", "--exec-timeout", "0s"], "--exec-timeout")]:
            with self.subTest(words):
                self.assertIn(said, self.ended("consume", "t", *words, code=2).err)


class DlqTest(FailuresTest):
    def test_look_at_dead_letters(self):
        topic, group, _ = self.failed("65", "0", "3", "65")
        ids = [letter["id"] for letter in self.dead(group)]
        self.assertEqual(ids, [f"{topic}/0/1", f"{topic}/0/3", f"{topic}/0/4"])
        self.assertEqual(self.ended("dlq", "list", "-g", group, "--output=name").out.split(), ids)
        for flags, wanted in [(["--reason=exit_65"], 2), (["-t", topic, "-p", "0"], 3), (["-p", "1", "-t", topic], None),
                              (["--key=k"], 3), (["--key=other"], 0), (["--since=-1h"], 3), (["--until=-1h"], 0), (["-n", "2"], 2)]:
            with self.subTest(flags):
                if wanted is None:
                    self.ended("dlq", "list", "-g", group, *flags, code=3)
                else:
                    self.assertEqual(len(self.dead(group, *flags)), wanted)
        self.assertIn("first 2", self.ended("dlq", "list", "-g", group, "-n", "2").err)
        self.assertNotIn("value", self.dead(group)[0])
        counts = {row["reason"]: row["letters"] for row in self.items("dlq", "count", "-g", group)}
        self.assertEqual(counts, {"exit_65": 2, "exit_3": 1})

        shown = self.ended("dlq", "show", group, topic, "0", "3").out
        self.assertRegex(shown, r"REASON +exit_3\n")
        self.assertRegex(shown, r"VALUE +3\n")
        self.assertEqual(self.ended("dlq", "show", "-g", group, ids[1]).out, shown)
        self.ended("dlq", "show", "-g", group, f"{topic}/0/2", code=3)
        self.ended("dlq", "show", ids[1], code=2)

    def test_export_has_every_letter_and_field(self):
        _, group, _ = self.failed("65", "0", "3")
        path = self.cluster.run_dir / "letters.jsonl"
        self.ended("dlq", "export", "-g", group, "-o", str(path))
        letters = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual([letter["value"] for letter in letters], ["65", "3"])
        for field in ["id", "group", "topic", "partition", "offset", "timestamp", "key", "headers", "attempts", "reason",
                      "first_failed_at", "first_error", "last_failed_at", "last_error", "dead_at"]:
            self.assertIsNotNone(letters[0].get(field), field)
        self.assertEqual(self.ended("dlq", "export", "-g", group, "--reason=exit_3").out.count("\n"), 1)
        self.ended("dlq", "export", "-g", group, "-o", "/no/such/folder/file", code=2)

    def test_redrive_to_the_group(self):
        topic, group, process = self.failed("65", "65", "3")
        process.send_signal(signal.SIGINT)
        process.wait(rig.WAIT)
        self.assertIn("2 dead letters", self.ended("dlq", "redrive", "-g", group, "--reason=exit_65", "--dry-run").err)
        self.assertEqual(len(self.dead(group)), 3)
        rows = self.items("dlq", "redrive", "-g", group, "--reason=exit_65", "--wait", "--note=again")
        self.assertEqual([(row["state"], row["moved"], row["to"]) for row in rows], [("done", 2, "group")])
        self.assertEqual([letter["value"] for letter in self.dead(group, "--bodies")], ["3"])
        job = rows[0]["job"]
        self.assertIn(job, [row["job"] for row in self.items("dlq", "redrives", "-g", group)])
        self.ended("dlq", "cancel", job, code=5)
        self.ended("dlq", "cancel", "12345", code=3)
        done = self.cluster.run_dir / f"{group}.done"
        self.handler(topic, group, f'echo "$LANEMQ_OFFSET $LANEMQ_ATTEMPT" >> {done}')
        self.await_(lambda: done.exists() and sorted(done.read_text().splitlines()) == ["1 1", "2 1"], group)
        deeds = self.items("dlq", "audit", "-g", group)
        self.assertEqual({(deed["action"], deed["reason"]) for deed in deeds}, {("redrive", "again")})
        self.assertEqual(sum(deed["letters"] for deed in deeds), 2)

    def test_redrive_to_the_topic_publishes_anew(self):
        topic, group, _ = self.failed("65")
        refused = self.ended("dlq", "redrive", "-g", group, "--all", "--to=topic", code=2)
        self.assertIn("every group", refused.err)
        self.ended("dlq", "redrive", "-g", group, "--all", "--to=topic", "--wait", "--yes")
        self.await_(lambda: [letter["id"] for letter in self.dead(group)] == [f"{topic}/0/2"], group)
        self.assertEqual(self.ended("message", "get", topic, "0", "2", "--output=json").out.count('"value":"65"'), 1)

    def test_edit_and_drop(self):
        topic, group, _ = self.failed("65", "66", "67")
        self.ended("dlq", "edit", "-g", group, f"{topic}/0/1", code=2)
        self.assertEqual(self.ended("dlq", "edit", "-g", group, f"{topic}/0/1", "--body", "0", "--dry-run").out, "")
        body = self.cluster.run_dir / "body.txt"
        body.write_text("0")
        self.ended("dlq", "edit", "-g", group, f"{topic}/0/1", "--body", f"@{body}", "-H", "by=hand", "--note=typo")
        self.ended("dlq", "edit", "-g", group, f"{topic}/0/1", "--body", "0", code=3)
        self.assertEqual(len(self.dead(group)), 2)

        self.assertIn("say which", self.ended("dlq", "drop", "-g", group, code=2).err)
        self.assertIn("1 dead letter ", self.ended("dlq", "drop", "-g", group, "--reason=exit_66", "--dry-run").err)
        self.assertIn("for ever", self.ended("dlq", "drop", "-g", group, "--all", code=2).err)  # Nobody to ask.
        self.assertEqual(len(self.dead(group)), 2)
        rows = self.items("dlq", "drop", "-g", group, "--id", f"{topic}/0/2", "--yes")
        self.assertEqual(rows, [{"group": group, "dropped": 1}])
        self.assertEqual([letter["id"] for letter in self.dead(group)], [f"{topic}/0/3"])
        self.ended("dlq", "drop", "-g", group, "--all", "--yes")
        self.assertEqual(self.dead(group), [])
        self.assertIn("no dead letters", self.ended("dlq", "list", "-g", group).err)
        actions = [deed["action"] for deed in self.items("dlq", "audit", "-g", group)]
        self.assertEqual(actions, ["drop", "drop", "edit"])


class PolicyTest(FailuresTest):
    def policies(self, group, *flags):
        return {row["topic"]: row for row in self.items("group", "policy", group, *flags)}

    def test_fields_that_are_not_given_stay(self):
        topic, group = self.new_names()
        default = self.policies(group)[None]
        self.assertEqual((default["is_default"], default["max_attempts"]), (True, 16))
        self.ended("group", "policy", group, "--max-attempts=5", "--fatal-reason=bad_json", "--fatal-reason=too_old")
        self.ended("group", "policy", group, "--delays=1s,5s,1m")
        own = self.policies(group)[None]
        self.assertEqual((own["is_default"], own["max_attempts"], own["delays_ms"], own["fatal_reasons"]),
                         (False, 5, [1000, 5000, 60000], ["bad_json", "too_old"]))
        self.ended("group", "policy", group, "-t", topic, "--max-attempts=2")
        both = self.policies(group)
        self.assertEqual((both[None]["max_attempts"], both[topic]["max_attempts"]), (5, 2))
        self.assertEqual(both[topic]["delays_ms"], [1000, 5000, 60000])
        self.assertIn("1s, 5s, then 1m", self.ended("group", "policy", group).out)
        planned = self.ended("group", "policy", group, "--jitter=0.5", "--dry-run")
        self.assertIn("50%", planned.out)
        self.assertEqual(self.policies(group)[None]["jitter"], 0.2)
        self.ended("group", "policy", group, "-t", topic, "--unset")
        self.assertEqual(list(self.policies(group)), [None])

    def test_faults_are_named_and_change_nothing(self):
        _, group = self.new_names()
        for words, said in [(["--max-attempts=0"], "attempts"), (["--delays=soon"], "--delays"), (["--jitter=2"], "jitter"),
                            (["--unset", "--max-attempts=2"], "--unset"), (["--multiplier=2", "--delays=1s"], "--delays")]:
            with self.subTest(words):
                self.assertIn(said, self.ended("group", "policy", group, *words, code=2).err)
        self.ended("group", "policy", group, "-t", "no-such-topic", "--max-attempts=2", code=3)
        self.assertTrue(self.policies(group)[None]["is_default"])


class DelayedTest(FailuresTest):
    def test_list_and_cancel(self):
        topic, _ = self.new_names()
        handles = self.ended("produce", topic, "-k", "k", "--delay=1h", stdin=b"a\nb\nc\n").out.split()
        self.assertEqual(len(handles), 3)
        rows = self.items("delayed", "list", topic)
        self.assertEqual(sorted(row["value"] for row in rows), ["a", "b", "c"])
        self.assertEqual(sorted(row["handle"] for row in rows), sorted(handles))
        self.assertEqual([row["due"] for row in rows], sorted(row["due"] for row in rows))
        self.assertTrue(all(re.match(r"\d{4}-\d\d-\d\dT", row["due"]) for row in rows))
        self.assertEqual(len(self.items("delayed", "list", topic, "-n", "2")), 2)
        self.ended("delayed", "list", "no-such-topic", code=3)

        first = self.items("delayed", "cancel", handles[0])
        self.assertEqual(first, [{"handle": handles[0], "status": "cancelled"}])
        self.ended("delayed", "cancel", handles[0], code=3)
        both = rig.run(self.cluster, "delayed", "cancel", handles[0], handles[1])
        self.assertEqual(both.code, 7, both)
        self.assertRegex(both.out, rf"{re.escape(handles[0])} +not found")
        self.assertRegex(both.out, rf"{re.escape(handles[1])} +cancelled")
        self.assertEqual([row["handle"] for row in self.items("delayed", "list", topic)], [handles[2]])
        self.ended("delayed", "cancel", "no-handle", code=2)

    def test_what_was_delivered_cannot_be_cancelled(self):
        topic, _ = self.new_names()
        handle = self.ended("produce", topic, "-k", "k", "--delay=100ms", stdin=b"now\n").out.strip()
        self.assertIn("now", self.ended("consume", topic, "-o", "start", "-n", "1").out)
        self.assertIn("already delivered", self.ended("delayed", "cancel", handle, code=5).out)


if __name__ == "__main__":
    rig.run_tests()
