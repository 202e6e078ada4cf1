#!/usr/bin/env python3
"""A real Prometheus and a real Alertmanager watch a real cluster in which seven things go wrong at once.

Each trouble has a group, a topic and an owner of its own; beside them goes a group that nothing happens to. Every alert that
Alertmanager delivers is compared with what is expected of that trouble: the right name, owner and cause; nothing else, and
nothing about the group that is well. Then everything is repaired, and every alert must be told to be over.

Ten minutes would be long, so the servers run with --on-call-time-scale and the rule file is a copy in which every duration is
shortened by the same factor.
"""

import http.server
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "cli"))
import rig  # noqa: E402

SCALE = 0.05  # Ten minutes are half a minute.
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
TABLES = 40  # Of the data node: one topic more fills it.
TROUBLES = ("stop", "poison", "slow", "pause", "reset", "back", "quiet", "well")


def shortened(rules):
    """The rule file with every duration, and every number of seconds in an expression, times SCALE."""
    def duration(match):
        return f"{max(int(float(match[1]) * SECONDS[match[2]] * SCALE * 1000), 1000)}ms"
    text = re.sub(r"(?<![\w.])(\d+)([smhd])(?![\w])", duration, rules)
    for seconds in ("600, 21600", "), 600)", "< 21600", "> 300)", "> 120", "> 60\n", "> 3600"):
        assert seconds in text, seconds
        text = text.replace(seconds, re.sub(r"\d+", lambda m: str(float(m[0]) * SCALE), seconds))
    return text


