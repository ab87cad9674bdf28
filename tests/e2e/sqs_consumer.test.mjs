// sqs-consumer, unmodified: what its handlers answer decides what becomes of a message.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { Consumer } from 'sqs-consumer';

import { SharedServer, becomes, kParkMs, soon } from './support/shared_server.mjs';
import { eventually, sleep } from './support/server.mjs';

const kSettleMsMax = 10_000;

const shared = new SharedServer('consumer');

// A started consumer. `handled` has the bodies in the order in which the handler saw them.
function consume(t, queue, options) {
  const handled = [];
  const seen = (handle) => handle && ((message) => {
    handled.push(...[message].flat().map(({ Body }) => Body));
    return handle(message);
  });
  const consumer = Consumer.create({
    queueUrl: shared.urlOf(queue),
    sqs: shared.sqs,
    waitTimeSeconds: 1,
    suppressFifoWarning: true,
    ...options,
    handleMessage: seen(options.handleMessage),
    handleMessageBatch: seen(options.handleMessageBatch),
  });
  const errors = [];
  consumer.on('error', (error) => errors.push(error));
  consumer.on('processing_error', () => {});
  consumer.start();
  t.after(() => consumer.stop({ abort: true }));
  return { consumer, handled, errors };
}

test('a handled message is deleted, its attributes were there', async (t) => {
  const queue = await shared.newQueue();
  await queue.call('SendMessage', {
    MessageBody: 'welcome ✓',
    MessageAttributes: { kind: { DataType: 'String', StringValue: 'signup' } },
  });
  let message;
  const { consumer, errors } = consume(t, queue, {
    messageAttributeNames: ['All'],
    messageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    handleMessage: async (received) => { message = received; },
  });
  await once(consumer, 'message_processed');
  assert.equal(message.Body, 'welcome ✓');
  assert.equal(message.MessageAttributes.kind.StringValue, 'signup');
  assert.deepEqual(Object.keys(message.Attributes).sort(), ['ApproximateReceiveCount', 'SentTimestamp']);
  assert.equal(message.Attributes.ApproximateReceiveCount, '1');
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
  assert.deepEqual(errors, []);
});

test('of a batch exactly the acknowledged messages are deleted', async (t) => {
  const queue = await shared.newQueue();
  const bodies = Array.from({ length: 10 }, (_, i) => `signup ${i}`);
  await queue.sendBatch(bodies);
  const { consumer, handled, errors } = consume(t, queue, {
    batchSize: 10,
    handleMessageBatch: async (messages) => messages.filter(({ Body }) => Body !== 'signup 3'),
  });
  await once(consumer, 'response_processed');
  assert.deepEqual(handled.sort(), bodies);
  assert.deepEqual(await queue.counts(), [0, 1, 0]);
  assert.deepEqual(errors, []);
});

test('a message whose handler throws comes again after its visibility timeout', async (t) => {
  const queue = await shared.newQueue({ VisibilityTimeout: '1' });
  await queue.send('again');
  const receives = [];
  const { consumer } = consume(t, queue, {
    messageSystemAttributeNames: ['ApproximateReceiveCount'],
    handleMessage: async ({ Attributes }) => {
      receives.push({ count: Attributes.ApproximateReceiveCount, at: Date.now() });
      if (receives.length === 1) throw new Error('not yet');
    },
  });
  await once(consumer, 'message_processed');
  const [first, second] = receives;
  assert.deepEqual([first.count, second.count], ['1', '2']);
  assert.ok(second.at - first.at >= 950, `after ${second.at - first.at} ms`);
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
});

test('terminateVisibilityTimeout brings a failed message back at once', async (t) => {
  const queue = await shared.newQueue({ VisibilityTimeout: '600' });
  await queue.send('again');
  const { consumer, handled, errors } = consume(t, queue, {
    terminateVisibilityTimeout: true,
    handleMessage: async () => {
      if (handled.length < 3) throw new Error('not yet');
    },
  });
  await once(consumer, 'message_processed');
  assert.equal(handled.length, 3);
  assert.deepEqual(errors, []);
});

test('terminateVisibilityTimeout of a batch may be as long as the consumer says', async (t) => {
  const queue = await shared.newQueue({ VisibilityTimeout: '600' });
  await queue.sendBatch(['a', 'b']);
  const { consumer, handled } = consume(t, queue, {
    batchSize: 10,
    terminateVisibilityTimeout: (messages) => messages.length - 1,
    handleMessageBatch: async () => {
      if (handled.length <= 2) throw new Error('not yet');
    },
  });
  await once(consumer, 'error');
  const begin = Date.now();
  await becomes(queue, [0, 0, 0]);
  const took = Date.now() - begin;
  assert.ok(took >= 950, `took ${took} ms`);
  assert.deepEqual(handled.sort(), ['a', 'a', 'b', 'b']);
});

