#!/usr/bin/env python3
"""Requests over HTTP: what one person asks for and another one decides, from the dry run to the message that goes through."""

import unittest

import portal_rig
import rig
from people_rig import PeopleCase

# A topic of more than two partitions takes the yes of the owner's leads.
POLICY = {"environment": "test", "topic_names": {"begins_with_owner": True, "segments_min": 2},
          "approvals": {"create_topic": {"partitions_max": 2}}}
MADE = "shop.orders"


def setUpModule():
    RequestsTest.cluster = unittest.enterModuleContext(portal_rig.running_portal())


def bundle(name, partitions=3, **grant):
    changes = [{"kind": "create_topic", "name": name, "owner": "shop", "partitions": partitions}]
    if grant:
        changes.append({"kind": "put_grant", "resource": "topic", "name": name, **grant})
    return {"bundle_json": {"changes": changes}}


class RequestsTest(PeopleCase):
    def setUp(self):
        super().setUp()
        if not hasattr(RequestsTest, "people"):
            type(self).people = {name: self.person(name, role) for name, role in [
                ("mick", "viewer"), ("lena", "viewer"), ("otto", "viewer"), ("olga", "operator")]}
            self.ok(self.admin, "PUT", "/teams/shop",
                    {"members": [{"person": "lena", "role": "lead"}, {"person": "mick", "role": "member"}]})
            self.ok(self.admin, "PUT", "/teams/other", {"members": [{"person": "otto", "role": "lead"}]})
            self.ok(self.admin, "PUT", "/policy?reason=rules", {"policy_json": POLICY})
        for name, client in self.people.items():
            setattr(self, name, client)

    def propose(self, who, body, **keywords):
        return self.ok(who, "POST", "/requests", body, **keywords)["request"]

    def tag_of(self, request):
        reply = self.admin.ask("GET", f"/requests/{request}")
        self.assertEqual(reply.status, 200, reply)
        return reply.headers["ETag"]

    def act(self, who, request, deed, status=200, tag=None, **body):
        """With the tag of what there is when no other one is given; empty: without one."""
        tag = self.tag_of(request) if tag is None else tag
        headers = {"If-Match": tag} if tag else {}
        return self.ok(who, "POST", f"/requests/{request}:{deed}", body, status, headers=headers)

    def state_of(self, request):
        return self.ok(self.mick, "GET", f"/requests/{request}")["request"]["state"]

    def test_what_a_member_asks_for_is_there_when_the_lead_of_his_team_has_agreed(self):
        feeder = self.service("feeder", team="other")
        asked = bundle(MADE, principal="service:feeder", actions=["produce"])

        dry = self.ok(self.mick, "POST", "/requests?dry_run=true", {**asked, "title": MADE})
        self.assertEqual((dry["decision"]["kind"], dry["decision"]["approvers"]), ("needs_approval", ["leads of shop"]))
        self.assertNotIn(MADE, [row["title"] for row in self.ok(self.mick, "GET", "/requests?author=person:mick")["requests"]])

        made = self.propose(self.mick, {**asked, "title": MADE})
        self.assertEqual((made["state"], made["author"], made["missing"]), ("pending", "person:mick", ["leads of shop"]))
        number = made["id"]
        waiting = self.ok(self.lena, "GET", "/requests?states=pending&waits_for=person:lena")["requests"]
        self.assertEqual([(request["id"], request["can_decide"]) for request in waiting], [(number, True)])
        mine = self.ok(self.mick, "GET", "/requests?states=pending&author=person:mick")["requests"]
        self.assertEqual([(request["can_decide"], request["cannot_decide"]) for request in mine], [(False, "own_request")])

        # Not he himself, not the lead of another team, not a service that would profit; and nothing has been made.
        for who in [self.mick, self.otto, feeder]:
            refused = self.act(who, number, "approve", 403)
            self.assertTrue(refused["code"].endswith("AUTHORIZATION_FAILED"), refused)
        self.assertEqual((self.state_of(number), self.admin.ask("GET", f"/topics/{MADE}").status), ("pending", 404))

        # The one whose yes it takes says it to what she has read, and to nothing else.
        read = self.tag_of(number)
        self.ok(self.mick, "PATCH", f"/requests/{number}", {**bundle(MADE, 5, principal="service:feeder", actions=["produce"])},
                headers={"If-Match": read})
        self.act(self.mick, number, "submit")
        stale = self.act(self.lena, number, "approve", 409, tag=read)
        self.assertEqual(stale["code"], "CONFLICT")
        for tag in ["", '"something"']:
            self.act(self.lena, number, "approve", 400, tag=tag)
        self.assertEqual(self.state_of(number), "pending")
        self.act(self.lena, number, "approve", wait_ms=20000)
        self.await_so(lambda: self.state_of(number) == "applied", number)
        self.assertEqual(len(self.ok(self.otto, "GET", f"/topics/{MADE}")["topic"]["partitions"]), 5)
        approval = self.ok(self.mick, "GET", f"/requests/{number}")["request"]["approvals"][0]
        self.assertEqual((approval["approver"], approval["by"]), ("leads of shop", "person:lena"))

        # What was granted counts, and no more than that.
        message = {"partitions": [{"topic": MADE, "partition": 0, "messages": [{"body": "hello"}]}]}

        def is_stored():
            reply = feeder.ask("POST", "/messages", message)
            return reply.status == 200 and "error" not in reply.json["partitions"][0]

        self.await_so(is_stored, "produce")
        fetched = feeder.ask("POST", "/messages:fetch",
                             {"partitions": [{"topic": MADE, "partition": 0, "offset": "1"}], "max_wait_ms": 0})
        self.assertIn("TOPIC_AUTHORIZATION_FAILED", fetched.body)
        owner = self.ok(self.mick, "GET", "/owners?kind=topic&team=shop")["owners"]
        self.assertIn(MADE, [row["name"] for row in owner])
        self.assertEqual(self.act(self.lena, number, "approve", 409)["code"], "FAILED_PRECONDITION")

        # Who looks it up finds who asked, who agreed, and that it was refused to others.
        events = self.ok(self.admin, "GET", f"/audit?object_kind=change_request&object_name={number}")["events"]
        told = {(event["actor"], event["action"]) for event in events}
        self.assertIn(("person:mick", "proposeChange"), told, events)
        self.assertIn(("person:lena", "actOnChange:approve"), told, events)

    def test_the_same_key_is_the_same_request(self):
        first = self.propose(self.mick, bundle("shop.twice"), headers={"Idempotency-Key": "key-1"})
        again = self.propose(self.mick, bundle("shop.twice"), headers={"Idempotency-Key": "key-1"})
        self.assertEqual(first["id"], again["id"])
        other = self.propose(self.otto, bundle("shop.twice"), headers={"Idempotency-Key": "key-1"})
        self.assertNotEqual(first["id"], other["id"])
        for request, who in [(first, self.mick), (other, self.otto)]:
            self.act(who, request["id"], "withdraw")

    def test_what_is_declined_or_withdrawn_is_not_made(self):
        declined = self.propose(self.mick, bundle("shop.declined"))["id"]
        self.act(self.otto, declined, "decline", 403, reason="not mine")
        self.act(self.lena, declined, "decline", 400)
        done = self.act(self.lena, declined, "decline", reason="there is one like it")["request"]
        self.assertEqual((done["state"], done["reason"]), ("declined", "there is one like it"))
        withdrawn = self.propose(self.mick, bundle("shop.withdrawn"))["id"]
        self.act(self.lena, withdrawn, "withdraw", 403)
        self.assertEqual(self.act(self.mick, withdrawn, "withdraw", reason="no more")["request"]["state"], "withdrawn")
        for request, name in [(declined, "shop.declined"), (withdrawn, "shop.withdrawn")]:
            self.assertEqual(self.act(self.lena, request, "approve", 409)["code"], "FAILED_PRECONDITION")
            self.assertEqual(self.admin.ask("GET", f"/topics/{name}").status, 404)

    def test_what_the_policy_refuses_is_told_with_what_would_be_right(self):
        wrong = {"bundle_json": {"changes": [{"kind": "create_topic", "name": "Orders_All", "owner": "shop"}]}}
        dry = self.ok(self.mick, "POST", "/requests?dry_run=true", wrong)["decision"]
        self.assertEqual(dry["kind"], "refuse")
        self.assertEqual({violation["field"] for violation in dry["violations"]}, {"name"})
        self.assertIn("shop.orders-all", str(dry["fixed_bundle_json"]))
        reply = self.mick.ask("POST", "/requests", wrong)
        self.assertIn(reply.status, (200, 422), reply)
        self.assertNotIn("request", reply.json)
        # Also by the way that asks nobody.
        direct = self.lena.ask("POST", "/topics", {"name": "Orders_All", "partitions": 1})
        self.assertEqual((direct.status, direct.json["code"]), (403, "TOPIC_AUTHORIZATION_FAILED"), direct)

    def test_one_who_operates_does_not_wait_but_says_why(self):
        request = self.propose(self.mick, bundle("shop.urgent"))["id"]
        self.act(self.lena, request, "break-glass", 403, reason="now")
        self.act(self.olga, request, "break-glass", 400)
        self.act(self.olga, request, "break-glass", reason="orders are lost", wait_ms=20000)
        self.await_so(lambda: self.state_of(request) == "applied", request)
        shown = self.ok(self.mick, "GET", f"/requests/{request}")["request"]
        self.assertEqual(shown["break_glass_reason"], "orders are lost")
        self.ok(self.mick, "GET", "/topics/shop.urgent")


if __name__ == "__main__":
    rig.run_tests()
