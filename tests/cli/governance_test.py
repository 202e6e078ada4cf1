#!/usr/bin/env python3
"""Policy and requests by the command line: what is applied at once, what waits for a yes, what is refused."""

import json
import unittest

import rig

POLICY = {
    "environment": "test",
    "topic_names": {"segments_min": 2, "begins_with_owner": True},
    "approvals": {"create_topic": {"partitions_max": 4, "approvers": ["operators"]}},
}


def setUpModule():
    GovernanceTest.context = rig.running_cluster(kind=rig.GuardedCluster)
    GovernanceTest.cluster = GovernanceTest.context.__enter__()


def tearDownModule():
    GovernanceTest.context.__exit__(None, None, None)


class GovernanceTest(unittest.TestCase):
    cluster = None
    context = None

    def ended(self, *arguments, who=None, code=0, **keywords):
        flags = [] if who is None else [f"--token-file={self.path(who + '.token')}"]
        done = rig.run(self.cluster, *arguments, *flags, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def path(self, name):
        return str(self.cluster.run_dir / name)

    def file(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as out:
            json.dump(content, out)
        return self.path(name)

    def topic(self, name, **more):
        change = {"kind": "create_topic", "name": name, "owner": "payments", **more}
        return self.file(f"{name}.json", {"changes": [change]})

    def state_of(self, request):
        return json.loads(self.ended("request", "show", request, "--output=json").out)["state"]

    def test_from_a_policy_to_what_was_asked_for(self):
        self.ended("team", "put", "payments", "--lead", "ann")
        for service, more in [("pay-api", ["--team", "payments"]), ("ops", ["--kind", "operator"])]:
            self.ended("service", "put", service, *more)
            self.ended("token", "issue", service, "--output-file", self.path(f"{service}.token"))

        self.assertIn("Nobody has set a policy", self.ended("policy", "show").err)
        wrong = self.ended("policy", "check", "-f", self.file("wrong.json", {"partition": {}}), code=2)
        self.assertIn("did you mean 'partitions'?", wrong.err)
        policy = self.file("policy.json", POLICY)
        self.ended("policy", "set", "-f", policy, who="ops", code=4)
        self.assertIn("Version 1", self.ended("policy", "set", "-f", policy, "--reason", "rules").err)
        shown = json.loads(self.ended("policy", "show").out)
        self.assertEqual(shown["approvals"]["create_topic"]["partitions_max"], 4)

        # In the policy: there when the command ends.
        made = self.ended("request", "propose", "-f", self.topic("payments.refunds"), "--title", "Refunds", who="pay-api")
        request = made.out.strip()
        self.assertEqual(self.state_of(request), "applied")
        self.ended("topic", "describe", "payments.refunds")

        # Beyond it: a yes of somebody else.
        large = self.topic("payments.large", partitions=8)
        dry = self.ended("request", "propose", "-f", large, "--dry-run", who="pay-api", code=8)
        self.assertEqual(dry.out, "")
        waiting = self.ended("request", "propose", "-f", large, who="pay-api", code=8)
        request = waiting.out.strip()
        text = self.ended("request", "show", request, who="pay-api").out
        for part in ["state     pending", "missing   the yes of operators", "+ topic payments.large: owner payments",
                     f"lanemq request approve {request}"]:
            self.assertIn(part, text)
        self.ended("request", "approve", request, who="pay-api", code=4)
        self.ended("topic", "describe", "payments.large", code=3)
        listed = json.loads(self.ended("request", "list", "--state=pending", "--output=json").out)["items"]
        self.assertEqual([row["request"] for row in listed], [request])
        version = int(json.loads(self.ended("request", "show", request, "--output=json").out)["version"])
        self.assertIn(f"lanemq request approve {request} --if-version {version}", text)
        # At once: to ask again, until the time is over, would change nothing.
        self.ended("request", "approve", request, f"--if-version={version + 1}", "--timeout=1h", who="ops", code=5)
        self.assertEqual(self.state_of(request), "pending")
        shown_first = self.ended("request", "approve", request, who="ops").err
        self.assertIn("state     pending", shown_first)
        self.assertIn("+ topic payments.large: owner payments", shown_first)
        self.assertEqual(self.state_of(request), "applied")
        self.ended("topic", "describe", "payments.large")

        # Not at all: with what would be right.
        refused = self.ended("request", "propose", "-f", self.topic("Refunds_All"), who="pay-api", code=4)
        self.assertEqual(refused.out, "")
        self.assertIn("payments.refunds-all", refused.err)

        # A draft, edited, asked for, taken back.
        draft = self.ended("request", "propose", "-f", self.topic("Wrong"), "--draft", who="pay-api").out.strip()
        self.ended("request", "submit", draft, who="pay-api", code=4)
        self.ended("request", "edit", draft, "-f", large, "--title", "Again", who="pay-api")
        self.ended("request", "decline", draft, who="ops", code=5)
        self.ended("request", "withdraw", draft, "--reason", "it is there", who="pay-api")
        self.assertEqual(self.state_of(draft), "withdrawn")

        # Whoever looks it up finds who did what.
        self.assertIn("applyRequest", self.ended("audit", "search", "--topic", "payments.large").out)


if __name__ == "__main__":
    rig.run_tests()
