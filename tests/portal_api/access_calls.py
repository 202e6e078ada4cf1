"""A call of each operation of portal/openapi.yaml, as harmless as it can be, and who may make it.

Topic `orders` and group `pickers` are of team shop: of service cart, lead lena, member mick. What a call would take away is called
`ghost`, which is the same team's and does not exist. A call that is allowed mostly fails, of something else: what is wrong with it is
found after the server has decided that the caller may.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TABLE, OPENAPI = ROOT / "common/core/access/access_table.h", ROOT / "portal/openapi.yaml"
BAD_NAME = "Not%20A%20Name"
BAD = {"name": "Not A Name"}
FAR = "4000000000000000"  # In microseconds: the year 2096.
REDRIVE = 4711
# What the gateway answers by itself or for the session alone; api_test.py, oidc_test.py and tests/cli/up_test.py have tests of them.
OF_THE_GATEWAY = {"getSession", "signIn", "signOut", "getDemoSignIn", "signInDemo", "startOidc", "finishOidc"}


def at(*more):
    return {"partitions": [{"topic": "orders", "partition": 0, **{k: v for part in more for k, v in part.items()}}]}


# What a call is made of: places in the path, query, body.
CALLS = {
    "explainAccess": ({}, "kind=topic&name=orders&action=produce", None),
    "listAlertChannels": ({}, "", None),
    "setAlertChannel": ({"name": "none"}, "", {"type": "none", "url": "none"}),
    "setAlertChannel2": ({"name": "none"}, "", None),
    "testAlertChannel": ({"name": "none"}, "", {}),
    "listAlertEvents": ({}, "", None),
    "listAlertRules": ({}, "", None),
    "setAlertRule": ({"kind": "none"}, "", {}),
    "setAlertRule2": ({"kind": "none"}, "", None),
    "listAlerts": ({}, "", None),
    "searchAudit": ({}, "limit=1", None),
    "listBrokers": ({}, "", None),
    "listCanaries": ({}, "", None),
    "schedule": ({}, "", at({"messages": [{"message": {"body": "x"}, "due_us": FAR}]})),
    "cancelDelayed": ({}, "", {"handles": []}),  # Its handle is made by the test.
    "listGrants": ({}, "", None),
    "putGrant": ({}, "", {"kind": "none", "name": "orders", "principal": "service:cart", "actions": ["produce"]}),
    "deleteGrant": ({"id": 999}, "", None),
    "listGroups": ({}, "", None),
    "describeGroup": ({"group": "pickers"}, "", None),
    "deleteGroup": ({"group": "ghost"}, "", None),
    "findCoordinator": ({"group": "pickers"}, "", None),
    "countDeadLetters": ({"group": "pickers"}, "", None),
    "listDeadLetterDeeds": ({"group": "pickers"}, "", None),
    "listDeadLetters": ({"group": "pickers"}, "", None),
    "dropDeadLetters": ({"group": "pickers"}, "", {}),
    "redrive": ({"group": "pickers"}, "", {"id": REDRIVE}),
    "redriveEdited": ({"group": "pickers"}, "", {"id": {"topic": "orders", "partition": 0, "offset": "1"}}),
    "groupLag": ({}, "", None),
    "groupLag2": ({"group": "pickers"}, "", None),
    "summarizeDeadLetters": ({}, "", None),
    "lagHistory": ({"group": "pickers"}, "topic=orders&from_us=1&until_us=2", None),
    "fetchOffsets": ({"group": "pickers"}, "", None),
    "deleteOffsets": ({"group": "pickers"}, "", {}),
    "resetOffsets": ({"group": "pickers"}, "", at({"offset": "1"})),
    "groupPolicies": ({"group": "pickers"}, "", None),
    "setGroupPolicy": ({"group": "pickers"}, "", {}),
    "listOffsetResets": ({"group": "pickers"}, "", None),
    "pauseGroup": ({"group": "pickers"}, "", {}),
    "pauseGroup2": ({"group": "pickers"}, "", {}),
    "listHygiene": ({}, "", None),
    "listLagObjectives": ({}, "", None),
    "setLagObjective": ({"group": "pickers", "topic": "orders"}, "", {"tier": "none"}),
    "setLagObjective2": ({"group": "pickers", "topic": "orders"}, "", None),
    "produce": ({}, "", at({"messages": [{"body": "x"}]})),
    "fetch": ({}, "", {**at({"offset": "1"}), "max_wait_ms": 0}),
    "metadata": ({}, "", None),
    "listDataNodes": ({}, "", None),
    "addDataNode": ({}, "", {**BAD, "host": "127.0.0.1", "port": 1}),
    "alterDataNode": ({"name": "none"}, "", {}),
    "checkCatalog": ({}, "", None),
    "listMoves": ({}, "", None),
    "movePartitions": ({}, "", {"evacuate_node": "none"}),
    "cancelMoves": ({}, "", {"ids": []}),
    "listOffsets": ({}, "", at({"timestamp_us": "-1"})),
    "listOutboxes": ({}, "", None),
    "forgetOutbox": ({"outbox": "none"}, "", None),
    "listOwners": ({}, "", None),
    "setOwner": ({"kind": "topic", "name": "none"}, "", {"team": "none"}),
    "setOwner2": ({"kind": "topic", "name": "none"}, "", None),
    "listPeople": ({}, "", None),
    "putPerson": ({"name": BAD_NAME}, "", {}),
    "deletePerson": ({"name": "none"}, "", None),
    "setPassword": ({"name": "none"}, "", {"new_password": "a password of somebody else"}),
    "getPolicy": ({}, "", None),
    "putPolicy": ({}, "", {"policy_json": {"none": 1}}),
    "setQuotaMode": ({}, "", {"mode": "none"}),
    "listQuotas": ({}, "", None),
    "putQuota": ({"team": "none"}, "", {}),
    "listRedrives": ({}, "group=pickers", None),
    "cancelRedrive": ({"id": REDRIVE}, "", {}),
    "listChanges": ({}, "", None),
    "proposeChange": ({}, "dry_run=true", {"bundle_json": {"changes": []}}),
    "describeChange": ({"id": 999}, "", None),
    "actOnChange": ({"id": 999}, "", {}),
    "actOnChange2": ({"id": 999}, "", {}),
    "actOnChange3": ({"id": 999}, "", {}),
    "actOnChange4": ({"id": 999}, "", {"reason": "r"}),
    "actOnChange5": ({"id": 999}, "", {}),
    "actOnChange6": ({"id": 999}, "", {"reason": "r"}),
    "actOnChange7": ({"id": 999}, "", {}),
    "serverInfo": ({}, "", None),
    "serverSettings": ({}, "", None),
    "listServices": ({}, "", None),
    "putService": ({"name": BAD_NAME}, "", {}),
    "deleteService": ({"name": "none"}, "", None),
    "listSilences": ({}, "", None),
    "silenceAlert": ({}, "", {"kind": "none", "subject": "*", "for_ms": "1", "reason": "r"}),
    "endSilence": ({"id": 999}, "", None),
    "proposeSize": ({}, "messages_per_day=1000&message_bytes=100", None),
    "slowCalls": ({}, "", None),
    "governedState": ({}, "", None),
    "listTeams": ({}, "", None),
    "putTeam": ({"name": BAD_NAME}, "", {}),
    "deleteTeam": ({"name": "none"}, "", None),
    "listTokens": ({}, "", None),
    "issueToken": ({}, "", {"service_name": "none"}),
    "revokeToken": ({"id": "none"}, "", None),
    "listTopics": ({}, "", None),
    "adviseCapacity": ({}, "", None),
    "listPlacements": ({}, "limit=1", None),
    "createTopic": ({}, "", {"name": "orders", "partitions": 1}),
    "describeTopic": ({"name": "orders"}, "", None),
    "topicHistory": ({"name": "orders"}, "limit=1", None),
    "alterTopic": ({"name": "orders"}, "", {}),
    "deleteTopic": ({"name": "ghost"}, "", None),
    "undeleteTopic": ({"name": "orders"}, "", {}),
    "addPartitions": ({"name": "orders"}, "", {"partitions": 1}),
    "listDelayed": ({"topic": "orders"}, "", None),
    "getMessage": ({"topic": "orders", "partition": 0, "offset": 1}, "", None),
    "searchMessages": ({"topic": "orders"}, "", {}),
    "traceMessage": ({"topic": "orders", "partition": 0, "offset": 1}, "", None),
    "trim": ({}, "", {**at({"before_offset": "1"}), "dry_run": True}),
}


def operations():
    """[(method, path, operation)] of the document."""
    found, path, method = [], None, None
    for line in OPENAPI.read_text().split("\ncomponents:")[0].splitlines():
        if head := re.fullmatch(r'  "(/.*)":', line):
            path = head[1]
        elif head := re.fullmatch(r"    (get|put|post|patch|delete):", line):
            method = head[1].upper()
        elif head := re.fullmatch(r'      operationId: "(\w+)"', line):
            found.append((method, path, head[1]))
    return found


def access_table():
    """{RPC: (what it takes, on what)}, in the table's order."""
    rows = re.findall(r'^    \{"(\w+)", Action::k(\w+)(?:, ResourceKind::k(\w+))?', TABLE.read_text(), re.M)
    return {rpc: (action, about or "Cluster") for rpc, action, about in rows}


