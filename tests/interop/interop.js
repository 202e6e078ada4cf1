// Drives a broker with the stock npm package thrift: produce, fetch, commit, read back, errors, and
// calls in flight together on one connection.
//
// usage: node interop.js GENERATED_CODE PORT TOPIC binary|compact
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const thrift = require('thrift');

const [generated, port, TOPIC, protocol] = process.argv.slice(2);
const DataPlane = require(path.join(generated, 'DataPlane.js'));
const types = require(path.join(generated, 'lanemq_types.js'));
const errors = require(path.join(generated, 'errors_types.js'));

const PARTITION = 1;
const COUNT = 50;
const number = (int64) => Number(int64);

function fetchRequest(offset, maxWaitMs) {
  return new types.FetchRequest({
    max_wait_ms: maxWaitMs,
    partitions: [new types.FetchPartition({topic: TOPIC, partition: PARTITION, offset})],
  });
}

async function produce(client) {
  const messages = [];
  for (let i = 0; i < COUNT; ++i) {
    messages.push(new types.Message({
      key: Buffer.from(`\0k${i}`),
      body: Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(`body ${i}`)]),
      headers: [new types.Header({name: 'h', value: Buffer.from('=&%')})],
    }));
  }
  const request = new types.ProduceRequest({
    partitions: [new types.ProducePartition({
      topic: TOPIC, partition: PARTITION, messages,
      producer_id: 8150 + protocol.length, base_sequence: 0,
    })],
  });
  const first = (await client.produce(request)).partitions[0];
  assert.strictEqual(first.error, null);
  const again = (await client.produce(request)).partitions[0];
  assert.ok(again.is_duplicate);
  assert.strictEqual(number(again.base_offset), number(first.base_offset));
  return number(first.base_offset);
}

async function fetch(client, base) {
  const seen = [];
  while (seen.length < COUNT) {
    const reply = await client.fetch(fetchRequest(base + seen.length, 5000));
    assert.strictEqual(reply.partitions[0].error, null);
    seen.push(...reply.partitions[0].messages);
  }
  seen.forEach((message, i) => {
    assert.strictEqual(number(message.offset), base + i);
    assert.strictEqual(message.key.toString(), `\0k${i}`);
    assert.strictEqual(message.body[0], 0xff);
    assert.strictEqual(message.body.subarray(2).toString(), `body ${i}`);
    assert.strictEqual(message.headers[0].value.toString(), '=&%');
  });
  return base + COUNT;
}

// A reply may overtake a long poll; the client matches them by sequence id.
async function overtake(client, end) {
  const order = [];
  const poll = client.fetch(fetchRequest(end, 1000)).then(() => order.push('poll'));
  const info = client.serverInfo(new types.ServerInfoRequest()).then(() => order.push('info'));
  await Promise.all([poll, info]);
  assert.deepStrictEqual(order, ['info', 'poll']);
}

async function commit(client, end) {
  const group = `interop-node-${protocol}`;
  const done = await client.commitOffsets(new types.CommitOffsetsRequest({
    group, generation: 0,
    partitions: [new types.CommitPartition({topic: TOPIC, partition: PARTITION, offset: end,
      metadata: 'from node'})],
  }));
  assert.strictEqual(done.partitions[0].error, null);
  const seen = (await client.fetchOffsets(new types.FetchOffsetsRequest({
    group, partitions: [new types.TopicPartition({topic: TOPIC, partition: PARTITION})],
  }))).partitions[0];
  assert.strictEqual(number(seen.offset), end);
  assert.strictEqual(seen.metadata, 'from node');
}

async function failures(client, end) {
  await assert.rejects(
    client.getMessage(new types.GetMessageRequest(
      {topic: TOPIC, partition: PARTITION, offset: end + 1000})),
    (error) => error instanceof errors.LaneMqError &&
      error.code === errors.ErrorCode.OFFSET_OUT_OF_RANGE);
  const unknown = (await client.produce(new types.ProduceRequest({
    partitions: [new types.ProducePartition({topic: 'no.such.topic', partition: 0,
      messages: [new types.Message({body: Buffer.from('x')})]})],
  }))).partitions[0];
  assert.strictEqual(unknown.error.code, errors.ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
}

async function main() {
  const connection = thrift.createConnection('127.0.0.1', Number(port), {
    transport: thrift.TFramedTransport,
    protocol: {binary: thrift.TBinaryProtocol, compact: thrift.TCompactProtocol}[protocol],
  });
  connection.on('error', (error) => { throw error; });
  const client = thrift.createClient(DataPlane, connection);
  assert.strictEqual((await client.serverInfo(new types.ServerInfoRequest())).role, 'broker');
  const base = await produce(client);
  const end = await fetch(client, base);
  await overtake(client, end);
  await commit(client, end);
  await failures(client, end);
  console.log(`node ${protocol}: ${COUNT} messages from offset ${base}`);
  connection.end();
}

main().catch((error) => { console.error(error); process.exit(1); });
