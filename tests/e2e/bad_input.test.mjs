// What an attacker sends: each bad request gets its answer, in the caller's protocol where there is one,
// nothing hidden in it is served, and at the end the server is alive and others are served.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { kBadRequests } from './support/bad_requests.mjs';
import { Queue } from './support/client.mjs';
import { RawConnection } from './support/raw_connection.mjs';
import { Server, isAlive, within } from './support/server.mjs';
import { readXml } from './support/xml.mjs';

const kAtATime = 20;
const kHealth = 'GET /_headrace/health HTTP/1.1\r\nHost: localhost\r\n\r\n';

let server;
let seen;
let cases = 0;
const closers = [];

before(async () => {
  server = await Server.start({ after: (close) => closers.push(close) });
  seen = new Queue(server, 'seen');
  await seen.create();
});

after(async () => {
  for (const close of closers.reverse()) await close();
});

function checkBody(answer, { headers, body, status }) {
  if (answer.text) {
    assert.equal(headers['content-type'], 'text/plain');
    assert.match(body, /^[A-Z][\x20-\x7e]*\.\n$/);
  } else if (answer.bare) {
    assert.equal(body, answer.bare);
  } else if ('json' in answer) {
    assert.equal(headers['content-type'], 'application/x-amz-json-1.0');
    const { __type: type, message } = JSON.parse(body);
    assert.equal(type?.split('#')[1], answer.json);
    if (status === 200) return;
    assert.equal(typeof message, 'string');
    assert.match(headers['x-amzn-query-error'], /^[\w.]+;Sender$/);
  } else if ('xml' in answer) {
    assert.equal(headers['content-type'], 'text/xml');
    const root = readXml(body);
    assert.equal(root.name === 'ErrorResponse', status !== 200);
    const code = root.children[0].children.find(({ name }) => name === 'Code')?.text;
    if (answer.xml) assert.equal(code, answer.xml);
  }
}

async function play({ bytes, status, answer: wanted, keeps, hasBody }) {
  const connection = new RawConnection(server.url);
  try {
    connection.send(bytes);
    const answer = await connection.answer({ hasBody });
    assert.ok(answer, 'closed without an answer');
    assert.equal(answer.status, status, answer.body.slice(0, 200));
    checkBody(wanted, answer);
    assert.equal(answer.closes, !keeps);
    if (!keeps) return await connection.end();
    connection.send(kHealth);
    assert.equal((await connection.answer())?.status, 200, 'the connection was to go on');
  } finally {
    connection.close();
  }
}

async function playAll(requests) {
  const problems = [];
  const player = async (_, i) => {
    for (let at = i; at < requests.length; at += kAtATime) {
      await play(requests[at]).catch(({ message }) =>
        problems.push(`${requests[at].name}: ${message.split('\n').slice(0, 1)}`));
    }
  };
  await Promise.all(Array.from({ length: kAtATime }, player));
  cases += requests.length;
  assert.equal(problems.length, 0, `${problems.length} of ${requests.length}:\n${problems.join('\n')}`);
}

for (const [group, requests] of Object.entries(kBadRequests)) {
  test(`${group} are seen through`, () => playAll(requests));
}

// A generator of its own, so that a failure comes again.
function* randomBytes(seed) {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield String.fromCharCode(state >>> 24);
  }
}

test('noise is refused and the connection ends', async () => {
  const noises = Array.from({ length: 50 }, (_, i) => {
    const bytes = randomBytes(i + 1);
    return Array.from({ length: 300 }, () => bytes.next().value).join('');
  });
  await playAll(noises.map((noise, i) => ({
    name: `noise ${i}`, bytes: `${noise}\r\n\r\n`, status: 400, answer: { text: true }, keeps: false,
  })));
});

// They say nothing, stop in the middle of something, wait for an invitation, or read nothing.
const kMetrics = kHealth.replace('health', 'metrics');  // more than a socket takes
const kHead = 'POST / HTTP/1.1\r\nHost: localhost\r\n';
const kQuietClients = [
  { bytes: '' },
  { bytes: 'POST / HT' },
  { bytes: `${kHead}Content-` },
  { bytes: `${kHead}Content-Length: 1000000\r\n\r\nAction=` },
  { bytes: `${kHead}Transfer-Encoding: chunked\r\n\r\nFFFF\r\nAction=` },
  { bytes: `${kHead}Expect: 100-continue\r\nContent-Length: 8000000\r\n\r\n` },
  { bytes: kMetrics.repeat(300), readsNothing: true, count: 5 },
];
const kOfEachKind = 30;
const kServedMsMax = 10_000;

test('hundreds of quiet clients keep nobody else from being served', async () => {
  const quietClients = ({ bytes, readsNothing, count = kOfEachKind }) => Array.from({ length: count }, () => {
    const connection = new RawConnection(server.url);
    if (readsNothing) connection.socket.pause();
    connection.send(bytes);
    return connection;
  });
  const quiet = kQuietClients.flatMap(quietClients);
  const begin = Date.now();
  for (let i = 0; i < 50; ++i) assert.notEqual(await within(kServedMsMax, seen.counts()), null);
  console.log(`beside ${quiet.length} quiet clients: 50 requests in ${Date.now() - begin} ms`);
  quiet.forEach((connection, i) => (i % 2 === 0 ? connection.reset() : connection.close()));
  cases += kQuietClients.length;
});

test('a client that ends its side is answered', async () => {
  for (const bytes of [kHealth, kHealth.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')]) {
    const connection = new RawConnection(server.url);
    connection.send(bytes);
    connection.endSending();
    assert.equal((await connection.answer())?.status, 200);
    await connection.end();
    connection.close();
    ++cases;
  }
});

test('a client that ends its side within a request is not answered, nor is it waited for', async () => {
  for (const { bytes } of kQuietClients.filter(({ readsNothing }) => !readsNothing)) {
    const connection = new RawConnection(server.url);
    connection.send(bytes);
    connection.endSending();
    const answer = await connection.answer();
    if (answer?.status === 100) await connection.end();
    else assert.equal(answer, null);
    connection.close();
    ++cases;
  }
});

test('hundreds of pipelined requests are answered in their order', async () => {
  const connection = new RawConnection(server.url);
  const paths = Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? '/_headrace/health' : '/'));
  connection.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
  for (const path of paths) assert.equal((await connection.answer()).status, path === '/' ? 404 : 200);
  connection.close();
  ++cases;
});

test('connections come and go by the hundreds', async () => {
  for (let round = 0; round < 5; ++round) {
    const flood = Array.from({ length: 100 }, () => new RawConnection(server.url));
    for (const [i, connection] of flood.entries()) {
      if (i % 3 === 0) connection.send(kHealth);
      if (i % 2 === 0) connection.reset();
    }
    await seen.counts();
    for (const connection of flood) connection.close();
  }
  ++cases;
});

test('after all of it the server is the same, and nothing hidden was done', async () => {
  console.log(`${cases} bad requests and clients`);
  assert.ok(isAlive(server.pid));
  const { QueueUrls } = await seen.call('ListQueues');
  assert.deepEqual(QueueUrls, [`${server.url}/000000000000/seen`], 'a hidden request was served');
  await seen.send('still here');
  assert.doesNotMatch(server.log, /failed|out of memory/);
  assert.equal(await server.stop(), 0);
});
