// Functions that are uploaded through the Lambda API, with AWS's own client as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync } from 'node:fs';

import {
  CreateEventSourceMappingCommand, CreateFunctionCommand, DeleteFunctionCommand, GetFunctionCommand,
  InvokeCommand, UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2, waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';

import { Queue } from './support/client.mjs';
import { lambdaClient, refusal, textOf, zipOf } from './support/lambda.mjs';
import { Server, eventually, handler } from './support/server.mjs';

const kRole = 'arn:aws:iam::000000000000:role/tester';
const kHello = 'exports.handler = async (event) => `Hello, ${event.name} from ${process.env.PLACE}`;\n';

const create = (client, FunctionName, files, options = {}) => client.send(new CreateFunctionCommand({
  FunctionName, Role: kRole, Runtime: 'nodejs20.x', Handler: 'index.handler',
  Code: { ZipFile: Buffer.isBuffer(files) ? files : zipOf(files) }, ...options,
}));

const answer = async (client, FunctionName, event = {}) => {
  const answered = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
  return [answered.FunctionError, JSON.parse(textOf(answered))];
};

const kUploads = { function_uploads: true };

test('unless the configuration says so, nobody uploads a function unsigned', async (t) => {
  const server = await Server.start(t);
  const client = lambdaClient(t, server);
  const [name, status, text] = await refusal(client, new DeleteFunctionCommand({ FunctionName: 'hello' }));
  assert.deepEqual([name, status], ['AccessDeniedException', 403]);
  assert.match(text, /server\.function_uploads/);
});

test('an uploaded function runs, is changed, outlives a kill and is removed', async (t) => {
  const server = await Server.start(t, { section: kUploads });
  const client = lambdaClient(t, server);
  const made = await create(client, 'hello', { 'index.js': kHello },
    { Environment: { Variables: { PLACE: 'Rome' } } });
  await waitUntilFunctionActiveV2({ client, maxWaitTime: 30 }, { FunctionName: 'hello' });
  assert.deepEqual(await answer(client, 'hello', { name: 'Ada' }), [undefined, 'Hello, Ada from Rome']);

  await client.send(new UpdateFunctionConfigurationCommand({
    FunctionName: 'hello', Timeout: 9, Environment: { Variables: { PLACE: 'Oslo' } },
  }));
  await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 30 }, { FunctionName: 'hello' });
  assert.deepEqual(await answer(client, 'hello', { name: 'Ada' }), [undefined, 'Hello, Ada from Oslo']);

  const changed = await client.send(new UpdateFunctionCodeCommand({
    FunctionName: 'hello', ZipFile: zipOf({ 'index.js': kHello.replace('Hello', 'Bye') }),
  }));
  assert.notEqual(changed.CodeSha256, made.CodeSha256);
  assert.deepEqual(await answer(client, 'hello', { name: 'Ada' }), [undefined, 'Bye, Ada from Oslo']);

  await server.kill();
  await server.start();
  const again = lambdaClient(t, server);
  assert.deepEqual(await answer(again, 'hello', { name: 'Eve' }), [undefined, 'Bye, Eve from Oslo']);
  const { Configuration } = await again.send(new GetFunctionCommand({ FunctionName: 'hello' }));
  assert.deepEqual([Configuration.Timeout, Configuration.RevisionId], [9, changed.RevisionId]);

  await again.send(new DeleteFunctionCommand({ FunctionName: 'hello' }));
  const [gone] = await refusal(again, new GetFunctionCommand({ FunctionName: 'hello' }));
  assert.equal(gone, 'ResourceNotFoundException');
  assert.equal(await server.stop(), 0);
});

test('Python, custom runtimes and shared libraries are uploaded too', async (t) => {
  const server = await Server.start(t, { section: kUploads, config: { queues: { in: null } } });
  const client = lambdaClient(t, server);
  await create(client, 'python', { 'app.py': 'def handler(event, context):\n  return event["a"] + 1\n' },
    { Runtime: 'python3.11', Handler: 'app.handler' });
  assert.deepEqual(await answer(client, 'python', { a: 1 }), [undefined, 2]);

  const bootstrap = '#!/bin/sh\nexit 3\n';
  await create(client, 'custom', { bootstrap }, { Runtime: 'provided.al2023' });
  const [error, document] = await answer(client, 'custom');
  assert.equal(error, 'Unhandled');
  assert.match(JSON.stringify(document), /exit status 3/);

  const library = zipOf({ 'ledger.so': readFileSync(handler('ledger')) });
  await create(client, 'native', library, { Runtime: 'provided.al2023' });
  assert.deepEqual(await answer(client, 'native'), [undefined, null]);
});

test('a queue is mapped to an uploaded function, whose new code handles what comes after', async (t) => {
  const server = await Server.start(t, { section: kUploads, config: { queues: { in: null } } });
  const client = lambdaClient(t, server);
  const source = new Queue(server, 'in');
  const handled = () => eventually(30_000, 'all was handled', async () =>
    (await source.counts()).every((count) => count === 0));
  await create(client, 'worker', { 'index.js': 'exports.handler = async () => {};\n' });
  await client.send(new CreateEventSourceMappingCommand({
    EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:in', FunctionName: 'worker',
  }));
  for (let round = 0; round < 5; ++round) {
    await source.sendBatch(Array.from({ length: 10 }, (_, i) => `message ${i}`));
    await client.send(new UpdateFunctionCodeCommand({
      FunctionName: 'worker', ZipFile: zipOf({ 'index.js': `exports.handler = async () => ${round};\n` }),
    }));
  }
  await handled();
  assert.deepEqual(await answer(client, 'worker'), [undefined, 4]);
});

test('hostile and broken archives are refused', async (t) => {
  const server = await Server.start(t, { section: kUploads });
  const client = lambdaClient(t, server);
  for (const files of [{ '../evil': 'x' }, { '/evil': 'x' }, Buffer.from('no zip'), {}]) {
    const refused = await create(client, 'evil', files).catch((error) => error);
    assert.equal(refused.name, 'InvalidParameterValueException');
  }
  const [gone] = await refusal(client, new GetFunctionCommand({ FunctionName: 'evil' }));
  assert.equal(gone, 'ResourceNotFoundException');
});
