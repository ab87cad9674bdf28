// A native function's code is replaced while messages flow: nothing is lost, nothing is handled
// twice, and what was deployed serves after a restart. The handler's ledger tells what was handled.
// HEADRACE_SWAPS is how often it is replaced.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { Queue } from './support/client.mjs';
import { deploy, headrace, variant } from './support/deploys.mjs';
import { Server, binFolder, eventually, handler, sleep, temporaryFolder, workersOf }
  from './support/server.mjs';
import { LedgerFile, ledgerFunction, mapping } from './support/signups.mjs';

const kSwaps = Number(process.env.HEADRACE_SWAPS ?? 50);
const kSettleMsMax = 60_000;
const kWorkers = 4;

async function startServer(t, folder = temporaryFolder()) {
  const ledger = new LedgerFile(folder);
  const server = await Server.start(t, {
    folder,
    config: {
      queues: {
        'signup': { visibility_timeout: '60s', dead_letter: { queue: 'signup-dlq', max_receives: 3 } },
        'signup-dlq': {},
      },
      functions: { welcome: ledgerFunction(ledger, { delayMs: 1, workers: kWorkers, timeout: '10s' }) },
      mappings: [mapping('signup', 'welcome')],
    },
  });
  return { server, ledger, folder };
}

// Sends until it is told to stop; resolves to what was accepted.
function sendSteadily(queue) {
  let stopping = false;
  const run = async () => {
    const accepted = [];
    for (let next = 0; !stopping; next += 10) {
      const bodies = Array.from({ length: 10 }, (_, i) => `user${next + i}@example.com`);
      accepted.push(...await queue.sendBatch(bodies));
      await sleep(5);
    }
    return accepted;
  };
  const accepted = run();
  return () => {
    stopping = true;
    return accepted;
  };
}

async function activeVersion(server) {
  const { out } = await headrace(server, 'function', 'show', 'welcome', '--json');
  return JSON.parse(out).version;
}

test(`${kSwaps} swaps under load lose nothing and duplicate nothing`, async (t) => {
  const { server, ledger, folder } = await startServer(t);
  const signup = new Queue(server, 'signup');
  const dead = new Queue(server, 'signup-dlq');
  const stopSending = sendSteadily(signup);
  await eventually(5000, 'messages flow', () => ledger.attempts().length > 0);

  const swapsMs = [];
  let version = '';
  for (let i = 0; i < kSwaps; ++i) {
    const begin = performance.now();
    version = await deploy(server, 'welcome', variant(folder, 'ledger', i));
    swapsMs.push(performance.now() - begin);
  }
  const sent = await stopSending();
  await eventually(kSettleMsMax, 'every message is settled', async () =>
    (await signup.counts()).every((count) => count === 0));

  const counts = ledger.counts();
  swapsMs.sort((a, b) => a - b);
  console.log(`hot swap: ${kSwaps} swaps, the median in ${swapsMs[kSwaps >> 1].toFixed(1)} ms, ` +
    `${sent.length} messages sent meanwhile, ${ledger.attempts().length} attempts`);
  assert.deepEqual(sent.filter((body) => counts.get(body) !== 1), []);
  assert.equal(ledger.attempts().length, sent.length);
  assert.deepEqual(await dead.counts(), [0, 0, 0]);
  await eventually(5000, 'workers of old versions have ended', () =>
    workersOf(server.pid).length <= kWorkers);

  assert.equal(await activeVersion(server), version);
  assert.equal(await server.stop(), 0);
  await server.start();
  assert.equal(await activeVersion(server), version);
});

test('a deploy that cannot serve is refused and the old version goes on', async (t) => {
  const { server, ledger, folder } = await startServer(t);
  const before = await activeVersion(server);
  for (const [name, reason] of [
    ['missing_symbol', /undefined symbol/], ['other_abi', /handler ABI 9/], ['init_fails', /init failed/],
    ['crashes_on_load', /signal: aborted/], ['not_there', /not_there\.so/],
  ]) {
    const refused = await headrace(server, 'deploy', 'welcome', handler(name), '--data', server.data);
    assert.equal(refused.code, 3, name);
    assert.match(refused.err, reason);
  }
  assert.equal(await activeVersion(server), before);
  await new Queue(server, 'signup').send('ada@example.com');
  await eventually(5000, 'it is handled', () => ledger.attempts().length === 1);

  const artifact = variant(folder, 'ledger', 1);
  const elsewhere = await headrace(server, 'deploy', 'welcome', artifact, '--data', folder);
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.err, /no server/);
});

test('versions are listed and rolled back', async (t) => {
  const { server, folder } = await startServer(t);
  const first = await activeVersion(server);
  const deployed = await headrace(
    server, 'deploy', 'welcome', variant(folder, 'ledger', 1), '--data', server.data);
  assert.equal(deployed.code, 0, deployed.err);
  const second = await activeVersion(server);
  assert.notEqual(second, first);
  assert.match(deployed.out, new RegExp(`welcome: version ${second} serves`));

  const { out } = await headrace(server, 'function', 'versions', 'welcome');
  assert.match(out, new RegExp(`${second} +active[^]*${first} +previous`));
  const back = await headrace(server, 'function', 'rollback', 'welcome');
  assert.equal(back.code, 0, back.err);
  assert.equal(await activeVersion(server), first);
  await headrace(server, 'function', 'rollback', 'welcome', '--to', second.slice(0, 8));
  assert.equal(await activeVersion(server), second);
  const unknown = await headrace(server, 'function', 'rollback', 'welcome', '--to', '00000000');
  assert.equal(unknown.code, 3);
});

test('a watched file is deployed whenever it is written', async (t) => {
  const { server, folder } = await startServer(t);
  const artifact = variant(folder, 'ledger', 1);
  const watch = spawn(join(binFolder(), 'headrace'),
    ['deploy', 'welcome', artifact, '--watch', '--data', server.data], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => watch.kill('SIGKILL'));
  const lines = createInterface({ input: watch.stdout })[Symbol.asyncIterator]();
  const nextVersion = async () => (await lines.next()).value.match(/version (\w+) serves/)[1];
  const first = await nextVersion();
  variant(folder, 'ledger', 2);
  const second = await nextVersion();
  assert.notEqual(second, first);
  assert.equal(await activeVersion(server), second);
  copyFileSync(handler('missing_symbol'), artifact);  // refused; it goes on watching
  await sleep(300);
  assert.equal(await activeVersion(server), second);
  variant(folder, 'ledger', 3);
  assert.notEqual(await nextVersion(), second);
});

test('what a killed server in memory leaves does not keep one on disk from the folder', async (t) => {
  const folder = temporaryFolder();
  const ledger = new LedgerFile(folder);
  const server = await Server.start(t, {
    folder, durability: 'memory', config: { functions: { welcome: ledgerFunction(ledger) } },
  });
  const artifact = variant(folder, 'ledger', 1);
  const version = await deploy(server, 'welcome', artifact);
  assert.equal(await activeVersion(server), version);
  await server.kill();
  server.durability = 'sync';
  await server.start();
  assert.notEqual(await deploy(server, 'welcome', variant(folder, 'ledger', 2)), version);
});