def rpc_of(operation):
    """Operations of one RPC are numbered."""
    return operation.rstrip("0123456789")


def is_of_brokers(rpc):
    """They stand together in the table."""
    order = list(access_table())
    return order.index("produce") <= order.index(rpc) <= order.index("trim")


OPERATORS, ADMINS = {"ops", "olga", "setup", "adam"}, {"setup", "adam"}
PEOPLE = {"vera", "mick", "lena", "otto", "olga", "adam"}
GONE = {"nobody", "wrong", "revoked", "left"}
MAY = {
    "Nothing": lambda who: True,
    "Describe": lambda who: who not in ("late", "portal"),
    "Produce": lambda who: who == "cart" or who in OPERATORS,
    "Consume": lambda who: who == "cart" or who in OPERATORS,
    "Peek": lambda who: who == "lena" or who in OPERATORS,
    "Manage": lambda who: who in ("lena", "mick") or who in OPERATORS,
    "Operate": lambda who: who in OPERATORS,
    "Administer": lambda who: who in ADMINS,
    "Serve": lambda who: who == "servers",
    "ActFor": lambda who: who == "portal",
}


def may(who, rpc):
    """What the design says about each kind of caller, in other words than the sources have."""
    if who in GONE:
        return False
    if rpc in ("issueToken", "revokeToken", "setPassword"):  # Of others, as these calls are.
        return who in ADMINS
    if rpc == "listTokens":
        return who in PEOPLE or who in ADMINS
    if rpc == "listDataNodes" and who == "servers":
        return True
    return MAY[access_table()[rpc][0]](who)
