#!/usr/bin/env python3
"""Runbooks, the dashboard and Alertmanager's example: what they name exists.

A page that names a command, a flag, a metric or a page that is not there is worse than none at three in the morning. Everything is
compared with the sources and docs/reference/cli.md; nothing runs but promtool and amtool, where they are installed. The checks
themselves are tried on a damaged copy of the texts, one fault at a time.
"""

import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
RULES, DASHBOARD = "deploy/prometheus/lanemq.rules.yaml", "deploy/grafana/lanemq.json"
ROUTES, KINDS = "deploy/prometheus/alertmanager.example.yaml", "common/core/alert/alert_kinds.cc"
ENGINE = "metaserver/oncall/alert_engine.cc"
CAUSES, REFERENCE, GUIDE = "common/core/lag/lag_verdict.cc", "docs/reference/cli.md", "docs/OPERATING.md"
INDEX, RUNBOOKS = "docs/runbooks/README.md", "docs/runbooks/"
# Where servers and programs that have metrics and options are.
SOURCES = ("broker", "metaserver", "client", "common")
PARTS = ("**Means.**", "**Hurts**", "**Find the cause**|**The cause**|**First buy time**", "**Clears**", "**Change it**", "**Ignore it**")
# Pages whose alert tells a cause.
WITH_CAUSE = ("group_stopped", "group_stalled", "group_slow", "group_falling_behind")
SCHEMAS = {"lanemq_node", "lanemq_meta"}  # Of the data nodes and the metadata database.


def read_tree():
    """Every text that is looked at, by its path."""
    paths = [RULES, DASHBOARD, ROUTES, KINDS, ENGINE, CAUSES, REFERENCE, GUIDE, "deploy/README.md", "deploy/prometheus/README.md"]
    paths += [f"{RUNBOOKS}{page.name}" for page in sorted((ROOT / RUNBOOKS).glob("*.md"))]
    return {path: (ROOT / path).read_text() for path in paths}


def read_sources():
    """Names of metrics, and the options of programs, as the sources have them."""
    metrics, options = set(), set()
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix not in (".cc", ".h") or path.name.endswith("_test.cc"):
                continue
            text = path.read_text()
            metrics.update(re.findall(r'"(lanemq_[a-z0-9_]+)"', text))
            options.update(re.findall(r'"(?:-\w,)?(--[a-z][a-z0-9-]+)"', text))
            options.update("--" + name for name in re.findall(r'\bAdd\(app, "([a-z][a-z0-9-]+)"', text))
    return metrics, options


def pages_of(tree):
    return {path[len(RUNBOOKS):-3]: text for path, text in tree.items() if path.startswith(RUNBOOKS) and path != INDEX}


def kinds_of(tree):
    table = tree[KINDS].split("kKinds[] = {", 1)[1].split("\n};", 1)[0]
    return re.findall(r'^    \{"([a-z_]+)",', table, re.M)


def guide_part(tree):
    """What docs/OPERATING.md says about being on call."""
    return tree[GUIDE].split("\n## On call\n", 1)[1].split("\n## ", 1)[0]


def for_people(tree):
    """What people read, with a name for complaints."""
    found = {path: text for path, text in tree.items() if path.startswith(RUNBOOKS) or path.startswith("deploy/") and path.endswith(".md")}
    found[GUIDE] = guide_part(tree)
    return found


