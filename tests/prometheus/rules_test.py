#!/usr/bin/env python3
"""deploy/prometheus/lanemq.rules.yaml: it is valid, passes its tests, and a damaged copy of it fails them.

The damage below is what slips into a rule file: a comparison turned round, a `for` lost, a label that is gone, a metric
misspelt, an exception forgotten. Each is tried alone in a copy, and each must be noticed.
"""

import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "deploy" / "prometheus" / "lanemq.rules.yaml"
TESTS = ROOT / "deploy" / "prometheus" / "lanemq.rules.test.yaml"
SKIPPED = 77

# The tests in lanemq.rules.test.yaml by the beginning of their names.
BLOCKS = {
    "stopped": "a group that commits nothing", "paused": "a pause, alerts turned off", "resumed": "after a pause", "slow": "a group that is far behind",
    "lost": "lost, gone back", "reset": "a reset by an operator", "topics": "topics, dead letters", "nodes": "data nodes, canaries",
    "access": "access that is only observed", "watchers": "who watches", "unscraped": "nothing is scraped",
}
# Which of them notices it, what is damaged, the text, what it becomes. The text must occur: a fault that changes nothing would
# pass for noticed.
FAULTS = [
    ("stopped", "a bracket is missing", "clamp(max by (group, topic)", "clamp(max by group, topic)"),
    ("stopped", "an unknown field", "keep_firing_for: 1m", "keep_firing_while: 1m"),
    ("stopped", "the comparison of STOP is turned", "(lanemq_group_lag_seconds\n              >= on", "(lanemq_group_lag_seconds\n              <= on"),
    ("stopped", "STOP forgets the commits", "lanemq_group_last_commit_timestamp_seconds)\n              >=", "lanemq_group_committed_offset)\n              >="),
    ("stopped", "patience is not clamped", "objective_seconds), 600", "objective_seconds), 0"),
    ("paused", "a daily batch is stopped after six hours", "group_topic:lanemq_group_patient_age_seconds)", "group_topic:lanemq_group_patience_seconds)"),
    ("stopped", "an hour is as long as ten minutes", "clamp(max by (group, topic) (lanemq_group_lag_objective_seconds), 600, 21600)",
     "clamp(max by (group, topic) (lanemq_group_lag_objective_seconds), 600, 700)"),
    ("paused", "a pause does not silence", 'unless on (group, topic) max_over_time(lanemq_group_status{status="PAUSED"}[10m])', ""),
    ("resumed", "a group is stopped once it is resumed", 'max_over_time(lanemq_group_status{status="PAUSED"}[10m])', 'lanemq_group_status{status="PAUSED"}'),
    ("paused", "alerts cannot be turned off", '(lanemq_group_info{alerts="on"})\n            unless', "(lanemq_group_info)\n            unless"),
    ("stopped", "the owner is lost", "group_left (team, tier) group_topic:lanemq_group_alerted:info\n        for: 30s\n        keep_firing_for: 1m\n        labels: {severity: page}",
     "group_left (tier) group_topic:lanemq_group_alerted:info\n        for: 30s\n        keep_firing_for: 1m\n        labels: {severity: page}"),
    ("stopped", "SLOW beside STOP", 'unless on (group, topic) ALERTS{alertname=~"LanemqGroupStopped|LanemqGroupStalled", alertstate="firing"}', ""),
    ("stopped", "the tier does not matter", '{severity: "{{ $labels.tier }}"}', "{severity: page}"),
    ("slow", "STALL does not look at the offset", "and on (group, topic, partition) (changes(lanemq_group_committed_offset[10m]) == 0)", ""),
    ("stopped", "STALL does not look at commits", "< on (group, topic) group_left () group_topic:lanemq_group_patience_seconds)", ">= 0)"),
    ("lost", "a metric is misspelt", "lanemq_group_skipped_messages_total", "lanemq_group_skiped_messages_total"),
    ("lost", "LOST has another name", 'status="LOST"', 'status="GONE"'),
    ("reset", "a reset counts as going back", 'and on (group, topic) lanemq_group_status{status="REWIND"})', ")"),
    ("reset", "headroom that does not shrink", "< 21600\n            and on (group, topic) min by (group, topic) (deriv(lanemq_group_retention_headroom_seconds[30m])) < 0)", "< 21600)"),
    ("topics", "topics that are quiet at night", "and on (topic) (lanemq_topic_least_hourly_messages >= 30)", ""),
    ("topics", "canaries need a subscriber", '{topic!~"lanemq[.].*"}', ""),
    ("topics", "idle outboxes are stuck", " and on (outbox) (lanemq_outbox_ready_messages + lanemq_outbox_held_messages > 0)", ""),
    ("topics", "an outbox is stuck at once", "        for: 1m\n        labels: {severity: page}\n        annotations:\n          summary: \"Outbox", "        for: 40m\n        labels: {severity: page}\n        annotations:\n          summary: \"Outbox"),
    ("nodes", "up and down are mixed up", "lanemq_node_up == 0", "lanemq_node_up == 1"),
    ("nodes", "tables over tables", "lanemq_node_tables_used / on (node) lanemq_node_tables_max", "lanemq_node_tables_max / on (node) lanemq_node_tables_used"),
    ("nodes", "bytes without a declared size", "lanemq_node_used_bytes / on (node) lanemq_node_capacity_bytes > 0.9", "lanemq_node_used_bytes > 0.9"),
    ("nodes", "a loss is told for ever", "increase(lanemq_data_loss_messages_total[1h]) > 0 or", "lanemq_data_loss_messages_total > 0 or"),
    ("nodes", "a pause that is too long ends by itself", "lanemq_meta_partition_move_shut_seconds) > 60", "lanemq_meta_partition_move_shut_seconds) > 600"),
    ("nodes", "late canaries are fine", 'result!="ok"', 'result="ok"'),
    ("access", "the first refusal that was served is not told",
     "\n            or (lanemq_access_observed_refusals_total > 0 unless lanemq_access_observed_refusals_total offset 1h)", ""),
    ("access", "what was served once is told for ever", " unless lanemq_access_observed_refusals_total offset 1h", ""),
    ("access", "books of metaservers are not looked at", " or lanemq_meta_access_book_age_seconds", ""),
    ("access", "a book is old at once", "lanemq_meta_access_book_age_seconds) > 90", "lanemq_meta_access_book_age_seconds) > 9"),
    ("access", "certificates are told when they have ended", "time()) < 1209600", "time()) < 0"),
    ("access", "every certificate pages", "time()) < 172800", "time()) < 1209600"),
    ("watchers", "two leaders are fine", "(sum(lanemq_oncall_is_holder) or vector(0)) != 1", "(sum(lanemq_oncall_is_holder) or vector(0)) > 1"),
    ("unscraped", "nothing scraped is silence", "absent(lanemq_lag_last_evaluation_timestamp_seconds)\n            or ", ""),
    ("watchers", "jobs without holder", "(sum(lanemq_meta_jobs_leader) or vector(0)) != 1", "sum(lanemq_meta_jobs_leader) > 1"),
    ("stopped", "a runbook is another one", "docs/runbooks/group_stopped.md", "docs/runbooks/group_stoped.md"),
    ("topics", "an hour of growth is not fifteen minutes", "delta(lanemq_dead_letters[15m]) >= 10", "delta(lanemq_dead_letters[1h]) >= 10"),
]


