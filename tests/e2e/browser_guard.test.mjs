// A page in a browser reaches no queue: not from another origin, not by a name that points here.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';

import { Server } from './support/server.mjs';

// fetch sets Host itself, this takes any.
async function statusWith(server, headers) {
  const post = request(server.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues', ...headers,
    },
  });
  post.end('{}');
  const [response] = await once(post, 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

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
