"""What tests with people and services of several kinds have in common: making them, and waiting for what is so a moment later."""

import unittest

import portal_rig
import rig
from local_cluster import wait_until
from portal_rig import Client


class PeopleCase(unittest.TestCase):
    """`cluster` is set by who starts it."""

    cluster = None
    context = None

    def setUp(self):
        self.port = self.cluster.port("portal")
        self.admin = Client(self.port, self.cluster.setup_token.read_text().strip())
        self.token_ids = {}

    def ok(self, client, method, path, body=None, status=200, **keywords):
        reply = client.ask(method, path, body, **keywords)
        self.assertEqual(reply.status, status, f"{method} {path}: {reply}")
        return reply.json if reply.body else None

    def await_so(self, condition, what):
        self.assertTrue(wait_until(condition, rig.WAIT, pause=0.2), what)

    def service(self, name, **definition):
        """A client with a token of this service, which need not be known to every server yet."""
        self.ok(self.admin, "PUT", f"/services/{name}", definition)
        return self.token_of(name)

    def token_of(self, service):
        issued = self.ok(self.admin, "POST", "/tokens", {"service_name": service}, 201)
        self.token_ids[service] = issued["token"]["id"]
        return Client(self.port, issued["secret"])

    def person(self, name, role="viewer"):
        """Signed in, with a password of his own: until he has one he may do nothing else."""
        self.ok(self.admin, "PUT", f"/people/{name}", {"role": role})
        self.ok(self.admin, "PUT", f"/people/{name}/password", {"new_password": portal_rig.PASSWORD})
        client = self.signed_in(name, portal_rig.PASSWORD)
        body = {"current_password": portal_rig.PASSWORD, "new_password": portal_rig.PASSWORD + "!"}
        self.await_so(lambda: client.ask("PUT", f"/people/{name}/password", body).status == 200, name)
        return client

    def signed_in(self, name, password):
        client, replies = Client(self.port), []

        def has_come():
            replies[:] = [client.sign_in(name, password)]
            return replies[0].status != 429  # So many from one address at once.

        self.await_so(has_come, name)
        self.assertEqual(replies[0].status, 200, replies)
        return client
