#!/usr/bin/env python3
"""The HTTP API against a real cluster that asks for tokens: what is made, found, changed and refused, and by whom."""

import json
import unittest

import portal_rig
import rig
from local_cluster import wait_until
from portal_rig import Client

NASTY = "'; DROP TABLE topics; -- <script>alert(1)</script> \U0001f4a3 \\ \" %s ${x} \u202e"


def setUpModule():
    Base.cluster = unittest.enterModuleContext(portal_rig.running_portal())
    Base.admin_token = (Base.cluster.setup_token).read_text().strip()


class Base(unittest.TestCase):
    cluster = None
    admin_token = None
    names = 0

    def setUp(self):
        Base.names += 1
        self.number = Base.names
        self.port = self.cluster.port("portal")
        self.admin = Client(self.port, self.admin_token)

    def ok(self, client, method, path, body=None, status=200, **keywords):
        reply = client.ask(method, path, body, **keywords)
        self.assertEqual(reply.status, status, f"{method} {path}: {reply}")
        return reply.json if reply.body else None

    def await_status(self, status, client, method, path, body=None):
        """Rights and tokens count within a second or two."""
        last = []

        def is_so():
            last[:] = [client.ask(method, path, body)]
            return last[0].status == status

        self.assertTrue(wait_until(is_so, rig.WAIT / 3, pause=0.2), f"{method} {path}: {last}")
        return last[0]

    def service(self, name, team=None, kind=None):
        """A client with a new token of a new service."""
        body = {key: value for key, value in [("team", team), ("kind", kind)] if value}
        self.ok(self.admin, "PUT", f"/services/{name}", body)
        secret = self.ok(self.admin, "POST", "/tokens", {"service_name": name}, 201)["secret"]
        client = Client(self.port, secret)
        self.await_status(200, client, "GET", "/session")
        return client

    def team(self, name):
        self.ok(self.admin, "PUT", f"/teams/{name}", {"description": "made over HTTP"})
        return name


