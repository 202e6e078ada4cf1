#!/usr/bin/env python3
"""apply, diff, get and export: a thousand topics from files, and what a team does with its own."""

import json
import subprocess
import time
import unittest

import rig
from local_cluster import LOOPBACK

TOPICS = 1_000
LONG = 900.0


def setUpModule():
    ApplyTest.context = rig.running_cluster()
    ApplyTest.cluster = ApplyTest.context.__enter__()
    # Each has room for 990 tables.
    added = ApplyTest.cluster.cli("node", "add", "second", f"--address={LOOPBACK}:{ApplyTest.cluster.database_port}",
                                  "--schema-prefix=lanemq_second")
    assert added.returncode == 0, added.stderr


def tearDownModule():
    ApplyTest.context.__exit__(None, None, None)


def environment(topics):
    """A team with everything it has, in a file for each kind."""
    many = "---\n".join(
        f"kind: topic\nname: many.t{i:04}\nowner: many\ntier: ticket\ndescription: 'number {i}'\npartitions: 1\n"
        f"config: {{retention.ms: {86_400_000 + i % 7}}}\n" for i in range(topics))
    return {
        "team.yaml": "kind: team\nname: many\nleads: [ann]\nmembers: [bob]\n---\nkind: quota\nteam: many\ntopics: 5000\n",
        "topics/all.yaml": many,
        "groups.yaml": "items:\n" + "".join(
            f"- {{kind: group, name: many.g{i}, owner: many, tier: page}}\n" for i in range(20)),
        "grants.yaml": "items:\n- {kind: grant, principal: 'team:many', topic: 'shared.*', actions: [describe]}\n" + "".join(
            f"- {{kind: grant, principal: 'team:many', topic: many.t{i:04}, actions: [consume, produce]}}\n"
            for i in range(10)),
    }


