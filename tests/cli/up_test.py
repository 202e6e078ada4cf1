#!/usr/bin/env python3
"""`./dev up` and `./dev down` as a new user meets them, in a folder of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

import rig
from local_cluster import DEMO_NAMES

SCRIPTS = rig.ROOT / "scripts"
LINES = 300


class UpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = rig.temporary_folder()
        folder = cls.context.__enter__()
        cls.run_dir = folder / "run"
        cls.input = folder / "input.txt"
        cls.input.write_text("".join(f"key{i % 7} line {i}\n" for i in range(LINES)))

    @classmethod
    def tearDownClass(cls):
        cls.script("down.py", "--run-dir", str(cls.run_dir), "--purge")
        cls.context.__exit__(None, None, None)

    @staticmethod
    def script(name, *arguments):
        return rig.Ended(subprocess.run([sys.executable, str(SCRIPTS / name), *arguments], capture_output=True,
                                        check=False, timeout=180))

    def up(self, *arguments, code=0):
        words = arguments or ("--auth=none", "--input", str(self.input))
        done = self.script("up.py", "--run-dir", str(self.run_dir), "--bin-dir", str(rig.BIN_DIR),
                           "--engine", rig.ENGINE, *words)
        self.assertEqual(done.code, code, done)
        return done

    def down(self, *arguments):
        done = self.script("down.py", "--run-dir", str(self.run_dir), *arguments)
        self.assertEqual(done.code, 0, done)
        return done

    def cluster(self):
        cluster = rig.LocalCluster(self.run_dir, rig.BIN_DIR)
        with cluster.locked():
            return cluster

    def verified(self, done):
        self.assertIn(f"{LINES} lines", done.out)
        self.assertIn("verified", done.out)
        self.assertRegex(done.out, r"body: key\d line \d+")  # The row that SQL shows.
        self.assertRegex(done.out, r"dead letter +package-checks/\d/\d+ \(\S+\): exit_65, the checksum is wrong")
        self.assertIn("each message is done exactly once", done.out)
        return done

    def test_the_whole_story(self):
        first = self.verified(self.up())
        self.assertNotIn("already running", first.out)
        pids = {name: self.cluster().entry(name)["pid"] for name in self.cluster().server_names()}

        with self.subTest("the HTTP API that it names answers, and says so when there is nobody to sign in as"):
            url = re.search(r"^HTTP  (http://127\.0\.0\.1:\d+/api/v1)/", first.out, re.M)[1]
            with urllib.request.urlopen(url + "/topics", timeout=30) as reply:
                self.assertIn("packages", [topic["name"] for topic in json.load(reply)["topics"]])
            with urllib.request.urlopen(url + "/session", timeout=30) as reply:
                self.assertEqual(json.load(reply)["principal"], "anonymous")
            with urllib.request.urlopen(url + "/openapi.yaml", timeout=30) as reply:
                self.assertIn(b"openapi: ", reply.read(200))
            self.assertIn("nothing to sign in to", first.out)

        with self.subTest("the demo has a dead letter, and its processes are this cluster's"):
            self.assertRegex(first.out, r"demo +demo\.orders, group demo\.billing; (dead letter demo\.orders/\d/\d+|a dead letter is)")
            traffic = {name: self.cluster().entry(name)["pid"] for name in DEMO_NAMES}

        with self.subTest("again: the same processes, only this run's messages count"):
            again = self.verified(self.up())
            self.assertEqual(again.out.count("already running"), 6)
            self.assertEqual(pids, {name: self.cluster().entry(name)["pid"] for name in pids})
            self.assertEqual(traffic, {name: self.cluster().entry(name)["pid"] for name in traffic})

        with self.subTest("after down the data is still there"):
            self.assertIn("Stopped", self.down().out)
            self.assertEqual([rig.start_ticks(pid) for pid in [*pids.values(), *traffic.values()]], [None] * 5)
            self.assertIn("Nothing was running", self.down().out)
            self.verified(self.up())
            cluster = self.cluster()
            stored = cluster.query("SELECT SUM(committed_offset - 1) FROM lanemq_node.group_offsets "
                                   "WHERE group_id = 'package-log'", "--batch", "--skip-column-names")
            self.assertEqual(int(stored), 3 * LINES)

        for name in ["broker-1", "metaserver", "database"]:
            with self.subTest(f"after kill -9 of the {name}"):
                cluster = self.cluster()
                pid = cluster.address["pid"] if name == "database" else cluster.entry(name)["pid"]
                os.kill(pid, signal.SIGKILL)
                self.assertTrue(rig.wait_until(lambda gone=pid: rig.start_ticks(gone) is None, rig.WAIT))
                self.assertEqual(self.verified(self.up()).out.count("already running"), 5)

        with self.subTest("a stale pid file hits no stranger"):
            cluster = self.cluster()
            with cluster.locked():
                cluster.stop("broker-2")
                stranger = subprocess.Popen(["sleep", "600"])
                cluster.entry("broker-2").update(pid=stranger.pid, ticks=1, exe="/usr/bin/lanemq-broker")
                cluster.save()
            self.down()
            self.assertIsNone(stranger.poll())
            stranger.kill()
            stranger.wait()

        with self.subTest("purge"):
            self.down("--purge")
            self.assertFalse(self.run_dir.exists())

    @staticmethod
    def ask(url, method, body=None, headers=None):
        """Status, headers, what it says."""
        sent = {**({"Content-Type": "application/json"} if body else {}), **(headers or {})}
        asked = urllib.request.Request(url, json.dumps(body).encode() if body else None, sent, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as reply:
                return reply.status, reply.headers, json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.load(error)

    def test_by_default_it_asks_and_a_demo_team_is_one_click_away(self):
        run_dir = self.run_dir.parent / "asks"
        self.addCleanup(self.script, "down.py", "--run-dir", str(run_dir), "--purge")
        flags = ["--run-dir", str(run_dir), "--input", str(self.input)]
        first = self.verified(self.up(*flags))
        url = re.search(r"^HTTP  (http://127\.0\.0\.1:\d+/api/v1)/", first.out, re.M)[1]
        password_file = run_dir / "admin.password"
        password = password_file.read_text().strip()

        with self.subTest("the admin has the password of the file that is named, and nobody else sees it"):
            self.assertRegex(first.out, r"or as admin, an admin, whose password is in \S+admin\.password")
            self.assertEqual(password_file.stat().st_mode & 0o777, 0o600)
            self.assertEqual(self.ask(url + "/topics", "GET")[0], 401)
            wrong = {"name": "admin", "password": "a wrong one, long"}
            self.assertEqual(self.ask(url + "/session", "POST", wrong)[0], 401)
            code, _, session = self.ask(url + "/session", "POST", {"name": "admin", "password": password})
            self.assertEqual((code, session["role"], session["must_change_password"]), (200, "admin", False))
            logs = "".join(path.read_text(errors="replace") for path in (run_dir / "log").glob("*.log"))
            self.assertNotIn(password, first.out + logs + (run_dir / "state.json").read_text())

        with self.subTest("one click is Dana, who leads the demo team"):
            self.assertIn("as dana of team demo", first.out)
            self.assertEqual(self.ask(url + "/session/demo", "GET")[2], {"is_offered": True, "name": "dana"})
            code, headers, session = self.ask(url + "/session/demo", "POST")
            self.assertEqual((code, session["principal"], session["must_change_password"]), (200, "person:dana", False))
            mine = {"Cookie": headers["Set-Cookie"].split(";")[0]}
            self.assertTrue(rig.wait_until(lambda: self.ask(url + "/session", "GET", headers=mine)[0] == 200, rig.WAIT, pause=0.2))
            session = self.ask(url + "/session", "GET", headers=mine)[2]
            self.assertEqual(session["seats"], [{"team": "demo", "role": "lead"}])
            self.assertIn("demo_sign_in", (run_dir / "log" / "portal.log").read_text())

        with self.subTest("its group falls behind and catches up, and has a dead letter to look at"):
            cluster = rig.guarded_cluster.GuardedCluster(run_dir, rig.BIN_DIR)
            with cluster.locked():
                lag = lambda: json.loads(cluster.must("group", "lag", "demo.billing", "--output=json"))["items"][0]["lag"] or 0
                letters = lambda: json.loads(cluster.must("dlq", "list", "--group=demo.billing", "--bodies", "--output=json"))["items"]
                self.assertTrue(rig.wait_until(lambda: lag() >= 10, 2 * rig.WAIT, pause=0.5))
                self.assertTrue(rig.wait_until(lambda: lag() <= 4, 2 * rig.WAIT, pause=0.5))
                self.assertTrue(rig.wait_until(letters, rig.WAIT, pause=0.5))
                self.assertEqual([(row["reason"], row["last_error"]) for row in letters()], [("exit_65", "the amount is negative")])

        again = self.verified(self.up(*flags))
        self.assertEqual(again.out.count("already running"), 6)
        self.assertEqual(self.ask(url + "/session", "POST", {"name": "admin", "password": password})[0], 200)
        self.assertEqual(self.ask(url + "/session/demo", "POST")[0], 200)
        self.assertIn("--auth token: keep to that", self.up("--auth=none", *flags, code=1).err)

    def test_after_ctrl_c_nothing_runs_that_did_not_before(self):
        run_dir = self.run_dir.parent / "given-up"
        state = run_dir / "state.json"
        cluster = rig.LocalCluster(run_dir, rig.BIN_DIR)
        self.addCleanup(self.script, "down.py", "--run-dir", str(run_dir), "--purge")

        def interrupt_once(name):
            up = subprocess.Popen([sys.executable, str(SCRIPTS / "up.py"), "--run-dir", str(run_dir), "--bin-dir", str(rig.BIN_DIR),
                                   "--engine", rig.ENGINE, "--auth=none", "--input", str(self.input)], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, start_new_session=True)

            def has_begun():
                known = json.loads(state.read_text()) if state.exists() else {}
                return rig.start_ticks(known.get(name, {}).get("pid", 0)) is not None

            self.assertTrue(rig.wait_until(has_begun, rig.WAIT), name)
            os.killpg(up.pid, signal.SIGINT)  # As a terminal does: to all of its foreground.
            _, err = up.communicate(timeout=120)
            self.assertEqual((up.returncode, b"interrupted" in err), (130, True), err)

        for name in ["metaserver", "portal"]:
            with self.subTest(name):
                interrupt_once(name)
                with cluster.locked():
                    self.assertEqual([other for other in cluster.process_names() if cluster.is_up(other)], [])
                    self.assertIsNone(cluster.database.status())
        with self.subTest("what ran before goes on"):
            with cluster.locked():
                cluster.start_database()
                cluster.start_server("metaserver")
            interrupt_once("broker-1")
            with cluster.locked():
                self.assertEqual([other for other in cluster.process_names() if cluster.is_up(other)], ["metaserver"])
                self.assertIsNotNone(cluster.database.status())

    def test_wrong_flags_exit_2_and_start_nothing(self):
        self.up("--inptu", "x", code=2)
        self.assertIn("no file", self.up("--input", "/no/such/file", code=1).err)

    def test_purge_spares_folders_that_are_not_ours(self):
        folder = self.run_dir.parent / "precious"
        folder.mkdir()
        (folder / "file").write_text("x")
        done = self.script("down.py", "--run-dir", str(folder), "--purge")
        self.assertEqual(done.code, 1)
        self.assertTrue((folder / "file").exists())


class CheckTest(unittest.TestCase):
    """The comparison itself must be able to fail."""

    LINES = [b"a 1", b"b 1", b"a 2"]

    def faults(self, rows):
        import package_log
        text = "".join(json.dumps({"partition": p, "offset": str(o), "key": k, "value": v,
                                   "headers": [{"name": "run", "value": r}]}) + "\n" for p, o, k, v, r in rows)
        return package_log.check(package_log.Published(self.LINES), "r", text.encode())[0]

    GOOD = [(0, 1, "a", "a 1", "r"), (0, 2, "a", "a 2", "r"), (1, 1, "b", "b 1", "r")]

    def test_accepts_what_is_right_and_ignores_others(self):
        self.assertEqual(self.faults(self.GOOD), [])
        self.assertEqual(self.faults(self.GOOD + [(0, 3, "z", "z", "other")]), [])

    def test_convicts(self):
        swapped = [(0, 1, "a", "a 2", "r"), (0, 2, "a", "a 1", "r"), (1, 1, "b", "b 1", "r")]
        changed = [(0, 1, "a", "a 1", "r"), (0, 2, "a", "a X", "r"), (1, 1, "b", "b 1", "r")]
        moved = [(0, 1, "a", "a 1", "r"), (1, 1, "a", "a 2", "r"), (1, 2, "b", "b 1", "r")]
        gap = [(0, 1, "a", "a 1", "r"), (0, 3, "a", "a 2", "r"), (1, 1, "b", "b 1", "r")]
        for name, rows, word in [("order", swapped, "order differs"), ("content", changed, "content differs"),
                                 ("lost", self.GOOD[:2], "2 came out"), ("twice", self.GOOD + [(1, 2, "b", "b 1", "r")], "4 came out"),
                                 ("moved", moved, "in partitions"), ("gap", gap, "follows")]:
            with self.subTest(name):
                self.assertIn(word, "\n".join(self.faults(rows)))


class FailingHandlerTest(unittest.TestCase):
    """Its checks must be able to fail, too."""

    def setUp(self):
        import failing_handler
        self.context = rig.temporary_folder()
        cluster = type("Cluster", (), {"run_dir": self.context.__enter__()})()
        self.addCleanup(self.context.__exit__, None, None, None)
        self.checks = failing_handler.Checks(cluster, [b"a 1", b"b 1", b"c 1", b"d 1", b"a 2"], "r")
        self.fault = failing_handler.HandlerFault
        letter = {"id": "t/0/1", "key": "a", "reason": "exit_65", "last_error": "the checksum is wrong", "value": "r a broken"}
        self.checks.dead = lambda: [letter]
        self.letter = letter

    def write(self, calls, done):
        self.checks.calls.write_text("".join(f"{attempt} {name}\n" for attempt, name in calls))
        self.checks.done.write_text("".join(f"{name}\n" for name in done))

    def test_convicts(self):
        names = list(self.checks.fates)
        self.assertEqual(names[:4], ["a", "d", "c", "b"])
        self.assertEqual(len(names), 10)
        done = names[1:]
        calls = [(attempt, name) for name in names for attempt in ([1, 2, 3] if name in "bcd" else [1])]
        self.write(calls, done)
        self.assertIs(self.checks.check_first_part(), self.letter)
        for name, wrong_calls, wrong_done, letter in [
                ("lost", calls, done[1:], {}), ("twice", calls, [*done, "b"], {}), ("broken done", calls, [*done, "a"], {}),
                ("one attempt too many", [*calls, (4, "b")], done, {}), ("no retry", calls[:-1], done, {}),
                ("other reason", calls, done, {"reason": "exit_1"}), ("other error", calls, done, {"last_error": "x"}),
                ("other body", calls, done, {"value": "r a"}), ("other letter", calls, done, {"key": "b"})]:
            with self.subTest(name):
                self.write(wrong_calls, wrong_done)
                self.checks.dead = lambda changed=letter: [{**self.letter, **changed}]
                with self.assertRaises(self.fault):
                    self.checks.check_first_part()


if __name__ == "__main__":
    rig.run_tests()
