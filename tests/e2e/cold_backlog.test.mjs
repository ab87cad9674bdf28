// A backlog that the page cache does not hold is read from the disk while another queue is in use:
// that one's times stay what they were. The kernel's own count of bytes read says that it was so.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Queue, sendAll } from './support/client.mjs';
import { Server } from './support/server.mjs';

const kBacklog = 800;
const kBodyBytes = 100_000;
const kReceivers = 6;
const kCycles = 200;
const kSoonMs = 200;  // on a busy machine
// Keeps the journal out of the page cache: what is left of such a `dd` is posix_fadvise(DONTNEED). A
// process of its own, so that this one measures and does nothing else.
function evicting(t, server) {
  const child = spawn('sh', ['-c', `while :; do
    for segment in *.seg; do dd if="$segment" iflag=nocache count=0 2>/dev/null; done; echo; sleep 0.1
  done`], { cwd: join(server.data, 'journal'), stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  return once(child.stdout, 'data');
}

const bytesRead = ({ pid }) =>
  Number(readFileSync(`/proc/${pid}/io`, 'latin1').match(/^read_bytes: (\d+)$/m)[1]);

// Milliseconds of each send, receive and delete.
async function cycles(queue, count) {
  const times = [];
  for (let i = 0; i < count; ++i) {
    const start = performance.now();
    await queue.send('warm');
    await queue.delete(await queue.receive());
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

const p99 = (times) => times[Math.floor(times.length * 0.99)];
const shown = (times) => `p50 ${times[times.length >> 1].toFixed(1)} ms, p99 ${p99(times).toFixed(1)} ms`;

async function fill(backlog) {
  const body = 'x'.repeat(kBodyBytes);
  await sendAll(backlog, Array.from({ length: kBacklog }, (_, i) => `${i} ${body}`));
}

// The times of `queue` while others empty the backlog.
async function cyclesBesideDraining(queue, backlog) {
  const drained = new Set();
  const drain = async () => {
    for (;;) {
      const messages = await backlog.receive();
      if (messages.length === 0) return;
      for (const { Body } of messages) drained.add(Number(Body.split(' ')[0]));
      await backlog.delete(messages);
    }
  };
  const draining = Promise.all(Array.from({ length: kReceivers }, drain));
  const times = await cycles(queue, kCycles);
  await draining;
  assert.equal(drained.size, kBacklog);
  return times;
}

test('a cold backlog leaves another queue as quick as a warm one', async (t) => {
  const server = await Server.start(t);
  const backlog = new Queue(server, 'backlog');
  const other = new Queue(server, 'other');
  await backlog.create();
  await other.create();
  await fill(backlog);
  const warm = await cyclesBesideDraining(other, backlog);

  await fill(backlog);
  await server.stop();  // with it goes what it keeps of the newest blocks
  await server.start();
  await evicting(t, server);
  const readBefore = bytesRead(server);
  const cold = await cyclesBesideDraining(other, backlog);
  const read = bytesRead(server) - readBefore;

  t.diagnostic(`beside a warm backlog: ${shown(warm)}; beside a cold one: ${shown(cold)}; ` +
    `${(read / 1e6).toFixed(0)} MB read from the disk for ${(kBacklog * kBodyBytes / 1e6).toFixed(0)} MB`);
  if (read === 0) {
    t.skip('the data is on a file system without a disk, such as tmpfs');
    return;
  }
  assert.ok(read > kBacklog * kBodyBytes / 2, `only ${read} bytes came from the disk`);
  assert.ok(p99(cold) < Math.max(kSoonMs, 5 * p99(warm)), shown(cold));
});