class ApplyTest(unittest.TestCase):
    cluster = None
    context = None
    names = 0

    def setUp(self):
        ApplyTest.names += 1
        self.team = f"team{self.names}"
        self.folder = self.cluster.run_dir / f"env{self.names}"
        self.folder.mkdir()

    def ended(self, *arguments, code=0, stdin=b""):
        done = rig.Ended(subprocess.run(self.cluster.cli_command(*arguments), input=stdin, capture_output=True,
                                        check=False, timeout=LONG))
        self.assertEqual(done.code, code, done)
        return done

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def differences(self, *arguments, code=1):
        rows = json.loads(self.ended("diff", *arguments, "--output=json", code=code).out)["items"]
        return [(row["object"], row["name"], row["change"], row["field"], row["before"], row["after"]) for row in rows]

    def small_environment(self):
        """A team with a topic and a group that exist."""
        team = self.team
        text = (f"- {{kind: team, name: {team}, leads: [ann]}}\n"
                f"- {{kind: topic, name: {team}.orders, owner: {team}, partitions: 2, config: {{retention.ms: 1000000}}}}\n"
                f"- {{kind: group, name: {team}.api, owner: {team}, description: reads}}\n"
                f"- {{kind: grant, principal: 'team:{team}', topic: {team}.orders, actions: [consume]}}\n")
        file = self.write("env.yaml", text)
        self.ended("apply", "-f", file)
        return file, text

    def test_a_thousand_topics_are_made_once(self):
        topics = TOPICS
        for name, text in environment(topics).items():
            self.write(name, text)
        folder = str(self.folder)
        objects = topics + 33
        seconds = {}

        def timed(what, *arguments, **keywords):
            begun = time.monotonic()
            done = self.ended(*arguments, **keywords)
            seconds[what] = time.monotonic() - begun
            return done

        before = timed("diff of what is not there", "diff", "-f", folder, code=1)
        self.assertTrue(before.out.endswith(f"{objects - 1:,} to make, 1 to change\n"), before.out[-200:])
        self.assertIn(f"number {topics - 1}", before.out)
        made = timed("apply", "apply", "-f", folder)
        self.assertRegex(made.out, r"^\d+\n$")
        self.assertIn("applied", made.err)
        listed = self.ended("topic", "list", "--output=name").out.split()
        self.assertEqual([name for name in listed if name.startswith("many.")], [f"many.t{i:04}" for i in range(topics)])

        again = timed("apply again", "apply", "-f", folder)
        self.assertEqual(again.out, "")
        self.assertIn(f"Nothing to do: all {objects:,} objects are as the files say.", again.err)
        self.assertEqual(timed("diff of what is there", "diff", "-f", folder).out, "")
        exported = timed("export", "export", "--team", "many").out
        self.assertEqual(exported.count("kind: topic\n"), topics)
        self.assertEqual(self.ended("apply", "-f", "-", stdin=exported.encode()).out, "")

        # One object in a thousand.
        self.write("topics/all.yaml", environment(topics)["topics/all.yaml"].replace("'number 7'", "seven"))
        self.assertEqual(self.differences("-f", folder),
                         [("topic", "many.t0007", "changed", "description", "number 7", "seven")])
        timed("apply of one change", "apply", "-f", folder)
        self.ended("diff", "-f", folder)
        # With a message in one of them the others are none the worse.
        self.ended("produce", "many.t0000", stdin=b"hello\n")
        print(f"\n{rig.ENGINE}, {topics} topics: " + ", ".join(f"{what} {took:.1f} s" for what, took in seconds.items()),
              flush=True)

    def test_a_difference_is_exactly_what_apply_changes(self):
        file, text = self.small_environment()
        team = self.team
        self.assertEqual(self.differences("-f", file, code=0), [])
        self.write("env.yaml", text.replace("partitions: 2", "partitions: 3, description: 'all: of them'")
                   .replace("retention.ms: 1000000", "retention.ms: 2000000").replace("[consume]", "[describe]")
                   + f"- {{kind: quota, team: {team}, topics: 9}}\n")
        expected = [
            ("quota", team, "changed", "topics", None, "9"),
            ("topic", f"{team}.orders", "changed", "description", None, "all: of them"),
            ("topic", f"{team}.orders", "changed", "partitions", "2", "3"),
            ("topic", f"{team}.orders", "changed", "config.retention.ms", "1000000", "2000000"),
            ("grant", f"topic {team}.orders to team:{team}", "changed", "actions", "consume", "describe"),
        ]
        self.assertEqual(self.differences("-f", file), expected)
        rehearsed = self.ended("apply", "-f", file, "--dry-run")
        self.assertIn("    partitions           2 -> 3\n", rehearsed.out)
        self.assertIn("applied at once", rehearsed.err)
        self.assertEqual(self.differences("-f", file), expected)  # Nothing was changed.
        self.ended("apply", "-f", file, "--title", "ticket 4711")
        self.assertEqual(self.differences("-f", file, code=0), [])
        detail = json.loads(self.ended("topic", "describe", f"{team}.orders", "--output=json").out)
        self.assertEqual(len(detail["partitions"]), 3, detail)

    def test_what_get_prints_apply_takes(self):
        self.small_environment()
        team = self.team
        for kind in ["topic", "group", "grant", "team"]:
            for form in ["yaml", "json"]:
                printed = self.ended("get", kind, "--team", team, "-o", form).out
                self.assertIn(team, printed)
                self.ended("diff", "-f", "-", stdin=printed.encode())
        self.assertEqual(self.ended("get", "group", f"{team}.api").out,
                         f"kind: group\nname: {team}.api\nowner: {team}\ndescription: reads\n")
        table = self.ended("get", "topics", "--prefix", f"{team}.", "-o", "table").out
        self.assertRegex(table, rf"TOPIC +OWNER +TIER +PARTITIONS.*\n{team}\.orders +{team} +- +2 ")
        missing = self.ended("get", "topic", f"{team}.orders", "nobody.knows", code=3)
        self.assertIn("there is no topic nobody.knows", missing.err)
        self.assertIn(f"name: {team}.orders", missing.out)
        self.assertIn("did you mean 'topic'", self.ended("get", "topc", code=2).err)

    def test_an_environment_is_copied_with_other_names(self):
        self.small_environment()
        copied = self.ended("export", "--team", self.team).out.replace(self.team, "copy")
        made = self.ended("apply", "-f", "-", stdin=copied.encode())
        self.assertRegex(made.out, r"^\d+\n$")
        self.ended("diff", "-f", "-", stdin=copied.encode())

    def test_faults_are_told_with_their_lines_and_nothing_is_changed(self):
        team = self.team
        bad = self.write("bad.yaml", f"kind: topic\nname: {team}.new\n---\nkind: topic\nname: {team}.x\npartition: 4\n")
        for command in ["apply", "diff"]:
            done = self.ended(command, "-f", bad, code=2)
            self.assertIn(f"{bad}:6: topic has no field 'partition'; did you mean 'partitions'?", done.err)
        self.assertNotIn(f"{team}.new", self.ended("topic", "list", "--output=name").out)
        self.ended("apply", "-f", str(self.folder / "none.yaml"), code=2)
        self.ended("apply", code=2)

    def test_the_guides_example_is_what_apply_takes(self):
        guide = (rig.ROOT / "docs" / "guides" / "as_code.md").read_text()
        example = guide.split("```yaml\n")[1].split("```")[0].encode()
        before = self.ended("diff", "-f", "-", stdin=example, code=1).out
        self.assertTrue(before.endswith("4 to make, 1 to change\n"), before)
        # The grant's team is there as well where somebody applies it.
        self.ended("team", "put", "analytics", "--lead", "dora")
        self.assertRegex(self.ended("apply", "-f", "-", stdin=example).out, r"^\d+\n$")
        self.ended("diff", "-f", "-", stdin=example)

    def test_partitions_are_never_fewer(self):
        file, text = self.small_environment()
        self.write("env.yaml", text.replace("partitions: 2", "partitions: 1"))
        done = self.ended("apply", "-f", file, code=2)
        self.assertIn("has 2 partitions, and 1 are fewer: partitions cannot be taken away", done.err)

    def test_only_pruning_removes_and_asks_first(self):
        file, text = self.small_environment()
        team = self.team
        left = text.split(f"- {{kind: group, name: {team}.api")[0]
        self.write("env.yaml", left)
        self.assertEqual(self.differences("-f", file, code=0), [])
        self.ended("apply", "-f", file, "--prune", code=2)
        prune = ["-f", file, "--prune", "--team", team]
        self.assertEqual([row[:3] for row in self.differences(*prune)],
                         [("grant", f"topic {team}.orders to team:{team}", "removed"), ("group", f"{team}.api", "removed")])
        refused = self.ended("apply", *prune, code=2)  # Nobody to ask.
        self.assertIn("--yes", refused.err)
        self.assertIn(f"- group {team}.api", refused.err)
        self.ended("apply", *prune, "--yes")
        self.assertEqual(self.differences(*prune, code=0), [])
        self.assertEqual(self.ended("get", "group", "--team", team).out, "")
        self.assertIn(f"{team}.orders", self.ended("topic", "list", "--output=name").out)