class CrudTest(Base):
    def test_topics_are_listed_with_what_is_known_of_them(self):
        name = self.team(f"known{self.number}")
        self.ok(self.admin, "POST", "/topics", {"name": name, "partitions": 2}, 201)
        self.ok(self.admin, "PUT", f"/owners/topic/{name}", {"team": name})
        messages = {"topic": name, "partition": 0, "messages": [{"body": "a"}, {"body": "b"}]}

        def is_stored():
            reply = self.admin.ask("POST", "/messages", {"partitions": [messages]})
            return reply.status == 200 and "error" not in reply.json["partitions"][0]

        self.assertTrue(wait_until(is_stored, rig.WAIT / 3, pause=0.2), "produce")
        path = f"/topics?filter=name:{name}&filter=figures.stored_messages:%3E1&sort=-figures.stored_messages"
        self.assertTrue(wait_until(lambda: self.admin.ask("GET", path).json.get("topics"), rig.WAIT, pause=0.5), path)
        topic = self.ok(self.admin, "GET", path)["topics"][0]
        self.assertEqual((topic["owner"], topic["figures"]["stored_messages"]), (name, "2"))
        short = self.ok(self.admin, "GET", f"/topics?filter=name:{name}&omit_partitions=true")["topics"][0]
        self.assertEqual((short["partition_count"], short["partitions"]), (2, []))
        self.assertEqual(short["node_ids"], sorted({one["node_id"] for one in topic["partitions"]}))
        self.assertEqual({**short, "figures": None}, {**topic, "figures": None, "partitions": [], "partition_count": 2,
                                                      "node_ids": short["node_ids"]})

        letters = self.await_status(200, self.admin, "GET", "/dead-letters").json
        self.assertEqual([row for row in letters["groups"] if row["topic"] == name], [])
        history = self.ok(self.admin, "GET", f"/topics/{name}/history?limit=1")
        self.assertEqual([event["source"] for event in history["events"]], [""])
        self.assertIn("next_cursor", history)  # The owner was set after it was made.

    def test_a_team_is_changed_as_it_was_seen(self):
        name = self.team(f"seen{self.number}")
        version = self.ok(self.admin, "GET", f"/teams?filter=name:{name}")["teams"][0]["version"]
        tag = {"If-Match": f'"v{version}"'}
        self.ok(self.admin, "PUT", f"/teams/{name}", {"description": "first"}, headers=tag)
        late = self.ok(self.admin, "PUT", f"/teams/{name}", {"description": "second"}, 409, headers=tag)
        self.assertEqual(late["code"], "CONFLICT")
        self.assertEqual(self.ok(self.admin, "GET", f"/teams?filter=name:{name}")["teams"][0]["description"], "first")

    def test_a_topic_from_its_making_to_its_end(self):
        name = f"orders{self.number}"
        self.ok(self.admin, "POST", "/topics?dry_run=true", {"name": name, "partitions": 2})
        self.assertEqual(self.admin.ask("GET", f"/topics/{name}").status, 404)
        made = self.ok(self.admin, "POST", "/topics",
                       {"name": name, "partitions": 2, "config": {"retention.ms": "86400000"}, "reason": "ticket 1"}, 201)
        self.assertEqual((made["topic"]["name"], made["topic"]["state"]), (name, "ACTIVE"))
        seen = self.ok(self.admin, "GET", f"/topics/{name}")["topic"]
        self.assertEqual(seen["config"], {"retention.ms": "86400000"})
        self.assertIsInstance(seen["topic_id"], str)  # 64 bits.
        self.ok(self.admin, "PATCH", f"/topics/{name}", {"description": NASTY})
        self.assertEqual(self.ok(self.admin, "GET", f"/topics/{name}")["topic"]["description"], NASTY)
        grown = self.ok(self.admin, "PUT", f"/topics/{name}/partitions", {"partitions": 3})
        self.assertEqual(len(grown["topic"]["partitions"]), 3)
        self.assertIn(name, [topic["name"] for topic in self.ok(self.admin, "GET", "/topics?limit=1000")["topics"]])
        self.ok(self.admin, "DELETE", f"/topics/{name}?reason=done")
        self.await_status(404, self.admin, "GET", f"/topics/{name}")
        events = self.ok(self.admin, "GET", f"/audit?object_kind=topic&object_name={name}")["events"]
        self.assertEqual([event["action"] for event in events],
                         ["deleteTopic", "addPartitions", "alterTopic", "createTopic"])
        self.assertEqual((events[0]["reason"], events[-1]["reason"]), ("done", "ticket 1"))

    def test_messages_there_and_back(self):
        name = f"letters{self.number}"
        self.ok(self.admin, "POST", "/topics", {"name": name, "partitions": 1}, 201)
        team = self.team(f"post{self.number}")
        writer = self.service(f"writer{self.number}", team)
        self.ok(self.admin, "PUT", f"/owners/topic/{name}", {"team": team})
        messages = [{"key": "k", "body": NASTY}, {"body_base64": "/wE="}]
        sent = {"partitions": [{"topic": name, "partition": 0, "messages": messages}]}

        def is_stored():
            reply = writer.ask("POST", "/messages", sent)
            return reply.status == 200 and "error" not in reply.json["partitions"][0]

        self.assertTrue(wait_until(is_stored, rig.WAIT / 3, pause=0.2))
        got = self.ok(writer, "POST", "/messages:fetch",
                      {"partitions": [{"topic": name, "partition": 0, "offset": "1"}], "max_wait_ms": 0})
        first, second = got["partitions"][0]["messages"][:2]
        self.assertEqual((first["key"], first["body"], first["offset"]), ("k", NASTY, "1"))
        self.assertEqual((second["body_base64"], second.get("body")), ("/wE=", None))
        # Who may consume may not search: that takes the right to peek.
        refused = writer.ask("POST", f"/topics/{name}/messages:search", {"key_equals": "k"})
        self.assertEqual(refused.status, 403, refused)
        searched = self.ok(self.admin, "POST", f"/topics/{name}/messages:search", {"key_equals": "k"})
        self.assertEqual([one["message"]["offset"] for one in searched["messages"]], ["1"])
        self.assertTrue(searched["is_complete"])
        self.assertEqual([searched["ranges"][0][end] for end in ("from_offset", "to_offset")], ["1", "3"])

    def test_teams_services_tokens_grants_and_owners(self):
        team = self.team(f"team{self.number}")
        client = self.service(f"svc{self.number}", team)
        self.assertEqual(self.ok(client, "GET", "/session")["principal"], f"service:svc{self.number}")
        self.ok(self.admin, "PUT", f"/owners/topic/t{self.number}", {"team": team})
        grant = {"kind": "topic", "name": f"t{self.number}", "principal": f"service:svc{self.number}", "actions": ["peek"]}
        self.ok(self.admin, "POST", "/grants", grant, 201)
        mine = self.ok(self.admin, "GET", f"/grants?principal=service:svc{self.number}")["grants"]
        self.assertEqual(mine[0]["actions"], ["peek"])
        why = self.ok(client, "GET", f"/access:explain?kind=topic&name=t{self.number}&action=produce")
        self.assertTrue(why["is_allowed"], why)
        self.ok(self.admin, "DELETE", f"/grants/{mine[0]['id']}")
        self.assertEqual(self.admin.ask("DELETE", f"/grants/{mine[0]['id']}").status, 404)
        self.assertEqual(self.ok(self.admin, "GET", f"/owners?team={team}")["owners"][0]["name"], f"t{self.number}")
        self.ok(self.admin, "DELETE", f"/owners/topic/t{self.number}")
        tokens = self.ok(self.admin, "GET", f"/tokens?service_name=svc{self.number}")["tokens"]
        self.ok(self.admin, "DELETE", f"/tokens/{tokens[0]['id']}")
        self.await_status(401, client, "GET", "/topics")

    def test_every_list_answers(self):
        for path in ["/metadata", "/server", "/server/settings", "/slow-calls", "/capacity", "/placements", "/topics", "/nodes", "/brokers", "/groups", "/lag",
                     "/lag-objectives", "/outboxes", "/alerts", "/alert-events", "/alert-rules", "/alert-channels",
                     "/silences", "/canaries", "/teams", "/services", "/tokens", "/grants", "/owners", "/audit", "/redrives"]:
            def answers(path=path):
                self.last = self.admin.ask("GET", path)
                return self.last.status == 200

            # Lag is sampled from the first round on.
            self.assertTrue(wait_until(answers, rig.WAIT / 3, pause=0.2), f"{path}: {self.last}")

    def test_a_server_that_is_named_answers_itself(self):
        servers = self.ok(self.admin, "GET", "/metadata")
        for role, one in [("metaserver", servers["metaservers"][0]), *(("broker", b) for b in servers["brokers"])]:
            named = f"server={one['host']}:{one['port']}"
            # A server that has just begun to know the token says so, and this one alone is asked.
            info = self.await_status(200, self.admin, "GET", f"/server?{named}").json
            self.assertEqual((info["role"], info.get("broker_id")), (role, one.get("broker_id")))
            self.assertLessEqual(int(info["started_at_us"]), int(info["now_us"]))
            reply = self.ok(self.admin, "GET", f"/server/settings?{named}")
            values = {setting["name"]: setting["value"] for setting in reply["settings"]}
            self.assertEqual(reply["role"], role)
            self.assertTrue(values["listen"].endswith(f":{one['port']}"), values)
            self.assertEqual(values["auth"], "token")
            self.ok(self.admin, "GET", f"/slow-calls?{named}")
        # The gateway connects to no address because a client says so.
        stranger = self.admin.ask("GET", f"/server?server=127.0.0.1:{self.port}")
        self.assertEqual((stranger.status, stranger.json["code"]), (404, "NOT_FOUND"))

    def test_pages_filters_and_etags(self):
        for letter in "abcde":
            self.ok(self.admin, "PUT", f"/teams/page{self.number}{letter}", {})
        path = f"/teams?limit=2&filter=name:page{self.number}*&fields=name&sort=-name"
        names, cursor = [], ""
        while cursor is not None:
            page = self.ok(self.admin, "GET", path + (f"&cursor={cursor}" if cursor else ""))
            names += [team["name"][-1] for team in page["teams"]]
            cursor = page.get("next_cursor", "").replace("=", "%3D").replace("+", "%2B") or None
        self.assertEqual("".join(names), "edcba")
        first = self.admin.ask("GET", path)
        same = self.admin.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
        self.assertEqual((same.status, same.body), (304, ""))

    def test_faults_are_all_told(self):
        reply = self.admin.ask("POST", "/topics?limt=1", {"name": 7, "partitons": 3})
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (400, "application/problem+json"))
        self.assertEqual(sorted(fault["pointer"] for fault in reply.json["faults"]),
                         ["/name", "/partitions", "/partitons", "?limt"])
        reply = self.admin.ask("GET", "/topics/nothing-of-this-name")
        self.assertEqual((reply.status, reply.json["code"]), (404, "UNKNOWN_TOPIC_OR_PARTITION"))
        self.assertIn(reply.json["request_id"], reply.headers["X-Request-Id"])
        self.assertTrue(reply.json["server_request_id"])

    def test_what_is_paused_is_so_by_who_asked(self):
        reply = self.admin.ask("POST", f"/groups/g{self.number}:pause", {"reason": "deploy"})
        self.assertIn(reply.status, (200, 404), reply)


