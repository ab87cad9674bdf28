// kill -9 under load, ten times in a row: what was acknowledged is there, what was acknowledged as
// deleted is gone. Each life of the server ends at a random moment and the next one has the same data.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Queue } from './support/client.mjs';
import { loadUntilKilled } from './support/kill.mjs';
import { Server } from './support/server.mjs';

const kKills = 10;
const kLifeMs = { min: 200, max: 1200 };
const kSenders = 4;
const kBatchSenders = 2;
const kReceivers = 4;
const kDeletedShare = 0.5;
const kDrainWaitSeconds = 3;  // longer than a lease of the load

// What the clients know. A receive is judged by when it was asked: `clock` counts the events.
class Ledger {
  clock = 0;
  names = 0;
  sent = new Set();  // also those without an answer
  accepted = new Set();
  delivered = new Set();
  deleteAsked = new Set();
  deletedAt = new Map();
  problems = [];

  newBody() {
    const body = `message ${++this.names} ${'x'.repeat(200)}`;
    this.sent.add(body);
    return body;
  }

  deliver(body, askedAt) {
    if (!this.sent.has(body)) this.problems.push(`never sent: ${body}`);
    if (this.deletedAt.get(body) < askedAt) this.problems.push(`delivered after its delete: ${body}`);
    this.delivered.add(body);
  }
}

async function receive(queue, ledger, parameters) {
  const askedAt = ++ledger.clock;
  const messages = await queue.receive(parameters);
  for (const { Body } of messages) ledger.deliver(Body, askedAt);
  return messages;
}

async function remove(queue, ledger, messages) {
  if (messages.length === 0) return;
  for (const { Body } of messages) ledger.deleteAsked.add(Body);
  const deleted = await queue.delete(messages);
  for (const { Body } of deleted) ledger.deletedAt.set(Body, ++ledger.clock);
}

async function sendOne(queue, ledger) {
  const body = ledger.newBody();
  await queue.send(body);
  ledger.accepted.add(body);
}

async function sendTen(queue, ledger) {
  const bodies = Array.from({ length: 10 }, () => ledger.newBody());
  const accepted = await queue.sendBatch(bodies);
  for (const body of accepted) ledger.accepted.add(body);
}

async function receiveAndDeleteSome(queue, ledger) {
  const messages = await receive(queue, ledger, { WaitTimeSeconds: 1 });
  await remove(queue, ledger, messages.filter(() => Math.random() < kDeletedShare));
}

function load(queue, ledger) {
  const several = (count, step) => Array.from({ length: count }, () => () => step(queue, ledger));
  return [
    ...several(kSenders, sendOne),
    ...several(kBatchSenders, sendTen),
    ...several(kReceivers, receiveAndDeleteSome),
  ];
}

async function drain(queue, ledger) {
  const delivered = new Set();
  const drainer = async () => {
    for (;;) {
      const messages = await receive(queue, ledger, {
        WaitTimeSeconds: kDrainWaitSeconds, VisibilityTimeout: 60,
      });
      if (messages.length === 0) return;
      for (const { Body } of messages) delivered.add(Body);
      await remove(queue, ledger, messages);
    }
  };
  await Promise.all(Array.from({ length: 8 }, drainer));
  return delivered;
}

function assertNone(bodies) {
  assert.equal(bodies.length, 0, `${bodies.length}, such as ${bodies[0]}`);
}

test('every acknowledged message survives ten kills, no acknowledged delete returns', async (t) => {
  const begin = Date.now();
  const ledger = new Ledger();
  const server = await Server.start(t);
  const queue = new Queue(server, 'survivor');
  await queue.create({ VisibilityTimeout: '1' });
  for (let kill = 0; kill < kKills; ++kill) {
    await loadUntilKilled(server, kLifeMs, load(queue, ledger));
    await server.start();
  }

  const deletedUnderLoad = ledger.deletedAt.size;
  const kept = [...ledger.accepted].filter((body) => !ledger.deleteAsked.has(body));
  const drained = await drain(queue, ledger);
  console.log(`kill9: ${kKills} kills, ${ledger.accepted.size} sends and ${deletedUnderLoad} deletes ` +
    `acknowledged under load, ${kept.length} messages kept and ${drained.size} drained, ` +
    `${ledger.sent.size - ledger.accepted.size} sends without an answer, ` +
    `${((Date.now() - begin) / 1000).toFixed(1)} s`);

  assertNone(ledger.problems);
  assertNone([...ledger.accepted].filter((body) => !ledger.delivered.has(body)));
  assertNone(kept.filter((body) => !drained.has(body)));
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
  assert.ok(ledger.accepted.size > 100 && deletedUnderLoad > 10, 'there was hardly any load');
});
