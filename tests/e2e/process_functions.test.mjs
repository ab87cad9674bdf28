// Process functions: signups through the event source mapping to unmodified handlers in Node.js and
// Python. The handlers' ledger and the dead-letter queue tell what became of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Queue, sendAll } from './support/client.mjs';
import { Server, eventually, isAlive, temporaryFolder } from './support/server.mjs';
import { LedgerFile, isGood, kMaxReceives, mapping, signupQueues, signups } from './support/signups.mjs';

const kSettleMsMax = 90_000;
const kDeathMsMax = 5000;

const codeOf = (name) => fileURLToPath(new URL(`handlers/${name}`, import.meta.url));

function processFunction(ledger, options) {
  return {
    kind: 'process',
    timeout: '2s',
    workers: { max: 2 },
    environment: { LEDGER: ledger.path, PYTHONDONTWRITEBYTECODE: '1' },
    ...options,
  };
}

const kLanguages = {
  'Node.js': { runtime: 'nodejs20.x', code: codeOf('signup_nodejs'), handler: 'index.handler' },
  'Python': { runtime: 'python3.11', code: codeOf('signup_python'), handler: 'app.handler' },
};

for (const [language, options] of Object.entries(kLanguages)) {
  test(`each good signup is handled in ${language}, each bad one thrice and then dead-lettered`, async (t) => {
    const all = signups(500, { badEvery: 50 });
    const bad = all.filter((signup) => !isGood(signup));
    const folder = temporaryFolder();
    const ledger = new LedgerFile(folder);
    const server = await Server.start(t, {
      folder,
      config: {
        queues: signupQueues,
        functions: { welcome: processFunction(ledger, options) },
        mappings: [mapping('signup', 'welcome')],
      },
    });
    await sendAll(new Queue(server, 'signup'), all);
    const dead = new Queue(server, 'signup-dlq');
    await eventually(kSettleMsMax, 'every signup is handled or dead-lettered', async () => {
      const [visible] = await dead.counts();
      const left = await new Queue(server, 'signup').counts();
      return visible === bad.length && left.every((count) => count === 0);
    });
    const counts = ledger.counts();
    const bodies = [];
    while (bodies.length < bad.length) {
      const messages = await dead.receive({ VisibilityTimeout: 60 });
      bodies.push(...messages.map(({ Body }) => Body));
    }
    console.log(`process: ${language}: ${all.length} signups, ${ledger.attempts().length} attempts, ` +
      `${bodies.length} dead-lettered`);
    assert.deepEqual(all.filter((signup) => !counts.has(signup)), []);
    assert.deepEqual(bad.filter((signup) => counts.get(signup) !== kMaxReceives), []);
    assert.deepEqual(bodies.sort(), bad.sort());
    assert.equal(await server.stop(), 0);
  });
}

test('a process and its children end with the server, also when it is killed', async (t) => {
  const folder = temporaryFolder();
  const ledger = new LedgerFile(folder);
  const server = await Server.start(t, {
    folder,
    config: {
      functions: {
        looping: processFunction(ledger, {
          runtime: 'provided', code: codeOf('looping_provided'), workers: { min: 1, max: 1 },
        }),
      },
    },
  });
  await eventually(kDeathMsMax, 'the process has started', () => ledger.attempts().length === 1);
  const pids = ledger.attempts()[0].split(' ').map(Number);
  assert.deepEqual(pids.map(isAlive), [true, true]);
  await server.kill();
  await eventually(kDeathMsMax, 'both have ended', () => !pids.some(isAlive));
});

test('handlers reach the queues of the server without a word about where it is', async (t) => {
  const folder = temporaryFolder();
  const ledger = new LedgerFile(folder);
  const server = await Server.start(t, {
    folder,
    config: {
      queues: { signup: null, answers: null },
      functions: {
        answers: processFunction(ledger, {
          runtime: 'nodejs20.x', code: codeOf('answers_nodejs'), handler: 'index.handler',
        }),
      },
      mappings: [mapping('signup', 'answers')],
    },
  });
  await new Queue(server, 'signup').send('a question');
  const answers = new Queue(server, 'answers');
  let messages = [];
  await eventually(kSettleMsMax, 'the handler has answered', async () => {
    messages = await answers.receive();
    return messages.length > 0;
  });
  assert.equal(messages[0].Body, 'a question, answered');
});

test('a code folder without what its runtime needs is refused at the start', async (t) => {
  const folder = temporaryFolder();
  const server = new Server(t, {
    folder,
    config: {
      functions: { broken: { kind: 'process', runtime: 'provided', code: folder } },
    },
  });
  server.launch();
  assert.equal(await server.exited, 1);
  assert.match(server.log, /function broken: Runtime\.InvalidEntrypoint: .*\/bootstrap is no executable file/);
});
