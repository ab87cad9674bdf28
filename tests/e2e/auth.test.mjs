// Signatures, by those who make them: the AWS SDKs, links signed ahead, and headrace's own verbs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { Sha256 } from '@aws-crypto/sha256-js';
import { SQS } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import aws from 'aws-sdk';

import { Server, binFolder, httpThreads, temporaryFolder, within } from './support/server.mjs';

const kAccounts = { alice: '000000000000', bob: '111122223333' };
const secretOf = (user) => `secret of ${user}`.replaceAll(' ', '/');
const credentialsOf = (user) => ({
  accessKeyId: `AKID${user.toUpperCase()}`, secretAccessKey: secretOf(user),
});

async function startServer(t, { auth = 'required', mode = 0o600 } = {}) {
  const folder = temporaryFolder();
  const file = join(folder, 'users');
  writeFileSync(file, Object.entries(kAccounts).map(([user, account]) => {
    const { accessKeyId, secretAccessKey } = credentialsOf(user);
    return `[${user}]\naws_access_key_id = ${accessKeyId}\n` +
      `aws_secret_access_key = ${secretAccessKey}\naws_account_id = ${account}\n`;
  }).join('\n'));
  chmodSync(file, mode);
  const server = new Server(t, {
    folder,
    config: { server: { http: { threads: httpThreads() }, auth, credentials: './users' } },
  });
  await server.start();
  return server;
}

const v3 = (server, credentials) => new SQS({
  endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1,
});

const named = (name) => (error) => error.name === name || error.code === name;

test('clients of two accounts sign', async (t) => {
  const server = await startServer(t);
  const alice = v3(server, credentialsOf('alice'));
  const bob = v3(server, credentialsOf('bob'));
  const { QueueUrl } = await alice.createQueue({ QueueName: 'q' });
  assert.equal(QueueUrl, `${server.url}/${kAccounts.alice}/q`);

  await t.test('each in his own', async () => {
    const MessageBody = 'ä'.repeat(100_000);  // more than is hashed on the loop
    await alice.sendMessage({ QueueUrl, MessageBody });
    const { Messages } = await alice.receiveMessage({
      QueueUrl, MessageSystemAttributeNames: ['SenderId'],
    });
    assert.equal(Messages[0].Body, MessageBody);
    assert.equal(Messages[0].Attributes.SenderId, credentialsOf('alice').accessKeyId);
    assert.deepEqual((await bob.listQueues({})).QueueUrls ?? [], []);
    await assert.rejects(bob.sendMessage({ QueueUrl, MessageBody: 'a' }), named('AccessDenied'));
    await assert.rejects(bob.getQueueUrl({ QueueName: 'q' }), named('QueueDoesNotExist'));
    const own = await bob.createQueue({ QueueName: 'q' });
    assert.equal(own.QueueUrl, `${server.url}/${kAccounts.bob}/q`);
  });

  await t.test('version 2 of the SDK too', async () => {
    const sqs = new aws.SQS({
      endpoint: server.url, region: 'us-east-1', ...credentialsOf('alice'), maxRetries: 0,
    });
    assert.deepEqual((await sqs.listQueues({}).promise()).QueueUrls, [QueueUrl]);
    const wrong = new aws.SQS({
      endpoint: server.url, region: 'us-east-1', ...credentialsOf('alice'), secretAccessKey: 'wrong', maxRetries: 0,
    });
    await assert.rejects(wrong.listQueues({}).promise(), named('SignatureDoesNotMatch'));
  });

  await t.test('who cannot is refused', async () => {
    const refused = async (credentials, name) =>
      assert.rejects(v3(server, credentials).listQueues({}), named(name));
    await refused({ ...credentialsOf('alice'), secretAccessKey: 'wrong' }, 'SignatureDoesNotMatch');
    await refused({ accessKeyId: 'AKIDMALLORY', secretAccessKey: 'x' }, 'InvalidClientTokenId');
    const unsigned = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
      body: '{}',
    });
    assert.equal(unsigned.status, 403);
    assert.match((await unsigned.json()).__type, /#MissingAuthenticationToken$/);
    assert.equal((await fetch(`${server.url}/_headrace/health`)).status, 200);
    assert.equal((await fetch(`${server.url}/_headrace/metrics`)).status, 403);
  });

  await t.test('a client whose clock is wrong learns the time and goes on', async () => {
    const late = new SQS({
      endpoint: server.url, region: 'us-east-1', credentials: credentialsOf('alice'),
      systemClockOffset: -3_600_000,
    });
    assert.deepEqual((await late.listQueues({})).QueueUrls, [QueueUrl]);
  });
});

