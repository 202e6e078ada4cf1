#!/usr/bin/env python3
"""Who may do what, from the set-up token on: against a real cluster that asks for tokens, and one that speaks TLS, too."""

import json
import os
import re
import stat
import unittest

import rig
from local_cluster import wait_until

TOKEN = re.compile(r"lmq_[0-9A-Za-z]{10}_([0-9A-Za-z]{43})")


def setUpModule():
    rig.LocalCluster = rig.GuardedCluster
    AccessTest.context = rig.running_cluster()
    AccessTest.cluster = AccessTest.context.__enter__()


def tearDownModule():
    AccessTest.context.__exit__(None, None, None)


class GuardedTest(unittest.TestCase):
    cluster = None
    context = None
    names = 0
    said = []  # Everything that was printed, but for tokens that were asked for.

    def setUp(self):
        GuardedTest.names += 1
        number = f"{GuardedTest.names}"
        self.team, self.others = f"payments{number}", f"analytics{number}"
        self.mine, self.theirs = f"billing{number}", f"reports{number}"
        self.topic = f"orders{number}"

    def run_as(self, who, *arguments, **keywords):
        flags = [] if who is None else [f"--token-file={who}"]
        done = rig.run(self.cluster, *arguments, *flags, **keywords)
        self.said.append(done.out + done.err)
        return done

    def ended(self, *arguments, who=None, code=0, **keywords):
        done = self.run_as(who, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def items(self, *arguments, **keywords):
        return json.loads(self.ended(*arguments, "--output=json", **keywords).out)["items"]

    def await_code(self, code, *arguments, who=None, says="", **keywords):
        """Rights and tokens count within a second or two."""
        last = []

        def is_so():
            last[:] = [self.run_as(who, *arguments, **keywords)]
            return last[0].code == code and says in last[0].err

        self.assertTrue(wait_until(is_so, rig.WAIT / 4, pause=0.2), last)
        return last[0]

    def path(self, name):
        return str(self.cluster.run_dir / name)

    def token_of(self, service):
        """A file with a new token."""
        file = self.path(f"{service}.token")
        self.assertEqual(self.ended("token", "issue", service, "--output-file", file).out, file + "\n")
        self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
        return file

    def sees_a_canary(self):
        with self.cluster.locked():
            self.cluster.start_server("canary")
        try:
            done = self.await_code(0, "check", "canary")
            self.assertTrue(done.out.startswith("OK - "), done)
        finally:
            self.cluster.stop("canary")

    def two_teams(self):
        """Each with a service that has a token; the first owns the topic."""
        for team, service in [(self.team, self.mine), (self.others, self.theirs)]:
            self.ended("team", "put", team, "--lead", "ann")
            self.ended("service", "put", service, "--team", team)
        self.ended("topic", "create", self.topic, "-p", "2", "--reason", "ticket 4711")
        self.ended("owner", "set", "--topic", self.topic, "--team", self.team)
        return self.token_of(self.mine), self.token_of(self.theirs)


class AccessTest(GuardedTest):
    def test_from_the_set_up_token_to_the_audit_log(self):
        self.assertEqual(self.items("whoami")[0]["principal"], "service:setup")
        mine, theirs = self.two_teams()
        who = self.items("whoami", who=mine)[0]
        self.assertEqual((who["principal"], who["team"], who["by"]), (f"service:{self.mine}", self.team, mine))
        self.await_code(0, "produce", self.topic, stdin=b"one\n", who=mine)

        denied = self.await_code(4, "produce", self.topic, stdin=b"two\n", who=theirs, says="TOPIC_AUTHORIZATION_FAILED")
        self.assertIn(f"ask team '{self.team}'", denied.err)
        self.ended("consume", self.topic, "-e", "-o", "start", who=theirs, code=4)
        check = ["acl", "check", "produce", "--topic", self.topic]
        why = json.loads(self.ended(*check, "--output=json", who=theirs, code=4).out)["items"][0]
        self.assertEqual(why["allowed"], False)
        self.assertIn(self.team, why["because"])
        self.ended(*check, "--principal", self.theirs, code=4)

        self.ended("acl", "grant", self.theirs, "produce", "--topic", self.topic[:-1] + "*", "--expires", "1d",
                   "--reason", "they may help out")
        self.await_code(0, "produce", self.topic, stdin=b"two\n", who=theirs)
        self.ended(*check, who=theirs)
        self.ended("consume", self.topic, "-e", "-o", "start", who=theirs, code=4)
        grant = self.items("acl", "list", "--principal", self.theirs)[0]
        self.assertEqual((grant["name"], grant["actions"], grant["state"]), (self.topic[:-1] + "*", "produce", "valid"))
        self.assertEqual(self.items("acl", "list", "--topic", self.topic)[0]["grant"], grant["grant"])
        self.ended("acl", "revoke", grant["grant"], code=2)  # Nobody to ask.
        self.ended("acl", "revoke", grant["grant"], "--yes", "--reason", "enough")
        for partition in ["0", "1"]:  # Of two brokers, each of which hears of it by itself.
            self.await_code(4, "produce", self.topic, "-p", partition, stdin=b"late\n", who=theirs)
        for partition in ["0", "1"]:
            self.ended("produce", self.topic, "-p", partition, stdin=b"never\n", who=theirs, code=4)
        read = self.ended("consume", self.topic, "-e", "-o", "start", "-f", "%v\\n", who=mine).out.split()
        self.assertEqual({"one", "two"} - set(read), set())
        self.assertNotIn("never", read)

        self.ended("topic", "delete", self.topic, "--yes", who=theirs, code=4)
        self.audited(grant["grant"])

    def audited(self, grant):
        made = self.items("audit", "search", "--topic", self.topic, "--action", "createTopic")[0]
        self.assertEqual((made["actor"], made["reason"], made["result"]), ("service:setup", "ticket 4711", "ok"))
        reasons = {row["action"]: row["reason"] for row in self.items("audit", "search", "--kind", "grant")}
        self.assertEqual((reasons["putGrant"], reasons["deleteGrant"]), ("they may help out", "enough"))
        # Refusals are written behind the answer.
        self.assertTrue(wait_until(lambda: self.items("audit", "search", "--denied", "--actor", self.theirs), rig.WAIT, 0.2))
        denied = self.items("audit", "search", "--denied", "--actor", self.theirs)[0]
        self.assertEqual((denied["action"], denied["result"]), ("deleteTopic", "denied"))
        lines = [json.loads(line) for line in self.ended("audit", "export").out.splitlines()]
        self.assertGreater(len(lines), 8)
        of_metadata = [line["id"] for line in lines if line["log"] == "metadata"]
        self.assertEqual(of_metadata, sorted(of_metadata, key=int, reverse=True))
        self.assertIn(grant, [line["object_name"] for line in lines if line["action"] == "deleteGrant"])
        self.assertTrue(any(line["action"] == "issueToken" and "after" in line for line in lines))

    def test_a_change_at_a_data_node_is_searched_beside_one_of_the_catalogue(self):
        self.two_teams()
        group = self.mine
        self.await_code(0, "produce", self.topic, stdin=b"one\n")
        self.ended("group", "reset", group, "-t", self.topic, "--to-latest", "--execute", "--yes", "--reason", "ticket 4712")
        found = self.items("audit", "search", "--since", "-1h", "-n", "1000")
        reset = next(row for row in found if row["action"] == "resetOffsets" and row["object"] == f"group {group}")
        made = next(row for row in found if row["action"] == "createTopic" and row["object"] == f"topic {self.topic}")
        self.assertNotEqual(reset["log"], "metadata")
        self.assertEqual((made["log"], reset["reason"], reset["result"]), ("metadata", "ticket 4712", "ok"))
        self.assertLess(found.index(reset), found.index(made))
        self.assertIn(reset, self.items("audit", "search", "--group", group))
        self.assertIn(reset, self.items("audit", "search", "--source", reset["log"]))
        self.ended("audit", "search", "--source", "nowhere", code=3)
        page = self.ended("audit", "search", "-n", "1", "--since", "-1h")
        cursor = re.search(r"--cursor (\S+)", page.err).group(1)
        lines = [json.loads(line) for line in self.ended("audit", "export", "--since", "-1h", "--cursor", cursor).out.splitlines()]
        self.assertEqual([(line["log"], line["id"]) for line in lines][:50],
                         [(row["log"], row["id"]) for row in found[1:]][:50])
        self.ended("audit", "export", "--cursor", "nonsense", code=2)

    def test_what_should_be_tidied_up_is_listed(self):
        self.two_teams()
        self.ended("acl", "grant", self.theirs, "produce", "--topic", self.topic, "--expires", "2d")
        ends = [row for row in self.items("hygiene") if row["object"] == f"topic {self.topic}"]
        self.assertEqual([row["kind"] for row in ends], ["grant_ends"])
        self.assertIn(self.team, ends[0]["teams"])
        self.assertIn(self.others, ends[0]["teams"])
        self.assertEqual(self.items("hygiene", "--team", self.team, "--kind", "owner_gone"), [])
        self.ended("hygiene", "--kind", "nothing", code=2)

    def test_a_revoked_token_and_a_disabled_service_end_at_once(self):
        mine, _ = self.two_teams()
        self.await_code(0, "produce", self.topic, stdin=b"one\n", who=mine)
        self.ended("service", "disable", self.mine, "--yes")
        done = self.await_code(4, "whoami", who=mine)
        self.assertIn("AUTHENTICATION_FAILED", done.err)
        self.assertFalse([row for row in self.items("service", "list", "--team", self.team)][0]["enabled"])
        self.ended("service", "enable", self.mine)
        self.await_code(0, "whoami", who=mine)
        listed = self.items("token", "list", self.mine)[0]
        self.assertEqual((listed["service"], listed["state"], listed["created_by"]), (self.mine, "valid", "service:setup"))
        self.ended("token", "revoke", listed["token"], "--yes")
        self.await_code(4, "whoami", who=mine)
        self.await_code(4, "produce", self.topic, stdin=b"two\n", who=mine)
        self.ended("token", "revoke", listed["token"], "--yes", code=3)

    def test_a_token_is_shown_once_and_can_be_used(self):
        self.ended("team", "put", self.team)
        self.ended("service", "put", self.mine, "--team", self.team)
        done = rig.run(self.cluster, "token", "issue", self.mine, "--expires", "1h", "--note", "of a test")
        self.assertEqual(done.code, 0, done)
        self.assertIsNotNone(TOKEN.fullmatch(done.out.strip()), "the token and nothing else is on stdout")
        self.assertIsNone(TOKEN.search(done.err))
        self.said.append(done.err)
        file = self.path(f"{self.mine}.token")
        with open(file, "w", encoding="utf-8") as out:
            out.write(done.out)
        self.await_code(0, "whoami", who=file)
        listed = self.ended("token", "list", self.mine, "--output=json").out
        self.assertIsNone(TOKEN.search(listed))
        row = json.loads(listed)["items"][0]
        self.assertEqual((row["note"], row["state"]), ("of a test", "valid"))
        self.assertIsNotNone(row["expires_at"])

    def test_nobody_gets_nothing_and_is_told_why(self):
        for words in [["topic", "list"], ["whoami"], ["consume", "x"], ["produce", "x"], ["audit", "search"]]:
            with self.subTest(words):
                done = self.ended(*words, who="", code=4, stdin=b"x\n")
                self.assertIn("AUTHENTICATION_FAILED", done.err)
                self.assertIn("--token-file", done.err)
        wrong = self.path("wrong.token")
        with open(wrong, "w", encoding="utf-8") as file:
            file.write("lmq_0123456789_" + "x" * 43 + "\n")
        self.ended("topic", "list", who=wrong, code=4)
        self.ended("topic", "list", who=self.path("no-such.token"), code=2)

    def test_an_application_is_no_admin(self):
        mine, theirs = self.two_teams()
        for words in [["team", "put", "x"], ["token", "list"], ["token", "issue", self.theirs], ["audit", "search"],
                      ["acl", "grant", self.theirs, "consume", "--topic", self.topic], ["node", "list"],
                      ["owner", "set", "--topic", self.topic, "--team", self.others]]:
            with self.subTest(words):
                done = self.ended(*words, who=theirs, code=4)
                self.assertIn("CLUSTER_AUTHORIZATION_FAILED", done.err)
        # But may see whom to ask.
        self.assertEqual(self.items("owner", "list", "--topic", self.topic, who=theirs)[0]["team"], self.team)
        self.assertIn(self.topic, self.ended("topic", "list", who=theirs).out)
        self.await_code(0, "topic", "describe", self.topic, who=mine)

    def test_a_canary_is_one_of_the_servers(self):
        self.sees_a_canary()

    def test_what_is_there_is_not_taken_away_from(self):
        self.two_teams()
        self.ended("team", "delete", self.team, "--yes", code=5)
        self.ended("team", "put", self.team, "--member", "bob", "--remove", "ann")
        self.assertEqual([t["members"] for t in self.items("team", "list") if t["team"] == self.team], ["bob"])
        self.ended("owner", "set", "--topic", self.topic, "--nobody", "--yes")
        self.ended("service", "delete", self.mine, "--yes")
        self.ended("team", "delete", self.team, "--yes")
        self.ended("team", "delete", self.team, "--yes", code=3)
        self.assertEqual(self.items("token", "list", self.mine), [])

    def test_what_cannot_be_meant_is_said_in_one_line(self):
        for words in [["team", "put", "Payments"], ["acl", "grant", "x", "fly", "--topic", "t"], ["acl", "grant", "x", "produce"],
                      ["acl", "check", "produce"], ["owner", "set", "--topic", "t"], ["acl", "revoke", "x", "--yes"],
                      ["acl", "grant", "person:ann", "produce", "--topic", "t"], ["token", "revoke", "lmq_x_y", "--yes"],
                      ["token", "issue", "x", "--expires", "soon"], ["audit", "search", "--since", "soon"],
                      ["token", "issue", "x", "--output-file", "/no/such/folder/x"], ["topic", "list", "--reason", "x" * 501]]:
            with self.subTest(words):
                done = self.ended(*words, code=2)
                self.assertEqual(done.out, "")
                self.assertLessEqual(len(done.err.splitlines()), 2, done)
        for words in [["team", "put", "t1"], ["service", "put", "s1", "--team", "t1"], ["acl", "grant", "x", "produce", "--topic", "t"],
                      ["owner", "set", "--topic", "t", "--team", "x"], ["token", "issue", "x"], ["token", "revoke", "x"]]:
            with self.subTest(words):
                self.ended(*words, "--dry-run")
        self.assertNotIn("t1", [row["team"] for row in self.items("team", "list")])

    def test_contexts(self):
        with rig.temporary_folder() as home:
            environment = {"PATH": os.environ["PATH"], "XDG_CONFIG_HOME": str(home)}
            program = str(self.cluster.program("lanemq"))

            def lanemq(*words, code=0, **more):
                done = rig.Ended(rig.subprocess.run([program, *words], env={**environment, **more}, cwd=home, check=False,
                                                    stdin=rig.subprocess.DEVNULL, capture_output=True, timeout=rig.WAIT))
                self.said.append(done.out + done.err)
                self.assertEqual(done.code, code, done)
                return done

            servers = self.cluster.bootstrap()
            lanemq("context", "add", "here", "-b", servers, "--token-file", str(self.cluster.setup_token))
            lanemq("context", "add", "nowhere", "-b", "127.0.0.1:1")
            file = home / "lanemq" / "contexts.json"
            self.assertEqual(stat.S_IMODE(os.stat(file).st_mode), 0o600)
            self.assertIsNone(TOKEN.search(file.read_text()))
            self.assertIn("service:setup", lanemq("whoami").out)
            lanemq("context", "use", "nowhere")
            lanemq("whoami", code=6)
            self.assertIn("service:setup", lanemq("whoami", "--context", "here").out)
            self.assertIn("service:setup", lanemq("whoami", LANEMQ_CONTEXT="here").out)
            token = self.cluster.setup_token.read_text()
            self.assertIn("service:setup", lanemq("whoami", "-b", servers, LANEMQ_TOKEN=token.strip()).out)
            self.assertIn("did you mean 'here'?", lanemq("whoami", "--context", "hree", code=2).err)
            # Its token does not go to servers that it does not name.
            lanemq("context", "use", "here")
            lanemq("whoami", "-b", servers, code=4)
            self.assertIn("setup.token", lanemq("context", "show").out)
            lanemq("context", "remove", "here", "--yes")
            self.assertEqual(lanemq("context", "list", "--output=name").out, "nowhere\n")


class TlsTest(GuardedTest):
    """The same under TLS; a cluster of its own."""

    def setUp(self):
        super().setUp()
        kept = rig.LocalCluster
        rig.LocalCluster = rig.GuardedTlsCluster
        context = rig.running_cluster()
        self.cluster = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        rig.LocalCluster = kept

    def test_everything_goes_encrypted_or_not_at_all(self):
        mine, theirs = self.two_teams()
        self.await_code(0, "produce", self.topic, stdin=b"one\n", who=mine)
        self.await_code(4, "produce", self.topic, stdin=b"two\n", who=theirs, says="TOPIC_AUTHORIZATION_FAILED")
        self.assertEqual(self.ended("consume", self.topic, "-e", "-o", "start", "-f", "%v\\n", who=mine).out, "one\n")
        self.assertTrue(self.items("whoami")[0]["tls"])
        self.sees_a_canary()
        for flags in [["--no-tls"], ["--ca-file=/etc/ssl/certs/ca-certificates.crt"], ["--tls-server-name=elsewhere"]]:
            with self.subTest(flags):
                self.ended("topic", "list", *flags, "--timeout=3s", code=6)


class SecretsTest(GuardedTest):
    """Classes run by name: looks at all that came before."""

    def test_no_token_is_in_any_output_or_log(self):
        cluster = AccessTest.cluster
        secrets = {}
        for file in cluster.run_dir.glob("*.token"):
            found = TOKEN.search(file.read_text())
            if found:
                secrets[file.name] = found.group(1)
        self.assertGreaterEqual(len(secrets), 2)
        texts = {path.name: path.read_text(errors="replace") for path in (cluster.run_dir / "log").glob("*.log")}
        self.assertGreaterEqual(len(texts), 3)
        texts["what was printed"] = "\n".join(self.said)
        for where, text in texts.items():
            for name, secret in secrets.items():
                self.assertFalse(secret in text, f"the token of {name} is in {where}")


if __name__ == "__main__":
    rig.run_tests()
