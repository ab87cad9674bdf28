// What tests and scripts around LocalStack do, done to headrace: no line of theirs has to change.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

import { Queue } from './support/client.mjs';
import { Server, binFolder } from './support/server.mjs';

const headrace = join(binFolder(), 'headrace');
// Debian's AWS CLI, whichever else there is, and none of the account of whoever runs the tests.
const bareEnvironment = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' };

// Resolves for any exit code.
async function run(program, words, environment = {}) {
  const env = { ...bareEnvironment, ...environment };
  const cwd = fileURLToPath(new URL('.', import.meta.url));  // where the SDKs are installed
  const { code = 0, stdout, stderr } = await promisify(execFile)(program, words, { cwd, env, timeout: 60_000 })
    .catch((error) => error);
  return { code, stdout, stderr };
}

const aws = (server, ...words) =>
  run(headrace, ['aws', 'sqs', ...words], { HEADRACE_ENDPOINT: server.url });

async function peek(server, path, headers = { accept: 'application/json' }) {
  const response = await fetch(`${server.url}/_aws/sqs/messages${path}`, { headers });
  assert.equal(response.status, 200);
  return response;
}

const peekedBodies = async (response) =>
  (await response.json()).ReceiveMessageResponse.ReceiveMessageResult.Message.map(({ Body }) => Body);

test('headrace aws is the AWS CLI against this server', async (t) => {
  const server = await Server.start(t);
  const { stdout, stderr } = await aws(server, 'create-queue', '--queue-name', 'signup');
  const url = `${server.url}/000000000000/signup`;
  assert.equal(JSON.parse(stdout || stderr).QueueUrl, url);
  await aws(server, 'send-message', '--queue-url', url, '--message-body', "it's $HOME");
  const received = await aws(server, 'receive-message', '--queue-url', url, '--region', 'us-east-1');
  assert.equal(JSON.parse(received.stdout).Messages[0].Body, "it's $HOME");
});

test('headrace aws ends with the exit code of the AWS CLI', async (t) => {
  const server = await Server.start(t);
  const refused = await aws(server, 'get-queue-url', '--queue-name', 'lost');
  assert.equal(refused.code, 254);  // what version 2 ends with when the service refuses
  assert.match(refused.stderr, /NonExistentQueue/);
  assert.equal((await aws(server, '--no-such-flag')).code, 252);  // and for wrong words
  assert.equal((await run(headrace, ['aws', '--version'])).stdout.slice(0, 8), 'aws-cli/');
});

test('eval "$(headrace env)" is all that an SDK needs', async (t) => {
  const server = await Server.start(t);
  await new Queue(server, 'signup').create();
  const client = `import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
    const { QueueUrls } = await new SQSClient({}).send(new ListQueuesCommand({}));
    console.log(QueueUrls.join());`;
  const script = 'eval "$("$1" env)" && exec "$2" --input-type=module --eval "$3"';
  const { stdout, stderr } = await run('/bin/sh', ['-c', script, 'sh', headrace, process.execPath, client],
    { HEADRACE_ENDPOINT: server.url });
  assert.equal(stdout, `${server.url}/000000000000/signup\n`, stderr);
});

test('LOCALSTACK_HOST is what queue URLs name', async (t) => {
  const server = new Server(t);
  await server.start({ environment: { LOCALSTACK_HOST: 'queues.example.com:8080' } });
  const { QueueUrl } = await new Queue(server, 'signup').create();
  assert.equal(QueueUrl, 'http://queues.example.com:8080/000000000000/signup');
});

test('/_localstack/health says that sqs is running', async (t) => {
  const server = await Server.start(t);
  const text = await (await fetch(`${server.url}/_localstack/health`)).text();
  assert.equal(JSON.parse(text).services.sqs, 'running');
  assert.match(text, /"sqs": "(available|running)"/);  // as scripts search it
});

test('/_aws/sqs/messages shows messages and receives none', async (t) => {
  const server = await Server.start(t);
  const queue = new Queue(server, 'signup');
  const { QueueUrl } = await queue.create();
  for (const body of ['ada', 'bob']) await queue.send(body);
  await queue.call('SendMessage', { MessageBody: 'eve', DelaySeconds: 900 });
  await queue.receive({ MaxNumberOfMessages: 1 });

  const byUrl = `?QueueUrl=${encodeURIComponent(QueueUrl)}`;
  const byPath = '/us-east-1/000000000000/signup';
  for (let i = 0; i < 2; ++i) {
    assert.deepEqual(await peekedBodies(await peek(server, byUrl)), ['bob']);
    assert.deepEqual(await peekedBodies(await peek(server, byPath)), ['bob']);
  }
  assert.deepEqual(await peekedBodies(await peek(server, `${byPath}?ShowInvisible=true&ShowDelayed=true`)),
    ['ada', 'bob', 'eve']);
  assert.match(await (await peek(server, byUrl, {})).text(), /<Body>bob<\/Body>/);
  assert.deepEqual(await queue.counts(), [1, 1, 1]);
});

test('an SDK with /_aws/sqs/messages for its endpoint looks where it would receive', async (t) => {
  const server = await Server.start(t);
  const queue = new Queue(server, 'signup');
  const { QueueUrl } = await queue.create();
  for (const body of ['ada', 'bob']) await queue.send(body);
  const client = new SQSClient({
    endpoint: `${server.url}/_aws/sqs/messages`, useQueueUrlAsEndpoint: false, region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  t.after(() => client.destroy());
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1 }));
  assert.deepEqual(Messages.map(({ Body }) => Body), ['ada', 'bob']);
  assert.deepEqual(await queue.counts(), [2, 0, 0]);

  const { stdout, stderr } = await run('/usr/bin/aws', ['--endpoint-url', `${server.url}/_aws/sqs/messages`,
    'sqs', 'receive-message', '--queue-url', QueueUrl, '--query', 'Messages[].Body', '--output', 'text'],
  { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1' });
  assert.equal(stdout, 'ada\tbob\n', stderr);
});
