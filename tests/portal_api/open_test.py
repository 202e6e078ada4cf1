#!/usr/bin/env python3
"""The gateway in front of a cluster that asks nobody who he is: it serves, but no page of another site."""

import unittest

import portal_rig
import rig
from local_cluster import LocalCluster
from portal_rig import Client


def setUpModule():
    OpenTest.cluster = unittest.enterModuleContext(portal_rig.running_portal(LocalCluster))


class OpenTest(unittest.TestCase):
    cluster = None

    def setUp(self):
        self.client = Client(self.cluster.port("portal"))

    def test_serves_without_a_token(self):
        made = self.client.ask("POST", "/topics", {"name": "open", "partitions": 1})
        self.assertEqual(made.status, 201, made)
        self.assertEqual(self.client.ask("GET", "/topics/open").status, 200)
        self.assertEqual(self.client.ask("GET", "/session").json["principal"], "anonymous")
        paused = self.client.ask("POST", "/groups/g:pause", {"reason": "r"})
        self.assertIn(paused.status, (200, 404), paused)

    def test_pages_of_other_sites_get_nothing(self):
        # A name that somebody else lets lead here, and a form of another site.
        self.assertEqual(self.client.ask("GET", "/topics", headers={"Host": "evil.example"}).status, 421)
        body = {"name": "forged", "partitions": 1}
        for headers in [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]:
            self.assertEqual(self.client.ask("POST", "/topics", body, headers).status, 403)
        self.assertEqual(self.client.ask("GET", "/topics/forged").status, 404)


if __name__ == "__main__":
    rig.run_tests()
