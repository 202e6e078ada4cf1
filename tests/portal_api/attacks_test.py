#!/usr/bin/env python3
"""Attacks on the HTTP gateway of a real cluster; at the end it still serves, and no log has a secret."""

import concurrent.futures
import json
import re
import socket
import unittest

import portal_rig
import rig
from local_cluster import LOOPBACK
from portal_rig import Client, send_raw


def setUpModule():
    Base.cluster = unittest.enterModuleContext(portal_rig.running_portal())
    Base.admin_token = (Base.cluster.setup_token).read_text().strip()


class Base(unittest.TestCase):
    cluster = None
    admin_token = None

    def setUp(self):
        self.port = self.cluster.port("portal")
        self.admin = Client(self.port, self.admin_token)

    def tearDown(self):
        # Whatever was tried: it serves.
        self.assertEqual(self.admin.ask("GET", "/topics").status, 200)

    def status_of(self, data):
        got = send_raw(self.port, data)
        return int(got.split()[1]) if got.startswith(b"HTTP/1.1 ") else 0

    def request(self, line, headers="", body=b""):
        head = f"{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {self.admin_token}\r\n{headers}\r\n"
        return head.encode() + body


class PathTest(Base):
    def test_paths_lead_nowhere_else(self):
        for path in ["/../../etc/passwd", "/api/v1/../../metrics", "/api/v1/topics/../../../etc/passwd", "/api/v1//topics",
                     "/api/v1/topics/%2e%2e", "/api/v1/topics/%00", "/api/v1/topics/..%5c..", "/metrics", "/healthz",
                     "/api/v1/topics%2Forders", "http://127.0.0.1/api/v1/topics", "//evil.example/api/v1/topics"]:
            got = send_raw(self.port, self.request(f"GET {path}"))
            if not self.is_the_document(path, got):
                self.assertIn(int(got.split()[1]), (400, 404), path)

    def is_the_document(self, path, got):
        """Whatever the API does not own is the pages' one document, the same for each path."""
        if path.startswith("/api/") or not got.startswith(b"HTTP/1.1 200 "):
            return False
        return got.partition(b"\r\n\r\n")[2] == send_raw(self.port, self.request("GET /")).partition(b"\r\n\r\n")[2]

    def test_an_encoded_slash_is_a_letter_of_a_name(self):
        reply = self.admin.ask("GET", "/topics/a%2Fpartitions")
        self.assertIn(reply.status, (400, 404))
        self.assertIn("a/partitions", reply.json["detail"])


