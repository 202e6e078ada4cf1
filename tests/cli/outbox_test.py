#!/usr/bin/env python3
"""The commands on outboxes against a real cluster, a team's own schema and a real relay."""

import json
import os
import signal
import subprocess
import unittest

import rig

TABLES = {"lanemq_outbox", "lanemq_outbox_session", "lanemq_outbox_bucket", "lanemq_outbox_hold"}


def setUpModule():
    OutboxTest.context = rig.running_cluster()
    OutboxTest.cluster = OutboxTest.context.__enter__()


def tearDownModule():
    OutboxTest.context.__exit__(None, None, None)


class OutboxTest(unittest.TestCase):
    cluster = None
    context = None
    names = 0

    def setUp(self):
        """A schema that no other test has."""
        OutboxTest.names += 1
        self.schema = f"shop{self.names}"
        self.cluster.query(f"CREATE DATABASE {self.schema}")
        self.database = ["--database", f"127.0.0.1:{self.cluster.database_port}/{self.schema}", "--user=root"]

    def ended(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def outbox(self, command, *arguments, code=0, **keywords):
        return self.ended("outbox", command, *self.database, *arguments, code=code, **keywords)

    def items(self, *arguments):
        return json.loads(self.ended("outbox", *arguments, "--output=json").out)["items"]

    def messages(self, *arguments):
        return self.items("list", *self.database, *arguments)

    def detail(self):
        return json.loads(self.outbox("status", "--output=json").out)

    def query(self, sql):
        return self.cluster.query(sql, f"--database={self.schema}", "--skip-column-names")

    def insert(self, topic, *bodies, key="k"):
        for body in bodies:
            self.query(f"INSERT INTO lanemq_outbox (topic, message_key, body) VALUES ('{topic}', '{key}', '{body}')")

    def kill_all(self, reason):
        """Makes every ready message dead, as a relay does with what is refused for good."""
        self.query(f"UPDATE lanemq_outbox SET state = 2, attempts = 3, last_error = '{reason}' WHERE state = 0")

    def tables(self):
        return set(self.query("SHOW TABLES").split())


class InstallTest(OutboxTest):
    def test_it_makes_the_tables_and_is_harmless_when_repeated(self):
        self.assertIn("Would make", self.outbox("install", "--dry-run").err)
        self.assertEqual(self.tables(), set())
        self.outbox("install")
        self.assertLessEqual(TABLES, self.tables())
        self.insert("orders", "1")
        self.outbox("install")
        self.assertEqual([row["topic"] for row in self.messages()], ["orders"])
        self.assertNotIn("lanemq_inbox", self.tables())
        self.outbox("install", "--inbox")
        self.assertIn("lanemq_inbox", self.tables())

    def test_print_is_what_somebody_else_may_run(self):
        sql = self.ended("outbox", "install", "--print").out + self.ended("outbox", "install", "--print", "--inbox").out
        for _ in range(2):
            self.query(sql)
        self.assertLessEqual(TABLES | {"lanemq_inbox"}, self.tables())
        self.outbox("install")
        self.outbox("install", "--inbox")
        self.outbox("status")

    def test_what_is_wrong_is_said(self):
        where = self.database[1]
        self.assertIn("outbox install", self.outbox("status", code=5).err)
        self.assertIn("outbox install", self.outbox("list", code=5).err)
        self.cluster.query("CREATE USER IF NOT EXISTS guarded@'%' IDENTIFIED BY 'right'")
        wrong = self.ended("outbox", "install", "-d", where, "-u", "guarded", code=6)
        self.assertIn("ccess denied", wrong.err)
        self.assertIn("--password-file", self.ended("outbox", "status", "-d", where, "-u", "guarded", code=6).err)
        nowhere = where.replace(self.schema, "no_such_schema")
        self.assertIn("no_such_schema", self.ended("outbox", "status", "-d", nowhere, "-u", "root", code=6).err)
        self.ended("outbox", "status", "-d", "127.0.0.1:1/shop", "-u", "root", code=6)
        for words, said in [(["status", "-d", "shop"], "HOST:PORT/SCHEMA"), (["status", "-d", where], "--user"),
                            (["list", "-u", "root"], "--database"),
                            (["status", "-d", where, "-u", "root", "--password-file=/no/such"], "/no/such"),
                            (["list", "-d", where, "-u", "root", "--state=gone"], "gone")]:
            with self.subTest(words):
                self.assertIn(said, self.ended("outbox", *words, code=2).err)

    def test_a_password_comes_from_a_file_and_the_environment_stands_in_for_flags(self):
        self.cluster.query(f"CREATE USER IF NOT EXISTS guarded@'%' IDENTIFIED BY 'right';"
                           f"GRANT ALL ON {self.schema}.* TO guarded@'%'")
        password = self.cluster.run_dir / "password"
        password.write_text("right\n")
        environment = {**os.environ, "LANEMQ_OUTBOX_DATABASE": self.database[1], "LANEMQ_OUTBOX_USER": "guarded",
                       "LANEMQ_OUTBOX_PASSWORD_FILE": str(password)}
        self.ended("outbox", "install", env=environment)
        self.assertIn("no relay runs", self.ended("outbox", "status", env=environment).out)


class MendTest(OutboxTest):
    def setUp(self):
        super().setUp()
        self.outbox("install")

    def test_list_by_state_topic_and_number(self):
        self.insert("orders", "a", "b")
        self.kill_all("too large")
        self.insert("orders", "c")
        self.insert("bills", "d", key="x")
        rows = self.messages("--bodies")
        self.assertEqual([(row["state"], row["topic"], row["value"]) for row in rows],
                         [("dead", "orders", "a"), ("dead", "orders", "b"), ("ready", "orders", "c"), ("ready", "bills", "d")])
        self.assertEqual((rows[0]["attempts"], rows[0]["last_error"], rows[0]["key"]), (3, "too large", "k"))
        self.assertNotIn("value", self.messages()[0])
        self.assertEqual(len(self.messages("--topic=orders", "--state=ready")), 1)
        few = self.outbox("list", "-n", "2", "--output=name")
        self.assertEqual(few.out.split(), [rows[0]["id"], rows[1]["id"]])
        self.assertIn("--max", few.err)
        self.assertEqual(self.messages("--state=published"), [])

    def test_status_says_what_is_the_matter(self):
        self.assertIn("no relay runs", self.outbox("status").out)
        self.insert("orders", "a")
        self.kill_all("refused")
        self.insert("orders", "b")
        detail = self.detail()
        self.assertEqual((detail["ready"], detail["dead"], detail["unowned_buckets"], detail["relays"]), (1, 1, 256, []))
        self.assertIn("1 dead message", detail["verdict"])
        self.assertFalse(detail["is_fine"])

    def test_retry_makes_dead_ones_ready(self):
        self.insert("orders", "a", "b")
        self.insert("bills", "c")
        self.kill_all("refused")
        first, *_ = [row["id"] for row in self.messages()]
        self.assertIn("Would retry 1", self.outbox("retry", first, "--dry-run").err)
        self.assertEqual(self.items("retry", *self.database, first), [{"what": "dead messages", "retried": 1}])
        self.outbox("retry", first, code=3)
        self.outbox("retry", code=2)
        self.assertIn("1", self.outbox("retry", "--all-dead", "--topic=bills").out)
        self.assertEqual(len(self.messages("--state=dead")), 1)
        self.outbox("retry", "--all-dead")
        self.assertEqual([row["attempts"] for row in self.messages("--state=ready")], [0, 0, 0])
        self.assertEqual(self.items("retry", *self.database, "--holds"), [{"what": "holds", "retried": 0}])

    def test_drop_asks_and_drops_dead_ones_only(self):
        self.insert("orders", "a", "b", "c")
        self.kill_all("refused")
        self.insert("orders", "d")
        self.insert("bills", "e")
        dead = [row["id"] for row in self.messages("--state=dead")]
        ready = [row["id"] for row in self.messages("--state=ready")]
        self.assertIn("--yes", self.outbox("drop", dead[0], code=2).err)
        self.assertIn("Would drop 3 dead messages", self.outbox("drop", "--all-dead", "-t", "orders", "--dry-run").err)
        self.assertEqual(len(self.messages()), 5)
        self.outbox("drop", "--all-dead", "--yes", code=2)
        self.assertEqual(self.items("drop", *self.database, dead[0], ready[0], "--yes"),
                         [{"what": "dead messages", "dropped": 1}])
        self.outbox("drop", ready[0], "--yes", code=3)
        self.assertEqual(self.items("drop", *self.database, "--all-dead", "--topic=orders", "--yes")[0]["dropped"], 2)
        self.assertEqual([row["id"] for row in self.messages()], ready)

    def test_nobody_to_wake(self):
        self.assertIn("no relay", self.outbox("relay-now", code=5).err)


class RelayTest(OutboxTest):
    def setUp(self):
        super().setUp()
        self.outbox("install")
        self.topic = f"orders{self.names}"
        self.ended("topic", "create", self.topic, "-p", "2")
        self.log_file = self.cluster.run_dir / f"relay-{self.names}.log"
        with open(self.log_file, "ab") as log:
            self.relay = subprocess.Popen(  # pylint: disable=consider-using-with
                [rig.BIN_DIR / "lanemq-outbox-relay", *self.database, f"--bootstrap={self.cluster.bootstrap()}",
                 "--name=relay-one", "--wake-listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self.relay.wait)
        self.addCleanup(self.relay.kill)
        self.name = f"{self.schema}@127.0.0.1:{self.cluster.database_port}"

    def await_(self, condition):
        self.assertTrue(rig.wait_until(condition, rig.WAIT, 0.1), self.log_file.read_text())

    def registered(self):
        return {row["outbox"]: row for row in self.items("status")}

    def test_it_is_registered_watched_woken_and_forgotten(self):
        self.await_(lambda: self.detail()["unowned_buckets"] == 0)
        detail = self.detail()
        self.assertEqual((detail["is_fine"], detail["verdict"]), (True, "fine"))
        self.assertEqual([(relay["relay"], relay["state"], relay["buckets"]) for relay in detail["relays"]],
                         [("relay-one", "alive", 256)])
        self.await_(lambda: self.name in self.registered())
        self.assertIn("sent", self.outbox("relay-now").out)

        self.insert(self.topic, "1", "2", "3")
        self.outbox("relay-now")
        got = self.ended("consume", self.topic, "-o", "start", "-n", "3").out
        self.assertEqual([line for line in got.split() if line in {"1", "2", "3"}], ["1", "2", "3"])
        self.await_(lambda: self.messages() == [])

        self.relay.send_signal(signal.SIGTERM)
        self.assertEqual(self.relay.wait(rig.WAIT), 0, self.log_file.read_text())
        self.assertIn("no relay runs", self.detail()["verdict"])
        self.assertIn("Would forget", self.ended("outbox", "forget", self.name, "--dry-run").err)
        self.ended("outbox", "forget", self.name)
        self.assertNotIn(self.name, self.registered())
        self.ended("outbox", "forget", self.name, code=3)

    def test_an_unknown_topic_holds_its_messages_and_says_why(self):
        self.insert("no-such-topic", "1", "2")
        self.insert(self.topic, "3")
        self.await_(lambda: self.detail()["held"] == 2)
        hold, *_ = self.detail()["holds"]
        self.assertEqual(hold["topic"], "no-such-topic")
        self.assertIn("no-such-topic", hold["why"])
        self.ended("topic", "create", "no-such-topic")
        self.assertGreaterEqual(self.items("retry", *self.database, "--holds")[0]["retried"], 1)
        self.assertEqual(len(self.ended("consume", "no-such-topic", "-o", "start", "-n", "2").out.split()), 2)
        self.await_(lambda: self.messages() == [])


if __name__ == "__main__":
    rig.run_tests()
