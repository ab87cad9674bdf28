// AWS's client of Lambda against a server of ours.
import assert from 'node:assert/strict';

import { LambdaClient } from '@aws-sdk/client-lambda';

export function lambdaClient(t, server, options = {}) {
  const client = new LambdaClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    ...options,
  });
  t.after(() => client.destroy());
  return client;
}

export const textOf = ({ Payload }) => Buffer.from(Payload).toString();

// The exception, the status and the text with which a command is refused.
export async function refusal(client, command) {
  try {
    await client.send(command);
  } catch (error) {
    return [error.name, error.$metadata.httpStatusCode, error.message];
  }
  assert.fail('was not refused');
}

function checksum(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// A Zip of { name: text }, stored as they are, all of them executable.
export function zipOf(files) {
  const numbers = (...pairs) => Buffer.concat(pairs.map(([value, size]) => {
    const bytes = Buffer.alloc(size);
    bytes.writeUIntLE(value, 0, size);
    return bytes;
  }));
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const bytes = Buffer.from(text);
    const sizes = [[0, 4], [0, 4], [checksum(bytes), 4], [bytes.length, 4], [bytes.length, 4],
      [name.length, 2], [0, 2]];
    const local = Buffer.concat([numbers([0x04034b50, 4], [20, 2], ...sizes), Buffer.from(name), bytes]);
    directory.push(numbers([0x02014b50, 4], [0x0314, 2], [20, 2], ...sizes, [0, 6], [0, 2], [0o100755, 2],
      [offset, 4]), Buffer.from(name));
    parts.push(local);
    offset += local.length;
  }
  const end = Buffer.concat(directory);
  const count = Object.keys(files).length;
  return Buffer.concat([...parts, end,
    numbers([0x06054b50, 4], [0, 4], [count, 2], [count, 2], [end.length, 4], [offset, 4], [0, 2])]);
}
