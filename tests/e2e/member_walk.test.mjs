// Every member of every action, taken from AWS's model: missing, of a wrong type, null, empty, beyond
// its range or length, malformed, with a stranger beside it; in both protocols. Each request has one
// fault. Two servers, prepared alike, are asked the same, one in each protocol: they answer the same,
// as AWS does where that is known, and what they refuse leaves no trace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { md5 } from './support/digests.mjs';
import { ExampleServer } from './support/example_requests.mjs';
import { casesOf, kAbsent } from './support/member_cases.mjs';
import { JsonProtocol, QueryProtocol } from './support/protocols.mjs';
import { Server } from './support/server.mjs';
import { countMembers, kActions, membersOf } from './support/service_model.mjs';
import { withoutForbidden } from './support/xml.mjs';

const kAtATime = 8;
const kProblemsShown = 40;

const kStatuses = {
  ReceiptHandleIsInvalid: 404, ResourceNotFoundException: 404, InvalidAddress: 404, OverLimit: 403,
};

// The tree with another value at the path; structures on the way are made.
function replaced(tree, [step, ...rest], value) {
  const copy = Array.isArray(tree) ? [...tree] : { ...tree };
  if (rest.length > 0) {
    copy[step] = replaced(copy[step] ?? (rest[0] === 0 ? [] : {}), rest, value);
  } else if (value === kAbsent) {
    delete copy[step];
  } else {
    copy[step] = value;
  }
  return copy;
}

// What a caller sees of an answer: a refusal, or the one entry that failed.
function refusalIn({ status, code, message, members }) {
  if (status !== 200) return { status, code, message };
  if (!members.Failed) return null;
  const [{ Code, Message, SenderFault }, ...more] = members.Failed;
  assert.deepEqual([members.Successful, more, SenderFault], [undefined, [], true]);
  return { status, code: Code, message: Message };
}

const expectedOf = (wanted, protocol, url) => {
  const { refusal, value, entry, key } = wanted;
  let found = refusal[protocol] ?? refusal;
  if (typeof found === 'function') found = found(value, { url, key, entry });
  const [codes, message] = found;
  const isEscaped = protocol === 'query' && message !== undefined;
  return { codes: [codes].flat(), message: isEscaped ? withoutForbidden(message) : message };
};

function judge({ expects, wanted }, answer, { name, url }) {
  const refusal = refusalIn(answer);
  if (expects === 'open') return;
  if (expects === 'taken') {
    assert.equal(refusal, null, `refused: ${refusal?.code}: ${refusal?.message}`);
    return;
  }
  assert.ok(refusal, 'taken');
  const { codes, message } = expectedOf(wanted, name, url);
  assert.ok(codes.includes(refusal.code), `${refusal.code} (${refusal.message}) instead of ${codes}`);
  if (message !== undefined) assert.equal(refusal.message, message);
  const isOfEntry = expects === 'fails' && refusal.code !== 'MalformedInput';
  assert.equal(refusal.status, isOfEntry ? 200 : kStatuses[refusal.code] ?? 400);
}

const kVolatile = new Set(['MessageId', 'ReceiptHandle', 'TaskHandle', 'SequenceNumber', 'CreatedTimestamp',
  'LastModifiedTimestamp', 'SentTimestamp', 'ApproximateFirstReceiveTimestamp', 'StartedTimestamp']);

// Spec 2.3: all that the texts of the protocols differ in.
const kWordsOfQueryOnly = ' for this wsdl version';

// Without what two servers must say differently.
function comparable(value, url, name) {
  if (kVolatile.has(name)) return 'some';
  if (typeof value === 'string') {
    return withoutForbidden(value).replaceAll(url, 'URL').replace(kWordsOfQueryOnly, '');
  }
  if (Array.isArray(value)) return value.map((each) => comparable(each, url));
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([key, inner]) => [key, comparable(inner, url, key)]);
  return Object.fromEntries(members);
}

class Walk {
  constructor(servers) {
    this.servers = servers;
    this.problems = [];
    this.cases = 0;
    this.expected = 0;
    this.compared = 0;
  }

