// How the server starts, is refused, drains and dies.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import { Queue, sendAll } from './support/client.mjs';
import { Server, eventually, handler, isAlive, temporaryFolder, within, workersOf }
  from './support/server.mjs';
import { LedgerFile, ledgerFunction, mapping, signupQueues, signups } from './support/signups.mjs';

const kExitMsMax = 20_000;

async function startWithLedger(t, functionOptions) {
  const folder = temporaryFolder();
  const ledger = new LedgerFile(folder);
  const server = await Server.start(t, {
    folder,
    config: {
      queues: signupQueues,
      functions: { welcome: ledgerFunction(ledger, functionOptions) },
      mappings: [mapping('signup', 'welcome')],
    },
  });
  return { server, ledger };
}

test('SIGTERM lets the running batch finish and deletes its messages', async (t) => {
  const { server, ledger } = await startWithLedger(t, { delayMs: 300, workers: 1 });
  const signup = new Queue(server, 'signup');
  await sendAll(signup, signups(5, { badEvery: 100 }));
  await eventually(10_000, 'a batch runs', () => ledger.attempts().length > 0);
  assert.equal(await server.stop(), 0);

  const handled = ledger.counts().size;
  const next = await Server.start(t, { folder: server.folder });
  const counts = await new Queue(next, 'signup').counts();
  const left = counts.reduce((sum, count) => sum + count);
  console.log(`drain: ${handled} signups handled by the running batch, ${left} left`);
  assert.equal(handled + left, 5);
  assert.equal(await next.stop(), 0);
});

test('SIGTERM answers a parked long poll and ends', async (t) => {
  const server = await Server.start(t);
  const queue = new Queue(server, 'parked');
  await queue.create();
  const parked = queue.receive({ WaitTimeSeconds: 20 }).catch(() => []);
  await queue.counts();
  const begin = Date.now();
  assert.equal(await server.stop(), 0);
  assert.ok(Date.now() - begin < 10_000);
  assert.deepEqual(await parked, []);
});

test('a second server on the same data directory is refused', async (t) => {
  const first = await Server.start(t);
  const second = new Server(t, { folder: first.folder });
  second.launch();
  assert.equal(await within(kExitMsMax, second.exited), 2);
  assert.match(second.log, /data/);
  assert.match(second.log, /in use|another|already/);
  await new Queue(first, 'still-there').create();
});

test('a port in use is named', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  t.after(() => holder.close());
  const { port } = holder.address();
  const server = new Server(t);
  server.launch({ listen: `127.0.0.1:${port}` });
  assert.equal(await within(kExitMsMax, server.exited), 1);
  assert.match(server.log, new RegExp(`127\\.0\\.0\\.1:${port}`));
  assert.match(server.log, /in use/i);
});

test('kill -9 of the server ends its workers, also one that loops', async (t) => {
  const server = await Server.start(t, {
    config: {
      queues: { orders: { visibility_timeout: '60s' } },
      functions: { obedient: { kind: 'native', artifact: handler('obedient'), timeout: '60s' } },
      mappings: [mapping('orders', 'obedient')],
    },
  });
  await new Queue(server, 'orders').send('loop');
  await eventually(10_000, 'a worker runs', () => workersOf(server.pid).length > 0);
  const workers = workersOf(server.pid);
  await server.kill();
  await eventually(5000, 'the workers are gone', () => !workers.some(isAlive));
});

async function queueNames(server) {
  const status = await (await fetch(`${server.url}/_headrace/status`)).json();
  return status.queues.map((queue) => queue.name);
}

test('a server that cannot start has changed no queue', async (t) => {
  const folder = temporaryFolder();
  const missing = { kind: 'native', artifact: join(folder, 'missing.so') };
  const config = { queues: { signup: {} }, functions: { welcome: missing } };
  const refused = new Server(t, { folder, config });
  refused.launch();
  assert.equal(await within(kExitMsMax, refused.exited), 1);
  assert.match(refused.log, /missing\.so/);

  const next = await Server.start(t, { folder });
  assert.deepEqual(await queueNames(next), []);
  assert.equal(await next.stop(), 0);
});

test('a folder of something else is no data directory', async (t) => {
  const server = new Server(t);
  mkdirSync(server.data);
  writeFileSync(join(server.data, 'thesis.txt'), 'three years of work');
  server.launch();
  assert.equal(await within(kExitMsMax, server.exited), 1);
  assert.match(server.log, /the folder is not empty/);
  assert.deepEqual(readdirSync(server.data), ['thesis.txt']);
});

test('SIGTERM before Ready ends the server at once', async (t) => {
  const stuck = { kind: 'native', artifact: handler('hangs_on_load') };
  const server = new Server(t, { config: { functions: { stuck } } });
  server.launch();
  await eventually(10_000, 'the artifact is probed', () => workersOf(server.pid).length > 0);
  const probes = workersOf(server.pid);
  server.child.kill('SIGTERM');
  assert.equal(await within(2000, server.exited), 'SIGTERM');
  await eventually(2000, 'the probe ended with it', () => !probes.some(isAlive));
});
