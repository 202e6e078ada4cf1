"""The second job of `./dev up`: a handler that fails, and what becomes of its messages."""

import collections
import json
import os
import shlex
import signal
import subprocess
import time

import package_log

TOPIC = "package-checks"
GROUP = "package-check"
PARTITIONS = 2
COUNT = 10
UNLUCKY = 3  # So many of them fail twice.
FAILURES = 2
MAX_ATTEMPTS = 4
DELAY = "200ms"
PATIENCE = 60.0

# Called by `lanemq consume --exec` with the message on its stdin: "RUN PACKAGE". Exit code 0: done, 65: never
# again, anything else: try again. Of other runs' messages nothing is asked.
SCRIPT = """#!/bin/sh
read -r run package fate
[ "$run" = "$CHECK_RUN" ] || exit 0
echo "$LANEMQ_ATTEMPT $package" >> "$CHECK_CALLS"
if [ "$fate" = unlucky ] && [ "$LANEMQ_ATTEMPT" -le 2 ]; then
  echo "the mirror does not answer" >&2
  exit 75
fi
if [ "$fate" = broken ] && [ ! -e "$CHECK_REPAIRED" ]; then
  echo "the checksum is wrong" >&2
  exit 65
fi
echo "$package" >> "$CHECK_DONE"
"""


class HandlerFault(Exception):
    """What came out is not what should have."""


def packages_of(lines):
    """Ten different names from the end of the input; a short input is filled up."""
    names = dict.fromkeys(package_log.key_of(line).decode(errors="replace") for line in reversed(lines))
    plain = [name for name in names if name.isprintable() and " " not in name][:COUNT]
    return plain + [f"example-{i}" for i in range(COUNT - len(plain))]


class Checks:
    """One run: its messages, the handler's process and its files."""

    def __init__(self, cluster, lines, run):
        self.cluster, self.run = cluster, run
        names = packages_of(lines)
        self.broken, self.unlucky = names[0], names[1:1 + UNLUCKY]
        self.fates = {name: "well" for name in names}
        self.fates.update({name: "unlucky" for name in self.unlucky}, **{self.broken: "broken"})
        folder = cluster.run_dir
        self.script = folder / "check-package.sh"
        self.calls, self.done = folder / "check-calls.txt", folder / "check-done.txt"
        self.repaired, self.notes = folder / "check-repaired", folder / "check-handler.log"
        self.process = None

    def cli(self, *arguments):
        done = self.cluster.cli(*arguments)
        if done.returncode != 0:
            raise HandlerFault(f"lanemq {' '.join(arguments)}: exit code {done.returncode}\n"
                               f"    {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode(errors="replace")

    def items(self, *arguments):
        return json.loads(self.cli(*arguments, "--output=json"))["items"]

    def prepare(self):
        topics = self.items("topic", "list")
        if not any(t["topic"] == TOPIC and t["state"] == "active" for t in topics):
            self.cli("topic", "create", TOPIC, f"--partitions={PARTITIONS}")
        self.cli("group", "policy", GROUP, f"--max-attempts={MAX_ATTEMPTS}", f"--delays={DELAY}")
        for path in (self.calls, self.done):
            path.write_text("")
        self.repaired.unlink(missing_ok=True)
        self.script.write_text(SCRIPT)
        self.script.chmod(0o755)

    def start(self):
        environment = dict(os.environ, CHECK_RUN=self.run, CHECK_CALLS=str(self.calls), CHECK_DONE=str(self.done),
                           CHECK_REPAIRED=str(self.repaired))
        with open(self.notes, "wb") as notes:
            self.process = subprocess.Popen(
                self.cluster.cli_command("consume", TOPIC, f"--group={GROUP}", f"--exec={shlex.quote(str(self.script))}"),
                stdin=subprocess.DEVNULL, stdout=notes, stderr=notes, start_new_session=True, env=environment,
                preexec_fn=package_log.end_with_parent)

    def send(self):
        text = "".join(f"{name}\t{self.run} {name} {fate}\n" for name, fate in self.fates.items())
        done = subprocess.run(self.cluster.cli_command("produce", TOPIC, "--key-separator=\\t"), input=text.encode(),
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise HandlerFault(f"publishing failed: {done.stderr.decode(errors='replace').strip()}")

    def stop(self):
        """As Ctrl-C does it: commits what is done, leaves the group."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def await_all(self, what, is_so):
        """Until the handler has got there."""
        until = time.monotonic() + PATIENCE
        while not is_so():
            if self.process.poll() is not None:
                raise HandlerFault(f"the handler ended with exit code {self.process.returncode}: {self.last_notes()}")
            if time.monotonic() > until:
                raise HandlerFault(f"{what} did not happen in {PATIENCE:.0f} s; the handler says: {self.last_notes()}")
            time.sleep(0.05)

    def last_notes(self):
        return "\n    ".join(self.notes.read_text(errors="replace").splitlines()[-5:])

    def handled(self):
        return self.done.read_text().split()

    def attempts(self):
        """The attempt numbers of each package, in the order of the calls."""
        calls = collections.defaultdict(list)
        for line in self.calls.read_text().splitlines():
            attempt, name = line.split(" ", 1)
            calls[name].append(int(attempt))
        return calls

    def dead(self):
        """This run's dead letters."""
        letters = self.items("dlq", "list", f"--group={GROUP}", "--max=1000", "--bodies")
        return [letter for letter in letters if (letter.get("value") or "").startswith(self.run + " ")]

    def check_first_part(self):
        """Everything is handled but the broken one, which is dead: its letter."""
        wanted = {name: [1] for name in self.fates} | {name: list(range(1, FAILURES + 2)) for name in self.unlucky}
        faults = compare("handled", sorted(set(self.fates) - {self.broken}), sorted(self.handled()))
        faults += compare("attempts", wanted, dict(self.attempts()))
        letters = self.dead()
        faults += compare("dead letters", [self.broken], [letter["key"] for letter in letters])
        if letters:
            faults += compare("reason", "exit_65", letters[0]["reason"])
            faults += compare("error", "the checksum is wrong", letters[0]["last_error"])
            faults += compare("body", f"{self.run} {self.broken} broken", letters[0]["value"])
        if faults:
            raise HandlerFault("; ".join(faults))
        return letters[0]

    def redrive(self, letter):
        self.repaired.touch()
        self.cli("dlq", "redrive", f"--group={GROUP}", f"--id={letter['id']}", "--note=repaired", "--wait")

    def check_second_part(self):
        """Nothing is left anywhere: every package was handled once."""
        faults = compare("handled", sorted(self.fates), sorted(self.handled()))
        faults += compare("dead letters", [], [letter["key"] for letter in self.dead()])
        left = self.cluster.query(f"SELECT COUNT(*) FROM lanemq_node.retry_messages WHERE group_id = '{GROUP}'",
                                  "--batch", "--skip-column-names")
        faults += compare("retries in MySQL", 0, int(left))
        deeds = [deed["action"] for deed in self.items("dlq", "audit", f"--group={GROUP}")]
        if "redrive" not in deeds:
            faults.append(f"the audit does not know of the redrive: {deeds}")
        if faults:
            raise HandlerFault("; ".join(faults))


def compare(what, wanted, found):
    return [] if wanted == found else [f"{what}: {found} instead of {wanted}"]
