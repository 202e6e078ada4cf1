#!/usr/bin/env python3
"""Secrets of every kind go in at every door of a running cluster; then nothing that it says or keeps has one of them.

Looked through: logs (at level debug), pages of the admin ports, problems over HTTP, what commands print, command lines, files, and
every table of the metadata database. The one table that keeps a secret as it is, the URLs of alert channels, shows that looking finds.
"""

import base64
import os
import pathlib
import re
import socket
import stat
import unittest
import urllib.error
import urllib.request

import portal_rig
import rig
from local_cluster import LOOPBACK
from people_rig import PeopleCase
from portal_rig import Client

TOKEN = re.compile(rb"lmq_[0-9A-Za-z]{10}_[0-9A-Za-z]{43}")
PAGES = ["/metrics", "/status", "/config", "/version", "/healthz", "/readyz", "/debug/slow", "/debug", "/"]
SERVERS = ["metaserver", "broker-1", "broker-2", "portal", "canary"]
MARK = "canarysecret"  # Each secret of ours begins so; no name does.
RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, LOCK TABLES"


class TalkativeCluster(portal_rig.PortalCluster):
    """Says all it can, and seals logins of data nodes."""

    portal_flags = (*portal_rig.PortalCluster.portal_flags, "--log-level=debug")

    def launch(self, name, argv):
        key_file = self.run_dir / "credentials.key"
        if not key_file.exists():
            with open(os.open(key_file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as file:
                file.write(os.urandom(32).hex() + "\n")
        if name == "metaserver" or name.startswith("broker"):
            argv = [*argv, f"--credentials-key-file={key_file}", "--log-level=debug"]
        return super().launch(name, argv)


def setUpModule():
    SecretsTest.cluster = unittest.enterModuleContext(portal_rig.running_portal(TalkativeCluster))
    with SecretsTest.cluster.locked():
        SecretsTest.cluster.start_server("canary")
    unittest.addModuleCleanup(SecretsTest.cluster.stop, "canary")


class SecretsTest(PeopleCase):
    def setUp(self):
        super().setUp()
        self.secrets = {}  # What it is: the text.
        self.said = {}  # Where it was said: bytes.
        self.keepers = {self.cluster.setup_token}  # Files that are there to have one.

    def secret(self, what):
        self.assertNotIn(what, self.secrets)
        self.secrets[what] = f"{MARK}{len(self.secrets):02}{what.replace(' ', '')}"
        return self.secrets[what]

    def file_of(self, what):
        path = self.cluster.run_dir / f"given{len(self.secrets)}"
        path.write_text(self.secret(what) + "\n")
        self.keepers.add(path)
        return path

    def heard(self, where, reply):
        self.said[f"HTTP: {where}"] = (reply.body + str(reply.headers)).encode()
        return reply

    def command(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        self.said[f"lanemq {' '.join(arguments[:3])}"] = (done.out + done.err).encode()

    # ------------------------------------------------------------ the doors

    def by_http(self):
        secret, admin = self.secret, self.admin
        for where, reply in [
                ("query", admin.ask("GET", f"/topics?token={secret('query')}")),
                ("filter", admin.ask("GET", f"/topics?filter={secret('filter')}")),
                ("unknown field", admin.ask("POST", "/topics", {"name": "x", "partitions": 1, "password": secret("unknown field")})),
                ("wrong type", admin.ask("POST", "/topics", {"name": "x", "partitions": secret("wrong type")})),
                ("no JSON", admin.ask("POST", "/topics", f'{{"name": "{secret("no JSON")}"')),
                ("bearer", Client(self.port, secret("bearer")).ask("GET", "/topics")),
                ("shaped as a token", Client(self.port, "lmq_" + "c" * 10 + "_" + "C" * 43).ask("GET", "/topics")),
                ("wrong password", Client(self.port).sign_in("ann", secret("wrong password"))),
                ("password as a name", Client(self.port).sign_in(secret("as a name"), "x" * 20)),
                ("too many fields", Client(self.port).ask("POST", "/session", {"name": "ann", "passwrod": secret("misspelt")})),
                ("node", admin.ask("POST", "/nodes", {"name": "n", "host": LOOPBACK, "port": 1, "user": "u",
                                                      "password": secret("of a node")}))]:
            self.assertGreaterEqual(reply.status, 400, where)
            self.heard(where, reply)
        basic = base64.b64encode(f"ann:{secret('basic')}".encode()).decode()
        self.secrets["basic, encoded"] = basic
        for name, value in [("Authorization", f"Basic {basic}"), ("Cookie", f"lanemq_session={secret('cookie')}")]:
            self.heard(name, Client(self.port).ask("GET", "/teams", headers={name: value}))
        for name in ["X-CSRF-Token", "X-Api-Key", "If-Match", "X-Forwarded-For", "Referer", "User-Agent"]:
            self.heard(name, admin.ask("GET", "/teams", headers={name: secret(name)}))
        body = {"bundle_json": {"changes": [{"kind": "put_team", "name": "keyed"}]}}
        self.heard("key", admin.ask("POST", "/requests", body, headers={"Idempotency-Key": secret("bundle")[:60], "X-Request-Id": secret("id")}))
        # A request keeps its key: whoever sends it again is to get the same one. It is no secret, but is not to be told either.
        self.kept = {self.secrets.pop("bundle")}

    def by_people(self):
        first, own = self.secret("first password"), self.secret("own password")
        self.ok(self.admin, "PUT", "/people/ann", {"role": "operator"})
        self.ok(self.admin, "PUT", "/people/ann/password", {"new_password": first})
        ann = self.signed_in("ann", first)
        self.secrets["session"] = ann.cookie.partition("=")[2]
        self.secrets["against forgery"] = ann.csrf
        for status, current in [(401, self.secret("wrong current one")), (200, first)]:
            reply = ann.ask("PUT", "/people/ann/password", {"current_password": current, "new_password": own})
            self.assertEqual(reply.status == 200, status == 200, reply)
            self.heard(f"password {status}", reply)
        self.heard("session", ann.ask("GET", "/topics"))
        return ann

    def by_what_is_kept(self, ann):
        """A data node's login, an alert channel's URL, tokens, messages."""
        password = self.secret("sealed login")
        self.cluster.query(f"CREATE USER keeper@'%' IDENTIFIED BY '{password}'")
        self.cluster.query(f"GRANT {RIGHTS} ON `lanemq\\_%`.* TO keeper@'%'")
        kept = self.admin.ask("PATCH", f"/nodes/{rig.NODE_NAME}", {"user": "keeper", "password": password})
        self.assertEqual(kept.status, 200, kept)
        self.heard("sealed", kept)
        self.heard("nodes", self.admin.ask("GET", "/nodes"))
        hook = {"type": "webhook", "url": f"http://{LOOPBACK}:1/{self.secret('hook')}"}
        self.assertEqual(self.admin.ask("PUT", "/alert-channels/ops", hook).status, 200)
        self.heard("test", self.admin.ask("POST", "/alert-channels/ops:test", {}))
        self.heard("channels", ann.ask("GET", "/alert-channels"))
        for name in ["kept", "revoked"]:
            client = self.service(name, kind="operator")
            self.secrets[f"token {name}"] = client.token
            self.heard("by token", client.ask("GET", "/topics"))
        self.ok(self.admin, "DELETE", f"/tokens/{self.token_ids['revoked']}")
        self.ok(self.admin, "POST", "/topics", {"name": "letters", "partitions": 1}, 201)
        message = {"key": self.secret("key"), "body": self.secret("body"), "headers": [{"name": "h", "value": self.secret("header")}]}
        sent = {"partitions": [{"topic": "letters", "partition": 0, "messages": [message]}]}
        self.await_so(lambda: "error" not in self.ok(self.admin, "POST", "/messages", sent)["partitions"][0], "produce")

    def by_commands(self):
        wrong = self.file_of("typed wrong")
        self.command("login", "ann", "--password-file", str(wrong), "--token-file=", code=4)
        self.command("topic", "list", "--token-file", str(self.file_of("no token")), code=4)
        self.command("person", "put", "bob")
        given = self.file_of("of bob")
        self.command("person", "password", "bob", "--password-file", str(given))
        self.command("node", "alter", rig.NODE_NAME, "--user=keeper", "--password-file", str(self.file_of("wrong login")), code=5)
        home = self.cluster.run_dir / "home"
        own = self.file_of("own of bob")
        self.command("login", "bob", "--password-file", str(given), "--new-password-file", str(own), "--token-file=",
                     env={**os.environ, "XDG_CONFIG_HOME": str(home)})
        kept = home / "lanemq" / "sessions.json"
        self.assertEqual(stat.S_IMODE(kept.stat().st_mode), 0o600)
        self.keepers.add(kept)

    def by_bare_bytes(self):
        """At ports that expect something else."""
        for name in SERVERS:
            for kind in ["port", "admin_port"]:
                if port := self.cluster.port(name, kind):
                    line = (f"GET /metrics?token={self.secret(f'at {name} {kind}')} HTTP/1.1\r\nHost: x\r\n"
                            f"Authorization: Bearer {self.secret(f'bearer at {name} {kind}')}\r\n\r\n")
                    self.said[f"bytes to {name} {kind}"] = self.send(port, line.encode())

    @staticmethod
    def send(port, data):
        """Some ports wait for more, and close when nothing comes."""
        with socket.create_connection((LOOPBACK, port), timeout=30) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            got = b""
            try:
                while piece := connection.recv(65536):
                    got += piece
            except OSError:
                pass
            return got

    # ------------------------------------------------------------ the look

    def collect(self):
        cluster = self.cluster
        for name in SERVERS:
            log = cluster.log(name).read_bytes()
            self.assertGreater(len(log), 100, name)
            self.said[f"log of {name}"] = log
            argv = pathlib.Path(f"/proc/{cluster.entry(name)['pid']}/cmdline").read_bytes()
            self.said[f"command line of {name}"] = argv
            port = cluster.port(name, "admin_port") or cluster.port(name)
            for page in PAGES:
                try:
                    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{page}", timeout=30) as reply:
                        self.said[f"{name} {page}"] = reply.read()
                except urllib.error.HTTPError as error:
                    self.said[f"{name} {page}"] = error.read()
        databases = cluster.run_dir / "db"
        keepers = {*self.keepers, cluster.run_dir / "servers.token", cluster.run_dir / "portal.token"}
        for path in cluster.run_dir.rglob("*"):
            if path.is_file() and databases not in path.parents and path.suffix != ".log":
                if path not in keepers:
                    self.said[f"file {path.name}"] = path.read_bytes()
                elif not path.name.startswith("given"):
                    self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600, path)
        tables = cluster.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'lanemq_meta'",
                               "--batch", "--skip-column-names").split()
        self.assertGreater(len(tables), 20)
        for table in tables:
            self.said[f"table {table}"] = cluster.query(f"SELECT * FROM lanemq_meta.{table}", "--batch").encode()

    def test_nothing_that_is_said_or_kept_has_a_secret(self):
        self.by_http()
        ann = self.by_people()
        self.by_what_is_kept(ann)
        self.by_commands()
        self.by_bare_bytes()
        self.collect()
        found = {(where, what) for where, text in self.said.items() for what, secret in self.secrets.items() if secret.encode() in text}
        found |= {(where, "a token") for where, text in self.said.items() if TOKEN.search(text)}
        found |= {(where, "the key of a request") for where, text in self.said.items() for key in self.kept
                  if key.encode() in text and not where.startswith("table change_request")}
        self.assertEqual(found, {("table alert_channels", "hook")})
        self.assertIn(b"http.request", self.said["log of portal"])
        self.assertIn(rig.NODE_NAME.encode(), self.said["table data_nodes"])


if __name__ == "__main__":
    rig.run_tests()
