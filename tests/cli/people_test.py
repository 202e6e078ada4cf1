#!/usr/bin/env python3
"""People: from the set-up token over the first admin to signing out, against a real cluster that asks who is there."""

import contextlib
import json
import os
import re
import stat
import subprocess
import time
import unittest

import rig
from local_cluster import wait_until

TOKEN = re.compile(r"lmq_[0-9A-Za-z]{10}_([0-9A-Za-z]{43})")
WRONG = "Tr0ub4dor-and-3-wrong"
OWN = "correct-horse-battery-staple"
# Revoked things end within two seconds; the machine may be busy.
SOON = 2.0 + rig.WAIT / 4


def setUpModule():
    PeopleTest.context = rig.running_cluster(kind=rig.GuardedCluster)
    PeopleTest.cluster = PeopleTest.context.__enter__()


def tearDownModule():
    PeopleTest.context.__exit__(None, None, None)


class PeopleTest(unittest.TestCase):
    cluster = None
    context = None
    names = 0
    said = []  # Everything that was printed, but for what was asked for.
    passwords = [WRONG, OWN]

    def setUp(self):
        PeopleTest.names += 1
        self.ann, self.bob = f"ann{PeopleTest.names}", f"bob{PeopleTest.names}"

    def run_as(self, person, *arguments, **keywords):
        """As the set-up service, or by the session that `person` keeps."""
        flags = [] if person is None else ["--token-file="]
        home = str(self.cluster.run_dir / f"home-{person}")
        before = os.environ.get("XDG_CONFIG_HOME")
        os.environ["XDG_CONFIG_HOME"] = home
        try:
            done = rig.run(self.cluster, *arguments, *flags, **keywords)
        finally:
            if before is None:
                del os.environ["XDG_CONFIG_HOME"]
            else:
                os.environ["XDG_CONFIG_HOME"] = before
        self.said.append(done.err)
        return done

    def ended(self, *arguments, who=None, code=0, **keywords):
        done = self.run_as(who, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def items(self, *arguments, **keywords):
        return json.loads(self.ended(*arguments, "--output=json", **keywords).out)["items"]

    def await_code(self, code, *arguments, who=None, says="", **keywords):
        last = []

        def is_so():
            last[:] = [self.run_as(who, *arguments, **keywords)]
            return last[0].code == code and says in last[0].err

        self.assertTrue(wait_until(is_so, SOON, pause=0.1), last)
        return last[0]

    def login(self, person, password, *more, code=0):
        return self.ended("login", person, "--password-file", "-", *more, who=person, code=code,
                          stdin=password.encode() + b"\n")

    def file_with(self, name, text):
        path = str(self.cluster.run_dir / name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text + "\n")
        return path

    def make(self, person, role="viewer"):
        """With a password of his own."""
        self.ended("person", "put", person, "--role", role)
        first = self.ended("person", "password", person, "--generate").out.strip()
        self.passwords.append(first)
        own = self.file_with(f"{person}.password", OWN)
        self.login(person, first, "--new-password-file", own)


class FirstAdminTest(PeopleTest):
    def test_the_first_admin_gets_a_password_that_he_must_change(self):
        ann = self.ann
        made = self.items("person", "put", ann, "--role", "admin", "--email", "ann@example.com")[0]
        self.assertEqual((made["role"], made["state"]), ("admin", "active"))
        self.login(ann, "there is none so far", code=4)
        done = self.ended("person", "password", ann, "--generate")
        first = done.out.strip()
        self.assertEqual(len(first), 23, first)
        self.assertNotIn(first, done.err)
        self.passwords.append(first)

        self.assertIn("set one of your own", self.login(ann, first).err)
        kept = self.cluster.run_dir / f"home-{ann}" / "lanemq" / "sessions.json"
        self.assertEqual(stat.S_IMODE(os.stat(kept).st_mode), 0o600)
        # He may do that and nothing else.
        refused = self.ended("topic", "list", who=ann, code=4)
        self.assertIn("password of his own", refused.err)
        self.assertIn("must change", self.items("person", "list")[0]["state"])

        current, own = self.file_with("current", first), self.file_with("own", OWN)
        change = ["person", "password", ann, "--password-file", own, "--current-password-file"]
        self.ended(*change, self.file_with("wrong", WRONG), who=ann, code=4)
        self.ended(*change, current, who=ann)
        # On this session, which went on.
        self.await_code(0, "topic", "list", who=ann)
        self.login(ann, first, code=4)
        self.login(ann, OWN)
        who = self.items("whoami", who=ann)[0]
        self.assertEqual((who["principal"], who["role"], who["by"]), (f"person:{ann}", "admin", "lanemq login"))

        # An admin administers, and operates.
        self.await_code(0, "team", "put", f"team-of-{ann}", "--lead", ann, who=ann)
        self.ended("topic", "create", f"topic-of-{ann}", who=ann)
        self.assertIn(f"team-of-{ann} (lead)", self.items("whoami", who=ann)[0]["team"])
        self.assertEqual(self.items("audit", "search", "--action", "createTopic")[0]["actor"], f"person:{ann}")

    def test_there_is_always_an_admin(self):
        # The set-up service has a token: people may go.
        self.make(self.ann, "admin")
        self.ended("person", "delete", self.ann, "--yes")
        self.await_code(4, "topic", "list", who=self.ann)
        self.assertNotIn(self.ann, [row["person"] for row in self.items("person", "list")])


class SigningInTest(PeopleTest):
    def test_a_wrong_name_or_password_is_one_answer(self):
        self.make(self.ann)
        wrong = self.login(self.ann, WRONG, code=4).err
        nobody = self.ended("login", "nobody", "--password-file", "-", who=self.ann, code=4, stdin=WRONG.encode()).err
        # But for the number of the request.
        self.assertEqual(*(re.sub(r"\[request [0-9a-f]+-\d+\]", "", text) for text in (wrong, nobody)))
        self.assertIn("AUTHENTICATION_FAILED", wrong)
        found = lambda: [row["object"] for row in self.items("audit", "search", "--denied")]
        self.assertTrue(wait_until(lambda: any(self.ann in row for row in found()), rig.WAIT, 0.2), found())
        self.assertFalse(any("nobody" in row for row in found()), "a name that is nobody's may be a password")

    def test_after_five_wrong_ones_the_right_one_has_to_wait(self):
        self.make(self.ann)
        for _ in range(5):
            fifth_began = time.monotonic()
            self.login(self.ann, WRONG, code=4)
        fifth_ended = began = time.monotonic()
        # The fifth costs a second, within which a wrong one is not looked at. One that begins after it is the sixth,
        # unless one before it was: it costs two seconds more.
        while began - fifth_ended < 1.0:
            began = time.monotonic()
            self.login(self.ann, WRONG, code=4)
        let_in = lambda: self.run_as(self.ann, "login", self.ann, "--password-file", "-", stdin=OWN.encode()).code == 0
        self.assertTrue(wait_until(let_in, rig.WAIT, 0.3))
        self.assertGreater(time.monotonic() - fifth_began, 3.0, "it was let in too soon")
        # A right one starts anew.
        self.login(self.ann, WRONG, code=4)
        self.login(self.ann, OWN)

    def test_signing_out_ends_what_is_open(self):
        self.make(self.ann, "operator")
        topic = f"topic-of-{self.ann}"
        self.await_code(0, "topic", "create", topic, who=self.ann)
        self.await_code(0, "consume", topic, "-e", who=self.ann)
        with self.consumer(self.ann, topic) as reader:
            # A broker may not have heard yet that the password is changed.
            self.await_code(0, "produce", topic, who=self.ann, stdin=b"one\n")
            self.assertEqual(reader.stdout.readline().strip(), b"one")
            token = json.loads((self.cluster.run_dir / f"home-{self.ann}" / "lanemq" / "sessions.json").read_text())
            token = next(iter(token["sessions"].values()))["token"]
            self.ended("logout", who=self.ann)
            reader.wait(timeout=rig.WAIT)
            self.assertEqual(reader.returncode, 4)
        # What was kept elsewhere is of no use any more.
        stolen = self.file_with("stolen", token)
        self.await_code(4, f"--token-file={stolen}", "topic", "list", who="nobody")
        self.ended("topic", "list", who=self.ann, code=4)
        self.ended("logout", who=self.ann)

    @contextlib.contextmanager
    def consumer(self, person, topic):
        environment = dict(os.environ, XDG_CONFIG_HOME=str(self.cluster.run_dir / f"home-{person}"))
        reader = subprocess.Popen(self.cluster.cli_command("consume", topic, "-o", "start", "-f", "%v\\n", "--token-file="),
                                  env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            yield reader
        finally:
            if reader.poll() is None:
                reader.kill()
            reader.communicate()

    def test_who_is_disabled_is_out_until_he_is_enabled(self):
        self.make(self.ann)
        self.await_code(0, "topic", "list", who=self.ann)
        self.ended("person", "disable", self.ann, "--yes")
        self.await_code(4, "topic", "list", who=self.ann)
        self.login(self.ann, OWN, code=4)
        self.ended("person", "enable", self.ann)
        self.await_code(0, "topic", "list", who=self.ann)


class RolesTest(PeopleTest):
    def test_a_viewer_describes_and_changes_nothing(self):
        self.make(self.ann)
        topic = f"ownerless-{self.ann}"
        self.ended("topic", "create", topic)
        self.ended("produce", topic, stdin=b"payload\n")
        self.await_code(0, "topic", "describe", topic, who=self.ann)
        for words in [["topic", "create", f"x-{self.ann}"], ["topic", "delete", topic, "--yes"], ["consume", topic, "-e"],
                      ["produce", topic], ["person", "put", self.bob], ["person", "password", self.bob, "--generate"],
                      ["team", "put", "mine"], ["audit", "search"], ["token", "list", "servers"]]:
            done = self.run_as(self.ann, *words, stdin=b"x\n")
            self.assertEqual(done.code, 4, (words, done))
            self.assertNotIn("payload", done.out)
        self.ended("person", "put", self.bob, "--email", "bob@example.com")
        shown = {row["person"]: row for row in self.items("person", "list", who=self.ann)}
        self.assertIsNone(shown[self.bob]["email"])

    def test_tokens_of_ones_own_are_short_lived_and_issue_no_others(self):
        self.make(self.ann)
        self.make(self.bob)
        file = str(self.cluster.run_dir / f"{self.ann}.token")
        issue = ["token", "issue", "--mine", "--output-file", file]
        self.ended(*issue, "--expires", "91d", who=self.ann, code=2)
        self.ended(*issue, "--expires", "1h", "--note", "a script", who=self.ann)
        self.await_code(0, f"--token-file={file}", "topic", "list", who="nobody")
        self.ended(f"--token-file={file}", "token", "issue", "--mine", who="nobody", code=5)
        rows = self.items("token", "list", who=self.ann)
        self.assertEqual({row["service"] for row in rows}, {f"person:{self.ann}"})
        mine = next(row for row in rows if row["note"] == "a script")
        self.ended("token", "revoke", mine["token"], "--yes", who=self.bob, code=4)
        self.ended("token", "revoke", mine["token"], "--yes", who=self.ann)
        self.await_code(4, f"--token-file={file}", "topic", "list", who="nobody")
        self.ended("token", "issue", "--mine", code=2)  # The set-up service is nobody.


class ZSecretsTest(PeopleTest):
    """Last by its name: what all the others have left behind."""

    def test_no_log_and_no_message_has_a_password_or_a_token(self):
        texts = list(self.said)
        for path in self.cluster.run_dir.rglob("*.log"):
            texts.append(path.read_text(encoding="utf-8", errors="replace"))
        texts.append(self.ended("audit", "export").out)
        self.assertGreater(len(texts), 10)
        for text in texts:
            self.assertIsNone(TOKEN.search(text))
            self.assertNotIn("argon2", text)
            for password in self.passwords:
                self.assertNotIn(password, text)


if __name__ == "__main__":
    rig.run_tests()
