"""A cluster in a temporary folder for the tests of this folder."""

import argparse
import contextlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from local_cluster import LOOPBACK, NODE_NAME, LocalCluster, start_ticks, wait_until

BIN_DIR = ROOT / "build" / "release" / "bin"
WAIT = 60.0


def run_tests():
    """unittest's main, with --bin-dir taken off the command line first."""
    global BIN_DIR
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin-dir", type=pathlib.Path, default=BIN_DIR)
    options, rest = parser.parse_known_args()
    BIN_DIR = options.bin_dir.resolve()
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)


@contextlib.contextmanager
def temporary_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lanemq-cli-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_cluster():
    """Database, metaserver, two brokers and a data node; stopped and removed at the end."""
    with temporary_folder() as folder:
        cluster = LocalCluster(folder, BIN_DIR)
        try:
            with cluster.locked():
                cluster.start_database()
                for name in cluster.server_names():
                    cluster.start_server(name)
                cluster.write_bootstrap()
                added = cluster.cli("node", "add", NODE_NAME, f"--address={LOOPBACK}:{cluster.database_port}")
                assert added.returncode == 0, added.stderr
            yield cluster
        finally:
            for name in reversed(cluster.server_names()):
                cluster.stop(name)
            cluster.database.stop()


class Ended:
    """A finished command."""

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode(errors="replace")
        self.err = done.stderr.decode(errors="replace")

    def __repr__(self):
        return f"exit code {self.code}\nstdout: {self.out[:2000]}\nstderr: {self.err[:2000]}"


def run(cluster, *arguments, stdin=b"", **keywords):
    return Ended(subprocess.run(cluster.cli_command(*arguments), input=stdin, capture_output=True, check=False,
                                timeout=WAIT, **keywords))
