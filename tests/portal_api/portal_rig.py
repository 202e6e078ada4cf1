"""A cluster that asks for tokens, with the HTTP gateway in front of it, and a client for that."""

import contextlib
import http.client
import json
import pathlib
import socket
import sys
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "cli"))
import rig
from local_cluster import LOOPBACK

PASSWORD = "canary password of people"


class PortalCluster(rig.GuardedCluster):
    """The gateway is process `portal`; its token is one of a service of kind gateway."""

    portal_flags = ("--requests-per-second=2000",)

    def admin_metrics(self):
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.port('portal', 'admin_port')}/metrics", timeout=10) as reply:
            return reply.read().decode()


@contextlib.contextmanager
def running_portal(kind=PortalCluster):
    with rig.running_cluster(kind=kind) as cluster:
        try:
            with cluster.locked():
                cluster.start_portal()
            yield cluster
        finally:
            cluster.stop("portal")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:1000]!r}"


class Client:
    """One identity: a bearer token, or after sign_in() a session's cookie."""

    def __init__(self, port, token=None):
        self.port, self.token, self.cookie, self.csrf = port, token, None, None

    def ask(self, method, path, body=None, headers=None):
        sent = dict(headers or {})
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if self.cookie:
            sent.setdefault("Cookie", self.cookie)
            if self.csrf:
                sent.setdefault("X-CSRF-Token", self.csrf)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)
        try:
            connection.request(method, "/api/v1" + path, body, sent)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read().decode(errors="replace"))
        finally:
            connection.close()

    def sign_in(self, name, password):
        reply = self.ask("POST", "/session", {"name": name, "password": password})
        if reply.status == 200:
            self.cookie = reply.headers["Set-Cookie"].split(";")[0]
            self.csrf = reply.json["csrf_token"]
        return reply


def send_raw(port, data, timeout=60.0):
    """What the gateway answers to these bytes until it closes."""
    with socket.create_connection((LOOPBACK, port), timeout=timeout) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(data)
        got = b""
        with contextlib.suppress(ConnectionError):
            while piece := connection.recv(65536):
                got += piece
    return got
