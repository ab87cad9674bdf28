// One server and one connected AWS SDK for all tests of a file. Each test has queues of its own.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { SQS } from '@aws-sdk/client-sqs';

import { Queue } from './client.mjs';
import { Server, eventually, within } from './server.mjs';

export const kRegion = 'us-east-1';
export const kCredentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export const kParkMs = 200;  // until a poll that was begun waits, or one that was given up is gone
const kWakeMsMax = 5000;  // of a poll of 20 s
const kSettleMsMax = 10_000;

// What a promise gives long before a poll would end by itself.
export async function soon(promise) {
  const value = await within(kWakeMsMax, promise);
  assert.notEqual(value, null, `not within ${kWakeMsMax} ms`);
  return value;
}

// counts: visible, in flight, delayed.
export function becomes(queue, counts) {
  return eventually(kSettleMsMax, `${queue.name} counts ${counts}`, async () =>
    `${await queue.counts()}` === `${counts}`);
}

// server and sqs are there when a test runs.
export class SharedServer {
  #prefix;
  #queues = 0;
  #cleanups = [];

  constructor(prefix) {
    this.#prefix = prefix;
    before(() => this.#start());
    after(() => this.#stop());
  }

  async #start() {
    this.server = await Server.start({ after: (cleanup) => this.#cleanups.unshift(cleanup) });
    this.sqs = new SQS({ endpoint: this.server.url, region: kRegion, credentials: kCredentials });
  }

  async #stop() {
    this.sqs?.destroy();
    for (const cleanup of this.#cleanups) await cleanup();
  }

  get url() {
    return this.server.url;
  }

  newName(suffix = '') {
    return `${this.#prefix}-${++this.#queues}${suffix}`;
  }

  // A queue that a test looks into beside its client, without an SDK.
  async newQueue(attributes = {}) {
    const queue = new Queue(this.server, this.newName(attributes.FifoQueue === 'true' ? '.fifo' : ''));
    await queue.create(attributes);
    return queue;
  }

  urlOf(queue) {
    return `${this.url}/000000000000/${queue.name}`;
  }

  // A dead-letter queue, and a queue that gives up after so many receives.
  async newQueueWithDeadLetters(maxReceiveCount, attributes = {}) {
    const dead = await this.newQueue();
    const { Attributes: { QueueArn } } = await dead.call('GetQueueAttributes', { AttributeNames: ['QueueArn'] });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: QueueArn, maxReceiveCount });
    return { dead, deadArn: QueueArn, queue: await this.newQueue({ ...attributes, RedrivePolicy }) };
  }
}