class RightsTest(Base):
    """Whatever the RPC refuses, the route refuses: services of two kinds over every route that only reads or is harmless."""

    def test_nobody_may_anything(self):
        nobody = Client(self.port)
        wrong = Client(self.port, "lmq_" + "a" * 10 + "_" + "b" * 43)
        for client in [nobody, wrong]:
            for method, path, body in [("GET", "/topics", None), ("DELETE", "/topics/x", None), ("GET", "/people", None),
                                       ("POST", "/tokens", {"service_name": "setup"}), ("GET", "/audit", None)]:
                self.assertEqual(self.await_status(401, client, method, path, body).json["code"], "AUTHENTICATION_FAILED")

    def test_an_application_may_look_but_not_change(self):
        team = self.team(f"look{self.number}")
        client = self.service(f"app{self.number}", team)
        for path in ["/topics", "/groups", "/teams", "/services", "/grants", "/owners", "/brokers", "/alerts"]:
            self.ok(client, "GET", path)
        refused = [("GET", "/audit", None), ("GET", "/alert-channels", None), ("GET", "/slow-calls", None),
                   ("PUT", f"/teams/{team}", {}), ("DELETE", f"/teams/{team}", None),
                   ("PUT", "/services/setup", {"kind": "application"}), ("POST", "/tokens", {"service_name": "setup"}),
                   ("POST", "/grants", {"kind": "topic", "name": "t", "principal": f"service:app{self.number}", "actions": ["peek"]}),
                   ("PUT", "/owners/topic/t", {"team": team}), ("PATCH", "/nodes/local", {"state": "DISABLED"}),
                   ("PUT", "/alert-rules/lag_slow", {"is_on": False}), ("DELETE", "/outboxes/x", None),
                   ("POST", "/silences", {"kind": "*", "subject": "*", "for_ms": 60000, "reason": "r"}),
                   ("PUT", "/policy", {"policy_json": {}}), ("PUT", "/people/mallory", {"role": "admin"}),
                   ("DELETE", "/people/ann", None), ("PUT", "/quota-mode", {"mode": "off"})]
        for method, path, body in refused:
            reply = client.ask(method, path, body)
            self.assertEqual(reply.status, 403, f"{method} {path}: {reply}")
            self.assertTrue(reply.json["code"].endswith("AUTHORIZATION_FAILED"), reply)

    def test_the_gateway_s_own_token_is_of_no_use_to_change_anything(self):
        client = Client(self.port, (self.cluster.run_dir / "portal.token").read_text().strip())
        for method, path, body in [("POST", "/topics", {"name": "x", "partitions": 1}), ("GET", "/audit", None),
                                   ("PUT", "/services/setup", {"kind": "gateway"}), ("PUT", "/people/m", {"role": "admin"})]:
            self.assertEqual(client.ask(method, path, body).status, 403, f"{method} {path}")