class ApprovalTest(unittest.TestCase):
    """On a cluster that asks who is there."""

    def setUp(self):
        plain, rig.LocalCluster = rig.LocalCluster, rig.GuardedCluster
        self.addCleanup(setattr, rig, "LocalCluster", plain)
        context = rig.running_cluster()
        self.cluster = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)

    def ended(self, *arguments, code=0, **keywords):
        done = rig.run(self.cluster, *arguments, **keywords)
        self.assertEqual(done.code, code, done)
        return done

    def test_what_takes_somebodys_yes_waits_for_it(self):
        for team, service in [("payments", "billing"), ("analytics", "reports")]:
            self.ended("team", "put", team, "--lead", "ann")
            self.ended("service", "put", service, "--team", team)
        token = str(self.cluster.run_dir / "reports.token")
        self.ended("token", "issue", "reports", "--output-file", token)
        as_reports = f"--token-file={token}"
        mine = b"{kind: topic, name: analytics.events, owner: analytics}"
        self.assertRegex(self.ended("apply", "-f", "-", as_reports, stdin=mine).out, r"^\d+\n$")
        theirs = b"{kind: topic, name: payments.orders, owner: payments}"
        done = self.ended("apply", "-f", "-", as_reports, "--title", "we need it", stdin=theirs, code=8)
        self.assertRegex(done.out, r"^\d+\n$")
        self.assertIn(f"Request {done.out.strip()} needs the yes of leads of payments", done.err)
        again = self.ended("apply", "-f", "-", as_reports, stdin=theirs, code=8)
        self.assertEqual(again.out, done.out)  # Nobody is asked twice.
        self.ended("diff", "-f", "-", as_reports, stdin=theirs, code=1)
        rehearsed = self.ended("apply", "-f", "-", as_reports, "--dry-run", stdin=theirs, code=8)
        self.assertIn("Needs the yes of leads of payments.", rehearsed.err)
        self.assertNotRegex(rehearsed.out, r"^\d+\n$")
        nameless = self.ended("apply", "-f", "-", as_reports, stdin=b"{kind: topic, name: 'no such name'}", code=4)
        self.assertIn("topic no such name: name", nameless.err)


if __name__ == "__main__":
    rig.run_tests()
