// Event source mappings through the Lambda API, with AWS's own clients as they are: made, changed and
// removed while the server serves, and there again after a kill.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  CreateEventSourceMappingCommand, DeleteEventSourceMappingCommand, GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';

import { Queue } from './support/client.mjs';
import { lambdaClient, refusal } from './support/lambda.mjs';
import { Server, eventually } from './support/server.mjs';

const kSettleMsMax = 30_000;
const arnOf = (queue) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

const config = {
  queues: { in: null, out: null, other: null },
  functions: { copy: { kind: 'builtin', builtin: 'forward', queue: 'out' } },
  mappings: [{ queue: 'other', function: 'copy' }],
};

const visible = async (queue) => (await queue.counts())[0];

test('a mapping works from its making to its end, and outlives the server', async (t) => {
  const server = await Server.start(t, { config });
  const client = lambdaClient(t, server);
  const source = new Queue(server, 'in');
  const target = new Queue(server, 'out');
  const arrived = (count) => eventually(kSettleMsMax, `${count} messages were handled`,
    async () => await visible(target) === count);

  await source.send('first');
  const made = await client.send(new CreateEventSourceMappingCommand({
    EventSourceArn: arnOf('in'), FunctionName: 'copy', BatchSize: 1,
  }));
  assert.equal(made.State, 'Creating');
  assert.ok(Math.abs(made.LastModified - Date.now()) < 60_000);
  await arrived(1);
  const { UUID } = made;
  const state = async () => (await client.send(new GetEventSourceMappingCommand({ UUID }))).State;
  assert.equal(await state(), 'Enabled');

  await client.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  await eventually(kSettleMsMax, 'the mapping is disabled', async () => await state() === 'Disabled');
  await source.send('second');

  await server.kill();
  await server.start();
  const again = lambdaClient(t, server);
  const kept = await again.send(new GetEventSourceMappingCommand({ UUID }));
  assert.deepEqual([kept.State, kept.BatchSize], ['Disabled', 1]);
  assert.equal(await visible(source), 1);
  const enabled = await again.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
  assert.equal(enabled.State, 'Enabling');
  await arrived(2);

  const { EventSourceMappings } = await again.send(new ListEventSourceMappingsCommand({}));
  assert.deepEqual(EventSourceMappings.map(({ EventSourceArn }) => EventSourceArn).sort(),
    [arnOf('in'), arnOf('other')]);
  const removed = await again.send(new DeleteEventSourceMappingCommand({ UUID }));
  assert.equal(removed.State, 'Deleting');
  await eventually(kSettleMsMax, 'the mapping is gone', async () => {
    const [name] = await refusal(again, new GetEventSourceMappingCommand({ UUID })).catch(() => ['there']);
    return name === 'ResourceNotFoundException';
  });
  assert.equal(await server.stop(), 0);
});

test('what is wrong is refused as on AWS', async (t) => {
  const server = await Server.start(t, { config });
  const client = lambdaClient(t, server);
  const create = (options) => refusal(client, new CreateEventSourceMappingCommand({
    EventSourceArn: arnOf('in'), FunctionName: 'copy', ...options,
  }));
  assert.deepEqual(await create({ FunctionName: 'nobody' }),
    ['InvalidParameterValueException', 400, 'Function does not exist']);
  assert.deepEqual(await create({ BatchSize: 11 }), ['InvalidParameterValueException', 400,
    'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10']);
  const [type, status, text] = await create({ EventSourceArn: arnOf('other') });
  assert.deepEqual([type, status], ['ResourceConflictException', 409]);
  assert.match(text, /already exists\. Please update or delete the existing mapping with UUID [0-9a-f-]{36}$/);
  const uuid = text.slice(-36);
  const [, , why] = await refusal(client, new DeleteEventSourceMappingCommand({ UUID: uuid }));
  assert.match(why, /stands in the configuration/);
});
