// SQS's JSON protocol over fetch, for tests that need rate, or to see a failure as it is.

// Answers with the result, throws when the server refuses or is gone.
export async function call(serverUrl, action, parameters) {
  const response = await fetch(serverUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
    body: JSON.stringify(parameters),
  }).catch(({ message, cause }) => {
    throw new Error(`${action}: ${message}: ${cause}`);
  });
  const text = await response.text();
  const result = text === '' ? {} : JSON.parse(text);
  if (!response.ok) throw new Error(`${action}: ${response.status} ${result.message ?? text}`);
  return result;
}

// One queue of a server. Its name is a queue URL on any server, also on the next one of the same data.
export class Queue {
  constructor(server, name) {
    this.server = server;
    this.name = name;
  }

  call(action, parameters = {}) {
    return call(this.server.url, action, { QueueUrl: this.name, ...parameters });
  }

  create(Attributes = {}) {
    return call(this.server.url, 'CreateQueue', { QueueName: this.name, Attributes });
  }

  send(MessageBody) {
    return this.call('SendMessage', { MessageBody });
  }

  // The bodies that were accepted.
  async sendBatch(bodies) {
    const Entries = bodies.map((MessageBody, i) => ({ Id: `${i}`, MessageBody }));
    const { Successful = [] } = await this.call('SendMessageBatch', { Entries });
    return Successful.map(({ Id }) => bodies[Number(Id)]);
  }

  async receive(parameters = {}) {
    const { Messages = [] } = await this.call('ReceiveMessage', { MaxNumberOfMessages: 10, ...parameters });
    return Messages;
  }

  // The messages whose delete was acknowledged.
  async delete(messages) {
    const Entries = messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }));
    const { Successful = [] } = await this.call('DeleteMessageBatch', { Entries });
    return Successful.map(({ Id }) => messages[Number(Id)]);
  }

  // Visible, in flight, delayed.
  async counts() {
    const { Attributes } = await this.call('GetQueueAttributes', { AttributeNames: ['All'] });
    return ['', 'NotVisible', 'Delayed'].map((kind) =>
      Number(Attributes[`ApproximateNumberOfMessages${kind}`]));
  }
}

// Ten at a time over a few connections, all of them accepted.
export async function sendAll(queue, bodies, connections = 4) {
  let next = 0;
  let accepted = 0;
  const sender = async () => {
    while (next < bodies.length) {
      const batch = bodies.slice(next, next += 10);
      const taken = await queue.sendBatch(batch);
      accepted += taken.length;
    }
  };
  await Promise.all(Array.from({ length: connections }, sender));
  if (accepted !== bodies.length) throw new Error(`${accepted} of ${bodies.length} were accepted`);
}
