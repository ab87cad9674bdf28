// `headrace init cpp` gives a project that builds, passes its test, and whose handler serves.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { Queue } from './support/client.mjs';
import { headrace } from './support/deploys.mjs';
import { Server, binFolder, eventually, temporaryFolder } from './support/server.mjs';

const run = promisify(execFile);
const kName = 'greet-user';

test('a new project builds, passes its test, and serves', async (t) => {
  const folder = temporaryFolder();
  const project = join(folder, kName);
  await run(join(binFolder(), 'headrace'), ['init', 'cpp', kName], { cwd: folder });
  await run('cmake', ['-S', '.', '-B', 'build'], { cwd: project });
  await run('cmake', ['--build', 'build'], { cwd: project });
  const { stdout } = await run('ctest', ['--test-dir', 'build'], { cwd: project });
  assert.match(stdout, /100% tests passed/);
  const checked = await run(join(binFolder(), 'headrace'), ['check', '--config', 'headrace.yaml'], { cwd: project });
  assert.match(checked.stdout, /ok: 2 queues, 1 function, 1 mapping/);
  assert.equal(checked.stderr, '');

  const artifact = join(project, 'build', 'libgreet_user.so');
  const server = await Server.start(t, {
    config: {
      queues: { [kName]: { visibility_timeout: '30s' } },
      functions: { [kName]: { kind: 'native', artifact, timeout: '5s' } },
      mappings: [{ queue: kName, function: kName }],
    },
  });
  const invoked = await headrace(server, 'invoke', kName, '--event', join(project, 'event.json'));
  assert.equal(invoked.code, 0, invoked.err);
  assert.match(invoked.err, /Hello, ada!/);
  await new Queue(server, kName).send('grace');
  await eventually(5000, 'the message is handled', async () =>
    (await headrace(server, 'logs', kName)).out.includes('Hello, grace!'));
  assert.match(readFileSync(join(project, 'README.md'), 'utf8'), /headrace deploy greet-user build\/libgreet_user\.so/);
});
