"""Many rows that are like one which the product has written: clones in which only what names them is another.

Columns are asked of the database, and every one that is not named is copied: what the product writes tomorrow is cloned, too.
"""

import subprocess
import threading

from local_cluster import LOOPBACK, ClusterError

STATEMENTS_PER_COMMIT = 200
# Nothing of the seed has to survive a crash; the measured part runs with what was set before.
QUICK = {"innodb_flush_log_at_trx_commit": "0", "sync_binlog": "0"}


def columns(cluster, schema, table):
    """Names of the columns, without those that the database counts up by itself."""
    rows = cluster.query(f"SELECT column_name, extra FROM information_schema.columns WHERE table_schema='{schema}' "
                         f"AND table_name='{table}' ORDER BY ordinal_position", "--skip-column-names").splitlines()
    cells = [row.split("\t") for row in rows]
    return [name for name, extra in cells], [name for name, extra in cells if "auto_increment" in extra]


def clone(cluster, schema, table, of, beside, changed, into=None):
    """`of`: a condition on the model `m`. `beside`: what it is joined with, a row for each clone. `changed`: column to expression.

    `into`: the schema of the clones, when it is another one. The number of clones is answered.
    """
    names, counted = columns(cluster, schema, table)
    unknown = set(changed) - set(names)
    assert not unknown, f"{schema}.{table} has no {unknown}"
    names = [name for name in names if name in changed or name not in counted]
    values = [changed.get(name, f"m.`{name}`") for name in names]
    target = f"`{into or schema}`.`{table}`"
    before = cluster.query(f"SELECT COUNT(*) FROM {target}", "--skip-column-names")
    cluster.query(f"SET SESSION sql_log_bin=0; INSERT INTO {target} ({', '.join(f'`{name}`' for name in names)}) "
                  f"SELECT {', '.join(values)} FROM `{schema}`.`{table}` m JOIN {beside} WHERE {of}")
    return int(cluster.query(f"SELECT COUNT(*) FROM {target}", "--skip-column-names")) - int(before)


def run(cluster, statements):
    """On one connection, without the binary log."""
    text = "SET SESSION sql_log_bin=0;\n" + "".join(f"{statement};\n" for statement in statements)
    done = subprocess.run(
        ["mariadb", "--no-defaults", f"--host={LOOPBACK}", f"--port={cluster.database_port}", "--user=root", "--skip-ssl",
         "--database=mysql"],  # MySQL wants one, whichever, for derived tables.
        input=text.encode(), capture_output=True, check=False)
    if done.returncode != 0:
        raise ClusterError(done.stderr.decode(errors="replace").strip())


def run_at_once(cluster, statements, connections):
    """Statements in any order, shared by so many connections; each commits now and then."""
    failed = []

    def work(first):
        own = statements[first::connections]
        try:
            for begin in range(0, len(own), STATEMENTS_PER_COMMIT):
                run(cluster, ["BEGIN", *own[begin:begin + STATEMENTS_PER_COMMIT], "COMMIT"])
        except ClusterError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[first]) for first in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def set_globals(cluster, wanted):
    """What they were before."""
    before = {}
    for name, value in wanted.items():
        before[name] = cluster.query(f"SELECT @@{name}", "--skip-column-names").strip()
        cluster.query(f"SET GLOBAL {name}={value}")
    return before


def group_slot(name, slots):
    """core::GroupSlot(): Kafka's murmur2 of the name, without its sign."""
    data, mask, mix = name.encode(), 0xffffffff, 0x5bd1e995
    value = 0x9747b28c ^ len(data)
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        part = int.from_bytes(data[at:at + 4], "little") * mix & mask
        part = (part ^ part >> 24) * mix & mask
        value = value * mix & mask ^ part
    if whole < len(data):
        value = (value ^ int.from_bytes(data[whole:], "little")) * mix & mask
    value = (value ^ value >> 13) * mix & mask
    return ((value ^ value >> 15) & 0x7fffffff) % slots
