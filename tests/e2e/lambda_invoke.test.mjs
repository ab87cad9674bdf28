// Functions of the configuration, through the Lambda API, with AWS's own client as it is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  GetAccountSettingsCommand, GetFunctionCommand, GetFunctionConfigurationCommand, GetPolicyCommand,
  InvokeCommand, ListFunctionsCommand,
} from '@aws-sdk/client-lambda';

import { Queue } from './support/client.mjs';
import { lambdaClient, refusal, textOf } from './support/lambda.mjs';
import { Server, eventually } from './support/server.mjs';

const kArn = 'arn:aws:lambda:us-east-1:000000000000:function:';
const codeOf = (name) => fileURLToPath(new URL(`handlers/${name}`, import.meta.url));

const config = {
  queues: { copies: null },
  functions: {
    greeter: {
      kind: 'process', runtime: 'nodejs20.x', code: codeOf('greeter_nodejs'), handler: 'index.handler',
      timeout: '5s',
    },
    copy: { kind: 'builtin', builtin: 'forward', queue: 'copies' },
    echo: { kind: 'builtin', builtin: 'echo' },
  },
};

const invoke = (client, FunctionName, event, options = {}) =>
  client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...options }));

test('functions are invoked, and answer what their handlers return', async (t) => {
  const server = await Server.start(t, { config });
  const client = lambdaClient(t, server);
  const answer = await invoke(client, 'greeter', { name: 'Ada' }, {
    LogType: 'Tail', ClientContext: Buffer.from('{"custom":{"a": "b"}}').toString('base64'),
  });
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.ExecutedVersion, '$LATEST');
  assert.equal(answer.FunctionError, undefined);
  const { greeting, arn, by } = JSON.parse(textOf(answer));
  assert.equal(greeting, 'Hello, Ada');
  assert.equal(arn, `${kArn}greeter`);
  assert.equal(by.custom.a, 'b');
  const log = Buffer.from(answer.LogResult, 'base64').toString();
  assert.match(log, /^START RequestId: [\s\S]*greeting Ada[\s\S]*END RequestId: [\s\S]*REPORT RequestId: /);

  const failed = await invoke(client, `${kArn}greeter:$LATEST`, {});
  assert.equal(failed.FunctionError, 'Unhandled');
  assert.equal(JSON.parse(textOf(failed)).errorType, 'TypeError');
  assert.equal(JSON.parse(textOf(failed)).errorMessage, 'nobody to greet');

  assert.equal((await invoke(client, 'greeter', {}, { InvocationType: 'DryRun' })).StatusCode, 204);
  const everything = [0, -1.5e3, 'é ✓', null, [{}], { Records: 'none' }];
  for (const event of everything) {
    assert.deepEqual(JSON.parse(textOf(await invoke(client, 'echo', event))), event);
  }
});

test('an event is accepted at once and handled after', async (t) => {
  const server = await Server.start(t, { config });
  const client = lambdaClient(t, server);
  const event = { Records: [{ messageId: 'm1', body: 'a copy' }] };
  const answer = await invoke(client, 'copy', event, { InvocationType: 'Event' });
  assert.equal(answer.StatusCode, 202);
  const copies = new Queue(server, 'copies');
  let messages = [];
  await eventually(30_000, 'the event was handled', async () => {
    messages = await copies.receive();
    return messages.length > 0;
  });
  assert.equal(messages[0].Body, 'a copy');
});

test('functions are described and listed', async (t) => {
  const server = await Server.start(t, { config });
  const client = lambdaClient(t, server);
  const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: 'greeter' }));
  assert.equal(Configuration.State, 'Active');
  assert.equal(Configuration.Runtime, 'nodejs20.x');
  assert.equal(Configuration.Handler, 'index.handler');
  assert.equal(Configuration.Timeout, 5);
  const same = await client.send(new GetFunctionConfigurationCommand({ FunctionName: `${kArn}greeter` }));
  assert.equal(same.RevisionId, Configuration.RevisionId);
  const { Functions } = await client.send(new ListFunctionsCommand({}));
  assert.deepEqual(Functions.map(({ FunctionName }) => FunctionName), ['copy', 'echo', 'greeter']);
  const { AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
  assert.equal(AccountUsage.FunctionCount, 3);
});

test('what is wrong is refused as on AWS', async (t) => {
  const server = await Server.start(t, { config });
  const client = lambdaClient(t, server);
  const refused = (command) => refusal(client, command);
  assert.deepEqual(await refused(new InvokeCommand({ FunctionName: 'nobody' })),
    ['ResourceNotFoundException', 404, `Function not found: ${kArn}nobody:$LATEST`]);
  assert.deepEqual(await refused(new GetFunctionCommand({ FunctionName: 'greeter', Qualifier: '7' })),
    ['ResourceNotFoundException', 404, `Function not found: ${kArn}greeter:7`]);
  assert.deepEqual(await refused(new GetPolicyCommand({ FunctionName: 'greeter' })),
    ['ResourceNotFoundException', 404, 'The resource you requested does not exist.']);
  const [type, status] = await refused(new InvokeCommand({ FunctionName: 'echo', Payload: '{' }));
  assert.deepEqual([type, status], ['InvalidRequestContentException', 400]);
  const [name, code, text] = await refused(new GetFunctionCommand({ FunctionName: 'a b' }));
  assert.deepEqual([name, code], ['ValidationException', 400]);
  assert.match(text, /^1 validation error detected: Value 'a b' at 'functionName' failed to satisfy/);
});
