#!/usr/bin/env python3
"""The audit log of a cluster with two data nodes, one of which goes away and comes back."""

import contextlib
import json
import re
import socket
import threading
import unittest

import rig
from local_cluster import LOOPBACK, wait_until


class Wire:
    """Leads from a port of its own to the database, until it is cut; connections then break, and new ones are refused."""

    def __init__(self, to):
        self.to = to
        self.port = 0
        self.lock = threading.Lock()
        self.open = []
        self.join()

    def join(self):
        """As it was before cut()."""
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((LOOPBACK, self.port))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.is_cut = False
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near = listener.accept()[0]
                far = socket.create_connection((LOOPBACK, self.to))
                with self.lock:
                    self.open += [near, far]
                    if self.is_cut:
                        self.break_all()
                for source, target in [(near, far), (far, near)]:
                    threading.Thread(target=self.copy, args=(source, target), daemon=True).start()

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                target.sendall(data)
        for end in [source, target]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def break_all(self):
        for end in self.open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open.clear()

    def cut(self):
        with self.lock:
            self.is_cut = True
            # Wakes accept(), which closing alone does not.
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.break_all()


def setUpModule():
    AuditTest.context = rig.running_cluster()
    AuditTest.cluster = AuditTest.context.__enter__()
    AuditTest.wire = Wire(AuditTest.cluster.database_port)


def tearDownModule():
    AuditTest.context.__exit__(None, None, None)


class AuditTest(unittest.TestCase):
    cluster = None
    context = None
    wire = None

    def ended(self, *arguments, code=0, stdin=b""):
        done = rig.run(self.cluster, *arguments, stdin=stdin)
        self.assertEqual(done.code, code, done)
        return done

    @staticmethod
    def events(done):
        return [(line["log"], line["id"]) for line in map(json.loads, done.out.splitlines())]

    def test_an_export_without_a_node_says_so_and_goes_on_later(self):
        self.ended("node", "add", "far", f"--address={LOOPBACK}:{self.wire.port}", "--schema-prefix=lanemq_far")
        for topic, node in [("here", rig.NODE_NAME), ("there", "far")]:
            self.ended("topic", "create", topic, "--node", node, "--partitions=1")
            self.ended("produce", topic, stdin=b"one\n")
            self.ended("group", "reset", f"{topic}s", "-t", topic, "--to-latest", "--execute", "--yes")
        everything = self.events(self.ended("audit", "export"))
        logs = {log for log, _ in everything}
        self.assertEqual(len(logs), 3, everything)
        self.assertIn("far", logs)

        self.wire.cut()
        partly = self.ended("audit", "export", code=7)
        self.assertIn("Not answered by far: what they keep is missing here.", partly.err)
        self.assertEqual(self.events(partly), [event for event in everything if event[0] != "far"])
        self.assertIn("far", self.ended("audit", "search", "--since=-1h", code=7).err)
        self.ended("audit", "export", "--source=metadata")  # Nobody who is away was asked.
        nothing = self.ended("audit", "export", "--source=far", code=7)
        self.assertEqual(nothing.out, "")

        self.wire.join()
        later = ["audit", "export", "--cursor", re.search(r"--cursor (\S+)", partly.err).group(1)]
        self.assertTrue(wait_until(lambda: rig.run(self.cluster, *later).code == 0, rig.WAIT, 0.2))
        self.assertEqual(self.events(self.ended(*later)), [event for event in everything if event[0] == "far"])


if __name__ == "__main__":
    rig.run_tests()
