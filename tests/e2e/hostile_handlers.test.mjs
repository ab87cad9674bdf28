// A handler that misbehaves costs its batch only: the server answers meanwhile, other mappings go on,
// and the batch ends in the dead-letter queue.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Queue } from './support/client.mjs';
import { Server, eventually, handler, temporaryFolder } from './support/server.mjs';
import { LedgerFile, ledgerFunction, mapping, signupQueues } from './support/signups.mjs';

const kAnswerMsMax = 1000;
const kDeadLetterMsMax = 30_000;

function config(ledger) {
  return {
    queues: {
      ...signupQueues,
      'hostile': { visibility_timeout: '1s', dead_letter: { queue: 'hostile-dlq', max_receives: 2 } },
      'hostile-dlq': {},
    },
    functions: {
      hostile: { kind: 'native', artifact: handler('obedient'), timeout: '500ms', workers: { max: 2 } },
      welcome: ledgerFunction(ledger),
    },
    mappings: [mapping('hostile', 'hostile'), mapping('signup', 'welcome')],
  };
}

const kMisdeeds = {
  'segfaults': 'segfault',
  'loops forever': 'loop',
  'loops forever in another process group': 'leave-group-and-loop',
  'calls exit': 'exit 0',
  'throws': 'throw no reason',
  'writes garbage to its socket': 'garbage-and-loop',
};

for (const [misdeed, order] of Object.entries(kMisdeeds)) {
  test(`a handler that ${misdeed} costs its batch only`, async (t) => {
    const folder = temporaryFolder();
    const ledger = new LedgerFile(folder);
    const server = await Server.start(t, { folder, config: config(ledger) });
    const [hostile, dead, signup] = ['hostile', 'hostile-dlq', 'signup'].map((name) => new Queue(server, name));
    await hostile.send(order);

    let sends = 0;
    let slowestMs = 0;
    await eventually(kDeadLetterMsMax, 'the batch is dead-lettered', async () => {
      const begin = Date.now();
      await signup.send(`user${sends++}@example.com`);
      slowestMs = Math.max(slowestMs, Date.now() - begin);
      const [visible] = await dead.counts();
      return visible === 1;
    });
    await eventually(5000, 'the other mapping goes on', () => ledger.counts().size === sends);
    const [message] = await dead.receive();
    console.log(`hostile: ${order}: ${sends} sends meanwhile, the slowest in ${slowestMs} ms`);
    assert.equal(message.Body, order);
    assert.ok(slowestMs < kAnswerMsMax, `${slowestMs} ms`);
    assert.equal(await server.stop(), 0);
  });
}
