// Ten thousand signups through the event source mapping to a native handler. One in a hundred fails;
// the handler's ledger and the dead-letter queue tell what became of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Queue, sendAll } from './support/client.mjs';
import { Server, eventually, temporaryFolder, workersOf } from './support/server.mjs';
import { LedgerFile, isGood, kMaxReceives, ledgerFunction, mapping, signupQueues, signups }
  from './support/signups.mjs';

const kDrainMsMax = 90_000;

// A server without mappings takes the signups, the next one on the same data handles them.
async function startWithBacklog(t, all, functionOptions) {
  const folder = temporaryFolder();
  const ledger = new LedgerFile(folder);
  const first = await Server.start(t, { folder, config: { queues: signupQueues } });
  await sendAll(new Queue(first, 'signup'), all);
  assert.equal(await first.stop(), 0);
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

async function takeAll(queue) {
  const bodies = [];
  for (;;) {
    const messages = await queue.receive({ VisibilityTimeout: 60 });
    if (messages.length === 0) return bodies;
    bodies.push(...messages.map(({ Body }) => Body));
    await queue.delete(messages);
  }
}

async function waitUntilSettled(server, badCount) {
  const signup = new Queue(server, 'signup');
  const dead = new Queue(server, 'signup-dlq');
  await eventually(kDrainMsMax, 'every signup is handled or dead-lettered', async () => {
    const [visible] = await dead.counts();
    const left = await signup.counts();
    return visible === badCount && left.every((count) => count === 0);
  });
  return takeAll(dead);
}

test('each good signup is handled, each bad one thrice and then dead-lettered', async (t) => {
  const all = signups(10_000, { badEvery: 100 });
  const bad = all.filter((signup) => !isGood(signup));
  const { server, ledger } = await startWithBacklog(t, all);
  const begin = Date.now();
  await eventually(kDrainMsMax, 'every signup is tried once', () =>
    ledger.attempts().length >= all.length);
  const rate = Math.round(all.length / ((Date.now() - begin) / 1000));

  const dead = await waitUntilSettled(server, bad.length);
  const counts = ledger.counts();
  console.log(`mapping: ${all.length} signups, ${ledger.attempts().length} attempts, ` +
    `${bad.length} bad, ${dead.length} dead-lettered, ${rate} messages/s`);
  assert.deepEqual(all.filter((signup) => !counts.has(signup)), []);
  assert.deepEqual(bad.filter((signup) => counts.get(signup) !== kMaxReceives), []);
  assert.deepEqual(dead.sort(), bad.sort());
});

test('workers killed in the middle cost their batches a retry, nothing else', async (t) => {
  const all = signups(2_000, { badEvery: 100 });
  const bad = all.filter((signup) => !isGood(signup));
  const { server, ledger } = await startWithBacklog(t, all, { delayMs: 2 });
  await eventually(kDrainMsMax, 'a quarter is tried', () =>
    ledger.attempts().length >= all.length / 4);
  const workers = workersOf(server.pid);
  assert.ok(workers.length > 0);
  for (const worker of workers) process.kill(worker, 'SIGKILL');
  assert.ok(ledger.attempts().length < all.length, 'the kill came too late');

  const dead = await waitUntilSettled(server, bad.length);
  const counts = ledger.counts();
  console.log(`mapping: ${workers.length} workers killed, ${all.length} signups, ${ledger.attempts().length} attempts, ` +
    `${dead.length} dead-lettered`);
  assert.deepEqual(all.filter((signup) => !counts.has(signup)), []);
  assert.deepEqual(bad.filter((signup) => counts.get(signup) > kMaxReceives), []);
  assert.deepEqual(dead.sort(), bad.sort());
});
