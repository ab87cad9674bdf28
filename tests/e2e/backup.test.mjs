// Backups of a server under load, taken by the command line and started elsewhere: whatever was
// acknowledged before a backup began is in it, while segments are freed and used again all the time.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { Queue } from './support/client.mjs';
import { Server, binFolder, eventually, temporaryFolder } from './support/server.mjs';

const kBackups = 2;
const kPassers = 4;
const kLarge = 'x'.repeat(200_000);
const run = promisify(execFile);
const headrace = (...words) => run(join(binFolder(), 'headrace'), words);

// Calls `step` again and again; the returned function ends that.
function repeating(step) {
  let ended = false;
  const work = (async () => {
    while (!ended) await step();
  })();
  return async () => {
    ended = true;
    await work;
  };
}

// What comes and goes: it fills segments and empties them.
const passThrough = (queue) => async () => {
  await queue.send(kLarge);
  const messages = await queue.receive();
  if (messages.length > 0) await queue.delete(messages);
};

async function bodiesIn(queue) {
  const found = new Set();
  for (;;) {
    const messages = await queue.receive();
    if (messages.length === 0) return found;
    for (const { Body } of messages) found.add(Body);
  }
}

// Starts a server on what a backup gives back.
async function restored(t, backup) {
  const server = new Server(t);
  await headrace('restore', backup, '--data', server.data);
  await server.start();
  return server;
}

test('a backup holds what was acknowledged before it began', async (t) => {
  const server = await Server.start(t);
  const kept = new Queue(server, 'kept');
  const passing = new Queue(server, 'passing');
  await kept.create();
  await passing.create();
  const acknowledged = new Set();
  const ends = [
    repeating(async () => {
      const body = randomUUID();
      await kept.send(body);
      acknowledged.add(body);
    }),
    ...Array.from({ length: kPassers }, () => repeating(passThrough(passing))),
  ];
  const folder = temporaryFolder();
  for (let i = 1; i <= kBackups; ++i) {
    await eventually(60_000, 'more messages', () => acknowledged.size >= i * 50);
    const before = [...acknowledged];
    const backup = join(folder, `${i}`);
    const { stdout } = await headrace('backup', backup, '--data', server.data);
    assert.match(stdout, /^2 queues, /);
    const found = await bodiesIn(new Queue(await restored(t, backup), 'kept'));
    const lost = before.filter((body) => !found.has(body));
    t.diagnostic(`backup ${i}: ${before.length} acknowledged, ${found.size} found; ${stdout.trim()}`);
    assert.equal(lost.length, 0);
  }
  await Promise.all(ends.map((end) => end()));
});

test('a backup goes into an empty folder only, and restore does not overwrite', async (t) => {
  const server = await Server.start(t);
  const backup = join(temporaryFolder(), 'backup');
  await headrace('backup', backup, '--data', server.data);
  await assert.rejects(headrace('backup', backup, '--data', server.data),
    { code: 2, stderr: /is not empty/ });
  await assert.rejects(headrace('restore', backup, '--data', server.data),
    { code: 2, stderr: /is locked/ });
  await server.stop();
  await assert.rejects(headrace('restore', backup, '--data', server.data),
    { code: 2, stderr: /is not empty/ });
  await assert.rejects(headrace('backup', join(backup, 'x'), '--data', join(backup, 'missing')),
    { code: 1, stderr: /missing/ });
});
