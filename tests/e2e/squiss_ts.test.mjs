// squiss-ts, unmodified: an emitter of messages that deletes in batches and holds a limit in flight.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { Squiss } from 'squiss-ts';

import { SharedServer, becomes, kCredentials, kParkMs, kRegion, soon } from './support/shared_server.mjs';
import { eventually, sleep } from './support/server.mjs';

const kSettleMsMax = 10_000;

const shared = new SharedServer('squiss');

function connect(t, queueName, options = {}) {
  const squiss = new Squiss({
    awsConfig: { endpoint: shared.url, region: kRegion, credentials: kCredentials },
    queueName,
    deleteWaitMs: 10,
    ...options,
  });
  squiss.errors = [];
  squiss.on('error', (error) => squiss.errors.push(error));
  squiss.on('delError', ({ error }) => squiss.errors.push(error));
  t.after(async () => {
    await squiss.stop(false, 1);
    squiss.sqs.destroy();
  });
  return squiss;
}

async function nextMessage(squiss) {
  const [message] = await once(squiss, 'message');
  return message;
}

test('a queue is created as told, found by its name and deleted', async (t) => {
  const queueName = shared.newName();
  const squiss = connect(t, queueName, { visibilityTimeoutSecs: 45, delaySecs: 1, receiveWaitTimeSecs: 2 });
  const url = await squiss.createQueue();
  assert.equal(url, `${shared.url}/000000000000/${queueName}`);
  const other = connect(t, queueName, { accountNumber: '000000000000', correctQueueUrl: true });
  assert.equal(await other.getQueueUrl(), url);
  assert.equal(await other.getQueueVisibilityTimeout(), 45);
  assert.equal(await other.getQueueMaximumMessageSize(), 262_144);
  const { Attributes } = await shared.sqs.getQueueAttributes({ QueueUrl: url, AttributeNames: ['All'] });
  assert.equal(Attributes.DelaySeconds, '1');
  assert.equal(Attributes.ReceiveMessageWaitTimeSeconds, '2');
  await squiss.deleteQueue();
  await assert.rejects(connect(t, queueName).getQueueUrl(), { name: 'QueueDoesNotExist' });
});

test('a message arrives with its attributes and is deleted when it is done', async (t) => {
  const queue = await shared.newQueue();
  const squiss = connect(t, queue.name, { bodyFormat: 'json', gzip: true });
  await squiss.sendMessage({ user: 'é', plan: 7 }, 0, { kind: 'signup', count: 3, bytes: Buffer.from([0, 255]) });
  await squiss.start();
  const message = await nextMessage(squiss);
  assert.deepEqual(message.body, { user: 'é', plan: 7 });
  assert.equal(message.attributes.kind, 'signup');
  assert.equal(message.attributes.count, 3);
  assert.deepEqual([...message.attributes.bytes], [0, 255]);
  assert.equal(message.sqsAttributes.ApproximateReceiveCount, '1');
  await message.del();
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
  assert.deepEqual(squiss.errors, []);
});

test('many messages are sent and deleted in batches', async (t) => {
  const queue = await shared.newQueue();
  const squiss = connect(t, queue.name);
  const bodies = Array.from({ length: 25 }, (_, i) => `signup ${i}`);
  const sent = await squiss.sendMessages(bodies, 0, { kind: 'signup' });
  assert.equal(sent.Successful.length, 25);
  assert.deepEqual(sent.Failed, []);
  const handled = [];
  squiss.on('message', (message) => {
    handled.push(message.body);
    message.del();
  });
  await squiss.start();
  await becomes(queue, [0, 0, 0]);
  assert.deepEqual(handled.sort(), bodies.sort());
  assert.deepEqual(squiss.errors, []);
});

test('a released message comes again at once', async (t) => {
  const queue = await shared.newQueue({ VisibilityTimeout: '600' });
  await queue.send('again');
  const squiss = connect(t, queue.name);
  await squiss.start();
  const first = await nextMessage(squiss);
  const second = nextMessage(squiss);
  await first.release();
  const message = await soon(second);
  assert.equal(message.raw.MessageId, first.raw.MessageId);
  assert.equal(message.sqsAttributes.ApproximateReceiveCount, '2');
  await message.del();
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
});