test('a handler over its time leaves the message in flight', async (t) => {
  const queue = await shared.newQueue();
  await queue.send('slow');
  const { consumer } = consume(t, queue, {
    handleMessageTimeout: 50,
    handleMessage: () => sleep(300),
  });
  await once(consumer, 'timeout_error');
  assert.deepEqual(await queue.counts(), [0, 1, 0]);
});

test('a heartbeat keeps a message hidden longer than its timeout', async (t) => {
  const queue = await shared.newQueue();
  await queue.send('long work');
  const { consumer, handled, errors } = consume(t, queue, {
    visibilityTimeout: 2,
    heartbeatInterval: 0.4,
    handleMessage: () => sleep(2500),
  });
  await once(consumer, 'message_received');
  assert.deepEqual(await queue.receive({ WaitTimeSeconds: 2 }), []);
  assert.deepEqual(await queue.counts(), [0, 1, 0]);
  await once(consumer, 'message_processed');
  assert.deepEqual(await queue.counts(), [0, 0, 0]);
  assert.deepEqual(handled, ['long work']);
  assert.deepEqual(errors, []);
});

test('a long poll without messages waits its time', async (t) => {
  const queue = await shared.newQueue();
  const begin = Date.now();
  const { consumer } = consume(t, queue, { handleMessage: async () => {} });
  await once(consumer, 'empty');
  const took = Date.now() - begin;
  assert.ok(took >= 950 && took < 5000, `took ${took} ms`);
});

test('a message ends a long poll', async (t) => {
  const queue = await shared.newQueue();
  const { consumer } = consume(t, queue, { waitTimeSeconds: 20, handleMessage: async () => {} });
  const processed = once(consumer, 'message_processed');
  await sleep(kParkMs);
  await queue.send('wake up');
  await soon(processed);
});

test('a consumer that stops finishes the message in hand', async (t) => {
  const queue = await shared.newQueue();
  await queue.sendBatch(['first', 'second']);
  const { consumer, handled } = consume(t, queue, {
    pollingCompleteWaitTimeMs: 5000,
    handleMessage: () => sleep(300),
  });
  await once(consumer, 'message_received');
  consumer.stop();
  await once(consumer, 'stopped');
  assert.equal(handled.length, 1);
  assert.deepEqual(await queue.counts(), [1, 0, 0]);
});

test('a message sent after an aborted long poll is not lost on it', async (t) => {
  const queue = await shared.newQueue();
  const { consumer } = consume(t, queue, { waitTimeSeconds: 20, handleMessage: async () => {} });
  await sleep(kParkMs);
  consumer.stop({ abort: true });
  await sleep(kParkMs);
  await queue.send('for the next one');
  const messages = await queue.receive();
  assert.deepEqual(messages.map(({ Body }) => Body), ['for the next one']);
});

test('a group of a FIFO queue is handled in its order, also over a failure', async (t) => {
  const queue = await shared.newQueue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  for (const MessageBody of ['a', 'b', 'b', 'c', 'd']) {
    await queue.call('SendMessage', { MessageBody, MessageGroupId: 'g' });
  }
  let failures = 0;
  const { handled } = consume(t, queue, {
    terminateVisibilityTimeout: true,
    handleMessage: async ({ Body }) => {
      if (Body === 'b' && failures++ === 0) throw new Error('not yet');
    },
  });
  await becomes(queue, [0, 0, 0]);
  assert.deepEqual(handled, ['a', 'b', 'b', 'c', 'd']);
});

test('a message that always fails goes to the dead-letter queue, a move task brings it back', async (t) => {
  const { queue, dead, deadArn } = await shared.newQueueWithDeadLetters(3, { VisibilityTimeout: '600' });
  await queue.send('poison');
  let healed = false;
  const { handled } = consume(t, queue, {
    terminateVisibilityTimeout: true,
    handleMessage: async () => {
      if (!healed) throw new Error('always');
    },
  });
  await becomes(dead, [1, 0, 0]);
  assert.equal(handled.length, 3);

  healed = true;
  await shared.sqs.startMessageMoveTask({ SourceArn: deadArn });
  await eventually(kSettleMsMax, 'it is handled once more', () => handled.length === 4);
  await becomes(queue, [0, 0, 0]);
  assert.deepEqual(await dead.counts(), [0, 0, 0]);
});

test('a missing queue is an error that the consumer knows', async (t) => {
  const { consumer } = consume(t, { name: 'nobody' }, { handleMessage: async () => {} });
  const [error] = await once(consumer, 'error');
  assert.equal(error.code, 'QueueDoesNotExist');
  assert.equal(error.statusCode, 400);
  assert.equal(error.message, 'SQS receive message failed: The specified queue does not exist.');
});

test('a queue URL and credentials from the environment are all that is needed', async (t) => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  const queue = await shared.newQueue();
  await queue.send('found');
  const { consumer, handled } = consume(t, queue, { sqs: undefined, handleMessage: async () => {} });
  await once(consumer, 'message_processed');
  assert.deepEqual(handled, ['found']);
});
