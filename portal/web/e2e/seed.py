"""What is there when the tests begin: people of each role, a team, topics, messages, a group that is behind."""

import portal_rig
import rig
from guarded_cluster import write_secret
from local_cluster import wait_until
from portal_rig import Client

PASSWORD = "a sentence of the tests"
PEOPLE = {"ada": "admin", "olga": "operator", "mick": "viewer", "lena": "viewer", "otto": "viewer", "vera": "viewer"}
DEMO_PERSON = "lena"  # Whom one click signs in.
NEWCOMER = "nina"  # Her password was given to her: she has to choose one.
TOPICS = 60
POLICY = {
    "environment": "test",
    "topic_names": {"begins_with_owner": True, "segments_min": 2},
    "approvals": {"create_topic": {"partitions_max": 2}},
}


class PagesCluster(portal_rig.PortalCluster):
    demo_person = DEMO_PERSON

    def password_file(self, person):
        path = self.run_dir / f"{person}.password"
        write_secret(path, PASSWORD)
        return path


def must(client, method, path, body=None, status=200, **keywords):
    reply = client.ask(method, path, body, **keywords)
    assert reply.status == status, f"{method} {path}: {reply}"
    return reply.json if reply.body else None


def await_ok(ask, what):
    """Rights and tokens count within a second or two."""
    last = []

    def is_so():
        last[:] = [ask()]
        return last[0].status in (200, 201, 204)

    assert wait_until(is_so, rig.WAIT, pause=0.2), f"{what}: {last}"
    return last[0]


def add_person(cluster, admin, name, role):
    port = cluster.port("portal")
    must(admin, "PUT", f"/people/{name}", {"role": role})
    must(admin, "PUT", f"/people/{name}/password", {"new_password": portal_rig.PASSWORD})
    if name == NEWCOMER:
        return
    client = Client(port)
    await_ok(lambda: client.sign_in(name, portal_rig.PASSWORD), name)
    body = {"current_password": portal_rig.PASSWORD, "new_password": PASSWORD}
    await_ok(lambda: client.ask("PUT", f"/people/{name}/password", body), name)


def fill(cluster):
    admin = Client(cluster.port("portal"), cluster.setup_token.read_text().strip())
    for name, role in [*PEOPLE.items(), (NEWCOMER, "viewer")]:
        add_person(cluster, admin, name, role)
    members = [{"person": "lena", "role": "lead"}, {"person": "mick", "role": "member"}]
    must(admin, "PUT", "/teams/shop", {"members": members, "description": "Everything about orders"})
    must(admin, "PUT", "/teams/other", {"members": [{"person": "otto", "role": "member"}], "description": "Not about orders"})
    must(admin, "PUT", "/policy?reason=tests", {"policy_json": POLICY})
    for number in range(TOPICS):
        body = {"name": f"bulk.topic-{number:03}", "partitions": 1, "description": f"The {number}th of many"}
        must(admin, "POST", "/topics", body, 201)
    config = {"retention.ms": "86400000"}
    must(admin, "POST", "/topics", {"name": "shop.orders", "partitions": 4, "config": config, "description": "Paid orders"}, 201)
    must(admin, "PUT", "/owners/topic/shop.orders", {"team": "shop"})
    must(admin, "PUT", "/owners/group/shop.billing", {"team": "shop"})
    lines = "".join(f'order-{n % 7}\t{{"order":{n},"amount":{n * 7 % 100}}}\n' for n in range(500))
    sent = rig.run(cluster, "produce", "shop.orders", "-K", "\t", stdin=lines.encode())
    assert sent.code == 0, sent
    read = rig.run(cluster, "consume", "shop.orders", "--group", "shop.billing", "-n", "100")
    assert read.code == 0, read
