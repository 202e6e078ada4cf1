#!/usr/bin/env python3
"""Every operation of the HTTP API x everybody, on a running cluster: allowed or refused as the one table says, and told."""

import re
import time
import unittest
import urllib.parse
import urllib.request

import access_calls
import portal_rig
import rig
from local_cluster import LOOPBACK, wait_until
from people_rig import PeopleCase
from portal_rig import Client

REFUSED = re.compile(r'"(?:code|error_code)":"(?:\w+_AUTHORIZATION_FAILED|AUTHENTICATION_FAILED)"')
ENDS_S = 10.0  # From the making of what ends by itself.


def setUpModule():
    MatrixTest.cluster = unittest.enterModuleContext(portal_rig.running_portal())


def is_refused(reply):
    """Calls about many partitions are answered for each."""
    return reply.status in (401, 403) or (reply.status < 300 and REFUSED.search(reply.body) is not None)


class MatrixTest(PeopleCase):
    def everybody(self):
        people = {name: self.person(name, role) for name, role in [
            ("vera", "viewer"), ("mick", "viewer"), ("lena", "viewer"), ("otto", "viewer"), ("olga", "operator"), ("adam", "admin")]}
        self.ok(self.admin, "PUT", "/teams/shop",
                {"members": [{"person": "lena", "role": "lead"}, {"person": "mick", "role": "member"}]})
        self.ok(self.admin, "PUT", "/teams/other", {"members": [{"person": "otto", "role": "lead"}]})
        self.ok(self.admin, "POST", "/topics", {"name": "orders", "partitions": 1}, 201)
        for kind, name in [("topic", "orders"), ("group", "pickers"), ("topic", "ghost"), ("group", "ghost")]:
            self.ok(self.admin, "PUT", f"/owners/{kind}/{name}", {"team": "shop"})
        services = {"cart": self.service("cart", team="shop"), "late": self.service("late", team="other"),
                    "ops": self.service("ops", kind="operator"), "servers": self.token_of("servers"),
                    "portal": self.token_of("portal"), "revoked": self.service("revoked", kind="admin"), "setup": self.admin}
        left = self.signed_in("adam", portal_rig.PASSWORD + "!")
        copy = Client(self.port)
        copy.cookie, copy.csrf = left.cookie, left.csrf
        self.ends = time.time() + ENDS_S
        for kind, name, actions in [("topic", "orders", ["describe", "produce", "consume", "peek", "manage"]),
                                    ("group", "pickers", ["describe", "consume", "manage"])]:
            self.ok(self.admin, "POST", "/grants", {"kind": kind, "name": name, "principal": "service:late", "actions": actions,
                                                    "expires_at_us": str(int(self.ends * 1e6))}, 201)
        return {"nobody": Client(self.port), "wrong": Client(self.port, "lmq_" + "a" * 10 + "_" + "b" * 43), "left": copy,
                **services, **people}, left

    def send_away(self, everybody, left):
        """What was open to them is used once, by way of both kinds of servers; then it ends."""
        self.await_books()
        ended = ["late", "revoked", "left"]
        for who in ["cart", *ended]:
            for operation in ["listTopics", "produce"]:
                self.await_so(lambda name=who, op=operation: not is_refused(self.call(everybody[name], op)), who)
        self.assertEqual(left.ask("DELETE", "/session").status, 204)
        self.ok(self.admin, "DELETE", f"/tokens/{self.token_ids['revoked']}")
        self.await_books()
        self.await_so(lambda: time.time() > self.ends, "grants end")
        for who in [*ended, "wrong"]:
            for operation in ["listTopics", "produce"]:
                if (who, operation) != ("late", "listTopics"):
                    self.await_so(lambda name=who, op=operation: is_refused(self.call(everybody[name], op)), who)

    def metric(self, server, pattern):
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.cluster.port(server, 'admin_port')}/metrics", timeout=10) as reply:
            return sum(float(value) for value in re.findall(rf"^{pattern}\S* (\S+)", reply.read().decode(), re.M))

    def brokers(self):
        return [name for name in self.cluster.server_names() if name.startswith("broker")]

    def await_books(self):
        """Until both brokers have what the metaserver has decided so far."""
        version = int(self.cluster.query("SELECT version FROM lanemq_meta.access_state", "--batch", "--skip-column-names"))
        self.await_so(lambda: all(self.metric(name, "lanemq_broker_access_book_version") >= version for name in self.brokers()), version)

    # ------------------------------------------------------------ the calls

    def call(self, client, operation):
        places, query, body = access_calls.CALLS[operation]
        method, path = self.where[operation]
        for name, value in places.items():
            path = path.replace("{" + name + "}", str(value))
        self.assertNotIn("{", path)
        if operation == "cancelDelayed":
            body = {"handles": [self.handle]}
        return client.ask(method, path + ("?" + query if query else ""), body)

    def prepare(self, operation):
        """What a call takes away is there for the next one."""
        if operation in ("deleteTopic", "deleteGroup"):
            self.ok(self.admin, "PUT", f"/owners/{operation[6:].lower()}/ghost", {"team": "shop"})
        if operation == "cancelDelayed":
            self.handle = self.ok(self.admin, "POST", "/delayed", access_calls.CALLS["schedule"][2])["partitions"][0]["handles"][0]
        if operation == "cancelRedrive":
            self.call(self.admin, "redrive")

    def refused_by_brokers(self):
        return sum(self.metric(name, "lanemq_broker_access_refused_total") for name in self.brokers())

    def check(self, who, operation, reply):
        rpc = access_calls.rpc_of(operation)
        if who in access_calls.GONE:
            # Whoever has many tokens that are none is not answered so soon.
            codes = ["AUTHENTICATION_FAILED"] + (["THROTTLED", "METADATA_UNAVAILABLE"] if who != "nobody" else [])
            self.assertIn(reply.json["code"], codes, reply)
            self.assertIn(reply.status, (401, 429, 503), reply)
        else:
            self.assertLess(reply.status, 500, reply)
            self.assertEqual(not is_refused(reply), access_calls.may(who, rpc), reply)
        if reply.status >= 400:
            self.assertEqual(reply.headers["Content-Type"], "application/problem+json")
            self.assertEqual((reply.json["status"], reply.json["request_id"]), (reply.status, reply.headers["X-Request-Id"]))
            self.assertNotIn("lmq_", reply.body)
        if reply.status == 403:
            self.assertEqual(reply.json["code"], access_calls.access_table()[rpc][1].upper() + "_AUTHORIZATION_FAILED", reply)

    def test_every_operation_is_allowed_to_whom_the_table_says(self):
        operations = access_calls.operations()
        self.where = {operation: (method, path) for method, path, operation in operations}
        self.assertEqual(set(self.where), set(access_calls.CALLS) | access_calls.OF_THE_GATEWAY, "a call of each is needed")
        self.assertEqual([op for op in access_calls.CALLS if access_calls.rpc_of(op) not in access_calls.access_table()], [])
        everybody, left = self.everybody()
        self.send_away(everybody, left)
        before = self.refused_by_brokers()
        changes, reads, refused_there = set(), set(), 0
        for operation in access_calls.CALLS:
            rpc = access_calls.rpc_of(operation)
            for who, client in everybody.items():
                with self.subTest(who=who, operation=operation):
                    self.prepare(operation)
                    reply = self.call(client, operation)
                    self.check(who, operation, reply)
                    if is_refused(reply) and who not in access_calls.GONE:
                        if access_calls.is_of_brokers(rpc):
                            refused_there += 1
                        else:
                            (reads if self.where[operation][0] == "GET" else changes).add((who, rpc))
        self.assertGreater(len(changes), 100)
        self.assertGreater(len(reads), 20)
        self.assertGreaterEqual(self.refused_by_brokers() - before, refused_there)
        self.check_told(changes, reads, everybody["vera"])

    def check_told(self, changes, reads, vera):
        """Attempts to change something are in the audit log; the others are logged, and counted where they are too many."""
        def missing():
            events, cursor = [], ""
            while cursor is not None:
                page = self.ok(self.admin, "GET", f"/audit?result=denied&limit=1000{cursor}")
                events += page["events"]
                cursor = f"&cursor={urllib.parse.quote(page['next_cursor'], safe='')}" if page.get("next_cursor") else None
            return sorted(changes - {(event["actor"].partition(":")[2], event["action"]) for event in events})

        if not wait_until(lambda: not missing(), rig.WAIT / 6, pause=0.5):
            self.fail(missing())

        def logged():
            # The next line says what was left out before it.
            self.assertEqual(vera.ask("GET", "/slow-calls").status, 403)
            log = self.cluster.log("metaserver").read_text(errors="replace")
            lines = re.findall(r"access\.refused principal=\w+:(\w+) .*left_out_since=(\d+)", log)
            self.assertLessEqual({who for who, _ in reads}, {who for who, _ in lines})
            return len(lines) + sum(int(left_out) for _, left_out in lines)

        self.await_so(lambda: logged() > len(reads), len(reads))


if __name__ == "__main__":
    rig.run_tests()
