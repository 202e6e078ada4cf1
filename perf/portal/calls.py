"""The lists that the pages read (http.GET in portal/web/src), as they ask for them, on the first page and deep inside."""

import http.client
import json
import time
import urllib.parse

from local_cluster import LOOPBACK

PAGE = 50  # As useList.ts has it.
MOST = 10_000  # As LagList.tsx has it.
DEEP = 0.9


def query(path, **words):
    """`filter` may be a list; what is None is left out."""
    pairs = [(name, one) for name, value in words.items() if value is not None
             for one in (value if isinstance(value, list) else [value])]
    return f"{path}?{urllib.parse.urlencode(pairs)}" if pairs else path


class Http:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, port, token):
        self.connection = http.client.HTTPConnection(LOOPBACK, port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, path, body=None, is_ready=True):
        """Milliseconds, bytes, and what was answered: None when it cannot be answered now, which is all right unless `is_ready`."""
        began = time.monotonic()
        self.connection.request("POST" if body else "GET", "/api/v1" + path, json.dumps(body) if body else None, self.headers)
        reply = self.connection.getresponse()
        text = reply.read()
        took = (time.monotonic() - began) * 1000
        if reply.status == 503 and not is_ready:
            return took, len(text), None
        assert reply.status == 200, (path, body, reply.status, text[:500])
        return took, len(text), text

    def json(self, path, body=None):
        return json.loads(self.ask(path, body)[2])


def deep_cursor(http, path, words, list_name, total):
    """The cursor behind nine tenths of the list, by pages of a thousand; of lists that the server pages, as deep as it is told."""
    cursor, passed = None, 0
    while passed < DEEP * total:
        page = http.json(query(path, **words, limit=1_000, cursor=cursor))
        passed += len(page[list_name])
        if "next_cursor" not in page:
            break
        cursor = page["next_cursor"]
    return cursor


