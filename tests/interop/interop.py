"""Drives a broker with Debian's stock python3-thrift: produce, fetch, commit, read back, errors.

usage: interop.py GENERATED_CODE PORT TOPIC binary|compact
"""

import sys
import time

sys.path.insert(0, sys.argv[1])
PORT, TOPIC, PROTOCOL = int(sys.argv[2]), sys.argv[3], sys.argv[4]

from lanemq.errors.ttypes import ErrorCode, LaneMqError  # noqa: E402
from lanemq.idl import DataPlane  # noqa: E402  (generated)
from lanemq.idl.ttypes import (  # noqa: E402
    CommitOffsetsRequest, CommitPartition, FetchOffsetsRequest, FetchPartition,
    FetchRequest, GetMessageRequest, Header, Message, ProducePartition, ProduceRequest,
    ServerInfoRequest, TopicPartition)
from thrift.protocol import TBinaryProtocol, TCompactProtocol  # noqa: E402
from thrift.transport import TSocket, TTransport  # noqa: E402

PARTITION = 0
COUNT = 50


def connect():
    socket = TSocket.TSocket("127.0.0.1", PORT)
    socket.setTimeout(20_000)
    transport = TTransport.TFramedTransport(socket)
    protocol = {"binary": TBinaryProtocol.TBinaryProtocol,
                "compact": TCompactProtocol.TCompactProtocol}[PROTOCOL](transport)
    transport.open()
    return DataPlane.Client(protocol)


def produce(client):
    messages = [Message(key=b"\x00k%d" % i, body=b"\xff\x00body %d" % i,
                        headers=[Header(name="h", value=b"=&%")]) for i in range(COUNT)]
    request = ProduceRequest(partitions=[ProducePartition(
        topic=TOPIC, partition=PARTITION, messages=messages, producer_id=4711 + len(PROTOCOL),
        base_sequence=0)])
    first = client.produce(request).partitions[0]
    assert first.error is None, first
    again = client.produce(request).partitions[0]
    assert again.is_duplicate and again.base_offset == first.base_offset, again
    return first.base_offset


def fetch(client, offset):
    seen = []
    while len(seen) < COUNT:
        reply = client.fetch(FetchRequest(max_wait_ms=5_000, partitions=[
            FetchPartition(topic=TOPIC, partition=PARTITION, offset=offset + len(seen))]))
        assert reply.partitions and reply.partitions[0].error is None, reply
        seen += reply.partitions[0].messages
    for i, message in enumerate(seen):
        assert message.offset == offset + i, message
        assert message.key == b"\x00k%d" % i and message.body == b"\xff\x00body %d" % i, message
        assert message.headers == [Header(name="h", value=b"=&%")], message
    return offset + COUNT


def long_poll(client, end):
    began = time.monotonic()
    reply = client.fetch(FetchRequest(max_wait_ms=300, partitions=[
        FetchPartition(topic=TOPIC, partition=PARTITION, offset=end)]))
    assert reply.partitions == [] and time.monotonic() - began >= 0.25, reply


def commit(client, end):
    group = "interop-" + PROTOCOL
    done = client.commitOffsets(CommitOffsetsRequest(group=group, generation=0, partitions=[
        CommitPartition(topic=TOPIC, partition=PARTITION, offset=end, metadata="from python")]))
    assert done.partitions[0].error is None, done
    seen = client.fetchOffsets(FetchOffsetsRequest(group=group, partitions=[
        TopicPartition(topic=TOPIC, partition=PARTITION)])).partitions[0]
    assert (seen.offset, seen.metadata) == (end, "from python"), seen


def errors(client, end):
    try:
        client.getMessage(GetMessageRequest(topic=TOPIC, partition=PARTITION, offset=end + 1_000))
        raise AssertionError("a declared error was expected")
    except LaneMqError as error:
        assert error.code == ErrorCode.OFFSET_OUT_OF_RANGE, error
    unknown = client.produce(ProduceRequest(partitions=[ProducePartition(
        topic="no.such.topic", partition=0, messages=[Message(body=b"x")])])).partitions[0]
    assert unknown.error.code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, unknown


def main():
    client = connect()
    assert client.serverInfo(ServerInfoRequest()).role == "broker"
    base = produce(client)
    end = fetch(client, base)
    long_poll(client, end)
    commit(client, end)
    errors(client, end)
    print(f"python {PROTOCOL}: {COUNT} messages from offset {base}")


main()
