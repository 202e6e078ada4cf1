#!/usr/bin/env python3
"""Data nodes: their logins, probes, states, and whether the catalogue and they agree."""

import json
import os
import unittest

import rig

SECRET = "Canary-'\"\\-of-the-node"
RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, LOCK TABLES"


class KeyedCluster(rig.LocalCluster):
    """Every server has the key of data nodes' credentials."""

    def launch(self, name, argv):
        key_file = self.run_dir / "credentials.key"
        if not key_file.exists():
            with open(os.open(key_file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
                file.write(os.urandom(32).hex() + "\n")
        if name == "metaserver" or name.startswith("broker"):
            argv = [*argv, f"--credentials-key-file={key_file}"]
        return super().launch(name, argv)


def setUpModule():
    NodeTest.context = rig.running_cluster("--schemas-max=2", kind=KeyedCluster)
    NodeTest.cluster = NodeTest.context.__enter__()


def tearDownModule():
    NodeTest.context.__exit__(None, None, None)


class NodeTest(unittest.TestCase):
    cluster = None
    context = None

    def ended(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        self.assertNotIn("Canary", done.out + done.err)
        return done

    def rows(self, *arguments, code=0):
        return json.loads(self.ended(*arguments, "--output=json", code=code).out)["items"]

    def probe(self, code=0, name=rig.NODE_NAME):
        return [(row["property"], row["value"]) for row in self.rows("node", "probe", name, code=code)]

    def password_file(self, password):
        path = self.cluster.run_dir / "node.pw"
        path.write_text(password + "\n")
        return str(path)

    def make_user(self, name, rights=RIGHTS):
        literal = SECRET.replace("\\", "\\\\").replace("'", "\\'")
        self.cluster.query(f"CREATE USER {name}@'%' IDENTIFIED BY '{literal}'")
        self.cluster.query(f"GRANT {rights} ON `lanemq\\_%`.* TO {name}@'%'")
        self.addCleanup(self.cluster.query, f"DROP USER {name}@'%'")

    def test_a_probe_tells_how_a_node_is(self):
        probe = dict(self.probe())
        self.assertEqual(probe["node"], rig.NODE_NAME)
        self.assertEqual(probe["login"], "servers' files")
        self.assertEqual(probe["read_only"], "no")
        self.assertEqual(probe["missing_rights"], "none")
        self.assertEqual(probe["semi_sync"], "off")
        self.assertRegex(probe["engine"], {"mariadb": "^MariaDB 1", "mysql": "^MySQL 9"}[rig.ENGINE])
        self.assertRegex(probe["account"], "^root@")
        self.assertRegex(probe["connections"], r"^\d+ of \d+$")
        self.assertRegex(probe["free_tables"], r"^\d+ of 198$")
        self.assertRegex(probe["disk_used"], "iB$")
        self.assertNotIn("warning", probe)
        self.ended("node", "probe", "nobody", code=3)

    def test_a_probe_warns_of_a_node_that_cannot_be_written(self):
        self.cluster.query("SET GLOBAL read_only=1")
        try:
            probe = self.probe(code=1)
        finally:
            self.cluster.query("SET GLOBAL read_only=0")
        warnings = [value for name, value in probe if name == "warning"]
        self.assertEqual(len(warnings), 1)
        self.assertIn("read-only", warnings[0])

    def test_a_state_says_what_follows(self):
        for state, words in [("closed", "new ones go elsewhere"), ("disabled", "neither read nor written"),
                             ("writable", "takes new partitions")]:
            self.assertIn(words, self.ended("node", "alter", rig.NODE_NAME, "--state", state, "--yes").err)

    def test_a_login_is_kept_tried_and_forgotten(self):
        self.make_user("keeper")
        self.make_user("reader", "SELECT, CREATE, INSERT, INDEX, ALTER")
        login = ["--user=keeper", "--password-file", self.password_file(SECRET)]
        row = self.rows("node", "alter", rig.NODE_NAME, *login)[0]
        self.assertEqual(row["login"], "kept")
        try:
            self.assertRegex(dict(self.probe())["account"], "^keeper@")
            self.ended("topic", "create", "kept", "--partitions=2")
            self.ended("produce", "kept", stdin=b"hello\n")
            poor = self.ended("node", "alter", rig.NODE_NAME, "--user=reader", *login[1:], code=5)
            self.assertIn("DELETE on", poor.err)
            wrong = self.ended("node", "alter", rig.NODE_NAME, "--user=keeper", "--password-file",
                               self.password_file("wrong"), code=5)
            self.assertIn("Access denied", wrong.err)
            self.assertRegex(dict(self.probe())["account"], "^keeper@")
        finally:
            row = self.rows("node", "alter", rig.NODE_NAME, "--forget-login")[0]
        self.assertEqual(row["login"], "servers' files")
        self.ended("produce", "kept", stdin=b"again\n")
        self.ended("node", "alter", rig.NODE_NAME, *login[1:], code=2)
        self.ended("node", "alter", rig.NODE_NAME, "--user=keeper", "--forget-login", code=2)
        audited = self.ended("audit", "search", "--output=json").out
        self.assertIn("kept", audited)
        # The database's own files have the CREATE USER of this test.
        files = [path for path in self.cluster.run_dir.rglob("*")
                 if path.is_file() and path.name != "node.pw" and self.cluster.run_dir / "db" not in path.parents]
        self.assertTrue(any(path.suffix == ".log" or "metaserver" in path.name for path in files), files)
        self.assertEqual([path for path in files if b"Canary-" in path.read_bytes()], [])

    def test_differences_are_told_with_advice(self):
        self.assertIn("OK", self.ended("check", "catalog").out)
        self.assertIn("as the catalogue says", self.ended("doctor", "--catalog").err)
        self.cluster.query("CREATE TABLE lanemq_01.msg_999_0 (id INT)")
        try:
            self.assertIn("lanemq_01.msg_999_0", self.ended("check", "catalog", code=1).out)
            row = self.rows("doctor", "--catalog", code=1)[0]
            self.assertEqual((row["kind"], row["node"]), ("table_orphaned", rig.NODE_NAME))
            self.assertIn("drop the table", row["advice"])
            self.ended("check", "catalog", "-n", "nobody", code=3)
        finally:
            self.cluster.query("DROP TABLE lanemq_01.msg_999_0")
        self.ended("doctor", "--catalog", "--group", "g", code=2)


if __name__ == "__main__":
    rig.run_tests()