class SizeTest(Base):
    def test_large_headers_and_bodies(self):
        self.assertEqual(self.status_of(self.request("GET /api/v1/topics", f"X: {'a' * 20000}\r\n")), 431)
        many = "".join(f"X-{i}: {'a' * 100}\r\n" for i in range(300))
        self.assertEqual(self.status_of(self.request("GET /api/v1/topics", many)), 431)
        large = f"Content-Type: application/json\r\nContent-Length: {5 << 20}\r\n"
        self.assertEqual(self.status_of(self.request("POST /api/v1/topics", large)), 413)
        chunks = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        self.assertEqual(self.status_of(self.request("POST /api/v1/topics", chunked, chunks * 5 + b"0\r\n\r\n")), 413)

    def test_bombs_of_json(self):
        deep = "[" * 1000000
        wide = '{"name":"t","partitions":1,"pinned_nodes":[' + ",".join(['"a"'] * 100001) + "]}"
        twice = '{"name":"a","name":"b","partitions":1}'
        for body in [deep, wide, twice, '{"name":"a"', "\ufeff{}", "[1e999999]", '{"a":' * 20 + "1" + "}" * 20]:
            reply = self.admin.ask("POST", "/topics", body.encode())
            self.assertEqual(reply.status, 400, f"{body[:40]}: {reply}")

    def test_two_lengths_are_not_a_request(self):
        smuggled = b"0\r\n\r\nDELETE /api/v1/topics/x HTTP/1.1\r\nHost: x\r\n\r\n"
        both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
        self.assertEqual(self.status_of(self.request("POST /api/v1/topics", both, smuggled)), 400)

    def test_silent_and_slow_clients_do_not_stop_others(self):
        half_sent = [socket.create_connection((LOOPBACK, self.port)) for _ in range(60)]
        try:
            for connection in half_sent[:30]:
                connection.sendall(b"POST /api/v1/topics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
            for connection in half_sent[30:]:
                connection.sendall(b"GET /api/v1/topics HTTP/1.1\r\nX-Slow:")
            for _ in range(5):
                self.assertEqual(self.admin.ask("GET", "/topics").status, 200)
        finally:
            for connection in half_sent:
                connection.close()

    def test_an_address_has_no_more_connections_than_it_may(self):
        held = [socket.create_connection((LOOPBACK, self.port)) for _ in range(110)]
        try:
            for connection in held:
                connection.settimeout(10)
            refused = 0
            for connection in held[-5:]:
                try:
                    refused += connection.recv(1) == b""
                except ConnectionError:
                    refused += 1
            self.assertEqual(refused, 5)
        finally:
            for connection in held:
                connection.close()
        # They are free again.
        for _ in range(100):
            try:
                if self.admin.ask("GET", "/topics").status == 200:
                    break
            except OSError:
                continue


class BodyTest(Base):
    def test_forms_of_other_sites_are_no_requests(self):
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]:
            reply = self.admin.ask("POST", "/topics", '{"name":"t","partitions":1}', {"Content-Type": kind})
            self.assertEqual(reply.status, 415)

    def test_nobody_speaks_for_others(self):
        for body in [{"origin": {"on_behalf_of": "person:root"}}, {"origin": {"source_address": "1.2.3.4"}}]:
            reply = self.admin.ask("POST", "/topics", {"name": "behalf", "partitions": 1, **body})
            self.assertEqual((reply.status, reply.json["faults"][0]["pointer"]), (400, "/origin"))
        # Whoever is no trusted proxy says in vain who is behind him.
        self.admin.ask("PUT", "/teams/spoof", {}, {"X-Forwarded-For": "6.6.6.6"})
        events = self.admin.ask("GET", "/audit?object_kind=team&object_name=spoof").json["events"]
        self.assertNotIn("6.6.6.6", json.dumps(events))

    def test_names_are_checked_and_come_back_as_text(self):
        for name in ["<script>alert(1)</script>", "'; DROP TABLE topics; --", "a\u0000b", "x" * 300, "../etc", "%s%n"]:
            reply = self.admin.ask("POST", "/topics", {"name": name, "partitions": 1})
            self.assertEqual(reply.status, 400, f"{name!r}: {reply}")
            self.assertTrue(reply.headers["Content-Type"].startswith("application/problem+json"))
            self.assertEqual(reply.headers["X-Content-Type-Options"], "nosniff")

    def test_headers_of_replies_cannot_be_made(self):
        reply = self.admin.ask("GET", "/topics/x%0d%0aSet-Cookie:%20a=b")
        self.assertEqual(reply.status, 404)
        self.assertIsNone(reply.headers["Set-Cookie"])


class GuessTest(Base):
    def test_guessing_passwords_is_limited(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            guesses = list(pool.map(lambda i: Client(self.port).sign_in("root", f"canary guess number {i}").status, range(40)))
        self.assertGreaterEqual(guesses.count(429), 28, guesses)
        self.assertNotIn(200, guesses)


class SecretsTest(Base):
    def test_no_log_has_a_secret(self):
        secrets = ["canarysecretone", "canarysecrettwo", "canarysecretthree", "canarysecretfour"]
        self.admin.ask("GET", f"/topics?token={secrets[0]}")
        self.admin.ask("POST", "/topics", {"password": secrets[1]})
        self.admin.ask("POST", "/nodes", {"name": "n", "host": "127.0.0.1", "port": 1, "user": "u", "password": secrets[2]})
        Client(self.port).sign_in("ann", secrets[3])
        Client(self.port, "lmq_" + "c" * 10 + "_" + "canary" * 7 + "x").ask("GET", "/topics")
        issued = self.admin.ask("PUT", "/services/secretive", {"kind": "operator"})
        issued = self.admin.ask("POST", "/tokens", {"service_name": "secretive"})
        self.assertEqual(issued.status, 201, issued)
        logs = {path.name: path.read_text(errors="replace") for path in (self.cluster.run_dir / "log").glob("*.log")}
        self.assertIn("portal.log", logs)
        self.assertIn("http.request", logs["portal.log"])
        token = re.compile(r"lmq_[0-9A-Za-z]{10}_[0-9A-Za-z]{43}")
        for name, text in [*logs.items(), ("metrics", self.cluster.admin_metrics())]:
            self.assertIsNone(token.search(text), name)
            for secret in secrets:
                self.assertNotIn(secret, text, name)


if __name__ == "__main__":
    rig.run_tests()
