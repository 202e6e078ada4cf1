#!/usr/bin/env python3
"""Every command of `lanemq` against a real cluster."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest

import rig

COMMANDS = [
    "", "topic", "topic create", "topic list", "topic describe", "topic history", "topic alter", "topic delete", "topic undelete",
    "topic purge", "topic add-partitions",
    "produce", "consume", "message", "message get", "message search", "message trace",
    "group", "group list", "group describe", "group members", "group lag",
    "group offsets", "group watch", "group reset", "group pause", "group resume", "group delete",
    "group policy", "dlq", "dlq list", "dlq show", "dlq count", "dlq groups", "dlq audit", "dlq redrive", "dlq redrives", "dlq cancel", "dlq edit",
    "dlq drop", "dlq export", "outbox", "outbox install", "outbox status", "outbox list", "outbox retry", "outbox drop",
    "outbox relay-now", "outbox forget", "delayed", "delayed list", "delayed cancel", "broker", "broker list",
    "server", "server list", "server settings",
    "node", "node list", "node add", "node alter", "node probe", "node capacity", "node evacuate", "partition", "partition list", "partition move",
    "move", "move list", "move cancel", "bench", "bench produce", "bench consume", "bench e2e", "doctor",
    "group history", "top", "check", "check lag", "check outbox", "check dlq", "check node", "check canary", "check cluster", "check catalog",
    "alert", "alert list", "alert show", "alert events", "alert rules", "alert rule", "alert rule set", "alert rule reset",
    "alert channels", "alert channel", "alert channel add", "alert channel remove", "alert channel test", "alert silence",
    "alert silences", "alert unsilence", "alert objective", "alert objective set", "alert objective list",
    "alert objective remove",
    "team", "team list", "team put", "team delete", "service", "service list", "service put", "service disable",
    "service enable", "service delete", "token", "token issue", "token list", "token revoke", "acl", "acl list", "acl grant",
    "acl revoke", "acl check", "owner", "owner list", "owner set", "audit", "audit search", "audit export", "hygiene", "whoami",
    "apply", "diff", "get", "export", "policy", "policy show", "policy check", "policy set", "request",
    "request list", "request show", "request approve", "request decline", "request submit", "request edit", "request withdraw",
    "request break-glass", "request give-up", "quota", "quota show", "quota set", "quota mode", "login", "logout",
    "person", "person list", "person put", "person disable", "person enable", "person delete",
    "context", "context add", "context list", "context use", "context show", "context remove",
]
NOBODY = "127.0.0.1:1"


def setUpModule():
    CliTest.context = rig.running_cluster()
    CliTest.cluster = CliTest.context.__enter__()


def tearDownModule():
    CliTest.context.__exit__(None, None, None)


def read_until(process, pattern, seconds=rig.WAIT):
    """Reads stdout until the pattern is in it."""
    text, deadline = b"", time.monotonic() + seconds
    while not re.search(pattern, text):
        left = deadline - time.monotonic()
        ready, _, _ = select.select([process.stdout], [], [], max(left, 0))
        piece = os.read(process.stdout.fileno(), 65536) if ready else b""
        if not piece:
            raise AssertionError(f"{pattern} did not come; got {text!r}")
        text += piece
    return text


class CliTest(unittest.TestCase):
    cluster = None
    context = None
    topics = 0

    def ended(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def json(self, *arguments, **keywords):
        return json.loads(self.ended(*arguments, "--output=json", **keywords).out)

    def new_topic(self, partitions=2):
        CliTest.topics += 1
        name = f"t{CliTest.topics}-{os.getpid()}"
        self.ended("topic", "create", name, "-p", str(partitions))
        return name

    def start(self, *arguments):
        process = subprocess.Popen(self.cluster.cli_command(*arguments), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


class HelpTest(CliTest):
    def test_every_command_explains_itself_on_one_screen_with_examples_first(self):
        for command in COMMANDS:
            with self.subTest(command):
                text = self.ended(*command.split(), "--help").out
                lines = text.splitlines()
                self.assertLessEqual(len(lines), 50)
                self.assertLessEqual(max(map(len, lines)), 112)
                self.assertLess(text.index("Usage:"), text.index("Examples:"))
                self.assertLess(text.index("Examples:"), text.index("Flags:"))
                self.assertGreaterEqual(text.count("\n  lanemq ") + text.count("| lanemq "), 3)

    def test_typos_get_a_suggestion_and_exit_2(self):
        for words, meant in [(["topci", "list"], "topic"), (["topic", "lsit"], "list"),
                             (["topic", "list", "--no-header"], "--no-headers"), (["consume", "x", "--offest=1"], "--offset")]:
            done = self.ended(*words, code=2)
            self.assertIn(f"did you mean '{meant}'?", done.err)
            self.assertEqual(done.out, "")

    def test_missing_and_extra_words_exit_2(self):
        for words in [[], ["topic"], ["topic", "create"], ["consume"], ["message", "get", "a", "b", "1"],
                      ["topic", "describe", "a", "b"], ["consume", "a", "-o", "noon"], ["consume", "a", "-f", "%q"],
                      ["topic", "list", "--output", "yaml"], ["topic", "list", "--timeout", "x"], ["consume", "a", "--output=csv"],
                      ["produce", "a", "-k", "x", "-K", ":"], ["topic", "create", "a", "-c", "retention"]]:
            with self.subTest(words):
                done = self.ended(*words, code=2)
                self.assertTrue(done.err)
                self.assertEqual(done.out, "")

    def test_examples_of_the_help_parse(self):
        """Each example is run against nobody: it may fail to connect, but not to be understood."""
        for command in COMMANDS:
            for line in self.ended(*command.split(), "--help").out.splitlines():
                if not line.startswith("  ") or "lanemq " not in line or "/" in line.split("lanemq")[0]:
                    continue
                words = re.search(r"lanemq [a-z][^|>]*", line)
                if not line.strip().startswith(("lanemq ", "echo", "seq")) or not words:
                    continue
                text = words.group(0).split(" || ")[0].replace("orders.txt", "/dev/null")
                binary = str(self.cluster.program("lanemq"))
                done = subprocess.run(["bash", "-c", text.replace("lanemq ", binary + " ", 1) + " --timeout 300ms </dev/null"],
                                      env={"LANEMQ_BOOTSTRAP_SERVERS": NOBODY, "PATH": os.environ["PATH"]},
                                      capture_output=True, check=False, timeout=rig.WAIT)
                with self.subTest(line):
                    self.assertNotIn(b"--help", done.stderr)


class TopicTest(CliTest):
    def test_life_of_a_topic(self):
        name = self.new_topic(3)
        self.ended("topic", "create", name, "-p", "3")  # Again: as it is.
        self.ended("topic", "create", name, "-p", "5", code=5)
        listed = {t["topic"]: t for t in self.json("topic", "list")["items"]}[name]
        self.assertEqual((listed["partitions"], listed["state"]), (3, "active"))
        self.assertIsInstance(listed["topic_id"], str)
        self.assertIn(name, self.ended("topic", "list", "--output=name").out.splitlines())
        self.ended("topic", "alter", name, "--set", "retention.ms=86400000", "--description", "for tests")
        detail = self.json("topic", "describe", name)
        self.assertEqual(detail["config"], {"retention.ms": "86400000"})
        self.assertEqual(detail["description"], "for tests")
        self.ended("topic", "alter", name, "--unset", "retention.ms")
        self.assertEqual(self.json("topic", "describe", name)["config"], {})
        self.ended("topic", "alter", name, code=2)
        self.ended("topic", "add-partitions", name, "4")
        rows = self.json("topic", "describe", name)["partitions"]
        self.assertEqual([row["partition"] for row in rows], [0, 1, 2, 3])
        self.assertEqual(rows[0]["log_end_offset"], "1")
        self.assertRegex(self.ended("topic", "describe", name).out, r"PARTITION +LOG-START-OFFSET")
        self.assertNotIn("PARTITION ", self.ended("topic", "list", "--no-headers").out)
        self.ended("topic", "delete", name, "--yes")
        self.ended("topic", "describe", name, code=3)
        self.ended("topic", "delete", name, "--yes", code=3)

    def test_a_deleted_topic_comes_back_with_its_messages_until_it_is_purged(self):
        name = self.new_topic()
        self.ended("produce", name, "-p", "0", stdin=b"kept\n")
        ends = [row["log_end_offset"] for row in self.json("topic", "describe", name)["partitions"]]
        self.ended("topic", "purge", name, "--yes", code=5)  # It is not deleted.
        told = self.ended("topic", "delete", name, "--yes").err
        self.assertIn(f"`lanemq topic undelete {name}` brings it back until", told)
        self.assertNotIn(name, self.ended("topic", "list", "--output", "name").out.split())
        self.assertIn(name, self.ended("topic", "list", "--deleted", "--output", "name").out.split())
        self.assertIn("lanemq topic undelete", self.ended("topic", "create", name, code=5).err)
        self.ended("topic", "undelete", name, "--dry-run")
        self.ended("topic", "describe", name, code=3)
        self.ended("topic", "undelete", name)
        self.assertEqual([row["log_end_offset"] for row in self.json("topic", "describe", name)["partitions"]], ends)
        self.ended("topic", "delete", name, "--yes")
        self.ended("topic", "purge", name, "--yes")
        self.ended("topic", "undelete", name, code=3)
        self.assertNotIn(name, self.ended("topic", "list", "--deleted", "--output", "name").out.split())

    def test_dry_runs_change_nothing(self):
        self.ended("topic", "create", "never-made", "--dry-run")
        self.ended("topic", "describe", "never-made", code=3)
        name = self.new_topic()
        self.ended("topic", "delete", name, "--dry-run")
        self.ended("topic", "add-partitions", name, "9", "--dry-run")
        self.assertEqual(len(self.json("topic", "describe", name)["partitions"]), 2)

    def test_several_names_partly_failing_exit_7_with_a_status_each(self):
        good = self.new_topic()
        rows = self.json("topic", "delete", good, "no-such-topic", "--yes", code=7)["items"]
        self.assertEqual(rows[0]["status"], "deleted")
        self.assertIn("UNKNOWN_TOPIC_OR_PARTITION", rows[1]["status"])

    def test_bad_names_and_partitions_exit_2(self):
        self.ended("topic", "create", "a b", code=2)
        self.ended("topic", "create", "fine", "-p", "0", code=2)

    def test_delete_asks_and_the_default_is_no(self):
        name = self.new_topic()
        self.assertIn("--yes", self.ended("topic", "delete", name, code=2).err)  # Nobody to ask.
        for answer, code in [(b"\n", 1), (b"n\n", 1), (b"y\n", 0)]:
            ours, theirs = pty.openpty()
            process = subprocess.Popen(self.cluster.cli_command("topic", "delete", name), stdin=theirs,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            os.write(ours, answer)
            _, err = process.communicate(timeout=rig.WAIT)
            os.close(ours)
            os.close(theirs)
            self.assertEqual(process.returncode, code, err)
            self.assertIn(b"[y/N]", err)
        self.ended("topic", "describe", name, code=3)


class ErrorTest(CliTest):
    def test_nobody_listening_is_exit_6_at_once(self):
        began = time.monotonic()
        self.ended("topic", "list", "-b", NOBODY, code=6)
        self.assertLess(time.monotonic() - began, 10)

    def test_json_errors_go_to_stderr(self):
        done = self.ended("topic", "describe", "no-such-topic", "--output=json", code=3)
        self.assertEqual(done.out, "")
        error = json.loads(done.err)["error"]
        self.assertEqual(error["code"], "UNKNOWN_TOPIC_OR_PARTITION")
        self.assertIn("topic list", error["hint"])

    def test_unknown_topics_exit_3(self):
        self.ended("consume", "no-such-topic", "-e", "--timeout=2s", code=3)
        self.ended("produce", "no-such-topic", "--timeout=2s", code=3, stdin=b"x\n")
        self.ended("message", "get", "no-such-topic", "0", "1", code=3)
        self.ended("group", "offsets", "no-such-group", code=3)

    def test_where_the_cluster_is(self):
        binary = str(self.cluster.program("lanemq"))
        environment = {"PATH": os.environ["PATH"]}
        below = self.cluster.run_dir / "somewhere" / ".run"
        deep = self.cluster.run_dir / "somewhere" / "deep" / "down"
        deep.mkdir(parents=True)
        below.mkdir()
        (below / "bootstrap").write_text(self.cluster.bootstrap() + "\n")
        done = subprocess.run([binary, "broker", "list"], cwd=deep, env=environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        environment["LANEMQ_BOOTSTRAP_SERVERS"] = NOBODY  # Stronger than the file ...
        done = subprocess.run([binary, "broker", "list"], cwd=deep, env=environment, capture_output=True, check=False)
        self.assertEqual(done.returncode, 6)
        done = subprocess.run([binary, "broker", "list", "-b", self.cluster.bootstrap()], cwd=deep, env=environment,
                              capture_output=True, check=False)  # ... and weaker than the flag.
        self.assertEqual(done.returncode, 0, done.stderr)


class ProduceConsumeTest(CliTest):
    def consumed(self, topic, *arguments, **keywords):
        return self.ended("consume", topic, "-e", *arguments, **keywords).out

    def test_lines_come_back_with_keys_and_headers(self):
        topic = self.new_topic()
        done = self.ended("produce", topic, "-K", "\\t", "-H", "a=1", "-H", "b=x=y", stdin=b"k1\tone\nk2\ttwo\nplain\nk1\t\n")
        self.assertIn("4 messages", done.err)
        self.assertEqual(done.out, "")
        lines = sorted(self.consumed(topic, "-f", "%t|%k|%v|%h|%K|%S\\n").splitlines())
        self.assertEqual(lines, sorted([f"{topic}|k1|one|a=1,b=x=y|2|3", f"{topic}|k2|two|a=1,b=x=y|2|3",
                                        f"{topic}||plain|a=1,b=x=y|-1|5", f"{topic}|k1||a=1,b=x=y|2|0"]))

    def test_partition_file_key_and_offsets(self):
        topic = self.new_topic()
        path = self.cluster.run_dir / "lines.txt"
        path.write_text("".join(f"m{i}\n" for i in range(1, 21)))
        self.ended("produce", topic, "-p", "1", "-k", "same", "--file", str(path))
        self.assertEqual(self.consumed(topic, "-p", "0"), "")
        self.assertEqual(self.consumed(topic, "-o", "-3"), "m18\nm19\nm20\n")
        self.assertEqual(self.consumed(topic, "-o", "+18"), "m19\nm20\n")
        self.assertEqual(self.consumed(topic, "-o", "5", "-n", "2"), "m5\nm6\n")
        self.assertEqual(self.consumed(topic, "-o", "end"), "")
        self.assertEqual(self.consumed(topic, "-o", "@-1h").count("\n"), 20)
        self.assertEqual(self.consumed(topic, "-o", "@now"), "")
        self.assertEqual(self.consumed(topic, "-f", "%p,%o\\n", "-o", "start", "-n", "1"), "1,1\n")
        self.ended("consume", topic, "-p", "7", "-e", code=3)

    def test_bytes_survive(self):
        topic = self.new_topic(1)
        raw = bytes(range(256)).replace(b"\n", b"") + b"\r"
        self.ended("produce", topic, stdin=raw + b"\n\nlast without end")
        done = subprocess.run(self.cluster.cli_command("consume", topic, "-e"), capture_output=True, check=True)
        self.assertEqual(done.stdout, raw + b"\n\nlast without end\n")
        items = self.json("consume", topic, "-e")["items"]
        self.assertIn("value_base64", items[0])
        self.assertEqual([item["offset"] for item in items], ["1", "2", "3"])

    def test_json_lines_and_delivery_reports(self):
        topic = self.new_topic()
        done = self.ended("produce", topic, "--output=jsonl", stdin=b"a\nb\nc\n")
        self.assertEqual(len([json.loads(line) for line in done.out.splitlines()]), 3)
        self.assertEqual(self.json("produce", topic, stdin=b"d\n")["messages"], 1)
        values = {json.loads(line)["value"] for line in self.consumed(topic, "--output=jsonl").splitlines()}
        self.assertEqual(values, {"a", "b", "c", "d"})
        self.assertEqual(self.json("consume", self.new_topic(), "-e"), {"items": []})

    def test_too_long_a_message_fails_by_name(self):
        topic = self.new_topic()
        done = self.ended("produce", topic, stdin=b"fine\n" + b"x" * (2 << 20) + b"\n", code=1)
        self.assertIn("MESSAGE_TOO_LARGE", done.err)
        self.assertIn("line 2: ", done.err)
        self.assertEqual(self.consumed(topic), "fine\n")

    def test_groups_go_on_where_they_were(self):
        topic = self.new_topic()
        self.ended("produce", topic, stdin=b"".join(b"%d\n" % i for i in range(10)))
        first = self.ended("consume", topic, "-g", "g1", "-n", "4")
        self.assertIn("Joining group g1", first.err)
        rest = self.ended("consume", topic, "-g", "g1", "-e")
        self.assertEqual(sorted(map(int, (first.out + rest.out).split())), list(range(10)))
        self.assertEqual(self.ended("consume", topic, "-g", "g1", "-e").out, "")
        rows = self.json("group", "offsets", "g1")["items"]
        self.assertEqual([row["lag"] for row in rows], [0, 0])
        stored = self.cluster.query("SELECT SUM(committed_offset - 1) FROM lanemq_node.group_offsets WHERE group_id = 'g1'",
                                    "--batch", "--skip-column-names")
        self.assertEqual(stored.strip(), "10")

    def test_a_message_is_a_row(self):
        topic = self.new_topic(1)
        self.ended("produce", topic, "-k", "who", "-H", "h=1", stdin=b"what\n")
        item = self.json("message", "get", topic, "0", "1")
        self.assertEqual((item["key"], item["value"], item["headers"]), ("who", "what", [{"name": "h", "value": "1"}]))
        row = self.cluster.query(f"SELECT `key`, body FROM {item['table']} WHERE `offset` = 1", "--batch", "--skip-column-names")
        self.assertEqual(row, "who\twhat\n")
        self.assertIn(item["table"], self.ended("message", "get", topic, "0", "1").out)
        self.ended("message", "get", topic, "0", "2", code=3)

    def test_messages_are_found_and_it_is_said_where_it_was_looked(self):
        topic = self.new_topic(1)
        self.ended("produce", topic, "-k", "k1", "-H", "h=red", stdin=b"one apple\n")
        self.ended("produce", topic, "-k", "k2", stdin=b"two pears\nTwo Apples\n")
        found = self.json("message", "search", topic, "--contains", "apple", "-i")
        self.assertEqual([item["value"] for item in found["items"]], ["one apple", "Two Apples"])
        self.assertEqual((found["is_complete"], found["ended"], found["scanned_rows"]), (True, "done", "3"))
        self.assertEqual((found["ranges"][0]["from_offset"], found["ranges"][0]["to_offset"]), ("1", "4"))
        one = self.json("message", "search", topic, "--header", "h=re", "--key", "k1")
        self.assertEqual([item["offset"] for item in one["items"]], ["1"])
        first = self.json("message", "search", topic, "--key-contains", "k", "-n", "1")
        self.assertEqual((first["ended"], len(first["items"])), ("results", 1))
        rest = self.json("message", "search", topic, "--key-contains", "k", "--cursor", first["next_page"])
        self.assertEqual([item["offset"] for item in rest["items"]], ["2", "3"])
        told = self.ended("message", "search", topic, "--contains", "pears")
        self.assertIn("two pears", told.out)
        self.assertIn("partition 0: offsets 1 up to 4", told.err)
        self.ended("message", "search", topic, "--from-offset", "1", code=2)
        self.ended("message", "search", "no-such-topic", code=3)

    def test_a_message_is_traced_to_where_its_groups_are(self):
        topic = self.new_topic(1)
        self.ended("produce", topic, stdin=b"a\nb\n")
        self.ended("consume", topic, "-g", f"{topic}-readers", "-n", "1")
        done = self.ended("message", "trace", topic, "0", "2").out
        self.assertTrue(done.startswith(f"{topic}/0/2 is in the log\n"), done)
        self.assertIn(f"{topic}-readers", done)
        item = self.json("message", "trace", topic, "0", "2")
        self.assertEqual((item["place"], item["groups"][0]["place"], item["groups"][0]["behind"]), ("stored", "not_read", 0))
        self.assertEqual(self.json("message", "trace", topic, "0", "1")["groups"][0]["place"], "passed")
        self.assertEqual(self.json("message", "trace", topic, "0", "9")["place"], "not_yet")
        self.ended("message", "trace", "no-such-topic", "0", "1", code=3)


class GroupTest(CliTest):
    def read_by(self, group, read, produced=10):
        """A topic of which the group has read so many messages of one partition; the other one is empty."""
        topic = self.new_topic()
        self.ended("produce", topic, "-p", "0", stdin=b"".join(b"%d\n" % i for i in range(produced)))
        self.ended("consume", topic, "-g", group, "-p", "0,1", "-n", str(read))
        return topic

    def offsets(self, group):
        return [row["committed_offset"] for row in self.json("group", "offsets", group)["items"]]

    def planned(self, *arguments):
        return [row["new_offset"] for row in self.json("group", "reset", *arguments)["items"]]

    def test_argument_errors_exit_2_and_say_what_to_write(self):
        reset = ["reset", "g", "-t", "t"]
        for words, said in [
                (["reset", "g"], "--to-earliest"), (["reset", "g", "--to-latest"], "--all-topics"),
                ([*reset, "--to-earliest", "--to-offset", "3"], "--to-earliest and --to-offset exclude"),
                ([*reset, "--to-latest", "--all-topics"], "exclude each other"), ([*reset, "--to-offset", "-3"], "--to-earliest"),
                ([*reset, "--to-datetime", "noon"], "2026-11-21T05:08:16Z"), ([*reset, "--by-duration", "PT2H"], "try 500ms"),
                ([*reset, "--from-file", "x"], "names its partitions"), (["reset", "g", "--from-file", "no-such-file"], "no-such-file"),
                ([*reset, "--from-group", "g"], "itself"), (["pause", "g", "--until", "2h"], "--for 30m"),
                (["pause", "g", "--for", "soon"], "try 500ms"), (["pause", "g", "--for", "1h", "--until", "2h"], "exclude"),
                (["watch", "g", "-i", "1ms"], "100ms"), (["watch", "g", "-n", "-1"], "--count"), (["delete"], "GROUP is required"),
                (["rset", "g"], "did you mean 'reset'?"), (["delete", "g"], "--yes")]:
            with self.subTest(words):
                done = self.ended("group", *words, code=2)
                self.assertIn(said, done.err)
                self.assertEqual(done.out, "")
        error = json.loads(self.ended("group", "watch", "g", "--output=json", code=2).err)["error"]
        self.assertIn("jsonl", error["hint"])

    def test_a_reset_is_a_plan_until_it_is_executed(self):
        group = "planned"
        topic = self.read_by(group, 4)
        scope = [group, "-t", topic]
        self.assertEqual(self.planned(*scope, "--to-earliest"), ["1", "1"])
        self.assertEqual(self.planned(*scope, "--to-latest"), ["11", "1"])
        self.assertEqual(self.planned(*scope, "--to-current"), ["5", "1"])
        self.assertEqual(self.planned(*scope, "--to-offset", "7"), ["7", "1"])
        self.assertEqual(self.planned(*scope, "--shift-by", "-2"), ["3", "1"])
        self.assertEqual(self.planned(*scope, "--shift-by", "99"), ["11", "1"])
        self.assertEqual(self.planned(*scope, "--by-duration", "1h"), ["1", "1"])
        self.assertEqual(self.planned(*scope, "--to-datetime", "2100-01-01"), ["11", "1"])
        self.assertEqual(self.planned(group, "--all-topics", "--to-latest"), ["11", "1"])
        self.assertEqual(self.planned("new-" + group, "-t", f"{topic}:0", "--from-group", group), ["5"])
        done = self.ended("group", "reset", *scope, "--to-latest")
        self.assertIn("nothing was changed", done.err)
        self.assertRegex(done.out, rf"{topic} +0 +5 +11 +6 +0 +-6")
        self.assertEqual(self.offsets(group), ["5", "1"])

    def test_what_a_reset_cannot_find_exits_3(self):
        topic = self.read_by("finder", 1, produced=1)
        for words in [["finder", "-t", "no-such-topic", "--to-latest"], ["finder", "-t", f"{topic}:7", "--to-latest"],
                      ["no-such-group", "--all-topics", "--to-latest"], ["finder", "-t", topic, "--from-group", "no-such-group"]]:
            with self.subTest(words):
                self.ended("group", "reset", *words, code=3)
        done = self.ended("group", "reset", "fnider", "-t", topic, "--to-latest")
        self.assertIn("is the name right?", done.err)

    def test_plans_and_snapshots_can_be_read_back(self):
        topic = self.read_by("snapshot", 4)
        path = self.cluster.run_dir / "offsets"
        for words, offsets in [(["reset", "snapshot", "-t", topic, "--to-latest", "--output=csv"], ["11", "1"]),
                               (["reset", "snapshot", "-t", topic, "--to-latest", "--output=json"], ["11", "1"]),
                               (["offsets", "snapshot", "--output=csv"], ["5", "1"]),
                               (["offsets", "snapshot", "--output=json"], ["5", "1"])]:
            with self.subTest(words):
                path.write_text(self.ended("group", *words).out)
                self.assertEqual(self.planned("restored", "--from-file", str(path)), offsets)
        path.write_text(f"{topic},0,3\n{topic},9,1\n")
        self.ended("group", "reset", "restored", "--from-file", str(path), code=3)
        path.write_text(f"{topic},0,3\n{topic},0,4\n")
        self.assertIn("line 2", self.ended("group", "reset", "restored", "--from-file", str(path), code=2).err)

    def test_lag_is_summed_by_topic(self):
        topic = self.read_by("late", 3)
        row = self.json("group", "lag", "late")["items"][0]
        self.assertEqual((row["topic"], row["partitions"], row["lag"], row["max_lag_partition"]), (topic, 2, 7, 0))
        self.assertIn("nobody", self.ended("group", "lag", "late", "nobody", code=7).err)
        self.ended("group", "lag", "nobody", code=3)

    def test_watch_goes_on_until_ctrl_c(self):
        topic = self.read_by("watched", 2)
        process = self.start("group", "watch", "watched", "-i", "100ms")
        first = rb"%s +0 +3 +11 +8" % topic.encode()
        read_until(process, first)
        read_until(process, first)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=rig.WAIT)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(self.ended("group", "watch", "watched", "-n", "2", "-i", "100ms").out.count("TOTAL-LAG    8"), 2)


class SignalTest(CliTest):
    def test_produce_sends_what_it_read_and_reports(self):
        topic = self.new_topic(1)
        process = self.start("produce", topic, "--output=jsonl")
        process.stdin.write(b"a\nb\n")
        process.stdin.flush()
        read_until(process, rb'"offset":"2"')
        process.stdin.write(b"c\nhalf a line")
        process.stdin.flush()
        self.assertTrue(rig.wait_until(lambda: self.unread(process) == 0, rig.WAIT))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=rig.WAIT)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn(b"3 messages", err)
        self.assertEqual(self.ended("consume", topic, "-e").out, "a\nb\nc\n")

    @staticmethod
    def unread(process):
        """Bytes the process has not taken from its stdin yet."""
        import array
        import fcntl
        import termios
        count = array.array("i", [0])
        fcntl.ioctl(process.stdin, termios.FIONREAD, count)
        return count[0]

    def test_consume_commits_what_it_printed(self):
        topic = self.new_topic(1)
        self.ended("produce", topic, stdin=b"1\n2\n3\n")
        process = self.start("consume", topic, "-g", "ctrl-c")
        read_until(process, rb"3\n")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=rig.WAIT)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(self.json("group", "offsets", "ctrl-c")["items"][0]["committed_offset"], "4")

    def test_the_second_ctrl_c_quits(self):
        process = self.start("produce", "any", "-b", NOBODY, "--timeout=10m")
        process.stdin.write(b"stuck\n")
        process.stdin.flush()
        self.assertTrue(rig.wait_until(lambda: self.unread(process) == 0, rig.WAIT))
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=rig.WAIT)
        self.assertEqual(process.returncode, 130)

    def test_a_reader_that_goes_away_is_no_error(self):
        topic = self.new_topic(1)
        self.ended("produce", topic, stdin=b"".join(b"%d\n" % i for i in range(20_000)))
        process = self.start("consume", topic)
        process.stdout.readline()
        process.stdout.close()
        process.stdin.close()
        self.assertEqual(process.wait(rig.WAIT), 0)
        self.assertEqual(process.stderr.read(), b"")


class ClusterTest(CliTest):
    def test_brokers_nodes_and_doctor(self):
        brokers = self.json("broker", "list")["items"]
        self.assertEqual([(b["broker"], b["state"]) for b in brokers], [(1, "active"), (2, "active")])
        nodes = self.json("node", "list")["items"]
        self.assertEqual([(n["node"], n["state"]) for n in nodes], [(rig.NODE_NAME, "writable")])
        self.ended("node", "alter", rig.NODE_NAME, "--state", "closed")
        self.assertEqual(self.json("node", "list")["items"][0]["state"], "closed")
        self.ended("node", "alter", rig.NODE_NAME, "--state", "writable")
        self.ended("node", "alter", rig.NODE_NAME, code=2)
        self.ended("node", "alter", rig.NODE_NAME, "--state", "open", code=2)
        self.ended("node", "add", "x", "--address", "nonsense", code=2)
        rows = self.json("doctor")["items"]
        self.assertEqual({row["result"] for row in rows}, {"ok"}, rows)
        self.ended("doctor", "-b", NOBODY, code=2)

    def test_servers_say_who_they_are_and_what_they_run_with(self):
        servers = self.json("server", "list")["items"]
        self.assertEqual(sorted(s["role"] for s in servers), ["broker 1", "broker 2", "metaserver"])
        self.assertEqual({s["state"] for s in servers}, {"active"})
        self.assertTrue(all(s["started_at"].startswith("20") for s in servers), servers)
        settings = self.json("server", "settings", "--all")["items"]
        of_one = {s["setting"]: s for s in settings if s["server"] == servers[-1]["address"]}
        self.assertEqual(of_one["broker-id"]["value"], "2")
        self.assertTrue(of_one["broker-id"]["is_given"])
        self.assertEqual((of_one["rpc-threads"]["value"], of_one["rpc-threads"]["is_given"]), ("2", False))
        meta = {s["setting"]: s for s in settings if s["server"] == servers[0]["address"]}
        self.assertEqual(meta["session-timeout"]["default"], "6000")
        self.assertNotIn("meta-password", meta)
        given = self.json("server", "settings", "-s", servers[0]["address"])["items"]
        self.assertTrue(given and all(s["is_given"] for s in given), given)
        self.ended("server", "settings", "-s", "127.0.0.1:1", code=3)
        differing = {s["setting"] for s in self.json("server", "settings", "--differing")["items"]}
        self.assertTrue({"broker-id", "listen"} <= differing, differing)
        self.assertNotIn("rpc-threads", differing)

    def test_what_is_where_is_told(self):
        topic = self.new_topic(3)
        placed = self.json("partition", "list", "--prefix", topic)["items"]
        self.assertEqual([(p["topic"], p["partition"], p["node"]) for p in placed], [(topic, n, rig.NODE_NAME) for n in range(3)])
        self.assertEqual(len({p["table"] for p in placed}), 3)
        described = self.json("partition", "list", "--prefix", topic, "--node", rig.NODE_NAME, "--max", "2")["items"]
        self.assertEqual(described, placed[:2])
        self.ended("partition", "list", "--node", "nobody", code=3)

    def test_capacity_is_told_with_why(self):
        self.new_topic(2)
        done = self.ended("node", "capacity", "--ahead", "0", "--output=json")
        [node] = json.loads(done.out)["items"]
        self.assertEqual((node["node"], node["is_writable"], node["can_be_emptied"]), (rig.NODE_NAME, True, False))
        self.assertGreaterEqual(node["tables_used"], 2)
        self.assertIn("right for what is to come", done.err)
        more = self.ended("node", "capacity", "--ahead", str(node["tables_free"] + 1))
        self.assertIn("partitions do not fit", more.err)
        self.ended("node", "capacity", "--ahead", "-1", code=2)

    def doctor_on_node(self, code):
        """What doctor says of the data node: {check: (result, detail)}."""
        rows = json.loads(self.ended("doctor", "--output=json", code=code).out)["items"]
        return {r["check"]: (r["result"], r["detail"]) for r in rows if r["subject"].startswith("data node ")}

    def test_doctor_warns_of_settings_that_lose_messages(self):
        found = self.doctor_on_node(code=0)
        name = {"mariadb": "MariaDB ", "mysql": "MySQL "}[rig.ENGINE]
        version = self.cluster.query("SELECT VERSION()", "--skip-column-names").strip()
        self.assertEqual(found["reachable"], ("ok", name + version))
        self.assertEqual(found["durability"], ("ok", "innodb_flush_log_at_trx_commit=1, sync_binlog=1"))
        for setting in ("sync_binlog", "innodb_flush_log_at_trx_commit"):
            self.cluster.query(f"SET GLOBAL {setting}=0")
            try:
                result, detail = self.doctor_on_node(code=1)["durability"]
            finally:
                self.cluster.query(f"SET GLOBAL {setting}=1")
            self.assertEqual(result, "warning")
            self.assertIn(f"{setting}=0", detail)
            self.assertIn("acknowledged messages can be lost when the server or its machine crashes", detail)
        self.assertEqual(self.doctor_on_node(code=0)["durability"][0], "ok")

    def test_the_readme_example_runs(self):
        topic = self.new_topic()
        done = subprocess.run([self.cluster.program("first_steps"), self.cluster.bootstrap().split(",")[0], topic],
                              capture_output=True, check=False, timeout=rig.WAIT)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(b"read hello", done.stdout)

    def test_benchmarks_measure(self):
        topic = self.new_topic()
        produced = self.json("bench", "produce", topic, "-n", "3000", "-s", "100", "-k", "10")["items"][0]
        self.assertEqual((produced["messages"], produced["failed"]), (3000, 0))
        self.assertGreater(produced["max_ms"], 0)
        consumed = self.json("bench", "consume", topic)["items"][0]
        self.assertEqual(consumed["messages"], 3000)
        both = self.json("bench", "e2e", topic, "-r", "500", "-n", "250")["items"][0]
        self.assertEqual((both["messages"], both["failed"]), (250, 0))
        self.assertLessEqual(both["p50_ms"], both["p99_ms"])


if __name__ == "__main__":
    rig.run_tests()
