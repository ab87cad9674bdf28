// What every AWS SDK must see; sdk_v2.test.mjs and sdk_v3.test.mjs run it with theirs.
//
// connect({endpoint, region, accessKeyId}) gives call(action, parameters), a promise of the SDK's
// result. errorCodes are what that SDK makes of an error.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { md5, md5OfAttributes } from './digests.mjs';
import { Server, within } from './server.mjs';

// Computed from AWS's algorithm, and recorded on AWS.
const kThreeAttributes = {
  'Zeta': { DataType: 'String', StringValue: 'é' },
  'blob': { DataType: 'Binary.png', BinaryValue: Buffer.from([0, 1, 255]) },
  'Count': { DataType: 'Number.int', StringValue: '42' },
};
const kThreeAttributesMd5 = 'd3ebd7df0f4580a1b7a77feb8a9c4805';
const kHello = { Hello: { DataType: 'String', StringValue: 'There' } };
const kHelloMd5 = 'a311262e065454b75da111d535b8dacd';
const kMessageMd5 = '78e731027d8fd50ed642340b7c9a63b3';  // of "message"

const kWakeMsMax = 500;

export function sdkBehaviour(name, connect, { queueDoesNotExist }) {
  let server;
  let call;
  let queues = 0;
  const cleanups = [];

  before(async () => {
    server = await Server.start({ after: (cleanup) => cleanups.unshift(cleanup) });
    call = connect({ endpoint: server.url, region: 'us-east-1', accessKeyId: 'test' });
  });
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  const newQueue = async (Attributes = {}) => {
    const created = await call('createQueue', { QueueName: `${name}-${++queues}`, Attributes });
    return created.QueueUrl;
  };
  const receive = async (QueueUrl, more = {}) =>
    (await call('receiveMessage', { QueueUrl, MaxNumberOfMessages: 10, ...more })).Messages ?? [];
  const attributesOf = async (QueueUrl) =>
    (await call('getQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).Attributes;

  test(`${name}: a queue is created, found, listed and described`, async () => {
    const QueueUrl = await newQueue({ VisibilityTimeout: '45' });
    const QueueName = QueueUrl.split('/').pop();
    assert.equal(QueueUrl, `${server.url}/000000000000/${QueueName}`);
    assert.equal((await call('getQueueUrl', { QueueName })).QueueUrl, QueueUrl);
    const listed = await call('listQueues', { QueueNamePrefix: QueueName });
    assert.deepEqual(listed.QueueUrls, [QueueUrl]);

    await call('setQueueAttributes', { QueueUrl, Attributes: { DelaySeconds: '0', MaximumMessageSize: '2048' } });
    const attributes = await attributesOf(QueueUrl);
    assert.equal(attributes.VisibilityTimeout, '45');
    assert.equal(attributes.MaximumMessageSize, '2048');
    assert.equal(attributes.QueueArn, `arn:aws:sqs:us-east-1:000000000000:${QueueName}`);

    await call('deleteQueue', { QueueUrl });
    assert.equal((await call('listQueues', { QueueNamePrefix: QueueName })).QueueUrls?.length ?? 0, 0);
  });

  test(`${name}: a message comes back as it was sent, with its digests`, async () => {
    const QueueUrl = await newQueue();
    const sent = await call('sendMessage', { QueueUrl, MessageBody: 'message', MessageAttributes: kThreeAttributes });
    assert.equal(sent.MD5OfMessageBody, kMessageMd5);
    assert.equal(sent.MD5OfMessageAttributes, kThreeAttributesMd5);

    const [message] = await receive(QueueUrl, { MessageAttributeNames: ['All'], AttributeNames: ['All'] });
    assert.equal(message.MessageId, sent.MessageId);
    assert.equal(message.Body, 'message');
    assert.equal(message.MD5OfBody, kMessageMd5);
    assert.equal(message.MD5OfMessageAttributes, kThreeAttributesMd5);
    assert.equal(md5OfAttributes(message.MessageAttributes), kThreeAttributesMd5);
    assert.deepEqual(Buffer.from(message.MessageAttributes.blob.BinaryValue), Buffer.from([0, 1, 255]));
    assert.equal(message.MessageAttributes.Zeta.StringValue, 'é');
    assert.deepEqual(Object.keys(message.Attributes).sort(), [
      'ApproximateFirstReceiveTimestamp', 'ApproximateReceiveCount', 'SenderId', 'SentTimestamp',
    ]);
    assert.equal(message.Attributes.ApproximateReceiveCount, '1');
  });

  test(`${name}: the attribute digest covers what is returned, not what is stored`, async () => {
    const QueueUrl = await newQueue({ VisibilityTimeout: '0' });
    const MessageAttributes = { ...kThreeAttributes, ...kHello };
    await call('sendMessage', { QueueUrl, MessageBody: 'filtered', MessageAttributes });
    const [some] = await receive(QueueUrl, { MessageAttributeNames: ['Hello'] });
    assert.deepEqual(Object.keys(some.MessageAttributes), ['Hello']);
    assert.equal(some.MD5OfMessageAttributes, kHelloMd5);
    const [none] = await receive(QueueUrl);
    assert.equal(none.MessageAttributes, undefined);
    assert.equal(none.MD5OfMessageAttributes, undefined);
  });

  test(`${name}: a batch is sent, received and deleted, bad entries fail alone`, async () => {
    const QueueUrl = await newQueue({ MaximumMessageSize: '1024' });
    const Entries = Array.from({ length: 9 }, (_, i) => ({ Id: `id-${i}`, MessageBody: `body ${i} ✓` }));
    Entries.push({ Id: 'large', MessageBody: 'x'.repeat(1025) });
    const sent = await call('sendMessageBatch', { QueueUrl, Entries });
    assert.equal(sent.Successful.length, 9);
    for (const { Id, MD5OfMessageBody } of sent.Successful) {
      const { MessageBody } = Entries.find((entry) => entry.Id === Id);
      assert.equal(MD5OfMessageBody, md5(MessageBody));
    }
    assert.deepEqual(sent.Failed.map(({ Id, Code, SenderFault }) => ({ Id, Code, SenderFault })), [
      { Id: 'large', Code: 'InvalidParameterValue', SenderFault: true },
    ]);

    const messages = await receive(QueueUrl);
    assert.deepEqual(messages.map(({ Body }) => Body).sort(),
      Entries.slice(0, 9).map(({ MessageBody }) => MessageBody).sort());
    const deleted = await call('deleteMessageBatch', {
      QueueUrl,
      Entries: [
        ...messages.map(({ ReceiptHandle }, i) => ({ Id: `d${i}`, ReceiptHandle })),
        { Id: 'garbage', ReceiptHandle: 'garbage' },
      ],
    });
    assert.equal(deleted.Successful.length, 9);
    assert.deepEqual(deleted.Failed.map(({ Id, Code }) => ({ Id, Code })), [
      { Id: 'garbage', Code: 'ReceiptHandleIsInvalid' },
    ]);
    const attributes = await attributesOf(QueueUrl);
    assert.equal(attributes.ApproximateNumberOfMessages, '0');
    assert.equal(attributes.ApproximateNumberOfMessagesNotVisible, '0');
  });

  test(`${name}: a waiting receive is woken by a send`, async () => {
    const QueueUrl = await newQueue();
    const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
    assert.equal(await within(200, waiting), null);
    await call('sendMessage', { QueueUrl, MessageBody: 'wake up' });
    const messages = await within(kWakeMsMax, waiting);
    assert.equal(messages?.[0].Body, 'wake up');
  });

  test(`${name}: a receive waits as long as it was told and answers empty`, async () => {
    const QueueUrl = await newQueue();
    const begin = Date.now();
    assert.deepEqual(await receive(QueueUrl, { WaitTimeSeconds: 1 }), []);
    const took = Date.now() - begin;
    assert.ok(took >= 950 && took < 3000, `took ${took} ms`);
  });

  test(`${name}: visibility 0 brings a message back at once, a longer one hides it`, async () => {
    const QueueUrl = await newQueue();
    await call('sendMessage', { QueueUrl, MessageBody: 'again' });
    const [first] = await receive(QueueUrl);
    assert.deepEqual(await receive(QueueUrl), []);

    const { ReceiptHandle } = first;
    await call('changeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    const [second] = await receive(QueueUrl, { AttributeNames: ['ApproximateReceiveCount'] });
    assert.equal(second.MessageId, first.MessageId);
    assert.notEqual(second.ReceiptHandle, first.ReceiptHandle);
    assert.equal(second.Attributes.ApproximateReceiveCount, '2');

    const changed = await call('changeMessageVisibilityBatch', {
      QueueUrl, Entries: [{ Id: 'one', ReceiptHandle: second.ReceiptHandle, VisibilityTimeout: 600 }],
    });
    assert.deepEqual(changed.Successful.map(({ Id }) => Id), ['one']);
    assert.deepEqual(await receive(QueueUrl), []);
  });

  test(`${name}: a deleted message does not come back, deleting twice is no error`, async () => {
    const QueueUrl = await newQueue();
    await call('sendMessage', { QueueUrl, MessageBody: 'once' });
    const [{ ReceiptHandle }] = await receive(QueueUrl, { VisibilityTimeout: 0 });
    await call('deleteMessage', { QueueUrl, ReceiptHandle });
    await call('deleteMessage', { QueueUrl, ReceiptHandle });
    assert.deepEqual(await receive(QueueUrl), []);
  });

  test(`${name}: a delayed message appears when its delay is over`, async () => {
    const QueueUrl = await newQueue();
    await call('sendMessage', { QueueUrl, MessageBody: 'later', DelaySeconds: 1 });
    assert.deepEqual(await receive(QueueUrl), []);
    assert.equal((await attributesOf(QueueUrl)).ApproximateNumberOfMessagesDelayed, '1');
    assert.equal((await receive(QueueUrl, { WaitTimeSeconds: 10 }))[0].Body, 'later');
  });

  test(`${name}: a purge empties the queue`, async () => {
    const QueueUrl = await newQueue();
    for (const MessageBody of ['a', 'b', 'c']) await call('sendMessage', { QueueUrl, MessageBody });
    await receive(QueueUrl, { MaxNumberOfMessages: 1 });
    await call('purgeQueue', { QueueUrl });
    const attributes = await attributesOf(QueueUrl);
    assert.equal(attributes.ApproximateNumberOfMessages, '0');
    assert.equal(attributes.ApproximateNumberOfMessagesNotVisible, '0');
  });

  test(`${name}: a missing queue is QueueDoesNotExist`, async () => {
    const QueueUrl = `${server.url}/000000000000/nobody`;
    await assert.rejects(call('sendMessage', { QueueUrl, MessageBody: 'x' }), queueDoesNotExist);
    await assert.rejects(call('getQueueUrl', { QueueName: 'nobody' }), queueDoesNotExist);
  });

  test(`${name}: tags and permissions are kept and returned`, async () => {
    const QueueUrl = await newQueue();
    await call('tagQueue', { QueueUrl, Tags: { team: 'billing', stage: '' } });
    await call('untagQueue', { QueueUrl, TagKeys: ['stage', 'never'] });
    assert.deepEqual((await call('listQueueTags', { QueueUrl })).Tags, { team: 'billing' });

    const statement = { QueueUrl, Label: 'partner', AWSAccountIds: ['111122223333'], Actions: ['SendMessage'] };
    await call('addPermission', statement);
    const { QueueArn, Policy } = await attributesOf(QueueUrl);
    assert.deepEqual(JSON.parse(Policy).Statement, [{
      Sid: 'partner', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'SQS:SendMessage', Resource: QueueArn,
    }]);
    await assert.rejects(call('addPermission', statement), /Already exists/);
    await call('removePermission', { QueueUrl, Label: 'partner' });
    assert.equal((await attributesOf(QueueUrl)).Policy, undefined);
  });

  test(`${name}: a FIFO queue keeps the order of a group and drops duplicates`, async () => {
    const created = await call('createQueue', {
      QueueName: `${name}-${++queues}.fifo`, Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' },
    });
    const { QueueUrl } = created;
    const numbers = [];
    for (const MessageBody of ['a', 'b', 'b', 'c']) {
      const sent = await call('sendMessage', { QueueUrl, MessageBody, MessageGroupId: 'g' });
      numbers.push(sent.SequenceNumber);
    }
    assert.deepEqual(numbers, [...numbers].sort());
    const messages = await receive(QueueUrl, { AttributeNames: ['MessageGroupId'] });
    assert.deepEqual(messages.map(({ Body }) => Body), ['a', 'b', 'c']);
    assert.deepEqual(messages[0].Attributes, { MessageGroupId: 'g' });
  });

  test(`${name}: a move task brings dead letters home`, async () => {
    const dead = await newQueue();
    const { QueueArn: SourceArn } = await attributesOf(dead);
    const QueueUrl = await newQueue({
      VisibilityTimeout: '0',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 }),
    });
    const sources = await call('listDeadLetterSourceQueues', { QueueUrl: dead });
    assert.deepEqual(sources.queueUrls, [QueueUrl]);
    await call('sendMessage', { QueueUrl, MessageBody: 'again' });
    await receive(QueueUrl);
    assert.deepEqual(await receive(QueueUrl), []);

    const { TaskHandle } = await call('startMessageMoveTask', { SourceArn, MaxNumberOfMessagesPerSecond: 10 });
    assert.equal(JSON.parse(Buffer.from(TaskHandle, 'base64')).sourceArn, SourceArn);
    assert.equal((await receive(QueueUrl, { WaitTimeSeconds: 5 }))[0].Body, 'again');
    const { Results: [task] } = await call('listMessageMoveTasks', { SourceArn });
    assert.equal(task.Status, 'COMPLETED');
    assert.equal(Number(task.ApproximateNumberOfMessagesMoved), 1);
    await assert.rejects(call('cancelMessageMoveTask', { TaskHandle }), /Only active tasks can be cancelled/);
  });

  test(`${name}: a wrong parameter is named`, async () => {
    const QueueUrl = await newQueue();
    await assert.rejects(receive(QueueUrl, { MaxNumberOfMessages: 11 }), {
      message: 'Value 11 for parameter MaxNumberOfMessages is invalid. ' +
        'Reason: Must be between 1 and 10, if provided.',
    });
    await assert.rejects(call('deleteMessage', { QueueUrl, ReceiptHandle: 'garbage' }), {
      message: 'The input receipt handle "garbage" is not a valid receipt handle.',
    });
  });

  test(`${name}: a queue URL starts with the host that the client used`, async () => {
    const port = new URL(server.url).port;
    const byName = connect({ endpoint: `http://localhost:${port}`, region: 'us-east-1', accessKeyId: 'test' });
    const { QueueUrl } = await byName('createQueue', { QueueName: `${name}-host` });
    assert.equal(QueueUrl, `http://localhost:${port}/000000000000/${name}-host`);
    await byName('sendMessage', { QueueUrl, MessageBody: 'by name' });
    assert.equal((await receive(`${server.url}/000000000000/${name}-host`))[0].Body, 'by name');
  });

  test(`${name}: an access key of 12 digits is the account, the signature's region the region`, async () => {
    const other = connect({ endpoint: server.url, region: 'eu-west-1', accessKeyId: '123456789012' });
    const QueueName = `${name}-account`;
    const { QueueUrl } = await other('createQueue', { QueueName });
    assert.equal(QueueUrl, `${server.url}/123456789012/${QueueName}`);
    const { Attributes } = await other('getQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
    assert.equal(Attributes.QueueArn, `arn:aws:sqs:eu-west-1:123456789012:${QueueName}`);
    await assert.rejects(call('getQueueUrl', { QueueName }), queueDoesNotExist);
  });
}
