// A server with queues to ask about, and for every action a request that it takes, with every member
// that the action's queue may have. Two servers prepared alike have the same names in them.
import assert from 'node:assert/strict';

import { kActions } from './service_model.mjs';

const kLeaseSeconds = 3600;  // longer than any test

const actionsByName = new Map(kActions.map((action) => [action.name, action]));

const attributes = () => ({
  text: { DataType: 'String', StringValue: 'käse' },
  data: { DataType: 'Binary', BinaryValue: 'AAH/' },
});
const traceHeader = () => ({
  AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
});

export class ExampleServer {
  constructor(protocol) {
    this.protocol = protocol;
    this.made = 0;
  }

  static async prepare(protocol) {
    const server = new ExampleServer(protocol);
    await server.#createQueues();
    return server;
  }

  close() {
    this.protocol.close();
  }

  // Of a request that must succeed.
  async take(name, members) {
    const answer = await this.protocol.call(actionsByName.get(name), members);
    assert.equal(answer.status, 200, `${name}: ${answer.message}`);
    return answer.members;
  }

  #arn(queue) {
    return `arn:aws:sqs:us-east-1:000000000000:${queue}`;
  }

  #unique(name) {
    return `${name}-${++this.made}`;
  }

  async #create(QueueName, Attributes) {
    await this.take('CreateQueue', { QueueName, ...(Attributes && { Attributes }) });
    return QueueName;
  }

  async #createSource(name, letters) {
    const policy = { deadLetterTargetArn: this.#arn(letters), maxReceiveCount: 1 };
    return this.#create(name, { RedrivePolicy: JSON.stringify(policy) });
  }

  // A queue that is the dead-letter queue of another.
  async #createLetters(name) {
    const letters = await this.#create(this.#unique(`${name}-letters`));
    await this.#createSource(`${letters}-source`, letters);
    return letters;
  }

  async #createQueues() {
    await this.#create('plain');
    await this.#create('granted');
    await this.#create('letters');
    await this.#createSource('source', 'letters');
    await this.take('TagQueue', { QueueUrl: 'plain', Tags: { team: 'billing' } });
    await this.take('SendMessage', { QueueUrl: 'plain', MessageBody: 'held' });
    const { Messages: [{ ReceiptHandle }] } = await this.take('ReceiveMessage', {
      QueueUrl: 'plain', VisibilityTimeout: kLeaseSeconds,
    });
    this.handle = ReceiptHandle;
  }

  // A task that takes its time over dead letters.
  async #startTask() {
    const letters = await this.#createLetters('busy');
    for (const MessageBody of ['1', '2', '3']) {
      await this.take('SendMessage', { QueueUrl: letters, MessageBody });
    }
    const { TaskHandle } = await this.take('StartMessageMoveTask', {
      SourceArn: this.#arn(letters), DestinationArn: this.#arn(`${letters}-source`),
      MaxNumberOfMessagesPerSecond: 1,
    });
    return TaskHandle;
  }

  async #grant() {
    const Label = this.#unique('label');
    await this.take('AddPermission', {
      QueueUrl: 'granted', Label, AWSAccountIds: ['111122223333'], Actions: ['SendMessage'],
    });
    return Label;
  }

  #message() {
    return {
      MessageBody: 'hällo', DelaySeconds: 900, MessageGroupId: 'tenant',
      MessageAttributes: attributes(), MessageSystemAttributes: traceHeader(),
    };
  }

  // Each call's request may be sent once.
  async example(action) {
    const QueueUrl = 'plain';
    const { handle: ReceiptHandle } = this;
    switch (action) {
      case 'AddPermission':
        return {
          QueueUrl: await this.#create(this.#unique('grant')), Label: 'partner',
          AWSAccountIds: ['111122223333', '444455556666'], Actions: ['SendMessage', 'ReceiveMessage'],
        };
      case 'CancelMessageMoveTask': return { TaskHandle: await this.#startTask() };
      case 'ChangeMessageVisibility':
        return { QueueUrl, ReceiptHandle, VisibilityTimeout: kLeaseSeconds };
      case 'ChangeMessageVisibilityBatch':
        return { QueueUrl, Entries: [{ Id: 'a', ReceiptHandle, VisibilityTimeout: kLeaseSeconds }] };
      case 'CreateQueue':
        return {
          QueueName: this.#unique('new'), Attributes: { VisibilityTimeout: '40' }, tags: { team: 'käse' },
        };
      case 'DeleteMessage': return { QueueUrl, ReceiptHandle: await this.#gone() };
      case 'DeleteMessageBatch':
        return { QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: await this.#gone() }] };
      case 'DeleteQueue': return { QueueUrl: await this.#create(this.#unique('old')) };
      case 'GetQueueAttributes': return { QueueUrl, AttributeNames: ['All'] };
      case 'GetQueueUrl': return { QueueName: 'plain', QueueOwnerAWSAccountId: '000000000000' };
      case 'ListDeadLetterSourceQueues': return { QueueUrl: 'letters', MaxResults: 10 };
      case 'ListMessageMoveTasks': return { SourceArn: this.#arn('letters'), MaxResults: 1 };
      case 'ListQueueTags': return { QueueUrl };
      case 'ListQueues': return { QueueNamePrefix: 'pla', MaxResults: 10 };
      case 'PurgeQueue': return { QueueUrl: await this.#create(this.#unique('full')) };
      case 'ReceiveMessage':
        return {
          QueueUrl: await this.#filled(), AttributeNames: ['All'], MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['.*'], MaxNumberOfMessages: 2, VisibilityTimeout: kLeaseSeconds, WaitTimeSeconds: 1,
          ReceiveRequestAttemptId: 'attempt',
        };
      case 'RemovePermission': return { QueueUrl: 'granted', Label: await this.#grant() };
      case 'SendMessage': return { QueueUrl, ...this.#message() };
      case 'SendMessageBatch': return { QueueUrl, Entries: [{ Id: 'a', ...this.#message() }] };
      case 'SetQueueAttributes': return { QueueUrl, Attributes: { VisibilityTimeout: '50' } };
      case 'StartMessageMoveTask':
        return {
          SourceArn: this.#arn(await this.#createLetters('sent')), DestinationArn: this.#arn('plain'),
          MaxNumberOfMessagesPerSecond: 5,
        };
      case 'TagQueue': return { QueueUrl, Tags: { stage: 'test' } };
      case 'UntagQueue': return { QueueUrl, TagKeys: ['stage'] };
      default: throw new Error(`no example of ${action}: add it here`);
    }
  }

  // The handle of a message that is in flight and nobody else's.
  async #gone() {
    const QueueUrl = 'plain';
    await this.take('SendMessage', { QueueUrl, MessageBody: 'to delete' });
    const { Messages } = await this.take('ReceiveMessage', { QueueUrl, VisibilityTimeout: kLeaseSeconds });
    return Messages[0].ReceiptHandle;
  }

  // A queue with two messages to receive.
  async #filled() {
    const queue = await this.#create(this.#unique('filled'));
    await this.take('SendMessage', { QueueUrl: queue, ...this.#message(), DelaySeconds: 0 });
    await this.take('SendMessage', { QueueUrl: queue, MessageBody: 'bare' });
    return queue;
  }

  // Which queues there are, and all that may be asked about those a request could mean.
  async state({ QueueUrl: asked = 'plain' }) {
    const { QueueUrls } = await this.take('ListQueues', {});
    const queues = new Set([asked, 'plain', 'granted', 'letters', 'source']);
    const known = await Promise.all([...queues].map(async (QueueUrl) => [
      await this.take('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }),
      await this.take('ListQueueTags', { QueueUrl }),
    ]));
    return { QueueUrls, known };
  }
}
