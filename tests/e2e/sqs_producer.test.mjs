// sqs-producer, unmodified.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Producer } from 'sqs-producer';

import { md5 } from './support/digests.mjs';
import { SharedServer } from './support/shared_server.mjs';

const shared = new SharedServer('producer');

const produce = (queue, options = {}) =>
  Producer.create({ queueUrl: shared.urlOf(queue), sqs: shared.sqs, ...options });

test('a text is sent as it is', async () => {
  const queue = await shared.newQueue();
  const [sent] = await produce(queue).send('hello');
  assert.equal(sent.MD5OfMessageBody, md5('hello'));
  const [message] = await queue.receive();
  assert.equal(message.MessageId, sent.MessageId);
  assert.equal(message.Body, 'hello');
});

test('a message has attributes and a delay', async () => {
  const queue = await shared.newQueue();
  await produce(queue).send({
    id: 'one',
    body: 'later',
    delaySeconds: 1,
    messageAttributes: {
      kind: { DataType: 'String', StringValue: 'signup' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
    },
  });
  assert.deepEqual(await queue.receive(), []);
  assert.deepEqual(await queue.counts(), [0, 0, 1]);
  const [message] = await queue.receive({ WaitTimeSeconds: 10, MessageAttributeNames: ['All'] });
  assert.equal(message.Body, 'later');
  assert.deepEqual(message.MessageAttributes, {
    kind: { DataType: 'String', StringValue: 'signup' },
    bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]).toString('base64') },
  });
});

test('more than ten messages go in batches, and the queue counts them', async () => {
  const queue = await shared.newQueue();
  const messages = Array.from({ length: 25 }, (_, i) => ({ id: `id-${i}`, body: `signup ${i}` }));
  const producer = produce(queue);
  assert.equal(await producer.queueSize(), 0);
  const sent = await producer.send(messages);
  assert.deepEqual(sent.map(({ Id }) => Id), messages.map(({ id }) => id));
  assert.equal(await producer.queueSize(), 25);
  const small = await produce(queue, { batchSize: 1 }).send(['26', '27']);
  assert.equal(small.length, 2);
  assert.equal(await producer.queueSize(), 27);
});

test('a message that is refused is named, the others are sent', async () => {
  const queue = await shared.newQueue({ MaximumMessageSize: '1024' });
  const producer = produce(queue);
  await assert.rejects(producer.send([
    { id: 'good', body: 'x'.repeat(1024) },
    { id: 'large', body: 'x'.repeat(1025) },
    { id: 'control', body: 'a\u0001b' },
  ]), { message: 'Failed to send messages: large, control' });
  assert.equal(await producer.queueSize(), 1);
});

test('a FIFO queue gets groups and deduplication ids', async () => {
  const queue = await shared.newQueue({ FifoQueue: 'true' });
  const sent = await produce(queue).send(['a', 'b', 'b', 'c'].map((body, i) => (
    { id: `${i}`, body, groupId: 'g', deduplicationId: `id-of-${body}` })));
  assert.equal(sent[2].MessageId, sent[1].MessageId);
  const messages = await queue.receive({ MessageSystemAttributeNames: ['All'] });
  assert.deepEqual(messages.map(({ Body }) => Body), ['a', 'b', 'c']);
  assert.deepEqual(messages.map(({ Attributes }) => Attributes.MessageDeduplicationId),
    ['id-of-a', 'id-of-b', 'id-of-c']);
});

test('a missing queue is QueueDoesNotExist', async () => {
  const producer = produce({ name: 'nobody' });
  await assert.rejects(producer.send('x'), { name: 'QueueDoesNotExist' });
  await assert.rejects(producer.queueSize(), { name: 'QueueDoesNotExist' });
});

test('a queue URL and credentials from the environment are all that is needed', async () => {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  const queue = await shared.newQueue();
  const producer = produce(queue, { sqs: undefined });
  await producer.send('found');
  assert.equal(await producer.queueSize(), 1);
});
