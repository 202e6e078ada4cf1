#!/usr/bin/env python3
"""People sign in with a provider of identities, and what does not prove who they are is refused."""

import contextlib
import http.client
import itertools
import pathlib
import ssl
import subprocess
import time
import unittest
import urllib.parse

import portal_rig
import rig
from local_cluster import LOOPBACK, wait_until
from oidc_provider import CLIENT_ID, CLIENT_SECRET, Key, Provider

START = "/auth/oidc/start"


class OidcPortalCluster(portal_rig.PortalCluster):
    """Speaks no TLS itself; the provider does, with a certificate of this folder's authority."""

    provider = None
    public_url = None

    def start_portal(self):
        self.make_certificates()
        self.provider = Provider(self.run_dir / "server.pem", self.run_dir / "server.key")
        self.provider.__enter__()
        (self.run_dir / "client.secret").write_text(CLIENT_SECRET + "\n")
        # The same port is chosen again.
        self.public_url = f"http://{LOOPBACK}:{self.choose_port('portal')}"
        super().start_portal()

    @property
    def portal_flags(self):
        return (*super().portal_flags, "--oidc-issuer", self.provider.issuer, "--oidc-client-id", CLIENT_ID,
                "--oidc-client-secret-file", str(self.run_dir / "client.secret"), "--oidc-ca-file", str(self.authority),
                "--public-url", self.public_url)


def setUpModule():
    OidcTest.cluster = unittest.enterModuleContext(portal_rig.running_portal(OidcPortalCluster))
    OidcTest.provider = OidcTest.cluster.provider


def tearDownModule():
    OidcTest.provider.__exit__(None, None, None)


class Browser:
    """Cookies, and an address of its own: attempts to sign in are counted by address."""

    addresses = itertools.count(2)

    def __init__(self, port, authority):
        self.port, self.authority = port, authority
        self.address = f"127.0.1.{next(Browser.addresses)}"
        self.cookies = {}

    def ask(self, method, path, headers=None):
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60, source_address=(self.address, 0))
        with contextlib.closing(connection):
            sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
            connection.request(method, "/api/v1" + path, headers=sent)
            reply = connection.getresponse()
            answer = portal_rig.Answer(reply.status, reply.headers, reply.read().decode())
        for cookie in reply.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def visit(self, location):
        """The provider's page; returns where it sends the browser, behind /api/v1."""
        url = urllib.parse.urlsplit(location)
        trust = ssl.create_default_context(cafile=str(self.authority))
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", f"{url.path}?{url.query}")
            reply = connection.getresponse()
            assert reply.status == 302, reply.status
            return reply.headers["Location"].partition("/api/v1")[2]

    def start(self, path=START):
        """Returns where the provider sends it back to."""
        reply = self.ask("GET", path)
        assert reply.status == 303, reply
        return self.visit(reply.headers["Location"])

    def sign_in(self, path=START):
        return self.ask("GET", self.start(path))


