// A page in a browser reaches no queue: not from another origin, not by a name that points here.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';

import { Server, httpThreads } from './support/server.mjs';

// fetch sets Host itself, this takes any.
async function answerOf(server, { method = 'POST', path = '/', headers, body = '' }) {
  const sent = request(new URL(path, server.url), { method, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  return response;
}

const statusOf = async (server, asked) => (await answerOf(server, asked)).statusCode;

const statusWith = (server, headers) => statusOf(server, {
  headers: {
    'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues', ...headers,
  },
  body: '{}',
});

test('a request that a foreign page could make is refused', async (t) => {
  const server = await Server.start(t);
  const { host, port } = new URL(server.url);
  assert.equal(await statusWith(server, {}), 200);
  assert.equal(await statusWith(server, { host: `localhost:${port}` }), 200);
  assert.equal(await statusWith(server, { origin: `http://${host}` }), 200);
  assert.equal(await statusWith(server, { origin: 'https://evil.example' }), 403);
  assert.equal(await statusWith(server, { origin: 'null' }), 403);
  assert.equal(await statusWith(server, { host: `evil.example:${port}` }), 421);
  assert.equal(await statusWith(server, { 'sec-fetch-site': 'cross-site' }), 403);
});

test('forms and links that a foreign page could have change nothing', async (t) => {
  const server = await Server.start(t);
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = 'Action=CreateQueue&QueueName=made-by-a-page';
  const path = `/?${body}`;
  assert.equal(await statusOf(server, { headers: { ...form, origin: 'https://evil.example' }, body }), 403);
  assert.equal(await statusOf(server, { headers: { ...form, 'sec-fetch-site': 'cross-site' }, body }), 403);
  assert.equal(await statusOf(server, { headers: { 'content-type': 'text/plain' }, body }), 400);
  const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
  assert.equal(await statusOf(server, { method: 'GET', path, headers: browser }), 403);
  assert.equal(await statusOf(server, { method: 'GET', path, headers: { 'sec-fetch-site': 'none' } }), 403);

  const find = '/?Action=GetQueueUrl&QueueName=made-by-a-page';
  assert.equal(await statusOf(server, { method: 'GET', path: find }), 400);
  assert.equal(await statusOf(server, { headers: form, body }), 200);
  assert.equal(await statusOf(server, { method: 'GET', path: find, headers: browser }), 200);
});

test('a page whose origin the configuration names may use the queues, and no other', async (t) => {
  const page = 'https://console.example.com';
  const server = await Server.start(t, {
    config: { server: { cors_origins: [page], http: { threads: httpThreads() } } },
  });
  const question = (origin) => answerOf(server, {
    method: 'OPTIONS',
    headers: {
      origin, 'access-control-request-method': 'POST',
      'access-control-request-headers': 'amz-sdk-invocation-id,content-type,x-amz-target',
      'sec-fetch-site': 'cross-site',
    },
  });
  const allowed = await question(page);
  assert.equal(allowed.statusCode, 204);
  assert.equal(allowed.headers['access-control-allow-origin'], page);
  assert.equal(allowed.headers.vary, 'Origin');
  assert.match(allowed.headers['access-control-allow-methods'], /\bPOST\b/);
  const names = allowed.headers['access-control-allow-headers'].split(', ');
  for (const name of ['authorization', 'content-type', 'x-amz-target', 'x-amz-date',
    'amz-sdk-invocation-id', 'amz-sdk-request', 'x-amz-user-agent']) {
    assert.ok(names.includes(name), name);
  }
  const refused = await question('https://evil.example');
  assert.equal(refused.statusCode, 403);
  assert.equal(refused.headers['access-control-allow-origin'], undefined);

  const ask = (headers, target = 'ListQueues') => answerOf(server, {
    headers: {
      'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${target}`, ...headers,
    },
    body: '{}',
  });
  const fromPage = { origin: page, 'sec-fetch-site': 'cross-site' };
  const answered = await ask(fromPage);
  assert.equal(answered.statusCode, 200);
  assert.equal(answered.headers['access-control-allow-origin'], page);
  assert.match(answered.headers['access-control-expose-headers'], /x-amzn-requestid/);
  const failed = await ask(fromPage, 'NoSuchAction');
  assert.equal(failed.headers['access-control-allow-origin'], page);
  const own = await ask({});
  assert.equal(own.headers['access-control-allow-origin'], undefined);
});

test('a refusal has a request id, as every answer has', async (t) => {
  const server = await Server.start(t);
  const refused = await answerOf(server, { headers: { origin: 'https://evil.example' } });
  assert.equal(refused.statusCode, 403);
  assert.match(refused.headers['x-amzn-requestid'], /^[0-9a-f-]{36}$/);
});
