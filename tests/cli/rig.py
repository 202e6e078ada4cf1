"""A cluster in a temporary folder for the tests of this folder."""

import argparse
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import guarded_cluster
from db import ENGINES
from local_cluster import LOOPBACK, NODE_NAME, LocalCluster, start_ticks, wait_until

BIN_DIR = ROOT / "build" / "release" / "bin"
ENGINE = "mariadb"
SKIPPED = 77  # What ctest is told.
WAIT = 60.0


def mysql_program():
    cache = os.environ.get("LANEMQ_CACHE_DIR", ROOT / ".cache")
    return pathlib.Path(os.environ.get("LANEMQ_MYSQL_DIR", pathlib.Path(cache) / "mysql-9")) / "bin" / "mysqld"


def run_tests():
    """unittest's main, with our own options taken off the command line first."""
    global BIN_DIR, ENGINE
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--bin-dir", type=pathlib.Path, default=BIN_DIR)
    parser.add_argument("--engine", choices=ENGINES, default=ENGINE)
    options, rest = parser.parse_known_args()
    BIN_DIR, ENGINE = options.bin_dir.resolve(), options.engine
    if ENGINE == "mysql" and not mysql_program().exists():
        print(f"SKIPPED LOUDLY: MySQL 9 is not installed here ({mysql_program()})", flush=True)
        sys.exit(SKIPPED)
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)


@contextlib.contextmanager
def temporary_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lanemq-cli-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class GuardedCluster(guarded_cluster.GuardedCluster):
    """`tls`: its folder has a certificate authority and a certificate for 127.0.0.1, and the servers speak nothing else."""

    tls = False

    @property
    def authority(self):
        return self.run_dir / "ca.pem"

    def make_certificates(self):
        """An authority, and the servers' certificate."""
        def openssl(*words):
            subprocess.run(["openssl", *words], cwd=self.run_dir, check=True, capture_output=True)

        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority")
        openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
        (self.run_dir / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "names", "-out", "server.pem")

    def launch(self, name, argv):
        if self.tls and name != "portal":  # HTTP has flags of its own.
            if not self.authority.exists():
                self.make_certificates()
            argv = [*argv, f"--ca-file={self.authority}"]
            if name != "canary":
                argv += [f"--tls-certificate-file={self.run_dir / 'server.pem'}", f"--tls-key-file={self.run_dir / 'server.key'}"]
        return super().launch(name, argv)

    def cli_command(self, *arguments):
        program, *rest = super().cli_command(*arguments)
        return [program, *([f"--ca-file={self.authority}"] if self.tls else []), *rest]


class GuardedTlsCluster(GuardedCluster):
    tls = True


@contextlib.contextmanager
def running_cluster(*node_flags, kind=None):
    """Database, metaserver, two brokers and a data node; stopped and removed at the end."""
    with temporary_folder() as folder:
        cluster = (kind or LocalCluster)(folder, BIN_DIR)
        try:
            with cluster.locked():
                cluster.start_database(ENGINE)
                for name in cluster.server_names():
                    cluster.start_server(name)
                cluster.write_bootstrap()
                added = cluster.cli("node", "add", NODE_NAME, f"--address={LOOPBACK}:{cluster.database_port}",
                                    *node_flags)
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