test('a link that was signed ahead works, until it expires', async (t) => {
  const server = await startServer(t);
  const signer = new SignatureV4({
    credentials: credentialsOf('alice'), region: 'us-east-1', service: 'sqs', sha256: Sha256,
  });
  const link = async (options) => {
    const { hostname, port } = new URL(server.url);
    const { query } = await signer.presign({
      method: 'GET', protocol: 'http:', hostname, port, path: '/',
      query: { Action: 'ListQueues' }, headers: { host: `${hostname}:${port}` },
    }, options);
    return `${server.url}/?${new URLSearchParams(query)}`;
  };
  const response = await fetch(await link({ expiresIn: 60 }));
  assert.equal(response.status, 200);
  assert.match(await response.text(), /ListQueuesResult/);
  const expired = await fetch(await link({ expiresIn: 60, signingDate: new Date(Date.now() - 61_000) }));
  assert.equal(expired.status, 403);
  assert.match(await expired.text(), /<Code>RequestExpired<\/Code>/);
});

test('headrace itself signs with the credentials of its environment', async (t) => {
  const server = await startServer(t);
  const run = promisify(execFile);
  const headrace = (user, ...words) => {
    const { accessKeyId, secretAccessKey } = credentialsOf(user);
    const env = { HEADRACE_ACCESS_KEY_ID: accessKeyId, HEADRACE_SECRET_ACCESS_KEY: secretAccessKey };
    return run(join(binFolder(), 'headrace'), [...words, '--endpoint', server.url], { env });
  };
  await headrace('alice', 'queue', 'create', 'q');
  await headrace('alice', 'send', 'q', 'hello');
  assert.match((await headrace('alice', 'peek', 'q')).stdout, /hello/);
  assert.match((await headrace('alice', 'status', '--region', 'us-east-1')).stdout, /q +1 /);
  assert.match((await headrace('alice', 'receive', 'q', '--delete')).stdout, /hello/);
  await assert.rejects(headrace('bob', 'send', 'q', 'hello'), { code: 3 });
  await assert.rejects(headrace('bob', 'status'), { code: 3 });
  await headrace('bob', 'queue', 'create', 'own', '--region', 'eu-west-1');
  await headrace('bob', 'send', 'own', 'hello', '--region', 'eu-west-1');
  await assert.rejects(headrace('bob', 'purge', 'own', '--region', 'us-west-2'), { code: 3 });
  await assert.rejects(
    headrace('alice', 'purge', 'q', '--region', 'us-east-1', '--account', kAccounts.bob), { code: 2 });
  await assert.rejects(run(join(binFolder(), 'headrace'), ['status', '--endpoint', server.url]), { code: 3 });
});

test('optional signatures may be missing, and not be wrong', async (t) => {
  const server = await startServer(t, { auth: 'optional' });
  const response = await fetch(`${server.url}/?Action=ListQueues`);
  assert.equal(response.status, 200);
  await v3(server, credentialsOf('alice')).listQueues({});
  await assert.rejects(v3(server, { accessKeyId: 'any', secretAccessKey: 'any' }).listQueues({}),
    named('InvalidClientTokenId'));
});

test('who cannot sign is told so before his body fills the memory', async (t) => {
  const server = await startServer(t);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.write(`POST / HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-length: 8000000\r\n` +
    'content-type: application/x-www-form-urlencoded\r\n\r\nAction=SendMessage&MessageBody=');
  const [answer] = await within(10_000, once(socket, 'data'));
  assert.match(`${answer}`, /^HTTP\/1.1 403 /);
});

test('a file of users that others may read is refused', async (t) => {
  await assert.rejects(startServer(t, { mode: 0o644 }), /is open to other users of this machine/);
});
