// kill -9, over and over, under senders that repeat what got no answer, receivers and deleters, on a
// standard and a FIFO queue whose poison messages go to dead-letter queues. HEADRACE_KILLS says how
// often; support/history.mjs judges.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Queue } from './support/client.mjs';
import { History, nameOf, now } from './support/history.mjs';
import { loadUntilKilled } from './support/kill.mjs';
import { Server } from './support/server.mjs';

const kKills = Number(process.env.HEADRACE_KILLS ?? 50);
const kLifeMs = { min: 50, max: 450 };
const kLeaseSeconds = 1;
const kMaxReceives = 3;
const kSenders = 4;      // each sends to a group of its own
const kReceivers = 3;
const kPoisonEvery = 80;
const kDeletedShare = 0.7;
const kDrainMsMax = 90_000;

const isPoison = (body) => Number(body.split(':')[1]) % kPoisonEvery === kPoisonEvery - 1;

class Line {
  constructor(server, name, fifo) {
    this.fifo = fifo;
    this.queue = new Queue(server, fifo ? `${name}.fifo` : name);
    this.dead = new Queue(server, fifo ? `${name}-dlq.fifo` : `${name}-dlq`);
    this.history = new History({ fifo, leaseMs: kLeaseSeconds * 1000 });
    this.senders = Array.from({ length: kSenders }, (_, i) => ({ group: `g${i}`, number: 0 }));
  }

  async create() {
    const type = this.fifo && { FifoQueue: 'true' };
    await this.dead.create({ ...type });
    const { Attributes } = await this.dead.call('GetQueueAttributes', { AttributeNames: ['QueueArn'] });
    await this.queue.create({
      ...type,
      VisibilityTimeout: `${kLeaseSeconds}`,
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: kMaxReceives }),
    });
  }

  // The next message of the sender's group; the same one until it is known to be accepted.
  async send(sender) {
    const MessageBody = nameOf(sender.group, sender.number);
    this.history.sending(MessageBody);
    const { MessageId } = await this.queue.call('SendMessage', {
      MessageBody,
      ...(this.fifo && { MessageGroupId: sender.group, MessageDeduplicationId: MessageBody.replace(':', '-') }),
    });
    this.history.sent(MessageBody, MessageId);
    ++sender.number;
  }

  async receive(parameters = {}) {
    const calledAt = now();
    const messages = await this.queue.receive(parameters);
    this.history.received(messages, calledAt);
    return messages;
  }

  async remove(queue, messages) {
    if (messages.length === 0) return;
    this.history.deleting(messages);
    const gone = await queue.delete(messages);
    this.history.deleted(gone);
  }

  async receiveAndDeleteSome() {
    const messages = await this.receive({ WaitTimeSeconds: 1 });
    // The first ones, so that a group goes on.
    const count = Math.ceil(messages.length * kDeletedShare * Math.random() * 2);
    await this.remove(this.queue, messages.slice(0, count).filter(({ Body }) => !isPoison(Body)));
  }

  steps() {
    return [
      ...this.senders.map((sender) => () => this.send(sender)),
      ...Array.from({ length: kReceivers }, () => () => this.receiveAndDeleteSome()),
    ];
  }

  async drain() {
    const end = Date.now() + kDrainMsMax;
    for (;;) {
      const messages = await this.receive({ WaitTimeSeconds: 1 });
      await this.remove(this.queue, messages.filter(({ Body }) => !isPoison(Body)));
      if (messages.length > 0) continue;
      const counts = await this.queue.counts();
      if (counts.every((count) => count === 0)) return;
      assert.ok(Date.now() < end, `${this.queue.name} does not drain: ${counts}`);
    }
  }

  async deadLetters() {
    const bodies = [];
    for (;;) {
      const messages = await this.dead.receive({ VisibilityTimeout: 60 });
      if (messages.length === 0) return bodies;
      bodies.push(...messages.map(({ Body }) => Body));
      await this.dead.delete(messages);
    }
  }

  check(dead) {
    const { accepted, delivered, problems } = this.history;
    assert.deepEqual(problems.slice(0, 5), []);
    const lost = [...accepted.keys()].filter((body) => !delivered.has(body));
    assert.deepEqual(lost.slice(0, 5), [], `${lost.length} lost`);
    const poison = [...accepted.keys()].filter(isPoison);
    const missing = poison.filter((body) => !dead.includes(body));
    assert.deepEqual(missing.slice(0, 5), [], `${missing.length} poison messages are not dead-lettered`);
    if (this.fifo) assert.deepEqual(dead.filter((body) => this.history.deletedAt.has(body)), []);
    if (this.fifo) assert.equal(new Set(dead).size, dead.length, 'a dead letter is there twice');
  }
}

test(`${kKills} kills lose nothing, double nothing and keep groups in order`, async (t) => {
  const server = await Server.start(t);
  const lines = [new Line(server, 'work', false), new Line(server, 'orders', true)];
  for (const line of lines) await line.create();
  for (let kill = 0; kill < kKills; ++kill) {
    await loadUntilKilled(server, kLifeMs, lines.flatMap((line) => line.steps()));
    await server.start();
  }
  for (const line of lines) {
    await line.drain();
    const dead = await line.deadLetters();
    const { accepted, deletedAt, receives, tried } = line.history;
    console.log(`kill9_history: ${line.queue.name}: ${kKills} kills, ${accepted.size} of ${tried.size} sends ` +
      `accepted, ${receives} receives, ${deletedAt.size} deletes, ${dead.length} dead letters`);
    line.check(dead);
    assert.ok(accepted.size > 5 * kKills, 'there was hardly any load');
  }
});