def promtool(*arguments, cwd):
    return subprocess.run(["promtool", *arguments], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=240, check=False)


def only(tests, block):
    """The test file with one of its tests alone: all of them take seconds."""
    head, *parts = re.split(r"(?m)^(?=  - name: )", tests)
    return head + next(part for part in parts if part.startswith("  - name: " + BLOCKS[block]))


def verdict(rules, tests):
    """'' when the rules are fine, else what promtool says."""
    with tempfile.TemporaryDirectory(prefix="lanemq-rules-") as folder:
        path = pathlib.Path(folder)
        (path / RULES.name).write_text(rules)
        (path / TESTS.name).write_text(tests)
        for arguments in (("check", "rules", RULES.name), ("test", "rules", TESTS.name)):
            done = promtool(*arguments, cwd=path)
            if done.returncode != 0:
                return done.stdout
        return ""


class RulesTest(unittest.TestCase):
    def test_the_rules_are_valid_and_pass_their_tests(self):
        self.assertEqual("", verdict(RULES.read_text(), TESTS.read_text()))

    def test_each_damage_is_noticed(self):
        rules, tests = RULES.read_text(), TESTS.read_text()
        for _, what, text, _ in FAULTS:
            self.assertIn(text, rules, f"'{what}' damages nothing")
        for block in BLOCKS:
            self.assertEqual("", verdict(rules, only(tests, block)))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            said = list(pool.map(lambda fault: verdict(rules.replace(fault[2], fault[3]), only(tests, fault[0])), FAULTS))
        unnoticed = [what for (_, what, _, _), words in zip(FAULTS, said) if not words]
        print(f"{len(FAULTS) - len(unnoticed)} of {len(FAULTS)} damaged rule files failed", flush=True)
        self.assertEqual([], unnoticed)

    def test_every_alert_has_a_test_that_sees_it_fire_and_a_runbook(self):
        rules, tests = RULES.read_text(), TESTS.read_text()
        alerts = re.findall(r"- alert: (\w+)", rules)
        self.assertGreater(len(alerts), 25)
        fired = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n\s+- exp_labels", tests))
        self.assertEqual([], [alert for alert in alerts if alert not in fired])
        pages = re.findall(r'runbook_url: "([^"]+)"', rules)
        self.assertEqual(len(alerts), len(pages), "an alert without a runbook")
        self.assertEqual([], [page for page in pages if not (ROOT / page).is_file()])


if __name__ == "__main__":
    if shutil.which("promtool") is None:
        print("SKIPPED LOUDLY: promtool is not installed here (./dev setup test)", flush=True)
        sys.exit(SKIPPED)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin-dir")  # As the other tests of programs have it.
    _, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
