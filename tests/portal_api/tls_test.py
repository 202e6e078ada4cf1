#!/usr/bin/env python3
"""The gateway with HTTPS in front and a cluster that speaks TLS behind."""

import contextlib
import http.client
import json
import ssl
import subprocess
import unittest

import portal_rig
import rig
from local_cluster import LOOPBACK, wait_until


class TlsPortalCluster(portal_rig.PortalCluster):
    tls = True

    @property
    def portal_flags(self):
        return (*super().portal_flags, f"--ca-file={self.authority}", f"--tls-certificate-file={self.run_dir / 'server.pem'}",
                f"--tls-key-file={self.run_dir / 'server.key'}")


def setUpModule():
    TlsTest.cluster = unittest.enterModuleContext(portal_rig.running_portal(TlsPortalCluster))


class TlsTest(unittest.TestCase):
    cluster = None

    def setUp(self):
        self.port = self.cluster.port("portal")
        self.trust = ssl.create_default_context(cafile=str(self.cluster.authority))
        self.token = self.cluster.setup_token.read_text().strip()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection(LOOPBACK, self.port, context=self.trust, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None,
                               {"Content-Type": "application/json", **(headers or {})} if body is not None else headers or {})
            reply = connection.getresponse()
            return portal_rig.Answer(reply.status, reply.headers, reply.read().decode())

    def test_serves_over_https_what_it_asks_over_tls(self):
        reply = self.ask("GET", "/topics", headers={"Authorization": f"Bearer {self.token}"})
        self.assertEqual(reply.status, 200, reply)
        self.assertIn("max-age", reply.headers["Strict-Transport-Security"])

    def test_cookies_of_plain_http_count_for_nothing(self):
        reply = self.ask("GET", "/topics", headers={"Cookie": f"lanemq_session={self.token}"})
        self.assertEqual(reply.status, 401)
        reply = self.ask("GET", "/topics", headers={"Cookie": f"__Host-lanemq_session={self.token}"})
        self.assertEqual(reply.status, 200)

    def test_plain_clients_and_old_versions_get_nothing(self):
        got = portal_rig.send_raw(self.port, b"GET /api/v1/topics HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertNotIn(b"HTTP/1.1", got)
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        connection = http.client.HTTPSConnection(LOOPBACK, self.port, context=old, timeout=60)
        with contextlib.closing(connection), self.assertRaises(OSError):
            connection.request("GET", "/api/v1/topics")

    def serial(self):
        return ssl.get_server_certificate((LOOPBACK, self.port))

    def test_takes_a_new_certificate_while_it_runs(self):
        before = self.serial()
        subprocess.run(["openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                        "-days", "2", "-extfile", "names", "-out", "server.new"],
                       cwd=self.cluster.run_dir, check=True, capture_output=True)
        (self.cluster.run_dir / "server.new").rename(self.cluster.run_dir / "server.pem")
        self.assertTrue(wait_until(lambda: self.serial() != before, rig.WAIT, pause=0.5))
        self.assertEqual(self.ask("GET", "/topics", headers={"Authorization": f"Bearer {self.token}"}).status, 200)


if __name__ == "__main__":
    rig.run_tests()