def code_of(text):
    """The code in a page: spans and fenced lines, each on one line."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", text, re.M | re.S)
    yield from (line for kind, block in blocks if kind in ("sh", "") for line in block.splitlines())
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose))


def commands_of(reference):
    """{"lanemq group lag": its flags}, from docs/reference/cli.md."""
    parts = re.split(r"(?m)^##+ (lanemq.*)$", reference)
    found = {}
    for name, text in zip(parts[1::2], parts[2::2]):
        # Flags are what a line begins with, up to its explanation.
        heads = [line.strip().split("  ", 1)[0] for line in text.splitlines() if re.match(r" +--?[a-z]", line)]
        found[name] = {flag for head in heads for flag in re.findall(r"(?<!\S)--?[a-z][a-z-]*", head)}
    return found


def check_links(tree):
    # The engine has one kind without a rule: that it can judge nothing.
    pages, linked = pages_of(tree), {*kinds_of(tree), *re.findall(r'\bkind = "([a-z_]+)"', tree[ENGINE])}
    for url in re.findall(r'runbook_url: "([^"]+)"', tree[RULES]):
        if not (url.startswith(RUNBOOKS) and url.endswith(".md")):
            yield f"{RULES}: {url} is no runbook"
        linked.add(url[len(RUNBOOKS):-3])
    yield from (f"there is no page for {kind}" for kind in sorted(linked - set(pages)))
    yield from (f"no alert has the page {page}" for page in sorted(set(pages) - linked))
    yield from (f"{INDEX} does not list {page}" for page in sorted(pages) if f"({page}.md)" not in tree[INDEX])
    for path, text in for_people(tree).items():
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            target = (pathlib.Path(path).parent / link).as_posix()
            if link.startswith("http"):
                continue
            if target not in tree and not (ROOT / target).exists():
                yield f"{path}: {link} does not exist"


def check_shape(tree):
    causes = [cause for cause in re.findall(r'"([A-Z_]+)"', tree[CAUSES].split("kCauseNames", 1)[1].split("};", 1)[0])]
    for page, text in pages_of(tree).items():
        lines = [line for line in text.splitlines() if line]
        if lines[0] != f"# {page}":
            yield f"{page}: the title is not the kind"
        if not re.fullmatch(r"`lanemq [a-z][^`]*`", lines[1]):
            yield f"{page}: the first line is no command"
        yield from (f"{page}: nothing under {part}" for part in PARTS if not any(word in text for word in part.split("|")))
        if not 15 <= len(text.splitlines()) <= 40:
            yield f"{page}: {len(text.splitlines())} lines"
        if page in WITH_CAUSE:
            yield from (f"{page}: nothing about {cause}" for cause in causes if cause not in text)


def check_commands(tree, options):
    commands = commands_of(tree[REFERENCE])
    everywhere = commands["lanemq"]
    for path, text in for_people(tree).items():
        for code in code_of(text):
            code = code.split("#", 1)[0].replace("echo probe | ", "").strip()
            words = code.split()
            if not words or words[0] != "lanemq":
                yield from (f"{path}: no program has {flag}" for flag in re.findall(r"(?<!\S)--[a-z][a-z0-9-]+", code) if flag not in options)
                continue
            name = max((" ".join(words[:n]) for n in range(1, 5) if " ".join(words[:n]) in commands), key=len)
            has_more = [other for other in commands if other.startswith(name + " ")]
            if name == "lanemq" or (has_more and len(words) > len(name.split())):
                yield f"{path}: there is no command '{code}'"
                continue
            plain = re.sub(r"'[^']*'", "TEXT", code)
            for flag in re.findall(r"(?<!\S)--?[a-z][a-z0-9-]*", plain):
                if flag not in commands[name] | everywhere:
                    yield f"{path}: '{name}' has no {flag}"


def check_kinds(tree):
    kinds = set(kinds_of(tree))
    alerts = set(re.findall(r"- alert: (\w+)", tree[RULES]))
    for path, text in {**for_people(tree), ROUTES: tree[ROUTES]}.items():
        for kind in re.findall(r"alert rule (?:re)?set ([a-z]\w*)|(?:-k|--kind) ([a-z]\w*)", text):
            if (kind[0] or kind[1]) not in kinds:
                yield f"{path}: there is no kind {kind[0] or kind[1]}"
        if path != ROUTES:
            yield from (f"{path}: there is no alert {name}" for name in sorted(set(re.findall(r"\bLanemq[A-Z]\w+", text)) - alerts))
    for operator, pattern in re.findall(r'alertname (=~?) "([^"]+)"', tree[ROUTES]):
        for word in re.sub(r"\(([^)]*)\)", lambda m: "(" + m[1].replace("|", "/") + ")", pattern).split("|"):
            word = re.escape(word) if operator == "=" else word.replace("/", "|")
            if not any(re.fullmatch(word, alert) for alert in alerts):
                yield f"{ROUTES}: there is no alert {word}"
    for kind in kinds:
        name = "Lanemq" + "".join(part.capitalize() for part in kind.split("_"))
        # What Prometheus sees from elsewhere has a name of its own.
        if name not in alerts and kind != "lag_cut_off":
            yield f"{RULES}: {kind} has no alert {name}"


def check_metrics(tree, metrics):
    recorded = set(re.findall(r"- record: (\S+)", tree[RULES]))
    for path, text in {**for_people(tree), RULES: tree[RULES], DASHBOARD: tree[DASHBOARD]}.items():
        for name in recorded:
            text = text.replace(name, "")
        names = set(re.findall(r"(?<![\w:])(lanemq_[a-z0-9_]+)(?![\w.]|:)", text)) - SCHEMAS
        for name in sorted(names):
            if name not in metrics and re.sub(r"_(bucket|sum|count)$", "", name) not in metrics:
                yield f"{path}: no server has {name}"


def expressions(tree):
    return [target["expr"] for panel in json.loads(tree[DASHBOARD])["panels"] for target in panel.get("targets", [])]


def check_dashboard(tree):
    try:
        dashboard = json.loads(tree[DASHBOARD])
    except ValueError as error:
        yield f"{DASHBOARD}: {error}"
        return
    variables = {variable["name"] for variable in dashboard["templating"]["list"]}
    if dashboard.get("uid") or dashboard.get("id"):
        yield f"{DASHBOARD}: it has an id of some Grafana"
    taken = set()
    for panel in dashboard["panels"]:
        place, title = panel["gridPos"], panel["title"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        if taken & cells or place["x"] + place["w"] > 24:
            yield f"{DASHBOARD}: '{title}' lies on another one"
        taken |= cells
        if "id" in panel:
            yield f"{DASHBOARD}: '{title}' has an id"
        if panel["type"] != "row" and not panel["targets"]:
            yield f"{DASHBOARD}: '{title}' shows nothing"
        used = set(re.findall(r"\$\{?(\w+)", json.dumps(panel))) - {"__auto", "__all"}
        yield from (f"{DASHBOARD}: '{title}' uses ${name}, which is not there" for name in sorted(used - variables))


def complaints(tree, sources):
    metrics, options = sources
    broken = list(check_dashboard(tree))
    return broken + [*check_links(tree), *check_shape(tree), *check_commands(tree, options), *check_kinds(tree),
                     *check_metrics(tree, metrics)]


# Where, the text that is damaged, what it becomes, what must be complained of. The text must occur.
FAULTS = [
    (RULES, "docs/runbooks/group_slow.md", "docs/runbooks/group_late.md", "no page for group_late"),
    (KINDS, '{"node_slow",', '{"node_late",', "no page for node_late"),
    (RULES, "- alert: LanemqNodeSlow", "- alert: LanemqNodeLate", "no alert LanemqNodeSlow"),
    (RULES, "expr: lanemq_node_up == 0", "expr: lanemq_node_upp == 0", "lanemq_node_upp"),
    (INDEX, "(node_down.md)", "(node_gone.md)", "node_gone.md does not exist"),
    (INDEX, "[no_jobs](no_jobs.md)", "no_jobs", "does not list no_jobs"),
    (RUNBOOKS + "node_down.md", "(data_loss.md)", "(data_lost.md)", "data_lost.md does not exist"),
    (RUNBOOKS + "node_down.md", "`lanemq check node -n NODE`", "Look at the node.", "first line is no command"),
    (RUNBOOKS + "node_down.md", "# node_down", "# Node down", "title is not the kind"),
    (RUNBOOKS + "node_down.md", "**Clears**", "It ends", "nothing under **Clears**"),
    (RUNBOOKS + "node_down.md", "lanemq node alter NODE --address", "lanemq node move NODE --address", "no command 'lanemq node move"),
    (RUNBOOKS + "node_down.md", "NODE --state closed", "NODE --status closed", "has no --status"),
    (RUNBOOKS + "node_down.md", "alert rule set node_down", "alert rule set node_away", "no kind node_away"),
    (RUNBOOKS + "no_broker.md", "`lanemq_broker_info`", "`lanemq_brokers_info`", "lanemq_brokers_info"),
    (RUNBOOKS + "no_broker.md", "`--data-dir`", "`--data-directory`", "no program has --data-directory"),
    (RUNBOOKS + "group_stopped.md", "NOT_POLLING", "HANGING", "nothing about NOT_POLLING"),
    (RUNBOOKS + "canary_failing.md", "LanemqCanaryLate", "LanemqCanaryTardy", "no alert LanemqCanaryTardy"),
    (DASHBOARD, "lanemq_broker_rpc_seconds_bucket", "lanemq_broker_rpc_second_bucket", "lanemq_broker_rpc_second_bucket"),
    (DASHBOARD, '"panels": [', '"panels": [,', "Expecting value"),
    (DASHBOARD, 'group=~\\"$group\\"', 'group=~\\"$team\\"', "uses $team"),
    (DASHBOARD, '"title": "LaneMQ"', '"title": "LaneMQ", "uid": "abc"', "id of some Grafana"),
    (ROUTES, 'alertname = "LanemqNoBroker"', 'alertname = "LanemqNoBrokers"', "no alert LanemqNoBrokers"),
    (GUIDE, "lanemq alert channel add", "lanemq alert channel make", "no command 'lanemq alert channel make"),
]


class DocsTest(unittest.TestCase):
    maxDiff = None

    def test_everything_they_name_exists(self):
        self.assertEqual([], complaints(read_tree(), read_sources()))

    def test_each_damage_is_noticed(self):
        tree, sources = read_tree(), read_sources()
        before = set(complaints(tree, sources))
        unnoticed = []
        for path, text, damaged, expected in FAULTS:
            self.assertIn(text, tree[path], f"{path}: this damages nothing")
            copy = {**tree, path: tree[path].replace(text, damaged)}
            try:
                new = [words for words in complaints(copy, sources) if words not in before]
            except ValueError as error:  # Only a dashboard that cannot be read ends the checks.
                new = [str(error)]
            if not any(expected in words for words in new):
                unnoticed.append((path, damaged, new))
        print(f"{len(FAULTS) - len(unnoticed)} of {len(FAULTS)} faults were noticed", flush=True)
        self.assertEqual([], unnoticed)

    def test_a_missing_page_is_noticed(self):
        tree, sources = read_tree(), read_sources()
        for page in pages_of(tree):
            copy = {path: text for path, text in tree.items() if path != f"{RUNBOOKS}{page}.md"}
            self.assertIn(f"there is no page for {page}", complaints(copy, sources))

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed here (./dev setup test)")
    def test_expressions_of_the_dashboard_are_valid(self):
        lines = ["groups:", "- name: dashboard", "  rules:"]
        for number, expression in enumerate(expressions(read_tree())):
            plain = re.sub(r"\$\w+", ".*", expression)
            lines += [f"  - record: panel:{number}", f"    expr: {json.dumps(plain)}"]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            done = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    @unittest.skipUnless(shutil.which("amtool"), "amtool is not installed here (./dev setup test)")
    def test_alertmanager_takes_its_example(self):
        def verdict(text):
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(text)
                file.flush()
                return subprocess.run(["amtool", "check-config", file.name], capture_output=True, text=True, timeout=60, check=False)

        text = read_tree()[ROUTES]
        done = verdict(text)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.assertNotEqual(0, verdict(text.replace("receiver: payments-pager", "receiver: nobody")).returncode)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin-dir")  # As the other tests of programs have it.
    _, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
