// A page in a browser reaches no queue: not from another origin, not by a name that points here.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';

import { Server } from './support/server.mjs';

// fetch sets Host itself, this takes any.
async function statusOf(server, { method = 'POST', path = '/', headers, body = '' }) {
  const sent = request(new URL(path, server.url), { method, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

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
