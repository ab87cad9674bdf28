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
