// SQS's two protocols, written by hand so that what no SDK would send can be sent too. Both answer
//   { status, code, message, members }
// with members in the names and types of AWS's model, after the form of the answer was checked: an
// error in the caller's protocol, the request id, nothing that the model does not know.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';

import { kNothing, queryElement, queryKey, resolved, typeOf } from './service_model.mjs';
import { readXml } from './xml.mjs';

const kAnswerMsMax = 20_000;
const kNamespace = 'http://queue.amazonaws.com/doc/2012-11-05/';
const kRequestId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

// The code of the Query protocol for each shape of the JSON protocol, where they differ, and what is
// no shape of SQS's own (spec 3.1, 3.2).
const kCodes = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  ...Object.fromEntries([
    'QueueDeletedRecently', 'PurgeQueueInProgress', 'EmptyBatchRequest', 'TooManyEntriesInBatchRequest',
    'BatchEntryIdsNotDistinct', 'InvalidBatchEntryId', 'BatchRequestTooLong', 'UnsupportedOperation',
  ].map((shape) => [shape, `AWS.SimpleQueueService.${shape}`])),
};
const kFrameworkCodes = {
  InvalidParameterValueException: 'InvalidParameterValue',
  MissingRequiredParameterException: 'MissingParameter',
  SerializationException: 'MalformedInput',
  UnknownOperationException: 'InvalidAction',
};

// Text that goes out as it stands, byte for byte (latin1): a JSON token, or an encoded form value.
export class Raw {
  constructor(bytes) {
    this.bytes = bytes;
  }
}

const latin1 = (text) => Buffer.from(text).toString('latin1');

export function toJson(value) {
  if (value instanceof Raw) return value.bytes;
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return latin1(JSON.stringify(value));
  const members = Object.entries(value).map(([name, member]) =>
    `${latin1(JSON.stringify(name))}:${toJson(member)}`);
  return `{${members.join(',')}}`;
}

const formValue = (value) => (value instanceof Raw ? value.bytes : encodeURIComponent(`${value}`));

function* formParameters(value, shape, name, action) {
  const type = typeOf(shape);
  const isLeaf = value instanceof Raw || value === null || typeof value !== 'object';
  if (isLeaf || !['structure', 'list', 'map'].includes(type)) {
    yield `${name}=${formValue(value)}`;
  } else if (type === 'structure') {
    for (const [member, inner] of Object.entries(value)) {
      const innerShape = resolved(shape.members[member] ?? {});
      const isMany = ['list', 'map'].includes(typeOf(innerShape));
      const innerName = isMany ? queryElement(member, action) : member;
      yield* formParameters(inner, innerShape, name ? `${name}.${innerName}` : innerName, action);
    }
  } else if (type === 'list') {
    for (const [i, element] of value.entries()) {
      yield* formParameters(element, resolved(shape.member), `${name}.${i + 1}`, action);
    }
  } else {
    const key = queryKey(name.split('.').at(-1));
    for (const [i, [entry, inner]] of Object.entries(value).entries()) {
      yield `${name}.${i + 1}.${key}=${formValue(entry)}`;
      yield* formParameters(inner, resolved(shape.value), `${name}.${i + 1}.Value`, action);
    }
  }
}

export function toForm(action, value) {
  return [`Action=${action.name}`, ...formParameters(value, action.input, '', action.name)].join('&');
}

function assertScalar(value, shape, name) {
  const wanted = { integer: 'number', long: 'number', boolean: 'boolean' }[typeOf(shape)] ?? 'string';
  assert.equal(typeof value, wanted, `the type of ${name}`);
}

// The answer's members are the model's, by name and type.
function assertMembers(value, shape, name) {
  const type = typeOf(shape);
  if (type === 'structure') {
    for (const [member, inner] of Object.entries(value)) {
      assert.ok(shape.members[member], `${name}.${member} is not in the model`);
      assertMembers(inner, resolved(shape.members[member]), `${name}.${member}`);
    }
  } else if (type === 'list') {
    assert.ok(Array.isArray(value), `${name} is no list`);
    for (const element of value) assertMembers(element, resolved(shape.member), name);
  } else if (type === 'map') {
    for (const inner of Object.values(value)) assertMembers(inner, resolved(shape.value), name);
  } else {
    assertScalar(value, shape, name);
  }
}

