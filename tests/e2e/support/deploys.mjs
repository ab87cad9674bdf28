// Deploys: over the server's control socket for tests that need rate, and by the command line as a
// person would.
import { execFile } from 'node:child_process';
import { appendFileSync, copyFileSync, renameSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { binFolder, handler } from './server.mjs';

// A handler's file with some bytes behind it, which no loader reads: another version of it. Whole
// when it gets its name, as a file that somebody watches should be.
export function variant(folder, name, number) {
  const path = join(folder, `${name}.so`);
  copyFileSync(handler(name), `${path}.new`);
  appendFileSync(`${path}.new`, `variant ${number}`);
  renameSync(`${path}.new`, path);
  return path;
}

// The version that serves now; throws what the server refuses.
export async function deploy(server, functionName, artifact) {
  const socket = connect(join(server.data, 'control.sock'));
  socket.write(`${JSON.stringify({ function: functionName, artifact })}\n`);
  const answer = JSON.parse(await text(socket));
  if (answer.error) throw new Error(answer.error);
  return answer.version;
}

// Resolves to exit code, stdout and stderr.
export function headrace(server, ...words) {
  const options = { env: { ...process.env, HEADRACE_ENDPOINT: server.url } };
  return new Promise((resolve) => {
    execFile(join(binFolder(), 'headrace'), words, options, (error, out, err) => {
      resolve({ code: error ? error.code : 0, out, err });
    });
  });
}