class OidcTest(unittest.TestCase):
    cluster = None
    provider = None

    def setUp(self):
        self.provider.sub, self.provider.changes, self.provider.alg = "ann", {}, None
        self.provider.key = self.provider.published[0]
        self.give("ann", f"{self.provider.issuer}|ann")

    def give(self, name, subject):
        done = self.cluster.cli("person", "put", name, "--oidc-subject", subject)
        self.assertEqual(done.returncode, 0, done.stderr)

    def browser(self):
        return Browser(self.cluster.port("portal"), self.cluster.authority)

    def refused(self, reply, status, word):
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
        self.assertIn(word, reply.json["detail"])
        self.assertNotIn("lanemq_session", str(reply.headers))

    def test_a_person_signs_in_works_and_signs_out(self):
        browser = self.browser()
        reply = browser.sign_in(START + "?return_to=" + urllib.parse.quote("/topics?a=1&b=2", safe=""))
        self.assertEqual(reply.status, 200, reply)
        self.assertIn('content="0; url=/topics?a=1&amp;b=2"', reply.body)
        self.assertEqual(list(browser.cookies), ["lanemq_session"])
        self.assertEqual(self.provider.faults, [])
        seen = []

        def is_known():
            seen[:] = [browser.ask("GET", "/session")]
            return seen[0].status == 200

        self.assertTrue(wait_until(is_known, rig.WAIT, pause=0.2), seen)
        self.assertEqual(seen[0].json["principal"], "person:ann")
        self.assertEqual(browser.ask("GET", "/topics").status, 200)
        session = dict(browser.cookies)
        self.assertEqual(browser.ask("DELETE", "/session").status, 403)
        browser.cookies = session
        self.assertEqual(browser.ask("DELETE", "/session", {"X-CSRF-Token": seen[0].json["csrf_token"]}).status, 204)
        browser.cookies = session
        self.assertTrue(wait_until(lambda: browser.ask("GET", "/topics").status == 401 or browser.cookies.update(session),
                                   rig.WAIT, pause=0.2))

    def test_other_keys_of_the_provider_count_once_they_are_published(self):
        self.provider.key = Key("k2", is_rsa=False)
        self.refused(self.browser().sign_in(), 401, "has no key")
        self.provider.published.append(self.provider.key)
        # Asked for again once a minute at most: nothing changes within this test.
        self.refused(self.browser().sign_in(), 401, "has no key")

    def test_whom_nobody_knows_is_told_what_an_admin_can_do(self):
        self.provider.sub = "mallory"
        self.refused(self.browser().sign_in(), 403, f"--oidc-subject '{self.provider.issuer}|mallory'")
        # A subject by itself, as another provider could have one, is nobody's.
        self.give("mal", "mallory")
        self.refused(self.browser().sign_in(), 403, "--oidc-subject")
        self.give("mal", "")

    def test_who_is_disabled_does_not_get_in(self):
        self.give("dis", f"{self.provider.issuer}|dis")
        self.assertEqual(self.cluster.cli("person", "disable", "dis", "--yes").returncode, 0)
        self.provider.sub = "dis"
        self.refused(self.browser().sign_in(), 403, "nobody here")

    def test_tokens_that_do_not_hold_are_refused(self):
        now = int(time.time())
        for changes, word in [({"iss": "https://evil.example"}, "(iss)"), ({"aud": "payroll"}, "(aud)"),
                              ({"aud": [CLIENT_ID, "payroll"]}, "(azp)"), ({"exp": now - 3600}, "(exp)"),
                              ({"iat": now + 3600}, "(iat)"), ({"nonce": "another"}, "(nonce)"), ({"nonce": None}, "(nonce)"),
                              ({"sub": None}, "(sub)")]:
            with self.subTest(changes):
                self.provider.changes = changes
                self.refused(self.browser().sign_in(), 401, word)
        self.provider.changes = {}
        for alg in ["none", "HS256"]:
            with self.subTest(alg):
                self.provider.alg = alg
                self.refused(self.browser().sign_in(), 401, "identity token")
        self.provider.alg = None
        self.provider.key = Key(self.provider.published[0].kid)
        self.refused(self.browser().sign_in(), 401, "signature does not hold")

    def test_answers_of_other_browsers_and_old_ones_are_refused(self):
        attacker, victim = self.browser(), self.browser()
        back = attacker.start()
        self.refused(victim.ask("GET", back), 401, "no sign-in under way")
        victim.start()
        self.refused(victim.ask("GET", back), 401, "another sign-in")
        # A code of another in one's own answer: PKCE does not fit.
        mine = urllib.parse.parse_qs(back.partition("?")[2])
        other = urllib.parse.parse_qs(self.browser().start().partition("?")[2])
        query = urllib.parse.urlencode({"code": other["code"][0], "state": mine["state"][0]})
        kept = dict(attacker.cookies)
        self.refused(attacker.ask("GET", f"/auth/oidc/callback?{query}"), 401, "invalid_grant")
        # And an answer is good once, whatever came of it.
        attacker.cookies = kept
        self.refused(attacker.ask("GET", back), 401, "has been used")

    def test_an_answer_is_good_once(self):
        browser = self.browser()
        back = browser.start()
        kept = dict(browser.cookies)
        self.assertEqual(browser.ask("GET", back).status, 200)
        browser.cookies = kept
        self.refused(browser.ask("GET", back), 401, "has been used")

    def test_goes_on_at_this_gateway_alone(self):
        for place in ["//evil.example", "https://evil.example", "/\\evil.example", "/\"><script>", "/\t/evil.example"]:
            reply = self.browser().ask("GET", f"{START}?return_to={urllib.parse.quote(place, safe='')}")
            self.refused(reply, 400, "return_to")

    def test_a_provider_with_another_certificate_gets_neither_code_nor_secret(self):
        browser = self.browser()
        back = browser.start()
        folder = pathlib.Path(self.cluster.run_dir)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        "other.key", "-out", "other.pem", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1"], cwd=folder, check=True, capture_output=True)
        self.provider.tls.load_cert_chain(folder / "other.pem", folder / "other.key")
        asked = len(self.provider.codes)
        try:
            self.refused(browser.ask("GET", back), 502, "the gateway's log says why")
        finally:
            self.provider.tls.load_cert_chain(folder / "server.pem", folder / "server.key")
        self.assertEqual(len(self.provider.codes), asked)
        refusals = [line for line in self.cluster.log("portal").read_text().splitlines() if "oidc.refused" in line]
        self.assertIn("certificate", refusals[-1])

    def test_z_nothing_secret_is_in_the_log(self):
        log = self.cluster.log("portal").read_text()
        self.assertIn("oidc.refused", log)
        for secret in [CLIENT_SECRET, urllib.parse.quote(CLIENT_SECRET, safe=""), "lanemq_session=", *self.provider.given]:
            self.assertNotIn(secret, log)


if __name__ == "__main__":
    rig.run_tests()
