// A real headrace server for one test: started on a free port over a temporary folder, ended by its
// process id. HEADRACE_BIN names the folder of the programs, HEADRACE_HTTP_THREADS the I/O loops.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const kStartMsMax = 30_000;
const kStopMsMax = 60_000;
const kLogCharactersMax = 64 * 1024;

function fromEnvironment(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set; run these tests through ctest`);
  return value;
}

export const binFolder = () => fromEnvironment('HEADRACE_BIN');
export const httpThreads = () => Number(process.env.HEADRACE_HTTP_THREADS ?? 0);
export const handler = (name) => join(fromEnvironment('HEADRACE_HANDLERS'), `${name}.so`);

// Resolves to null when it takes longer.
export async function within(ms, promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks again until the answer is true.
export async function eventually(ms, what, condition) {
  const end = Date.now() + ms;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `not within ${ms} ms: ${what}`);
    await sleep(20);
  }
}

// They go when this process ends: by then no server writes into them any more.
const folders = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function temporaryFolder() {
  folders.push(mkdtempSync(join(tmpdir(), 'headrace-e2e-')));
  return folders.at(-1);
}

export function isAlive(pid) {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

// Process ids of the workers that a server started.
export function workersOf(serverPid) {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const [, name, parent] = readFileSync(`/proc/${entry}/stat`, 'latin1').match(/\((.*)\) \S (\d+)/);
      return Number(parent) === serverPid && name.startsWith('headrace-worker'.slice(0, 15));
    } catch {
      return false;
    }
  }).map(Number);
}

// JSON is YAML; but durations stand without quotes.
function toYaml(config) {
  return JSON.stringify(config, null, 2).replace(/"(\d+(?:ms|[smhd]))"/g, '$1');
}

export class Server {
  // config: sections of the configuration besides `server`, as the object that YAML would give;
  // section: more of `server`.
  constructor(t, { config = {}, section = {}, durability = 'sync', folder = temporaryFolder() } = {}) {
    this.folder = folder;
    this.data = join(folder, 'data');
    this.durability = durability;
    this.configFile = join(folder, 'headrace.yaml');
    writeFileSync(this.configFile, toYaml({
      version: 1,
      server: { http: { threads: httpThreads() }, ...section },
      ...config,
    }));
    this.log = '';
    t.after(() => this.kill());
  }

  static async start(t, options) {
    const server = new Server(t, options);
    await server.start();
    return server;
  }

  // Runs the program and returns; start() also waits until it serves.
  launch({ listen = '127.0.0.1:0', environment = {} } = {}) {
    this.child = spawn(join(binFolder(), 'headrace'), [
      'serve', '--config', this.configFile, '--listen', listen, '--data', this.data,
      '--durability', this.durability,
    ], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    this.exited = once(this.child, 'exit').then(([code, signal]) => code ?? signal);
    this.child.stderr.on('data', (text) => {
      this.log = (this.log + text).slice(-kLogCharactersMax);
    });
  }

  async start(options) {
    this.launch(options);
    const ready = this.#readUntilReady();
    const first = await within(kStartMsMax, Promise.race([ready, this.exited]));
    assert.equal(first, 'Ready.', `the server did not start:\n${this.log}`);
  }

  async #readUntilReady() {
    for await (const line of createInterface({ input: this.child.stdout })) {
      if (line.startsWith('http://')) this.url = line;
      if (line === 'Ready.') return line;
    }
    return 'ended';
  }

  get pid() {
    return this.child.pid;
  }

  // Asks it to finish; resolves to the exit code.
  async stop() {
    this.child.kill('SIGTERM');
    const code = await within(kStopMsMax, this.exited);
    assert.notEqual(code, null, `the server did not stop:\n${this.log}`);
    return code;
  }

  async kill() {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }
}
