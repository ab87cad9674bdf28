// The life of one message, as `headrace explain` tells it: a signup that fails three times, is
// dead-lettered, redriven when the function is mended, and handled.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Queue } from './support/client.mjs';
import { Server, binFolder, eventually, temporaryFolder } from './support/server.mjs';
import { kMaxReceives, mapping } from './support/signups.mjs';

const kSettleMsMax = 30_000;
const kUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

class Story {
  constructor(server, mended) {
    this.server = server;
    this.mended = mended;
    this.signup = new Queue(server, 'signup');
    this.dead = new Queue(server, 'signup-dlq');
  }

  static configFor(folder) {
    return {
      queues: {
        'signup': { visibility_timeout: '1s', dead_letter: { queue: 'signup-dlq', max_receives: kMaxReceives } },
        'signup-dlq': {},
      },
      functions: {
        welcome: {
          kind: 'process', runtime: 'nodejs20.x', handler: 'index.handler', timeout: '1s', workers: { min: 1 },
          code: fileURLToPath(new URL('./handlers/moody_nodejs', import.meta.url)),
          environment: { MENDED: join(folder, 'mended') },
        },
      },
      mappings: [mapping('signup', 'welcome')],
    };
  }

  static async begin(t, { durability = 'sync', folder = temporaryFolder() } = {}) {
    const server = await Server.start(t, { folder, durability, config: Story.configFor(folder) });
    return new Story(server, join(folder, 'mended'));
  }

  async run(...words) {
    const { stdout } = await promisify(execFile)(join(binFolder(), 'headrace'),
      [...words, '--endpoint', this.server.url]);
    return stdout;
  }

  async explain(id) {
    return JSON.parse(await this.run('explain', id, '--json'));
  }

  async sendPoison() {
    const { MessageId } = await this.signup.send('ada@example.com');
    await eventually(kSettleMsMax, 'the signup is dead-lettered', async () =>
      (await this.dead.counts())[0] === 1);
    return MessageId;
  }

  // Until it is handled.
  async redrive() {
    writeFileSync(this.mended, '');
    await this.run('dlq', 'redrive', 'signup-dlq');
    for (const queue of [this.signup, this.dead]) {
      await eventually(kSettleMsMax, `${queue.name} is empty`, async () =>
        (await queue.counts()).every((count) => count === 0));
    }
  }
}

const outcomes = ({ events }) => events.map(({ event, outcome }) => outcome ?? event);

function checkDead(life, id) {
  assert.deepEqual(outcomes(life), ['failed', 'failed', 'failed', 'dead_lettered']);
  assert.equal(life.message_id, id);
  assert.equal(life.sent_to, 'signup');
  for (const attempt of life.events.slice(0, kMaxReceives)) {
    assert.match(attempt.request_id, kUuid);
    assert.equal(attempt.function, 'welcome');
    assert.match(attempt.error, /no mailbox for ada@example\.com/);
    assert.ok(attempt.duration_us > 0);
    assert.ok(attempt.time_ms >= life.sent_ms);
  }
  const { from, to, receive_count, max_receive_count } = life.events.at(-1);
  assert.deepEqual({ from, to, receive_count, max_receive_count },
    { from: 'signup', to: 'signup-dlq', receive_count: kMaxReceives, max_receive_count: kMaxReceives });
  assert.equal(life.now.state, 'visible');
  assert.equal(life.now.queue, 'signup-dlq');
  assert.equal(life.now.receive_count, kMaxReceives);
}

function checkHandled(life) {
  assert.deepEqual(outcomes(life),
    ['failed', 'failed', 'failed', 'dead_lettered', 'redriven', 'handled']);
  assert.deepEqual(life.other_ids, [life.events[4].new_message_id]);
  assert.deepEqual(life.now, { state: 'deleted' });
  const times = life.events.map(({ time_ms }) => time_ms);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
}

test('a poison signup is explained in the dead-letter queue, and after its redrive', async (t) => {
  const story = await Story.begin(t);
  const id = await story.sendPoison();
  checkDead(await story.explain(id), id);
  const text = await story.run('explain', id);
  assert.match(text, /sent to signup\n/);
  assert.match(text, /failed in welcome after [\d.]+ ms\n +error +Error: no mailbox for ada@example\.com\n/);
  assert.match(text, /moved to signup-dlq after 3 receives, at most 3 allowed\n/);
  assert.match(text, /\nnow +signup-dlq, visible, 3 receives, dead-lettered from signup\n/);

  await story.redrive();
  const life = await story.explain(id);
  checkHandled(life);
  const byNewId = await story.explain(life.other_ids[0]);
  assert.deepEqual(byNewId.events, life.events);
  assert.match(await story.run('explain', id), /handled by welcome after .*\n.*\nnow +deleted\n/);
});

test('the history outlives an orderly end of the server', async (t) => {
  const first = await Story.begin(t);
  const id = await first.sendPoison();
  assert.equal(await first.server.stop(), 0);
  const second = await Story.begin(t, { folder: first.server.folder });
  checkDead(await second.explain(id), id);
  await second.redrive();
  checkHandled(await second.explain(id));
});

test('a damaged history is set aside; queues and functions go on', async (t) => {
  const first = await Story.begin(t);
  const id = await first.sendPoison();
  assert.equal(await first.server.stop(), 0);
  const file = join(first.server.data, 'history.db');
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 0, 8192);
  writeFileSync(file, bytes);

  const second = await Story.begin(t, { folder: first.server.folder });
  const life = await second.explain(id);
  assert.deepEqual(life.events, []);
  assert.equal(life.now.dead_letter_source, 'signup');  // the message itself tells
  assert.equal(life.now.receive_count, kMaxReceives);
  assert.match(second.server.log, /history set aside, a new one begins/);
  assert.deepEqual(readFileSync(`${file}.damaged`), bytes);
  await second.redrive();
});

test('a server in memory keeps its history there', async (t) => {
  const story = await Story.begin(t, { durability: 'memory' });
  const id = await story.sendPoison();
  checkDead(await story.explain(id), id);
  await story.redrive();
  checkHandled(await story.explain(id));
  assert.throws(() => readFileSync(join(story.server.data, 'history.db')));
});

test('a message nobody knows is said to be in no queue', async (t) => {
  const story = await Story.begin(t);
  const life = await story.explain('3f0c4f0e-1c1c-4d0a-8d54-2f3d7a0d1e11');
  assert.deepEqual(life.events, []);
  assert.deepEqual(life.now, { state: 'unknown' });
});