  #problem(action, { path, label }, protocol, error) {
    const [reason] = error.message.split('\n');
    this.problems.push(`${action.name} ${path.join('.')} ${label} (${protocol}): ${reason}`);
  }

  // One case in the protocols it can be said in.
  async #play(action, theCase, examples) {
    const canSay = ({ protocol }) => !theCase.only || theCase.only === protocol.name;
    const asked = this.servers.filter(canSay);
    const answers = await Promise.all(asked.map(async ({ protocol }) => {
      const example = examples.get(protocol.name);
      const members = theCase.path.length > 0 ? replaced(example, theCase.path, theCase.value) : example;
      ++this.cases;
      if (theCase.expects !== 'open') ++this.expected;
      try {
        const answer = await protocol.call(action, members);
        judge(theCase, answer, protocol);
        return comparable(answer, protocol.url);
      } catch (error) {
        this.#problem(action, theCase, protocol.name, error);
        return null;
      }
    }));
    if (answers.length < 2 || answers.includes(null) || theCase.differs) return;
    ++this.compared;
    if (isDeepStrictEqual(answers[0], answers[1])) return;
    const [one, other] = answers.map((answer) => JSON.stringify(answer));
    this.#problem(action, theCase, 'both', new Error(`${one} in JSON, ${other} in Query`));
  }

  async #examples(action) {
    const made = await Promise.all(this.servers.map(async (server) =>
      [server.protocol.name, await server.example(action.name)]));
    return new Map(made);
  }

  #states(examples) {
    return Promise.all(this.servers.map((server) => server.state(examples.get(server.protocol.name))));
  }

  async action(action) {
    const examples = await this.#examples(action);
    const cases = casesOf(action, examples.get('json'));
    const isRefused = ({ expects }) => expects === 'refused' || expects === 'fails';
    const refused = cases.filter(isRefused);
    const before = await this.#states(examples);
    const workers = Array.from({ length: kAtATime }, async (_, i) => {
      for (let at = i; at < refused.length; at += kAtATime) {
        await this.#play(action, refused[at], examples);
      }
    });
    await Promise.all(workers);
    const after = await this.#states(examples);
    if (!isDeepStrictEqual(after, before)) this.problems.push(`${action.name}: what it refused left a trace`);
    for (const theCase of cases) {
      if (!isRefused(theCase)) await this.#play(action, theCase, await this.#examples(action));
    }
  }
}

test('each member of each action is held to its form, alike in both protocols', async (t) => {
  const processes = await Promise.all([1, 2].map(() => Server.start(t, { durability: 'memory' })));
  const [json, query] = processes;
  const servers = await Promise.all([new JsonProtocol(json, kAtATime), new QueryProtocol(query, kAtATime)]
    .map((protocol) => ExampleServer.prepare(protocol)));
  t.after(() => servers.forEach((server) => server.close()));
  const walk = new Walk(servers);
  assert.equal(kActions.length, 23);
  for (const action of kActions) await walk.action(action);
  const members = kActions.reduce((sum, { input }) => sum + countMembers(input), 0);
  console.log(`${kActions.length} actions, ${members} members, ${walk.cases} requests: ` +
    `${walk.expected} with a known answer, ${walk.compared} pairs compared`);
  const shown = walk.problems.slice(0, kProblemsShown).join('\n');
  assert.equal(walk.problems.length, 0, `${walk.problems.length} problems:\n${shown}`);
  assert.deepEqual(await Promise.all(processes.map((server) => server.stop())), [0, 0]);
});

const kBodies = [
  '<![CDATA[ ]]>', ']]>', '<script>alert(1)</script>', '<!-- -->', '<?xml version="1.0"?>', '"\'',
  '&amp;&#0;&#xD;&lt;', '%00%0A+', ' \t\r\n ', '\r', '\n', '\r\n', 'a\rb\r\n\rc',
  '\u007f\u0080\u0085\u009f', '\u00a0\u2028\u2029\u202e', '\ufeff', '\ufffd', '\ud7ff\ue000',
  '\u{10000}\u{10ffff}', '\u{1fffe}', '\u00e9 e\u0301', '{"a":"\\u0000"}', '\\', '=cmd',
];

test('what is sent in one protocol is received in the other as it was', async (t) => {
  const server = await Server.start(t);
  const protocols = [new JsonProtocol(server), new QueryProtocol(server)];
  t.after(() => protocols.forEach((protocol) => protocol.close()));
  const [json, query] = protocols.map((protocol) => new ExampleServer(protocol));
  await json.take('CreateQueue', { QueueName: 'crossing' });
  const QueueUrl = 'crossing';
  for (const [sender, receiver] of [[json, query], [query, json]]) {
    for (const body of kBodies) {
      const MessageAttributes = { text: { DataType: 'String', StringValue: body } };
      const sent = await sender.take('SendMessage', { QueueUrl, MessageBody: body, MessageAttributes });
      assert.equal(sent.MD5OfMessageBody, md5(body));
      const { Messages: [message] } =
        await receiver.take('ReceiveMessage', { QueueUrl, MessageAttributeNames: ['All'] });
      assert.equal(message.Body, body);
      assert.deepEqual(message.MessageAttributes, MessageAttributes);
      assert.equal(message.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    }
  }
});