class Receiver(threading.Thread):
    """The webhook that Alertmanager calls: keeps every alert of every call."""

    def __init__(self):
        super().__init__(daemon=True)
        self.lock = threading.Lock()
        self.heard = []  # (seconds since the start, status, labels, annotations)
        self.began = time.monotonic()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with receiver.lock:
                    for alert in body["alerts"]:
                        receiver.heard.append((time.monotonic() - receiver.began, alert["status"], alert["labels"],
                                               alert["annotations"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((rig.LOOPBACK, 0), Handler)
        self.port = self.server.server_address[1]

    def run(self):
        self.server.serve_forever(0.05)

    def first(self, status, name, **labels):
        """When it was first heard; None: not yet."""
        with self.lock:
            return next((at for at, s, l, _ in self.heard
                         if s == status and l["alertname"] == name and labels.items() <= l.items()), None)

    def of(self, status, name, **labels):
        with self.lock:
            return [(l, a) for _, s, l, a in self.heard
                    if s == status and l["alertname"] == name and labels.items() <= l.items()]

    def names(self):
        with self.lock:
            return {(l["alertname"], l.get("group") or l.get("topic") or l.get("node", "")) for _, s, l, _ in self.heard
                    if s == "firing"}

    def forget(self):
        with self.lock:
            self.heard.clear()

    def still_firing(self):
        with self.lock:
            last = {}
            for _, status, labels, _ in self.heard:
                last[json.dumps(labels, sort_keys=True)] = status
            return sorted(labels for labels, status in last.items() if status == "firing")


class Watchers:
    """Prometheus and Alertmanager in a folder."""

    def __init__(self, folder, targets, receiver):
        self.folder = folder
        self.processes = []
        self.ports = [self.free_port(), self.free_port()]
        (folder / "rules.yaml").write_text(shortened((ROOT / "deploy" / "prometheus" / "lanemq.rules.yaml").read_text()))
        (folder / "prometheus.yaml").write_text(json.dumps({
            "global": {"scrape_interval": "500ms", "scrape_timeout": "450ms", "evaluation_interval": "500ms"},
            "rule_files": ["rules.yaml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"{rig.LOOPBACK}:{self.ports[1]}"]}]}]},
            "scrape_configs": [{"job_name": "lanemq", "static_configs": [{"targets": targets}]}]}))
        (folder / "alertmanager.yaml").write_text(json.dumps({
            "route": {"receiver": "test", "group_by": ["..."], "group_wait": "100ms", "group_interval": "500ms",
                      "repeat_interval": "1h"},
            "receivers": [{"name": "test", "webhook_configs": [
                {"url": f"http://{rig.LOOPBACK}:{receiver.port}/", "send_resolved": True}]}]}))

    @staticmethod
    def free_port():
        with socket.socket() as probe:
            probe.bind((rig.LOOPBACK, 0))
            return probe.getsockname()[1]

    def start(self):
        self.launch("prometheus", "--config.file=prometheus.yaml", "--storage.tsdb.path=tsdb",
                    f"--web.listen-address={rig.LOOPBACK}:{self.ports[0]}", "--rules.alert.resend-delay=1s",
                    "--log.level=warn")
        self.launch("prometheus-alertmanager", "--config.file=alertmanager.yaml", "--storage.path=am",
                    f"--web.listen-address={rig.LOOPBACK}:{self.ports[1]}", "--cluster.listen-address=", "--log.level=warn")

    def launch(self, program, *flags):
        with open(self.folder / f"{program}.log", "ab") as log:
            self.processes.append(subprocess.Popen([program, *flags], cwd=self.folder, stdin=subprocess.DEVNULL,
                                                   stdout=log, stderr=log))

    def ask(self, path):
        try:
            with urllib.request.urlopen(f"http://{rig.LOOPBACK}:{self.ports[0]}/api/v1/{path}", timeout=5) as reply:
                return json.load(reply)["data"]
        except OSError:
            return None

    def sees_all(self, servers):
        """Whether every server was scraped, and nothing is amiss."""
        targets, alerts = self.ask("targets?state=active"), self.ask("alerts")
        return (targets is not None and alerts is not None and not alerts["alerts"]
                and [target["health"] for target in targets["activeTargets"]] == ["up"] * servers)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def logs(self):
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in self.folder.glob("*.log"))


class Feed:
    """Five messages a second into a topic, until it is told to stop."""

    def __init__(self, cluster, topic, header=None):
        self.is_on = True
        self.process = subprocess.Popen(
            cluster.cli_command("produce", topic, "-k", "k", *(["-H", header] if header else [])),
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        number = 0
        while self.is_on:
            number += 1
            try:
                self.process.stdin.write(f"m{number}\n".encode())
                self.process.stdin.flush()
            except (BrokenPipeError, ValueError):
                return
            time.sleep(0.2)  # The rate is the point, not waiting for something.

    def stop(self):
        if self.is_on:
            self.is_on = False
            self.thread.join()
            self.process.stdin.close()
            self.process.wait(rig.WAIT)


class RealTest(unittest.TestCase):
    def setUp(self):
        os.environ["LANEMQ_META_ON_CALL_TIME_SCALE"] = str(SCALE)
        os.environ["LANEMQ_META_LAG_INTERVAL"] = "500"
        self.feeds, self.workers = {}, {}
        folder = rig.temporary_folder()
        self.folder = folder.__enter__()
        self.addCleanup(folder.__exit__, None, None, None)
        context = rig.running_cluster("--schemas-max=1", f"--tables-max={TABLES}")
        self.cluster = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.addCleanup(self.end_clients)

    def end_clients(self):
        for worker in self.workers.values():
            worker.kill()
            worker.wait()
        for feed in self.feeds.values():
            feed.stop()

    def ended(self, *arguments):
        done = rig.run(self.cluster, *arguments)
        self.assertEqual(done.code, 0, (arguments, done))
        return done

    def consume(self, name, *flags):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.workers[name] = subprocess.Popen(self.cluster.cli_command("consume", f"t-{name}", "-g", f"g-{name}", *flags),
                                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

    def handler(self, name):
        """A member whose handler tries the record of the header `act: retry` again and again, in place."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self.workers[name] = subprocess.Popen(
                [str(rig.BIN_DIR / "lanemq-failure-worker"), f"--bootstrap={self.cluster.bootstrap()}", f"--group=g-{name}",
                 f"--topic=t-{name}", f"--events={self.folder / name}.events", "--blocking", "--order=partition",
                 "--retry-per-mille=0", "--fatal-per-mille=0", "--instance-id=one"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def end(self, name):
        worker = self.workers.pop(name)
        worker.terminate()
        worker.wait(rig.WAIT)

    def metrics(self):
        url = f"http://{rig.LOOPBACK}:{self.cluster.port('metaserver', 'admin_port')}/metrics"
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.read().decode()

    def committed(self, name):
        found = re.search(rf'lanemq_group_committed_offset{{group="g-{name}",topic="t-{name}",partition="0"}} (\S+)', self.metrics())
        return float(found[1]) if found else -1

    def wait(self, condition, what, timeout=90):
        self.assertTrue(rig.wait_until(condition, timeout, 0.1),
                        f"{what} did not come true\nheard: {sorted(self.receiver.names())}\n{self.watchers.logs()[-2000:]}")

    def sql(self, text):
        return self.cluster.query(text, "--skip-column-names")

    def fill_history(self):
        """A day in which t-quiet got a thousand messages an hour: the norm that silence is measured by."""
        topic = self.sql("SELECT topic_id FROM lanemq_meta.topics WHERE name='t-quiet'").strip()
        hours = ",".join(
            f"(2,DATE_FORMAT(UTC_TIMESTAMP(6)-INTERVAL {hour} HOUR,'%Y-%m-%d %H:00:00'),'',{topic},0,0,0,1000,0,0,'OK')"
            for hour in range(1, 26))
        self.sql("INSERT INTO lanemq_meta.lag_history (tier,at,group_id,topic_id,lag_messages,lag_messages_max,lag_ms_max,"
                 f"produced,consumed,members,worst_status) VALUES {hours}")

    def prepare(self):
        for name in TROUBLES:
            self.ended("topic", "create", f"t-{name}", "-p", "1")
            self.ended("alert", "objective", "set", "-g", f"g-{name}", "-t", f"t-{name}", "--lag", "2s", "--owner", f"team-{name}",
                       "--tier", "ticket" if name == "slow" else "page")
        self.fill_history()
        self.ended("group", "policy", "g-poison", "--max-attempts", "1000", "--delays", "300ms")
        for name in TROUBLES:
            self.feeds[name] = Feed(self.cluster, f"t-{name}")
            if name == "poison":
                self.handler(name)
            else:
                self.consume(name)
        admin = [f"{rig.LOOPBACK}:{self.cluster.port(name, 'admin_port')}" for name in self.cluster.server_names()]
        self.receiver = Receiver()
        self.receiver.start()
        self.addCleanup(self.receiver.server.shutdown)
        self.watchers = Watchers(self.folder, admin, self.receiver)
        self.addCleanup(self.watchers.stop)
        self.watchers.start()
        # On a busy machine the first scrapes of a server may take longer than they may; that is no trouble of the cluster.
        self.wait(lambda: self.watchers.sees_all(len(admin)), "Prometheus sees every server")
        self.receiver.forget()
        self.wait(lambda: all(self.committed(name) > 20 for name in TROUBLES), "every group consumes")
        # A new group is given time before anything is said of it.
        self.wait(lambda: self.metrics().count('status="OK"} 1') == len(TROUBLES), "every group is judged")

    def break_everything(self):
        self.end("stop")
        self.feeds["poison"].stop()
        self.feeds["poison"] = Feed(self.cluster, "t-poison", header="act=retry")
        self.end("slow")
        self.consume("slow", "--exec", "sleep 0.5")
        self.ended("group", "pause", "g-pause", "--reason", "a test")
        self.ended("group", "reset", "g-reset", "-t", "t-reset", "--to-earliest", "--execute")
        self.feeds["quiet"].stop()
        # A client that commits an older offset: it rewinds without a reset.
        self.end("back")
        self.sql("UPDATE lanemq_node.group_offsets SET committed_offset=3, committed_at=UTC_TIMESTAMP(6), "
                 "claims=claims WHERE group_id='g-back'")
        self.consume("back", "--exec", "sleep 0.3")
        self.ended("topic", "create", "t-filler", "-p", str(TABLES - len(TROUBLES) - 1))

    def repair_everything(self):
        self.consume("stop")
        self.feeds["poison"].stop()
        self.ended("group", "reset", "g-poison", "-t", "t-poison", "--to-latest", "--execute")
        self.feeds["poison"] = Feed(self.cluster, "t-poison")
        for name in ("slow", "back"):
            self.end(name)
            self.consume(name)
        self.ended("group", "resume", "g-pause")
        self.feeds["quiet"] = Feed(self.cluster, "t-quiet")
        self.ended("topic", "delete", "t-filler", "--yes")
        self.ended("topic", "purge", "t-filler", "--yes")  # What it has on the disk must go now.

    def told(self, name, alert, cause=None, owner=True, **labels):
        """The alert as it was delivered, with its owner and its cause."""
        self.wait(lambda: self.receiver.first("firing", alert, **labels) is not None, f"{alert} of {name}")
        got, words = self.receiver.of("firing", alert, **labels)[-1]
        if owner:
            self.assertEqual(got.get("team"), f"team-{name}", got)
        if cause:
            said = [a.get("description", "") for _, a in self.receiver.of("firing", alert, **labels)]
            self.assertTrue(any(f"Cause: {c}." in text for text in said for c in cause.split("|")), (alert, said))
        self.assertIn("docs/runbooks/", words["runbook_url"])

    def test_each_trouble_fires_its_alert_and_no_other(self):
        self.prepare()
        self.assertEqual(set(), self.receiver.names(), "alerts before anything was wrong")
        broken = time.monotonic() - self.receiver.began
        self.break_everything()
        self.told("stop", "LanemqGroupStopped", "NO_MEMBERS", group="g-stop")
        self.told("poison", "LanemqGroupStalled" if self.receiver.first("firing", "LanemqGroupStalled") else
                  "LanemqGroupStopped", "POISON", group="g-poison")
        self.told("slow", "LanemqGroupSlow", group="g-slow")
        self.told("back", "LanemqGroupRewound", group="g-back")
        self.told("quiet", "LanemqTopicNotProduced", owner=False, topic="t-quiet")
        self.told("tables", "LanemqNodeTablesLow", owner=False)
        fired = {key: self.receiver.first("firing", key[0], **({"group": key[1]} if key[1].startswith("g-") else {}))
                 for key in self.receiver.names()}
        mended = time.monotonic() - self.receiver.began
        self.repair_everything()
        self.wait(lambda: not self.receiver.still_firing(), "every alert is over")
        expected = {
            ("LanemqGroupStopped", "g-stop"), ("LanemqGroupSlow", "g-stop"),
            ("LanemqGroupStopped", "g-poison"), ("LanemqGroupStalled", "g-poison"), ("LanemqGroupSlow", "g-poison"),
            ("LanemqGroupSlow", "g-slow"), ("LanemqGroupFallingBehind", "g-slow"),
            ("LanemqGroupRewound", "g-back"), ("LanemqGroupSlow", "g-back"), ("LanemqTopicNotProduced", "t-quiet"),
            ("LanemqNodeTablesLow", rig.NODE_NAME)}
        self.assertEqual(set(), self.receiver.names() - expected, "alerts that nothing was wrong for")
        scaled = f"times are of a clock that runs {1 / SCALE:.0f} times as fast"
        print(f"\nseconds after the trouble began, and after its repair ({scaled}):")
        for (alert, who), at in sorted(fired.items(), key=lambda item: item[1]):
            over = max(t for t, s, l, _ in self.receiver.heard if s == "resolved" and l["alertname"] == alert)
            print(f"  {alert:24} {who:12} fired {at - broken:5.1f}   over {over - mended:5.1f}")


if __name__ == "__main__":
    for program in ("prometheus", "prometheus-alertmanager"):
        if shutil.which(program) is None:
            print(f"SKIPPED LOUDLY: {program} is not installed here (./dev setup test)", flush=True)
            sys.exit(rig.SKIPPED)
    rig.run_tests()