function fromXml(element, shape, action) {
  const type = typeOf(shape);
  if (type === 'boolean') return element.text === 'true';
  if (type === 'integer' || type === 'long') return Number(element.text);
  if (type !== 'structure') return element.text;
  const members = {};
  const elements = new Set();
  for (const [member, reference] of Object.entries(shape.members)) {
    const inner = resolved(reference);
    const isMany = ['list', 'map'].includes(typeOf(inner));
    const name = isMany ? queryElement(member, action) : member;
    elements.add(name);
    const found = element.children.filter((child) => child.name === name);
    if (found.length === 0) continue;
    if (typeOf(inner) === 'list') {
      members[member] = found.map((each) => fromXml(each, resolved(inner.member), action));
    } else if (typeOf(inner) === 'map') {
      members[member] = Object.fromEntries(found.map(({ name: entry, children: [key, value] }) => {
        assert.equal(key.name, queryKey(entry));
        assert.equal(value.name, 'Value');
        return [key.text, fromXml(value, resolved(inner.value), action)];
      }));
    } else {
      assert.equal(found.length, 1, `${name} more than once`);
      members[member] = fromXml(found[0], inner, action);
    }
  }
  for (const { name } of element.children) assert.ok(elements.has(name), `${name} is not in the model`);
  return members;
}

function readJsonAnswer(action, { status, headers, body }) {
  assert.equal(headers['content-type'], 'application/x-amz-json-1.0');
  const members = JSON.parse(body);
  if (status === 200) return { status, members };
  const { __type: type, message, ...rest } = members;
  assert.deepEqual(rest, {}, 'more than type and message');
  const [, space, shape] = type.match(/^(com\.amazonaws\.sqs|com\.amazon\.coral\.service)#(\w+)$/);
  const code = space === 'com.amazonaws.sqs' ? kCodes[shape] ?? shape : kFrameworkCodes[shape];
  assert.equal(headers['x-amzn-query-error'], `${code};Sender`);
  return { status, code, message };
}

const childrenByName = ({ children }) =>
  Object.fromEntries(children.map((child) => [child.name, child]));

function readQueryAnswer(action, { status, headers, body }) {
  assert.equal(headers['content-type'], 'text/xml');
  const root = readXml(body);
  assert.equal(root.namespace, kNamespace);
  const parts = childrenByName(root);
  if (status === 200) {
    assert.equal(root.name, `${action.name}Response`);
    const { RequestId } = childrenByName(parts.ResponseMetadata);
    assert.equal(RequestId.text, headers['x-amzn-requestid']);
    const result = parts[`${action.name}Result`];
    assert.equal(result !== undefined, action.output !== undefined, 'a result exactly where one belongs');
    return { status, members: result ? fromXml(result, action.output, action.name) : {} };
  }
  assert.deepEqual(root.children.map(({ name }) => name), ['Error', 'RequestId']);
  assert.equal(parts.RequestId.text, headers['x-amzn-requestid']);
  assert.deepEqual(parts.Error.children.map(({ name }) => name), ['Type', 'Code', 'Message', 'Detail']);
  const { Type, Code, Message } = childrenByName(parts.Error);
  assert.equal(Type.text, 'Sender');
  return { status, code: Code.text, message: Message.text };
}

function exchange(agent, url, headers, bytes) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers, timeout: kAnswerMsMax });
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({
        status: response.statusCode,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      }));
    });
    sent.end(bytes);
  });
}

// One protocol of one server, over a few connections.
class Protocol {
  constructor(name, server, connections) {
    this.name = name;
    this.url = server.url;
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  close() {
    this.agent.destroy();
  }

  async call(action, members) {
    const { headers, body } = this.encode(action, members);
    const answer = await exchange(this.agent, this.url, headers, Buffer.from(body, 'latin1'));
    assert.match(answer.headers['x-amzn-requestid'], kRequestId);
    const read = this.read(action, answer);
    if (read.members) assertMembers(read.members, action.output ?? kNothing, action.name);
    return read;
  }
}

export class JsonProtocol extends Protocol {
  constructor(server, connections = 8) {
    super('json', server, connections);
  }

  encode(action, members) {
    return {
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action.name}` },
      body: toJson(members),
    };
  }

  read(action, answer) {
    return readJsonAnswer(action, answer);
  }
}

export class QueryProtocol extends Protocol {
  constructor(server, connections = 8) {
    super('query', server, connections);
  }

  encode(action, members) {
    return {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: toForm(action, members),
    };
  }

  read(action, answer) {
    return readQueryAnswer(action, answer);
  }
}
