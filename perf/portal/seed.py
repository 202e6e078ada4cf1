"""A large cluster's topics, partitions, groups, owners, grants, requests and audit log, and one partition with many rows.

The product makes one of each (MODEL), and rows.py clones the rows that this wrote. Message tables are made by the statement that the
database shows for the model's, one for each partition, on data nodes of 990 places. The servers stand still meanwhile.
"""

import re
import signal
import subprocess
import time

import rig
import rows
from local_cluster import LOOPBACK

MODEL = "scale.model"
BIG = "scale.big"
TABLES_OF_NODE = 950  # 990 is the most.
SCHEMAS_OF_NODE = 10
GROUP_SLOTS = 16
MODEL_MESSAGES = 20
TABLES_AT_ONCE = 4
DEAD_LETTERS_OF = 10  # One group of so many has some.
META = "lanemq_meta"
NODE = "lanemq_node"  # Of the node that every cluster of the tests has: the model's.
NUMBERS = "perf_numbers"  # Ours: n has 0, 1, 2 ..., g the groups.
ROWS_AT_ONCE = 200_000


def must(cluster, *words, **keywords):
    ended = rig.run(cluster, *words, **keywords)
    assert ended.code == 0, (words, ended)
    return ended.out


class Seed:
    def __init__(self, cluster, options):
        self.cluster, self.options = cluster, options
        self.nodes = []  # Ids, names and prefixes.
        self.model = self.first = None  # Topic ids.

    def tell(self, what):
        print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)

    def number(self, sql):
        return int(self.cluster.query(sql, "--skip-column-names").split()[0])

    def fill(self):
        """All of it; the servers are up before and after."""
        self.make_nodes()
        self.make_models()
        servers = ["portal", *reversed(self.cluster.server_names())]
        with self.cluster.locked():
            for name in servers:
                self.cluster.stop(name)
        before = rows.set_globals(self.cluster, rows.QUICK)
        self.make_numbers()
        self.clone_catalogue()
        self.clone_rights()
        self.make_tables()
        self.clone_groups()
        self.clone_history()
        self.fill_big()
        rows.set_globals(self.cluster, before)
        # Those who keep a copy of these see that it is old.
        self.cluster.query(f"UPDATE {META}.cluster SET metadata_version=metadata_version+1; "
                           f"UPDATE {META}.access_state SET version=version+1; DROP DATABASE {NUMBERS}")
        self.tell("servers start")
        with self.cluster.locked():
            for name in reversed(servers):
                self.cluster.start_server(name)

    # ------------------------------------------------------------ by the product

    def make_nodes(self):
        count = -(-self.options.topics * self.options.partitions // TABLES_OF_NODE)
        self.tell(f"{count} data nodes")
        for number in range(1, count + 1):
            name = f"scale{number:03}"
            must(self.cluster, "node", "add", name, f"--address={LOOPBACK}:{self.cluster.database_port}",
                 f"--schema-prefix={name}")
            self.nodes.append((self.number(f"SELECT node_id FROM {META}.data_nodes WHERE name='{name}'"), name))

    def make_models(self):
        self.tell("one of each")
        cluster, node = self.cluster, ["--node=local"]
        must(cluster, "team", "put", MODEL, "--lead", "ann", "--member", "bob")
        must(cluster, "service", "put", MODEL, "--team", MODEL)
        description = "One of very many, of which each has a line of text"
        must(cluster, "topic", "create", MODEL, "-p", str(self.options.partitions), "-c", "retention.ms=86400000",
             "--description", description, *node)
        must(cluster, "topic", "create", BIG, "-p", "1", *node)
        for kind in ("topic", "group"):
            must(cluster, "owner", "set", f"--{kind}", MODEL, "--team", MODEL)
        must(cluster, "acl", "grant", MODEL, "consume", "--topic", MODEL)
        lines = "".join(f"message {number}\n" for number in range(MODEL_MESSAGES))
        for topic in (MODEL, BIG):
            must(cluster, "produce", topic, "-p", "0", "-k", "key", "-H", "trace=1", stdin=lines.encode())
        self.consume()
        bundle = f"kind: topic\nname: {MODEL}\nowner: {MODEL}\npartitions: {self.options.partitions}\ndescription: '{description} indeed'\n"
        must(cluster, "apply", "-f", "-", "--title", "A request of very many", stdin=bundle.encode())
        self.model = self.number(f"SELECT topic_id FROM {META}.topics WHERE name='{MODEL}'")
        self.first = self.number(f"SELECT MAX(topic_id)+1 FROM {META}.topics")

    def consume(self):
        """The model's group reads all, and gives the first message up."""
        words = self.cluster.cli_command("consume", MODEL, "-g", MODEL, "-x", "if grep -qx 'message 0'; then exit 65; fi")
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def is_read():
                return self.number(f"SELECT COUNT(*) FROM {NODE}.dead_letters") == 1 and self.number(
                    f"SELECT COALESCE(MAX(committed_offset),0) FROM {NODE}.group_offsets WHERE group_id='{MODEL}'") > MODEL_MESSAGES

            assert rig.wait_until(is_read, rig.WAIT, 0.2), "the model's group has not read everything"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(rig.WAIT)

    # ------------------------------------------------------------ by the database

    def make_numbers(self):
        most = max(self.options.topics, self.options.audit, self.options.requests, 5_000)
        self.cluster.query(
            f"CREATE DATABASE {NUMBERS}; CREATE TABLE {NUMBERS}.n (i INT PRIMARY KEY); "
            f"CREATE TABLE {NUMBERS}.g (i INT PRIMARY KEY, name VARBINARY(249), slot INT, topic BIGINT, KEY (topic))")
        lists = [",".join(f"({number})" for number in range(begin, min(begin + 5_000, most))) for begin in range(0, most, 5_000)]
        rows.run(self.cluster, [f"INSERT INTO {NUMBERS}.n VALUES {text}" for text in lists])
        # A team's groups read its topics: each one of them.
        groups = [(number, f"team{number % self.options.teams:03}.group-{number:05}", self.first + number % self.options.topics)
                  for number in range(self.options.groups)]
        slot = self.number(f"SELECT slot FROM {META}.consumer_groups WHERE group_id='{MODEL}'")
        assert slot == rows.group_slot(MODEL, GROUP_SLOTS), "slots of groups are reckoned otherwise"
        rows.run(self.cluster, [
            f"INSERT INTO {NUMBERS}.g VALUES ({number},'{name}',{rows.group_slot(name, GROUP_SLOTS)},{topic})"
            for number, name, topic in groups])

    def many(self, schema, table, of, count, **changed):
        """Clones n.i = 0 ... count - 1."""
        done = rows.clone(self.cluster, schema, table, of, f"{NUMBERS}.n n ON n.i<{count}", changed)
        assert done > 0, f"{table} has nothing of the model"
        return done

    def clone_catalogue(self):
        self.tell(f"{self.options.topics} topics of {self.options.partitions} partitions in the catalogue")
        # Neighbours lie on different nodes; a node's tables go round its schemas.
        slot = f"(n.i*{self.options.partitions}+m.partition_index)"
        nodes, count = len(self.nodes), self.options.topics
        node = f"ELT(1+{slot} MOD {nodes},{','.join(str(one) for one, _ in self.nodes)})"
        name, of = self.topic_name("n.i"), f"m.topic_id={self.model}"
        self.many(META, "topics", of, count, topic_id=f"{self.first}+n.i", name=name,
                  created_at=f"m.created_at-INTERVAL n.i*37 MOD {count} MINUTE")
        self.many(META, "topic_config", of, count, topic_id=f"{self.first}+n.i")
        self.many(META, "topic_partitions", of, count, topic_id=f"{self.first}+n.i", node_id=node,
                  schema_index=f"{slot} DIV {nodes} MOD {SCHEMAS_OF_NODE}")

    def topic_name(self, number):
        return f"CONCAT('team',LPAD({number} MOD {self.options.teams},3,'0'),'.topic-',LPAD({number},5,'0'))"

    def clone_rights(self):
        self.tell("teams, owners, services and grants")
        teams = self.options.teams
        team = "CONCAT('team',LPAD(n.i MOD %d,3,'0'))" % teams
        self.many(META, "teams", f"m.name='{MODEL}'", teams, name=team)
        self.many(META, "team_members", f"m.team='{MODEL}'", teams, team=team)
        self.many(META, "services", f"m.name='{MODEL}'", teams * 5, name="CONCAT('service-',n.i)", team=team)
        self.many(META, "access_owners", f"m.name='{MODEL}' AND m.kind='topic'", self.options.topics,
                  name=self.topic_name("n.i"), team=team)
        self.many(META, "access_grants", f"m.name='{MODEL}'", min(5_000, self.options.topics), name=self.topic_name("n.i"),
                  principal=f"CONCAT('service:service-',n.i MOD {teams * 5})")
        rows.clone(self.cluster, META, "access_owners", f"m.name='{MODEL}' AND m.kind='group'", f"{NUMBERS}.g g",
                   {"name": "g.name", "team": "CONCAT('team',LPAD(g.i MOD %d,3,'0'))" % teams})

    def make_tables(self):
        places = [row.split("\t") for row in self.cluster.query(
            f"SELECT n.schema_prefix,p.schema_index,p.topic_id,p.partition_index,t.name FROM {META}.topic_partitions p "
            f"JOIN {META}.data_nodes n USING (node_id) JOIN {META}.topics t USING (topic_id) WHERE p.topic_id>={self.first}",
            "--skip-column-names").splitlines()]
        self.tell(f"{len(places)} message tables")
        schema = self.number(f"SELECT schema_index FROM {META}.topic_partitions WHERE topic_id={self.model} AND partition_index=0")
        model = f"`lanemq_{schema:02}`.`msg_{self.model}_0`"
        shown = self.cluster.query(f"SHOW CREATE TABLE {model}", "--skip-column-names", "--raw").split("\t", 1)[1].strip()
        text = re.sub(r"^CREATE TABLE `\w+`", "CREATE TABLE {table}", shown.replace("{", "{{").replace("}", "}}"), count=1)
        text = text.replace(f"topic {MODEL} partition 0", "topic {name} partition {index}")
        assert "{table}" in text and "{name}" in text, shown
        begun = time.monotonic()
        tables = [(f"`{prefix}_{int(at):02}`.`msg_{topic}_{index}`", name, index) for prefix, at, topic, index, name in places]
        rows.run_at_once(self.cluster, [text.format(table=table, name=name, index=index) for table, name, index in tables],
                         TABLES_AT_ONCE)
        self.tell(f"made in {time.monotonic() - begun:.0f} s; {MODEL_MESSAGES} rows in each")
        rows.run_at_once(self.cluster, [f"INSERT INTO {table} SELECT * FROM {model}" for table, _, _ in tables], TABLES_AT_ONCE)
        for node, prefix in self.nodes:
            rows.clone(self.cluster, NODE, "partition_state", f"m.topic_id={self.model} AND m.partition_index=0",
                       f"{META}.topic_partitions p ON p.node_id={node} AND p.topic_id>={self.first} "
                       f"JOIN {META}.topics t ON t.topic_id=p.topic_id",
                       {"topic_id": "p.topic_id", "partition_index": "p.partition_index", "topic_name": "t.name",
                        "schema_index": "p.schema_index"}, into=f"{prefix}_node")

    def clone_groups(self):
        """Whatever the nodes keep of the model's group and partition 0; of dead letters, less."""
        self.tell(f"{self.options.groups} groups")
        rows.clone(self.cluster, META, "consumer_groups", f"m.group_id='{MODEL}'", f"{NUMBERS}.g g",
                   {"group_id": "g.name", "slot": "g.slot"})
        tables = self.cluster.query(
            f"SELECT table_name FROM information_schema.columns WHERE table_schema='{NODE}' AND column_name IN "
            "('group_id','topic_id','partition_index') GROUP BY table_name HAVING COUNT(*)=3", "--skip-column-names").split()
        assert "group_offsets" in tables and "dead_letters" in tables, tables
        of = f"m.group_id='{MODEL}' AND m.topic_id={self.model} AND m.partition_index=0"
        for table in tables:
            changed = {"group_id": "g.name", "topic_id": "p.topic_id", "partition_index": "p.partition_index"}
            if table == "group_offsets":
                changed["committed_offset"] = f"1+(g.i*7+p.partition_index) MOD {MODEL_MESSAGES + 1}"
            few = f" AND g.i MOD {DEAD_LETTERS_OF}=0 AND p.partition_index=0" if table == "dead_letters" else ""
            for node, prefix in self.nodes:
                rows.clone(self.cluster, NODE, table, of, f"{META}.topic_partitions p ON p.node_id={node} "
                           f"JOIN {NUMBERS}.g g ON g.topic=p.topic_id{few}", changed, into=f"{prefix}_node")

    def clone_history(self):
        self.tell(f"{self.options.requests} requests, {self.options.audit} lines of the audit log")
        last = self.number(f"SELECT MAX(id) FROM {META}.change_requests")
        self.many(META, "change_requests", f"m.id={last}", self.options.requests, id=f"{last}+1+n.i", attempt="NULL",
                  author=f"CONCAT('service:service-',n.i MOD {self.options.teams})")
        self.many(META, "change_bundles", f"m.request_id={last}", self.options.requests, request_id=f"{last}+1+n.i")
        event = self.number(f"SELECT MIN(id) FROM {META}.audit_events WHERE object_kind='topic' AND object_name='{MODEL}'")
        self.many(META, "audit_events", f"m.id={event}", self.options.audit,
                  object_name=self.topic_name(f"(n.i MOD {self.options.topics})"),
                  at=f"m.at-INTERVAL {self.options.audit}-n.i SECOND")

    def fill_big(self):
        self.tell(f"{self.options.rows} messages in one partition")
        topic, schema = self.cluster.query(
            f"SELECT p.topic_id,p.schema_index FROM {META}.topic_partitions p JOIN {META}.topics t USING (topic_id) "
            f"WHERE t.name='{BIG}'", "--skip-column-names").split()
        where, table = f"lanemq_{int(schema):02}", f"msg_{topic}_0"
        end = self.number(f"SELECT MAX(`offset`) FROM `{where}`.`{table}`")
        changed = {"offset": "x.i", "timestamp_us": f"m.timestamp_us+x.i-{end}",
                   "sequence": f"m.sequence+x.i-{end}", "key": "CONCAT('customer-',x.i MOD 99991)",
                   "body": "CONCAT('{\"order\":',x.i,',\"amount\":',x.i MOD 977,',\"note\":\"',REPEAT(SHA2(x.i,256),3),'\"}')"}
        for begin in range(end, self.options.rows, ROWS_AT_ONCE):
            count = min(ROWS_AT_ONCE, self.options.rows - begin)
            numbers = f"(SELECT {begin + 1}+a.i*1000+b.i i FROM {NUMBERS}.n a JOIN {NUMBERS}.n b ON b.i<1000 " \
                      f"WHERE a.i<{-(-count // 1000)} AND a.i*1000+b.i<{count} ORDER BY i) x"
            rows.run(self.cluster, [self.insert_big(where, table, end, numbers, changed)])

    def insert_big(self, where, table, end, numbers, changed):
        names, _ = rows.columns(self.cluster, where, table)
        values = ", ".join(changed.get(name, f"m.`{name}`") for name in names)
        return f"INSERT INTO `{where}`.`{table}` SELECT {values} FROM `{where}`.`{table}` m JOIN {numbers} WHERE m.`offset`={end}"