class PeopleTest(Base):
    def person(self, role):
        name = f"{role}{self.number}"
        self.ok(self.admin, "PUT", f"/people/{name}", {"role": role})
        self.ok(self.admin, "PUT", f"/people/{name}/password", {"new_password": portal_rig.PASSWORD})
        client = Client(self.port)
        reply = client.sign_in(name, portal_rig.PASSWORD)
        self.assertEqual(reply.status, 200, reply)
        self.assertNotIn("lmq_", reply.body)
        self.assertIn("HttpOnly", reply.headers["Set-Cookie"])
        # One that an admin has set is changed first.
        self.await_status(200, client, "PUT", f"/people/{name}/password",
                          {"current_password": portal_rig.PASSWORD, "new_password": portal_rig.PASSWORD + "!"})
        self.await_status(200, client, "GET", "/topics")
        return name, client

    def test_people_may_what_their_role_may(self):
        people = {role: self.person(role)[1] for role in ["viewer", "operator", "admin"]}
        table = [("GET", "/topics", None, {"viewer", "operator", "admin"}),
                 ("GET", "/slow-calls", None, {"operator", "admin"}),
                 ("GET", "/server/settings", None, {"operator", "admin"}),
                 ("GET", "/capacity", None, {"operator", "admin"}),
                 ("GET", "/placements", None, {"operator", "admin"}),
                 ("GET", "/alert-channels", None, {"operator", "admin"}),
                 ("PUT", "/quota-mode", {"mode": "log"}, {"operator", "admin"}),
                 ("GET", "/audit", None, {"admin"}),
                 ("PUT", f"/teams/by{self.number}", {}, {"admin"})]
        for method, path, body, may in table:
            for role, client in people.items():
                reply = client.ask(method, path, body)
                self.assertEqual(reply.status, 200 if role in may else 403, f"{role}: {method} {path}: {reply}")
        who = self.ok(people["admin"], "GET", "/session")
        self.assertEqual((who["principal"], who["role"]), (f"person:admin{self.number}", "admin"))

    def test_contents_are_hidden_from_people_who_may_consume_but_not_peek(self):
        topic = f"secrets{self.number}"
        self.ok(self.admin, "POST", "/topics", {"name": topic, "partitions": 1}, 201)
        name, client = self.person("viewer")
        team = f"readers{self.number}"
        self.ok(self.admin, "PUT", f"/teams/{team}", {"members": [{"person": name, "role": "member"}]})
        sent = {"partitions": [{"topic": topic, "partition": 0, "messages": [{"key": "k", "body": "b"}]}]}
        asked = {"partitions": [{"topic": topic, "partition": 0, "offset": "1"}], "max_wait_ms": 0}

        def partition(who, path, body):
            reply = who.ask("POST", path, body)
            parts = reply.json["partitions"] if reply.status == 200 else []
            return parts[0] if parts and "error" not in parts[0] else None

        def grant(*actions):
            self.ok(self.admin, "POST", "/grants",
                    {"kind": "topic", "name": topic, "principal": f"team:{team}", "actions": list(actions)}, 201)

        self.assertTrue(wait_until(lambda: partition(self.admin, "/messages", sent), rig.WAIT / 3, pause=0.2))
        grant("consume")
        seen = []  # Each broker hears of the grant by itself: the first answer counts.
        self.assertTrue(wait_until(lambda: seen.append(partition(client, "/messages:fetch", asked)) or seen[-1], rig.WAIT / 3, pause=0.2))
        hidden = seen[-1]
        self.assertTrue(hidden["is_hidden"])
        self.assertEqual(hidden["messages"][0]["offset"], "1")
        self.assertFalse({"key", "key_base64", "body", "body_base64", "headers"} & set(hidden["messages"][0]))
        refused = client.ask("POST", f"/topics/{topic}/messages:search", {})
        self.assertEqual(refused.status, 403, refused)
        grant("consume", "peek")

        def is_shown():
            part = partition(client, "/messages:fetch", asked)
            return part and not part.get("is_hidden") and part["messages"][0]["body"] == "b"

        self.assertTrue(wait_until(is_shown, rig.WAIT / 3, pause=0.2), partition(client, "/messages:fetch", asked))

    def test_a_session_ends_when_it_is_left(self):
        name, client = self.person("viewer")
        copy = Client(self.port)
        copy.cookie, copy.csrf = client.cookie, client.csrf
        as_bearer = Client(self.port, client.cookie.partition("=")[2])
        self.ok(copy, "GET", "/topics")
        self.assertEqual(client.ask("DELETE", "/session").status, 204)
        for stolen in [copy, as_bearer]:
            self.await_status(401, stolen, "GET", "/topics")

    def test_each_session_is_a_new_one(self):
        name, client = self.person("viewer")
        again = Client(self.port)
        again.cookie = client.cookie  # Whatever a browser was made to send.
        fixed = again.cookie
        self.assertEqual(again.sign_in(name, portal_rig.PASSWORD + "!").status, 200)
        self.assertNotEqual(again.cookie, fixed)

    def test_changes_with_a_cookie_need_the_token_against_forged_requests(self):
        name, client = self.person("admin")
        forged = Client(self.port)
        forged.cookie = client.cookie
        for headers in [{}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": client.csrf, "Origin": "http://evil.example"},
                        {"X-CSRF-Token": client.csrf, "Sec-Fetch-Site": "cross-site"}]:
            reply = forged.ask("PUT", f"/teams/forged{self.number}", {}, headers=headers)
            self.assertEqual((reply.status, reply.json["code"]), (403, "CSRF_REFUSED"))
        self.ok(client, "PUT", f"/teams/meant{self.number}", {})

    def test_wrong_names_and_passwords_are_told_alike(self):
        name, _ = self.person("viewer")
        texts = []
        for who in [name, "nobody-of-this-name"]:
            reply = Client(self.port).sign_in(who, "wrong password wrong")
            self.assertEqual(reply.status, 401, reply)
            self.assertIsNone(reply.headers["Set-Cookie"])
            texts.append(json.loads(reply.body)["detail"])
        self.assertEqual(texts[0], texts[1])


if __name__ == "__main__":
    rig.run_tests()
