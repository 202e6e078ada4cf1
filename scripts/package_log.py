"""The main job of `./dev up`: real lines through the queue and back, compared one by one."""

import base64
import collections
import ctypes
import gzip
import json
import pathlib
import re
import signal
import subprocess
import time

LOG_FOLDER = pathlib.Path("/var/log")
RUN_HEADER = "run"


def package_logs(folder=LOG_FOLDER):
    """dpkg's log and its rotated predecessors, oldest first."""
    def age(path):
        number = re.search(r"\.(\d+)", path.name)
        return -int(number.group(1)) if number else 0

    return sorted((p for p in folder.glob("dpkg.log*") if p.is_file()), key=age)


def read_lines(paths):
    """Every line of the files, as bytes without its line end."""
    lines = []
    for path in paths:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rb") as file:
            data = file.read()
        lines += data.removesuffix(b"\n").split(b"\n") if data else []
    return lines


DPKG_LINE = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (status \S+|\S+) (\S+)")


def key_of(line):
    """The package a line of dpkg's log is about; of other lines, the first word."""
    found = DPKG_LINE.match(line)
    if found:
        return b"dpkg" if found.group(1) == b"startup" else found.group(2).split(b":")[0]
    words = line.split(None, 1)
    return words[0][:200] if words else b"-"


class Published:
    """What this run sent: every line by key, in order."""

    def __init__(self, lines):
        self.by_key = collections.defaultdict(list)
        for line in lines:
            self.by_key[key_of(line)].append(line)
        self.count = len(lines)


def produce(cluster, topic, lines, run):
    """Sends the lines through `lanemq produce`; (seconds, its closing line)."""
    # A byte that no key contains: keys are words.
    text = b"".join(key_of(line) + b"\t" + line + b"\n" for line in lines)
    began = time.monotonic()
    done = subprocess.run(
        cluster.cli_command("produce", topic, "--key-separator=\\t", f"--header={RUN_HEADER}={run}"),
        input=text, capture_output=True, check=False)
    return done, time.monotonic() - began


def bytes_of(fields, name):
    if f"{name}_base64" in fields:
        return base64.b64decode(fields[f"{name}_base64"])
    text = fields.get(name)
    return None if text is None else text.encode()


PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def end_with_parent():
    """A kill -9 of ours must not leave members behind that share what the next run consumes."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


class Member:
    """A running `lanemq consume -g`: what it prints goes to a file."""

    def __init__(self, cluster, topic, group, name):
        self.name = name
        self.output = cluster.run_dir / f"consumer-{name}.jsonl"
        self.notes = cluster.run_dir / f"consumer-{name}.log"
        with open(self.output, "wb") as output, open(self.notes, "wb") as notes:
            self.process = subprocess.Popen(
                cluster.cli_command("consume", topic, f"--group={group}", "--output=jsonl"),
                stdin=subprocess.DEVNULL, stdout=output, stderr=notes, start_new_session=True,
                preexec_fn=end_with_parent)

    def stop(self, patience=30):
        """As Ctrl-C does it: commits, leaves the group. Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def count(self):
        return self.output.read_bytes().count(b"\n")


def merged(members):
    """What the members printed, by partition and offset: a partition has one owner at a time."""
    lines = [line for member in members for line in member.output.read_bytes().splitlines()]
    place = [(m["partition"], int(m["offset"])) for m in map(json.loads, lines)]
    return b"\n".join(line for _, line in sorted(zip(place, lines), key=lambda pair: pair[0]))


def check(published, run, jsonl):
    """Compares what came out with what went in: (faults, messages of this run, others)."""
    seen = collections.defaultdict(list)
    place_of_key = {}
    last_offset = {}
    faults = []
    own = others = 0
    for text in jsonl.splitlines():
        message = json.loads(text)
        partition, offset = message["partition"], int(message["offset"])
        if partition in last_offset and offset != last_offset[partition] + 1:
            faults.append(f"partition {partition}: offset {offset} follows {last_offset[partition]}")
        last_offset[partition] = offset
        headers = {h.get("name"): h.get("value") for h in message["headers"]}
        if headers.get(RUN_HEADER) != run:
            others += 1
            continue
        own += 1
        key = bytes_of(message, "key")
        if place_of_key.setdefault(key, partition) != partition:
            faults.append(f"key {key!r} is in partitions {place_of_key[key]} and {partition}")
        seen[key].append(bytes_of(message, "value"))
    if own != published.count:
        faults.append(f"{published.count} messages went in, {own} came out")
    for key, lines in published.by_key.items():
        got = seen.pop(key, [])
        if got == lines:
            continue
        kind = "order" if sorted(got) == sorted(lines) else "content"
        faults.append(f"key {key!r}: {kind} differs ({len(lines)} in, {len(got)} out)")
    faults += [f"key {key!r} was never sent" for key in seen]
    return faults, own, others