test('a changed visibility brings a message back when it says', async (t) => {
  const queue = await shared.newQueue({ VisibilityTimeout: '600' });
  await queue.send('in a second');
  const squiss = connect(t, queue.name);
  await squiss.start();
  const first = await nextMessage(squiss);
  const second = nextMessage(squiss);
  const begin = Date.now();
  await first.changeVisibility(1);
  const message = await soon(second);
  const took = Date.now() - begin;
  assert.equal(message.body, 'in a second');
  assert.ok(took >= 950, `took ${took} ms`);
});

test('a message in work is extended', async (t) => {
  const queue = await shared.newQueue();
  await queue.send('long work');
  const squiss = connect(t, queue.name, {
    visibilityTimeoutSecs: 2, autoExtendTimeout: true, advancedCallMs: 1500, receiveWaitTimeSecs: 1,
  });
  await squiss.start();
  const message = await nextMessage(squiss);
  await once(squiss, 'timeoutExtended');
  assert.deepEqual(await queue.receive({ WaitTimeSeconds: 2 }), []);
  assert.deepEqual(await queue.counts(), [0, 1, 0]);
  await message.del();
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
  assert.deepEqual(squiss.errors, []);
});

test('polling pauses at the limit in flight and goes on below it', async (t) => {
  const queue = await shared.newQueue();
  await queue.sendBatch(['a', 'b', 'c']);
  const squiss = connect(t, queue.name, { maxInFlight: 2 });
  const held = [];
  squiss.on('message', (message) => held.push(message));
  await squiss.start();
  await eventually(kSettleMsMax, 'two are held', () => held.length === 2);
  await sleep(kParkMs);
  assert.deepEqual(await queue.counts(), [1, 2, 0]);
  await held[0].del();
  await eventually(kSettleMsMax, 'the third is there', () => held.length === 3);
  await Promise.all([held[1].del(), held[2].del()]);
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
});

test('a stopped long poll takes no message', async (t) => {
  const queue = await shared.newQueue();
  const squiss = connect(t, queue.name);
  await squiss.start();
  await sleep(kParkMs);
  const aborted = once(squiss, 'aborted');
  assert.equal(await squiss.stop(), true);
  await aborted;
  await sleep(kParkMs);
  await queue.send('for the next one');
  const messages = await queue.receive();
  assert.deepEqual(messages.map(({ Body }) => Body), ['for the next one']);
});

test('a message ends a long poll, and deletes wait for their batch when it stops', async (t) => {
  const queue = await shared.newQueue();
  const squiss = connect(t, queue.name, { deleteWaitMs: 60_000 });
  await squiss.start();
  await sleep(kParkMs);
  const arriving = nextMessage(squiss);
  await queue.send('wake up');
  const message = await soon(arriving);
  const deleted = message.del();
  assert.deepEqual(await queue.counts(), [0, 1, 0]);
  await squiss.stop();
  await deleted;
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
});

test('a delay holds a message back, a purge empties the queue', async (t) => {
  const queue = await shared.newQueue();
  const squiss = connect(t, queue.name);
  await squiss.sendMessage('later', 900);
  await squiss.sendMessage('now');
  assert.deepEqual(await queue.counts(), [1, 0, 1]);
  await squiss.purgeQueue();
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
});

test('a FIFO queue keeps the order of a group and drops duplicates', async (t) => {
  const queue = await shared.newQueue({ FifoQueue: 'true' });
  const squiss = connect(t, queue.name);
  for (const body of ['a', 'b', 'b', 'c']) {
    await squiss.sendMessage(body, undefined, { FIFO_MessageGroupId: 'g', FIFO_MessageDeduplicationId: body });
  }
  const handled = [];
  squiss.on('message', (message) => {
    assert.equal(message.sqsAttributes.MessageGroupId, 'g');
    handled.push(message.body);
    message.del();
  });
  await squiss.start();
  await becomes(queue, [0, 0, 0]);
  assert.deepEqual(handled, ['a', 'b', 'c']);
});

test('a message released too often goes to the dead-letter queue', async (t) => {
  const { queue, dead } = await shared.newQueueWithDeadLetters(2, { VisibilityTimeout: '600' });
  await queue.send('poison');
  const squiss = connect(t, queue.name);
  let releases = 0;
  squiss.on('message', (message) => {
    releases++;
    message.release();
  });
  await squiss.start();
  await becomes(dead, [1, 0, 0]);
  assert.equal(releases, 2);
  assert.deepEqual(squiss.errors, []);
});