def lists(http, options):
    """Name, path: all with the bar."""
    name, group = "team007.topic-00007", "team007.group-00007"
    last_week = int((time.time() - 7 * 86_400) * 1e6)
    calls = []

    def add(title, path, **words):
        calls.append((title, query(path, **words)))

    def sorted_by(what, path, fields, **words):
        for field in fields:
            add(f"{what}, by {field}", path, limit=PAGE, sort=field, **words)

    def topics(title, **words):
        add(f"topics, {title}", "/topics", omit_partitions="true", **words)

    sorted_by("topics", "/topics", ["name", "-name", "owner", "state", "-figures.in_rate", "-figures.stored_messages",
                                    "-figures.groups", "-figures.dead_letters", "-created_at_us", "topic_id"],
              omit_partitions="true")
    topics("500 of them", limit=500, sort="name")
    topics("searched", limit=PAGE, sort="name", filter="name:*topic-0012*")
    topics("of a team", limit=PAGE, sort="name", filter="owner:team007")
    topics("searched for nothing", limit=PAGE, sort="name", filter="name:*no such thing*")
    topics("deleted ones", limit=PAGE, sort="-deletion.deleted_at_us", filter="deletion.purge_at_us:>0", include_deleted="true")
    topics("deep", limit=PAGE, sort="name", cursor=deep_cursor(http, "/topics", {"sort": "name"}, "topics", options.topics))
    topics("as the palette looks for them", limit=8, sort="name", filter="name:*7*", fields="name")
    add("topics with their partitions", "/topics", limit=PAGE, sort="name")
    add("groups, as the palette looks for them", "/groups", limit=8, sort="group", filter="group:*7*", fields="group")
    sorted_by("groups", "/groups", ["group", "state", "-members", "protocol", "-generation"])
    add("groups, searched", "/groups", limit=PAGE, sort="group", filter="group:*group-0012*")
    add("groups, deep", "/groups", limit=PAGE, sort="group",
        cursor=deep_cursor(http, "/groups", {"sort": "group"}, "groups", options.groups))
    add("lag, the worst first", "/lag", limit=PAGE, max=MOST)
    sorted_by("lag", "/lag", ["group", "-lag_ms", "objective_ms", "-lag_messages", "-in_rate", "-out_rate", "members", "topic"],
              max=MOST)
    add("lag, searched", "/lag", limit=PAGE, max=MOST, filter="group:*group-0012*")
    add("lag, only trouble", "/lag", limit=PAGE, max=MOST, only_troubled="true")
    add("lag, of a team", "/lag", limit=PAGE, max=MOST, filter="owner:team007")
    add("lag, deep", "/lag", limit=PAGE, max=MOST,
        cursor=deep_cursor(http, "/lag", {"max": MOST}, "topics", min(options.groups, MOST)))
    add("lag, of a topic", "/lag", limit=100, topic=name, sort="-lag_messages")
    add("home: lag", "/lag", max=200)
    add("home: dead letters", "/dead-letters", limit=8, sort="-newest_us")
    add("home: requests", "/requests", limit=8)
    add("group", f"/groups/{group}")
    add("group: lag of partitions", f"/groups/{group}/lag", include_partitions="true", max=1_000, limit=1_000)
    add("group: lag chart", f"/groups/{group}/lag-history", topic=name, from_us=last_week, until_us=int(time.time() * 1e6),
        max_points=400)
    add("group: offsets", f"/groups/{group}/offsets")
    sorted_by("dead letters", "/dead-letters", ["-newest_us", "group", "topic", "-letters", "owner"])
    add("dead letters of a group", "/groups/team010.group-00010/dead-letters", limit=PAGE)
    add("dead letters of a group, counts", "/groups/team010.group-00010/dead-letter-counts", limit=1_000)
    add("topic and its partitions", f"/topics/{name}")
    add("topic: history", f"/topics/{name}/history", limit=PAGE)
    add("requests", "/requests", limit=PAGE)
    add("requests, deep", "/requests", limit=PAGE, cursor=deep_cursor(http, "/requests", {}, "requests", options.requests))
    add("audit", "/audit", limit=PAGE)
    add("audit, of a topic", "/audit", limit=PAGE, object_kind="topic", object_name=name)
    add("audit, deep", "/audit", limit=PAGE, cursor=deep_cursor(http, "/audit", {}, "events", options.audit))
    add("teams", "/teams", limit=PAGE, sort="name")
    add("teams, names of all", "/teams", limit=1_000, sort="name", fields="name")
    add("team", "/teams", filter="name:team007")
    sorted_by("grants", "/grants", ["name", "kind", "principal"])
    add("grants, of a topic", "/grants", kind="topic", name=name, limit=100)
    sorted_by("owners", "/owners", ["name", "kind", "team"])
    add("owners, of a team", "/owners", limit=PAGE, sort="name", team="team007")
    add("owners, deep", "/owners", limit=PAGE, sort="name",
        cursor=deep_cursor(http, "/owners", {"sort": "name"}, "owners", options.topics + options.groups))
    add("services", "/services", limit=PAGE, sort="name")
    add("people", "/people", limit=PAGE, sort="name")
    add("quotas", "/quotas", limit=PAGE)
    add("things to tidy up", "/hygiene", limit=PAGE)
    add("data nodes", "/nodes", limit=PAGE, sort="name")
    add("brokers", "/brokers", limit=PAGE)
    add("alerts", "/alerts", limit=PAGE, max=1_000)
    add("alerts, events", "/alert-events", limit=PAGE, max=1_000)
    return calls


def searches(rows):
    """Name, body: searches in a partition of so many rows, of which most find nothing and so read until their bound."""
    widest = {"partition": 0, "max_scanned": 100_000, "time_limit_ms": 5_000}
    absent = "no message has this"
    return [
        ("body, as the page asks", {"partition": 0, "body_contains": absent}),
        ("body, the widest", {**widest, "body_contains": absent}),
        ("body, letters of either case, the widest", {**widest, "body_contains": absent, "ignore_case": True}),
        ("key, the widest", {**widest, "key_equals": absent}),
        ("header, the widest", {**widest, "header_name": "trace", "header_value": absent}),
        ("body, from the middle, the widest", {**widest, "from_offset": rows // 2, "body_contains": absent}),
        ("body, of the last hour, the widest", {**widest, "from_us": int((time.time() - 3_600) * 1e6), "body_contains": absent}),
        ("a key that is there", {**widest, "key_equals": "customer-77"}),
    ]
